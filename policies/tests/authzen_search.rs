//! The three searches over HTTP: lists that equal filtered evaluations, their limits and their pages, on both engines.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use serde_json::{Value, json};
use support::application::*;
use support::{CULTURE, ECONOMY, Province, Seat};

/// Everybody who holds a post in the agencies of the tests, in each of his posts.
async fn holders(province: &Province) -> Vec<(String, String)> {
    let now = province.ground.now();
    let mut conn = province.ground.db.read().await.unwrap();
    let mut all = Vec::new();
    for agency in [
        &province.agency,
        &province.office,
        &province.department_head.agency,
    ] {
        for post in register::facts::posts_of_agency(&mut conn, agency, now)
            .await
            .unwrap()
        {
            for holder in register::facts::holders_of(&mut conn, &post.id, now)
                .await
                .unwrap()
            {
                all.push((holder.person, post.id.clone()));
            }
        }
    }
    all
}

platform::both_engines! {
    async fn a_search_for_people_lists_exactly_those_who_would_be_allowed(db: Db) {
        let app = Application::of(Province::on(db).await).await;
        let province = &app.province;
        let all = holders(province).await;
        assert!(all.len() > 30, "{}", all.len());
        let resource = |id: &str, agency: &str| json!({"type": "paper", "id": id, "properties": {"kind": "quyet_dinh", "field": ECONOMY, "agency": agency}});
        let mut listed = 0;
        for (action, resource) in [
            ("sign", paper("pap_economy")), ("sign", paper("pap_culture")), ("sign", resource("new", &province.office)),
            ("sign", resource("new", &province.department_head.agency)),
            ("seal", resource("new", &province.agency)), ("number", resource("new", &province.agency)), ("copy", resource("new", &province.agency)),
        ] {
            let body = json!({"subject": {"type": "person"}, "action": {"name": action}, "resource": resource, "context": {"signed_by": province.chair.person}, "page": {"limit": 200}});
            let answer = app.answer("chair", SUBJECT, &body).await;
            let mut found = Vec::new();
            for one in answer["results"].as_array().unwrap() {
                assert_eq!(one["type"], "person");
                assert!(!one["properties"]["name"].as_str().unwrap().is_empty());
                let also = one["properties"]["also"].as_array().unwrap();
                for seat in std::iter::once(&one["properties"]).chain(also) {
                    found.push((one["id"].as_str().unwrap().to_owned(), seat["post"].as_str().unwrap().to_owned(), seat["capacity"].as_str().unwrap().to_owned()));
                }
            }
            listed += found.len();
            for (number, (person, post)) in all.iter().enumerate() {
                // Each asks for himself with a token of his own.
                let token = format!("holder {number}");
                let mut caller = platform::testing::caller(person, Some(post));
                caller.scopes = vec!["papers".to_owned()];
                province.callers.admit(&token, caller);
                let capacity = found.iter().find(|(p, s, _)| p == person && s == post).map(|(_, _, capacity)| capacity);
                let mut own = json!({"subject": {"type": "person", "id": person}, "action": body["action"], "resource": body["resource"], "context": {"signed_by": province.chair.person}});
                if let Some(capacity) = capacity {
                    own["context"]["capacity"] = json!(capacity);
                }
                let answer = app.answer(&token, EVALUATION, &own).await;
                let code = answer["context"]["code"].as_str().unwrap();
                assert_eq!(capacity.is_some(), answer["decision"] == true || code == "capacity_required", "{action} {person} {post}: {answer}");
                assert!(capacity.is_none() || answer["decision"] == true, "{answer}");
            }
        }
        assert!(listed >= 8, "{listed}");
    }

    async fn people_are_searched_for_papers_of_the_own_agency_and_below_only(db: Db) {
        let app = Application::of(Province::on(db).await).await;
        let body = |agency: &str| json!({"subject": {"type": "person", "id": "ignored"}, "action": {"name": "sign"},
            "resource": {"type": "paper", "id": "new", "properties": {"kind": "quyet_dinh", "field": ECONOMY, "agency": agency}}});
        let own = app.province.department_head.agency.clone();
        assert!(!app.answer("director", SUBJECT, &body(&own)).await["results"].as_array().unwrap().is_empty());
        let above = app.ask("director", SUBJECT, &body(&app.province.agency)).await;
        assert_eq!((above.status, above.json()["code"].as_str().unwrap()), (403, "foreign_agency"));
        assert!(!app.answer("chair", SUBJECT, &body(&own)).await["results"].as_array().unwrap().is_empty(), "from above");
        for nothing in [
            body("agy_nowhere"),
            json!({"subject": {"type": "spaceship"}, "action": {"name": "sign"}, "resource": paper("pap_economy")}),
            json!({"subject": {"type": "person"}, "action": {"name": "fly"}, "resource": paper("pap_economy")}),
            json!({"subject": {"type": "person"}, "action": {"name": "sign"}, "resource": {"type": "record", "id": "record-1"}}),
            json!({"subject": {"type": "person"}, "action": {"name": "sign"}, "resource": paper("pap_nowhere")}),
        ] {
            let answer = app.answer("chair", SUBJECT, &nothing).await;
            assert_eq!((&answer["results"], &answer["page"]["next_token"]), (&json!([]), &json!("")), "{nothing}");
        }
    }

    async fn a_search_for_papers_and_for_acts_lists_what_evaluations_allow(db: Db) {
        let app = Application::of(Province::on(db).await).await;
        let province = &app.province;
        for (number, field) in [ECONOMY, CULTURE, ECONOMY, CULTURE, ECONOMY].iter().enumerate() {
            province.desk.put(&format!("pap_{number}"), "Văn bản", "quyet_dinh", Some(field), &province.agency);
        }
        province.desk.put("pap_elsewhere", "Văn bản", "quyet_dinh", Some(ECONOMY), &province.office);
        province.desk.put("pap_signed", "Văn bản", "quyet_dinh", Some(ECONOMY), &province.agency);
        province.desk.papers.lock().unwrap().last_mut().unwrap().signed = true;
        for (token, seat) in [("economy", &province.economy), ("chair", &province.chair), ("clerk", &province.clerk)] {
            for action in ["sign", "seal", "number", "copy"] {
                let body = json!({"subject": me(seat), "action": {"name": action}, "resource": {"type": "paper", "id": "pap_culture"}, "context": {"signed_by": province.chair.person}});
                let found = names(&app.answer(token, RESOURCE, &body).await, "id");
                let candidates: Vec<String> = province.desk.papers.lock().unwrap().iter().map(|paper| paper.id.clone()).collect();
                for id in candidates {
                    let mut own = body.clone();
                    own["resource"] = paper(&id);
                    let answer = app.answer(token, EVALUATION, &own).await;
                    let open = !["pap_signed", "pap_elsewhere"].contains(&id.as_str()) && seat.agency == province.agency;
                    if open {
                        assert_eq!(found.contains(&id), answer["decision"] == true, "{token} {action} {id}: {answer}");
                    } else {
                        assert!(!found.contains(&id) || answer["decision"] == true, "{token} {action} {id}");
                    }
                    let acts = names(&app.answer(token, ACTION, &json!({"subject": me(seat), "resource": paper(&id), "context": own["context"]})).await, "name");
                    assert_eq!(acts.contains(&action.to_owned()), answer["decision"] == true, "{token} {action} {id}: {answer}");
                }
                assert!(action != "sign" || token == "clerk" || !found.is_empty());
            }
        }
        // The signed paper: its signer, whom the desk knows, gets neither number nor seal; the clerk does, whoever the caller says signed.
        let acts = async |token: &str, seat: &Seat, signed_by: &str| {
            let body = json!({"subject": me(seat), "resource": paper("pap_signed"), "context": {"signed_by": signed_by}});
            app.answer(token, ACTION, &body).await
        };
        let clerk = acts("clerk", &province.clerk, &province.clerk.person).await;
        assert_eq!(names(&clerk, "name"), ["number", "seal"], "{clerk}");
        assert_eq!(clerk["context"]["ignored"], json!(["context.signed_by"]));
        let unsigned = json!({"subject": me(&province.clerk), "resource": paper("pap_economy"), "context": {"signed_by": province.chair.person}});
        assert_eq!(app.answer("clerk", ACTION, &unsigned).await["results"], json!([]), "nothing is sealed on the caller's word");
    }

    async fn nobody_searches_for_another_and_for_an_unknown_id_there_is_nothing(db: Db) {
        let app = Application::of(Province::on(db).await).await;
        for path in [RESOURCE, ACTION] {
            let body = |subject: Value| json!({"subject": subject, "action": {"name": "sign"}, "resource": paper("pap_economy")});
            let other = app.ask("economy", path, &body(me(&app.province.chair))).await;
            assert_eq!((other.status, other.json()["code"].as_str().unwrap()), (403, "foreign_subject"), "{path}");
            for nobody in [json!({"type": "person", "id": "nonexistent-user"}), json!({"type": "spaceship", "id": "x"})] {
                let answer = app.answer("economy", path, &body(nobody)).await;
                assert_eq!((&answer["results"], &answer["page"]["next_token"]), (&json!([]), &json!("")), "{path}");
            }
        }
        for path in [EVALUATION, EVALUATIONS] {
            let mut body = app.whole();
            body["subject"]["id"] = json!(app.province.chair.person);
            let other = app.ask("economy", path, &body).await;
            assert_eq!((other.status, other.json()["code"].as_str().unwrap()), (403, "foreign_subject"), "{path}");
        }
        for (path, missing) in [(SUBJECT, "action"), (SUBJECT, "resource"), (RESOURCE, "subject"), (RESOURCE, "action"), (ACTION, "resource"), (ACTION, "subject")] {
            let mut body = app.whole();
            body.as_object_mut().unwrap().remove(missing);
            assert_eq!(app.ask("economy", path, &body).await.status, 400, "{path} without {missing}");
        }
    }

    async fn pages_hold_everything_once_and_a_token_opens_nothing_else(db: Db) {
        let app = Application::of(Province::on(db).await).await;
        let province = &app.province;
        for number in 0..9 {
            province.desk.put(&format!("pap_{number}"), "Văn bản", "quyet_dinh", Some(ECONOMY), &province.agency);
        }
        let body = json!({"subject": me(&province.economy), "action": {"name": "sign"}, "resource": {"type": "paper"}});
        let whole = names(&app.answer("economy", RESOURCE, &body).await, "id");
        assert_eq!(whole.len(), 10);
        let (mut seen, mut page, mut first) = (Vec::new(), json!({"limit": 4}), None);
        loop {
            let mut asked = body.clone();
            asked["page"] = page;
            let answer = app.answer("economy", RESOURCE, &asked).await;
            seen.extend(names(&answer, "id"));
            assert_eq!(answer["page"]["total"], 10);
            let token = answer["page"]["next_token"].as_str().unwrap().to_owned();
            if token.is_empty() {
                break;
            }
            // A paper that is put on the desk in between neither repeats nor hides another.
            if first.is_none() {
                province.desk.put("pap_00", "Văn bản", "quyet_dinh", Some(CULTURE), &province.agency);
            }
            first.get_or_insert(token.clone());
            page = json!({"token": token});
        }
        assert_eq!(seen, whole);
        let token = first.unwrap();
        let mut changed = token.clone();
        changed.replace_range(0..1, if token.starts_with('A') { "B" } else { "A" });
        let with = |token: &str| {
            let mut asked = body.clone();
            asked["page"] = json!({"token": token});
            asked
        };
        assert_eq!(app.ask("economy", RESOURCE, &with(&token)).await.status, 200);
        for wrong in [changed.as_str(), "nonsense", "a.b"] {
            assert_eq!(app.ask("economy", RESOURCE, &with(wrong)).await.status, 400, "{wrong}");
        }
        let mut other = with(&token);
        other["action"] = json!({"name": "copy"});
        assert_eq!(app.ask("economy", RESOURCE, &other).await.status, 400, "another question");
        other = with(&token);
        other["page"]["limit"] = json!(5);
        assert_eq!(app.ask("economy", RESOURCE, &other).await.status, 400, "another limit");
        assert_eq!(app.ask("economy", ACTION, &with(&token)).await.status, 400, "another search");
    }
}
