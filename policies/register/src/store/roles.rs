//! Who administers the register.

use platform::db::{Conn, Error, Tx};

use crate::domain::time::AsOf;
use crate::rights::Scope;

platform::statements! {
    pub WITHIN = concat!("SELECT r.id, r.person, r.role, r.agency, r.basis, r.valid_from, r.valid_to, COALESCE(a.full_name, '') AS name, COALESCE(a.staff_no, '') AS staff_no, COALESCE(g.name, '') AS agency_name
        FROM known_admin_role r LEFT JOIN known_person_attribute a ON a.person = r.person AND ", known!("a", "$3"), "
        LEFT JOIN known_agency g ON g.id = r.agency AND ", valid!("g", "$2"), " AND ", known!("g", "$3"), "
        WHERE ", known!("r", "$3"), " AND (r.valid_to IS NULL OR r.valid_to > $2) AND ((r.agency IS NULL AND CAST($4 AS BIGINT) = 1) OR r.agency IN ", covered!("$1"), ") ORDER BY g.level, g.sort_key, r.role, a.sort_key, r.id");
    pub HOLDERS = concat!("SELECT DISTINCT r.person FROM known_admin_role r WHERE r.role = $1 AND ", valid!("r", "$2"), " AND ", known!("r", "$3"), " ORDER BY r.person");
    pub LASTING_OTHERS = concat!("SELECT COUNT(DISTINCT r.person) AS n FROM known_admin_role r WHERE r.role = $1 AND r.person <> $2 AND ", valid!("r", "$3"), " AND r.valid_to IS NULL AND ", known!("r", "$4"));

    pub OF_PERSON = concat!("SELECT r.record, r.id, r.person, r.role, r.agency, r.basis, r.valid_from, r.valid_to FROM known_admin_role r WHERE r.person = $1 AND ", valid!("r", "$2"), " AND ", known!("r", "$3"), " ORDER BY r.role DESC, r.id");
    pub LASTING = concat!("SELECT r.record, r.id, r.person, r.role, r.agency, r.basis, r.valid_from, r.valid_to FROM known_admin_role r WHERE (r.valid_to IS NULL OR r.valid_to > $1) AND ", known!("r", "$2"), " ORDER BY r.person, r.role, r.id");
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
    /// Code of the role.
    pub role: String,
    /// The agency it reaches, `None` for the whole province.
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

/// Every grant that is in force or still to come.
pub(crate) async fn lasting(conn: &mut Conn, at: i64) -> Result<Vec<AdminRole>, Error> {
    conn.all(&LASTING, (at, i64::MAX)).await
}

pub(crate) async fn find(conn: &mut Conn, id: &str) -> Result<Option<AdminRole>, Error> {
    conn.optional(&FIND, (id, i64::MAX)).await
}

/// A grant with the names beside it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct NamedRole {
    /// `rol_…`
    pub id: String,
    /// Who.
    pub person: String,
    /// Code of the role.
    pub role: String,
    /// The agency it reaches.
    pub agency: Option<String>,
    /// Decision that says so.
    pub basis: String,
    /// First instant.
    #[sqlx(rename = "valid_from")]
    pub from: i64,
    /// First instant after it.
    #[sqlx(rename = "valid_to")]
    pub to: Option<i64>,
    /// Full name, empty after erasure.
    pub name: String,
    /// Staff number, empty after erasure.
    pub staff_no: String,
    /// The agency's name, empty for the province.
    pub agency_name: String,
}

/// Grants of the scope that are in force or still to come.
pub async fn list(conn: &mut Conn, scope: &Scope, as_of: AsOf) -> Result<Vec<NamedRole>, Error> {
    conn.all(
        &WITHIN,
        (
            scope.agencies(),
            as_of.at,
            as_of.position(),
            i64::from(scope.is_whole()),
        ),
    )
    .await
}

/// People who hold a role at an instant.
pub(crate) async fn holders(conn: &mut Conn, role: &str, at: i64) -> Result<Vec<String>, Error> {
    let rows: Vec<(String,)> = conn.all(&HOLDERS, (role, at, i64::MAX)).await?;
    Ok(rows.into_iter().map(|(person,)| person).collect())
}

/// How many others hold a role at an instant without an end in sight.
pub(crate) async fn lasting_others(
    conn: &mut Conn,
    role: &str,
    person: &str,
    at: i64,
) -> Result<i64, Error> {
    let (n,): (i64,) = conn
        .one(&LASTING_OTHERS, (role, person, at, i64::MAX))
        .await?;
    Ok(n)
}

pub(crate) async fn insert(tx: &mut Tx, r: &AdminRole, recorded_by: &str) -> Result<(), Error> {
    tx.execute(
        &INSERT,
        (
            &r.record,
            &r.id,
            &r.person,
            &r.role,
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
