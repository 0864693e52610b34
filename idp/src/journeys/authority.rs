//! Authority ends on the instant: an appointment that is over ends session, token, code and refresh with it.

use crate::testing::world::{World, claims, parameter};
use platform::audit::Actor;
use register::flows::end_appointment::{self, EndAppointment};

platform::both_engines! {
    async fn a_token_lives_no_longer_than_the_appointment_it_rests_on(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_tam", "tamtv").await;
        let mut browser = w.sign_in(&mut authenticator).await;
        let code = w.code(&mut browser, &[]).await;
        let tokens = w.exchange(&code).await.json();
        assert_eq!(tokens["expires_in"], 120);
        assert_eq!(claims(tokens["access_token"].as_str().unwrap())["exp"], w.clock.now() / 1000 + 120);
        let spare = w.code(&mut browser, &[]).await;
        w.clock.advance(119_999);
        assert_eq!(browser.get("/account").await.status.as_u16(), 200);
        assert_eq!(w.userinfo(tokens["access_token"].as_str().unwrap()).await.status.as_u16(), 200);
        w.clock.advance(1);
        assert_eq!(browser.get("/account").await.status.as_u16(), 303, "no commit was needed at this instant");
        assert_eq!(w.userinfo(tokens["access_token"].as_str().unwrap()).await.status.as_u16(), 401);
        assert_eq!(w.exchange(&spare).await.json()["error"], "invalid_grant");
        let again = browser.get(&w.authorize(&[])).await.location();
        assert!(again.starts_with("/login?"), "{again}");
    }
    async fn ending_an_appointment_is_one_commit_and_everything_that_rests_on_it_is_over(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut browser = w.sign_in(&mut authenticator).await;
        let code = w.code(&mut browser, &[("scope", "openid papers offline_access")]).await;
        let tokens = w.exchange(&code).await.json();
        let (access, refresh) = (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
        assert_eq!(w.userinfo(access).await.status.as_u16(), 200);
        let ground = w.idp.ground();
        let command = EndAppointment { appointment: "apt_pct".into(), to: ground.now(), basis: "QĐ 2".into() };
        end_appointment::run(&ground.db, &ground.entropy, ground.now(), &Actor::System("test"), &command).await.unwrap();
        assert_eq!(browser.get("/account").await.status.as_u16(), 303);
        assert_eq!(w.userinfo(access).await.status.as_u16(), 401);
        assert_eq!(w.post_as_client("/introspect", &[("token", access)]).await.body, "{\"active\":false}");
        let answer = w.token_request(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
        assert_eq!(answer.json()["error"], "invalid_grant");
        let mut fresh = w.sign_in(&mut authenticator).await;
        let refused = fresh.get(&w.authorize(&[])).await.location();
        assert_eq!(parameter(&refused, "error").as_deref(), Some("access_denied"));
    }
    async fn one_of_two_posts_ends_and_the_other_goes_on(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_linh", "linhlm").await;
        let mut browser = w.sign_in(&mut authenticator).await;
        let form = browser.follow(&w.authorize(&[])).await.form("choose-post").with("post", "pst_ct");
        let back = browser.submit(&form).await.location();
        let code = parameter(&browser.get(&back).await.location(), "code").unwrap();
        let access = w.exchange(&code).await.json()["access_token"].as_str().unwrap().to_owned();
        let ground = w.idp.ground();
        let command = EndAppointment { appointment: "apt_tb".into(), to: ground.now(), basis: "QĐ 3".into() };
        end_appointment::run(&ground.db, &ground.entropy, ground.now(), &Actor::System("test"), &command).await.unwrap();
        assert_eq!(w.userinfo(&access).await.json()["post"], "pst_ct");
        assert_eq!(browser.get("/account").await.status.as_u16(), 200);
    }
}
