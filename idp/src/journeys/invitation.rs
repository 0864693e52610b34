//! Invitations, activation and the first set-up.

use crate::flows::create_account::{self, CreateAccountError};
use crate::flows::set_up_first_administrator::{self as set_up, SetUpError};
use crate::testing::authenticator::Authenticator;
use crate::testing::world::{PASSWORD, World, secret_on};
use platform::audit::Actor;

platform::both_engines! {
    async fn an_invitation_is_good_once_and_a_newer_one_replaces_it(db: Db) {
        let w = World::new(db).await;
        let first = create_account::run(&w.idp, "psn_thinh", "thinhnd", Actor::System("test")).await.unwrap();
        let second = create_account::run(&w.idp, "psn_thinh", "thinhnd", Actor::System("test")).await.unwrap();
        assert_eq!(first.account, second.account);
        assert_eq!(w.browser().get(&format!("/activate?code={}", first.code)).await.status.as_u16(), 422);
        let page = w.browser().get(&format!("/activate?code={}", second.code.to_uppercase())).await;
        assert!(page.body.contains("Ngô Đức Thịnh") && page.has_form("activate-passkey") && page.has_form("activate-password"));
        w.activate_by_passkey("psn_thinh", "thinhnd").await;
        assert_eq!(w.browser().get(&format!("/activate?code={}", second.code)).await.status.as_u16(), 422);
        let again = create_account::run(&w.idp, "psn_thinh", "thinhnd", Actor::System("test")).await;
        assert!(matches!(again, Err(CreateAccountError::Activated)));
        let other = create_account::run(&w.idp, "psn_linh", "THINHND", Actor::System("test")).await;
        assert!(matches!(other, Err(CreateAccountError::Taken)));
    }
    async fn an_activation_code_ends_after_five_wrong_tries_and_after_a_week(db: Db) {
        let w = World::new(db).await;
        let invitation = create_account::run(&w.idp, "psn_thinh", "thinhnd", Actor::System("test")).await.unwrap();
        let near = format!("{}{}", &invitation.code[..37], if invitation.code.ends_with("aa") { "bb" } else { "aa" });
        for _ in 0..5 {
            assert_eq!(w.browser().get(&format!("/activate?code={near}")).await.status.as_u16(), 422);
        }
        assert_eq!(w.browser().get(&format!("/activate?code={}", invitation.code)).await.status.as_u16(), 422);
        let fresh = create_account::run(&w.idp, "psn_thinh", "thinhnd", Actor::System("test")).await.unwrap();
        assert_eq!(w.browser().get(&format!("/activate?code={}", fresh.code)).await.status.as_u16(), 200);
        w.clock.advance(7 * 24 * 60 * 60 * 1000);
        assert_eq!(w.browser().get(&format!("/activate?code={}", fresh.code)).await.status.as_u16(), 422);
    }
    async fn a_password_alone_does_not_activate(db: Db) {
        let w = World::new(db).await;
        let invitation = create_account::run(&w.idp, "psn_thinh", "thinhnd", Actor::System("test")).await.unwrap();
        let mut browser = w.browser();
        let page = browser.get(&format!("/activate?code={}", invitation.code)).await;
        let form = page.form("activate-password");
        for (one, two, words) in [("ngắn", "ngắn", "ngắn hơn 12"), (PASSWORD, "khác hẳn đi nhé", "không giống nhau"), ("thinhndthinhnd", "thinhndthinhnd", "dễ đoán")] {
            let answer = browser.submit(&form.clone().with("password", one).with("password_again", two)).await;
            assert!(answer.status.as_u16() == 422 && answer.body.contains(words), "{words}");
        }
        let page = browser.submit(&form.with("password", PASSWORD).with("password_again", PASSWORD)).await;
        assert!(page.body.contains("<svg") && page.body.contains("otpauth://totp/"));
        let phone = secret_on(&page);
        let now = w.clock.now();
        let wrong = browser.submit(&page.form("activate-totp").with("code", "000000")).await;
        assert!(wrong.status.as_u16() == 422 && wrong.has_form("activate-totp"));
        let login = browser.get("/login").await.form("login-password");
        let early = browser.submit(&login.with("username", "thinhnd").with("password", PASSWORD).with("code", &phone.code_at(now).unwrap())).await;
        assert_eq!(early.status.as_u16(), 422);
        let done = browser.submit(&wrong.form("activate-totp").with("code", &phone.code_at(now).unwrap())).await;
        assert_eq!(done.location(), "/login?activated=1");
        let again = browser.submit(&wrong.form("activate-totp").with("code", &phone.code_at(now + 30_000).unwrap())).await;
        assert_eq!(again.status.as_u16(), 422);
    }
    async fn a_ceremony_of_one_invitation_does_not_serve_another(db: Db) {
        let w = World::new(db).await;
        let one = create_account::run(&w.idp, "psn_thinh", "thinhnd", Actor::System("test")).await.unwrap();
        let two = create_account::run(&w.idp, "psn_linh", "linhlm", Actor::System("test")).await.unwrap();
        let mut browser = w.browser();
        let first = browser.get(&format!("/activate?code={}", one.code)).await.form("activate-passkey");
        let credential = Authenticator::new().create(&w.origin, &first.options);
        let crossed = first.with("activation", &two.code).with("credential", &credential);
        assert_eq!(browser.submit(&crossed).await.status.as_u16(), 422);
        assert!(crate::passkeys_of(&mut w.idp.ground().db.read().await.unwrap(), "psn_linh").await.unwrap().is_empty());
    }
    async fn the_first_administrator_is_set_up_once_and_then_the_page_is_gone(db: Db) {
        let w = World::new(db).await;
        assert_eq!(w.browser().get("/setup").await.status.as_u16(), 404);
        let code = set_up::issue_code(&w.idp).await.unwrap();
        let mut browser = w.browser();
        let form = browser.get("/setup").await.form("setup");
        assert_eq!(browser.submit(&form.clone().with("code", &code).with("username", "nobody")).await.status.as_u16(), 422);
        let page = browser.submit(&form.clone().with("code", &code).with("username", "linhlm")).await;
        assert!(page.body.contains("Lê Mỹ Linh"));
        let mut authenticator = Authenticator::new();
        let passkey = page.form("setup-passkey");
        let credential = authenticator.create(&w.origin, &passkey.options);
        let done = browser.submit(&passkey.with("credential", &credential)).await;
        assert_eq!(done.location(), "/login?activated=1", "{}", done.body);
        assert_eq!(w.browser().get("/setup").await.status.as_u16(), 404);
        assert!(matches!(set_up::issue_code(&w.idp).await, Err(SetUpError::Over)));
        let roles = register::rights::held_by(&mut w.idp.ground().db.read().await.unwrap(), "psn_linh", w.clock.now()).await.unwrap();
        assert_eq!(roles.len(), 1);
        w.sign_in(&mut authenticator).await;
    }
    async fn a_set_up_code_ends_after_five_wrong_tries_and_after_thirty_minutes(db: Db) {
        let w = World::new(db).await;
        let code = set_up::issue_code(&w.idp).await.unwrap();
        let mut browser = w.browser();
        let form = browser.get("/setup").await.form("setup").with("username", "linhlm");
        for _ in 0..5 {
            assert_eq!(browser.submit(&form.clone().with("code", "wrong")).await.status.as_u16(), 422);
        }
        assert_eq!(browser.submit(&form.clone().with("code", &code)).await.status.as_u16(), 404);
        let fresh = set_up::issue_code(&w.idp).await.unwrap();
        w.clock.advance(30 * 60 * 1000);
        assert_eq!(browser.submit(&form.with("code", &fresh)).await.status.as_u16(), 404);
    }
}
