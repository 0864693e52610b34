//! A province of four people: a vice chairman with one post, a head with two, a clerk whose appointment ends, an outsider.

use crate::config::Config;
use crate::domain::client::Algorithm;
use crate::domain::totp::TotpSecret;
use crate::flows::create_account;
use crate::flows::register_client::{self, NewClient, RegisteredClient};
use crate::testing::authenticator::Authenticator;
use crate::testing::browser::{Answer, Browser, encode};
use crate::{
    BoxFuture, Callers, Idp, LetterComposer, LetterError, MIGRATIONS, MailDevice, MailPasswords,
    MailPasswordsError, NewMailPassword,
};
use axum::Router;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use platform::audit::Actor;
use platform::caller::Caller;
use platform::clock::Clock;
use platform::db::{self, Db};
use platform::testing;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use url::Url;

platform::statements! {
    AGENCY = "INSERT INTO agency (record, id, parent, code, name, short_name, kind, level, mail_domain, search_key, sort_key, valid_from, recorded_by)
        VALUES ($1, $2, NULL, 'H08', 'UBND tỉnh Bình Định', 'UBND tỉnh', 'ubnd_tinh', 1, 'binhdinh.example', '', $3, 0, 'evt_seed')";
    POST = "INSERT INTO post (record, id, agency, unit, code, title, rank, standing, capacities, search_key, valid_from, recorded_by)
        VALUES ($1, $2, 'agy_ubnd', NULL, $3, $4, 1, 'staff', 'KT', '', 0, 'evt_seed')";
    PERSON = "INSERT INTO person (id, recorded_by) VALUES ($1, 'evt_seed')";
    ATTRIBUTES = "INSERT INTO person_attribute (record, person, staff_no, full_name, surname, given_name, username, email, search_key, sort_key, recorded_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, 'evt_seed')";
    APPOINTMENT = "INSERT INTO appointment (record, id, person, post, kind, basis, valid_from, valid_to, recorded_by) VALUES ($1, $2, $3, $4, 'full', 'QĐ 1', 0, $5, 'evt_seed')";
}

pub(crate) const REDIRECT: &str = "http://127.0.0.1:8090/callback";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const PASSWORD: &str = "bốn chữ rời rạc";

pub(crate) struct World {
    pub(crate) idp: Arc<Idp>,
    pub(crate) router: Router,
    pub(crate) clock: Clock,
    pub(crate) client: RegisteredClient,
    pub(crate) origin: String,
}

struct Mail;

impl MailPasswords for Mail {
    fn list<'a>(
        &'a self,
        _person: &'a str,
    ) -> BoxFuture<'a, Result<Vec<MailDevice>, MailPasswordsError>> {
        Box::pin(async {
            Ok(vec![MailDevice {
                id: "m1".into(),
                label: "Máy cũ".into(),
                created_at: 0,
                last_used: None,
            }])
        })
    }
    fn create<'a>(
        &'a self,
        by: &'a Caller,
        label: &'a str,
    ) -> BoxFuture<'a, Result<NewMailPassword, MailPasswordsError>> {
        let username = format!("{}+{label}", by.person);
        Box::pin(async {
            Ok(NewMailPassword {
                username,
                password: "mật-khẩu-thư".into(),
                addresses: vec!["a@b.example".into()],
            })
        })
    }
    fn revoke<'a>(
        &'a self,
        _by: &'a Caller,
        _id: &'a str,
    ) -> BoxFuture<'a, Result<(), MailPasswordsError>> {
        Box::pin(async { Ok(()) })
    }
}

/// Letters as lines of text: `LETTER|name|username|code`, `SHEET|agency|names`.
pub(crate) struct Press;

impl LetterComposer for Press {
    fn compose(
        &self,
        _title: &str,
        bundles: &[crate::letters::Bundle],
        _mark: Option<&str>,
    ) -> Result<Vec<u8>, LetterError> {
        let mut text = String::new();
        for bundle in bundles {
            let names: Vec<&str> = bundle.sheet.rows.iter().map(|r| r[0].as_str()).collect();
            text += &format!("SHEET|{}|{}\n", bundle.sheet.agency, names.join(","));
            for letter in &bundle.letters {
                let username = &letter.facts[1].1;
                text += &format!("LETTER|{}|{username}|{}\n", letter.name, letter.secret.1);
            }
        }
        Ok(text.into_bytes())
    }
}

async fn seed(db: &Db, now: i64) {
    let people = [
        ("psn_thinh", "1", "Ngô Đức Thịnh", "Ngô", "Thịnh", "thinhnd"),
        ("psn_linh", "2", "Lê Mỹ Linh", "Lê", "Linh", "linhlm"),
        ("psn_tam", "3", "Trần Văn Tạm", "Trần", "Tạm", "tamtv"),
        ("psn_khach", "4", "Võ Khách", "Võ", "Khách", "khachv"),
    ];
    let posts = [
        ("pst_pct", "PCT", "Phó Chủ tịch"),
        ("pst_ct", "CT", "Chủ tịch"),
        ("pst_tb", "TB", "Trưởng Ban"),
        ("pst_vt", "VT", "Văn thư"),
    ];
    let appointments = [
        ("apt_pct", "psn_thinh", "pst_pct", None),
        ("apt_ct", "psn_linh", "pst_ct", None),
        ("apt_tb", "psn_linh", "pst_tb", None),
        ("apt_vt", "psn_tam", "pst_vt", Some(now + 120_000)),
    ];
    let (people, posts, appointments) = (&people, &posts, &appointments);
    db.write(|mut tx| async move {
        let none: &[u8] = &[];
        tx.execute(&AGENCY, ("rcd_agy", "agy_ubnd", none)).await?;
        for (id, code, title) in posts {
            tx.execute(&POST, (format!("rcd_{id}"), *id, *code, *title))
                .await?;
        }
        for (id, no, full, surname, given, username) in people {
            tx.execute(&PERSON, (*id,)).await?;
            tx.execute(
                &ATTRIBUTES,
                (
                    format!("rcd_{id}"),
                    *id,
                    *no,
                    *full,
                    *surname,
                    *given,
                    *username,
                    format!("{username}@binhdinh.example"),
                    none,
                ),
            )
            .await?;
        }
        for (id, person, post, to) in appointments {
            tx.execute(
                &APPOINTMENT,
                (format!("rcd_{id}"), *id, *person, *post, *to),
            )
            .await?;
        }
        Ok::<_, db::Error>(tx.housekeeping(platform::audit::Housekeeping::Measurement, ()))
    })
    .await
    .unwrap();
}

impl World {
    pub(crate) async fn new(db: Db) -> Self {
        Self::at(db, "http://localhost:8080").await
    }

    pub(crate) async fn at(db: Db, public_url: &str) -> Self {
        let ground = testing::ground(db.clone(), testing::Callers::default());
        let now = ground.now();
        platform::migrations::apply(&db, &[&register::MIGRATIONS, &MIGRATIONS], now)
            .await
            .unwrap();
        seed(&db, now).await;
        let public_url = Url::parse(public_url).unwrap();
        let callers = Callers::new(db, &public_url, Config::default());
        let ground = platform::Ground {
            callers: callers.clone(),
            public_url,
            ..ground
        };
        let idp = Arc::new(
            Idp::new(
                ground.clone(),
                &callers,
                Config::default(),
                Arc::new(Mail),
                Arc::new(Press),
            )
            .await
            .unwrap(),
        );
        let client = register_client::run(&idp, new_client("e-office"), Actor::System("test"))
            .await
            .unwrap();
        let router = platform::edge::finish(crate::router(Arc::clone(&idp)), &ground);
        Self {
            router,
            clock: ground.clock.clone(),
            origin: ground.origin(),
            idp,
            client,
        }
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.router.clone(), &self.origin)
    }

    pub(crate) async fn activate_by_passkey(&self, person: &str, username: &str) -> Authenticator {
        let invitation = create_account::run(&self.idp, person, username, Actor::System("test"))
            .await
            .unwrap();
        let mut authenticator = Authenticator::new();
        let mut browser = self.browser();
        let form = browser
            .get(&format!("/activate?code={}", invitation.code))
            .await
            .form("activate-passkey");
        let credential = authenticator.create(&self.origin, &form.options);
        let done = browser.submit(&form.with("credential", &credential)).await;
        assert_eq!(
            (done.status.as_u16(), done.location().as_str()),
            (303, "/login?activated=1")
        );
        authenticator
    }

    /// Activates with [`PASSWORD`]; gives the phone's secret.
    pub(crate) async fn activate_by_password(&self, person: &str, username: &str) -> TotpSecret {
        let invitation = create_account::run(&self.idp, person, username, Actor::System("test"))
            .await
            .unwrap();
        let mut browser = self.browser();
        let form = browser
            .get(&invitation.link.replace(&self.origin, ""))
            .await
            .form("activate-password");
        let page = browser
            .submit(
                &form
                    .with("password", PASSWORD)
                    .with("password_again", PASSWORD),
            )
            .await;
        let secret = secret_on(&page);
        let done = browser
            .submit(
                &page
                    .form("activate-totp")
                    .with("code", &secret.code_at(self.clock.now()).unwrap()),
            )
            .await;
        assert_eq!(
            (done.status.as_u16(), done.location().as_str()),
            (303, "/login?activated=1")
        );
        self.clock.advance(30_000);
        secret
    }

    pub(crate) async fn sign_in(&self, authenticator: &mut Authenticator) -> Browser {
        let mut browser = self.browser();
        let form = browser.get("/login").await.form("login-passkey");
        let credential = authenticator.sign_in(&self.origin, &form.options);
        let done = browser.submit(&form.with("credential", &credential)).await;
        assert_eq!(done.status.as_u16(), 303, "{}", done.body);
        browser
    }

    pub(crate) fn authorize(&self, changes: &[(&str, &str)]) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let mut fields: Vec<(String, String)> = [
            ("response_type", "code"),
            ("client_id", "e-office"),
            ("redirect_uri", REDIRECT),
            ("scope", "openid profile email papers"),
            ("state", "st&te"),
            ("nonce", "n0nce"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
        for (name, value) in changes {
            fields.retain(|(n, _)| n != name);
            if !value.is_empty() {
                fields.push(((*name).to_owned(), (*value).to_owned()));
            }
        }
        format!("/authorize?{}", encode(&fields))
    }

    /// A code for a browser that is signed in.
    pub(crate) async fn code(&self, browser: &mut Browser, changes: &[(&str, &str)]) -> String {
        let answer = browser.follow(&self.authorize(changes)).await;
        parameter(&answer.location(), "code")
            .unwrap_or_else(|| panic!("no code: {}", answer.location()))
    }

    pub(crate) async fn token_request(&self, fields: &[(&str, &str)]) -> Answer {
        let basic = STANDARD.encode(format!("e-office:{}", self.client.client_secret));
        self.token_request_by(fields, &[("authorization", &format!("Basic {basic}"))])
            .await
    }

    pub(crate) async fn token_request_by(
        &self,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let fields: Vec<(String, String)> = fields
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        let mut browser = self.browser();
        browser.origin = None;
        browser.post("/token", &encode(&fields), headers).await
    }

    pub(crate) async fn exchange(&self, code: &str) -> Answer {
        self.token_request(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ])
        .await
    }

    pub(crate) async fn userinfo(&self, token: &str) -> Answer {
        let request = http::Request::get("/userinfo")
            .header("authorization", format!("Bearer {token}"))
            .body(axum::body::Body::empty())
            .unwrap();
        self.browser().send(request).await
    }

    pub(crate) async fn post_as_client(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut all = vec![
            ("client_id".to_owned(), "e-office".to_owned()),
            (
                "client_secret".to_owned(),
                self.client.client_secret.clone(),
            ),
        ];
        all.extend(
            fields
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned())),
        );
        self.browser().post(path, &encode(&all), &[]).await
    }
}

pub(crate) fn new_client(id: &str) -> NewClient {
    NewClient {
        id: Some(id.into()),
        name_vi: "Văn phòng điện tử".into(),
        name_en: "E-office".into(),
        redirect_uris: vec![REDIRECT.into()],
        post_logout_redirect_uris: vec!["http://127.0.0.1:8090/bye".into()],
        scopes: "openid profile email papers offline_access".into(),
        id_token_alg: Algorithm::Es256,
    }
}

pub(crate) fn secret_on(page: &Answer) -> TotpSecret {
    let at = page
        .body
        .find("<code id=\"totp-secret\">")
        .unwrap_or_else(|| panic!("no secret: {} {}", page.status, page.body))
        + 23;
    let letters: String = page.body[at..]
        .chars()
        .take_while(|c| *c != '<')
        .filter(|c| *c != ' ')
        .collect();
    TotpSecret::new(
        totp_rs::Secret::try_from_base32(letters)
            .unwrap()
            .as_ref()
            .to_vec(),
    )
}

pub(crate) fn parameter(address: &str, name: &str) -> Option<String> {
    let url = Url::parse(address).unwrap();
    url.query_pairs()
        .find(|(k, _)| k == name)
        .map(|(_, v)| v.into_owned())
}

pub(crate) fn claims(token: &str) -> Value {
    serde_json::from_slice(
        &URL_SAFE_NO_PAD
            .decode(token.split('.').nth(1).unwrap())
            .unwrap(),
    )
    .unwrap()
}
