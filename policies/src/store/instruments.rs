//! Instruments with their clauses, and their states.

use engine::{Addressee, Form};
use platform::db::{Conn, Error, Tx};

use crate::domain::instrument::{Clause, Instrument, State};

platform::statements! {
    pub INSERT = "INSERT INTO instrument (id, paper, state, form, grantor, agency, basis, drafted_by, drafted_at) VALUES ($1, $2, 'draft', $3, $4, $5, $6, $7, $8)";
    pub INSERT_CLAUSE = "INSERT INTO clause (instrument, number, grantee, addressee, holder, bound, reach, subject, valid_to) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    pub BY_ID = "SELECT id, paper, state, form, grantor, agency, basis, drafted_by, drafted_at, signed_digest FROM instrument WHERE id = $1";
    pub BY_PAPER = "SELECT id, paper, state, form, grantor, agency, basis, drafted_by, drafted_at, signed_digest FROM instrument WHERE paper = $1";
    pub BY_MANDATE = "SELECT i.id, i.paper, i.state, i.form, i.grantor, i.agency, i.basis, i.drafted_by, i.drafted_at, i.signed_digest
        FROM instrument i JOIN clause c ON c.instrument = i.id WHERE c.mandate = $1";
    pub DRAFTS_OF = "SELECT id, paper, state, form, grantor, agency, basis, drafted_by, drafted_at, signed_digest FROM instrument
        WHERE grantor = $1 AND state = 'draft' ORDER BY drafted_at, id LIMIT 50";
    pub CLAUSES = "SELECT number, grantee, addressee, holder, bound, reach, subject, valid_to, mandate FROM clause WHERE instrument = $1 ORDER BY number";
    pub ACTIVATE = "UPDATE instrument SET state = 'active', signed_digest = $2 WHERE id = $1 AND state = 'draft'";
    pub MAKE_MANDATE = "UPDATE clause SET mandate = $3 WHERE instrument = $1 AND number = $2 AND mandate IS NULL";
    pub END = "UPDATE instrument SET state = 'ended' WHERE id = $1 AND state = 'active'
        AND NOT EXISTS (SELECT 1 FROM mandate m WHERE m.instrument = $1 AND m.closed_by IS NULL AND (m.valid_to IS NULL OR m.valid_to > $2))";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    paper: String,
    state: String,
    form: String,
    grantor: String,
    agency: String,
    basis: String,
    drafted_by: String,
    drafted_at: i64,
    signed_digest: Option<String>,
}

#[derive(sqlx::FromRow)]
struct ClauseRow {
    number: i64,
    grantee: String,
    addressee: String,
    holder: Option<String>,
    bound: i64,
    reach: String,
    subject: String,
    valid_to: Option<i64>,
    mandate: Option<String>,
}

/// Reads a stored form.
pub(super) fn form(word: &str) -> Result<Form, Error> {
    Form::parse(word).ok_or_else(|| Error::Refused(format!("form `{word}`")))
}

/// Reads to whom a stored mandate is addressed.
pub(super) fn addressee(word: &str) -> Result<Addressee, Error> {
    match word {
        "post" => Ok(Addressee::Post),
        "agency" => Ok(Addressee::Agency),
        _ => Err(Error::Refused(format!("addressee `{word}`"))),
    }
}

/// The word stored.
pub(super) const fn addressee_word(addressee: Addressee) -> &'static str {
    match addressee {
        Addressee::Post => "post",
        Addressee::Agency => "agency",
    }
}

/// Reads what a stored mandate reaches.
pub(super) fn reach(text: &str) -> Result<engine::Reach, Error> {
    serde_json::from_str(text).map_err(|error| Error::Refused(format!("reach: {error}")))
}

/// The text stored.
pub(super) fn reach_text(reach: &engine::Reach) -> Result<String, Error> {
    serde_json::to_string(reach).map_err(|error| Error::Refused(format!("reach: {error}")))
}

impl ClauseRow {
    fn read(self) -> Result<Clause, Error> {
        Ok(Clause {
            number: self.number,
            grantee: self.grantee,
            addressee: addressee(&self.addressee)?,
            holder: self.holder,
            bound: self.bound == 1,
            reach: reach(&self.reach)?,
            subject: self.subject,
            valid_to: self.valid_to,
            mandate: self.mandate,
        })
    }
}

async fn whole(conn: &mut Conn, row: Row) -> Result<Instrument, Error> {
    let state = State::parse(&row.state)
        .ok_or_else(|| Error::Refused(format!("instrument state `{}`", row.state)))?;
    let clauses: Vec<ClauseRow> = conn.all(&CLAUSES, (&row.id,)).await?;
    Ok(Instrument {
        clauses: clauses
            .into_iter()
            .map(ClauseRow::read)
            .collect::<Result<_, _>>()?,
        form: form(&row.form)?,
        state,
        id: row.id,
        paper: row.paper,
        grantor: row.grantor,
        agency: row.agency,
        basis: row.basis,
        drafted_by: row.drafted_by,
        drafted_at: row.drafted_at,
        signed_digest: row.signed_digest,
    })
}

async fn one(conn: &mut Conn, row: Option<Row>) -> Result<Option<Instrument>, Error> {
    match row {
        Some(row) => whole(conn, row).await.map(Some),
        None => Ok(None),
    }
}

/// One instrument.
pub async fn by_id(conn: &mut Conn, id: &str) -> Result<Option<Instrument>, Error> {
    let row = conn.optional(&BY_ID, (id,)).await?;
    one(conn, row).await
}

/// The instrument that a paper carries.
pub async fn by_paper(conn: &mut Conn, paper: &str) -> Result<Option<Instrument>, Error> {
    let row = conn.optional(&BY_PAPER, (paper,)).await?;
    one(conn, row).await
}

/// The instrument that made a mandate.
pub async fn by_mandate(conn: &mut Conn, mandate: &str) -> Result<Option<Instrument>, Error> {
    let row = conn.optional(&BY_MANDATE, (mandate,)).await?;
    one(conn, row).await
}

/// Drafts of one post that still could be signed. The caller's own post is the scope.
pub async fn drafts_of(conn: &mut Conn, post: &str, now: i64) -> Result<Vec<Instrument>, Error> {
    let rows: Vec<Row> = conn.all(&DRAFTS_OF, (post,)).await?;
    let mut drafts = Vec::with_capacity(rows.len());
    for row in rows {
        drafts.push(whole(conn, row).await?);
    }
    drafts.retain(|draft| draft.ends().is_none_or(|ends| now < ends));
    Ok(drafts)
}

/// Writes a draft with its clauses.
pub async fn insert(tx: &mut Tx, draft: &Instrument) -> Result<(), Error> {
    let (form, grantor, agency) = (draft.form.as_str(), &draft.grantor, &draft.agency);
    let given = (
        &draft.id,
        &draft.paper,
        form,
        grantor,
        agency,
        &draft.basis,
        &draft.drafted_by,
        draft.drafted_at,
    );
    tx.execute(&INSERT, given).await?;
    for clause in &draft.clauses {
        let given = (
            &draft.id,
            clause.number,
            &clause.grantee,
            addressee_word(clause.addressee),
            clause.holder.as_deref(),
            i64::from(clause.bound),
            reach_text(&clause.reach)?,
            &clause.subject,
            clause.valid_to,
        );
        tx.execute(&INSERT_CLAUSE, given).await?;
    }
    Ok(())
}

/// Draft → active; false when it was no draft.
pub async fn activate(tx: &mut Tx, id: &str, digest: &str) -> Result<bool, Error> {
    Ok(tx.execute(&ACTIVATE, (id, digest)).await? == 1)
}

/// Says which mandate a clause made; false when it made one before.
pub async fn make(tx: &mut Tx, id: &str, number: i64, mandate: &str) -> Result<bool, Error> {
    Ok(tx.execute(&MAKE_MANDATE, (id, number, mandate)).await? == 1)
}

/// Active → ended, when nothing of it holds at `now` or later.
pub async fn end(tx: &mut Tx, id: &str, now: i64) -> Result<bool, Error> {
    Ok(tx.execute(&END, (id, now)).await? == 1)
}
