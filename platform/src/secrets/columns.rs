//! Every column that holds sealed values, so that all can be opened (is the key right?) and sealed again under a new key.
use super::{Error as Secret, Sealer};
use crate::audit::Housekeeping;
use crate::db::{Db, Error, Statement};

/// Values in one unit: far below the limit of a unit.
const CHUNK: i64 = 100;

/// One column of sealed values.
#[derive(Clone, Copy, Debug)]
pub struct SealedColumn {
    /// The table that the values are bound to.
    pub table: &'static str,
    /// The column that the values are bound to.
    pub column: &'static str,
    /// After key `$1`, at most `$2`: key, row that the value is bound to, sealed value.
    pub page: &'static Statement,
    /// Writes `$1` at key `$2` if `$3` still stands there.
    pub replace: &'static Statement,
}

/// A value that cannot be opened or written.
#[derive(Debug, thiserror::Error)]
pub enum ColumnError {
    /// The database.
    #[error(transparent)]
    Db(#[from] Error),
    /// One value.
    #[error("{table}.{column}, row {row}: {source}")]
    Value {
        /// Table.
        table: &'static str,
        /// Column.
        column: &'static str,
        /// Row.
        row: String,
        /// Why.
        source: Secret,
    },
}

/// How many values there are, and how many of them are sealed under an older key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// All.
    pub values: u64,
    /// Under an older key.
    pub stale: u64,
}

impl SealedColumn {
    fn failed(&self, row: &str) -> impl FnOnce(Secret) -> ColumnError {
        let (table, column, row) = (self.table, self.column, row.to_owned());
        move |source| ColumnError::Value {
            table,
            column,
            row,
            source,
        }
    }

    async fn after(&self, db: &Db, key: &str) -> Result<Vec<(String, String, Vec<u8>)>, Error> {
        db.read().await?.all(self.page, (key, CHUNK)).await
    }
}

/// Opens every value. The first that does not open is named.
pub async fn open_all(
    db: &Db,
    sealer: &Sealer,
    columns: &[&SealedColumn],
) -> Result<Count, ColumnError> {
    let mut count = Count::default();
    for column in columns {
        let mut last = String::new();
        loop {
            let rows = column.after(db, &last).await?;
            for (key, row, sealed) in &rows {
                sealer
                    .open(column.table, column.column, row, sealed)
                    .map_err(column.failed(row))?;
                count.values += 1;
                count.stale += u64::from(sealer.is_stale(sealed));
                last.clone_from(key);
            }
            if rows.is_empty() {
                break;
            }
        }
    }
    Ok(count)
}

/// Seals every value under an older key anew, a few in each unit. Stopped at any place, it can be called again; gives how many it did.
pub async fn seal_again(
    db: &Db,
    sealer: &Sealer,
    columns: &[&SealedColumn],
) -> Result<u64, ColumnError> {
    let mut done = 0;
    for column in columns {
        let mut last = String::new();
        loop {
            let rows = column.after(db, &last).await?;
            let mut fresh = Vec::new();
            for (key, row, sealed) in &rows {
                last.clone_from(key);
                if sealer.is_stale(sealed) {
                    let plain = sealer
                        .open(column.table, column.column, row, sealed)
                        .map_err(column.failed(row))?;
                    let again = sealer
                        .seal(column.table, column.column, row, &plain)
                        .map_err(column.failed(row))?;
                    fresh.push((again, key, sealed));
                }
            }
            if rows.is_empty() {
                break;
            }
            if fresh.is_empty() {
                continue;
            }
            let fresh = &fresh;
            done += db
                .write(|mut tx| async move {
                    let mut written = 0;
                    for (again, key, before) in fresh {
                        written += tx
                            .execute(column.replace, (again, key.as_str(), before.as_slice()))
                            .await?;
                    }
                    Ok::<_, Error>(tx.housekeeping(Housekeeping::SealedAgain, written))
                })
                .await?;
        }
    }
    Ok(done)
}
