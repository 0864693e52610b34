//! The log over HTTP: newest checkpoint, tiles, and the proof of an event for those signed in.
//! Standard: C2SP tlog-tiles (`/checkpoint`, `/tile/<L>/<N>[.p/<W>]`).
//! It must never give out the text of a committed leaf.
use axum::extract::{FromRef, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use super::{sequencer, store, tiles};
use crate::Ground;
use crate::caller::SignedIn;
use crate::problem::Problem;

/// `/log/…`.
pub fn router<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Ground: FromRef<S>,
{
    Router::new()
        .route("/log/checkpoint", get(checkpoint))
        .route("/log/tile/{*tile}", get(tile))
        .route("/log/proof/{event}", get(proof))
}

async fn checkpoint(State(ground): State<Ground>) -> Result<Response, Problem> {
    let newest = store::newest(&mut ground.db.read().await?).await?;
    match newest {
        Some(checkpoint) => Ok((
            [(CONTENT_TYPE, "text/plain; charset=utf-8")],
            checkpoint.note,
        )
            .into_response()),
        None => Ok(StatusCode::NOT_FOUND.into_response()),
    }
}

async fn tile(State(ground): State<Ground>, Path(path): Path<String>) -> Result<Response, Problem> {
    let Some((level, number, width)) = tiles::parse_path(&path) else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let number = i64::try_from(number).map_err(|_| Problem::not_found())?;
    let mut hashes = store::tile(&mut ground.db.read().await?, i64::from(level), number).await?;
    let wanted = usize::try_from(width).unwrap_or(256) * 32;
    if hashes.len() < wanted {
        return Ok(StatusCode::NOT_FOUND.into_response());
    }
    hashes.truncate(wanted);
    Ok((
        [
            (CONTENT_TYPE, "application/octet-stream"),
            (CACHE_CONTROL, "public, max-age=31536000, immutable"),
        ],
        hashes,
    )
        .into_response())
}

async fn proof(
    State(ground): State<Ground>,
    SignedIn(_caller): SignedIn,
    Path(event): Path<String>,
) -> Result<Response, Problem> {
    let mut conn = ground.db.read().await?;
    match sequencer::inclusion(&mut conn, &event, false).await {
        Ok(Some(proof)) => Ok(Json(proof).into_response()),
        Ok(None) => Ok(StatusCode::NOT_FOUND.into_response()),
        Err(error) => Err(Problem::internal(&error)),
    }
}
