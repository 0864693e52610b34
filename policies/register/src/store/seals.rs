//! Seals, and successions between agencies, units and posts.

use platform::db::{Conn, Error, Tx};

use crate::domain::facts::{SealFact, SuccessionFact};
use crate::domain::time::position;

platform::statements! {
    pub SNAPSHOT = concat!("SELECT s.record, s.id, s.agency, s.unit, s.name, s.valid_from, s.valid_to FROM known_seal s WHERE ", known!("s", "$1"), " ORDER BY s.agency, s.id, s.record");
    pub SUCCESSIONS = concat!("SELECT s.record, s.id, s.kind, s.predecessor, s.successor, s.functions, s.basis, s.valid_from FROM known_succession s WHERE ", known!("s", "$1"), " ORDER BY s.valid_from, s.id, s.record");
    pub INSERT = "INSERT INTO seal (record, id, agency, unit, name, valid_from, valid_to, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// Many rows at once, as a JSON array.
    pub INSERT_SUCCESSIONS = "INSERT INTO succession (record, id, kind, predecessor, successor, functions, basis, valid_from, recorded_by) SELECT json_extract(r.value, '$.record'), json_extract(r.value, '$.id'), json_extract(r.value, '$.kind'), json_extract(r.value, '$.predecessor'), json_extract(r.value, '$.successor'), json_extract(r.value, '$.functions'), json_extract(r.value, '$.basis'), json_extract(r.value, '$.at'), $2 FROM json_each($1) r",
        postgres "INSERT INTO succession (record, id, kind, predecessor, successor, functions, basis, valid_from, recorded_by) SELECT x.\"record\", x.\"id\", x.\"kind\", x.\"predecessor\", x.\"successor\", x.\"functions\", x.\"basis\", x.\"at\", $2 FROM jsonb_to_recordset(CAST(CAST($1 AS TEXT) AS JSONB)) AS x(\"record\" TEXT, \"id\" TEXT, \"kind\" TEXT, \"predecessor\" TEXT, \"successor\" TEXT, \"functions\" TEXT, \"basis\" TEXT, \"at\" BIGINT)";
    pub INSERT_SUCCESSION = "INSERT INTO succession (record, id, kind, predecessor, successor, functions, basis, valid_from, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
}

pub(crate) async fn snapshot(conn: &mut Conn, known: Option<i64>) -> Result<Vec<SealFact>, Error> {
    conn.all(&SNAPSHOT, (position(known),)).await
}

pub(crate) async fn successions(
    conn: &mut Conn,
    known: Option<i64>,
) -> Result<Vec<SuccessionFact>, Error> {
    conn.all(&SUCCESSIONS, (position(known),)).await
}

pub(crate) async fn insert(tx: &mut Tx, s: &SealFact, recorded_by: &str) -> Result<(), Error> {
    tx.execute(
        &INSERT,
        (
            &s.record,
            &s.id,
            &s.agency,
            &s.unit,
            &s.name,
            s.from,
            s.to,
            recorded_by,
        ),
    )
    .await?;
    Ok(())
}

pub(crate) async fn insert_succession(
    tx: &mut Tx,
    s: &SuccessionFact,
    recorded_by: &str,
) -> Result<(), Error> {
    tx.execute(
        &INSERT_SUCCESSION,
        (
            &s.record,
            &s.id,
            s.kind.as_str(),
            &s.predecessor,
            &s.successor,
            &s.functions,
            &s.basis,
            s.at,
            recorded_by,
        ),
    )
    .await?;
    Ok(())
}

pub(crate) async fn insert_successions(
    tx: &mut Tx,
    all: &[&SuccessionFact],
    recorded_by: &str,
) -> Result<(), Error> {
    tx.execute(&INSERT_SUCCESSIONS, (super::as_rows(all)?, recorded_by))
        .await?;
    Ok(())
}
