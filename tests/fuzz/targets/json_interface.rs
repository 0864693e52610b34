//! The JSON interface: any method, path, query and body by an administrator of the province is answered, and never as a fault of
//! ours. The first line of the input is the request line, the rest the body; `@source` and `@person` stand for a source of lists and a
//! person that are there.
#![no_main]

use std::sync::{Arc, OnceLock};

use axum::body::Body;
use http::Request;
use libfuzzer_sys::fuzz_target;
use platform::audit::Actor;
use platform::random::Entropy;
use platform::testing::{self, Callers, caller};
use register::api::SCOPE;
use register::domain::administration::PROVINCE;
use register::flows::import_register::{Files, Tools, run};
use register::flows::record_role::{self, RecordRole};
use register::flows::record_source::{self, Draft};
use register::{Register, facts, router};
use tower::ServiceExt as _;

const ACTOR: Actor = Actor::System("fuzz");

struct Site {
    runtime: tokio::runtime::Runtime,
    router: axum::Router,
    source: String,
    person: String,
}

/// A small province with its first administrator, once.
fn site() -> &'static Site {
    static SITE: OnceLock<Site> = OnceLock::new();
    SITE.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let (router, source, person) = runtime.block_on(async {
            let db = testing::sqlite().await;
            let callers = Callers::default();
            let ground = testing::ground(db.clone(), callers.clone());
            platform::migrations::apply(&db, &[&register::MIGRATIONS], ground.now())
                .await
                .unwrap();
            let folder =
                std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/demo/data");
            let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
            let keep = |text: String, codes: &[&str]| -> String {
                let kept = text.lines().enumerate().filter(|(n, line)| {
                    *n == 0 || line.split(',').any(|cell| codes.contains(&cell))
                });
                kept.map(|(_, line)| format!("{line}\n")).collect()
            };
            let (agencies, officials) = (
                keep(read("agencies.csv"), &["H08"]),
                keep(read("officials_6000.csv"), &["H08"]),
            );
            let agencies: String = agencies
                .lines()
                .take(2)
                .map(|line| format!("{line}\n"))
                .collect();
            let (units, posts) = (read("internal_units.csv"), read("posts.csv"));
            let files = Files {
                agencies: agencies.as_bytes(),
                units: units.as_bytes(),
                posts: posts.as_bytes(),
                officials: officials.as_bytes(),
            };
            let tools = Tools {
                db: &ground.db,
                entropy: &ground.entropy,
                sealer: &ground.sealer,
            };
            run(tools, ground.now(), &ACTOR, &files).await.unwrap();
            let mut conn = db.read().await.unwrap();
            let person = facts::person_by_staff_no(&mut conn, "BD-000001")
                .await
                .unwrap()
                .unwrap();
            drop(conn);
            let role = RecordRole {
                person: person.id.clone(),
                role: PROVINCE.into(),
                agency: None,
                basis: "1".into(),
                from: ground.now() - 1,
                to: None,
            };
            record_role::run(&db, &Entropy::system(), ground.now(), &ACTOR, &role)
                .await
                .unwrap();
            let mut holder = caller(&person.id, None);
            holder.scopes = vec![SCOPE.to_owned()];
            holder.client = Some("fuzz".into());
            callers.admit("token", holder);
            let draft = Draft {
                name: "CSDL".into(),
                codes: vec!["H08".into()],
                automatic: false,
                may_end: true,
                silent_days: 35,
                basis: "1".into(),
            };
            let actor = Actor::Person {
                person: person.id.clone(),
                post: None,
            };
            let source = record_source::run(&db, &ground.entropy, ground.now(), &actor, &draft)
                .await
                .unwrap();
            (router(Arc::new(Register::new(ground))), source, person.id)
        });
        Site {
            runtime,
            router,
            source,
            person,
        }
    })
}

fuzz_target!(|bytes: &[u8]| {
    let line = bytes
        .iter()
        .position(|b| *b == b'\n')
        .unwrap_or(bytes.len());
    let (head, body) = bytes.split_at(line);
    let Ok(head) = std::str::from_utf8(head) else {
        return;
    };
    let Some((method, path)) = head.split_once(' ') else {
        return;
    };
    let site = site();
    let path = path
        .replace("@source", &site.source)
        .replace("@person", &site.person);
    let path = format!("/api/register/{path}");
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", "Bearer token")
        .header("content-type", "application/json")
        .body(Body::from(
            body.strip_prefix(b"\n").unwrap_or(body).to_vec(),
        ));
    let Ok(request) = request else {
        return;
    };
    let answer = site
        .runtime
        .block_on(site.router.clone().oneshot(request))
        .unwrap();
    assert!(
        answer.status().as_u16() < 500,
        "{head}: {}",
        answer.status()
    );
});
