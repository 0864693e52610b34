//! What the provider says about itself, and that it holds.

use crate::domain::client::Algorithm;
use crate::flows::register_client::{self, NewClient, RegisterClientError};
use crate::testing::world::{World, new_client};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Request;
use platform::audit::Actor;
use std::collections::BTreeSet;

platform::both_engines! {
    async fn discovery_names_our_own_address_whatever_the_host_header_says(db: Db) {
        let w = World::new(db).await;
        let request = Request::get("/.well-known/openid-configuration").header("host", "evil.example").header("x-forwarded-host", "evil.example").body(Body::empty()).unwrap();
        let answer = w.browser().send(request).await;
        assert!(!answer.body.contains("evil"));
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
        assert!(answer.headers["cache-control"].to_str().unwrap().contains("max-age"));
        let document = answer.json();
        assert_eq!(document["issuer"], "http://localhost:8080");
        for (member, value) in document.as_object().unwrap() {
            if member.ends_with("_endpoint") || member == "jwks_uri" {
                let path = value.as_str().unwrap().strip_prefix("http://localhost:8080").unwrap();
                assert!(crate::ROUTES.iter().any(|r| r.path == path), "{member} leads to {path}");
            }
        }
        assert_eq!(document["code_challenge_methods_supported"], serde_json::json!(["S256"]));
        assert_eq!(document["response_types_supported"], serde_json::json!(["code"]));
    }
    async fn tokens_verify_against_the_published_keys_by_a_foreign_library_call(db: Db) {
        let w = World::new(db).await;
        let keys = w.browser().get("/jwks").await.json();
        assert!(keys["keys"].as_array().unwrap().iter().all(|k| k.get("d").is_none() && k.get("p").is_none()));
        register_client::run(&w.idp, NewClient { id_token_alg: Algorithm::Rs256, ..new_client("e-office") }, Actor::System("test")).await.unwrap();
        let mut authenticator = w.activate_by_passkey("psn_thinh", "thinhnd").await;
        let w = World { client: register_client::run(&w.idp, NewClient { id_token_alg: Algorithm::Rs256, ..new_client("e-office") }, Actor::System("test")).await.unwrap(), ..w };
        let mut browser = w.sign_in(&mut authenticator).await;
        let code = w.code(&mut browser, &[]).await;
        let tokens = w.exchange(&code).await.json();
        let mut algorithms = BTreeSet::new();
        for token in [tokens["access_token"].as_str().unwrap(), tokens["id_token"].as_str().unwrap()] {
            let (message, signature) = token.rsplit_once('.').unwrap();
            let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
            let header: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(message.split('.').next().unwrap()).unwrap()).unwrap();
            let key = keys["keys"].as_array().unwrap().iter().find(|k| k["kid"] == header["kid"]).unwrap();
            assert_eq!(key["alg"], header["alg"]);
            let part = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
            match key["kty"].as_str().unwrap() {
                "EC" => {
                    let point = [vec![4], part("x"), part("y")].concat();
                    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message.as_bytes(), &signature).unwrap();
                }
                _ => RsaPublicKeyComponents { n: part("n"), e: part("e") }.verify(&RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), &signature).unwrap(),
            }
            algorithms.insert(header["alg"].as_str().unwrap().to_owned());
        }
        assert_eq!(algorithms.into_iter().collect::<Vec<_>>(), ["ES256", "RS256"]);
    }
    async fn keys_survive_a_restart_and_lie_sealed(db: Db) {
        let w = World::new(db).await;
        let before = w.browser().get("/jwks").await.body;
        let callers = crate::Callers::new(w.idp.ground().db.clone(), &w.idp.ground().public_url, crate::config::Config::default());
        let again = crate::Idp::new(w.idp.ground().clone(), &callers, crate::config::Config::default(), std::sync::Arc::new(crate::NoMailPasswords), std::sync::Arc::new(crate::testing::world::Press)).await.unwrap();
        let router = crate::router(std::sync::Arc::new(again));
        let after = crate::testing::browser::Browser::new(router, &w.origin).get("/jwks").await.body;
        assert_eq!(before, after);
        let stored = crate::store::key::all(&mut w.idp.ground().db.read().await.unwrap()).await.unwrap();
        assert_eq!(stored.len(), 2);
        assert!(stored.iter().all(|k| crate::domain::keys::SigningKey::read(k.id.clone(), Algorithm::parse(&k.alg).unwrap(), &k.private).is_err()));
    }
    async fn a_client_with_an_address_that_reads_two_ways_or_an_unknown_scope_is_not_registered(db: Db) {
        let w = World::new(db).await;
        let wrong = async |change: fn(&mut NewClient)| {
            let mut new = new_client("x");
            change(&mut new);
            register_client::run(&w.idp, new, Actor::System("test")).await.unwrap_err()
        };
        assert!(matches!(wrong(|c| c.redirect_uris = vec!["https://a.example/../b".into()]).await, RegisterClientError::Address(_)));
        assert!(matches!(wrong(|c| c.post_logout_redirect_uris = vec!["javascript:x".into()]).await, RegisterClientError::Address(_)));
        assert!(matches!(wrong(|c| c.redirect_uris.clear()).await, RegisterClientError::NoAddress));
        assert!(matches!(wrong(|c| c.scopes = "openid root".into()).await, RegisterClientError::Scopes));
        assert!(matches!(wrong(|c| c.scopes = "profile".into()).await, RegisterClientError::Scopes));
        assert!(matches!(wrong(|c| c.id = Some("antin".into())).await, RegisterClientError::Id));
        assert!(matches!(wrong(|c| c.name_vi.clear()).await, RegisterClientError::Name));
    }
    async fn every_listed_route_answers_and_nothing_else_does(db: Db) {
        let w = World::new(db).await;
        for route in crate::ROUTES {
            let request = Request::builder().method(route.method).uri(route.path).header("accept", "text/html").header("content-type", "application/x-www-form-urlencoded").body(Body::empty()).unwrap();
            let status = w.browser().send(request).await.status.as_u16();
            let fits = match route.access {
                platform::edge::Access::Public => route.path.starts_with("/setup") || route.path == "/emergency" || (status != 404 && status != 405 && status < 500),
                platform::edge::Access::SignedIn | platform::edge::Access::Registrar => status == 303 || status == 403,
                _ => status == 401,
            };
            assert!(fits, "{} {} answers {status}", route.method, route.path);
        }
    }
}
