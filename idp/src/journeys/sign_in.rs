//! Signing in by passkey and by password, and what attackers try there.

use crate::flows::disable_account;
use crate::testing::authenticator::Authenticator;
use crate::testing::world::{PASSWORD, World};
use http::header::SET_COOKIE;
use platform::audit::Actor;

platform::both_engines! {
    async fn a_person_signs_in_by_passkey_and_the_passkey_is_known_to_other_services(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut browser = w.sign_in(&mut authenticator).await;
        let page = browser.get("/account").await;
        assert!(page.body.contains("Ngô Đức Thịnh") && page.body.contains("Phó Chủ tịch"), "{}", page.body);
        let known = crate::passkeys_of(&mut w.idp.ground().db.read().await.unwrap(), "psn_thinh").await.unwrap();
        let [one] = known.as_slice() else { panic!("{known:?}") };
        assert_eq!((one.cose_key.len(), one.cose_key[0], one.label.as_str()), (77, 0xa5, "Khóa đăng nhập"));
        assert!(crate::passkeys_of(&mut w.idp.ground().db.read().await.unwrap(), "psn_linh").await.unwrap().is_empty());
    }
    async fn a_person_signs_in_by_password_and_code_and_is_welcomed_where_he_wanted_to_go(db: Db) {
        let w = World::new(db).await;
        let phone = w.activate_by_password("psn_thinh", "thinhnd").await;
        let mut browser = w.browser();
        let form = browser.get("/login?next=%2Faccount").await.form("login-password");
        let code = phone.code_at(w.clock.now()).unwrap();
        let done = browser.submit(&form.with("username", "ThinhND@binhdinh.gov.vn").with("password", PASSWORD).with("code", &code)).await;
        assert_eq!((done.status.as_u16(), done.location().as_str()), (303, "/account"));
        let page = browser.get("/account").await;
        assert!(page.body.contains("Tài khoản này cũng đăng nhập được bằng mật khẩu"));
    }
    async fn a_totp_code_is_good_once(db: Db) {
        let w = World::new(db).await;
        let phone = w.activate_by_password("psn_thinh", "thinhnd").await;
        let code = phone.code_at(w.clock.now()).unwrap();
        let mut statuses = Vec::new();
        for _ in 0..2 {
            let mut browser = w.browser();
            let form = browser.get("/login").await.form("login-password");
            let answer = browser.submit(&form.with("username", "thinhnd").with("password", PASSWORD).with("code", &code)).await;
            statuses.push(answer.status.as_u16());
        }
        assert_eq!(statuses, [303, 422]);
    }
    async fn a_stranger_cannot_tell_which_accounts_exist(db: Db) {
        let w = World::new(db).await;
        w.activate_by_password("psn_thinh", "thinhnd").await;
        crate::flows::create_account::run(&w.idp, "psn_tam", "tamtv", Actor::System("test")).await.unwrap();
        let mut bodies = Vec::new();
        for name in ["thinhnd", "tamtv", "nobody", "không tên"] {
            let mut browser = w.browser();
            let form = browser.get("/login").await.form("login-password");
            let answer = browser.submit(&form.with("username", name).with("password", "wrong wrong wrong").with("code", "000000")).await;
            assert_eq!(answer.status.as_u16(), 422);
            let stable = answer.body.replace(&format!("value=\"{name}\""), "value=\"NAME\"");
            let secret = |body: &str, from: &str| -> String { body.split(from).map(|p| p.split_once('"').map_or(p, |(_, rest)| rest)).collect() };
            bodies.push(secret(&secret(&secret(&stable, "name=\"_csrf\" value=\""), "name=\"ceremony\" value=\""), "data-options=\""));
        }
        assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "the pages differ");
        assert!(bodies[0].contains("Còn 4 lần thử"));
    }
    async fn too_many_wrong_tries_close_the_door_for_known_and_unknown_names_alike_but_not_for_passkeys(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        for name in ["thinhnd", "nobody"] {
            let mut statuses = Vec::new();
            for _ in 0..6 {
                let mut browser = w.browser();
                let form = browser.get("/login").await.form("login-password");
                statuses.push(browser.submit(&form.with("username", name).with("password", "x").with("code", "1")).await.status.as_u16());
            }
            assert_eq!(statuses, [422, 422, 422, 422, 429, 429], "{name}");
        }
        w.sign_in(&mut authenticator).await;
        w.clock.advance(5 * 60 * 1000);
        let mut browser = w.browser();
        let form = browser.get("/login").await.form("login-password");
        assert_eq!(browser.submit(&form.with("username", "thinhnd").with("password", "x").with("code", "1")).await.status.as_u16(), 429);
        w.clock.advance(60 * 60 * 1000 + 1);
        let form = browser.get("/login").await.form("login-password");
        assert_eq!(browser.submit(&form.with("username", "thinhnd").with("password", "x").with("code", "1")).await.status.as_u16(), 422);
    }
    async fn an_answer_to_a_passkey_challenge_is_good_once_and_only_in_time(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut browser = w.browser();
        let form = browser.get("/login").await.form("login-passkey");
        let credential = authenticator.sign_in(&w.origin, &form.options);
        let form = form.with("credential", &credential);
        let mut replay = browser.clone();
        assert_eq!(browser.submit(&form).await.status.as_u16(), 303);
        assert_eq!(replay.submit(&form).await.status.as_u16(), 422);
        let late = replay.get("/login").await.form("login-passkey");
        let credential = authenticator.sign_in(&w.origin, &late.options);
        w.clock.advance(5 * 60 * 1000);
        assert_eq!(replay.submit(&late.with("credential", &credential)).await.status.as_u16(), 422);
    }
    async fn a_passkey_answer_from_another_origin_without_verification_or_with_an_old_counter_is_refused(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let refused = async |authenticator: &mut Authenticator, origin: &str| {
            let mut browser = w.browser();
            let form = browser.get("/login").await.form("login-passkey");
            let credential = authenticator.sign_in(origin, &form.options);
            browser.submit(&form.with("credential", &credential)).await.status.as_u16()
        };
        assert_eq!(refused(&mut authenticator, "http://localhost:8081").await, 422);
        assert_eq!(refused(&mut authenticator, "http://evil.example").await, 422);
        authenticator.user_verified = false;
        assert_eq!(refused(&mut authenticator, "http://localhost:8080").await, 422);
        authenticator.user_verified = true;
        assert_eq!(refused(&mut authenticator, "http://localhost:8080").await, 303);
        authenticator.counter = 0;
        assert_eq!(refused(&mut authenticator, "http://localhost:8080").await, 422);
    }
    async fn the_handle_changes_at_every_sign_in_and_a_planted_one_opens_nothing(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut browser = w.browser();
        browser.cookies.insert("antin".into(), "planted-by-an-attacker".into());
        let form = browser.get("/login").await.form("login-passkey");
        let credential = authenticator.sign_in(&w.origin, &form.options);
        browser.submit(&form.with("credential", &credential)).await;
        let first = browser.cookies["antin"].clone();
        assert_ne!(first, "planted-by-an-attacker");
        let form = browser.get("/login?again=1").await.form("login-passkey");
        let credential = authenticator.sign_in(&w.origin, &form.options);
        assert_eq!(browser.submit(&form.with("credential", &credential)).await.status.as_u16(), 303);
        let second = browser.cookies["antin"].clone();
        assert_ne!(first, second);
        browser.cookies.insert("antin".into(), first);
        assert_eq!(browser.get("/account").await.status.as_u16(), 303);
        browser.cookies.insert("antin".into(), second);
        assert_eq!(browser.get("/account").await.status.as_u16(), 200);
    }
    async fn another_person_on_the_same_browser_ends_the_session_before(db: Db) {
        let w = World::new(db).await;
        let mut one = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut two = w.activate_by_passkey("psn_tam", "tamtv").await;
        let mut browser = w.sign_in(&mut one).await;
        let token = {
            let code = w.code(&mut browser, &[]).await;
            w.exchange(&code).await.json()["access_token"].as_str().unwrap().to_owned()
        };
        let mut old = browser.clone();
        let form = browser.get("/login?again=1").await.form("login-passkey");
        let credential = two.sign_in(&w.origin, &form.options);
        assert_eq!(browser.submit(&form.with("credential", &credential)).await.status.as_u16(), 303);
        assert!(browser.get("/account").await.body.contains("Trần Văn Tạm"));
        assert_eq!(old.get("/account").await.status.as_u16(), 303);
        assert_eq!(w.userinfo(&token).await.status.as_u16(), 401);
    }
    async fn a_form_from_another_site_or_without_its_token_signs_nobody_in(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut browser = w.browser();
        let form = browser.get("/login").await.form("login-passkey");
        let credential = authenticator.sign_in(&w.origin, &form.options);
        let form = form.with("credential", &credential);
        let mut stranger = w.browser();
        assert_eq!(stranger.submit(&form).await.status.as_u16(), 403, "the token belongs to another browser");
        browser.origin = Some("https://evil.example".into());
        assert_eq!(browser.submit(&form).await.status.as_u16(), 403);
        browser.origin = Some(w.origin.clone());
        assert_eq!(browser.submit(&form.clone().with("_csrf", "")).await.status.as_u16(), 403);
        assert_eq!(browser.submit(&form).await.status.as_u16(), 303);
    }
    async fn cookies_are_host_only_over_tls_and_pages_cannot_be_framed(db: Db) {
        let w = World::at(db, "https://antin.binhdinh.example").await;
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut browser = w.browser();
        let page = browser.get("/login").await;
        assert_eq!(page.headers["x-frame-options"], "DENY");
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self' http://127.0.0.1:8090") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(page.headers["cache-control"], "no-store");
        let form = page.form("login-passkey");
        let credential = authenticator.sign_in(&w.origin, &form.options);
        let done = browser.submit(&form.with("credential", &credential)).await;
        let cookie = done.headers[SET_COOKIE].to_str().unwrap();
        for part in ["__Host-antin=", "; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!cookie.contains("Domain"));
    }
    async fn next_leads_nowhere_but_to_our_own_pages(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        for next in ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example", "%2F%09%2Fevil.example", "javascript%3Aalert(1)"] {
            let mut browser = w.browser();
            let form = browser.get(&format!("/login?next={next}")).await.form("login-passkey");
            assert_eq!(form.field("next"), "/");
            let credential = authenticator.sign_in(&w.origin, &form.options);
            let done = browser.submit(&form.with("credential", &credential).with("next", "//evil.example")).await;
            assert_eq!(done.location(), "/");
            let again = browser.get(&format!("/login?next={next}")).await;
            assert_eq!(again.location(), "/");
        }
    }
    async fn a_shut_account_is_out_at_once_everywhere(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut browser = w.sign_in(&mut authenticator).await;
        let code = w.code(&mut browser, &[("scope", "openid offline_access")]).await;
        let tokens = w.exchange(&code).await.json();
        let unused = w.code(&mut browser, &[]).await;
        let caller = w.idp.ground().callers.from_session(&browser.cookies["antin"], w.clock.now()).await.unwrap().unwrap();
        disable_account::run(&w.idp, &caller.account, Actor::System("test")).await.unwrap();
        assert_eq!(browser.get("/account").await.status.as_u16(), 303);
        assert_eq!(w.userinfo(tokens["access_token"].as_str().unwrap()).await.status.as_u16(), 401);
        assert_eq!(w.exchange(&unused).await.json()["error"], "invalid_grant");
        let refresh = tokens["refresh_token"].as_str().unwrap();
        let answer = w.token_request(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
        assert_eq!(answer.json()["error"], "invalid_grant");
        let mut fresh = w.browser();
        let form = fresh.get("/login").await.form("login-passkey");
        let credential = authenticator.sign_in(&w.origin, &form.options);
        assert_eq!(fresh.submit(&form.with("credential", &credential)).await.status.as_u16(), 422);
        assert!(crate::passkeys_of(&mut w.idp.ground().db.read().await.unwrap(), "psn_thinh").await.unwrap().is_empty());
    }
    async fn a_session_ends_by_idleness(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut browser = w.sign_in(&mut authenticator).await;
        w.clock.advance(59 * 60 * 1000);
        assert_eq!(browser.get("/account").await.status.as_u16(), 200);
        w.clock.advance(59 * 60 * 1000);
        assert_eq!(browser.get("/account").await.status.as_u16(), 200);
        w.clock.advance(60 * 60 * 1000);
        assert_eq!(browser.get("/account").await.location(), "/login?next=%2Faccount");
    }
    async fn the_sign_in_page_is_light_and_speaks_both_languages(db: Db) {
        let w = World::new(db).await;
        let vi = w.browser().get("/login").await;
        let en = w.browser().get("/login?lang=en").await;
        assert!(vi.body.len() < 30_000 && en.body.len() < 30_000, "{} {}", vi.body.len(), en.body.len());
        assert!(vi.body.contains("lang=\"vi\"") && vi.body.contains("Dùng khóa đăng nhập"));
        assert!(en.body.contains("lang=\"en\"") && en.body.contains("Use a passkey"));
        for page in [&vi.body, &en.body] {
            assert!(!page.contains("style=") && !page.contains("onclick") && !page.contains("{login") && !page.contains("https://"), "{page}");
        }
    }
}
