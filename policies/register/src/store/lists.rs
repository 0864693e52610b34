//! Lists that were handed in, and how lists with the same headings were read before.

use platform::db::{Conn, Error, Tx};
use platform::secrets::columns::SealedColumn;

macro_rules! columns {
    () => {
        "SELECT l.id, l.state, l.file_name, l.digest, l.encoding, l.sheet, l.mapping, l.effective, l.accepted, l.uploaded_by, l.uploaded_at, l.change_set, l.undone_by, l.failure FROM list_import l "
    };
}

platform::statements! {
    pub NEWEST = concat!(columns!(), "ORDER BY l.uploaded_at DESC, l.id LIMIT $1");
    pub NEWEST_OF = concat!(columns!(), "WHERE l.uploaded_by = $1 ORDER BY l.uploaded_at DESC, l.id LIMIT $2");
    pub FIND = concat!(columns!(), "WHERE l.id = $1");
    pub FAILED = concat!(columns!(), "WHERE l.failure IS NOT NULL AND l.state = 'judged' AND EXISTS (SELECT 1 FROM list_claim c WHERE c.list = l.id AND c.source IS NOT NULL) ORDER BY l.uploaded_at DESC, l.id LIMIT $1");
    pub BYTES = "SELECT bytes FROM list_import WHERE id = $1 AND bytes IS NOT NULL";
    pub ADD = "INSERT INTO list_import (id, state, file_name, digest, bytes, encoding, sheet, mapping, effective, accepted, uploaded_by, uploaded_at) VALUES ($1, 'judged', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    pub CHOOSE = "UPDATE list_import SET encoding = $2, sheet = $3, mapping = $4, effective = $5, accepted = $6 WHERE id = $1 AND state = 'judged'";
    pub BEGIN = "UPDATE list_import SET state = 'publishing', failure = NULL WHERE id = $1 AND state IN ('judged', 'publishing')";
    pub NAME_SET = "UPDATE list_import SET change_set = $2 WHERE id = $1 AND state = 'publishing'";
    pub FINISH = "UPDATE list_import SET state = 'published', change_set = $2 WHERE id = $1 AND state = 'publishing'";
    pub FAIL = "UPDATE list_import SET state = 'judged', failure = $2 WHERE id = $1 AND state = 'publishing'";
    pub NAME_UNDOING = "UPDATE list_import SET undone_by = $2 WHERE id = $1 AND state = 'published'";
    pub UNDO = "UPDATE list_import SET state = 'undone', undone_by = $2 WHERE id = $1 AND state = 'published'";
    pub DISCARD = "UPDATE list_import SET state = 'discarded', bytes = NULL WHERE id = $1 AND state = 'judged'";
    pub FORGET_FILES = "UPDATE list_import SET bytes = NULL WHERE bytes IS NOT NULL AND uploaded_at < $1";
    pub SEALED_PAGE = "SELECT id AS place, id AS bound_to, bytes AS sealed FROM list_import WHERE id > $1 AND bytes IS NOT NULL ORDER BY id LIMIT $2";
    pub SEAL_AGAIN = "UPDATE list_import SET bytes = $1 WHERE id = $2 AND bytes = $3";
    pub MAPPING = "SELECT mapping FROM list_mapping WHERE signature = $1";
    pub REMEMBER = "INSERT INTO list_mapping (signature, mapping, used_at) VALUES ($1, $2, $3) ON CONFLICT (signature) DO UPDATE SET mapping = excluded.mapping, used_at = excluded.used_at";
}

/// Files as they came.
pub static SEALED: SealedColumn = SealedColumn {
    table: "list_import",
    column: "bytes",
    page: &SEALED_PAGE,
    replace: &SEAL_AGAIN,
};

/// Where a list stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum ListState {
    /// Read and judged; nothing has changed.
    Judged,
    /// Being staged or published.
    Publishing,
    /// In the register.
    Published,
    /// Taken back.
    Undone,
    /// Given up.
    Discarded,
}

impl ListState {
    /// The word for it in text keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Judged => "judged",
            Self::Publishing => "publishing",
            Self::Published => "published",
            Self::Undone => "undone",
            Self::Discarded => "discarded",
        }
    }
}

/// A list without its bytes.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ListRow {
    /// `lst_…`
    pub id: String,
    /// Where it stands.
    pub state: ListState,
    /// Name of the file as it was sent.
    pub file_name: String,
    /// SHA-256 of the file, hexadecimal.
    pub digest: String,
    /// Encoding chosen, for text files.
    pub encoding: Option<String>,
    /// Sheet chosen, for workbooks.
    pub sheet: Option<String>,
    /// Mapping chosen, JSON.
    pub mapping: String,
    /// From when on people are in their posts, UTC ms.
    pub effective: i64,
    /// Groups of proposals accepted, JSON list of words.
    pub accepted: String,
    /// Who handed it in.
    pub uploaded_by: String,
    /// When, UTC ms.
    pub uploaded_at: i64,
    /// The change-set it became.
    pub change_set: Option<String>,
    /// The change-set that took it back, or that was begun in order to.
    pub undone_by: Option<String>,
    /// Why the last attempt to publish failed: the stem of a text `list-failed-<word>`.
    pub failure: Option<String>,
}

/// The newest lists.
pub(crate) async fn newest(conn: &mut Conn, limit: i64) -> Result<Vec<ListRow>, Error> {
    conn.all(&NEWEST, (limit,)).await
}

/// The newest lists that somebody handed in.
pub(crate) async fn newest_of(
    conn: &mut Conn,
    person: &str,
    limit: i64,
) -> Result<Vec<ListRow>, Error> {
    conn.all(&NEWEST_OF, (person, limit)).await
}

/// The newest lists of sources whose publishing failed and that nobody has dealt with.
pub(crate) async fn failed(conn: &mut Conn, limit: i64) -> Result<Vec<ListRow>, Error> {
    conn.all(&FAILED, (limit,)).await
}

/// One list.
pub(crate) async fn find(conn: &mut Conn, id: &str) -> Result<Option<ListRow>, Error> {
    conn.optional(&FIND, (id,)).await
}

/// The sealed file, unless its time is over.
pub(crate) async fn bytes(conn: &mut Conn, id: &str) -> Result<Option<Vec<u8>>, Error> {
    let row: Option<(Vec<u8>,)> = conn.optional(&BYTES, (id,)).await?;
    Ok(row.map(|row| row.0))
}

pub(crate) async fn add(tx: &mut Tx, list: &ListRow, sealed: &[u8]) -> Result<(), Error> {
    tx.execute(
        &ADD,
        (
            &list.id,
            &list.file_name,
            &list.digest,
            sealed,
            &list.encoding,
            &list.sheet,
            &list.mapping,
            list.effective,
            &list.accepted,
            &list.uploaded_by,
            list.uploaded_at,
        ),
    )
    .await?;
    Ok(())
}

/// Keeps how a list is to be read; `false` when it is no longer being judged.
pub(crate) async fn choose(tx: &mut Tx, list: &ListRow) -> Result<bool, Error> {
    let changed = tx
        .execute(
            &CHOOSE,
            (
                &list.id,
                &list.encoding,
                &list.sheet,
                &list.mapping,
                list.effective,
                &list.accepted,
            ),
        )
        .await?;
    Ok(changed == 1)
}

pub(crate) async fn begin(tx: &mut Tx, id: &str) -> Result<bool, Error> {
    Ok(tx.execute(&BEGIN, (id,)).await? == 1)
}

pub(crate) async fn name_set(tx: &mut Tx, id: &str, set: &str) -> Result<(), Error> {
    tx.execute(&NAME_SET, (id, set)).await?;
    Ok(())
}

pub(crate) async fn finish(tx: &mut Tx, id: &str, set: Option<&str>) -> Result<(), Error> {
    tx.execute(&FINISH, (id, set)).await?;
    Ok(())
}

pub(crate) async fn fail(tx: &mut Tx, id: &str, why: &str) -> Result<(), Error> {
    tx.execute(&FAIL, (id, why)).await?;
    Ok(())
}

/// Names the change-set that is about to take the list back.
pub(crate) async fn name_undoing(tx: &mut Tx, id: &str, set: Option<&str>) -> Result<(), Error> {
    tx.execute(&NAME_UNDOING, (id, set)).await?;
    Ok(())
}

pub(crate) async fn undo(tx: &mut Tx, id: &str, set: &str) -> Result<(), Error> {
    tx.execute(&UNDO, (id, set)).await?;
    Ok(())
}

pub(crate) async fn discard(tx: &mut Tx, id: &str) -> Result<bool, Error> {
    Ok(tx.execute(&DISCARD, (id,)).await? == 1)
}

/// Removes files handed in before an instant; what became of them stays.
pub(crate) async fn forget_files(tx: &mut Tx, before: i64) -> Result<u64, Error> {
    tx.execute(&FORGET_FILES, (before,)).await
}

/// How a list with these headings was read last, JSON.
pub(crate) async fn mapping(conn: &mut Conn, signature: &str) -> Result<Option<String>, Error> {
    let row: Option<(String,)> = conn.optional(&MAPPING, (signature,)).await?;
    Ok(row.map(|row| row.0))
}

pub(crate) async fn remember(
    tx: &mut Tx,
    signature: &str,
    mapping: &str,
    at: i64,
) -> Result<(), Error> {
    tx.execute(&REMEMBER, (signature, mapping, at)).await?;
    Ok(())
}
