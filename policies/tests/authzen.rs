//! The decision point over HTTP as applications meet it: what the standard and its certification scenario ask for, on both engines.
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
use support::{CULTURE, ECONOMY, Province};

platform::both_engines! {
    async fn ids_alone_are_answered_and_what_the_caller_adds_changes_nothing(db: Db) {
        let app = Application::of(Province::on(db).await).await;
        let bare = app.whole();
        let answer = app.answer("economy", EVALUATION, &bare).await;
        assert_eq!(answer["decision"], true, "{answer}");
        assert_eq!(answer["context"]["capacity"], "TM_KT");
        assert_eq!((&answer["context"]["ignored"], &answer["context"]["asserted"]), (&json!([]), &json!([])));
        let mut rich = bare.clone();
        rich["subject"]["properties"] = json!({"department": "Sales", "role": "manager"});
        rich["action"]["properties"] = json!({"method": "GET"});
        rich["resource"]["properties"] = json!({"status": "active", "kind": "giay_giao_viec", "field": CULTURE, "agency": app.province.office});
        rich["context"] = json!({"time": "2025-06-27T18:03-07:00", "ip": "192.168.1.1"});
        rich["foo"] = json!("bar");
        rich["futureField"] = json!({"nested": true});
        for _ in 0..3 {
            let again = app.answer("economy", EVALUATION, &rich).await;
            assert_eq!(again["decision"], true, "the desk's facts win: {again}");
            assert_eq!(again["context"]["ignored"], json!([
                "subject.properties.department", "subject.properties.role", "action.properties.method", "resource.properties.status",
                "context.ip", "context.time", "resource.properties.kind", "resource.properties.field", "resource.properties.agency",
            ]));
        }
        let mut claimed = app.whole();
        claimed["resource"] = json!({"type": "paper", "id": "pap_culture", "properties": {"field": ECONOMY, "amount": 5}});
        let claimed = app.answer("economy", EVALUATION, &claimed).await;
        assert_eq!((&claimed["decision"], &claimed["context"]["code"]), (&json!(false), &json!("outside_assignment")));
        assert_eq!(claimed["context"]["ignored"], json!(["resource.properties.field"]));
        assert_eq!(claimed["context"]["asserted"], json!(["resource.properties.amount"]));
    }

    async fn what_is_well_formed_and_not_known_is_a_no_and_what_is_malformed_is_400(db: Db) {
        let app = Application::of(Province::on(db).await).await;
        let with = |pointer: &str, value: Value| {
            let mut body = app.whole();
            *body.pointer_mut(pointer).unwrap() = value;
            body
        };
        for (body, code) in [
            (with("/subject", json!({"type": "robot", "id": "r2"})), "unknown_type"),
            (with("/resource", json!({"type": "record", "id": "record-1"})), "unknown_type"),
            (with("/action", json!({"name": "fly"})), "unknown_action"),
            (with("/resource", paper("pap_nowhere")), "unknown_paper"),
        ] {
            let answer = app.answer("economy", EVALUATION, &body).await;
            assert_eq!((&answer["decision"], &answer["context"]["code"]), (&json!(false), &json!(code)), "{body}");
            assert_eq!(answer["context"]["error"]["status"], 404);
        }
        for body in [
            json!({}), json!([]), json!(null), json!("text"),
            with("/subject", json!("alice")), with("/subject", json!({"type": "person"})), with("/subject", json!({"id": "x"})),
            with("/action", json!({})), with("/action", json!({"name": 123})), with("/action", json!(null)),
            with("/resource", json!({"type": "paper"})), with("/resource", json!({"id": "x"})), with("/resource", json!({"type": "paper", "id": 1})),
            with("/resource", json!({"type": "paper", "id": "x\u{0}y"})),
        ] {
            for path in [EVALUATION, EVALUATIONS] {
                let reply = app.ask("economy", path, &body).await;
                assert_eq!((reply.status, reply.json()["code"].as_str().unwrap()), (400, "invalid_request"), "{path} {body}");
                assert!(!reply.json()["detail"].as_str().unwrap().is_empty());
            }
        }
        let twice = r#"{"subject": {"type": "person", "id": "a", "id": "b"}, "action": {"name": "sign"}, "resource": {"type": "paper", "id": "x"}}"#;
        let good = app.whole().to_string();
        for path in ALL {
            for (heads, body) in [
                ("Content-Type: application/json\r\n", ""), ("Content-Type: application/json\r\n", "{\"subject\""), ("Content-Type: application/json\r\n", twice),
                ("", good.as_str()), ("Content-Type: text/plain\r\n", &good), ("Content-Type: application/x-www-form-urlencoded\r\n", &good),
            ] {
                let reply = app.send("economy", path, heads, body).await;
                assert_eq!(reply.status, 400, "{path} {heads} {body}: {}", reply.body);
            }
            let with_charset = app.send("economy", path, "Content-Type: application/json; charset=utf-8\r\n", &good).await;
            assert_eq!(with_charset.status, 200, "{path}: {}", with_charset.body);
            let large = format!("{{\"subject\": \"{}\"}}", "x".repeat(1 << 20));
            assert_eq!(app.send("economy", path, "Content-Type: application/json\r\n", &large).await.status, 413, "{path}");
            let nobody = app.send("", path, "Content-Type: application/json\r\n", &good).await;
            assert!(nobody.status == 401 && nobody.head.contains("www-authenticate: bearer"), "{path}: {}", nobody.head);
            assert_eq!(app.send("weak", path, "Content-Type: application/json\r\n", &good).await.status, 403, "{path}");
            assert_eq!(app.send("weak", path, "", "").await.status, 403, "{path}: the right to ask comes before the question");
        }
    }

    async fn a_request_id_is_given_back_as_it_came_and_one_that_could_do_harm_is_not(db: Db) {
        let app = Application::of(Province::on(db).await).await;
        let body = app.whole().to_string();
        let long = "x".repeat(129);
        for path in ALL {
            let with = async |token: &str, id: &str| {
                let heads = format!("Content-Type: application/json\r\nX-Request-ID: {id}\r\n");
                app.send(token, path, &heads, &body).await
            };
            let reply = with("economy", "bfe9eb29-ab87-4ca3-be83-a1d5d8305716").await;
            assert_eq!(reply.status, 200, "{path}: {}", reply.body);
            assert!(reply.head.contains("x-request-id: bfe9eb29-ab87-4ca3-be83-a1d5d8305716\r\n"), "{}", reply.head);
            assert_eq!(reply.head.matches("x-request-id").count(), 1);
            let refused = with("nobody", "id-of-a-refusal").await;
            assert!(refused.status == 401 && refused.head.contains("x-request-id: id-of-a-refusal\r\n"), "{}", refused.head);
            for harmful in [long.as_str(), "two words", "ê", ""] {
                let reply = with("economy", harmful).await;
                assert!(reply.status == 200 && reply.head.contains("x-request-id: req_"), "{harmful}: {}", reply.head);
            }
        }
        let without = app.ask("economy", EVALUATION, &app.whole()).await;
        assert!(without.head.contains("x-request-id: req_"));
        let page = app.web.send("GET / HTTP/1.1\r\nHost: localhost:8080\r\nX-Request-ID: mine\r\nConnection: close\r\n\r\n".to_owned()).await;
        assert!(page.head.contains("x-request-id: req_"), "pages keep the program's own");
    }

    async fn many_questions_are_answered_by_position_with_defaults_and_duplicates(db: Db) {
        let app = Application::of(Province::on(db).await).await;
        let own = me(&app.province.economy);
        let body = json!({
            "subject": own, "action": {"name": "sign"}, "context": {"at": "2026-12-04T12:00:00+07:00"},
            "resource": {"type": "paper"},
            "evaluations": [
                {"resource": {"id": "pap_economy"}},
                {"resource": paper("pap_culture")},
                {"resource": paper("pap_economy")},
                {"resource": described("pap_x", ECONOMY), "context": {"at": "1999-01-01T00:00:00Z", "source": "batch-override"}},
                {"action": {"name": "seal"}, "resource": paper("pap_economy")},
            ],
        });
        let answer = app.answer("economy", EVALUATIONS, &body).await;
        assert_eq!(decisions(&answer), [true, false, true, false, false], "{answer}");
        assert!(answer.get("decision").is_none());
        let evaluations = answer["evaluations"].as_array().unwrap();
        assert_eq!(evaluations[3]["context"]["evaluated_at"], 915_148_800_000_i64, "its own context stands for the whole default");
        assert_eq!(evaluations[3]["context"]["ignored"], json!(["context.source"]));
        for (place, one) in evaluations.iter().enumerate() {
            // Every answer is the one that the question alone gets.
            let mut alone = json!({"subject": own, "action": body["action"], "context": body["context"]});
            for (name, value) in body["evaluations"][place].as_object().unwrap() {
                alone[name] = value.clone();
            }
            alone["resource"]["type"] = json!("paper");
            let alone = app.answer("economy", EVALUATION, &alone).await;
            let same = |answer: &Value| {
                let mut context = answer["context"].clone();
                context.as_object_mut().unwrap().remove("id");
                (answer["decision"].clone(), context)
            };
            assert_eq!(same(one), same(&alone), "{place}");
        }
        for single in [app.whole(), { let mut body = app.whole(); body["evaluations"] = json!([]); body }] {
            let answer = app.answer("economy", EVALUATIONS, &single).await;
            assert!(answer["decision"] == true && answer.get("evaluations").is_none(), "{answer}");
        }
    }

    async fn one_question_that_has_no_answer_leaves_the_others_theirs(db: Db) {
        let app = Application::of(Province::on(db).await).await;
        let body = json!({
            "subject": me(&app.province.economy), "action": {"name": "sign"},
            "evaluations": [
                {"resource": paper("pap_economy")}, {}, 5, {"resource": paper("pap_nowhere")}, {"resource": "pap_economy"},
                {"resource": paper("pap_economy"), "subject": me(&app.province.chair)},
                {"resource": paper("pap_economy"), "context": {"capacity": "CHU_TICH"}}, {"resource": paper("pap_economy")},
            ],
        });
        let answer = app.answer("economy", EVALUATIONS, &body).await;
        assert_eq!(decisions(&answer), [true, false, false, false, false, false, false, true]);
        let status: Vec<&Value> = answer["evaluations"].as_array().unwrap().iter().map(|one| &one["context"]["error"]["status"]).collect();
        assert_eq!(json!(status), json!([null, 400, 400, 404, 400, 403, 400, null]));
        assert_eq!(answer["evaluations"][1]["context"]["error"]["message"], "resource is missing");
        let mut stopping = body.clone();
        for (semantic, expected) in [
            ("execute_all", vec![true, false, false, false, false, false, false, true]),
            ("deny_on_first_deny", vec![true, false]),
            ("permit_on_first_permit", vec![true]),
        ] {
            stopping["options"] = json!({"evaluations_semantic": semantic, "another_option": "value"});
            assert_eq!(decisions(&app.answer("economy", EVALUATIONS, &stopping).await), expected, "{semantic}");
        }
        stopping["evaluations"] = json!([{"resource": paper("pap_culture")}, {}, {"resource": paper("pap_economy")}, {"resource": paper("pap_economy")}]);
        assert_eq!(decisions(&app.answer("economy", EVALUATIONS, &stopping).await), [false, false, true], "until the first permit");
        stopping["options"] = json!({"evaluations_semantic": "some"});
        assert_eq!(app.ask("economy", EVALUATIONS, &stopping).await.status, 400);
        let many = |count: usize| {
            let mut body = app.whole();
            body["evaluations"] = json!(vec![json!({}); count]);
            body
        };
        let all = app.answer("economy", EVALUATIONS, &many(500)).await;
        assert_eq!(decisions(&all), vec![true; 500]);
        let reply = app.ask("economy", EVALUATIONS, &many(501)).await;
        assert!(reply.status == 400 && reply.json()["detail"].as_str().unwrap().contains("501"), "{}", reply.body);
    }

    async fn the_metadata_names_what_is_there_under_the_configured_address_whatever_the_host_header_says(db: Db) {
        let app = Application::of(Province::on(db).await).await;
        for host in ["localhost:8080", "evil.example"] {
            let reply = app.web.send(format!("GET /.well-known/authzen-configuration HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Host: {host}\r\nConnection: close\r\n\r\n")).await;
            assert_eq!(reply.status, 200);
            assert!(reply.head.contains("content-type: application/json") && reply.head.contains("cache-control: public, max-age=300"), "{}", reply.head);
            let metadata = reply.json();
            let at = |path: &str| format!("http://localhost:8080{path}");
            assert_eq!(metadata, json!({
                "policy_decision_point": "http://localhost:8080",
                "access_evaluation_endpoint": at(EVALUATION), "access_evaluations_endpoint": at(EVALUATIONS),
                "search_subject_endpoint": at(SUBJECT), "search_resource_endpoint": at(RESOURCE), "search_action_endpoint": at(ACTION),
            }));
        }
        for path in ALL {
            assert_eq!(app.ask("economy", path, &app.whole()).await.status, 200, "{path} is there");
            let route = policies::ROUTES.iter().find(|route| route.path == path).unwrap();
            assert_eq!((route.method, route.access), ("POST", platform::edge::routes::Access::Bearer("papers")));
        }
    }
}
