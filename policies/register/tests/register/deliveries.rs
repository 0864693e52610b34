//! Deliveries of the officials' database: taken as lists, reported, published by themselves only as far as nothing needs a look.

use std::time::Duration;

use platform::audit::{Actor, Housekeeping};
use platform::clock::rfc3339;
use platform::db::Db;
use platform::testing::caller;
use register::api::SCOPE;
use register::domain::administration::{AGENCY, PROVINCE};
use register::domain::intake::match_up::Outcome;
use register::domain::notice::To;
use register::facts;
use register::flows::read_notices;
use register::flows::record_source::{self, Draft, RecordSource};
use serde_json::{Value, json};

use super::administration::{agency, give};
use super::bitemporal::number;
use super::feed::{
    ACCEPTED, DEPARTMENTS, Database, Dice, day, hand_in, register, settled, weighed,
};
use super::lists::Office;
use super::site::{Site, location};
use super::support::NOW;

const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const OFFICIAL: &str = "urn:antin:params:scim:schemas:extension:official:1.0:User";

platform::statements! {
    pub LISTS = "SELECT COUNT(*) AS n FROM list_import";
    pub FAIL = "UPDATE list_import SET failure = 'stale' WHERE id = $1";
}

/// The officials' database as it answers a SCIM client.
fn scim(database: &Database) -> Value {
    let users: Vec<Value> = database
        .people
        .iter()
        .enumerate()
        .map(|(at, one)| {
            json!({
                "schemas": [USER, ENTERPRISE, OFFICIAL], "id": at.to_string(), "userName": format!("u{at}"),
                "name": {"formatted": one.name}, "title": one.post, "active": true, "phoneNumbers": [{"value": one.phone, "type": "work"}],
                ENTERPRISE: {"organization": DEPARTMENTS[one.department].0, "department": one.unit},
                OFFICIAL: {"personalNumber": one.number, "birthDate": one.birth},
            })
        })
        .collect();
    json!({"schemas": [LIST], "totalResults": users.len(), "startIndex": 1, "itemsPerPage": users.len(), "Resources": users})
}

async fn source(office: &Office, (automatic, may_end): (bool, bool)) -> String {
    let draft = Draft {
        name: "CSDL cán bộ".into(),
        codes: DEPARTMENTS.map(|(code, _)| code.to_owned()).to_vec(),
        automatic,
        may_end,
        silent_days: 35,
        basis: "12/QĐ-SNV".into(),
    };
    let ground = &office.ground;
    record_source::run(&ground.db, &ground.entropy, NOW, &office.actor(), &draft)
        .await
        .unwrap()
}

async fn deliver(site: &Site, source: &str, query: &str, body: &str) -> (u16, Value) {
    let path = format!("/api/register/feeds/{source}/deliveries?{query}");
    let (status, text) = site.call("admin", "POST", &path, Some(body)).await;
    let json = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    (status, json)
}

async fn report(site: &Site, id: &str) -> Value {
    let path = format!("/api/register/deliveries/{id}");
    let (status, text) = site.call("admin", "GET", &path, None).await;
    assert_eq!(status, 200, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// Waits until what needs no look is published and what is left was weighed.
async fn settled_report(site: &Site, id: &str, fits: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..600 {
        let found = report(site, id).await;
        if fits(&found) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{}", report(site, id).await);
}

fn causes(report: &Value, code: &str) -> usize {
    let rows = report["rows"].as_array().unwrap();
    rows.iter()
        .filter(|row| {
            let causes = row["causes"].as_array().unwrap();
            causes.iter().any(|cause| cause["code"] == code)
        })
        .count()
}

async fn opened(db: &Db, office: &Office) -> Site {
    let site = Site::open(db).await;
    site.give_token("admin", &office.administrator, None, SCOPE);
    site.callers
        .admit("page", caller(&office.administrator, None));
    site
}

platform::both_engines! {
    async fn a_delivery_becomes_a_list_and_its_report_says_what_it_means(db: Db) {
        let office = Office::open(db.clone()).await;
        let site = opened(&db, &office).await;
        let mut dice = Dice::of(3);
        let mut database = Database::of(120, &mut dice);
        settled(&office, &database, &mut dice).await;
        let source = source(&office, (false, false)).await;
        let before = office.export().await;
        database.month(&mut dice, (4, 1));
        let body = scim(&database).to_string();
        let query = "effective=2026-11-01&complete=true";
        let (status, taken) = deliver(&site, &source, query, &body).await;
        assert_eq!((status, taken["again"].as_bool()), (202, Some(false)), "{taken}");
        let id = taken["id"].as_str().unwrap().to_owned();
        assert_eq!(taken["report"], format!("/api/register/deliveries/{id}"));
        assert_eq!(office.export().await, before, "a delivery changes nothing");

        let said = report(&site, &id).await;
        assert_eq!((said["state"].as_str(), said["source"].as_str(), said["kept"].as_bool()), (Some("judged"), Some(source.as_str()), Some(true)));
        let counts = &said["counts"];
        let n = |name: &str| counts[name].as_u64().unwrap();
        assert_eq!((n("joiners"), n("leavers"), n("refused")), (4, 1, 0), "{counts}");
        assert!((5..=9).contains(&n("movers")) && (1..=8).contains(&n("changed")), "{counts}");
        assert_eq!(n("joiners") + n("movers") + n("changed") + n("unchanged"), 123);
        assert_eq!(said["leavers"].as_array().unwrap().len(), 1);
        assert_eq!(causes(&said, "moves") as u64, n("movers"));
        for row in said["rows"].as_array().unwrap() {
            let user = &database.people[usize::try_from(row["resource"].as_u64().unwrap()).unwrap()];
            assert_eq!(row["name"], user.name, "rows are told by their place in Resources");
        }
        let text = said.to_string();
        assert!(!text.contains(&database.people[5].number), "no personal number is in a report");

        // Again: the same delivery, however its JSON is laid out. A key holds it too, and stands for nothing else.
        let pretty = serde_json::to_string_pretty(&scim(&database)).unwrap();
        let (status, again) = deliver(&site, &source, query, &pretty).await;
        assert_eq!((status, again["again"].as_bool(), again["id"].as_str()), (202, Some(true), Some(id.as_str())));
        assert_eq!(report(&site, &id).await, said);

        // Published by a person, it is the truth; the counts of the day stay.
        office.accept(&id, &ACCEPTED).await;
        register::flows::claim_list::run(&office.ground, &office.administrator, &id, register::flows::claim_list::Said::AllCertain).await.unwrap();
        office.publish(&id).await;
        assert_eq!(register(&office).await, database.truth());
        let after = report(&site, &id).await;
        assert_eq!((after["state"].as_str(), &after["counts"], after["rows"].as_array().unwrap().len()), (Some("published"), counts, 0));
        let (status, page) = site.get("page", "/admin/feeds").await;
        assert!(status == 200 && page.contains("CSDL cán bộ") && page.contains(&format!("/admin/imports/{id}")), "{page}");
        let (status, page) = site.get("page", &format!("/admin/imports/{id}")).await;
        assert!(status == 200 && page.contains("Người không có trong danh sách"));
    }

    async fn what_needs_no_look_is_published_by_itself_and_the_rest_waits(db: Db) {
        let office = Office::open(db.clone()).await;
        let site = opened(&db, &office).await;
        let mut dice = Dice::of(5);
        let mut database = Database::of(120, &mut dice);
        settled(&office, &database, &mut dice).await;
        let source = source(&office, (true, true)).await;
        // By hand: one of the staff is ended, another's telephone is corrected, and somebody whom the feed does not know is appointed.
        let mut conn = db.read().await.unwrap();
        let all = facts::snapshot(&mut conn, None).await.unwrap();
        let staff = |of: &str| all.posts.iter().filter(|p| p.agency == of && !p.standing.single_seat()).map(|p| p.id.clone()).collect::<Vec<_>>();
        let first = agency(&db, "H08.02").await;
        let seats = staff(&first);
        let mut held = all.appointments.iter().filter(|a| seats.contains(&a.post));
        let (ended, corrected) = (held.next().unwrap().clone(), held.next().unwrap().person.clone());
        let corrected = facts::person(&mut conn, &corrected).await.unwrap().unwrap();
        drop(conn);
        let end = json!({"at": rfc3339(day("20/11/2026")), "basis": "5/QĐ"}).to_string();
        assert_eq!(site.call("admin", "POST", &format!("/api/register/appointments/{}/end", ended.id), Some(&end)).await.0, 201);
        let (_, known) = site.call("admin", "GET", &format!("/api/register/people/{}", corrected.id), None).await;
        let known: Value = serde_json::from_str(&known).unwrap();
        let draft = json!({"staff_no": known["staff_no"], "full_name": known["full_name"], "username": known["username"], "email": known["email"], "phone": "0900000001", "basis": "6/QĐ"}).to_string();
        let (status, text) = site.call("admin", "POST", &format!("/api/register/people/{}/corrections", corrected.id), Some(&draft)).await;
        assert_eq!(status, 201, "{text}");
        let new = json!({"staff_no": "BD-900009", "full_name": "Phan Thị Mới", "username": "moipt", "agency": first, "basis": "7/QĐ"}).to_string();
        let (_, made) = site.call("admin", "POST", "/api/register/people", Some(&new)).await;
        let made: Value = serde_json::from_str(&made).unwrap();
        let appoint = json!({"person": made["id"], "post": seats[0], "kind": "full", "from": rfc3339(day("20/11/2026")), "basis": "8/QĐ"}).to_string();
        assert_eq!(site.call("admin", "POST", "/api/register/appointments", Some(&appoint)).await.0, 201);

        // People come and move, and their names stay; nobody leaves but who was appointed by hand.
        for _ in 0..5 {
            database.joins(&mut dice);
        }
        for at in [40, 50, 60] {
            database.people[at].department = (database.people[at].department + 1) % 3;
        }
        let (status, taken) = deliver(&site, &source, "effective=2026-11-25&complete=true", &scim(&database).to_string()).await;
        assert_eq!(status, 202, "{taken}");
        let id = taken["id"].as_str().unwrap();
        let said = settled_report(&site, id, |r| r["published_at_once"]["state"] == "published").await;
        assert_eq!(said["state"], "judged", "the rest waits for a person");
        assert_eq!(causes(&said, "by-hand"), 2, "{said:#}");
        assert_eq!(said["rows"].as_array().unwrap().len(), 2);
        // What was published by itself is told to who may open it and did not hand it in; a list that failed stands on top.
        let (other, elsewhere) = (made["id"].as_str().unwrap(), corrected.id.as_str());
        give(&db, other, PROVINCE, None, None).await;
        give(&db, elsewhere, AGENCY, Some(&agency(&db, "H08.31").await), None).await;
        number(&db).await;
        db.write(|mut tx| async move {
            tx.execute(&FAIL, (id,)).await?;
            Ok::<_, platform::db::Error>(tx.housekeeping(Housekeeping::Measurement, ()))
        })
        .await
        .unwrap();
        for (who, published, failed) in [(other, 1, 1), (office.administrator.as_str(), 0, 1), (elsewhere, 0, 0)] {
            let page = read_notices::page(&mut db.read().await.unwrap(), &caller(who, None), None, NOW).await.unwrap();
            let lists: Vec<_> = page.notices.iter().filter(|one| one.rule.to == To::Lists).collect();
            assert_eq!((lists.len(), page.waiting.failed.len()), (published, failed), "{who}");
            assert!(lists.iter().all(|one| one.event.list.as_deref() == said["published_at_once"]["id"].as_str()), "{said:#}");
            assert!(page.waiting.failed.iter().all(|list| list.id == id));
        }
        let leavers = said["leavers"].as_array().unwrap();
        assert_eq!((leavers.len(), leavers[0]["staff_no"].as_str(), leavers[0]["doubt"].as_str()), (1, Some("BD-900009"), Some("by_hand")));
        let now = register(&office).await;
        let truth = database.truth();
        let missing = truth.iter().filter(|row| !now.contains(row)).count();
        assert_eq!(missing, 2, "only what was recorded by hand stands against the feed");
        assert!(now.iter().any(|row| row.contains("Phan Thị Mới")));
        // A person looks and lets the feed have it.
        office.accept(id, &["moves", "by-hand"]).await;
        office.publish(id).await;
        assert!(truth.iter().all(|row| !row.is_empty()));
        let now = register(&office).await;
        assert!(truth.iter().all(|row| now.contains(row)));

        // A name under the same number waits; more than one in a hundred who leave wait.
        database.people[30].name = "Nguyễn Thị Khác".into();
        for _ in 0..6 {
            database.people.pop();
        }
        database.joins(&mut dice);
        let (_, taken) = deliver(&site, &source, "effective=2026-11-26&complete=true", &scim(&database).to_string()).await;
        let id = taken["id"].as_str().unwrap();
        let said = settled_report(&site, id, |r| r["published_at_once"]["state"] == "published").await;
        assert_eq!((said["leavers"].as_array().unwrap().len(), causes(&said, "name-differs")), (7, 1));
        assert!(said["leavers"].as_array().unwrap().iter().all(|l| l["accepted"] == false));
        let after = register(&office).await;
        assert_eq!(after.len(), now.len() + 1, "one came, nobody left");
        assert!(!after.iter().any(|row| row.contains("Nguyễn Thị Khác")));

        // Few who leave go by themselves, and a delivery with nothing left to decide is published as a whole.
        office.accept(id, &ACCEPTED).await;
        let all = weighed(&office, id).await.leaving.leavers.iter().map(|l| l.person.clone()).collect::<std::collections::BTreeSet<_>>();
        register::flows::claim_list::run(&office.ground, &office.administrator, id, register::flows::claim_list::Said::Ends { shown: all.clone(), leave: all }).await.unwrap();
        office.publish(id).await;
        assert_eq!(register(&office).await, database.truth());
        database.people.pop();
        let (_, taken) = deliver(&site, &source, "effective=2026-11-27&complete=true", &scim(&database).to_string()).await;
        let id = taken["id"].as_str().unwrap();
        let said = settled_report(&site, id, |r| r["state"] == "published").await;
        assert_eq!((said["published_at_once"]["state"].as_str(), said["counts"]["leavers"].as_u64()), (Some("published"), Some(1)));
        assert_eq!(register(&office).await, database.truth());

        // One more a day later is too many for a month: he waits, although he alone would be few.
        let left = database.people.pop().unwrap();
        database.joins(&mut dice);
        let (_, taken) = deliver(&site, &source, "effective=2026-11-28&complete=true", &scim(&database).to_string()).await;
        let id = taken["id"].as_str().unwrap();
        let said = settled_report(&site, id, |r| r["published_at_once"]["state"] == "published").await;
        assert_eq!((said["state"].as_str(), said["leavers"].as_array().unwrap().len()), (Some("judged"), 1));
        assert!(register(&office).await.iter().any(|row| row.contains(&left.phone)));
    }

    async fn broken_deliveries_change_nothing_and_are_answered_as_problems(db: Db) {
        let office = Office::open(db.clone()).await;
        let site = opened(&db, &office).await;
        let mut dice = Dice::of(7);
        let database = Database::of(12, &mut dice);
        let source = source(&office, (true, true)).await;
        let before = office.export().await;
        let good = scim(&database);
        let with = |change: &dyn Fn(&mut Value)| {
            let mut body = good.clone();
            change(&mut body);
            body.to_string()
        };
        let user = json!({"schemas": [USER], "userName": "x"});
        let bodies = [
            (String::new(), 400, "invalid_request"),
            ("{".into(), 400, "invalid_request"),
            ("\"\\ud800\"".into(), 400, "invalid_request"),
            ("[".repeat(200_000), 400, "invalid_request"),
            (with(&|b| b["Resources"] = json!(1)), 400, "invalid_request"),
            (with(&|b| b["Resources"][0]["active"] = json!("yes")), 400, "invalid_request"),
            (with(&|b| { b["Resources"][0].as_object_mut().unwrap().remove("userName"); }), 400, "invalid_request"),
            (with(&|b| b["schemas"] = json!([USER])), 422, "wrong_schema"),
            (with(&|b| b["Resources"][3]["schemas"] = json!([ENTERPRISE])), 422, "wrong_schema"),
            (with(&|b| b["totalResults"] = json!(13)), 422, "part_of_a_list"),
            (with(&|b| b["Resources"][2]["title"] = json!("x".repeat(5_000))), 422, "value_too_long"),
            (json!({"schemas": [LIST], "totalResults": 60_000, "Resources": vec![user; 60_000]}).to_string(), 413, "too_large"),
        ];
        for (body, status, code) in &bodies {
            let (got, problem) = deliver(&site, &source, "complete=true", body).await;
            assert_eq!((got, problem["code"].as_str(), problem["status"].as_u64()), (*status, Some(*code), Some(u64::from(*status))), "{problem}");
        }
        for query in ["complete=perhaps", "effective=gestern", "effective=2026-13-01", "complete=true&complete=false"] {
            assert_eq!(deliver(&site, &source, query, &good.to_string()).await.0, 400, "{query}");
        }
        assert_eq!(deliver(&site, "src_none", "", &good.to_string()).await.0, 404);
        site.give_token("papers", &office.administrator, None, "papers");
        let path = format!("/api/register/feeds/{source}/deliveries");
        assert_eq!(site.call("papers", "POST", &path, Some(&good.to_string())).await.0, 403);
        let (n,): (i64,) = db.read().await.unwrap().one(&LISTS, ()).await.unwrap();
        assert_eq!((n, office.export().await), (0, before.clone()), "nothing is kept of them");
        // Bytes changed at random never end in an error of ours, and never change the register.
        let source = self::source_by_hand(&office, &source).await;
        let bytes = good.to_string();
        for _ in 0..60 {
            let mut other: Vec<char> = bytes.chars().collect();
            for _ in 0..=dice.below(4) {
                let at = dice.below(other.len());
                other[at] = ['"', '{', ']', '\\', '\u{0}', 'x', '9', ';', '\n', 'ạ'][dice.below(10)];
            }
            let text: String = other.into_iter().collect();
            let (status, answer) = deliver(&site, &source, "", &text).await;
            assert!(status == 202 || (400..500).contains(&status), "{answer}");
        }
        assert_eq!(office.export().await, before);
    }

    async fn an_agency_has_one_master_and_only_who_administers_all_of_it_delivers(db: Db) {
        let office = Office::open(db.clone()).await;
        let site = opened(&db, &office).await;
        let ground = &office.ground;
        let draft = |codes: &[&str]| Draft { name: "Nguồn khác".into(), codes: codes.iter().map(|c| (*c).to_owned()).collect(), automatic: false, may_end: false, silent_days: 35, basis: "1/QĐ".into() };
        let first = source(&office, (false, false)).await;
        for (codes, held) in [(&["H08.05"][..], "Sở Tài chính"), (&["H08.06", "H08.02"], "Sở Nội vụ"), (&["H08"], "Sở")] {
            let refused = record_source::run(&db, &ground.entropy, NOW, &office.actor(), &draft(codes)).await;
            match refused {
                Err(RecordSource::Held { source_name, agency }) => assert!(source_name == "CSDL cán bộ" && agency.starts_with(held), "{agency}"),
                other => panic!("{codes:?}: {other:?}"),
            }
        }
        let second = record_source::run(&db, &ground.entropy, NOW, &office.actor(), &draft(&["H08.06"])).await.unwrap();
        // The same on the page, in words.
        let fields = [("name", "X"), ("agencies", "h08.05, H08.07"), ("silent_days", "35"), ("basis", "2/QĐ")];
        let (status, page) = site.post("page", "/admin/feeds", &fields).await;
        assert!(status == 422 && page.contains("Sở Tài chính đã có nguồn làm gốc là CSDL cán bộ"), "{page}");
        let (status, answer) = site.post("page", &format!("/admin/feeds/{second}/end"), &[("basis", "3/QĐ")]).await;
        assert_eq!((status, location(&answer)), (303, "/admin/feeds".to_owned()));
        let (status, answer) = site.post("page", "/admin/feeds", &[("name", "Nguồn mới"), ("agencies", "H08.06 H08.07"), ("silent_days", "35"), ("basis", "4/QĐ")]).await;
        assert_eq!((status, location(&answer)), (303, "/admin/feeds".to_owned()), "{answer}");
        let (_, page) = site.get("page", "/admin/feeds").await;
        assert!(page.contains("Nguồn mới") && !page.contains("Nguồn khác") && page.contains("chưa nhận lần nào"));

        // An administrator of one of the departments neither registers nor delivers.
        let mut dice = Dice::of(9);
        let database = Database::of(6, &mut dice);
        let id = hand_in(&office, &database.csv(&mut dice), day("01/09/2026")).await;
        office.publish(&id).await;
        assert!(weighed(&office, &id).await.lines.iter().all(|line| line.outcome == Outcome::Stays));
        let department = agency(&db, "H08.02").await;
        let mut conn = db.read().await.unwrap();
        let all = facts::snapshot(&mut conn, None).await.unwrap();
        drop(conn);
        let posts: Vec<&str> = all.posts.iter().filter(|p| p.agency == department).map(|p| p.id.as_str()).collect();
        let hers = all.appointments.iter().find(|a| posts.contains(&a.post.as_str())).unwrap().person.clone();
        give(&db, &hers, AGENCY, Some(&department), None).await;
        site.give_token("hers", &hers, None, SCOPE);
        let path = format!("/api/register/feeds/{first}/deliveries");
        let (status, text) = site.call("hers", "POST", &path, Some(&scim(&database).to_string())).await;
        let problem: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((status, problem["code"].as_str()), (403, Some("no_right")));
        let by = Actor::Person { person: hers, post: None };
        let refused = record_source::run(&db, &ground.entropy, NOW, &by, &draft(&["H08.02"])).await;
        assert!(matches!(refused, Err(RecordSource::NoRight)), "{refused:?}");
    }
}

/// Ends the source and registers one whose lists wait for a person.
async fn source_by_hand(office: &Office, id: &str) -> String {
    let ground = &office.ground;
    let actor = office.actor();
    record_source::end(&ground.db, &ground.entropy, NOW, &actor, id, "9/QĐ")
        .await
        .unwrap();
    source(office, (false, false)).await
}
