//! Forms: only from our own pages, only from the person who was shown them.
use super::serve;
use crate::testing::caller;

const OWN: (&str, &str) = ("origin", "http://localhost:8080");

#[tokio::test]
async fn a_form_of_somebody_not_signed_in_needs_the_token_and_the_cookie_it_is_bound_to() {
    let (mut browser, _, _) = serve(|_| {}).await;
    let page = browser.get("/form").await;
    assert_eq!(page.status, 200);
    let token = page.field("_csrf");
    let taken = browser
        .post("/form", &[("_csrf", &token), ("word", "xin chào")], &[OWN])
        .await;
    assert_eq!((taken.status, taken.body.as_str()), (200, "took xin chào"));
    assert_eq!(
        browser.get("/form").await.field("_csrf"),
        token,
        "the cookie is kept"
    );
    for wrong in [
        &[("word", "x")][..],
        &[("_csrf", ""), ("word", "x")],
        &[("_csrf", "AAAA"), ("word", "x")],
    ] {
        let refused = browser.post("/form", wrong, &[OWN]).await;
        assert_eq!(refused.status, 403);
        assert!(refused.body.contains("Trang đã mở quá lâu"));
        assert!(!refused.body.contains("took"));
    }
    browser.cookies.clear();
    let refused = browser
        .post("/form", &[("_csrf", &token), ("word", "x")], &[OWN])
        .await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn a_form_from_another_site_is_refused_even_with_the_right_token() {
    let (mut browser, _, _) = serve(|_| {}).await;
    let token = browser.get("/form").await.field("_csrf");
    let form = [("_csrf", token.as_str()), ("word", "x")];
    for origin in [
        "http://localhost:8081",
        "https://localhost:8080",
        "null",
        "http://localhost:8080.evil.vn",
    ] {
        let refused = browser.post("/form", &form, &[("origin", origin)]).await;
        assert_eq!(refused.status, 403, "{origin}");
        assert!(refused.body.contains("Biểu mẫu đến từ trang khác"));
    }
    for (site, status) in [
        ("cross-site", 403),
        ("same-site", 403),
        ("same-origin", 200),
    ] {
        let answer = browser
            .post("/form", &form, &[("sec-fetch-site", site)])
            .await;
        assert_eq!(answer.status, status, "{site}");
    }
}

#[tokio::test]
async fn signing_in_changes_the_token_and_another_persons_token_is_refused() {
    let (mut browser, callers, _) = serve(|_| {}).await;
    callers.admit("cookie-of-a", caller("psn_a", Some("pst_a")));
    callers.admit("cookie-of-b", caller("psn_b", None));
    let anonymous = browser.get("/form").await.field("_csrf");
    browser.cookies.insert("antin".into(), "cookie-of-b".into());
    let of_b = browser.get("/form").await.field("_csrf");
    browser.cookies.insert("antin".into(), "cookie-of-a".into());
    let of_a = browser.get("/form").await.field("_csrf");
    for (token, status) in [(&anonymous, 403), (&of_b, 403), (&of_a, 200)] {
        let answer = browser
            .post("/form", &[("_csrf", token), ("word", "x")], &[OWN])
            .await;
        assert_eq!(answer.status, status);
    }
    callers.dismiss("cookie-of-a");
    let ended = browser
        .post("/form", &[("_csrf", &of_a), ("word", "x")], &[OWN])
        .await;
    assert_eq!(
        ended.status, 403,
        "the end of a session ends its forms at once"
    );
}

#[tokio::test]
async fn a_form_without_its_fields_is_answered_with_a_page() {
    let (mut browser, _, _) = serve(|_| {}).await;
    let token = browser.get("/form").await.field("_csrf");
    let answer = browser.post("/form", &[("_csrf", &token)], &[OWN]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("Yêu cầu không đọc được"));
}

#[tokio::test]
async fn callers_of_pages_and_apis_are_refused_in_their_own_ways() {
    let (mut browser, callers, _) = serve(|_| {}).await;
    let away = browser.get("/me?x=1&y=2").await;
    assert_eq!(
        (away.status, away.header("location")),
        (303, "/login?next=%2Fme%3Fx%3D1%26y%3D2")
    );
    let away = browser.post("/me", &[], &[OWN]).await;
    assert_eq!(
        (away.status, away.header("location")),
        (303, "/login?next=%2F")
    );
    assert_eq!(browser.get("/maybe").await.body, "nobody");
    let none = browser.get("/api").await;
    assert_eq!(
        (none.status, none.header("www-authenticate")),
        (401, "Bearer realm=\"antin\"")
    );
    let wrong = browser
        .send("GET", "/api", &[("authorization", "Bearer nonsense")], "")
        .await;
    assert_eq!(wrong.status, 401);
    assert!(
        wrong
            .header("www-authenticate")
            .contains("error=\"invalid_token\"")
    );
    let mut holder = caller("psn_a", None);
    callers.admit("token-1", holder.clone());
    let narrow = browser
        .send("GET", "/api", &[("authorization", "bearer token-1")], "")
        .await;
    assert_eq!(narrow.status, 403);
    assert!(
        narrow
            .header("www-authenticate")
            .contains("insufficient_scope")
    );
    assert_eq!(narrow.header("content-type"), "application/problem+json");
    holder.scopes = vec!["papers".into()];
    callers.admit("token-2", holder);
    let good = browser
        .send("GET", "/api", &[("authorization", "Bearer token-2")], "")
        .await;
    assert_eq!((good.status, good.body.as_str()), (200, "psn_a"));
    // A session cookie is no API credential, and a token no session.
    callers.admit("cookie", caller("psn_c", None));
    browser.cookies.insert("antin".into(), "cookie".into());
    assert_eq!(browser.get("/me").await.body, "psn_c");
    assert_eq!(browser.get("/api").await.status, 401);
    callers.dismiss("cookie");
    assert_eq!(browser.get("/me").await.status, 303);
}
