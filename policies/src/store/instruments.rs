//! Instruments of hand-over and their states.

use platform::db::{Conn, Error, Tx};

use crate::domain::instrument::{Instrument, State};

platform::statements! {
    pub INSERT = "INSERT INTO instrument (id, paper, state, grantor, grantee, agency, handed_paper, handed_title, valid_to, last_day, basis, drafted_by, drafted_at)
        VALUES ($1, $2, 'draft', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    pub BY_ID = "SELECT id, paper, state, grantor, grantee, agency, handed_paper, handed_title, valid_to, last_day, basis, drafted_by, drafted_at, signed_digest, mandate
        FROM instrument WHERE id = $1";
    pub BY_PAPER = "SELECT id, paper, state, grantor, grantee, agency, handed_paper, handed_title, valid_to, last_day, basis, drafted_by, drafted_at, signed_digest, mandate
        FROM instrument WHERE paper = $1";
    pub BY_MANDATE = "SELECT id, paper, state, grantor, grantee, agency, handed_paper, handed_title, valid_to, last_day, basis, drafted_by, drafted_at, signed_digest, mandate
        FROM instrument WHERE mandate = $1";
    pub DRAFTS_OF = "SELECT id, paper, state, grantor, grantee, agency, handed_paper, handed_title, valid_to, last_day, basis, drafted_by, drafted_at, signed_digest, mandate
        FROM instrument WHERE grantor = $1 AND state = 'draft' AND valid_to > $2 ORDER BY drafted_at, id LIMIT 50";
    pub ACTIVATE = "UPDATE instrument SET state = 'active', signed_digest = $2, mandate = $3 WHERE id = $1 AND state = 'draft'";
    pub END = "UPDATE instrument SET state = 'ended' WHERE id = $1 AND state = 'active'";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    paper: String,
    state: String,
    grantor: String,
    grantee: String,
    agency: String,
    handed_paper: String,
    handed_title: String,
    valid_to: i64,
    last_day: String,
    basis: String,
    drafted_by: String,
    drafted_at: i64,
    signed_digest: Option<String>,
    mandate: Option<String>,
}

impl Row {
    fn read(self) -> Result<Instrument, Error> {
        let state = State::parse(&self.state)
            .ok_or_else(|| Error::Refused(format!("instrument state `{}`", self.state)))?;
        Ok(Instrument {
            id: self.id,
            paper: self.paper,
            state,
            grantor: self.grantor,
            grantee: self.grantee,
            agency: self.agency,
            handed_paper: self.handed_paper,
            handed_title: self.handed_title,
            valid_to: self.valid_to,
            last_day: self.last_day,
            basis: self.basis,
            drafted_by: self.drafted_by,
            drafted_at: self.drafted_at,
            signed_digest: self.signed_digest,
            mandate: self.mandate,
        })
    }
}

/// One instrument.
pub async fn by_id(conn: &mut Conn, id: &str) -> Result<Option<Instrument>, Error> {
    let row: Option<Row> = conn.optional(&BY_ID, (id,)).await?;
    row.map(Row::read).transpose()
}

/// The instrument that a paper carries.
pub async fn by_paper(conn: &mut Conn, paper: &str) -> Result<Option<Instrument>, Error> {
    let row: Option<Row> = conn.optional(&BY_PAPER, (paper,)).await?;
    row.map(Row::read).transpose()
}

/// The instrument that made a mandate.
pub async fn by_mandate(conn: &mut Conn, mandate: &str) -> Result<Option<Instrument>, Error> {
    let row: Option<Row> = conn.optional(&BY_MANDATE, (mandate,)).await?;
    row.map(Row::read).transpose()
}

/// Drafts of one post that still could be signed. The caller's own post is the scope.
pub async fn drafts_of(conn: &mut Conn, post: &str, now: i64) -> Result<Vec<Instrument>, Error> {
    let rows: Vec<Row> = conn.all(&DRAFTS_OF, (post, now)).await?;
    rows.into_iter().map(Row::read).collect()
}

/// Writes a draft.
pub async fn insert(tx: &mut Tx, draft: &Instrument) -> Result<(), Error> {
    tx.execute(
        &INSERT,
        (
            &draft.id,
            &draft.paper,
            &draft.grantor,
            &draft.grantee,
            &draft.agency,
            &draft.handed_paper,
            &draft.handed_title,
            draft.valid_to,
            &draft.last_day,
            &draft.basis,
            &draft.drafted_by,
            draft.drafted_at,
        ),
    )
    .await
    .map(|_| ())
}

/// Draft → active; false when it was no draft.
pub async fn activate(tx: &mut Tx, id: &str, digest: &str, mandate: &str) -> Result<bool, Error> {
    Ok(tx.execute(&ACTIVATE, (id, digest, mandate)).await? == 1)
}

/// Active → ended; false when it was not active.
pub async fn end(tx: &mut Tx, id: &str) -> Result<bool, Error> {
    Ok(tx.execute(&END, (id,)).await? == 1)
}
