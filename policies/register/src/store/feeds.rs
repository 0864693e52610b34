//! Sources of lists, and the lists that came from them.

use std::collections::BTreeMap;

use platform::db::{Conn, Error, Tx};

use super::claims::{text, words};
use super::lists::ListState;
use crate::domain::feed::{Counted, Source};
use crate::domain::intake::leavers::Claim;
use crate::rights::{Scope, covers};

macro_rules! sources {
    () => {
        "SELECT s.id, s.name, s.agencies, s.automatic, s.may_end, s.silent_days, s.basis FROM feed_source s WHERE s.ended_at IS NULL "
    };
}
macro_rules! deliveries {
    () => {
        "SELECT c.list, c.source, l.state, l.uploaded_at, l.effective, l.digest, l.uploaded_by, c.whole_for, c.counts FROM list_claim c JOIN list_import l ON l.id = c.list "
    };
}

platform::statements! {
    pub SOURCES = concat!(sources!(), "ORDER BY s.name, s.id");
    pub SOURCE = concat!(sources!(), "AND s.id = $1");
    pub LAST = "SELECT s.id, COALESCE((SELECT MAX(l.uploaded_at) FROM list_claim c JOIN list_import l ON l.id = c.list WHERE c.source = s.id AND c.part_of IS NULL), s.recorded_at) AS last FROM feed_source s WHERE s.ended_at IS NULL";
    pub ADD = "INSERT INTO feed_source (id, name, agencies, automatic, may_end, silent_days, basis, recorded_by, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    pub END = "UPDATE feed_source SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";
    pub DELIVERIES = concat!(deliveries!(), "WHERE c.source = $1 AND c.part_of IS NULL ORDER BY l.uploaded_at DESC, l.id DESC LIMIT $2");
    pub BY_KEY = concat!(deliveries!(), "WHERE c.source = $1 AND c.delivery_key = $2");
    pub PARTS = concat!(deliveries!(), "WHERE c.part_of = $1 ORDER BY l.uploaded_at DESC, l.id DESC");
    pub DELIVERY = concat!(deliveries!(), "WHERE c.list = $1 AND c.source IS NOT NULL");
    pub ENDED = "SELECT c.ends FROM list_claim c JOIN list_import l ON l.id = c.list WHERE c.source = $1 AND c.part_of IS NOT NULL AND l.state = 'published' AND l.uploaded_at >= $2";
    pub TIE = "INSERT INTO list_claim (list, source, part_of, delivery_key, whole_for, ends) VALUES ($1, $2, $3, $4, $5, $6)";
    pub COUNT = "UPDATE list_claim SET counts = $2 WHERE list = $1";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    name: String,
    agencies: String,
    automatic: bool,
    may_end: bool,
    silent_days: i64,
    basis: String,
}

impl TryFrom<Row> for Source {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            agencies: words(&row.agencies)?,
            id: row.id,
            name: row.name,
            automatic: row.automatic,
            may_end: row.may_end,
            silent_days: row.silent_days,
            basis: row.basis,
        })
    }
}

#[derive(sqlx::FromRow)]
struct DeliveryRow {
    list: String,
    source: Option<String>,
    state: ListState,
    uploaded_at: i64,
    effective: i64,
    digest: String,
    uploaded_by: String,
    whole_for: String,
    counts: Option<String>,
}

/// A list that came from a source.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// `lst_…`
    pub list: String,
    /// `src_…`
    pub source: String,
    /// Where it stands.
    pub state: ListState,
    /// When it came.
    pub at: i64,
    /// From when on it counts.
    pub effective: i64,
    /// Digest of the list.
    pub digest: String,
    /// Who handed it in.
    pub by: String,
    /// Whether it was declared complete.
    pub whole: bool,
    /// What it meant when it came.
    pub counts: Counted,
}

impl TryFrom<DeliveryRow> for Delivery {
    type Error = Error;

    fn try_from(row: DeliveryRow) -> Result<Self, Error> {
        let counts = row.counts.as_deref().map(serde_json::from_str);
        let counts = counts.transpose().map_err(|error| {
            Error::Refused(format!("the counts of a delivery cannot be read: {error}"))
        })?;
        Ok(Self {
            whole: !words(&row.whole_for)?.is_empty(),
            list: row.list,
            source: row.source.unwrap_or_default(),
            state: row.state,
            at: row.uploaded_at,
            effective: row.effective,
            digest: row.digest,
            by: row.uploaded_by,
            counts: counts.unwrap_or_default(),
        })
    }
}

/// Sources in use that are master of an agency of the scope.
pub(crate) async fn sources(conn: &mut Conn, scope: &Scope) -> Result<Vec<Source>, Error> {
    let mut seen = Vec::new();
    for source in all(conn).await? {
        let mut within = scope.is_whole();
        for agency in &source.agencies {
            within = within || covers(conn, scope, agency).await?;
        }
        if within {
            seen.push(source);
        }
    }
    Ok(seen)
}

/// Every source in use, to see that no agency has two masters.
pub(crate) async fn all(conn: &mut Conn) -> Result<Vec<Source>, Error> {
    let rows: Vec<Row> = conn.all(&SOURCES, ()).await?;
    rows.into_iter().map(Source::try_from).collect()
}

/// When each source in use delivered last, or was recorded if it never did: only instants, no rows.
pub(crate) async fn last_sign(conn: &mut Conn) -> Result<BTreeMap<String, i64>, Error> {
    let rows: Vec<(String, i64)> = conn.all(&LAST, ()).await?;
    Ok(rows.into_iter().collect())
}

/// A source in use, with nothing of its lists.
pub(crate) async fn find(conn: &mut Conn, id: &str) -> Result<Option<Source>, Error> {
    let row: Option<Row> = conn.optional(&SOURCE, (id,)).await?;
    row.map(Source::try_from).transpose()
}

pub(crate) async fn add(tx: &mut Tx, source: &Source, by: &str, at: i64) -> Result<(), Error> {
    tx.execute(
        &ADD,
        (
            &source.id,
            &source.name,
            text(&source.agencies),
            source.automatic,
            source.may_end,
            source.silent_days,
            &source.basis,
            by,
            at,
        ),
    )
    .await?;
    Ok(())
}

/// `false` when there is none in use.
pub(crate) async fn end(tx: &mut Tx, id: &str, at: i64) -> Result<bool, Error> {
    Ok(tx.execute(&END, (id, at)).await? == 1)
}

/// The newest lists of a source: only figures, no rows.
pub(crate) async fn deliveries(
    conn: &mut Conn,
    source: &Source,
    limit: i64,
) -> Result<Vec<Delivery>, Error> {
    let rows: Vec<DeliveryRow> = conn.all(&DELIVERIES, (&source.id, limit)).await?;
    rows.into_iter().map(Delivery::try_from).collect()
}

/// The list that came from a source under a key.
pub(crate) async fn by_key(
    conn: &mut Conn,
    source: &Source,
    key: &str,
) -> Result<Option<Delivery>, Error> {
    let row: Option<DeliveryRow> = conn.optional(&BY_KEY, (&source.id, key)).await?;
    row.map(Delivery::try_from).transpose()
}

/// The part of a delivery that was published without a look.
pub(crate) async fn part(conn: &mut Conn, list: &str) -> Result<Option<Delivery>, Error> {
    let rows: Vec<DeliveryRow> = conn.all(&PARTS, (list,)).await?;
    rows.into_iter().next().map(Delivery::try_from).transpose()
}

/// How many people a source ended by itself since an instant.
pub(crate) async fn ended_since(
    conn: &mut Conn,
    source: &Source,
    since: i64,
) -> Result<usize, Error> {
    let rows: Vec<(String,)> = conn.all(&ENDED, (&source.id, since)).await?;
    let mut n = 0;
    for (ends,) in rows {
        n += words(&ends)?.len();
    }
    Ok(n)
}

/// A list that came from a source, with its figures.
pub(crate) async fn delivery(conn: &mut Conn, list: &str) -> Result<Option<Delivery>, Error> {
    let row: Option<DeliveryRow> = conn.optional(&DELIVERY, (list,)).await?;
    row.map(Delivery::try_from).transpose()
}

/// Ties a list to its source: a part of another delivery, or a delivery under a key. A key that the source used before is a conflict.
pub(crate) async fn tie(
    tx: &mut Tx,
    list: &str,
    claim: &Claim,
    part_of: Option<&str>,
    key: Option<&str>,
) -> Result<(), Error> {
    let (whole_for, ends) = (text(&claim.whole_for), text(&claim.ends));
    tx.execute(&TIE, (list, &claim.source, part_of, key, whole_for, ends))
        .await?;
    Ok(())
}

/// Keeps what a delivery meant when it came.
pub(crate) async fn count(tx: &mut Tx, list: &str, counts: Counted) -> Result<(), Error> {
    tx.execute(&COUNT, (list, serde_json::json!(counts).to_string()))
        .await?;
    Ok(())
}
