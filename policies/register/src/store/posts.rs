//! Posts.

use platform::db::{Conn, Error, Tx};

use super::agencies::search_key;
use crate::domain::facts::PostFact;
use crate::domain::time::{AsOf, position};
use crate::domain::words::Standing;
use crate::rights::Scope;

macro_rules! columns {
    () => {
        "SELECT p.record, p.id, p.agency, p.unit, p.code, p.title, p.rank, p.standing, p.deputy_of, p.capacities, p.field, p.valid_from, p.valid_to FROM known_post p "
    };
}

platform::statements! {
    pub SNAPSHOT = concat!(columns!(), "WHERE ", known!("p", "$1"), " ORDER BY p.agency, p.rank, p.id, p.valid_from, p.record");
    pub FIND = concat!(columns!(), "WHERE p.id = $1 AND ", valid!("p", "$2"), " AND ", known!("p", "$3"));
    pub OF_AGENCY = concat!(columns!(), "WHERE p.agency = $1 AND ", valid!("p", "$2"), " AND ", known!("p", "$3"), " ORDER BY p.rank, p.code, p.id");
    pub LOAD = concat!(columns!(), "WHERE p.id = $1 AND p.agency IN ", covered!("$2"), " AND ", known!("p", "$3"), " ORDER BY p.valid_from DESC");
    pub WITHIN = concat!(columns!(), "WHERE p.agency = $1 AND p.agency IN ", covered!("$2"), " AND ", valid!("p", "$3"), " AND ", known!("p", "$4"), " ORDER BY p.rank, p.code, p.id");
    pub VACANT_HEADS = concat!("SELECT p.agency, p.title FROM known_post p WHERE p.standing = 'agency_head' AND p.agency IN ", covered!("$1"), " AND ", valid!("p", "$2"), " AND ", known!("p", "$3"),
        " AND NOT EXISTS (SELECT 1 FROM known_appointment t WHERE t.post = p.id AND ", valid!("t", "$2"), " AND ", known!("t", "$3"), ") ORDER BY p.agency, p.id");
    /// Many rows at once, as a JSON array.
    pub INSERT_ALL = "INSERT INTO post (record, id, agency, unit, code, title, rank, standing, deputy_of, capacities, field, search_key, valid_from, valid_to, recorded_by) SELECT json_extract(r.value, '$.record'), json_extract(r.value, '$.id'), json_extract(r.value, '$.agency'), json_extract(r.value, '$.unit'), json_extract(r.value, '$.code'), json_extract(r.value, '$.title'), json_extract(r.value, '$.rank'), json_extract(r.value, '$.standing'), json_extract(r.value, '$.deputy_of'), json_extract(r.value, '$.capacities'), json_extract(r.value, '$.field'), json_extract(r.value, '$.search_key'), json_extract(r.value, '$.from'), json_extract(r.value, '$.to'), $2 FROM json_each($1) r",
        postgres "INSERT INTO post (record, id, agency, unit, code, title, rank, standing, deputy_of, capacities, field, search_key, valid_from, valid_to, recorded_by) SELECT x.\"record\", x.\"id\", x.\"agency\", x.\"unit\", x.\"code\", x.\"title\", x.\"rank\", x.\"standing\", x.\"deputy_of\", x.\"capacities\", x.\"field\", x.\"search_key\", x.\"from\", x.\"to\", $2 FROM jsonb_to_recordset(CAST(CAST($1 AS TEXT) AS JSONB)) AS x(\"record\" TEXT, \"id\" TEXT, \"agency\" TEXT, \"unit\" TEXT, \"code\" TEXT, \"title\" TEXT, \"rank\" BIGINT, \"standing\" TEXT, \"deputy_of\" TEXT, \"capacities\" TEXT, \"field\" TEXT, \"search_key\" TEXT, \"from\" BIGINT, \"to\" BIGINT)";
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    record: String,
    id: String,
    agency: String,
    unit: Option<String>,
    code: String,
    title: String,
    rank: i64,
    standing: Standing,
    deputy_of: Option<String>,
    capacities: String,
    field: Option<String>,
    valid_from: i64,
    valid_to: Option<i64>,
}

impl From<Row> for PostFact {
    fn from(row: Row) -> Self {
        let capacities = row.capacities.split('|').filter(|c| !c.is_empty());
        Self {
            capacities: capacities.map(str::to_string).collect(),
            is_head: row.standing == Standing::AgencyHead,
            record: row.record,
            id: row.id,
            agency: row.agency,
            unit: row.unit,
            code: row.code,
            title: row.title,
            rank: row.rank,
            standing: row.standing,
            deputy_of: row.deputy_of,
            field: row.field,
            from: row.valid_from,
            to: row.valid_to,
        }
    }
}

pub(crate) async fn snapshot(conn: &mut Conn, known: Option<i64>) -> Result<Vec<PostFact>, Error> {
    let rows: Vec<Row> = conn.all(&SNAPSHOT, (position(known),)).await?;
    Ok(rows.into_iter().map(PostFact::from).collect())
}

pub(crate) async fn find(
    conn: &mut Conn,
    id: &str,
    as_of: AsOf,
) -> Result<Option<PostFact>, Error> {
    let row: Option<Row> = conn
        .optional(&FIND, (id, as_of.at, as_of.position()))
        .await?;
    Ok(row.map(PostFact::from))
}

pub(crate) async fn of_agency(
    conn: &mut Conn,
    agency: &str,
    as_of: AsOf,
) -> Result<Vec<PostFact>, Error> {
    let rows: Vec<Row> = conn
        .all(&OF_AGENCY, (agency, as_of.at, as_of.position()))
        .await?;
    Ok(rows.into_iter().map(PostFact::from).collect())
}

/// A post of the scope, its newest version.
pub async fn load(
    conn: &mut Conn,
    scope: &Scope,
    id: &str,
    known: Option<i64>,
) -> Result<Option<PostFact>, Error> {
    let row: Option<Row> = conn
        .optional(&LOAD, (id, scope.agencies(), position(known)))
        .await?;
    Ok(row.map(PostFact::from))
}

/// Posts of an agency of the scope, by rank.
pub async fn list(
    conn: &mut Conn,
    scope: &Scope,
    agency: &str,
    as_of: AsOf,
) -> Result<Vec<PostFact>, Error> {
    let rows: Vec<Row> = conn
        .all(
            &WITHIN,
            (agency, scope.agencies(), as_of.at, as_of.position()),
        )
        .await?;
    Ok(rows.into_iter().map(PostFact::from).collect())
}

/// Agencies of the scope whose head's post nobody holds: (agency, title of the post).
pub async fn vacant_heads(
    conn: &mut Conn,
    scope: &Scope,
    as_of: AsOf,
) -> Result<Vec<(String, String)>, Error> {
    conn.all(
        &VACANT_HEADS,
        (scope.agencies(), as_of.at, as_of.position()),
    )
    .await
}

/// A post as a row of the table.
#[derive(serde::Serialize)]
struct NewRow<'p> {
    record: &'p str,
    id: &'p str,
    agency: &'p str,
    unit: Option<&'p str>,
    code: &'p str,
    title: &'p str,
    rank: i64,
    standing: &'static str,
    deputy_of: Option<&'p str>,
    capacities: String,
    field: Option<&'p str>,
    search_key: String,
    from: i64,
    to: Option<i64>,
}

pub(crate) async fn insert(tx: &mut Tx, p: &PostFact, recorded_by: &str) -> Result<(), Error> {
    insert_all(tx, &[p], recorded_by).await
}

pub(crate) async fn insert_all(
    tx: &mut Tx,
    all: &[&PostFact],
    recorded_by: &str,
) -> Result<(), Error> {
    let rows = all.iter().map(|p| NewRow {
        record: &p.record,
        id: &p.id,
        agency: &p.agency,
        unit: p.unit.as_deref(),
        code: &p.code,
        title: &p.title,
        rank: p.rank,
        standing: p.standing.as_str(),
        deputy_of: p.deputy_of.as_deref(),
        capacities: p.capacities.join("|"),
        field: p.field.as_deref(),
        search_key: match &p.field {
            Some(field) => search_key(&[&p.title, field]),
            None => search_key(&[&p.title]),
        },
        from: p.from,
        to: p.to,
    });
    let rows: Vec<NewRow<'_>> = rows.collect();
    tx.execute(&INSERT_ALL, (super::as_rows(&rows)?, recorded_by))
        .await?;
    Ok(())
}
