//! Addresses: a person's own, and a post's, used through any appointment to it.

use platform::db::{Conn, Error, Tx};

use crate::domain::facts::{Mailbox, MailboxOwner};
use crate::domain::time::{AsOf, position};

macro_rules! columns {
    () => {
        "SELECT m.record, m.id, m.address, m.agency, m.owner_person, m.owner_post, m.valid_from, m.valid_to FROM known_mailbox m "
    };
}

platform::statements! {
    pub SNAPSHOT = concat!(columns!(), "WHERE ", known!("m", "$1"), " ORDER BY m.address, m.record");
    pub FIND = concat!(columns!(), "WHERE m.address = $1 AND ", valid!("m", "$2"), " AND ", known!("m", "$3"));
    pub OF_PERSON = concat!(columns!(), "WHERE (m.owner_person = $1 OR m.owner_post IN (SELECT a.post FROM known_appointment a WHERE a.person = $1 AND ", valid!("a", "$2"), " AND ", known!("a", "$3"),
        ")) AND ", valid!("m", "$2"), " AND ", known!("m", "$3"), " ORDER BY m.owner_post IS NOT NULL, m.address");
    pub OF_POST = concat!(columns!(), "WHERE m.owner_post = $1 AND ", valid!("m", "$2"), " AND ", known!("m", "$3"), " ORDER BY m.address");
    pub CLOSE = "UPDATE mailbox SET closed_by = $2 WHERE record = $1 AND closed_by IS NULL";
    pub INSERT = "INSERT INTO mailbox (record, id, address, agency, owner_person, owner_post, valid_from, valid_to, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
}

#[derive(sqlx::FromRow)]
struct Row {
    record: String,
    id: String,
    address: String,
    agency: String,
    owner_person: Option<String>,
    owner_post: Option<String>,
    valid_from: i64,
    valid_to: Option<i64>,
}

impl TryFrom<Row> for Mailbox {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let owner = match (row.owner_person, row.owner_post) {
            (Some(person), None) => MailboxOwner::Person(person),
            (None, Some(post)) => MailboxOwner::Post(post),
            _ => {
                return Err(Error::Refused(format!(
                    "mailbox {} has not exactly one owner",
                    row.id
                )));
            }
        };
        Ok(Self {
            owner,
            record: row.record,
            id: row.id,
            address: row.address,
            agency: row.agency,
            from: row.valid_from,
            to: row.valid_to,
        })
    }
}

pub(crate) async fn snapshot(conn: &mut Conn, known: Option<i64>) -> Result<Vec<Mailbox>, Error> {
    let rows: Vec<Row> = conn.all(&SNAPSHOT, (position(known),)).await?;
    rows.into_iter().map(Mailbox::try_from).collect()
}

pub(crate) async fn find(
    conn: &mut Conn,
    address: &str,
    as_of: AsOf,
) -> Result<Option<Mailbox>, Error> {
    let row: Option<Row> = conn
        .optional(&FIND, (address, as_of.at, as_of.position()))
        .await?;
    row.map(Mailbox::try_from).transpose()
}

pub(crate) async fn of_person(
    conn: &mut Conn,
    person: &str,
    as_of: AsOf,
) -> Result<Vec<Mailbox>, Error> {
    let rows: Vec<Row> = conn
        .all(&OF_PERSON, (person, as_of.at, as_of.position()))
        .await?;
    rows.into_iter().map(Mailbox::try_from).collect()
}

pub(crate) async fn of_post(
    conn: &mut Conn,
    post: &str,
    as_of: AsOf,
) -> Result<Vec<Mailbox>, Error> {
    let rows: Vec<Row> = conn
        .all(&OF_POST, (post, as_of.at, as_of.position()))
        .await?;
    rows.into_iter().map(Mailbox::try_from).collect()
}

pub(crate) async fn insert(tx: &mut Tx, m: &Mailbox, recorded_by: &str) -> Result<(), Error> {
    let (person, post) = match &m.owner {
        MailboxOwner::Person(id) => (Some(id.as_str()), None),
        MailboxOwner::Post(id) => (None, Some(id.as_str())),
    };
    tx.execute(
        &INSERT,
        (
            &m.record,
            &m.id,
            &m.address,
            &m.agency,
            person,
            post,
            m.from,
            m.to,
            recorded_by,
        ),
    )
    .await?;
    Ok(())
}

/// Closes a record of an address.
pub(crate) async fn close(tx: &mut Tx, record: &str, event: &str) -> Result<bool, Error> {
    Ok(tx.execute(&CLOSE, (record, event)).await? == 1)
}
