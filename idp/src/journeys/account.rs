//! The account page.

use crate::testing::authenticator::Authenticator;
use crate::testing::world::World;

platform::both_engines! {
    async fn a_person_adds_and_removes_passkeys_but_never_the_last(db: Db) {
        let w = World::new(db).await;
        let mut first = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut browser = w.sign_in(&mut first).await;
        let page = browser.get("/account").await;
        let first_id = page.form("remove-passkey-1").field("id");
        let last = browser.submit(&page.form("remove-passkey-1")).await;
        assert!(last.status.as_u16() == 422 && last.body.contains("cách đăng nhập cuối cùng"));
        let form = last.form("add-passkey");
        assert_eq!(form.options["excludeCredentials"].as_array().unwrap().len(), 1);
        let mut second = Authenticator::new();
        let credential = second.create(&w.origin, &form.options);
        let done = browser.submit(&form.with("credential", &credential).with("label", "USB <b>đỏ</b>")).await;
        assert_eq!(done.location(), "/account");
        let page = browser.get("/account").await;
        assert!(page.body.contains("USB &#60;b&#62;đỏ") || page.body.contains("USB &lt;b&gt;đỏ"), "names are escaped");
        let forms = [page.form("remove-passkey-1"), page.form("remove-passkey-2")];
        let removal = forms.iter().find(|f| f.field("id") == first_id).unwrap();
        assert_eq!(browser.submit(removal).await.location(), "/account");
        w.sign_in(&mut second).await;
        let mut stranger = w.browser();
        let form = stranger.get("/login").await.form("login-passkey");
        let credential = first.sign_in(&w.origin, &form.options);
        assert_eq!(stranger.submit(&form.with("credential", &credential)).await.status.as_u16(), 422);
    }
    async fn changing_how_one_signs_in_needs_a_recent_sign_in(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut browser = w.sign_in(&mut authenticator).await;
        w.clock.advance(16 * 60 * 1000);
        let page = browser.get("/account").await;
        assert!(page.body.contains("id=\"sign-in-again\""));
        let form = page.form("add-passkey");
        let credential = Authenticator::new().create(&w.origin, &form.options);
        assert_eq!(browser.submit(&form.with("credential", &credential)).await.location(), "/login?again=1&next=%2Faccount");
        assert_eq!(browser.submit(&page.form("mail-password").with("label", "x")).await.location(), "/login?again=1&next=%2Faccount");
        assert_eq!(browser.submit(&page.form("remove-passkey-1")).await.location(), "/login?again=1&next=%2Faccount");
    }
    async fn a_person_sees_and_ends_his_sessions_and_nobody_elses(db: Db) {
        let w = World::new(db).await;
        let mut one = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut two = w.activate_by_passkey("psn_tam", "tamtv").await;
        let mut here = w.sign_in(&mut one).await;
        let mut there = w.sign_in(&mut one).await;
        let mut other = w.sign_in(&mut two).await;
        let theirs = other.get("/account").await.form("end-session-1").field("id");
        let page = here.get("/account").await;
        assert_eq!(here.submit(&page.form("end-session-1").with("id", &theirs)).await.status.as_u16(), 404);
        assert_eq!(other.get("/account").await.status.as_u16(), 200);
        let mine = w.idp.ground().callers.from_session(&here.cookies["antin"], w.clock.now()).await.unwrap().unwrap().session;
        let forms = [page.form("end-session-1"), page.form("end-session-2")];
        let away = forms.iter().find(|f| f.field("id") != mine).unwrap();
        assert_eq!(here.submit(away).await.location(), "/account");
        assert_eq!(there.get("/account").await.status.as_u16(), 303);
        assert_eq!(here.get("/account").await.status.as_u16(), 200);
    }
    async fn a_mail_password_is_shown_once(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut browser = w.sign_in(&mut authenticator).await;
        let page = browser.get("/account").await;
        assert!(page.body.contains("Máy cũ"));
        let made = browser.submit(&page.form("mail-password").with("label", "Thunderbird")).await;
        assert!(made.body.contains("<code id=\"mail-password-value\">mật-khẩu-thư</code>") && made.body.contains("<code id=\"mail-username\">psn_thinh+Thunderbird</code>"), "{}", made.body);
        assert!(!browser.get("/account").await.body.contains("mật-khẩu-thư"));
        assert_eq!(browser.submit(&page.form("revoke-mail-1")).await.location(), "/account");
    }
    async fn the_header_button_signs_out(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut browser = w.sign_in(&mut authenticator).await;
        let form = browser.get("/account").await.form("logout");
        assert_eq!(browser.submit(&form).await.location(), "/logout");
        assert!(browser.get("/logout").await.body.contains("Đã đăng xuất"));
        assert_eq!(browser.get("/account").await.status.as_u16(), 303);
    }
    async fn what_is_past_its_time_is_cleared_away(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut browser = w.sign_in(&mut authenticator).await;
        w.code(&mut browser, &[]).await;
        assert_eq!(crate::flows::clear_away::run(&w.idp).await.unwrap(), 0);
        browser.get("/account").await;
        w.clock.advance(25 * 60 * 60 * 1000);
        assert_eq!(crate::flows::clear_away::run(&w.idp).await.unwrap(), 2, "one code, one ceremony");
    }
}
