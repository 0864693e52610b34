//! The one row that every unit raises when it writes a fact of authority.

use platform::db::{Conn, Error, Tx};

platform::statements! {
    pub CURRENT = "SELECT epoch FROM authority_epoch WHERE only_row = 1";
    /// The same row, kept from changing until the unit ends. SQLite has one writer, so nothing needs holding there.
    pub HELD = "SELECT epoch FROM authority_epoch WHERE only_row = 1",
        postgres "SELECT epoch FROM authority_epoch WHERE only_row = 1 FOR SHARE";
    pub RAISE = "UPDATE authority_epoch SET epoch = epoch + 1 WHERE only_row = 1";
}

/// The epoch as committed (or as this unit has raised it).
pub async fn current(conn: &mut Conn) -> Result<i64, Error> {
    let (epoch,): (i64,) = conn.one(&CURRENT, ()).await?;
    Ok(epoch)
}

/// The epoch, held until the unit ends: whoever raises it waits.
pub async fn held(tx: &mut Tx) -> Result<i64, Error> {
    let (epoch,): (i64,) = tx.one(&HELD, ()).await?;
    Ok(epoch)
}

/// Raises the epoch; every unit that writes a fact of authority calls this once.
pub async fn raise(tx: &mut Tx) -> Result<i64, Error> {
    tx.execute(&RAISE, ()).await?;
    current(tx).await
}
