//! The pages in headless Chromium: sign-in with password and TOTP and with a passkey, in both languages; axe, console and hosts on every page.
//! Standard: WCAG 2.2 AA (axe rules); W3C Web Authentication Level 3

use super::day::Person;
use demo::story::people::totp;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use tests::chrome;
use tests::province::{Province, province};

const HOSTS: [&str; 2] = ["localhost", "127.0.0.1"];

fn now() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_millis() as i64
}

pub async fn sign_in_with_password(client: &Client, address: &str) {
    let person = Person::from_the_demo("office_chief");
    let kit = person.kit();
    client.goto(address).await.unwrap();
    let form = client.form(Locator::Css("#login-password")).await.unwrap();
    form.set_by_name("username", &kit.username).await.unwrap();
    form.set_by_name("password", kit.password.as_ref().unwrap())
        .await
        .unwrap();
    form.set_by_name(
        "code",
        &totp(kit.totp_secret.as_ref().unwrap(), now()).unwrap(),
    )
    .await
    .unwrap();
    client
        .find(Locator::Css("#login-password button"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
}

/// Waits for the answer to a sign-in: the desk, or the form again with its complaint.
async fn signed_in(client: &Client) -> bool {
    let began = std::time::Instant::now();
    while began.elapsed() < std::time::Duration::from_secs(30) {
        if client.find(Locator::Css("#dang-xuat")).await.is_ok() {
            return true;
        }
        if client.find(Locator::Css("[role=alert]")).await.is_ok() {
            return false;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("no answer: {}", client.source().await.unwrap());
}

/// axe-core's violations on the page as it stands.
pub async fn axe(client: &Client) -> Vec<String> {
    let file = std::path::Path::new(
        &std::env::var("TEST_JUDGES").expect("TEST_JUDGES: tests/run sets it"),
    )
    .join("node_modules/axe-core/axe.min.js");
    let source = std::fs::read_to_string(file).unwrap();
    client.execute(&source, vec![]).await.unwrap();
    let script = "const done = arguments[arguments.length - 1]; axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(r => done(r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html).slice(0, 3).join(' | '))));";
    let found = client.execute_async(script, vec![]).await.unwrap();
    found
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_str().unwrap().to_owned())
        .collect()
}

async fn judge(client: &Client, address: &str, complaints: &mut Vec<String>) {
    client.goto(address).await.unwrap();
    for violation in axe(client).await {
        complaints.push(format!("{address}: axe {violation}"));
    }
    for complaint in chrome::complaints(client, &HOSTS).await {
        complaints.push(format!("{address}: {complaint}"));
    }
}

// One browser test per language: TOTP codes are single use, so the second sign-in waits for the next code.
#[tokio::test]
async fn the_same_sign_in_works_with_password_and_totp_in_vietnamese_and_english() {
    for (language, word) in [("vi", "Bàn làm việc"), ("en", "Bàn làm việc")] {
        let client = chrome::open(language, 1280).await;
        let login = format!("{}/login", province().text("/eoffice"));
        sign_in_with_password(&client, &login).await;
        let mut waited = 0;
        while !signed_in(&client).await {
            // A used code is refused: wait for the next half minute and try again.
            waited += 1;
            assert!(waited < 4, "{}", client.source().await.unwrap());
            tokio::time::sleep(std::time::Duration::from_millis(
                30_500 - (now() % 30_000) as u64,
            ))
            .await;
            sign_in_with_password(&client, &login).await;
        }
        assert!(client.source().await.unwrap().contains(word), "{language}");
        client
            .goto(&format!("{}/", province().issuer()))
            .await
            .unwrap();
        let lang = client
            .find(Locator::Css("html"))
            .await
            .unwrap()
            .attr("lang")
            .await
            .unwrap();
        assert_eq!(lang.as_deref(), Some(language));
        client.close().await.unwrap();
    }
}

#[tokio::test]
async fn the_same_sign_in_works_with_a_passkey_of_a_virtual_authenticator_in_vietnamese_and_english()
 {
    for (language, invitation) in [("vi", "/invitations/0"), ("en", "/invitations/1")] {
        let client = chrome::open(language, 390).await;
        chrome::add_authenticator(&client).await;
        client.goto(&province().text(invitation)).await.unwrap();
        client
            .find(Locator::Css("#activate-passkey button"))
            .await
            .unwrap()
            .click()
            .await
            .unwrap();
        client
            .wait()
            .for_url(
                &url::Url::parse(&format!("{}/login?activated=1", province().issuer())).unwrap(),
            )
            .await
            .unwrap();
        client
            .goto(&format!("{}/login", province().text("/eoffice")))
            .await
            .unwrap();
        client
            .find(Locator::Css("#login-passkey button"))
            .await
            .unwrap()
            .click()
            .await
            .unwrap();
        client
            .wait()
            .for_element(Locator::Css("#dang-xuat"))
            .await
            .unwrap();
        let lang = {
            client
                .goto(&format!("{}/account", province().issuer()))
                .await
                .unwrap();
            client
                .find(Locator::Css("html"))
                .await
                .unwrap()
                .attr("lang")
                .await
                .unwrap()
        };
        assert_eq!(lang.as_deref(), Some(language));
        assert_eq!(
            chrome::complaints(&client, &HOSTS).await,
            Vec::<String>::new()
        );
        client.close().await.unwrap();
    }
}

/// Signs a window in by planting the session cookie that the software authenticator obtained.
async fn as_person(client: &Client, role: &str) {
    sign_in(client, province(), role).await;
}

/// The same at any province.
pub async fn sign_in(client: &Client, province: &Province, role: &str) {
    let mut person = Person::of(province, role);
    let browser = person.at(province).await;
    client
        .goto(&format!("{}/login", province.issuer()))
        .await
        .unwrap();
    for (name, value) in browser.cookies(&province.issuer()) {
        let body = json!({ "cookie": { "name": name, "value": value, "path": "/", "httpOnly": true, "sameSite": "Lax" } });
        chrome::command(client, reqwest::Method::POST, "/cookie", body).await;
    }
}

/// Pages that a page links to, at the province and at the e-office; downloads and sign-out aside.
async fn links(client: &Client) -> Vec<String> {
    let script = "return Array.from(document.querySelectorAll('a[href]'), a => a.href)";
    let found = client.execute(script, vec![]).await.unwrap();
    let (issuer, desk) = (province().issuer(), province().text("/eoffice"));
    found
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .map(|link| link.split('#').next().unwrap_or_default().to_owned())
        .filter(|link| link.starts_with(&issuer) || link.starts_with(&desk))
        .filter(|link| {
            ["/document", "/logout", "/log/", "/api/", ".pem", ".crl"]
                .iter()
                .all(|other| !link.contains(other))
        })
        .collect()
}

/// The address without what differs between pages of one kind: query and identifiers.
fn kind(address: &str) -> String {
    let path = address.split('?').next().unwrap_or_default();
    let plain = |part: &str| {
        if part.contains('_') {
            "{}".to_owned()
        } else {
            part.to_owned()
        }
    };
    path.trim_end_matches('/')
        .split('/')
        .map(plain)
        .collect::<Vec<_>>()
        .join("/")
}

#[tokio::test]
async fn every_page_is_free_of_axe_violations_console_errors_and_foreign_requests() {
    let mut complaints = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    let pages = province().demo["pages"].as_object().unwrap().clone();
    for (language, width) in [("vi", 1280), ("en", 390)] {
        for (role, list) in &pages {
            let client = chrome::open(language, width).await;
            let mut waiting: std::collections::VecDeque<String> = list
                .as_array()
                .unwrap()
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect();
            if role != "public" {
                as_person(&client, role).await;
                waiting.push_back(format!("{}/login", province().text("/eoffice")));
            }
            let mut kinds: std::collections::BTreeSet<String> =
                waiting.iter().map(|address| kind(address)).collect();
            // One page of every kind that a page links to.
            while let Some(address) = waiting.pop_front() {
                judge(&client, &address, &mut complaints).await;
                let linked = links(&client).await;
                waiting.extend(linked.into_iter().filter(|link| kinds.insert(kind(link))));
            }
            seen.extend(kinds);
            client.close().await.unwrap();
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    for page in [
        "agencies/{}",
        "people/{}",
        "posts/{}",
        "papers/{}",
        "mandates/{}",
        "certificates/{}",
        "notices",
    ] {
        assert!(
            seen.iter().any(|kind| kind.ends_with(page)),
            "no page {page} among {seen:#?}"
        );
    }
}

/// Keeps a picture when TEST_PICTURES names a folder (how the pictures of the README are made).
pub async fn picture(client: &Client, name: &str) {
    if let Some(folder) = std::env::var_os("TEST_PICTURES") {
        chrome::screenshot(client, &std::path::Path::new(&folder).join(name)).await;
    }
}

#[tokio::test]
async fn a_citizen_uploads_a_paper_in_a_browser_and_reads_three_verdicts() {
    let client = chrome::open("vi", 1100).await;
    client
        .goto(&format!("{}/verify", province().issuer()))
        .await
        .unwrap();
    let file = province().story("6-sealed.pdf");
    client
        .find(Locator::Css("#verify input[type=file]"))
        .await
        .unwrap()
        .send_keys(file.to_str().unwrap())
        .await
        .unwrap();
    client
        .find(Locator::Css("#verify button"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    let verdict = client
        .wait()
        .for_element(Locator::Css("[data-whole]"))
        .await
        .unwrap();
    for name in ["data-whole", "data-trusted", "data-allowed"] {
        assert_eq!(
            verdict.attr(name).await.unwrap().as_deref(),
            Some("true"),
            "{name}"
        );
    }
    assert_eq!(axe(&client).await, Vec::<String>::new());
    picture(&client, "verify.png").await;
    client.close().await.unwrap();
}

#[tokio::test]
async fn the_consent_page_shows_block_and_paper_in_a_browser_and_signs_nothing_by_itself() {
    let client = chrome::open("vi", 1100).await;
    as_person(&client, "vice_chairman").await;
    client
        .goto(&format!("{}/login", province().text("/eoffice")))
        .await
        .unwrap();
    client
        .wait()
        .for_element(Locator::Css("#lap-du-thao"))
        .await
        .unwrap();
    let form = client.form(Locator::Css("#lap-du-thao")).await.unwrap();
    form.set_by_name("title", "Phê duyệt kế hoạch đê biển 2027")
        .await
        .unwrap();
    form.set_by_name("body", "Điều 1. Phê duyệt kế hoạch.")
        .await
        .unwrap();
    client
        .find(Locator::Css("#lap-du-thao button"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    // The desk shows other drafts before this one stands on it.
    let began = std::time::Instant::now();
    while !client
        .source()
        .await
        .unwrap()
        .contains("Phê duyệt kế hoạch đê biển 2027")
    {
        assert!(
            began.elapsed().as_secs() < 30,
            "the draft is not on the desk"
        );
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    client
        .find(Locator::Css("form[id^=sign-] button"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    client
        .wait()
        .for_element(Locator::Css("#consent"))
        .await
        .unwrap();
    let source = client.source().await.unwrap();
    assert!(source.contains("KT. CHỦ TỊCH"), "{source}");
    assert_eq!(axe(&client).await, Vec::<String>::new());
    picture(&client, "consent.png").await;
    client.goto(&format!("{}/decisions?action=sign&kind=quyet_dinh&field=V%C4%83n+h%C3%B3a+-+x%C3%A3+h%E1%BB%99i", province().issuer())).await.unwrap();
    picture(&client, "decision.png").await;
    client.set_window_size(390, 844).await.unwrap();
    client
        .goto(&format!("{}/", province().issuer()))
        .await
        .unwrap();
    picture(&client, "home-phone.png").await;
    client.close().await.unwrap();
}
