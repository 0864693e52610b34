//! Versions of agencies.

use std::collections::BTreeSet;

use platform::db::{Conn, Error, Tx};

use crate::domain::collation::text_key;
use crate::domain::facts::AgencyFact;
use crate::domain::text::{fold, marked};
use crate::domain::time::{AsOf, position};
use crate::domain::words::is_collective;
use crate::rights::Scope;

macro_rules! columns {
    () => {
        "SELECT a.record, a.id, a.parent, a.code, a.name, a.short_name, a.kind, a.level, a.mail_domain, a.id_qcvn102, a.gso_code, a.valid_from, a.valid_to FROM known_agency a "
    };
}

platform::statements! {
    pub SNAPSHOT = concat!(columns!(), "WHERE ", known!("a", "$1"), " ORDER BY a.code, a.valid_from, a.record");
    pub FIND = concat!(columns!(), "WHERE a.id = $1 AND ", valid!("a", "$2"), " AND ", known!("a", "$3"));
    pub FIND_BY_CODE = concat!(columns!(), "WHERE a.code = $1 AND ", valid!("a", "$2"), " AND ", known!("a", "$3"));
    pub FIND_ROOT = concat!(columns!(), "WHERE a.parent IS NULL AND ", valid!("a", "$1"), " AND ", known!("a", "$2"));
    pub ANY = concat!("SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM known_agency a WHERE ", known!("a", "$1"), " LIMIT 1) found");
    pub ROOT_DOMAINS = concat!("SELECT DISTINCT a.mail_domain FROM known_agency a WHERE a.parent IS NULL AND ", known!("a", "$1"), " ORDER BY a.mail_domain");
    pub BEARERS = concat!(columns!(), "WHERE a.code = $1 AND a.id IN ", covered!("$2"), " AND ", known!("a", "$3"), " ORDER BY a.valid_from DESC, a.record");
    pub LAST_BEARER = concat!("SELECT a.id FROM known_agency a WHERE a.code = $1 AND a.valid_from <= $2 AND ", known!("a", "$3"), " ORDER BY a.valid_from DESC, a.record LIMIT 1");
    pub PREDECESSORS = concat!("SELECT DISTINCT s.predecessor AS id, s.valid_from, s.functions, s.basis FROM known_succession s WHERE s.kind = 'agency' AND s.successor = $1 AND ", known!("s", "$2"), " ORDER BY s.valid_from, s.predecessor");
    pub SUCCESSORS = concat!("SELECT DISTINCT s.successor AS id, s.valid_from, s.functions, s.basis FROM known_succession s WHERE s.kind = 'agency' AND s.predecessor = $1 AND ", known!("s", "$2"), " ORDER BY s.valid_from, s.successor");
    pub VERSIONS = concat!(columns!(), "WHERE a.id = $1 AND a.id IN ", covered!("$2"), " AND ", known!("a", "$3"), " ORDER BY a.valid_from");
    pub WITHIN = concat!(columns!(), "WHERE a.id IN ", covered!("$1"), " AND ", valid!("a", "$2"), " AND ", known!("a", "$3"), " ORDER BY a.level, a.code");
    pub COVERS = concat!("SELECT COUNT(*) AS n FROM ", covered!("$1"), " covered WHERE covered.id = $2");
    /// Below $1 (ids with blanks between them) at $2: what stands there then, what ended there, and what they succeeded after it ended.
    /// A body counts where it stands then, not where it once stood; one that takes over functions of a living body does not cover it.
    pub BELOW = concat!("WITH RECURSIVE edge (low, high) AS (
          SELECT s.id, s.parent FROM known_agency s WHERE s.parent IS NOT NULL AND ", known!("s", "$3"), "
             AND NOT EXISTS (SELECT 1 FROM known_agency n WHERE n.id = s.id AND n.valid_from > s.valid_from AND n.valid_from <= $2 AND ", known!("n", "$3"), ")
             AND (s.valid_from <= $2 OR NOT EXISTS (SELECT 1 FROM known_agency e WHERE e.id = s.id AND e.valid_from <= $2 AND ", known!("e", "$3"), "))
          UNION SELECT s.predecessor, s.successor FROM known_succession s WHERE s.kind = 'agency' AND s.valid_from <= $2 AND ", known!("s", "$3"), "
             AND NOT EXISTS (SELECT 1 FROM known_agency l WHERE l.id = s.predecessor AND ", valid!("l", "$2"), " AND ", known!("l", "$3"), ")),
        below (id) AS (SELECT r.id FROM known_agency r WHERE REPLACE(' ' || CAST($1 AS TEXT) || ' ', ' ' || r.id || ' ', '') <> ' ' || CAST($1 AS TEXT) || ' '
          UNION SELECT e.low FROM edge e JOIN below b ON e.high = b.id)
        SELECT id FROM below ORDER BY id");
    pub INSERT = "INSERT INTO agency (record, id, parent, code, name, short_name, kind, level, mail_domain, id_qcvn102, gso_code, search_key, sort_key, valid_from, valid_to, recorded_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    record: String,
    id: String,
    parent: Option<String>,
    code: String,
    name: String,
    short_name: String,
    kind: String,
    level: i64,
    mail_domain: String,
    id_qcvn102: Option<String>,
    gso_code: Option<String>,
    valid_from: i64,
    valid_to: Option<i64>,
}

impl From<Row> for AgencyFact {
    fn from(row: Row) -> Self {
        Self {
            collective: is_collective(&row.kind),
            record: row.record,
            id: row.id,
            parent: row.parent,
            code: row.code,
            name: row.name,
            short_name: row.short_name,
            kind: row.kind,
            level: row.level,
            mail_domain: row.mail_domain,
            id_qcvn102: row.id_qcvn102,
            gso_code: row.gso_code,
            from: row.valid_from,
            to: row.valid_to,
        }
    }
}

/// Search text of a name: accent-free, then with its marks.
pub(crate) fn search_key(parts: &[&str]) -> String {
    let text = parts.join(" ");
    format!("{} | {}", fold(&text), marked(&text))
}

pub(crate) async fn snapshot(
    conn: &mut Conn,
    known: Option<i64>,
) -> Result<Vec<AgencyFact>, Error> {
    let rows: Vec<Row> = conn.all(&SNAPSHOT, (position(known),)).await?;
    Ok(rows.into_iter().map(AgencyFact::from).collect())
}

pub(crate) async fn find(
    conn: &mut Conn,
    id: &str,
    as_of: AsOf,
) -> Result<Option<AgencyFact>, Error> {
    let row: Option<Row> = conn
        .optional(&FIND, (id, as_of.at, as_of.position()))
        .await?;
    Ok(row.map(AgencyFact::from))
}

pub(crate) async fn find_by_code(
    conn: &mut Conn,
    code: &str,
    as_of: AsOf,
) -> Result<Option<AgencyFact>, Error> {
    let row: Option<Row> = conn
        .optional(&FIND_BY_CODE, (code, as_of.at, as_of.position()))
        .await?;
    Ok(row.map(AgencyFact::from))
}

pub(crate) async fn find_root(conn: &mut Conn, as_of: AsOf) -> Result<Option<AgencyFact>, Error> {
    let row: Option<Row> = conn
        .optional(&FIND_ROOT, (as_of.at, as_of.position()))
        .await?;
    Ok(row.map(AgencyFact::from))
}

/// Whether the register holds any agency, past or to come.
pub(crate) async fn any(conn: &mut Conn) -> Result<bool, Error> {
    let (n,): (i64,) = conn.one(&ANY, (i64::MAX,)).await?;
    Ok(n > 0)
}

/// Mail domains the province has had or will have.
pub(crate) async fn root_domains(conn: &mut Conn) -> Result<Vec<String>, Error> {
    let rows: Vec<(String,)> = conn.all(&ROOT_DOMAINS, (i64::MAX,)).await?;
    Ok(rows.into_iter().map(|(domain,)| domain).collect())
}

/// Bodies of the scope that bore or bear a code, the last first.
pub async fn bearers(
    conn: &mut Conn,
    scope: &Scope,
    code: &str,
    known: Option<i64>,
) -> Result<Vec<AgencyFact>, Error> {
    let rows: Vec<Row> = conn
        .all(&BEARERS, (code, scope.agencies(), position(known)))
        .await?;
    Ok(rows
        .into_iter()
        .map(AgencyFact::from)
        .filter(|a| scope.admits(a.interval()))
        .collect())
}

/// A body before or after another.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Kin {
    /// `agy_…`
    pub id: String,
    /// When the one took over from the other.
    #[sqlx(rename = "valid_from")]
    pub at: i64,
    /// Which functions; empty for all.
    pub functions: String,
    /// Decision that says so.
    pub basis: String,
}

pub(crate) async fn predecessors(
    conn: &mut Conn,
    id: &str,
    known: Option<i64>,
) -> Result<Vec<Kin>, Error> {
    conn.all(&PREDECESSORS, (id, position(known))).await
}

pub(crate) async fn successors(
    conn: &mut Conn,
    id: &str,
    known: Option<i64>,
) -> Result<Vec<Kin>, Error> {
    conn.all(&SUCCESSORS, (id, position(known))).await
}

/// The body that bore a code last, up to an instant.
pub(crate) async fn last_bearer(
    conn: &mut Conn,
    code: &str,
    as_of: AsOf,
) -> Result<Option<String>, Error> {
    let row: Option<(String,)> = conn
        .optional(&LAST_BEARER, (code, as_of.at, as_of.position()))
        .await?;
    Ok(row.map(|(id,)| id))
}

/// What a body is at an instant: itself, or whoever succeeded it, through any number of reorganisations; in order of code.
pub(crate) async fn heirs(
    conn: &mut Conn,
    id: &str,
    as_of: AsOf,
) -> Result<Vec<AgencyFact>, Error> {
    let (mut seen, mut open) = (BTreeSet::from([id.to_string()]), vec![id.to_string()]);
    let mut found = Vec::new();
    while let Some(id) = open.pop() {
        if let Some(body) = find(conn, &id, as_of).await? {
            found.push(body);
            continue;
        }
        for kin in successors(conn, &id, as_of.known).await? {
            if kin.at <= as_of.at && seen.insert(kin.id.clone()) {
                open.push(kin.id);
            }
        }
    }
    found.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(found)
}

/// All versions of an agency of the scope.
pub async fn versions(
    conn: &mut Conn,
    scope: &Scope,
    id: &str,
    known: Option<i64>,
) -> Result<Vec<AgencyFact>, Error> {
    let rows: Vec<Row> = conn
        .all(&VERSIONS, (id, scope.agencies(), position(known)))
        .await?;
    Ok(rows
        .into_iter()
        .map(AgencyFact::from)
        .filter(|a| scope.admits(a.interval()))
        .collect())
}

/// The agencies of the scope, the upper ones first.
pub async fn list(conn: &mut Conn, scope: &Scope, as_of: AsOf) -> Result<Vec<AgencyFact>, Error> {
    let rows: Vec<Row> = conn
        .all(&WITHIN, (scope.agencies(), as_of.at, as_of.position()))
        .await?;
    Ok(rows
        .into_iter()
        .map(AgencyFact::from)
        .filter(|a| scope.admits(a.interval()))
        .collect())
}

/// Whether an agency is one of those a scope covers.
pub(crate) async fn covers(conn: &mut Conn, scope: &Scope, agency: &str) -> Result<bool, Error> {
    let (n,): (i64,) = conn.one(&COVERS, (scope.agencies(), agency)).await?;
    Ok(n > 0)
}

/// These agencies (ids with blanks between them), what stands below them at an instant, and the ended bodies that all these succeeded.
pub(crate) async fn below(conn: &mut Conn, roots: &str, as_of: AsOf) -> Result<Vec<String>, Error> {
    let rows: Vec<(String,)> = conn
        .all(&BELOW, (roots, as_of.at, as_of.position()))
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub(crate) async fn insert(tx: &mut Tx, a: &AgencyFact, recorded_by: &str) -> Result<(), Error> {
    let search = search_key(&[&a.name, &a.short_name, &a.code]);
    let sort = text_key(&a.name);
    tx.execute(
        &INSERT,
        (
            &a.record,
            &a.id,
            &a.parent,
            &a.code,
            &a.name,
            &a.short_name,
            &a.kind,
            a.level,
            &a.mail_domain,
            &a.id_qcvn102,
            &a.gso_code,
            search,
            sort,
            a.from,
            a.to,
            recorded_by,
        ),
    )
    .await?;
    Ok(())
}
