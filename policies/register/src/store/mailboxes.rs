//! Addresses: a person's own, and a post's, used through any appointment to it.

use platform::db::{Conn, Error, Tx};

use crate::domain::facts::{MailForward, Mailbox, MailboxOwner};
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
    pub FIND_BY_ID = concat!(columns!(), "WHERE m.id = $1 AND ", valid!("m", "$2"), " AND ", known!("m", "$3"));
    pub FORWARDS = concat!("SELECT f.record, f.id, f.address, f.mailbox, f.valid_from, f.valid_to FROM known_mail_forward f WHERE ", known!("f", "$1"), " ORDER BY f.address, f.valid_from, f.record");
    pub FORWARD_OF = concat!("SELECT f.mailbox FROM known_mail_forward f WHERE f.address = $1 AND ", valid!("f", "$2"), " AND ", known!("f", "$3"), " ORDER BY f.valid_from DESC, f.record");
    pub LAST_ADDRESS = concat!("SELECT m.address FROM known_mailbox m WHERE m.id = $1 AND ", known!("m", "$2"), " ORDER BY m.valid_from DESC, m.record");
    pub INSERT_FORWARD = "INSERT INTO mail_forward (record, id, address, mailbox, valid_from, valid_to, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// Many rows at once, as a JSON array.
    pub INSERT_ALL = "INSERT INTO mailbox (record, id, address, agency, owner_person, owner_post, valid_from, valid_to, recorded_by) SELECT json_extract(r.value, '$.record'), json_extract(r.value, '$.id'), json_extract(r.value, '$.address'), json_extract(r.value, '$.agency'), json_extract(r.value, '$.owner_person'), json_extract(r.value, '$.owner_post'), json_extract(r.value, '$.from'), json_extract(r.value, '$.to'), $2 FROM json_each($1) r",
        postgres "INSERT INTO mailbox (record, id, address, agency, owner_person, owner_post, valid_from, valid_to, recorded_by) SELECT x.\"record\", x.\"id\", x.\"address\", x.\"agency\", x.\"owner_person\", x.\"owner_post\", x.\"from\", x.\"to\", $2 FROM jsonb_to_recordset(CAST(CAST($1 AS TEXT) AS JSONB)) AS x(\"record\" TEXT, \"id\" TEXT, \"address\" TEXT, \"agency\" TEXT, \"owner_person\" TEXT, \"owner_post\" TEXT, \"from\" BIGINT, \"to\" BIGINT)";
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

/// How often an address may have been forwarded on, one reorganisation after another.
const FORWARDS_IN_A_ROW: usize = 8;

pub(crate) async fn forwards(conn: &mut Conn) -> Result<Vec<MailForward>, Error> {
    conn.all(&FORWARDS, (i64::MAX,)).await
}

/// The mailbox that gets what is sent to an address: its own, or the one it forwards to.
pub(crate) async fn receiving(
    conn: &mut Conn,
    address: &str,
    as_of: AsOf,
) -> Result<Option<Mailbox>, Error> {
    let mut address = address.to_string();
    for _ in 0..FORWARDS_IN_A_ROW {
        if let Some(found) = find(conn, &address, as_of).await? {
            return Ok(Some(found));
        }
        let forward: Option<(String,)> = conn
            .optional(&FORWARD_OF, (&address, as_of.at, as_of.position()))
            .await?;
        let Some((mailbox,)) = forward else {
            return Ok(None);
        };
        let row: Option<Row> = conn
            .optional(&FIND_BY_ID, (&mailbox, as_of.at, as_of.position()))
            .await?;
        if let Some(row) = row {
            return Mailbox::try_from(row).map(Some);
        }
        let last: Option<(String,)> = conn
            .optional(&LAST_ADDRESS, (&mailbox, as_of.position()))
            .await?;
        let Some((next,)) = last else {
            return Ok(None);
        };
        address = next;
    }
    Ok(None)
}

pub(crate) async fn insert_forward(
    tx: &mut Tx,
    f: &MailForward,
    recorded_by: &str,
) -> Result<(), Error> {
    tx.execute(
        &INSERT_FORWARD,
        (
            &f.record,
            &f.id,
            &f.address,
            &f.mailbox,
            f.from,
            f.to,
            recorded_by,
        ),
    )
    .await?;
    Ok(())
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

/// An address as a row of the table.
#[derive(serde::Serialize)]
struct NewRow<'m> {
    record: &'m str,
    id: &'m str,
    address: &'m str,
    agency: &'m str,
    owner_person: Option<&'m str>,
    owner_post: Option<&'m str>,
    from: i64,
    to: Option<i64>,
}

pub(crate) async fn insert(tx: &mut Tx, m: &Mailbox, recorded_by: &str) -> Result<(), Error> {
    insert_all(tx, &[m], recorded_by).await
}

pub(crate) async fn insert_all(
    tx: &mut Tx,
    all: &[&Mailbox],
    recorded_by: &str,
) -> Result<(), Error> {
    let rows = all.iter().map(|m| {
        let (owner_person, owner_post) = match &m.owner {
            MailboxOwner::Person(id) => (Some(id.as_str()), None),
            MailboxOwner::Post(id) => (None, Some(id.as_str())),
        };
        NewRow {
            record: &m.record,
            id: &m.id,
            address: &m.address,
            agency: &m.agency,
            owner_person,
            owner_post,
            from: m.from,
            to: m.to,
        }
    });
    let rows: Vec<NewRow<'_>> = rows.collect();
    tx.execute(&INSERT_ALL, (super::as_rows(&rows)?, recorded_by))
        .await?;
    Ok(())
}

/// Closes a record of an address.
pub(crate) async fn close(tx: &mut Tx, record: &str, event: &str) -> Result<bool, Error> {
    Ok(tx.execute(&CLOSE, (record, event)).await? == 1)
}
