//! The register of numbers: per agency, kind of paper and year, without gaps (Decree 30/2020/NĐ-CP Art. 15.1).

use platform::db::{Error, Tx};

platform::statements! {
    pub START = "INSERT INTO paper_number (agency, kind, year, last_number) VALUES ($1, $2, $3, 0) ON CONFLICT (agency, kind, year) DO NOTHING";
    pub NEXT = "UPDATE paper_number SET last_number = last_number + 1 WHERE agency = $1 AND kind = $2 AND year = $3 RETURNING last_number";
    pub LAST = "SELECT last_number FROM paper_number WHERE agency = $1 AND kind = $2 AND year = $3";
}

/// Gives the next number within the caller's unit.
pub async fn next(tx: &mut Tx, agency: &str, kind: &str, year: i64) -> Result<i64, Error> {
    tx.execute(&START, (agency, kind, year)).await?;
    let (number,): (i64,) = tx.one(&NEXT, (agency, kind, year)).await?;
    Ok(number)
}

/// The last number given, 0 when none.
pub async fn last(
    conn: &mut platform::db::Conn,
    agency: &str,
    kind: &str,
    year: i64,
) -> Result<i64, Error> {
    let row: Option<(i64,)> = conn.optional(&LAST, (agency, kind, year)).await?;
    Ok(row.map_or(0, |(n,)| n))
}
