//! Units inside agencies.

use platform::db::{Conn, Error, Tx};

use crate::domain::facts::UnitFact;
use crate::domain::time::{AsOf, position};
use crate::rights::Scope;

macro_rules! columns {
    () => {
        "SELECT u.record, u.id, u.agency, u.number, u.name, u.own_seal, u.valid_from, u.valid_to FROM known_unit u "
    };
}

platform::statements! {
    pub SNAPSHOT = concat!(columns!(), "WHERE ", known!("u", "$1"), " ORDER BY u.agency, u.number, u.valid_from, u.record");
    pub OF_AGENCY = concat!(columns!(), "WHERE u.agency = $1 AND u.agency IN ", covered!("$2"), " AND ", valid!("u", "$3"), " AND ", known!("u", "$4"), " ORDER BY u.number");
    pub INSERT = "INSERT INTO unit (record, id, agency, number, name, own_seal, valid_from, valid_to, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    record: String,
    id: String,
    agency: String,
    number: String,
    name: String,
    own_seal: bool,
    valid_from: i64,
    valid_to: Option<i64>,
}

impl From<Row> for UnitFact {
    fn from(row: Row) -> Self {
        Self {
            record: row.record,
            id: row.id,
            agency: row.agency,
            number: row.number,
            name: row.name,
            own_seal: row.own_seal,
            from: row.valid_from,
            to: row.valid_to,
        }
    }
}

pub(crate) async fn snapshot(conn: &mut Conn, known: Option<i64>) -> Result<Vec<UnitFact>, Error> {
    let rows: Vec<Row> = conn.all(&SNAPSHOT, (position(known),)).await?;
    Ok(rows.into_iter().map(UnitFact::from).collect())
}

/// Units of an agency of the scope.
pub async fn of_agency(
    conn: &mut Conn,
    scope: &Scope,
    agency: &str,
    as_of: AsOf,
) -> Result<Vec<UnitFact>, Error> {
    let rows: Vec<Row> = conn
        .all(
            &OF_AGENCY,
            (agency, scope.agencies(), as_of.at, as_of.position()),
        )
        .await?;
    Ok(rows.into_iter().map(UnitFact::from).collect())
}

pub(crate) async fn insert(tx: &mut Tx, u: &UnitFact, recorded_by: &str) -> Result<(), Error> {
    tx.execute(
        &INSERT,
        (
            &u.record,
            &u.id,
            &u.agency,
            &u.number,
            &u.name,
            u.own_seal,
            u.from,
            u.to,
            recorded_by,
        ),
    )
    .await?;
    Ok(())
}
