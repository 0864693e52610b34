//! Proposals of dangerous acts.

use platform::db::{Conn, Error, Tx};

use crate::domain::proposal::{Act, Proposal};
use crate::domain::words::ProposalState;
use crate::rights::Scope;

macro_rules! columns {
    () => {
        "SELECT q.id, q.state, q.agency, q.subject, q.command, q.basis, q.proposed_by, q.proposed_at, q.expires_at, q.decided_by, q.decided_at, q.reason, q.outcome FROM proposal q "
    };
}

platform::statements! {
    pub FIND = concat!(columns!(), "WHERE q.id = $1");
    pub WITHIN = concat!(columns!(), "WHERE (q.agency IS NULL AND CAST($2 AS BIGINT) = 1) OR q.agency IN ", covered!("$1"), " ORDER BY q.proposed_at DESC, q.id LIMIT $3");
    pub OPEN_WITHIN = concat!(columns!(), "WHERE q.state = 'proposed' AND q.expires_at > $3 AND ((q.agency IS NULL AND CAST($2 AS BIGINT) = 1) OR q.agency IN ", covered!("$1"), ") ORDER BY q.proposed_at, q.id");
    pub OPEN = "SELECT COUNT(*) AS n FROM proposal q WHERE q.state = 'proposed' AND q.expires_at > $1";
    pub INSERT = "INSERT INTO proposal (id, act, state, agency, subject, command, basis, proposed_by, proposed_at, expires_at, decided_at, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    pub DECIDE = "UPDATE proposal SET state = $3, decided_by = $4, decided_at = $5, reason = $6 WHERE id = $1 AND state = $2";
    pub CARRY_OUT = "UPDATE proposal SET state = 'carried_out', outcome = $2 WHERE id = $1 AND state = 'approved'";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    state: ProposalState,
    agency: Option<String>,
    subject: String,
    command: String,
    basis: String,
    proposed_by: String,
    proposed_at: i64,
    expires_at: i64,
    decided_by: Option<String>,
    decided_at: Option<i64>,
    reason: Option<String>,
    outcome: Option<String>,
}

impl TryFrom<Row> for Proposal {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let act: Act = serde_json::from_str(&row.command)
            .map_err(|error| Error::Refused(format!("proposal {}: {error}", row.id)))?;
        Ok(Self {
            act,
            id: row.id,
            state: row.state,
            agency: row.agency,
            subject: row.subject,
            basis: row.basis,
            proposed_by: row.proposed_by,
            proposed_at: row.proposed_at,
            expires_at: row.expires_at,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            reason: row.reason,
            outcome: row.outcome,
        })
    }
}

pub(crate) async fn find(conn: &mut Conn, id: &str) -> Result<Option<Proposal>, Error> {
    let row: Option<Row> = conn.optional(&FIND, (id,)).await?;
    row.map(Proposal::try_from).transpose()
}

/// Proposals of the scope, the newest first.
pub async fn list(conn: &mut Conn, scope: &Scope, limit: i64) -> Result<Vec<Proposal>, Error> {
    let rows: Vec<Row> = conn
        .all(
            &WITHIN,
            (scope.agencies(), i64::from(scope.is_whole()), limit),
        )
        .await?;
    rows.into_iter().map(Proposal::try_from).collect()
}

/// Proposals of the scope that wait for a verdict, the oldest first.
pub async fn waiting(conn: &mut Conn, scope: &Scope, now: i64) -> Result<Vec<Proposal>, Error> {
    let rows: Vec<Row> = conn
        .all(
            &OPEN_WITHIN,
            (scope.agencies(), i64::from(scope.is_whole()), now),
        )
        .await?;
    rows.into_iter().map(Proposal::try_from).collect()
}

/// Whether anything waits for a verdict anywhere: quick to ask, and nothing of it.
pub(crate) async fn any_open(conn: &mut Conn, now: i64) -> Result<bool, Error> {
    let (n,): (i64,) = conn.one(&OPEN, (now,)).await?;
    Ok(n > 0)
}

/// A proposal of the scope.
pub async fn load(conn: &mut Conn, scope: &Scope, id: &str) -> Result<Option<Proposal>, Error> {
    let Some(found) = find(conn, id).await? else {
        return Ok(None);
    };
    let seen = match &found.agency {
        Some(agency) => crate::rights::covers(conn, scope, agency).await?,
        None => scope.is_whole(),
    };
    Ok(seen.then_some(found))
}

pub(crate) async fn insert(tx: &mut Tx, p: &Proposal) -> Result<(), Error> {
    let command = serde_json::to_string(&p.act)
        .map_err(|error| Error::Refused(format!("proposal {}: {error}", p.id)))?;
    tx.execute(
        &INSERT,
        (
            &p.id,
            p.act.code(),
            p.state.as_str(),
            &p.agency,
            &p.subject,
            command,
            &p.basis,
            &p.proposed_by,
            p.proposed_at,
            p.expires_at,
            p.decided_at,
            &p.reason,
        ),
    )
    .await?;
    Ok(())
}

/// Moves a proposal on; `false` when somebody else did meanwhile.
pub(crate) async fn decide(
    tx: &mut Tx,
    p: &Proposal,
    to: ProposalState,
    person: &str,
    now: i64,
    reason: &str,
) -> Result<bool, Error> {
    let moved = tx
        .execute(
            &DECIDE,
            (&p.id, p.state.as_str(), to.as_str(), person, now, reason),
        )
        .await?;
    Ok(moved == 1)
}

/// Notes what came out of an approved proposal; `false` when it was carried out before.
pub(crate) async fn carry_out(tx: &mut Tx, id: &str, outcome: &str) -> Result<bool, Error> {
    Ok(tx.execute(&CARRY_OUT, (id, outcome)).await? == 1)
}
