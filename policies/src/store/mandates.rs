//! Mandates: records that are closed and followed, never changed; and the times in which they are suspended.

use platform::db::{Conn, Error, Tx};

use super::instruments::{addressee, addressee_word, form, reach, reach_text};
use crate::domain::instrument::{Mandate, Pause};

platform::statements! {
    pub KNOWN = "SELECT record, id, instrument, citation, form, grantor, grantee, addressee, giver, holder, reach, valid_from, valid_to FROM known_mandate
        WHERE recorded_at < $1 AND closed_at >= $1 ORDER BY id";
    pub CURRENT = "SELECT record, id, instrument, citation, form, grantor, grantee, addressee, giver, holder, reach, valid_from, valid_to FROM mandate
        WHERE id = $1 AND closed_by IS NULL";
    pub OF_POST = "SELECT record, id, instrument, citation, form, grantor, grantee, addressee, giver, holder, reach, valid_from, valid_to FROM mandate
        WHERE (grantor = $1 OR grantee = $1) AND closed_by IS NULL AND (valid_to IS NULL OR valid_to > $2) ORDER BY valid_to, id LIMIT 50";
    pub INSERT = "INSERT INTO mandate (record, id, instrument, citation, form, grantor, grantee, addressee, giver, holder, reach, valid_from, valid_to, recorded_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    pub CLOSE = "UPDATE mandate SET closed_by = $2 WHERE record = $1 AND closed_by IS NULL";
    pub KNOWN_PAUSES = "SELECT record, id, mandate, reason, valid_from, valid_to FROM known_mandate_pause WHERE recorded_at < $1 AND closed_at >= $1 ORDER BY id";
    pub PAUSES_OF = "SELECT record, id, mandate, reason, valid_from, valid_to FROM mandate_pause WHERE mandate = $1 AND closed_by IS NULL ORDER BY valid_from, id";
    pub INSERT_PAUSE = "INSERT INTO mandate_pause (record, id, mandate, reason, valid_from, valid_to, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    pub CLOSE_PAUSE = "UPDATE mandate_pause SET closed_by = $2 WHERE record = $1 AND closed_by IS NULL";
}

#[derive(sqlx::FromRow)]
struct Row {
    record: String,
    id: String,
    instrument: String,
    citation: String,
    form: String,
    grantor: String,
    grantee: String,
    addressee: String,
    giver: Option<String>,
    holder: Option<String>,
    reach: String,
    valid_from: i64,
    valid_to: Option<i64>,
}

impl Row {
    fn read(self) -> Result<Mandate, Error> {
        Ok(Mandate {
            form: form(&self.form)?,
            addressee: addressee(&self.addressee)?,
            reach: reach(&self.reach)?,
            record: self.record,
            id: self.id,
            instrument: self.instrument,
            citation: self.citation,
            grantor: self.grantor,
            grantee: self.grantee,
            giver: self.giver,
            holder: self.holder,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
        })
    }
}

/// Every mandate as known at a size of the log; `None` is all that is committed.
pub async fn known(conn: &mut Conn, known: Option<i64>) -> Result<Vec<Mandate>, Error> {
    let rows: Vec<Row> = conn.all(&KNOWN, (known.unwrap_or(i64::MAX),)).await?;
    rows.into_iter().map(Row::read).collect()
}

/// Every suspension as known at a size of the log.
pub async fn known_pauses(conn: &mut Conn, known: Option<i64>) -> Result<Vec<Pause>, Error> {
    conn.all(&KNOWN_PAUSES, (known.unwrap_or(i64::MAX),)).await
}

/// The open record of one mandate.
pub async fn current(conn: &mut Conn, id: &str) -> Result<Option<Mandate>, Error> {
    let row: Option<Row> = conn.optional(&CURRENT, (id,)).await?;
    row.map(Row::read).transpose()
}

/// What one post has given or received and is not over. Only for the holder of that post: the caller's own post is the scope.
pub async fn of_post(conn: &mut Conn, post: &str, now: i64) -> Result<Vec<Mandate>, Error> {
    let rows: Vec<Row> = conn.all(&OF_POST, (post, now)).await?;
    rows.into_iter().map(Row::read).collect()
}

/// Writes a record made true by the event.
pub async fn insert(tx: &mut Tx, mandate: &Mandate, event: &str) -> Result<(), Error> {
    let given = (
        &mandate.record,
        &mandate.id,
        &mandate.instrument,
        &mandate.citation,
        mandate.form.as_str(),
        &mandate.grantor,
        &mandate.grantee,
        addressee_word(mandate.addressee),
        mandate.giver.as_deref(),
        mandate.holder.as_deref(),
        reach_text(&mandate.reach)?,
        mandate.valid_from,
        mandate.valid_to,
        event,
    );
    tx.execute(&INSERT, given).await.map(|_| ())
}

/// Closes a record; false when it was closed already.
pub async fn close(tx: &mut Tx, record: &str, event: &str) -> Result<bool, Error> {
    Ok(tx.execute(&CLOSE, (record, event)).await? == 1)
}

/// The suspensions of one mandate, in order of time.
pub async fn pauses_of(conn: &mut Conn, mandate: &str) -> Result<Vec<Pause>, Error> {
    conn.all(&PAUSES_OF, (mandate,)).await
}

/// Writes a suspension made true by the event.
pub async fn insert_pause(tx: &mut Tx, pause: &Pause, event: &str) -> Result<(), Error> {
    let given = (
        &pause.record,
        &pause.id,
        &pause.mandate,
        &pause.reason,
        pause.valid_from,
        pause.valid_to,
        event,
    );
    tx.execute(&INSERT_PAUSE, given).await.map(|_| ())
}

/// Closes the record of a suspension; false when it was closed already.
pub async fn close_pause(tx: &mut Tx, record: &str, event: &str) -> Result<bool, Error> {
    Ok(tx.execute(&CLOSE_PAUSE, (record, event)).await? == 1)
}
