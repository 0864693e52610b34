//! The authorization endpoint and sign-out, as applications and attackers use them.

use crate::testing::world::{REDIRECT, World, claims, new_client, parameter};
use platform::audit::Actor;

platform::both_engines! {
    async fn an_application_gets_a_code_with_its_state_and_our_name(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut browser = w.browser();
        let to_login = browser.get(&w.authorize(&[("login_hint", "thinhnd"), ("ui_locales", "fr en")])).await;
        assert!(to_login.location().starts_with("/login?next=%2Fauthorize%3F"), "{}", to_login.location());
        let page = browser.get(&to_login.location()).await;
        assert!(page.body.contains("<b>E-office</b>") && page.body.contains("value=\"thinhnd\"") && page.body.contains("lang=\"en\""), "{}", page.body);
        let form = page.form("login-passkey");
        let credential = authenticator.sign_in(&w.origin, &form.options);
        let back = browser.submit(&form.with("credential", &credential)).await;
        let answer = browser.get(&back.location()).await;
        assert_eq!(answer.status.as_u16(), 303);
        let to = answer.location();
        assert!(to.starts_with(&format!("{REDIRECT}?code=")), "{to}");
        assert_eq!(parameter(&to, "state").as_deref(), Some("st&te"));
        assert_eq!(parameter(&to, "iss").as_deref(), Some("http://localhost:8080"));
    }
    async fn no_variation_of_the_redirect_address_is_answered(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut browser = w.sign_in(&mut authenticator).await;
        for address in [
            "http://127.0.0.1:8090/callback/", "http://127.0.0.1:8090/callback?x=1", "http://127.0.0.1:8090/callback#f", "http://127.0.0.1:8091/callback", "http://localhost:8090/callback",
            "http://127.0.0.1:8090/../callback", "http://127.0.0.1:8090/%63allback", "http://a@127.0.0.1:8090/callback", "https://evil.example/callback", "http://127.0.0.1:8090.evil.example/callback", "",
        ] {
            let answer = browser.get(&w.authorize(&[("redirect_uri", address)])).await;
            assert_eq!(answer.status.as_u16(), 400, "{address}");
            assert!(!answer.headers.contains_key("location") && !answer.body.contains("href=\"http"), "{address}");
        }
        let unknown = browser.get(&w.authorize(&[("client_id", "nobody<script>")])).await;
        assert!(unknown.status.as_u16() == 400 && !unknown.body.contains("nobody<script>"));
        let twice = browser.get(&format!("{}&redirect_uri=https%3A%2F%2Fevil.example", w.authorize(&[]))).await;
        assert_eq!(twice.status.as_u16(), 400);
    }
    async fn a_request_against_the_rules_is_told_to_the_application(db: Db) {
        let w = World::new(db).await;
        let mut browser = w.browser();
        for (change, error) in [
            (("code_challenge", ""), "invalid_request"), (("code_challenge_method", "plain"), "invalid_request"), (("response_type", "token"), "unsupported_response_type"),
            (("scope", "profile"), "invalid_scope"), (("request", "eyJ"), "request_not_supported"), (("request_uri", "https://evil.example"), "request_uri_not_supported"), (("prompt", "none"), "login_required"),
        ] {
            let to = browser.get(&w.authorize(&[change])).await.location();
            assert!(to.starts_with(REDIRECT), "{to}");
            assert_eq!(parameter(&to, "error").as_deref(), Some(error), "{to}");
            assert_eq!((parameter(&to, "state").as_deref(), parameter(&to, "iss").as_deref()), (Some("st&te"), Some("http://localhost:8080")));
        }
    }
    async fn prompt_and_age_of_the_sign_in_are_honoured_without_turning_in_circles(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut browser = w.sign_in(&mut authenticator).await;
        let silent = browser.get(&w.authorize(&[("prompt", "none")])).await.location();
        assert!(parameter(&silent, "code").is_some());
        w.clock.advance(60_000);
        for change in [("prompt", "login"), ("prompt", "select_account"), ("max_age", "59"), ("max_age", "0")] {
            let to_login = browser.get(&w.authorize(&[change])).await.location();
            assert!(to_login.contains("&again=1"), "{change:?}: {to_login}");
            let form = browser.get(&to_login).await.form("login-passkey");
            let credential = authenticator.sign_in(&w.origin, &form.options);
            let back = browser.submit(&form.with("credential", &credential)).await.location();
            let answer = browser.get(&back).await.location();
            let code = parameter(&answer, "code").unwrap_or_else(|| panic!("{change:?}: {answer}"));
            let id = w.exchange(&code).await.json()["id_token"].as_str().map(claims).unwrap();
            assert_eq!(id["auth_time"], w.clock.now() / 1000);
            w.clock.advance(60_000);
        }
        assert!(parameter(&browser.get(&w.authorize(&[("max_age", "61")])).await.location(), "code").is_some());
    }
    async fn a_person_with_two_posts_chooses_once_for_each_application(db: Db) {
        let w = World::new(db).await;
        crate::flows::register_client::run(&w.idp, new_client("mot-cua"), Actor::System("test")).await.unwrap();
        let mut authenticator = w.activate_by_passkey("psn_linh", "linhlm").await;
        let mut browser = w.sign_in(&mut authenticator).await;
        let silent = browser.get(&w.authorize(&[("prompt", "none")])).await.location();
        assert_eq!(parameter(&silent, "error").as_deref(), Some("interaction_required"));
        let page = browser.follow(&w.authorize(&[])).await;
        assert!(page.body.contains("Văn phòng điện tử") && page.body.contains("Chủ tịch") && page.body.contains("Trưởng Ban"), "{}", page.body);
        let form = page.form("choose-post");
        let stranger = browser.submit(&form.clone().with("post", "pst_pct")).await;
        assert_eq!(stranger.status.as_u16(), 422, "a post of somebody else");
        let back = browser.submit(&form.with("post", "pst_tb")).await.location();
        let code = parameter(&browser.get(&back).await.location(), "code").unwrap();
        let tokens = w.exchange(&code).await.json();
        let id = claims(tokens["id_token"].as_str().unwrap());
        assert_eq!((id["post"].as_str(), id["post_title"].as_str(), id["agency_name"].as_str()), (Some("pst_tb"), Some("Trưởng Ban"), Some("UBND tỉnh Bình Định")));
        assert!(parameter(&browser.get(&w.authorize(&[("prompt", "none")])).await.location(), "code").is_some());
        let other = browser.get(&w.authorize(&[("client_id", "mot-cua"), ("prompt", "none")])).await.location();
        assert_eq!(parameter(&other, "error").as_deref(), Some("interaction_required"));
        assert!(browser.get("/account").await.body.contains("Trưởng Ban"), "our own pages follow the first choice");
        let again = browser.follow(&w.authorize(&[("prompt", "consent")])).await;
        assert!(again.has_form("choose-post"));
    }
    async fn who_signs_in_for_our_own_pages_with_two_posts_chooses_one_too(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_linh", "linhlm").await;
        let mut browser = w.browser();
        let form = browser.get("/login?next=%2Faccount").await.form("login-passkey");
        let credential = authenticator.sign_in(&w.origin, &form.options);
        let to = browser.submit(&form.with("credential", &credential)).await.location();
        assert_eq!(to, "/choose-post?next=%2Faccount");
        let form = browser.get(&to).await.form("choose-post").with("post", "pst_ct");
        assert_eq!(browser.submit(&form).await.location(), "/account");
        let caller = w.idp.ground().callers.from_session(&browser.cookies["antin"], w.clock.now()).await.unwrap().unwrap();
        assert_eq!((caller.post.as_deref(), caller.appointment.as_deref(), caller.post_title.as_deref()), (Some("pst_ct"), Some("apt_ct"), Some("Chủ tịch")));
    }
    async fn signing_out_asks_first_and_returns_only_to_a_registered_address(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut browser = w.sign_in(&mut authenticator).await;
        let code = w.code(&mut browser, &[]).await;
        let tokens = w.exchange(&code).await.json();
        let (hint, access) = (tokens["id_token"].as_str().unwrap(), tokens["access_token"].as_str().unwrap());
        let request = |to: &str| format!("/logout?id_token_hint={hint}&state=s%261&post_logout_redirect_uri={to}");
        let good = request("http%3A%2F%2F127.0.0.1%3A8090%2Fbye");
        let page = browser.get(&good).await;
        assert!(page.has_form("confirm-logout") && page.body.contains("Văn phòng điện tử"));
        assert_eq!(browser.get("/account").await.status.as_u16(), 200, "a link alone ends nothing");
        let bad = browser.get(&request("https%3A%2F%2Fevil.example")).await;
        let form = bad.form("confirm-logout");
        let mut foreign = browser.clone();
        foreign.origin = Some("https://evil.example".into());
        assert!(foreign.submit(&form).await.location().starts_with("/logout?"));
        assert_eq!(browser.get("/account").await.status.as_u16(), 200, "another site's form ends nothing");
        let form = page.form("confirm-logout");
        let done = browser.submit(&form).await;
        assert_eq!(done.location(), "http://127.0.0.1:8090/bye?state=s%261");
        assert!(!browser.cookies.contains_key("antin"));
        assert_eq!(w.userinfo(access).await.status.as_u16(), 401);
        assert_eq!(browser.get(&good).await.location(), "http://127.0.0.1:8090/bye?state=s%261");
        let nowhere = browser.get(&request("https%3A%2F%2Fevil.example")).await;
        assert!(nowhere.status.as_u16() == 200 && !nowhere.body.contains("href=\"https://evil"));
    }
    async fn an_application_may_ask_for_sign_out_by_post_and_the_person_is_still_asked(db: Db) {
        let w = World::new(db).await;
        let mut browser = w.browser();
        browser.origin = Some("http://127.0.0.1:8090".into());
        let answer = browser.post("/logout", "client_id=e-office&post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%3A8090%2Fbye", &[]).await;
        assert_eq!(answer.location(), "/logout?client_id=e-office&post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%3A8090%2Fbye");
    }
    async fn a_person_without_a_post_gets_in_but_no_papers(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_khach", "khachv").await;
        let mut browser = w.sign_in(&mut authenticator).await;
        let papers = browser.get(&w.authorize(&[])).await.location();
        assert_eq!(parameter(&papers, "error").as_deref(), Some("access_denied"));
        let code = w.code(&mut browser, &[("scope", "openid profile")]).await;
        let id = claims(w.exchange(&code).await.json()["id_token"].as_str().unwrap());
        assert_eq!((id["name"].as_str(), id.get("post")), (Some("Võ Khách"), None));
    }
}
