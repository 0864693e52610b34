//! Shows what a plan of reorganisation would do: every thing it touches, what is to be decided, and figures.
//! Standard: none; the rows of `rules/carry_over.csv` name theirs.
//! It must never change anything, nor be shown to somebody who may not plan for the province.

use std::collections::BTreeMap;

use platform::db::{Conn, Error};
use platform::random::Entropy;

use super::import_register::existing;
use crate::domain::reorganisation::{Draft, Planned, Preview, Row, Rules, World, plan};
use crate::store::reorganisations::{self, Reorganisation};
use crate::store::{epoch, mailboxes};

/// How many plans a list shows.
const LISTED: i64 = 200;
/// Ids of a preview are thrown away.
const NO_SEED: u64 = 0;

/// A plan with its rows and answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its head.
    pub head: Reorganisation,
    /// Its rows.
    pub rows: Vec<Row>,
    /// Answers given.
    pub choices: BTreeMap<String, String>,
}

/// Plans, those of the latest instants first.
pub async fn list(conn: &mut Conn) -> Result<Vec<Reorganisation>, Error> {
    reorganisations::list(conn, LISTED).await
}

/// A plan as it is kept.
pub async fn find(conn: &mut Conn, id: &str) -> Result<Option<Kept>, Error> {
    let Some(head) = reorganisations::find(conn, id).await? else {
        return Ok(None);
    };
    let rows = reorganisations::rows(conn, id).await?;
    let choices = reorganisations::choices(conn, id).await?;
    Ok(Some(Kept {
        head,
        rows,
        choices: choices.into_iter().collect(),
    }))
}

/// What a kept plan would do to the register as it stands.
pub async fn preview(conn: &mut Conn, kept: &Kept) -> Result<Preview, Error> {
    let draft = Draft {
        at: kept.head.at,
        basis: &kept.head.basis,
        rows: &kept.rows,
        choices: &kept.choices,
    };
    preview_of(conn, &draft).await
}

/// What rows would do, kept or not.
pub async fn preview_of(conn: &mut Conn, draft: &Draft<'_>) -> Result<Preview, Error> {
    let (_, world) = world(conn, draft.at).await?;
    let planned: Planned = plan(draft, &world, &Rules::ours(), &Entropy::seeded(NO_SEED));
    Ok(planned.preview)
}

/// What the register says, with the epoch it says it in.
pub(crate) async fn world(conn: &mut Conn, at: i64) -> Result<(i64, World), Error> {
    loop {
        let (base, existing) = existing(conn).await?;
        let world = World {
            existing,
            forwards: mailboxes::forwards(conn).await?,
            roles: reorganisations::lasting_roles(conn, at).await?,
        };
        if epoch::current(conn).await? == base {
            return Ok((base, world));
        }
    }
}
