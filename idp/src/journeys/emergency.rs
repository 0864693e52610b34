//! When nobody can administer any more: two of three officers' codes.

use crate::flows::make_emergency_codes::{self, MakeCodesError};
use crate::testing::browser::{Answer, Browser};
use crate::testing::world::World;
use platform::audit::Actor;
use platform::random::Entropy;
use register::flows::record_role::{self, RecordRole};
use register::rights;

platform::statements! {
    PUBLIC = "SELECT kind FROM audit_event WHERE is_public ORDER BY id";
}

const OFFICERS: [(&str, &str); 3] = [
    ("psn_thinh", "thinhnd"),
    ("psn_linh", "linhlm"),
    ("psn_khach", "khachv"),
];

/// Three officers with accounts in use, and their codes.
async fn codes(w: &World) -> Vec<String> {
    for (person, username) in OFFICERS {
        w.activate_by_passkey(person, username).await;
    }
    let names = OFFICERS.map(|(_, username)| username.to_owned());
    let sheets = make_emergency_codes::run(&w.idp, &names).await.unwrap();
    sheets.into_iter().map(|sheet| sheet.code).collect()
}

async fn enter(browser: &mut Browser, first: &str, second: &str, reason: &str) -> Answer {
    let form = browser.get("/emergency").await.form("emergency");
    let form = form.with("first", first).with("second", second);
    browser.submit(&form.with("reason", reason)).await
}

/// Kinds of events that everybody can read in the log.
async fn kinds(w: &World) -> Vec<String> {
    let mut conn = w.idp.ground().db.read().await.unwrap();
    let rows: Vec<(String,)> = conn.all(&PUBLIC, ()).await.unwrap();
    rows.into_iter().map(|(kind,)| kind).collect()
}

platform::both_engines! {
    async fn two_officers_codes_open_an_hour_of_administration_and_nothing_else(db: Db) {
        let w = World::new(db).await;
        assert_eq!(w.browser().get("/emergency").await.status.as_u16(), 404, "no codes, no page");
        let codes = codes(&w).await;
        let mut browser = w.browser();
        let opened = enter(&mut browser, &codes[1], &codes[2].to_uppercase(), "Cả hai quản trị viên mất khóa").await;
        assert_eq!(opened.location(), "/admin", "{}", opened.body);
        // The session bears the first officer, has no post, and is nobody for the account, for applications and elsewhere.
        let page = browser.get("/admin/letters").await;
        assert!(page.status.as_u16() == 200 && page.body.contains("emergency-banner") && page.body.contains("Lê Mỹ Linh"), "{}", page.body);
        for elsewhere in ["/account", "/choose-post"] {
            assert!(browser.get(elsewhere).await.location().starts_with("/login"), "{elsewhere}");
        }
        let asked = browser.get(&w.authorize(&[])).await;
        assert!(asked.location().starts_with("/login"), "{}", asked.location());
        let now = w.clock.now();
        let held = rights::held_by(&mut w.idp.ground().db.read().await.unwrap(), "psn_linh", now).await.unwrap();
        assert!(held.len() == 1 && held[0].role.code == "emergency" && held[0].grant.to == Some(now + 3_600_000));
        // Used codes are over, the third with them.
        assert_eq!(w.browser().get("/emergency").await.status.as_u16(), 404);
        let seen = kinds(&w).await;
        assert!(seen.contains(&"emergency.codes_made".to_owned()) && seen.contains(&"emergency.opened".to_owned()));
        w.clock.advance(3_600_000);
        assert!(browser.get("/admin/letters").await.location().starts_with("/login"));
        let held = rights::held_by(&mut w.idp.ground().db.read().await.unwrap(), "psn_linh", w.clock.now()).await.unwrap();
        assert!(held.is_empty());
    }
    async fn one_officer_a_wrong_code_or_no_reason_opens_nothing(db: Db) {
        let w = World::new(db).await;
        let codes = codes(&w).await;
        let mut browser = w.browser();
        let wrong = format!("{}{}", &codes[1][..37], if codes[1].ends_with("aa") { "bb" } else { "aa" });
        for (first, second, reason) in [
            (&codes[0], &codes[0], "thử"),
            (&codes[0], &wrong, "thử"),
            (&codes[0], &"không phải mã".to_owned(), "thử"),
            (&codes[0], &codes[1], " "),
            (&codes[0], &codes[1], "x".repeat(501).as_str()),
        ] {
            let answer = enter(&mut browser, first, second, reason).await;
            assert_eq!(answer.status.as_u16(), 422, "{first} {second} {reason}");
        }
        assert!(browser.get("/admin/letters").await.location().starts_with("/login"));
        assert!(!kinds(&w).await.contains(&"emergency.opened".to_owned()));
        let held = rights::held_by(&mut w.idp.ground().db.read().await.unwrap(), "psn_thinh", w.clock.now()).await.unwrap();
        assert!(held.is_empty());
    }
    async fn a_code_ends_after_five_wrong_tries_and_with_a_new_printing(db: Db) {
        let w = World::new(db).await;
        let before = codes(&w).await;
        let names = OFFICERS.map(|(_, username)| username.to_owned());
        let after: Vec<String> = make_emergency_codes::run(&w.idp, &names).await.unwrap().into_iter().map(|s| s.code).collect();
        let mut browser = w.browser();
        for (first, second) in [(&before[0], &before[1]), (&before[0], &after[1])] {
            assert_eq!(enter(&mut browser, first, second, "thử").await.status.as_u16(), 422);
        }
        let wrong = format!("{}{}", &after[1][..37], if after[1].ends_with("aa") { "bb" } else { "aa" });
        for _ in 0..5 {
            assert_eq!(enter(&mut browser, &after[0], &wrong, "thử").await.status.as_u16(), 422);
        }
        assert_eq!(enter(&mut browser, &after[0], &after[1], "thử").await.status.as_u16(), 422, "tried too often");
        assert_eq!(enter(&mut browser, &after[0], &after[2], "thử").await.location(), "/admin");
    }
    async fn codes_are_for_three_different_people_whose_accounts_are_in_use(db: Db) {
        let w = World::new(db).await;
        let made = |names: [&str; 3]| names.map(str::to_owned);
        let unused = make_emergency_codes::run(&w.idp, &made(["thinhnd", "linhlm", "khachv"])).await;
        assert!(matches!(unused, Err(MakeCodesError::Account(name)) if name == "thinhnd"));
        let before = codes(&w).await;
        let role = RecordRole { person: "psn_linh".into(), role: "inspector".into(), agency: Some("agy_ubnd".into()), basis: "QĐ 3".into(), from: w.clock.now(), to: None };
        record_role::run(&w.idp.ground().db, &Entropy::system(), w.clock.now(), &Actor::System("test"), &role).await.unwrap();
        let administers = make_emergency_codes::run(&w.idp, &made(["thinhnd", "linhlm", "khachv"])).await;
        assert!(matches!(administers, Err(MakeCodesError::Administers(name)) if name == "linhlm"));
        let mut browser = w.browser();
        assert_eq!(enter(&mut browser, &before[1], &before[0], "thử").await.status.as_u16(), 422, "the inspector's role would count in the session");
        let twice = make_emergency_codes::run(&w.idp, &made(["thinhnd", "khachv", "thinhnd"])).await;
        assert!(matches!(twice, Err(MakeCodesError::Officers)));
        let two = make_emergency_codes::run(&w.idp, &made(["thinhnd", "khachv", "linhlm"])[..2]).await;
        assert!(matches!(two, Err(MakeCodesError::Officers)));
    }
}
