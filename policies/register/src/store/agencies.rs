//! Versions of agencies.

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
    pub VERSIONS = concat!(columns!(), "WHERE a.id = $1 AND a.id IN ", subtree!("$2"), " AND ", known!("a", "$3"), " ORDER BY a.valid_from");
    pub WITHIN = concat!(columns!(), "WHERE a.id IN ", subtree!("$1"), " AND ", valid!("a", "$2"), " AND ", known!("a", "$3"), " ORDER BY a.level, a.code");
    pub COVERS = concat!("SELECT COUNT(*) AS n FROM ", subtree!("$1"), " covered WHERE covered.id = $2");
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

/// All versions of an agency of the scope.
pub async fn versions(
    conn: &mut Conn,
    scope: &Scope,
    id: &str,
    known: Option<i64>,
) -> Result<Vec<AgencyFact>, Error> {
    let rows: Vec<Row> = conn
        .all(&VERSIONS, (id, scope.roots(), position(known)))
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
        .all(&WITHIN, (scope.roots(), as_of.at, as_of.position()))
        .await?;
    Ok(rows
        .into_iter()
        .map(AgencyFact::from)
        .filter(|a| scope.admits(a.interval()))
        .collect())
}

pub(crate) async fn covers(conn: &mut Conn, root: &str, agency: &str) -> Result<bool, Error> {
    let (n,): (i64,) = conn.one(&COVERS, (root, agency)).await?;
    Ok(n > 0)
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
