//! Codes and tokens in the hands of clients and attackers.

use crate::testing::world::{REDIRECT, VERIFIER, World, claims, new_client};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use platform::audit::Actor;

platform::both_engines! {
    async fn a_code_gives_tokens_that_say_who_and_in_which_post(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut browser = w.sign_in(&mut authenticator).await;
        let code = w.code(&mut browser, &[]).await;
        let answer = w.exchange(&code).await;
        assert_eq!((answer.status.as_u16(), answer.headers["cache-control"].to_str().unwrap()), (200, "no-store"));
        let tokens = answer.json();
        assert_eq!((tokens["token_type"].as_str(), tokens["expires_in"].as_i64(), tokens.get("refresh_token")), (Some("Bearer"), Some(300), None));
        let id = claims(tokens["id_token"].as_str().unwrap());
        for (claim, value) in [
            ("iss", "http://localhost:8080"), ("sub", "psn_thinh"), ("aud", "e-office"), ("nonce", "n0nce"), ("acr", "phr"), ("name", "Ngô Đức Thịnh"), ("given_name", "Thịnh"), ("family_name", "Ngô"),
            ("middle_name", "Đức"), ("email", "thinhnd@binhdinh.example"), ("post", "pst_pct"), ("post_title", "Phó Chủ tịch"), ("agency", "agy_ubnd"),
        ] {
            assert_eq!(id[claim], value, "{claim}");
        }
        let access = tokens["access_token"].as_str().unwrap();
        let head: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(access.split('.').next().unwrap()).unwrap()).unwrap();
        assert_eq!((head["typ"].as_str(), head["alg"].as_str()), (Some("at+jwt"), Some("ES256")));
        let about = w.userinfo(access).await.json();
        assert_eq!((about["sub"].as_str(), about["post_title"].as_str(), about["acr"].as_str()), (Some("psn_thinh"), Some("Phó Chủ tịch"), Some("phr")));
        let caller = w.idp.ground().callers.from_token(access, w.clock.now()).await.unwrap().unwrap();
        assert_eq!((caller.client.as_deref(), caller.post.as_deref(), caller.has_scope("papers")), (Some("e-office"), Some("pst_pct"), true));
        assert_eq!(w.userinfo(tokens["id_token"].as_str().unwrap()).await.status.as_u16(), 401, "an ID token is no access token");
    }
    async fn a_code_used_twice_ends_everything_given_for_it(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut browser = w.sign_in(&mut authenticator).await;
        let code = w.code(&mut browser, &[("scope", "openid offline_access")]).await;
        let tokens = w.exchange(&code).await.json();
        let access = tokens["access_token"].as_str().unwrap();
        assert_eq!(w.userinfo(access).await.status.as_u16(), 200);
        let replay = w.exchange(&code).await;
        assert_eq!((replay.status.as_u16(), replay.json()["error"].as_str().map(str::to_owned)), (400, Some("invalid_grant".into())));
        assert_eq!(w.userinfo(access).await.status.as_u16(), 401);
        let refresh = w.token_request(&[("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())]).await;
        assert_eq!(refresh.json()["error"], "invalid_grant");
    }
    async fn a_stolen_code_is_worth_nothing_without_verifier_client_and_address(db: Db) {
        let w = World::new(db).await;
        let thief = crate::flows::register_client::run(&w.idp, new_client("thief"), Actor::System("test")).await.unwrap();
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut browser = w.sign_in(&mut authenticator).await;
        let good = [("grant_type", "authorization_code"), ("redirect_uri", REDIRECT), ("code_verifier", VERIFIER)];
        for change in [("code_verifier", "A".repeat(43)), ("redirect_uri", "http://127.0.0.1:8090/other".to_owned())] {
            let code = w.code(&mut browser, &[]).await;
            let mut fields: Vec<(&str, &str)> = good.iter().copied().filter(|(n, _)| *n != change.0).collect();
            fields.extend([("code", code.as_str()), (change.0, change.1.as_str())]);
            assert_eq!(w.token_request(&fields).await.json()["error"], "invalid_grant", "{change:?}");
            assert_eq!(w.exchange(&code).await.json()["error"], "invalid_grant", "a code shown wrongly is spent");
        }
        let code = w.code(&mut browser, &[]).await;
        let fields = [good[0], good[1], good[2], ("code", code.as_str()), ("client_id", "thief"), ("client_secret", thief.client_secret.as_str())];
        assert_eq!(w.token_request_by(&fields, &[]).await.json()["error"], "invalid_grant");
        let code = w.code(&mut browser, &[]).await;
        let without = [good[0], good[1], ("code", code.as_str())];
        assert_eq!(w.token_request(&without).await.json()["error"], "invalid_request", "no verifier, no tokens");
        let code = w.code(&mut browser, &[]).await;
        w.clock.advance(60_000);
        assert_eq!(w.exchange(&code).await.json()["error"], "invalid_grant", "a code lives a minute");
    }
    async fn clients_prove_themselves_in_one_way_only_and_errors_do_not_tell_which_exist(db: Db) {
        let w = World::new(db).await;
        let grant = ("grant_type", "authorization_code");
        let wrong = w.token_request_by(&[grant, ("client_id", "e-office"), ("client_secret", "cls_wrong")], &[]).await;
        let nobody = w.token_request_by(&[grant, ("client_id", "nobody"), ("client_secret", "cls_wrong")], &[]).await;
        assert_eq!((wrong.status.as_u16(), &wrong.body), (401, &nobody.body));
        let basic = w.token_request_by(&[grant], &[("authorization", "Basic ZS1vZmZpY2U6d3Jvbmc=")]).await;
        assert_eq!(basic.status.as_u16(), 401);
        assert!(basic.headers["www-authenticate"].to_str().unwrap().starts_with("Basic"));
        let both = w.token_request(&[grant, ("client_secret", w.client.client_secret.as_str())]).await;
        assert_eq!(both.json()["error"], "invalid_request");
        let other = w.token_request(&[grant, ("client_id", "other")]).await;
        assert_eq!(other.json()["error"], "invalid_request");
        let repeated = w.token_request(&[grant, grant]).await;
        assert_eq!(repeated.json()["error"], "invalid_request");
        assert_eq!(w.token_request(&[("grant_type", "password")]).await.json()["error"], "unsupported_grant_type");
        assert_eq!(w.token_request(&[]).await.json()["error"], "invalid_request");
        assert_eq!(w.token_request_by(&[grant], &[]).await.json()["error"], "invalid_client");
    }
    async fn a_refresh_token_rotates_and_its_reuse_ends_the_grant(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut browser = w.sign_in(&mut authenticator).await;
        let code = w.code(&mut browser, &[("scope", "openid profile papers offline_access")]).await;
        let first = w.exchange(&code).await.json()["refresh_token"].as_str().unwrap().to_owned();
        let refresh = async |token: &str, scope: &str| {
            let mut fields = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
            if !scope.is_empty() {
                fields.push(("scope", scope));
            }
            w.token_request(&fields).await.json()
        };
        assert_eq!(refresh(&first, "openid email").await["error"], "invalid_scope", "email was not granted");
        let second = refresh(&first, "openid profile").await;
        assert_eq!((second["scope"].as_str(), second["id_token"].as_str().map(claims).unwrap().get("nonce")), (Some("openid profile"), None));
        let second_refresh = second["refresh_token"].as_str().unwrap();
        let third = refresh(second_refresh, "").await;
        assert_eq!(third["scope"], "openid profile papers offline_access");
        assert_eq!(refresh(&first, "").await["error"], "invalid_grant");
        assert_eq!(refresh(third["refresh_token"].as_str().unwrap(), "").await["error"], "invalid_grant", "the whole family is gone");
        assert_eq!(w.userinfo(third["access_token"].as_str().unwrap()).await.status.as_u16(), 401);
    }
    async fn a_token_is_introspected_and_revoked_only_by_the_client_it_was_given_to(db: Db) {
        let w = World::new(db).await;
        let thief = crate::flows::register_client::run(&w.idp, new_client("thief"), Actor::System("test")).await.unwrap();
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut browser = w.sign_in(&mut authenticator).await;
        let code = w.code(&mut browser, &[]).await;
        let access = w.exchange(&code).await.json()["access_token"].as_str().unwrap().to_owned();
        let body = format!("client_id=thief&client_secret={}&token={access}", thief.client_secret);
        assert_eq!(w.browser().post("/introspect", &body, &[]).await.body, "{\"active\":false}");
        assert_eq!(w.browser().post("/revoke", &body, &[]).await.status.as_u16(), 200);
        let seen = w.post_as_client("/introspect", &[("token", &access)]).await.json();
        assert_eq!((seen["active"].as_bool(), seen["sub"].as_str(), seen["post"].as_str()), (Some(true), Some("psn_thinh"), Some("pst_pct")));
        assert_eq!(w.post_as_client("/revoke", &[("token", &access)]).await.status.as_u16(), 200);
        assert_eq!(w.post_as_client("/revoke", &[("token", "unknown")]).await.status.as_u16(), 200);
        assert_eq!(w.post_as_client("/introspect", &[("token", &access)]).await.body, "{\"active\":false}");
        assert_eq!(w.userinfo(&access).await.status.as_u16(), 401);
    }
    async fn a_forged_token_is_nobody(db: Db) {
        let w = World::new(db).await;
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let mut browser = w.sign_in(&mut authenticator).await;
        let code = w.code(&mut browser, &[]).await;
        let access = w.exchange(&code).await.json()["access_token"].as_str().unwrap().to_owned();
        let parts: Vec<&str> = access.split('.').collect();
        let body = String::from_utf8(URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap().replace("psn_thinh", "psn_linh");
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"at+jwt","kid":"x"}"#);
        for token in [
            format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(&body), parts[2]), format!("{none}.{}.", URL_SAFE_NO_PAD.encode(&body)), format!("{}.{}.", parts[0], parts[1]), "x".to_owned(), "a.b.c".to_owned(), "a".repeat(9000),
        ] {
            assert_eq!(w.userinfo(&token).await.status.as_u16(), 401);
        }
        assert_eq!(w.userinfo(&access).await.status.as_u16(), 200);
    }
}
