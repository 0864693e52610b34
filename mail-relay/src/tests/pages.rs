//! The pages, asked in process: status, form token, who may see the queue.

use super::world::{CHAIR, Client, DEPUTY, NOW, World, mail};
use axum::body::Body;
use http::{Request, StatusCode};
use platform::audit::Actor;
use register::domain::administration::PROVINCE;
use register::flows::record_role::{self, RecordRole};
use tower::ServiceExt as _;

async fn ask(world: &World, request: Request<Body>) -> (StatusCode, String, Option<String>) {
    let response = crate::router(world.relay.clone())
        .oneshot(request)
        .await
        .unwrap();
    let cookie = response
        .headers()
        .get("set-cookie")
        .map(|c| c.to_str().unwrap().split(';').next().unwrap().to_owned());
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), 1 << 22)
        .await
        .unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap(), cookie)
}

fn upload(token: &str, cookie: &str, origin: &str, file: &[u8]) -> Request<Body> {
    let mut body = format!("--bb\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\n{token}\r\n--bb\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.eml\"\r\nContent-Type: message/rfc822\r\n\r\n").into_bytes();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--bb--\r\n");
    Request::post("/mail/verify")
        .header("content-type", "multipart/form-data; boundary=bb")
        .header("cookie", cookie)
        .header("origin", origin)
        .body(Body::from(body))
        .unwrap()
}

platform::both_engines! {
    async fn anybody_checks_a_saved_mail_with_a_form_of_ours(db: Db) {
        let world = World::new(db).await;
        let mut client = world.signed_in(CHAIR).await;
        client.envelope(CHAIR, &[DEPUTY]).await;
        Client::expect(&client.data(&mail(CHAIR, DEPUTY)).await, "250");
        world.run_queue().await;
        let sent = world.new_mail(DEPUTY)[0].clone();
        let (status, page, cookie) = ask(&world, Request::get("/mail/verify").body(Body::empty()).unwrap()).await;
        assert_eq!(status, StatusCode::OK);
        let token = page.split("name=\"_csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
        let (cookie, ours) = (cookie.unwrap(), "http://localhost:8080");
        let (status, page, _) = ask(&world, upload(&token, &cookie, ours, &sent)).await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains("data-signed=\"true\" data-whole=\"true\" data-trusted=\"true\" data-address=\"true\""), "{page}");
        let changed = String::from_utf8(sent.clone()).unwrap().replace("K=C3=ADnh", "K=C3=ACnh");
        let (_, page, _) = ask(&world, upload(&token, &cookie, ours, changed.as_bytes())).await;
        assert!(page.contains("data-whole=\"false\""), "{page}");
        let (_, page, _) = ask(&world, upload(&token, &cookie, ours, b"From: a@b.test\r\n\r\nhi\r\n")).await;
        assert!(page.contains("data-signed=\"false\""), "{page}");
        for (request, expected) in [
            (upload("", &cookie, ours, &sent), StatusCode::FORBIDDEN),
            (upload(&token, "x=y", ours, &sent), StatusCode::FORBIDDEN),
            (upload(&token, &cookie, "http://evil.test", &sent), StatusCode::FORBIDDEN),
            (upload(&token, &cookie, ours, b""), StatusCode::BAD_REQUEST),
            (Request::post("/mail/verify").body(Body::from("x")).unwrap(), StatusCode::BAD_REQUEST),
        ] {
            let (status, page, _) = ask(&world, request).await;
            assert_eq!(status, expected);
            assert!(!page.contains("data-signed"), "no verdict with a refusal");
        }
    }

    async fn only_administrators_of_the_province_see_the_queue(db: Db) {
        let world = World::new(db.clone()).await;
        let mut client = world.signed_in(CHAIR).await;
        client.envelope(CHAIR, &[DEPUTY]).await;
        Client::expect(&client.data(&mail(CHAIR, DEPUTY)).await, "250");
        let page = |cookie: &str| Request::get("/admin/mail?lang=vi").header("cookie", cookie.to_owned()).body(Body::empty()).unwrap();
        let (status, _, _) = ask(&world, page("a=b")).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        let person = world.person("linhlm").await;
        let held = register::facts::posts_of(&mut db.read().await.unwrap(), &person, NOW).await.unwrap();
        world.callers.admit("secret-of-chair", platform::testing::caller(&person, Some(&held[0].post)));
        let (status, text, _) = ask(&world, page("antin=secret-of-chair")).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert!(!text.contains(DEPUTY));
        let role = RecordRole { person, role: PROVINCE.into(), agency: None, basis: "QĐ 1".into(), from: NOW - 1, to: None };
        record_role::run(&db, &world.relay.ground().entropy, NOW, &Actor::System("test"), &role).await.unwrap();
        let (status, text, _) = ask(&world, page("antin=secret-of-chair")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(text.contains(DEPUTY) && text.contains("<svg"), "{text}");
    }
}
