//! Papers and their revisions. Loading asks whether the reader may see the paper: his own, one he was asked to sign, one of his agencies, or one whose seal he keeps.

use platform::db::{Conn, Error, Tx};
use register::rights::Scope;

platform::statements! {
    pub ADD = "INSERT INTO paper (id, title, kind, field, agency, state, revision, drafter, drafter_post, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, 'draft', 1, $6, $7, $8, $8)";
    pub BY_ID = "SELECT id, title, kind, field, agency, state, revision, drafter, drafter_post, number, notation, number_date, created_at, changed_at FROM paper WHERE id = $1";
    pub OF_PERSON = "SELECT p.id, p.title, p.kind, p.field, p.agency, p.state, p.revision, p.drafter, p.drafter_post, p.number, p.notation, p.number_date, p.created_at, p.changed_at FROM paper p WHERE p.drafter = $1 OR EXISTS (SELECT 1 FROM signing_request q WHERE q.paper = p.id AND q.person = $1) ORDER BY p.changed_at DESC, p.id LIMIT $2";
    pub OF_AGENCY = "SELECT id, title, kind, field, agency, state, revision, drafter, drafter_post, number, notation, number_date, created_at, changed_at FROM paper WHERE agency = $1 ORDER BY changed_at DESC, id LIMIT $2";
    pub UNSIGNED_OF_AGENCY = "SELECT id, title, kind, field, agency, state, revision, drafter, drafter_post, number, notation, number_date, created_at, changed_at FROM paper WHERE agency = $1 AND state IN ('draft', 'requested') ORDER BY changed_at DESC, id LIMIT $2";
    pub ASKED = "SELECT count(*) AS requests FROM signing_request WHERE paper = $1 AND person = $2";
    pub MOVE = "UPDATE paper SET state = $3, changed_at = $4 WHERE id = $1 AND state = $2";
    pub ADVANCE = "UPDATE paper SET state = $4, revision = $3 + 1, changed_at = $5 WHERE id = $1 AND state = $2 AND revision = $3";
    pub ENTER_NUMBER = "UPDATE paper SET state = 'numbered', revision = $2 + 1, number = $3, notation = $4, number_date = $5, changed_at = $6 WHERE id = $1 AND state = 'signed' AND revision = $2";
    pub ADD_REVISION = "INSERT INTO paper_revision (paper, revision, kind, sha256, document, made_at) VALUES ($1, $2, $3, $4, $5, $6)";
    pub REVISION = "SELECT paper, revision, kind, sha256, document, made_at FROM paper_revision WHERE paper = $1 AND revision = $2";
    pub BY_DIGEST = "SELECT paper, revision FROM paper_revision WHERE sha256 = $1 ORDER BY made_at LIMIT 1";
}

/// A paper.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PaperRow {
    /// Id.
    pub id: String,
    /// Trích yếu.
    pub title: String,
    /// Kind, a word of the vocabulary.
    pub kind: String,
    /// Field of work.
    pub field: Option<String>,
    /// Agency that issues it.
    pub agency: String,
    /// State.
    pub state: String,
    /// Newest revision.
    pub revision: i64,
    /// Who handed it in.
    pub drafter: String,
    /// In which post.
    pub drafter_post: Option<String>,
    /// Number.
    pub number: Option<i64>,
    /// Number and symbol.
    pub notation: Option<String>,
    /// Date, dd/mm/yyyy.
    pub number_date: Option<String>,
    /// When it was handed in.
    pub created_at: i64,
    /// When it last changed.
    pub changed_at: i64,
}

/// One revision's bytes.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct RevisionRow {
    /// Paper.
    pub paper: String,
    /// Which.
    pub revision: i64,
    /// `draft`, `signed`, `numbered`, `sealed`.
    pub kind: String,
    /// SHA-256, hex.
    pub sha256: String,
    /// The PDF.
    pub document: Vec<u8>,
    /// When it was made.
    pub made_at: i64,
}

/// Who wants to see a paper.
pub struct Reader<'a> {
    /// Person.
    pub person: &'a str,
    /// Post he works in.
    pub post: Option<&'a str>,
    /// Agency of that post.
    pub agency: Option<&'a str>,
    /// What the rights function gives him.
    pub scope: &'a Scope,
    /// At which instant.
    pub at: i64,
}

impl Reader<'_> {
    /// Whether the paper is of his post's agency, or was drafted there; administering a province is no reason to read its papers.
    async fn concerned(&self, conn: &mut Conn, paper: &PaperRow) -> Result<bool, Error> {
        let (Some(_), Some(own)) = (self.post, self.agency) else {
            return Ok(false);
        };
        if !register::rights::covers(conn, self.scope, own).await? {
            return Ok(false);
        }
        if paper.agency == own {
            return Ok(true);
        }
        let Some(drafted_in) = &paper.drafter_post else {
            return Ok(false);
        };
        let drafted_in = register::facts::post(conn, drafted_in, self.at).await?;
        Ok(drafted_in.is_some_and(|post| post.agency == own))
    }
}

/// Hands in a paper with its first revision.
pub async fn add(tx: &mut Tx, row: &PaperRow, first: &RevisionRow) -> Result<(), Error> {
    tx.execute(
        &ADD,
        (
            &row.id,
            &row.title,
            &row.kind,
            &row.field,
            &row.agency,
            &row.drafter,
            &row.drafter_post,
            row.created_at,
        ),
    )
    .await?;
    add_revision(tx, first).await
}

/// Adds a revision.
pub async fn add_revision(tx: &mut Tx, row: &RevisionRow) -> Result<(), Error> {
    tx.execute(
        &ADD_REVISION,
        (
            &row.paper,
            row.revision,
            &row.kind,
            &row.sha256,
            &row.document,
            row.made_at,
        ),
    )
    .await
    .map(|_| ())
}

/// The paper, if the reader may see it.
pub async fn load(
    conn: &mut Conn,
    reader: &Reader<'_>,
    id: &str,
) -> Result<Option<PaperRow>, Error> {
    let Some(paper) = within(conn, id).await? else {
        return Ok(None);
    };
    if paper.drafter == reader.person {
        return Ok(Some(paper));
    }
    let (asked,): (i64,) = conn.one(&ASKED, (id, reader.person)).await?;
    if asked > 0 || reader.concerned(conn, &paper).await? {
        return Ok(Some(paper));
    }
    let keeps = match reader.post {
        Some(post) => register::facts::keeps_seal(conn, post, &paper.agency, reader.at).await?,
        None => false,
    };
    Ok(keeps.then_some(paper))
}

/// The paper for a flow that has already established the right, or acts for the system.
pub async fn within(conn: &mut Conn, id: &str) -> Result<Option<PaperRow>, Error> {
    conn.optional(&BY_ID, (id,)).await
}

/// Papers a person handed in or was asked to sign, newest first.
pub async fn of_person(conn: &mut Conn, person: &str, limit: i64) -> Result<Vec<PaperRow>, Error> {
    conn.all(&OF_PERSON, (person, limit)).await
}

/// Papers of an agency within the reader's scope, newest first.
pub async fn of_agency(
    conn: &mut Conn,
    reader: &Reader<'_>,
    agency: &str,
    limit: i64,
) -> Result<Vec<PaperRow>, Error> {
    let sees = reader.agency == Some(agency)
        || match reader.post {
            Some(post) => register::facts::keeps_seal(conn, post, agency, reader.at).await?,
            None => false,
        };
    if sees {
        conn.all(&OF_AGENCY, (agency, limit)).await
    } else {
        Ok(Vec::new())
    }
}

/// Papers of an agency that nobody has signed, for the hand-over form of its own head.
pub async fn unsigned_of_agency(
    conn: &mut Conn,
    agency: &str,
    limit: i64,
) -> Result<Vec<PaperRow>, Error> {
    conn.all(&UNSIGNED_OF_AGENCY, (agency, limit)).await
}

/// Moves from one state to another without a new revision; false when the paper is not in that state.
pub async fn move_state(
    tx: &mut Tx,
    id: &str,
    from: &str,
    to: &str,
    at: i64,
) -> Result<bool, Error> {
    Ok(tx.execute(&MOVE, (id, from, to, at)).await? == 1)
}

/// Moves on with a new revision; false when state or revision changed meanwhile.
pub async fn advance(
    tx: &mut Tx,
    id: &str,
    from: &str,
    revision: i64,
    to: &str,
    at: i64,
) -> Result<bool, Error> {
    Ok(tx.execute(&ADVANCE, (id, from, revision, to, at)).await? == 1)
}

/// Enters number and date with a new revision.
pub async fn enter_number(
    tx: &mut Tx,
    id: &str,
    revision: i64,
    number: i64,
    notation: &str,
    date: &str,
    at: i64,
) -> Result<bool, Error> {
    let changed = tx
        .execute(&ENTER_NUMBER, (id, revision, number, notation, date, at))
        .await?;
    Ok(changed == 1)
}

/// One revision.
pub async fn revision(
    conn: &mut Conn,
    paper: &str,
    revision: i64,
) -> Result<Option<RevisionRow>, Error> {
    conn.optional(&REVISION, (paper, revision)).await
}

/// Paper and revision with these very bytes.
pub async fn by_digest(conn: &mut Conn, sha256: &str) -> Result<Option<(String, i64)>, Error> {
    conn.optional(&BY_DIGEST, (sha256,)).await
}
