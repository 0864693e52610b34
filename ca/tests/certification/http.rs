//! The papers interface and the pages over HTTP, in process.

use super::papers::{consent, pdf};
use super::world::{CLERK, OFFICER, OTHER_VICE, REGISTRAR, VICE, World};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

async fn send(world: &World, request: Request<Body>) -> (StatusCode, String) {
    let answer = ca::router(world.ca.clone()).oneshot(request).await.unwrap();
    let status = answer.status();
    let body = axum::body::to_bytes(answer.into_body(), 8 << 20)
        .await
        .unwrap();
    (status, String::from_utf8_lossy(&body).into_owned())
}

async fn call(world: &World, staff: &str, path: &str, body: Option<Value>) -> (StatusCode, Value) {
    let request = match body {
        Some(body) => Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer token-{staff}"))
            .body(Body::from(body.to_string())),
        None => Request::get(path)
            .header(header::AUTHORIZATION, format!("Bearer token-{staff}"))
            .body(Body::empty()),
    };
    let (status, body) = send(world, request.unwrap()).await;
    (status, serde_json::from_str(&body).unwrap_or(Value::Null))
}

async fn page(world: &World, staff: &str, path: &str) -> (StatusCode, String) {
    let request = Request::get(path)
        .header(header::COOKIE, format!("antin=token-{staff}"))
        .body(Body::empty());
    send(world, request.unwrap()).await
}

async fn admit(world: &World) {
    for staff in [OFFICER, VICE, OTHER_VICE, CLERK, REGISTRAR] {
        world
            .callers
            .admit(&format!("token-{staff}"), world.caller(staff).await);
    }
}

platform::both_engines! {
    async fn the_papers_interface_answers_in_the_agreed_shapes(db: Db) {
        let world = World::new(db).await;
        admit(&world).await;
        let body = json!({
            "title": "Phân bổ kinh phí", "kind": "quyet_dinh", "field": "Kinh tế tổng hợp", "agency": world.province,
            "document": base64::engine::general_purpose::STANDARD.encode(pdf("Phân bổ kinh phí")),
        });
        let (status, made) = call(&world, OFFICER, "/api/papers", Some(body)).await;
        assert_eq!((status, made["state"].as_str()), (StatusCode::CREATED, Some("draft")), "{made}");
        let path = format!("/api/papers/{}", made["id"].as_str().unwrap());
        let (status, _) = send(&world, Request::get(&path).body(Body::empty()).unwrap()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);

        let back = json!({"return_url": "/papers"});
        let (status, refused) = call(&world, OTHER_VICE, &format!("{path}/signature-requests"), Some(back.clone())).await;
        assert_eq!((status, refused["code"].as_str()), (StatusCode::FORBIDDEN, Some("outside_assignment")), "{refused}");
        assert!(refused["clause"].as_str().is_some() && !refused["who_could"].as_array().unwrap().is_empty(), "{refused}");
        assert!(refused["who_could"][0]["name"].as_str().is_some_and(|name| !name.is_empty()));
        let (status, unsigned) = call(&world, CLERK, &format!("{path}/seal-requests"), Some(back.clone())).await;
        assert_eq!((status, unsigned["code"].as_str()), (StatusCode::CONFLICT, Some("unsigned")));
        let (status, unsigned) = call(&world, CLERK, &format!("{path}/number"), Some(json!({}))).await;
        assert_eq!((status, unsigned["code"].as_str()), (StatusCode::CONFLICT, Some("unsigned")));

        let (status, allowed) = call(&world, VICE, &format!("{path}/signature-requests"), Some(back.clone())).await;
        assert_eq!(status, StatusCode::OK, "{allowed}");
        assert_eq!(allowed["decision"]["block_lines"], json!(["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]));
        let url = allowed["consent_url"].as_str().unwrap().to_owned();
        let (_, request) = url.rsplit_once('/').unwrap();
        let (status, html) = page(&world, VICE, &format!("/consent/{request}")).await;
        assert_eq!(status, StatusCode::OK, "{html}");
        for expected in ["id=\"consent\"", "data-webauthn=\"get\"", "KT. CHỦ TỊCH", "name=\"statement\""] {
            assert!(html.contains(expected), "{expected} not in {html}");
        }
        assert_eq!(page(&world, OTHER_VICE, &format!("/consent/{request}")).await.0, StatusCode::NOT_FOUND);
        consent(&world, VICE, request).await.unwrap();
        let (_, paper) = call(&world, VICE, &path, None).await;
        assert_eq!(paper["state"], "signed");
        let (status, numbered) = call(&world, CLERK, &format!("{path}/number"), Some(json!({}))).await;
        assert_eq!((status, numbered["notation"].as_str()), (StatusCode::OK, Some("01/QĐ-UBND")), "{numbered}");

        let document = Request::get(format!("{path}/document")).header(header::AUTHORIZATION, format!("Bearer token-{VICE}")).body(Body::empty()).unwrap();
        let answer = ca::router(world.ca.clone()).oneshot(document).await.unwrap();
        let pdf = axum::body::to_bytes(answer.into_body(), 8 << 20).await.unwrap();
        let (status, verified) = send(&world, Request::post("/api/verify").header(header::CONTENT_TYPE, "application/pdf").body(Body::from(pdf)).unwrap()).await;
        let verified: Value = serde_json::from_str(&verified).unwrap();
        assert_eq!(status, StatusCode::OK);
        assert_eq!([&verified["whole"], &verified["trusted"], &verified["allowed"]], [true, true, true], "{verified:#}");
        let said = verified["signatures"][0]["allowed"]["reasons"][0].as_str().unwrap();
        assert!(said.contains("Ngô Đức Thịnh") && said.contains("KT. CHỦ TỊCH"), "{said}");
    }

    async fn broken_json_is_answered_in_words_and_changes_nothing(db: Db) {
        let world = World::new(db).await;
        admit(&world).await;
        let officer = world.caller(OFFICER).await.person;
        let done = async || {
            let mut conn = world.ca.ground.db.read().await.unwrap();
            platform::audit::by(&mut conn, &officer, 100).await.unwrap().len()
        };
        let before = done().await;
        let good = json!({
            "title": "Phân bổ", "kind": "quyet_dinh", "agency": world.province,
            "document": base64::engine::general_purpose::STANDARD.encode(pdf("Phân bổ")),
        });
        let with = |key: &str, value: Value| {
            let mut body = good.clone();
            body[key] = value;
            body.to_string()
        };
        let without = |key: &str| {
            let mut body = good.clone();
            body.as_object_mut().unwrap().remove(key);
            body.to_string()
        };
        let deep = format!("{{\"title\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        let cases = [
            ("", "invalid_request"),
            ("{", "invalid_request"),
            ("[]", "invalid_request"),
            ("null", "invalid_request"),
            ("\u{feff}{}", "invalid_request"),
            ("{\"title\": \"\\ud800\"}", "invalid_request"),
            (&deep, "invalid_request"),
            (&format!("{good} {{}}"), "invalid_request"),
            (&good.to_string().replacen("\"kind\"", "\"title\": \"b\", \"kind\"", 1), "invalid_request"),
            (&without("title"), "invalid_request"),
            (&without("document"), "invalid_request"),
            (&with("title", json!(1)), "invalid_request"),
            (&with("title", json!("a".repeat(501))), "invalid_request"),
            (&with("kind", json!("quyet_dinh' OR 1=1")), "invalid_request"),
            (&with("agency", json!("agy_khong_co")), "invalid_request"),
            (&with("document", json!("không phải base64")), "invalid_request"),
            (&with("document", json!("aGVsbG8=")), "unreadable"),
        ];
        for (body, code) in cases {
            let shown: String = body.chars().take(80).collect();
            let request = Request::post("/api/papers")
                .header(header::CONTENT_TYPE, "application/json")
                .header(header::AUTHORIZATION, format!("Bearer token-{OFFICER}"))
                .body(Body::from(body.to_owned()));
            let (status, answer) = send(&world, request.unwrap()).await;
            let answer: Value = serde_json::from_str(&answer).unwrap_or_default();
            assert!(status.is_client_error(), "{shown}: {status} {answer}");
            assert_eq!(answer["code"], code, "{shown}: {answer}");
            assert!(answer["detail"].as_str().is_some_and(|words| !words.is_empty()), "{shown}: {answer}");
        }
        let unnamed = Request::post("/api/papers").header(header::AUTHORIZATION, format!("Bearer token-{OFFICER}")).body(Body::from(good.to_string()));
        assert!(send(&world, unnamed.unwrap()).await.0.is_client_error(), "a body of no stated type");
        assert_eq!(done().await, before, "a refused request left a trace in the register of acts");
    }

    async fn pages_are_shown_in_both_languages_and_only_to_whom_they_belong(db: Db) {
        let world = World::new(db).await;
        admit(&world).await;
        let paper = crate::papers::submit(&world, "Kinh tế tổng hợp").await;
        crate::papers::sign(&world, &paper).await;
        for (staff, path, expected) in [
            (VICE, "/papers".to_owned(), "Phân bổ kinh phí"),
            (VICE, format!("/papers/{paper}"), "TM. ỦY BAN NHÂN DÂN / KT. CHỦ TỊCH / PHÓ CHỦ TỊCH"),
            (CLERK, format!("/papers/{paper}?lang=en"), "Enter number and date"),
            (REGISTRAR, "/certificates".to_owned(), "<svg"),
            (REGISTRAR, "/admin/bindings".to_owned(), "id=\"collect\""),
            (OFFICER, "/verify?lang=en".to_owned(), "Verify a paper"),
        ] {
            let (status, html) = page(&world, staff, &path).await;
            assert_eq!(status, StatusCode::OK, "{path}: {html}");
            assert!(html.contains(expected), "{path}: {expected} not in {html}");
            assert!(!html.contains("Unknown localization"), "{path}: a text is missing: {html}");
        }
        assert_eq!(page(&world, OFFICER, "/admin/bindings").await.0, StatusCode::FORBIDDEN);
        assert_eq!(page(&world, "nobody", "/papers").await.0, StatusCode::SEE_OTHER);
    }
}
