//! Letters for the first sign-in: whose, with which names, what a second printing does, and who is refused.

use crate::testing::browser::{Answer, Browser};
use crate::testing::offices::{events, peopled};
use crate::testing::world::World;
use platform::audit;
use platform::db;
use std::collections::BTreeMap;

/// A world with these people, and somebody of it signed in.
async fn world(db: db::Db, person: &str, username: &str) -> (World, Browser) {
    let w = World::new(db).await;
    peopled(&w.idp.ground().db, w.clock.now()).await;
    let mut key = w.activate_by_passkey(person, username).await;
    let browser = w.sign_in(&mut key).await;
    (w, browser)
}

async fn events_of(w: &World) -> Vec<(String, i64)> {
    events(&mut w.idp.ground().db.read().await.unwrap()).await
}

/// Presses a form of the agency's page and then prints.
async fn print(browser: &mut Browser, page: &str, form: &str) -> Answer {
    let form = browser.get(page).await.form(form);
    let confirm = browser.submit(&form).await;
    assert_eq!(confirm.status.as_u16(), 200, "{}", confirm.body);
    browser.submit(&confirm.form("make")).await
}

/// Name and username → code.
fn letters(answer: &Answer) -> BTreeMap<(String, String), String> {
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.body);
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["content-type"], "application/pdf");
    let lines = answer
        .body
        .lines()
        .filter_map(|line| line.strip_prefix("LETTER|"));
    let mut all = BTreeMap::new();
    for line in lines {
        let parts: Vec<&str> = line.split('|').collect();
        let who = (parts[0].to_owned(), parts[1].to_owned());
        assert!(
            all.insert(who, parts[2].to_owned()).is_none(),
            "{line} twice"
        );
    }
    all
}

fn names(letters: &BTreeMap<(String, String), String>) -> Vec<(&str, &str)> {
    letters
        .keys()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect()
}

async fn opens(w: &World, code: &str) -> bool {
    let code = code.replace(' ', "-");
    w.browser()
        .get(&format!("/activate?code={code}"))
        .await
        .status
        .as_u16()
        == 200
}

async fn activate(w: &World, code: &str) {
    let mut browser = w.browser();
    let page = browser
        .get(&format!("/activate?code={}", code.replace(' ', "-")))
        .await;
    let form = page.form("activate-passkey");
    let credential =
        crate::testing::authenticator::Authenticator::new().create(&w.origin, &form.options);
    let done = browser.submit(&form.with("credential", &credential)).await;
    assert_eq!(done.location(), "/login?activated=1", "{}", done.body);
}

const HOMONYMS: [(&str, &str); 2] = [("Trần Văn Bình", "binhtv"), ("Trần Văn Bình", "binhtv2")];

platform::both_engines! {
    async fn an_administrator_prints_for_his_agency_and_for_no_other(db: Db) {
        let (w, mut browser) = world(db, "psn_linh", "linhlm").await;
        let list = browser.get("/admin/letters").await;
        assert!(list.body.contains("Sở Một") && !list.body.contains("Xã Hai"), "{}", list.body);
        for foreign in ["agy_xa", "agy_ubnd", "*", "agy_so agy_xa", "khong-co"] {
            assert_eq!(browser.get(&format!("/admin/letters?agency={}", foreign.replace(' ', "+"))).await.status.as_u16(), 403, "{foreign}");
        }
        let own = browser.get("/admin/letters?agency=agy_so&below=1").await;
        assert!(own.body.contains("id=\"n-people\">5<") && own.body.contains("id=\"n-without\">3<"), "{}", own.body);
        assert!(own.body.contains("Võ Thị Cúc") && own.body.contains("Hồ Đức"), "the two left to others are named");
        let form = own.form("missing");
        for foreign in ["agy_xa", "agy_ubnd", "*"] {
            for step in ["", "make"] {
                let forged = form.clone().with("agency", foreign).with("who", "all").with("step", step);
                assert_eq!(browser.submit(&forged).await.status.as_u16(), 403, "{foreign} {step}");
            }
        }
        // Naming them does not help either: not the one who works elsewhere, not the fellow administrator, whose eyes would be the second pair, not the one of another agency.
        for person in ["psn_c", "psn_d", "psn_x", "psn_linh"] {
            let forged = form.clone().with("who", "chosen").with("person", person).with("step", "make");
            assert_eq!(browser.submit(&forged).await.status.as_u16(), 422, "{person}");
        }
        let events = events_of(&w).await;
        assert_eq!(events, [("account.invited".to_owned(), 1)], "nothing but the administrator's own account");
        let made = letters(&print(&mut browser, "/admin/letters?agency=agy_so", "missing").await);
        assert_eq!(names(&made), [("Lý Én", "enl.so"), HOMONYMS[0], HOMONYMS[1]]);
        let events = events_of(&w).await;
        assert_eq!(events, [("account.invited".to_owned(), 4), ("letters.printed".to_owned(), 1)]);
        let mut conn = w.idp.ground().db.read().await.unwrap();
        let about = audit::about(&mut conn, "agency", "agy_so", 5).await.unwrap();
        let body = about[0].body.clone().unwrap();
        assert!(body.contains("\"letters\":3") && body.contains("\"elsewhere\":1") && body.contains("\"role\":1"), "{body}");
        for code in made.values() {
            assert!(!body.contains(&code.replace(' ', "-")) && opens(&w, code).await);
        }
    }
    async fn printing_again_replaces_open_codes_and_leaves_activated_accounts_alone(db: Db) {
        let (w, mut browser) = world(db, "psn_linh", "linhlm").await;
        let page = "/admin/letters?agency=agy_so";
        let first = letters(&print(&mut browser, page, "missing").await);
        let key = |pair: (&str, &str)| (pair.0.to_owned(), pair.1.to_owned());
        activate(&w, &first[&key(HOMONYMS[0])]).await;
        // Nobody lacks a letter: the page offers no such printing, and a forged form prints none.
        let now = browser.get(page).await;
        assert!(!now.has_form("missing") && now.body.contains("id=\"n-open\">2<") && now.body.contains("id=\"n-activated\">1<"), "{}", now.body);
        let forged = now.form("all").with("who", "missing").with("step", "make");
        assert_eq!(browser.submit(&forged).await.status.as_u16(), 422);
        assert!(opens(&w, &first[&key(HOMONYMS[1])]).await);
        let second = letters(&print(&mut browser, page, "all").await);
        assert_eq!(names(&second), [("Lý Én", "enl.so"), HOMONYMS[1]], "the same names, without the one who activated");
        for (who, code) in &second {
            assert_ne!(code, &first[who]);
            assert!(!opens(&w, &first[who]).await, "a replaced code of {who:?} still opens");
            assert!(opens(&w, code).await);
        }
        // One person alone: the other letter stays good.
        let one = now.form("all").with("who", "chosen").with("person", "psn_e").with("step", "make");
        let third = letters(&browser.submit(&one).await);
        assert_eq!(names(&third), [("Lý Én", "enl.so")]);
        assert!(opens(&w, &second[&key(HOMONYMS[1])]).await && !opens(&w, &second[&key(("Lý Én", "enl.so"))]).await);
        let forged = now.form("all").with("who", "chosen").with("person", "psn_b1").with("step", "make");
        assert_eq!(browser.submit(&forged).await.status.as_u16(), 422, "an activated account gets no code");
    }
    async fn letters_are_good_for_two_weeks_and_need_a_recent_sign_in(db: Db) {
        let (w, mut browser) = world(db, "psn_linh", "linhlm").await;
        let page = "/admin/letters?agency=agy_so";
        let first = letters(&print(&mut browser, page, "missing").await);
        let form = browser.get(page).await.form("all").with("step", "make");
        w.clock.advance(16 * 60_000);
        let old = browser.submit(&form).await;
        assert!(old.location().starts_with("/login?again=1&next=%2Fadmin%2Fletters"), "{}", old.location());
        for code in first.values() {
            assert!(opens(&w, code).await);
        }
        w.clock.advance(14 * 86_400_000 - 16 * 60_000);
        for code in first.values() {
            assert!(!opens(&w, code).await);
        }
        let mut conn = w.idp.ground().db.read().await.unwrap();
        let plan = crate::flows::plan_letters::run(&mut conn, "psn_linh", "agy_so", false, w.clock.now()).await.unwrap();
        let counts = crate::domain::letter::Counts::of(&plan.lines);
        assert_eq!((counts.lapsed, counts.open, counts.without), (3, 0, 0));
    }
    async fn the_province_prints_for_everybody_not_yet_activated_and_people_without_a_role_see_nothing(db: Db) {
        let (w, mut browser) = world(db, "psn_thinh", "thinhnd").await;
        let made = letters(&print(&mut browser, "/admin/letters?agency=agy_ubnd&below=1", "missing").await);
        let found: Vec<&str> = made.keys().map(|(_, username)| username.as_str()).collect();
        assert_eq!(found.len(), 8, "{found:?}");
        for username in ["linhlm", "tamtv", "cucvt", "duch", "xuand", "enl.so", "binhtv", "binhtv2"] {
            assert!(found.contains(&username), "{username} is not among {found:?}");
        }
        let tam = made.iter().find(|((_, name), _)| name == "tamtv").unwrap().1;
        activate(&w, tam).await;
        let mut key = w.activate_by_passkey("psn_khach", "khachv").await;
        let mut other = w.sign_in(&mut key).await;
        for path in ["/admin/letters", "/admin/letters?agency=agy_so"] {
            assert_eq!(other.get(path).await.status.as_u16(), 403);
        }
    }
}
