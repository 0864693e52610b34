//! The JSON interface: lists page by page, gets that find what lists show, acts like the forms', refusals as problems, and the document.

use std::collections::BTreeSet;

use platform::clock::rfc3339;
use platform::testing::caller;
use register::api::{OPERATIONS, SCOPE, document, routes};
use register::domain::administration::{PROVINCE, Table};
use register::domain::words::Reach;
use register::facts;
use serde_json::{Value, json};

use super::administration::{agency, give, person};
use super::site::Site;
use super::support::{NOW, province};

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

async fn walk(site: &Site, token: &str, path: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let (status, text) = site
            .call(token, "GET", &format!("{path}&limit=7{after}"), None)
            .await;
        assert_eq!(status, 200, "{text}");
        let page = parsed(&text);
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return all,
        }
    }
}

#[test]
fn the_document_describes_every_route_of_the_interface_and_no_other() {
    let described: BTreeSet<(String, String)> = document("http://localhost:8080").unwrap()["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods
                .map(|method| (method.to_uppercase(), path.clone()))
                .collect::<Vec<_>>()
        })
        .collect();
    let routed: BTreeSet<(String, String)> = routes()
        .filter(|route| route.path != "/api/openapi.json")
        .map(|route| (route.method.to_owned(), route.path.to_owned()))
        .collect();
    assert_eq!(described, routed);
}

platform::both_engines! {
    async fn lists_page_without_gaps_and_gets_find_exactly_what_lists_show(db: Db) {
        province(&db).await;
        let site = Site::open(&db).await;
        let clerk = person(&db, "BD-000017").await;
        let mut conn = db.read().await.unwrap();
        let held = facts::posts_of(&mut conn, &clerk, NOW).await.unwrap().remove(0);
        let all = facts::snapshot(&mut conn, None).await.unwrap();
        drop(conn);
        site.give_token("whole", &person(&db, "BD-000001").await, Some(&held_post(&db, "BD-000001").await), SCOPE);
        site.give_token("office", &clerk, Some(&held.post), SCOPE);
        for (kind, total) in [("agencies", all.agencies.len()), ("units", all.units.len()), ("posts", all.posts.len()), ("appointments", all.appointments.len()), ("assignments", all.assignments.len())] {
            let path = format!("/api/register/{kind}?at={}", rfc3339(NOW).replace('+', "%2B"));
            let whole = walk(&site, "whole", &path).await;
            assert_eq!(whole.len(), total, "{kind}");
            let ids: BTreeSet<&str> = whole.iter().map(|row| row["id"].as_str().unwrap()).collect();
            assert_eq!(ids.len(), total, "{kind}: no row twice");
            let office = walk(&site, "office", &path).await;
            let seen: BTreeSet<&str> = office.iter().map(|row| row["id"].as_str().unwrap()).collect();
            assert!(!seen.is_empty() && seen.len() < total, "{kind}");
            for row in whole.iter().step_by(9).chain(&office) {
                let id = row["id"].as_str().unwrap();
                let (status, text) = site.call("office", "GET", &format!("/api/register/{kind}/{id}"), None).await;
                assert_eq!(status == 200, seen.contains(id), "{kind} {id}: {text}");
                if status == 200 {
                    assert_eq!(&parsed(&text), row);
                }
            }
        }
        let people = walk(&site, "office", "/api/register/people?q=nguyen").await;
        assert!(!people.is_empty() && people.iter().all(|p| p["full_name"].as_str().unwrap().to_lowercase().contains("nguyễn")));
        let text = serde_json::to_string(&people).unwrap();
        assert!(!text.contains("personal_number"), "the personal number is in no answer");
    }

    async fn wrong_queries_bodies_tokens_and_scopes_are_refused_as_problems(db: Db) {
        province(&db).await;
        let site = Site::open(&db).await;
        let admin = person(&db, "BD-000017").await;
        give(&db, &admin, PROVINCE, None, None).await;
        site.give_token("admin", &admin, None, SCOPE);
        site.give_token("reader", &person(&db, "BD-000001").await, Some(&held_post(&db, "BD-000001").await), SCOPE);
        site.give_token("papers", &admin, None, "papers");
        site.callers.admit("session", caller(&admin, None));
        for (token, method, path, body, status, code) in [
            ("nobody", "GET", "/api/register/people", "", 401, "unauthorized"),
            ("papers", "GET", "/api/register/people", "", 403, "insufficient_scope"),
            ("reader", "POST", "/api/register/people", "{}", 403, "no_right"),
            ("admin", "GET", "/api/register/people?limit=0", "", 400, "invalid_request"),
            ("admin", "GET", "/api/register/people?limit=x", "", 400, "invalid_request"),
            ("admin", "GET", "/api/register/people?at=gestern", "", 400, "invalid_request"),
            ("admin", "GET", "/api/register/people?after=%00", "", 400, "invalid_request"),
            ("admin", "GET", "/api/register/people/%00", "", 404, "not_found"),
            ("admin", "GET", "/api/register/people/psn_none", "", 404, "not_found"),
            ("admin", "POST", "/api/register/people", "{", 400, "invalid_request"),
            ("admin", "POST", "/api/register/people", "{}", 422, "invalid_fields"),
            ("admin", "POST", "/api/register/appointments/apt_none/end", "{\"at\":\"2026-12-01T00:00:00Z\",\"basis\":\"1\"}", 404, "not_found"),
        ] {
            let (got, text) = site.call(token, method, path, Some(body)).await;
            assert_eq!(got, status, "{method} {path}: {text}");
            let problem = parsed(&text);
            assert_eq!((problem["code"].as_str(), problem["status"].as_u64()), (Some(code), Some(status.into())), "{method} {path}");
        }
        let (status, _) = site.call("admin", "GET", "/api/register/people?q=%00%25", None).await;
        assert_eq!(status, 200);
    }

    async fn a_person_comes_is_appointed_suspended_and_leaves_over_the_interface(db: Db) {
        province(&db).await;
        let site = Site::open(&db).await;
        let admin = person(&db, "BD-000017").await;
        let office = agency(&db, "H08.01").await;
        give(&db, &admin, "agency", Some(&office), None).await;
        site.give_token("admin", &admin, None, SCOPE);
        let new = json!({"staff_no": "BD-900002", "full_name": "Kpă H'Lan", "username": "lankh", "email": "lankh@binhdinh.test", "agency": office, "basis": "1/QĐ-VP"}).to_string();
        let (status, text) = site.call("admin", "POST", "/api/register/people", Some(&new)).await;
        assert_eq!(status, 201, "{text}");
        let who = parsed(&text)["id"].as_str().unwrap().to_owned();
        let (status, text) = site.call("admin", "POST", "/api/register/people", Some(&new)).await;
        assert_eq!((status, parsed(&text)["code"].as_str()), (409, Some("taken")));
        let mut conn = db.read().await.unwrap();
        let posts = facts::posts_of_agency(&mut conn, &office, NOW).await.unwrap();
        let seat = posts.iter().find(|p| !p.standing.single_seat()).unwrap().id.clone();
        let head = posts.iter().find(|p| p.is_head).unwrap().id.clone();
        drop(conn);
        let appoint = |post: &str, kind: &str| json!({"person": who, "post": post, "kind": kind, "from": rfc3339(NOW), "basis": "2/QĐ-VP"}).to_string();
        let (status, text) = site.call("admin", "POST", "/api/register/appointments", Some(&appoint(&seat, "full"))).await;
        assert_eq!(status, 201, "{text}");
        let made = parsed(&text);
        let id = made["id"].as_str().unwrap();
        for (body, status, code) in [(appoint(&head, "full"), 409, "seat_held"), (appoint(&seat, "full"), 409, "held_already"), (appoint("pst_none", "full"), 422, "invalid_fields"), (appoint(&seat, "half"), 422, "invalid_fields")] {
            let (got, text) = site.call("admin", "POST", "/api/register/appointments", Some(&body)).await;
            assert_eq!((got, parsed(&text)["code"].as_str()), (status, Some(code)));
        }
        let suspend = json!({"from": rfc3339(NOW + 1000), "to": rfc3339(NOW + 2000), "reason": "nghỉ phép", "basis": "3/QĐ"}).to_string();
        assert_eq!(site.call("admin", "POST", &format!("/api/register/appointments/{id}/suspensions"), Some(&suspend)).await.0, 201);
        assert!(!facts::appointment_in_force(&mut db.read().await.unwrap(), id, NOW + 1500).await.unwrap());
        let end = json!({"at": rfc3339(NOW + 5000), "basis": "4/QĐ"}).to_string();
        let (status, text) = site.call("admin", "POST", &format!("/api/register/appointments/{id}/end"), Some(&end)).await;
        assert_eq!((status, parsed(&text)["to"].as_str().map(str::to_owned)), (201, Some(rfc3339(NOW + 5000))));
        let (status, text) = site.call("admin", "POST", &format!("/api/register/appointments/{id}/end"), Some(&end)).await;
        assert_eq!((status, parsed(&text)["code"].as_str()), (409, Some("ended_already")));
        let correction = json!({"staff_no": "BD-900002", "full_name": "Kpă H'Lan", "username": "lankh", "email": "lankh@binhdinh.test", "phone": "0912345678", "basis": "5/QĐ"}).to_string();
        let (status, text) = site.call("admin", "POST", &format!("/api/register/people/{who}/corrections"), Some(&correction)).await;
        assert_eq!((status, parsed(&text)["phone"].as_str()), (201, Some("0912345678")), "{text}");
    }

    async fn every_operation_answers_exactly_the_rights_that_the_table_names(db: Db) {
        province(&db).await;
        let site = Site::open(&db).await;
        let office = agency(&db, "H08.01").await;
        for (role, staff_no) in Table::ours().grantable().zip(["BD-000001", "BD-000002", "BD-000003", "BD-000004", "BD-000005"]) {
            let who = person(&db, staff_no).await;
            let place = (role.reach == Reach::Agency).then_some(office.as_str());
            give(&db, &who, &role.code, place, None).await;
            site.give_token(&role.code, &who, None, SCOPE);
        }
        site.give_token("nothing", &person(&db, "BD-000018").await, None, SCOPE);
        for operation in OPERATIONS {
            let path = operation.path.replace("{id}", "x_none");
            for role in Table::ours().grantable() {
                let (status, text) = site.call(&role.code, operation.method, &path, Some("{}")).await;
                assert_eq!(status != 403, role.allows(operation.need), "{} as {}: {status} {text}", operation.id, role.code);
                assert!(status < 500, "{} as {}: {status}", operation.id, role.code);
            }
            assert_eq!(site.call("nothing", operation.method, &path, Some("{}")).await.0, 403, "{}", operation.id);
        }
    }
}

async fn held_post(db: &platform::db::Db, staff_no: &str) -> String {
    let who = person(db, staff_no).await;
    let mut conn = db.read().await.unwrap();
    facts::posts_of(&mut conn, &who, NOW)
        .await
        .unwrap()
        .remove(0)
        .post
}
