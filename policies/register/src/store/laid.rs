//! What a published change-set laid and closed, for taking it back.

use std::collections::BTreeSet;

use platform::db::{Conn, Error};

use crate::domain::import::Closing;

platform::statements! {
    pub LAID_AGENCIES = "SELECT record FROM agency WHERE recorded_by = $1 AND closed_by IS NULL ORDER BY record";
    pub CLOSED_AGENCIES = "SELECT record FROM agency WHERE closed_by = $1 ORDER BY record";
    pub TOUCHED_AGENCIES = "SELECT COUNT(*) AS n FROM agency WHERE recorded_by = $1 AND closed_by IS NOT NULL";
    pub LAID_UNITS = "SELECT record FROM unit WHERE recorded_by = $1 AND closed_by IS NULL ORDER BY record";
    pub CLOSED_UNITS = "SELECT record FROM unit WHERE closed_by = $1 ORDER BY record";
    pub TOUCHED_UNITS = "SELECT COUNT(*) AS n FROM unit WHERE recorded_by = $1 AND closed_by IS NOT NULL";
    pub LAID_POSTS = "SELECT record FROM post WHERE recorded_by = $1 AND closed_by IS NULL ORDER BY record";
    pub CLOSED_POSTS = "SELECT record FROM post WHERE closed_by = $1 ORDER BY record";
    pub TOUCHED_POSTS = "SELECT COUNT(*) AS n FROM post WHERE recorded_by = $1 AND closed_by IS NOT NULL";
    pub LAID_ATTRIBUTES = "SELECT record FROM person_attribute WHERE recorded_by = $1 AND closed_by IS NULL ORDER BY record";
    pub CLOSED_ATTRIBUTES = "SELECT record FROM person_attribute WHERE closed_by = $1 ORDER BY record";
    pub TOUCHED_ATTRIBUTES = "SELECT COUNT(*) AS n FROM person_attribute WHERE recorded_by = $1 AND closed_by IS NOT NULL";
    pub LAID_APPOINTMENTS = "SELECT record FROM appointment WHERE recorded_by = $1 AND closed_by IS NULL ORDER BY record";
    pub CLOSED_APPOINTMENTS = "SELECT record FROM appointment WHERE closed_by = $1 ORDER BY record";
    pub TOUCHED_APPOINTMENTS = "SELECT COUNT(*) AS n FROM appointment WHERE recorded_by = $1 AND closed_by IS NOT NULL";
    pub LAID_ASSIGNMENTS = "SELECT record FROM assignment WHERE recorded_by = $1 AND closed_by IS NULL ORDER BY record";
    pub CLOSED_ASSIGNMENTS = "SELECT record FROM assignment WHERE closed_by = $1 ORDER BY record";
    pub TOUCHED_ASSIGNMENTS = "SELECT COUNT(*) AS n FROM assignment WHERE recorded_by = $1 AND closed_by IS NOT NULL";
    pub LAID_SEALS = "SELECT record FROM seal WHERE recorded_by = $1 AND closed_by IS NULL ORDER BY record";
    pub CLOSED_SEALS = "SELECT record FROM seal WHERE closed_by = $1 ORDER BY record";
    pub TOUCHED_SEALS = "SELECT COUNT(*) AS n FROM seal WHERE recorded_by = $1 AND closed_by IS NOT NULL";
    pub LAID_MAILBOXES = "SELECT record FROM mailbox WHERE recorded_by = $1 AND closed_by IS NULL ORDER BY record";
    pub CLOSED_MAILBOXES = "SELECT record FROM mailbox WHERE closed_by = $1 ORDER BY record";
    pub TOUCHED_MAILBOXES = "SELECT COUNT(*) AS n FROM mailbox WHERE recorded_by = $1 AND closed_by IS NOT NULL";
    pub RESTING_APPOINTMENTS = "SELECT COUNT(*) AS n FROM appointment WHERE recorded_by <> $1 AND closed_by IS NULL AND (person IN (SELECT id FROM person WHERE recorded_by = $1) OR post IN (SELECT id FROM post WHERE recorded_by = $1))";
    pub RESTING_ASSIGNMENTS = "SELECT COUNT(*) AS n FROM assignment WHERE recorded_by <> $1 AND closed_by IS NULL AND post IN (SELECT id FROM post WHERE recorded_by = $1)";
    pub RESTING_MAILBOXES = "SELECT COUNT(*) AS n FROM mailbox WHERE recorded_by <> $1 AND closed_by IS NULL AND (owner_person IN (SELECT id FROM person WHERE recorded_by = $1) OR owner_post IN (SELECT id FROM post WHERE recorded_by = $1))";
    pub RESTING_ROLES = "SELECT COUNT(*) AS n FROM admin_role WHERE closed_by IS NULL AND person IN (SELECT id FROM person WHERE recorded_by = $1)";
    pub RESTING_UNITS = "SELECT COUNT(*) AS n FROM unit WHERE recorded_by <> $1 AND closed_by IS NULL AND agency IN (SELECT id FROM agency WHERE recorded_by = $1)";
}

/// Kinds of facts in the order in which they are closed, by their tables.
const KINDS: [(&str, [&platform::db::Statement; 3]); 8] = [
    (
        "mailbox",
        [&LAID_MAILBOXES, &CLOSED_MAILBOXES, &TOUCHED_MAILBOXES],
    ),
    ("seal", [&LAID_SEALS, &CLOSED_SEALS, &TOUCHED_SEALS]),
    (
        "assignment",
        [&LAID_ASSIGNMENTS, &CLOSED_ASSIGNMENTS, &TOUCHED_ASSIGNMENTS],
    ),
    (
        "appointment",
        [
            &LAID_APPOINTMENTS,
            &CLOSED_APPOINTMENTS,
            &TOUCHED_APPOINTMENTS,
        ],
    ),
    (
        "person_attribute",
        [&LAID_ATTRIBUTES, &CLOSED_ATTRIBUTES, &TOUCHED_ATTRIBUTES],
    ),
    ("post", [&LAID_POSTS, &CLOSED_POSTS, &TOUCHED_POSTS]),
    ("unit", [&LAID_UNITS, &CLOSED_UNITS, &TOUCHED_UNITS]),
    (
        "agency",
        [&LAID_AGENCIES, &CLOSED_AGENCIES, &TOUCHED_AGENCIES],
    ),
];

/// The records a set laid that still stand.
pub(crate) async fn laid(conn: &mut Conn, set: &str) -> Result<Vec<Closing>, Error> {
    let mut all = Vec::new();
    for (fact, [laid, ..]) in KINDS {
        let rows: Vec<(String,)> = conn.all(laid, (set,)).await?;
        all.extend(rows.into_iter().map(|(record,)| Closing { fact, record }));
    }
    Ok(all)
}

/// The records that an event closed.
pub(crate) async fn closed_by(conn: &mut Conn, event: &str) -> Result<BTreeSet<String>, Error> {
    let mut all = BTreeSet::new();
    for (_, [_, closed, _]) in KINDS {
        let rows: Vec<(String,)> = conn.all(closed, (event,)).await?;
        all.extend(rows.into_iter().map(|(record,)| record));
    }
    Ok(all)
}

/// How many things were changed, or came to rest on it, since a set was published: what forbids taking it back.
pub(crate) async fn later_changes(conn: &mut Conn, set: &str) -> Result<i64, Error> {
    let mut count = 0;
    let resting = [
        &RESTING_APPOINTMENTS,
        &RESTING_ASSIGNMENTS,
        &RESTING_MAILBOXES,
        &RESTING_ROLES,
        &RESTING_UNITS,
    ];
    let touched = KINDS.iter().map(|(_, [_, _, touched])| *touched);
    for statement in touched.chain(resting) {
        let (n,): (i64,) = conn.one(statement, (set,)).await?;
        count += n;
    }
    Ok(count)
}
