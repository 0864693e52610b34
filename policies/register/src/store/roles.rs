//! Who administers the register.

use platform::db::{Conn, Error, Tx};

use crate::domain::time::AsOf;
use crate::domain::words::Role;

platform::statements! {
    pub OF_PERSON = concat!("SELECT r.record, r.id, r.person, r.role, r.agency, r.basis, r.valid_from, r.valid_to FROM known_admin_role r WHERE r.person = $1 AND ", valid!("r", "$2"), " AND ", known!("r", "$3"), " ORDER BY r.role DESC, r.id");
    pub FIND = concat!("SELECT r.record, r.id, r.person, r.role, r.agency, r.basis, r.valid_from, r.valid_to FROM known_admin_role r WHERE r.id = $1 AND ", known!("r", "$2"));
    pub INSERT = "INSERT INTO admin_role (record, id, person, role, agency, basis, valid_from, valid_to, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    pub CLOSE = "UPDATE admin_role SET closed_by = $2 WHERE record = $1 AND closed_by IS NULL";
}

/// A role of administration.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct AdminRole {
    /// Key of the record.
    pub record: String,
    /// `rol_…`
    pub id: String,
    /// Who.
    pub person: String,
    /// Which role.
    pub role: Role,
    /// The agency, for the role of one agency.
    pub agency: Option<String>,
    /// Decision that says so.
    pub basis: String,
    /// First instant.
    #[sqlx(rename = "valid_from")]
    pub from: i64,
    /// First instant after it.
    #[sqlx(rename = "valid_to")]
    pub to: Option<i64>,
}

pub(crate) async fn of_person(
    conn: &mut Conn,
    person: &str,
    as_of: AsOf,
) -> Result<Vec<AdminRole>, Error> {
    conn.all(&OF_PERSON, (person, as_of.at, as_of.position()))
        .await
}

pub(crate) async fn find(conn: &mut Conn, id: &str) -> Result<Option<AdminRole>, Error> {
    conn.optional(&FIND, (id, i64::MAX)).await
}

pub(crate) async fn insert(tx: &mut Tx, r: &AdminRole, recorded_by: &str) -> Result<(), Error> {
    tx.execute(
        &INSERT,
        (
            &r.record,
            &r.id,
            &r.person,
            r.role.as_str(),
            &r.agency,
            &r.basis,
            r.from,
            r.to,
            recorded_by,
        ),
    )
    .await?;
    Ok(())
}

pub(crate) async fn close(tx: &mut Tx, record: &str, event: &str) -> Result<bool, Error> {
    Ok(tx.execute(&CLOSE, (record, event)).await? == 1)
}
