//! People: an opaque id, and beside it what names the person, which lawful erasure can remove.

use platform::db::{Conn, Error, Tx};
use platform::secrets::columns::SealedColumn;

use super::agencies::search_key;
use crate::domain::collation::person_key;
use crate::domain::facts::PersonAttributes;
use crate::domain::phrases::phrases;
use crate::domain::time::{AsOf, position};
use crate::domain::words::AppointmentKind;
use crate::rights::Scope;

macro_rules! columns {
    () => {
        "SELECT r.id, r.erased_by IS NOT NULL AS erased, a.staff_no, a.full_name, a.surname, a.given_name, a.gender, a.birth_date, a.username, a.email, a.phone
         FROM person r LEFT JOIN known_person_attribute a ON a.person = r.id AND "
    };
}
macro_rules! within {
    ($root:literal, $position:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM known_appointment t JOIN known_post p ON p.id = t.post AND ",
            known!("p", $position),
            " WHERE t.person = r.id AND ",
            known!("t", $position),
            " AND p.agency IN ",
            covered!($root),
            ")"
        )
    };
}

platform::statements! {
    pub FIND = concat!(columns!(), known!("a", "$2"), " WHERE r.id = $1 AND (a.record IS NOT NULL OR r.erased_by IS NOT NULL)");
    pub LOAD = concat!(columns!(), known!("a", "$2"), " WHERE r.id = $1 AND (a.record IS NOT NULL OR r.erased_by IS NOT NULL) AND ", within!("$3", "$2"));
    pub FIND_BY_USERNAME = concat!(columns!(), known!("a", "$2"), " WHERE a.username = $1");
    pub FIND_BY_STAFF_NO = concat!(columns!(), known!("a", "$2"), " WHERE a.staff_no = $1");
    /// In every version, closed or not.
    pub EVER = "SELECT DISTINCT a.staff_no, a.username FROM known_person_attribute a ORDER BY a.staff_no, a.username";
    pub SNAPSHOT = concat!("SELECT a.record, a.person, a.staff_no, a.full_name, a.surname, a.given_name, a.gender, a.birth_date, a.username, a.email, a.phone, a.personal_number, a.personal_number_index
        FROM known_person_attribute a WHERE ", known!("a", "$1"), " ORDER BY a.staff_no, a.record");
    pub NAMESAKES = concat!("SELECT COUNT(*) AS n FROM known_person_attribute a JOIN known_person_attribute b ON b.full_name = a.full_name AND b.person <> a.person
        WHERE a.person = $1 AND ", known!("a", "$2"), " AND ", known!("b", "$2"));
    pub HOLDERS = concat!("SELECT t.id AS appointment, t.kind, t.basis, t.post, t.person, COALESCE(a.full_name, '') AS name, COALESCE(a.staff_no, '') AS staff_no, t.valid_from, t.valid_to
        FROM known_appointment t LEFT JOIN known_person_attribute a ON a.person = t.person AND ", known!("a", "$3"),
        " WHERE t.post = $1 AND ", valid!("t", "$2"), " AND ", known!("t", "$3"),
        " AND NOT EXISTS (SELECT 1 FROM known_suspension x WHERE x.appointment = t.id AND ", valid!("x", "$2"), " AND ", known!("x", "$3"), ") ORDER BY a.sort_key, t.id");
    pub HOLDERS_OVER_TIME = concat!("SELECT t.id AS appointment, t.kind, t.basis, t.post, t.person, COALESCE(a.full_name, '') AS name, COALESCE(a.staff_no, '') AS staff_no, t.valid_from, t.valid_to
        FROM known_appointment t JOIN known_post p ON p.id = t.post AND ", known!("p", "$2"), " LEFT JOIN known_person_attribute a ON a.person = t.person AND ", known!("a", "$2"),
        " WHERE t.post = $1 AND ", known!("t", "$2"), " AND p.agency IN ", covered!("$3"), " ORDER BY t.valid_from DESC, a.sort_key, t.id");
    pub HOLDERS_OF_AGENCY = concat!("SELECT t.id AS appointment, t.kind, t.basis, t.post, t.person, COALESCE(a.full_name, '') AS name, COALESCE(a.staff_no, '') AS staff_no, t.valid_from, t.valid_to
        FROM known_post p JOIN known_appointment t ON t.post = p.id AND ", valid!("t", "$2"), " AND ", known!("t", "$3"), " LEFT JOIN known_person_attribute a ON a.person = t.person AND ", known!("a", "$3"),
        " WHERE p.agency = $1 AND p.agency IN ", covered!("$4"), " AND ", known!("p", "$3"),
        " AND NOT EXISTS (SELECT 1 FROM known_suspension x WHERE x.appointment = t.id AND ", valid!("x", "$2"), " AND ", known!("x", "$3"), ") ORDER BY a.sort_key, t.id");
    pub HEADCOUNT = concat!("SELECT p.agency, COUNT(DISTINCT t.person) AS people
        FROM known_post p JOIN known_appointment t ON t.post = p.id AND ", valid!("t", "$2"), " AND ", known!("t", "$3"),
        " WHERE p.agency IN ", covered!("$1"), " AND ", known!("p", "$3"), " GROUP BY p.agency ORDER BY p.agency");
    pub INSERT_PERSON = "INSERT INTO person (id, recorded_by) VALUES ($1, $2)";
    pub INSERT = "INSERT INTO person_attribute (record, person, staff_no, full_name, surname, given_name, gender, birth_date, username, email, phone, personal_number, personal_number_index, search_key, sort_key, recorded_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    pub INSERT_PHRASES = "INSERT INTO person_phrase (phrase, person, record) SELECT value, $2, $3 FROM json_each($1) WHERE true ON CONFLICT (phrase, person, record) DO NOTHING",
        postgres "INSERT INTO person_phrase (phrase, person, record) SELECT value, $2, $3 FROM jsonb_array_elements_text(CAST(CAST($1 AS TEXT) AS JSONB)) ON CONFLICT (phrase, person, record) DO NOTHING";
    pub SPREAD_PHRASES = "INSERT INTO agency_phrase (agency, phrase, person, record) SELECT DISTINCT p.agency, w.phrase, w.person, w.record FROM person_phrase w JOIN appointment t ON t.person = w.person JOIN post p ON p.id = t.post WHERE w.record = $1 ON CONFLICT (agency, phrase, person, record) DO NOTHING";
    pub PHRASES_REACHED = "SELECT reached FROM phrase_backfill WHERE only_row = 1 AND NOT complete";
    pub PHRASES_REACH = "UPDATE phrase_backfill SET reached = COALESCE(CAST($1 AS TEXT), reached), complete = (CAST($1 AS TEXT) IS NULL) WHERE only_row = 1";
    pub RECORDS_AFTER = "SELECT a.record, a.person, a.full_name, a.staff_no FROM known_person_attribute a WHERE a.record > $1 ORDER BY a.record LIMIT $2";
    pub BEARERS = concat!("SELECT COUNT(*) AS n FROM known_person_attribute a WHERE a.full_name = $1 AND ", known!("a", "$2"));
    pub ATTRIBUTES_OF = concat!("SELECT a.record, a.person, a.staff_no, a.full_name, a.surname, a.given_name, a.gender, a.birth_date, a.username, a.email, a.phone, a.personal_number, a.personal_number_index
        FROM known_person_attribute a WHERE a.person = $1 AND ", known!("a", "$2"));
    pub TAKEN = "SELECT COALESCE(SUM(CASE WHEN a.staff_no = $2 THEN 1 ELSE 0 END), 0) AS staff_no, COALESCE(SUM(CASE WHEN a.username = $3 THEN 1 ELSE 0 END), 0) AS username, COALESCE(SUM(CASE WHEN a.personal_number_index = $4 THEN 1 ELSE 0 END), 0) AS personal_number
        FROM known_person_attribute a WHERE a.person <> $1 AND (a.staff_no = $2 OR a.username = $3 OR a.personal_number_index = $4)";
    pub CLOSE = "UPDATE person_attribute SET closed_by = $2 WHERE record = $1 AND closed_by IS NULL";
    pub ERASE_ATTRIBUTES = "DELETE FROM person_attribute WHERE person = $1";
    pub SEALED_PAGE = "SELECT record AS place, record AS bound_to, personal_number AS sealed FROM person_attribute WHERE record > $1 AND personal_number IS NOT NULL ORDER BY record LIMIT $2";
    pub SEAL_AGAIN = "UPDATE person_attribute SET personal_number = $1 WHERE record = $2 AND personal_number = $3";
    pub ERASE = "UPDATE person SET erased_by = $2 WHERE id = $1 AND erased_by IS NULL";
}

/// Personal numbers.
pub static SEALED: SealedColumn = SealedColumn {
    table: "person_attribute",
    column: "personal_number",
    page: &SEALED_PAGE,
    replace: &SEAL_AGAIN,
};

/// A person as pages and services see one. After lawful erasure only the id is left.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Person {
    /// `psn_…`
    pub id: String,
    /// Staff number.
    pub staff_no: String,
    /// Full name as given.
    pub full_name: String,
    /// Surname.
    pub surname: String,
    /// What stands between surname and given name.
    pub middle_name: String,
    /// Given name, by which one is addressed.
    pub given_name: String,
    /// `F` or `M`.
    pub gender: Option<String>,
    /// Year of birth.
    pub birth_year: Option<i64>,
    /// Sign-in name.
    pub username: String,
    /// Mail address.
    pub email: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Whether the attributes were erased by law.
    pub erased: bool,
}

/// Who holds a post.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Holder {
    /// `apt_…`
    pub appointment: String,
    /// In which way.
    pub kind: AppointmentKind,
    /// Decision or list.
    pub basis: String,
    /// `pst_…`
    pub post: String,
    /// `psn_…`
    pub person: String,
    /// Full name, empty after erasure.
    pub name: String,
    /// Staff number, empty after erasure.
    pub staff_no: String,
    /// First instant.
    #[sqlx(rename = "valid_from")]
    pub from: i64,
    /// First instant after it.
    #[sqlx(rename = "valid_to")]
    pub to: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    erased: bool,
    staff_no: Option<String>,
    full_name: Option<String>,
    surname: Option<String>,
    given_name: Option<String>,
    gender: Option<String>,
    birth_date: Option<String>,
    username: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

impl From<Row> for Person {
    fn from(row: Row) -> Self {
        let full_name = row.full_name.unwrap_or_default();
        let surname = row.surname.unwrap_or_default();
        let given_name = row.given_name.unwrap_or_default();
        let middle = full_name
            .strip_prefix(&surname)
            .and_then(|rest| rest.strip_suffix(&given_name));
        Self {
            middle_name: middle.unwrap_or_default().trim().to_string(),
            id: row.id,
            staff_no: row.staff_no.unwrap_or_default(),
            full_name,
            surname,
            given_name,
            gender: row.gender,
            birth_year: row.birth_date.and_then(|date| date.get(..4)?.parse().ok()),
            username: row.username.unwrap_or_default(),
            email: row.email,
            phone: row.phone,
            erased: row.erased,
        }
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct AttributesRow {
    record: String,
    person: String,
    staff_no: String,
    full_name: String,
    surname: String,
    given_name: String,
    gender: Option<String>,
    birth_date: Option<String>,
    username: String,
    email: Option<String>,
    phone: Option<String>,
    personal_number: Option<Vec<u8>>,
    personal_number_index: Option<Vec<u8>>,
}

pub(crate) async fn find(conn: &mut Conn, id: &str) -> Result<Option<Person>, Error> {
    let row: Option<Row> = conn.optional(&FIND, (id, i64::MAX)).await?;
    Ok(row.map(Person::from))
}

pub(crate) async fn find_by_username(
    conn: &mut Conn,
    username: &str,
) -> Result<Option<Person>, Error> {
    let row: Option<Row> = conn
        .optional(&FIND_BY_USERNAME, (username, i64::MAX))
        .await?;
    Ok(row.map(Person::from))
}

pub(crate) async fn find_by_staff_no(
    conn: &mut Conn,
    staff_no: &str,
) -> Result<Option<Person>, Error> {
    let row: Option<Row> = conn
        .optional(&FIND_BY_STAFF_NO, (staff_no, i64::MAX))
        .await?;
    Ok(row.map(Person::from))
}

impl From<AttributesRow> for PersonAttributes {
    fn from(row: AttributesRow) -> Self {
        Self {
            record: row.record,
            person: row.person,
            staff_no: row.staff_no,
            full_name: row.full_name,
            surname: row.surname,
            given_name: row.given_name,
            gender: row.gender,
            birth_date: row.birth_date,
            username: row.username,
            email: row.email,
            phone: row.phone,
            personal_number: row.personal_number,
            personal_number_index: row.personal_number_index,
        }
    }
}

pub(crate) async fn snapshot(
    conn: &mut Conn,
    known: Option<i64>,
) -> Result<Vec<PersonAttributes>, Error> {
    let rows: Vec<AttributesRow> = conn.all(&SNAPSHOT, (position(known),)).await?;
    Ok(rows.into_iter().map(PersonAttributes::from).collect())
}

/// How many people bear a full name: a number, never who.
pub(crate) async fn bearers(conn: &mut Conn, full_name: &str) -> Result<i64, Error> {
    let (n,): (i64,) = conn.one(&BEARERS, (full_name, i64::MAX)).await?;
    Ok(n)
}

/// What names a person, as known now.
pub(crate) async fn attributes_of(
    conn: &mut Conn,
    person: &str,
) -> Result<Option<PersonAttributes>, Error> {
    let row: Option<AttributesRow> = conn.optional(&ATTRIBUTES_OF, (person, i64::MAX)).await?;
    Ok(row.map(PersonAttributes::from))
}

/// The first of staff number, sign-in name and personal number that somebody else bears or bore.
pub(crate) async fn taken(
    conn: &mut Conn,
    wanted: &PersonAttributes,
) -> Result<Option<&'static str>, Error> {
    let (staff_no, username, number): (i64, i64, i64) = conn
        .one(
            &TAKEN,
            (
                &wanted.person,
                &wanted.staff_no,
                &wanted.username,
                &wanted.personal_number_index,
            ),
        )
        .await?;
    Ok([
        ("staff_no", staff_no),
        ("username", username),
        ("personal_number", number),
    ]
    .into_iter()
    .find_map(|(field, n)| (n > 0).then_some(field)))
}

/// Closes a record of attributes; `false` when somebody else did.
pub(crate) async fn close(tx: &mut Tx, record: &str, event: &str) -> Result<bool, Error> {
    Ok(tx.execute(&CLOSE, (record, event)).await? == 1)
}

/// A person who holds or held a post in the scope. Attributes have the record axis only and are shown as known now.
pub async fn load(conn: &mut Conn, scope: &Scope, id: &str) -> Result<Option<Person>, Error> {
    let row: Option<Row> = conn
        .optional(&LOAD, (id, i64::MAX, scope.agencies()))
        .await?;
    Ok(row.map(Person::from))
}

/// How many others bear the same full name in the whole register: a number, never who.
pub async fn namesakes(conn: &mut Conn, person: &str) -> Result<i64, Error> {
    let (n,): (i64,) = conn.one(&NAMESAKES, (person, i64::MAX)).await?;
    Ok(n)
}

pub(crate) async fn holders(
    conn: &mut Conn,
    post: &str,
    as_of: AsOf,
) -> Result<Vec<Holder>, Error> {
    conn.all(&HOLDERS, (post, as_of.at, as_of.position())).await
}

/// Everybody who holds, held or will hold a post of the scope, the newest first.
pub async fn holders_over_time(
    conn: &mut Conn,
    scope: &Scope,
    post: &str,
    known: Option<i64>,
) -> Result<Vec<Holder>, Error> {
    conn.all(
        &HOLDERS_OVER_TIME,
        (post, crate::domain::time::position(known), scope.agencies()),
    )
    .await
}

/// Holders in force of all posts of an agency of the scope, in the order of lists.
pub async fn holders_of_agency(
    conn: &mut Conn,
    scope: &Scope,
    agency: &str,
    as_of: AsOf,
) -> Result<Vec<Holder>, Error> {
    conn.all(
        &HOLDERS_OF_AGENCY,
        (agency, as_of.at, as_of.position(), scope.agencies()),
    )
    .await
}

/// How many people work in each agency of the scope: (agency, people).
pub async fn headcount(
    conn: &mut Conn,
    scope: &Scope,
    as_of: AsOf,
) -> Result<Vec<(String, i64)>, Error> {
    conn.all(&HEADCOUNT, (scope.agencies(), as_of.at, as_of.position()))
        .await
}

/// Staff number and name for signing in of everybody who was ever recorded.
pub(crate) async fn ever(conn: &mut Conn) -> Result<Vec<(String, String)>, Error> {
    conn.all(&EVER, ()).await
}

pub(crate) async fn insert_person(tx: &mut Tx, id: &str, recorded_by: &str) -> Result<(), Error> {
    tx.execute(&INSERT_PERSON, (id, recorded_by)).await?;
    Ok(())
}

/// Where a name stands in a list: given name, surname, what is between.
pub(crate) fn sort_key(a: &PersonAttributes) -> Vec<u8> {
    let middle = a
        .full_name
        .strip_prefix(&a.surname)
        .and_then(|rest| rest.strip_suffix(&a.given_name))
        .unwrap_or_default();
    person_key(&a.given_name, &a.surname, middle.trim())
}

pub(crate) async fn insert(
    tx: &mut Tx,
    a: &PersonAttributes,
    recorded_by: &str,
) -> Result<(), Error> {
    let sort = sort_key(a);
    let search = search_key(&[&a.full_name, &a.staff_no]);
    tx.execute(
        &INSERT,
        (
            &a.record,
            &a.person,
            &a.staff_no,
            &a.full_name,
            &a.surname,
            &a.given_name,
            &a.gender,
            &a.birth_date,
            &a.username,
            &a.email,
            &a.phone,
            &a.personal_number,
            &a.personal_number_index,
            search,
            sort,
            recorded_by,
        ),
    )
    .await?;
    insert_phrases(tx, &a.record, &a.person, &a.full_name, &a.staff_no).await
}

/// Adds the phrases of a record, and those of each agency where its person has, had or will have a post.
pub(crate) async fn insert_phrases(
    tx: &mut Tx,
    record: &str,
    person: &str,
    full_name: &str,
    staff_no: &str,
) -> Result<(), Error> {
    let phrases = serde_json::to_string(&phrases(full_name, staff_no))
        .map_err(|error| Error::Refused(error.to_string()))?;
    tx.execute(&INSERT_PHRASES, (phrases, person, record))
        .await?;
    tx.execute(&SPREAD_PHRASES, (record,)).await?;
    Ok(())
}

/// The record that making phrases for older records has reached; `None` when it is complete.
pub(crate) async fn phrases_reached(conn: &mut Conn) -> Result<Option<String>, Error> {
    let row: Option<(String,)> = conn.optional(&PHRASES_REACHED, ()).await?;
    Ok(row.map(|(reached,)| reached))
}

/// Notes how far it came; nothing more means that it is complete.
pub(crate) async fn phrases_reach(tx: &mut Tx, last: Option<&str>) -> Result<(), Error> {
    tx.execute(&PHRASES_REACH, (last,)).await?;
    Ok(())
}

/// Records after one, in the order of their keys: (record, person, full name, staff number).
pub(crate) async fn records_after(
    conn: &mut Conn,
    after: &str,
    limit: i64,
) -> Result<Vec<(String, String, String, String)>, Error> {
    conn.all(&RECORDS_AFTER, (after, limit)).await
}

/// Removes what names the person and leaves the tombstone; `false` when it was done before.
pub(crate) async fn erase(tx: &mut Tx, person: &str, event: &str) -> Result<bool, Error> {
    let first = tx.execute(&ERASE, (person, event)).await? == 1;
    tx.execute(&ERASE_ATTRIBUTES, (person,)).await?;
    Ok(first)
}
