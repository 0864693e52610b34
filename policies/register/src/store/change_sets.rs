//! Change-sets: staged bulk work, invisible until its last unit names the event that made it true.

use platform::db::{Conn, Error, Tx};

use super::{agencies, appointments, assignments, mailboxes, people, posts, seals, units};
use crate::domain::import::{Closing, Operation};
use crate::domain::words::{ChangeSetKind, ChangeSetState};

platform::statements! {
    pub FIND_OPEN = "SELECT id, kind, state, digest, seed, base_epoch, operations, staged FROM change_set WHERE kind = $1 AND state = 'staging' ORDER BY opened_at, id";
    pub FIND = "SELECT id, kind, state, digest, seed, base_epoch, operations, staged FROM change_set WHERE id = $1";
    pub OPEN = "INSERT INTO change_set (id, kind, state, digest, seed, base_epoch, operations, staged, opened_at) VALUES ($1, $2, 'staging', $3, $4, $5, $6, 0, $7)";
    pub EVENT_OF = "SELECT event FROM change_set WHERE id = $1 AND event IS NOT NULL";
    pub PROGRESS = "UPDATE change_set SET staged = $2 WHERE id = $1 AND state = 'staging' AND staged = $3";
    pub CANCEL = "UPDATE change_set SET state = 'cancelled' WHERE id = $1 AND state = 'staging'";
    pub PUBLISH = "UPDATE change_set SET state = 'published', event = $2 WHERE id = $1 AND state = 'staging' AND staged = operations";
    /// Many rows at once, as a JSON array.
    pub ADD_CLOSINGS = "INSERT INTO staged_closing (change_set, fact, record) SELECT $2, json_extract(r.value, '$.fact'), json_extract(r.value, '$.record') FROM json_each($1) r",
        postgres "INSERT INTO staged_closing (change_set, fact, record) SELECT $2, x.fact, x.record FROM jsonb_to_recordset(CAST(CAST($1 AS TEXT) AS JSONB)) AS x(fact TEXT, record TEXT)";
    pub COUNT_CLOSINGS = "SELECT COUNT(*) AS n FROM staged_closing WHERE change_set = $1";
    pub FORGET_CLOSINGS = "DELETE FROM staged_closing WHERE change_set = $1";
    pub CLOSE_AGENCIES = "UPDATE agency SET closed_by = $2 WHERE closed_by IS NULL AND record IN (SELECT record FROM staged_closing WHERE change_set = $1 AND fact = 'agency')";
    pub CLOSE_UNITS = "UPDATE unit SET closed_by = $2 WHERE closed_by IS NULL AND record IN (SELECT record FROM staged_closing WHERE change_set = $1 AND fact = 'unit')";
    pub CLOSE_POSTS = "UPDATE post SET closed_by = $2 WHERE closed_by IS NULL AND record IN (SELECT record FROM staged_closing WHERE change_set = $1 AND fact = 'post')";
    pub CLOSE_ATTRIBUTES = "UPDATE person_attribute SET closed_by = $2 WHERE closed_by IS NULL AND record IN (SELECT record FROM staged_closing WHERE change_set = $1 AND fact = 'person_attribute')";
    pub CLOSE_APPOINTMENTS = "UPDATE appointment SET closed_by = $2 WHERE closed_by IS NULL AND record IN (SELECT record FROM staged_closing WHERE change_set = $1 AND fact = 'appointment')";
    pub CLOSE_ASSIGNMENTS = "UPDATE assignment SET closed_by = $2 WHERE closed_by IS NULL AND record IN (SELECT record FROM staged_closing WHERE change_set = $1 AND fact = 'assignment')";
    pub CLOSE_SEALS = "UPDATE seal SET closed_by = $2 WHERE closed_by IS NULL AND record IN (SELECT record FROM staged_closing WHERE change_set = $1 AND fact = 'seal')";
    pub CLOSE_MAILBOXES = "UPDATE mailbox SET closed_by = $2 WHERE closed_by IS NULL AND record IN (SELECT record FROM staged_closing WHERE change_set = $1 AND fact = 'mailbox')";
    pub DROP_AGENCIES = "DELETE FROM agency WHERE record IN (SELECT record FROM agency WHERE recorded_by = $1 LIMIT $2)";
    pub DROP_UNITS = "DELETE FROM unit WHERE record IN (SELECT record FROM unit WHERE recorded_by = $1 LIMIT $2)";
    pub DROP_POSTS = "DELETE FROM post WHERE record IN (SELECT record FROM post WHERE recorded_by = $1 LIMIT $2)";
    pub DROP_ATTRIBUTES = "DELETE FROM person_attribute WHERE record IN (SELECT record FROM person_attribute WHERE recorded_by = $1 LIMIT $2)";
    pub DROP_APPOINTMENTS = "DELETE FROM appointment WHERE record IN (SELECT record FROM appointment WHERE recorded_by = $1 LIMIT $2)";
    pub DROP_ASSIGNMENTS = "DELETE FROM assignment WHERE record IN (SELECT record FROM assignment WHERE recorded_by = $1 LIMIT $2)";
    pub DROP_SEALS = "DELETE FROM seal WHERE record IN (SELECT record FROM seal WHERE recorded_by = $1 LIMIT $2)";
    pub DROP_MAILBOXES = "DELETE FROM mailbox WHERE record IN (SELECT record FROM mailbox WHERE recorded_by = $1 LIMIT $2)";
    pub DROP_SUSPENSIONS = "DELETE FROM suspension WHERE record IN (SELECT record FROM suspension WHERE recorded_by = $1 LIMIT $2)";
    pub DROP_SUCCESSIONS = "DELETE FROM succession WHERE record IN (SELECT record FROM succession WHERE recorded_by = $1 LIMIT $2)";
    pub DROP_FORWARDS = "DELETE FROM mail_forward WHERE record IN (SELECT record FROM mail_forward WHERE recorded_by = $1 LIMIT $2)";
    pub DROP_PEOPLE = "DELETE FROM person WHERE id IN (SELECT id FROM person WHERE recorded_by = $1 LIMIT $2)";
}

/// A change-set as stored.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ChangeSet {
    /// `chs_…`
    pub id: String,
    /// What it is made of.
    pub kind: ChangeSetKind,
    /// Where it stands.
    pub state: ChangeSetState,
    /// Digest of the files it was planned from.
    pub digest: String,
    /// Seed of its ids: the same files and epoch give the same plan again.
    pub seed: i64,
    /// The epoch it was planned on.
    pub base_epoch: i64,
    /// Operations of the plan.
    pub operations: i64,
    /// Operations laid so far.
    pub staged: i64,
}

/// Change-sets of a kind that are being staged.
pub(crate) async fn open_ones(
    conn: &mut Conn,
    kind: ChangeSetKind,
) -> Result<Vec<ChangeSet>, Error> {
    conn.all(&FIND_OPEN, (kind.as_str(),)).await
}

/// One change-set.
pub async fn find(conn: &mut Conn, id: &str) -> Result<Option<ChangeSet>, Error> {
    conn.optional(&FIND, (id,)).await
}

/// The event that made a set true; `None` while it is not.
pub(crate) async fn event_of(conn: &mut Conn, id: &str) -> Result<Option<String>, Error> {
    let row: Option<(String,)> = conn.optional(&EVENT_OF, (id,)).await?;
    Ok(row.map(|row| row.0))
}

pub(crate) async fn open(tx: &mut Tx, set: &ChangeSet, now: i64) -> Result<(), Error> {
    tx.execute(
        &OPEN,
        (
            &set.id,
            set.kind.as_str(),
            &set.digest,
            set.seed,
            set.base_epoch,
            set.operations,
            now,
        ),
    )
    .await?;
    Ok(())
}

/// Lays operations; the rows carry the change-set in place of an event. Kinds that come by thousands go in one statement each.
pub(crate) async fn lay(tx: &mut Tx, operations: &[Operation], set: &str) -> Result<(), Error> {
    let (mut seats, mut appointed) = (Vec::new(), Vec::new());
    let (mut addresses, mut successions) = (Vec::new(), Vec::new());
    for operation in operations {
        match operation {
            Operation::Agency(fact) => agencies::insert(tx, fact, set).await?,
            Operation::Unit(fact) => units::insert(tx, fact, set).await?,
            Operation::Post(fact) => seats.push(fact),
            Operation::Person(id) => people::insert_person(tx, id, set).await?,
            Operation::Attributes(fact) => people::insert(tx, fact, set).await?,
            Operation::Appointment(fact) => appointed.push(fact),
            Operation::Assignment(fact) => assignments::insert(tx, fact, set).await?,
            Operation::Seal(fact) => seals::insert(tx, fact, set).await?,
            Operation::Suspension(fact) => appointments::insert_suspension(tx, fact, set).await?,
            Operation::Mailbox(fact) => addresses.push(fact),
            Operation::Forward(fact) => mailboxes::insert_forward(tx, fact, set).await?,
            Operation::Succession(fact) => successions.push(fact),
        }
    }
    if !seats.is_empty() {
        posts::insert_all(tx, &seats, set).await?;
    }
    if !appointed.is_empty() {
        appointments::insert_all(tx, &appointed, set).await?;
    }
    if !addresses.is_empty() {
        mailboxes::insert_all(tx, &addresses, set).await?;
    }
    if !successions.is_empty() {
        seals::insert_successions(tx, &successions, set).await?;
    }
    Ok(())
}

/// Notes that `staged` operations lie there now; `false` when somebody else is staging the same set.
pub(crate) async fn progress(
    tx: &mut Tx,
    set: &str,
    staged: i64,
    before: i64,
) -> Result<bool, Error> {
    Ok(tx.execute(&PROGRESS, (set, staged, before)).await? == 1)
}

pub(crate) async fn add_closings(
    tx: &mut Tx,
    set: &str,
    closings: &[Closing],
) -> Result<(), Error> {
    if !closings.is_empty() {
        tx.execute(&ADD_CLOSINGS, (super::as_rows(closings)?, set))
            .await?;
    }
    Ok(())
}

/// Makes the set true: its closings name the event, and the set does, which makes its rows visible. Gives the rows closed,
/// or `None` when the set is not completely staged.
pub(crate) async fn publish(tx: &mut Tx, set: &str, event: &str) -> Result<Option<u64>, Error> {
    if tx.execute(&PUBLISH, (set, event)).await? != 1 {
        return Ok(None);
    }
    let mut closed = 0;
    for statement in [
        &CLOSE_AGENCIES,
        &CLOSE_UNITS,
        &CLOSE_POSTS,
        &CLOSE_ATTRIBUTES,
        &CLOSE_APPOINTMENTS,
        &CLOSE_ASSIGNMENTS,
        &CLOSE_SEALS,
        &CLOSE_MAILBOXES,
    ] {
        closed += tx.execute(statement, (set, event)).await?;
    }
    Ok(Some(closed))
}

/// How many records the set will close.
pub(crate) async fn closings(conn: &mut Conn, set: &str) -> Result<i64, Error> {
    let (n,): (i64,) = conn.one(&COUNT_CLOSINGS, (set,)).await?;
    Ok(n)
}

pub(crate) async fn cancel(tx: &mut Tx, set: &str) -> Result<bool, Error> {
    let done = tx.execute(&CANCEL, (set,)).await? == 1;
    tx.execute(&FORGET_CLOSINGS, (set,)).await?;
    Ok(done)
}

/// Removes up to `limit` rows of each kind that a cancelled set has laid; gives how many went.
pub(crate) async fn drop_rows(tx: &mut Tx, set: &str, limit: i64) -> Result<u64, Error> {
    let mut gone = 0;
    for statement in [
        &DROP_FORWARDS,
        &DROP_SUCCESSIONS,
        &DROP_SUSPENSIONS,
        &DROP_MAILBOXES,
        &DROP_SEALS,
        &DROP_ASSIGNMENTS,
        &DROP_APPOINTMENTS,
        &DROP_ATTRIBUTES,
        &DROP_POSTS,
        &DROP_UNITS,
        &DROP_AGENCIES,
    ] {
        gone += tx.execute(statement, (set, limit)).await?;
    }
    if gone == 0 {
        gone += tx.execute(&DROP_PEOPLE, (set, limit)).await?;
    }
    Ok(gone)
}
