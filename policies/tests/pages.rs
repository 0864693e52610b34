//! The pages and the decision point over HTTP, on both engines.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use platform::clock;
use serde_json::json;
use support::{CULTURE, DAY, ECONOMY, Province, Seat, escape};

fn admit(province: &Province, name: &str, seat: &Seat) {
    province.callers.admit(name, province.caller(seat));
}

fn admit_all(province: &Province) {
    admit(province, "chair", &province.chair);
    admit(province, "economy", &province.economy);
    admit(province, "clerk", &province.clerk);
    admit(province, "director", &province.department_head);
    for (token, scopes) in [
        ("token", vec!["openid", "papers"]),
        ("weak", vec!["openid"]),
    ] {
        let mut caller = province.caller(&province.economy);
        caller.scopes = scopes.into_iter().map(str::to_owned).collect();
        province.callers.admit(token, caller);
    }
}

platform::both_engines! {
    async fn the_start_page_says_what_i_may_sign_today_and_greets_strangers(db: Db) {
        let province = Province::on(db).await;
        admit_all(&province);
        let web = province.serve().await;
        let stranger = web.get("", "/").await;
        assert_eq!(stranger.status, 200);
        assert!(stranger.body.contains("href=\"/login\"") && !stranger.body.contains("may-sign"));
        let mine = web.get("economy", "/").await;
        assert_eq!(mine.status, 200, "{}", mine.body);
        assert!(mine.body.contains("TM. ỦY BAN NHÂN DÂN / KT. CHỦ TỊCH / PHÓ CHỦ TỊCH"), "{}", mine.body);
        assert!(mine.body.contains("Lĩnh vực Kinh tế tổng hợp"));
        let english = web.get("economy", "/?lang=en").await;
        assert!(english.body.contains("What may be signed today") && english.body.contains("<html lang=\"en\">"));
        assert!(!english.body.contains('{'), "a text is missing");
        let clerk = web.get("clerk", "/").await;
        assert!(clerk.body.contains("không ký quyết định"));
    }

    async fn the_page_of_decisions_answers_with_verdict_chain_and_who_could(db: Db) {
        let province = Province::on(db).await;
        admit_all(&province);
        let web = province.serve().await;
        let nobody = web.get("", "/decisions?kind=quyet_dinh").await;
        assert_eq!(nobody.status, 303);
        assert!(nobody.head.contains("location: /login?next=%2fdecisions"), "{}", nobody.head);
        let empty = web.get("economy", "/decisions").await;
        assert!(empty.status == 200 && empty.body.contains("id=\"ask\"") && !empty.body.contains("data-allowed"));
        let yes = web.get("economy", &format!("/decisions?action=sign&kind=quyet_dinh&field={}", escape(ECONOMY))).await;
        assert!(yes.body.contains("data-allowed=\"true\" data-code=\"allowed\""), "{}", yes.body);
        assert!(yes.body.contains("Nghị định 30/2020/NĐ-CP, Điều 13 khoản 2") && yes.body.contains("<svg") && yes.body.contains("KT. CHỦ TỊCH"));
        assert!(yes.body.len() < 100_000);
        let no = web.get("economy", "/decisions?paper=pap_culture").await;
        assert!(no.body.contains("data-allowed=\"false\" data-code=\"outside_assignment\""), "{}", no.body);
        for part in ["Trần Đình Tường", "Lê Mỹ Linh", "Khen thưởng đột xuất", "class=\"wire cut\"", "giao riêng văn bản này"] {
            assert!(no.body.contains(part), "{part}");
        }
        let english = web.get("economy", "/decisions?paper=pap_culture&lang=en").await;
        assert!(english.body.contains("May not sign") && english.body.contains("Who could:"));
        assert!(!english.body.contains("{$") && !english.body.contains("{ $"));
        let before = web.get("economy", &format!("/decisions?kind=quyet_dinh&field={}&at=04/03/2020", escape(ECONOMY))).await;
        assert!(before.body.contains("data-allowed=\"false\""), "the decree was not in force yet");
        let known = web.get("economy", &format!("/decisions?kind=quyet_dinh&field={}&known=then", escape(ECONOMY))).await;
        assert!(known.body.contains("data-code=\"not_in_post\""), "nothing was in the log yet: {}", known.body);
        let wrong = web.get("economy", "/decisions?kind=quyet_dinh&at=mai").await;
        assert!(wrong.status == 200 && wrong.body.contains("role=\"alert\""));
        let injected = web.get("economy", "/decisions?kind=%3Cscript%3Ealert(1)%3C/script%3E").await;
        assert!(!injected.body.contains("<script>alert"));
    }

    async fn the_form_refuses_with_the_clause_and_a_good_one_leads_to_the_paper_to_sign(db: Db) {
        let province = Province::on(db).await;
        admit_all(&province);
        let web = province.serve().await;
        assert_eq!(web.get("economy", "/handovers/new").await.status, 403, "a deputy hands nothing over");
        let form = web.get("chair", "/handovers/new?paper=pap_culture").await;
        assert_eq!(form.status, 200, "{}", form.body);
        assert!(form.body.contains("Phó Chủ tịch Ngô Đức Thịnh") && form.body.contains("value=\"pap_culture\""), "{}", form.body);
        let csrf = form.csrf();
        let until = clock::format_date(province.ground.now() + 3 * DAY);
        let good = [
            ("_csrf", csrf.as_str()), ("paper", "pap_culture"), ("grantee", province.economy.post.as_str()), ("manner", "KT"),
            ("until_day", until.as_str()), ("basis", "Quy chế làm việc, Điều 5"),
        ];
        let with = |name: &str, value: &'static str| good.map(|(field, known)| if field == name { (field, value) } else { (field, known) });
        assert_eq!(web.post("chair", "/handovers/new", &good[1..]).await.status, 403, "no form token");
        let tuq = web.post("chair", "/handovers/new", &with("manner", "TUQ")).await;
        assert_eq!(tuq.status, 422);
        assert!(tuq.body.contains("Nghị định 30/2020/NĐ-CP, Điều 13 khoản 3") && tuq.body.contains("Hãy chọn Ký thay (KT.)"), "{}", tuq.body);
        let endless = web.post("chair", "/handovers/new", &with("until_day", "")).await;
        assert_eq!(endless.status, 422);
        assert!(endless.body.contains("Phải có ngày cuối") && endless.body.contains("aria-invalid=\"true\"") && endless.body.contains("value=\"Quy chế làm việc, Điều 5\""));
        let made = web.post("chair", "/handovers/new", &good).await;
        assert_eq!(made.status, 303, "{}", made.body);
        let (_, place) = made.head.split_once("location: ").unwrap();
        let place = place.lines().next().unwrap();
        let waiting = web.get("chair", place).await;
        assert!(waiting.body.contains("data-state=\"waiting\"") && waiting.body.contains("href=\"/papers/pap_instrument_3\""), "{}", waiting.body);
        assert!(web.get("economy", place).await.body.contains("data-state=\"waiting\""));
        assert_eq!(web.get("director", place).await.status, 404, "another agency sees nothing");
        let mandate = province.signed("pap_instrument_3", &province.chair).await.unwrap().unwrap();
        let page = web.get("chair", &format!("/mandates/{mandate}")).await;
        assert!(page.body.contains("data-state=\"in-force\"") && page.body.contains("id=\"end-mandate\""));
        assert!(!web.get("economy", &format!("/mandates/{mandate}")).await.body.contains("id=\"end-mandate\""));
        assert!(web.get("economy", "/").await.body.contains(&format!("/mandates/{mandate}")));
        let foreign = web.get("economy", "/decisions").await;
        assert_eq!(foreign.status, 200);
        province.ground.clock.advance(1000);
        let ended = web.post("chair", &format!("/mandates/{mandate}/end"), &[("_csrf", csrf.as_str()), ("reason", "đã về")]).await;
        assert_eq!(ended.status, 303, "{}", ended.body);
        assert!(web.get("chair", &format!("/mandates/{mandate}")).await.body.contains("data-state=\"ended\""));
    }

    async fn the_decision_point_answers_the_holder_of_the_token_about_himself_only(db: Db) {
        let province = Province::on(db).await;
        admit_all(&province);
        let web = province.serve().await;
        let me = &province.economy;
        let question = |field: &str, context: serde_json::Value| json!({
            "subject": {"type": "person", "id": me.person},
            "action": {"name": "sign"},
            "resource": {"type": "paper", "id": "pap_x", "properties": {"kind": "quyet_dinh", "field": field}},
            "context": context,
        });
        let nobody = web.ask(None, &question(ECONOMY, json!({}))).await;
        assert!(nobody.status == 401 && nobody.head.contains("www-authenticate: bearer"), "{}", nobody.head);
        assert_eq!(web.ask(Some("unknown"), &question(ECONOMY, json!({}))).await.status, 401);
        assert_eq!(web.ask(Some("weak"), &question(ECONOMY, json!({}))).await.status, 403);
        let yes = web.ask(Some("token"), &question(ECONOMY, json!({}))).await;
        assert_eq!(yes.status, 200, "{}", yes.body);
        let yes = yes.json();
        assert_eq!(yes["decision"], true);
        assert_eq!(yes["context"]["capacity"], "TM_KT");
        assert_eq!(yes["context"]["block_lines"], json!(["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]));
        let no = web.ask(Some("token"), &question(CULTURE, json!({"at": "2026-12-04T12:00:00+07:00"}))).await.json();
        assert_eq!(no["decision"], false);
        assert_eq!(no["context"]["code"], "outside_assignment");
        assert_eq!(no["context"]["who_could"][0]["name"], "Trần Đình Tường");
        assert!(no["context"]["reason"].as_str().unwrap().contains("không được phân công lĩnh vực"));
        let mut other = question(ECONOMY, json!({}));
        other["subject"]["id"] = json!(province.chair.person);
        let other = web.ask(Some("token"), &other).await;
        assert_eq!((other.status, other.json()["code"].as_str().unwrap()), (403, "foreign_subject"));
        let mut claimed = question(CULTURE, json!({"post": province.chair.post, "capacity": "TM"}));
        claimed["subject"]["properties"] = json!({"role": "chair", "post": province.chair.post});
        let claimed = web.ask(Some("token"), &claimed).await.json();
        assert_eq!(claimed["context"]["code"], "not_in_post", "what the caller says of himself counts for nothing");
    }
}
