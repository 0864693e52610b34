//! The userinfo endpoint.
//! Standard: OpenID Connect Core 1.0 §5.3; RFC 6750 §2.1, §3
//! It must never answer for a token in the address, nor with claims whose scope was not granted.

use super::Service;
use super::browser::failed_db;
use crate::domain::scope::Scopes;
use crate::domain::tokens::PersonClaims;
use crate::flows::state_person;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use platform::caller::Bearer;
use serde::Serialize;

#[derive(Serialize)]
struct UserInfo {
    sub: String,
    acr: String,
    auth_time: i64,
    #[serde(flatten)]
    person: PersonClaims,
}

pub(super) async fn show(State(service): State<Service>, bearer: Bearer) -> Response {
    let caller = match bearer.scope("openid") {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    let ground = service.0.ground();
    let scopes = Scopes::parse(&caller.scopes.join(" "));
    let mut conn = match ground.db.read().await {
        Ok(conn) => conn,
        Err(error) => return failed_db(error),
    };
    match state_person::run(
        &mut conn,
        &caller.person,
        caller.post.as_deref(),
        &scopes,
        ground.now(),
    )
    .await
    {
        Ok(person) => Json(UserInfo {
            sub: caller.person,
            acr: caller.acr,
            auth_time: caller.auth_time.div_euclid(1000),
            person,
        })
        .into_response(),
        Err(error) => failed_db(error),
    }
}
