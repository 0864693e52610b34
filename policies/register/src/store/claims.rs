//! What lists say beside their rows, and which records somebody laid by hand.

use std::collections::BTreeSet;

use platform::db::{Conn, Error, Tx};

use crate::domain::intake::leavers::Claim;
use crate::domain::time::position;

platform::statements! {
    pub FIND = "SELECT whole_for, ends, source FROM list_claim WHERE list = $1";
    pub PUT = "INSERT INTO list_claim (list, whole_for, ends, source) VALUES ($1, $2, $3, $4) ON CONFLICT (list) DO UPDATE SET whole_for = excluded.whole_for, ends = excluded.ends, source = excluded.source";
    pub PEOPLE_BY_HAND = concat!("SELECT p.record FROM known_person_attribute p WHERE ", known!("p", "$1"), " AND NOT EXISTS (SELECT 1 FROM change_set s WHERE s.id = p.recorded_by)");
    pub APPOINTMENTS_BY_HAND = concat!("SELECT a.record FROM known_appointment a WHERE ", known!("a", "$1"), " AND NOT EXISTS (SELECT 1 FROM change_set s WHERE s.id = a.recorded_by)");
}

#[derive(sqlx::FromRow)]
struct Row {
    whole_for: String,
    ends: String,
    source: Option<String>,
}

/// What a list says beside its rows; nothing when nobody declared anything.
pub(crate) async fn find(conn: &mut Conn, list: &str) -> Result<Claim, Error> {
    let row: Option<Row> = conn.optional(&FIND, (list,)).await?;
    let Some(row) = row else {
        return Ok(Claim::default());
    };
    Ok(Claim {
        whole_for: words(&row.whole_for)?,
        ends: words(&row.ends)?,
        source: row.source,
    })
}

/// Keeps it.
pub(crate) async fn put(tx: &mut Tx, list: &str, claim: &Claim) -> Result<(), Error> {
    let (whole_for, ends) = (text(&claim.whole_for), text(&claim.ends));
    tx.execute(&PUT, (list, whole_for, ends, &claim.source))
        .await?;
    Ok(())
}

/// Records about people and appointments in force that no change-set laid.
pub(crate) async fn by_hand(conn: &mut Conn) -> Result<BTreeSet<String>, Error> {
    let mut records = BTreeSet::new();
    for statement in [&PEOPLE_BY_HAND, &APPOINTMENTS_BY_HAND] {
        let rows: Vec<(String,)> = conn.all(statement, (position(None),)).await?;
        records.extend(rows.into_iter().map(|(record,)| record));
    }
    Ok(records)
}

/// A set of words as its column holds it.
pub(super) fn text(words: &BTreeSet<String>) -> String {
    serde_json::json!(words).to_string()
}

/// The words of a column.
pub(super) fn words(text: &str) -> Result<BTreeSet<String>, Error> {
    serde_json::from_str(text)
        .map_err(|error| Error::Refused(format!("a claim of a list: {error}")))
}
