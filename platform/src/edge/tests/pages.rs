//! What every page and every answer carries.
use std::collections::BTreeSet;

use super::serve;
use crate::edge::{assets, cookies};
use crate::testing::caller;

#[tokio::test]
async fn every_answer_carries_the_security_headers_also_when_it_is_an_error() {
    let (mut browser, _, ground) = serve(|_| {}).await;
    ground.publish_form_targets(vec![
        "http://127.0.0.1:8090".into(),
        "evil; script-src *".into(),
    ]);
    for path in [
        "/form",
        "/nowhere",
        "/panic",
        "/api",
        "/assets/antin.css",
        "/log/checkpoint",
        "/me",
    ] {
        let answer = browser.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'self'"), "{path}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(
            policy.ends_with("form-action 'self' http://127.0.0.1:8090"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert!(answer.header("x-request-id").starts_with("req_"), "{path}");
        let cached = path.starts_with("/assets/");
        assert_eq!(
            answer.header("cache-control") == "no-store",
            !cached,
            "{path}"
        );
        assert!(answer.header("strict-transport-security").is_empty());
    }
}

#[tokio::test]
async fn errors_are_pages_for_browsers_and_problems_for_others_and_a_panic_harms_nobody() {
    let (mut browser, _, _) = serve(|_| {}).await;
    for (path, status, words) in [
        ("/nowhere", 404, "Không có trang này"),
        ("/panic", 500, "Có lỗi trong hệ thống"),
        ("/log/checkpoint", 404, "Không có trang này"),
    ] {
        browser.accept = "text/html";
        let page = browser.get(path).await;
        assert_eq!(
            (page.status, page.header("content-type")),
            (status, "text/html; charset=utf-8")
        );
        assert!(
            page.body.contains(words) && page.body.contains("<h1>"),
            "{}",
            page.body
        );
        assert!(!page.body.contains("planted"));
        browser.accept = "application/json";
        let problem = browser.get(path).await;
        assert_eq!(
            (problem.status, problem.header("content-type")),
            (status, "application/problem+json")
        );
    }
    let answer = browser.get("/problem").await;
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(
        body,
        serde_json::json!({"type": "urn:antin:problem:unsigned", "title": "Chưa ký", "status": 409, "code": "unsigned",
            "detail": "Người có thẩm quyền chưa ký.", "clause": "Điều 25"})
    );
    let large = browser
        .send("POST", "/large", &[], &"x".repeat(3 << 20))
        .await;
    assert_eq!(large.status, 413);
    let method = browser.send("DELETE", "/form", &[], "").await;
    assert_eq!(
        (method.status, method.header("allow")),
        (405, "GET,HEAD,POST")
    );
}

#[tokio::test]
async fn the_head_shows_the_post_and_only_links_that_lead_somewhere() {
    let (mut browser, callers, _) = serve(|_| {}).await;
    let page = browser.get("/form").await;
    assert!(
        page.body.contains("&#60;Biểu mẫu&#62; · Ấn Tín</title>"),
        "{}",
        page.body
    );
    assert!(page.body.contains("&#60;b&#62;&#38;"), "text is escaped");
    assert!(!page.body.contains("Làm việc với tư cách"));
    assert!(!page.body.contains("href=\"/decisions\"") && page.body.contains("href=\"/verify\""));
    assert!(
        !page.body.contains("<script")
            && !page.body.contains("style=")
            && !page.body.contains(" on"),
        "{}",
        page.body
    );
    callers.admit("c", caller("psn_a", Some("pst_a")));
    browser.cookies.insert("antin".into(), "c".into());
    let page = browser.get("/form").await;
    assert!(
        page.body
            .contains("<small>Làm việc với tư cách</small>Phó Chủ tịch UBND tỉnh")
    );
    assert!(page.body.contains("href=\"/choose-post?next=%2Fform\""));
    assert!(
        page.body
            .contains("<small>Cơ quan</small>UBND tỉnh Bình Định")
    );
    assert!(
        page.body.contains("Ngô Đức Thịnh")
            && page
                .body
                .contains("id=\"logout\" method=\"post\" action=\"/logout\"")
    );
    assert!(page.body.contains("href=\"/decisions\""));
    assert!(
        page.body.contains("<a class=\"skip\" href=\"#chinh\">")
            && page.body.contains("<main id=\"chinh\">")
    );
    assert!(page.body.len() < 30_000);
}

#[tokio::test]
async fn the_language_follows_the_link_then_the_cookie_then_the_browser() {
    let (mut browser, _, _) = serve(|_| {}).await;
    browser.language = "fr, en;q=0.8, vi;q=0.5";
    let page = browser.get("/form?a=1&lang=zz").await;
    assert!(page.body.contains("<html lang=\"en\">") && page.body.contains("Skip to main content"));
    assert!(
        page.body.contains("href=\"?a=1&#38;lang=vi\""),
        "{}",
        page.body
    );
    let page = browser.get("/form?lang=vi").await;
    assert!(page.body.contains("<html lang=\"vi\">"));
    assert_eq!(browser.cookies.get("lang").map(String::as_str), Some("vi"));
    let page = browser.get("/form").await;
    assert!(page.body.contains("<html lang=\"vi\">"));
    assert_eq!(page.header("content-language"), "vi");
}

#[tokio::test]
async fn a_demo_says_so_on_every_page_also_on_errors() {
    let (mut browser, _, _) = serve(|ground| ground.demo = true).await;
    for path in ["/form", "/nowhere", "/panic", "/form?lang=en"] {
        let page = browser.get(path).await;
        assert!(
            page.body.contains("DEMO – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ"),
            "{path}"
        );
        assert!(page.body.contains("30/11/2024"), "{path}");
        assert!(page.body.contains("<title>DEMO – "), "{path}");
    }
    let (mut browser, _, _) = serve(|_| {}).await;
    assert!(!browser.get("/form").await.body.contains("DEMO"));
}

#[tokio::test]
async fn over_tls_cookies_are_host_bound_and_secure() {
    let (mut browser, _, ground) = serve(|ground| {
        ground.public_url = "https://antin.binhdinh.example".parse().unwrap();
    })
    .await;
    let page = browser.get("/form").await;
    let cookie = page.header("set-cookie");
    assert!(cookie.starts_with("__Host-antin-form="), "{cookie}");
    for part in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"));
    assert!(
        page.header("strict-transport-security")
            .contains("max-age=63072000")
    );
    assert_eq!(cookies::session_name(&ground), "__Host-antin");
    assert_eq!(cookies::set(&ground, "a", "b\r\nx", None), None);
    assert_eq!(cookies::set(&ground, "a", "b;c", None), None);
}

#[tokio::test]
async fn assets_come_with_a_tag_and_are_not_sent_twice() {
    let (mut browser, _, _) = serve(|_| {}).await;
    for (path, kind, text) in [
        (
            "/assets/antin.css",
            "text/css; charset=utf-8",
            assets::STYLESHEET,
        ),
        (
            "/assets/passkey.js",
            "text/javascript; charset=utf-8",
            assets::SCRIPT,
        ),
    ] {
        let first = browser.get(path).await;
        assert_eq!(
            (
                first.status,
                first.header("content-type"),
                first.body.as_str()
            ),
            (200, kind, text)
        );
        let tag = first.header("etag").to_owned();
        let again = browser
            .send("GET", path, &[("if-none-match", &tag)], "")
            .await;
        assert_eq!((again.status, again.body.as_str()), (304, ""));
    }
}

#[test]
fn both_languages_have_the_same_keys() {
    let keys = |text: &str| -> BTreeSet<String> {
        text.lines()
            .filter(|line| !line.starts_with([' ', '#']))
            .filter_map(|line| line.split_once(" = ").map(|(key, _)| key.to_owned()))
            .collect()
    };
    let vi = keys(include_str!("../../../locales/vi/main.ftl"));
    assert!(vi.len() > 30);
    assert_eq!(vi, keys(include_str!("../../../locales/en/main.ftl")));
}
