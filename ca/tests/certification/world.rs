//! A province in small: register, authority, signer, another authority's certificates, passkeys pinned by a registrar.

use super::authenticator::Authenticator;
use super::government::Government;
use ca::domain::certificate::{AnchorKind, Holder};
use ca::flows::{
    add_anchor, bind_passkey, ceremony, import_list, install_official_certificate, prepare_key,
};
use ca::passkeys::Answer;
use ca::{Ca, Config, Passkey, PasskeyDirectory};
use platform::audit::Actor;
use platform::caller::Caller;
use platform::clock::Clock;
use platform::db::Db;
use platform::random::Entropy;
use platform::testing::{self, Callers};
use policies::Authority;
use register::domain::administration::PROVINCE;
use register::facts;
use register::flows::{import_register, record_role};
use signer::client::Client;
use signer::{Config as SignerConfig, KeyEncryptionKey};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

const AGENCIES: &[u8] = include_bytes!("../../../deploy/demo/data/agencies.csv");
const UNITS: &[u8] = include_bytes!("../../../deploy/demo/data/internal_units.csv");
const POSTS: &[u8] = include_bytes!("../../../deploy/demo/data/posts.csv");
const OFFICIALS: &str = include_str!("../../../deploy/demo/data/officials_6000.csv");

/// Passkeys in memory.
#[derive(Default)]
pub struct Directory(Mutex<HashMap<String, Vec<Passkey>>>);

impl PasskeyDirectory for Directory {
    fn passkeys_of<'a>(&'a self, person: &'a str) -> Answer<'a, Vec<Passkey>> {
        let found = self.0.lock().unwrap().get(person).cloned();
        Box::pin(async move { Ok(found.unwrap_or_default()) })
    }
}

/// The province.
pub struct World {
    pub ca: Arc<Ca>,
    pub callers: Callers,
    pub government: Government,
    pub passkeys: Mutex<HashMap<String, Authenticator>>,
    pub seal_key: String,
    pub province: String,
    signer: tokio::task::JoinHandle<()>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.signer.abort();
    }
}

pub const CHAIRMAN: &str = "BD-000001";
pub const VICE: &str = "BD-000002";
pub const OTHER_VICE: &str = "BD-000003";
pub const CLERK: &str = "BD-000017";
pub const OFFICER: &str = "BD-000033";
pub const REGISTRAR: &str = "BD-000020";

impl World {
    pub async fn new(db: Db) -> Self {
        let mut ground = testing::ground(db.clone(), Callers::default());
        let callers = Callers::default();
        ground.callers = Arc::new(callers.clone());
        ground.clock = Clock::system();
        ground.entropy = Entropy::system();
        ground.status_url = "http://status.binhdinh.example".parse().unwrap();
        let now = ground.now();
        let sets = [
            &register::MIGRATIONS,
            &policies::MIGRATIONS,
            &ca::MIGRATIONS,
        ];
        platform::migrations::apply(&db, &sets, now).await.unwrap();
        register(&ground).await;

        let government = Government::new(now);
        let (client, signer) = signer(&ground, &government).await;
        let authority = Authority::load(&db, &ground.entropy).await.unwrap();
        let directory = Arc::new(Directory::default());
        let ca = Ca::new(
            ground,
            Config::default(),
            client,
            authority,
            directory.clone(),
        )
        .await
        .unwrap();
        let actor = Actor::System("test");
        ceremony::run(&ca, &actor).await.unwrap();
        let anchor = add_anchor::NewAnchor {
            kind: AnchorKind::PublicDuty,
            name: "CA công vụ mô phỏng".into(),
            root: government.root.der().to_vec(),
            root_list_url: None,
            authorities: vec![],
        };
        assert!(add_anchor::run(&ca, &anchor, &actor).await.unwrap());
        assert!(!add_anchor::run(&ca, &anchor, &actor).await.unwrap());
        let list = government.list(&[], 1, now);
        assert!(import_list::run(&ca, &list).await.unwrap());

        let province = {
            let mut conn = db.read().await.unwrap();
            facts::agency_by_code(&mut conn, "H08", now)
                .await
                .unwrap()
                .unwrap()
                .id
        };
        let mut world = Self {
            ca,
            callers,
            government,
            passkeys: Mutex::default(),
            seal_key: String::new(),
            province,
            signer,
        };
        world.people(&directory).await;
        world
    }

    async fn people(&mut self, directory: &Directory) {
        let (ca, actor) = (self.ca.clone(), Actor::System("test"));
        for staff in [CHAIRMAN, VICE, OTHER_VICE] {
            let caller = self.caller(staff).await;
            let holder = Holder::Person(caller.person.clone());
            let key = prepare_key::run(&ca, &holder, caller.appointment.as_deref(), &actor)
                .await
                .unwrap();
            let again = prepare_key::run(&ca, &holder, None, &actor).await.unwrap();
            assert_eq!(key.key_id, again.key_id, "one key for each holder");
            let email = format!("{}@binhdinh.test", staff.to_lowercase());
            let title = caller.post_title.unwrap();
            let leaf = self
                .government
                .person(&caller.name, &title, &email, &key.spki);
            install_official_certificate::run(&ca, &key.key_id, leaf.der(), &actor)
                .await
                .unwrap();
        }
        let seal = Holder::Agency(self.province.clone());
        let key = prepare_key::run(&ca, &seal, None, &actor).await.unwrap();
        let leaf = self.government.seal(
            "Ủy ban nhân dân tỉnh Bình Định",
            "vanthu@binhdinh.test",
            &key.spki,
        );
        install_official_certificate::run(&ca, &key.key_id, leaf.der(), &actor)
            .await
            .unwrap();
        self.seal_key = key.key_id;
        for staff in [CHAIRMAN, VICE, OTHER_VICE, CLERK, REGISTRAR] {
            let person = self.caller(staff).await.person;
            let passkey = Authenticator::new(&format!("passkey-of-{staff}"));
            let entry = Passkey {
                credential_id: passkey.credential_id.clone(),
                cose_key: passkey.public_key.clone(),
                label: "Máy cơ quan".into(),
            };
            directory.0.lock().unwrap().insert(person, vec![entry]);
            self.passkeys.lock().unwrap().insert(staff.into(), passkey);
        }
        let registrar = self.caller(REGISTRAR).await;
        assert_eq!(
            bind_passkey::collect_at_desk(&ca, &registrar)
                .await
                .unwrap(),
            4
        );
        assert_eq!(bind_passkey::collect(&ca).await.unwrap(), 0, "asked once");
        let (pending, credential) = bind_passkey::pending(&ca, &registrar).await.unwrap();
        assert!(credential.is_some());
        for one in pending {
            let answer = self.answer(REGISTRAR, &one.challenge);
            bind_passkey::approve(&ca, &registrar, &one.row.id, &answer)
                .await
                .unwrap();
        }
    }

    /// The passkey's answer of this person.
    pub fn answer(&self, staff: &str, challenge: &[u8]) -> serde_json::Value {
        self.passkeys
            .lock()
            .unwrap()
            .get_mut(staff)
            .unwrap()
            .answer(challenge)
    }

    /// The caller with his main post, as the sign-in service would say.
    pub async fn caller(&self, staff: &str) -> Caller {
        let now = self.ca.now();
        let mut conn = self.ca.ground.db.read().await.unwrap();
        let person = facts::person_by_staff_no(&mut conn, staff)
            .await
            .unwrap()
            .unwrap();
        let post = facts::posts_of(&mut conn, &person.id, now)
            .await
            .unwrap()
            .remove(0);
        Caller {
            name: person.full_name,
            appointment: Some(post.appointment),
            agency: Some(post.agency),
            agency_name: Some(post.agency_name),
            post_title: Some(post.title),
            scopes: vec!["papers".into()],
            ..testing::caller(&person.id, Some(&post.post))
        }
    }
}

async fn register(ground: &platform::Ground) {
    let keep = |line: &&str| {
        line.starts_with("staff_no") || line.contains(",H08,") || line.contains(",H08.01,")
    };
    let officials: String = OFFICIALS
        .lines()
        .filter(keep)
        .map(|line| format!("{line}\n"))
        .collect();
    let files = import_register::Files {
        agencies: AGENCIES,
        units: UNITS,
        posts: POSTS,
        officials: officials.as_bytes(),
    };
    let tools = import_register::Tools {
        db: &ground.db,
        entropy: &ground.entropy,
        sealer: &ground.sealer,
    };
    let (now, actor) = (ground.now(), Actor::System("test"));
    import_register::run(tools, now, &actor, &files)
        .await
        .unwrap();
    let person = {
        let mut conn = ground.db.read().await.unwrap();
        facts::person_by_staff_no(&mut conn, REGISTRAR)
            .await
            .unwrap()
            .unwrap()
            .id
    };
    let role = record_role::RecordRole {
        person,
        role: PROVINCE.into(),
        agency: None,
        basis: "test".into(),
        from: now - 1000,
        to: None,
    };
    record_role::run(&ground.db, &ground.entropy, now, &actor, &role)
        .await
        .unwrap();
}

async fn signer(
    ground: &platform::Ground,
    government: &Government,
) -> (Client, tokio::task::JoinHandle<()>) {
    let directory = testing::directory();
    let socket = directory.join("s.sock");
    let config = SignerConfig {
        directory: directory.join("signer"),
        socket: socket.clone(),
        origins: vec!["http://localhost:8080".into()],
        rp_id: "localhost".into(),
        callers: vec![],
        profiles: vec![],
        anchors: vec![government.root.der().to_vec()],
        timestamp_policy: "1.3.6.1.4.1.32473.576.4".into(),
        key_encryption_key: KeyEncryptionKey::File(directory.join("kek")),
        demo: true,
    };
    let clock = ground.clock.clone();
    let entropy = ground.entropy.clone();
    let task = tokio::spawn(async move {
        let clock = Arc::new(move || clock.now());
        let entropy = Arc::new(move |into: &mut [u8]| entropy.fill(into));
        signer::run(config, clock, entropy, std::future::pending())
            .await
            .unwrap();
    });
    let client = Client::new(&socket);
    for _ in 0..200 {
        if client.health().await.is_ok() {
            return (client, task);
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("the signer does not answer at {}", socket.display());
}
