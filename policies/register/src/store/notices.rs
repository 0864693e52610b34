//! Events as notices of somebody, and how far he has read them. Nothing of them is stored but the mark.

use platform::db::{Conn, Error, Tx};

macro_rules! columns {
    ($list:literal) => {
        concat!(
            "SELECT e.id, e.kind, e.at, e.log_index, e.object_id, e.body, ",
            $list,
            " AS list "
        )
    };
}
/// Done by somebody else than $1, between two places of the log.
macro_rules! by_others {
    ($after:literal, $before:literal) => {
        concat!(
            "e.log_index > ",
            $after,
            " AND e.log_index < ",
            $before,
            " AND (e.actor_person IS NULL OR e.actor_person <> $1)"
        )
    };
}
/// Events that touched a person ($1) with this account ($2), of the kinds ($3, with blanks between them). The join is crossed so that
/// SQLite looks up the few events of the person, and not the person in all events.
macro_rules! own {
    () => {
        concat!(
            "FROM (", touched_person!(),
            " UNION SELECT COALESCE(s.event, r.recorded_by) AS event FROM known_appointment t JOIN known_assignment r ON r.post = t.post LEFT JOIN change_set s ON s.id = r.recorded_by
                WHERE t.person = $1 AND t.recorded_at <= r.recorded_at AND t.closed_at > r.recorded_at AND (t.valid_to IS NULL OR t.valid_to > r.valid_from) AND (r.valid_to IS NULL OR r.valid_to > t.valid_from)
              UNION SELECT a.id AS event FROM audit_event a WHERE a.object_type = 'person' AND a.object_id = $1
              UNION SELECT a.id AS event FROM audit_event a WHERE a.object_type = 'account' AND a.object_id = $2
              UNION SELECT a.id AS event FROM proposal q JOIN audit_event a ON a.object_type = 'proposal' AND a.object_id = q.id WHERE q.proposed_by = $1
            ) w CROSS JOIN audit_event e WHERE e.id = w.event AND ", by_others!("$4", "$5"),
            " AND REPLACE(' ' || CAST($3 AS TEXT) || ' ', ' ' || e.kind || ' ', '') <> ' ' || CAST($3 AS TEXT) || ' '"
        )
    };
}
/// Events of a kind ($2).
macro_rules! of_kind {
    () => {
        concat!(
            "FROM audit_event e WHERE e.kind = $2 AND ",
            by_others!("$3", "$4")
        )
    };
}
/// Events of a kind ($2) that published part of a delivery without a look. The joins are crossed so that SQLite starts at the events.
macro_rules! of_lists {
    () => {
        concat!(
            "FROM audit_event e CROSS JOIN list_import l CROSS JOIN list_claim c WHERE e.kind = $2 AND l.change_set = e.object_id AND c.list = l.id AND c.part_of IS NOT NULL AND ",
            by_others!("$3", "$4")
        )
    };
}

platform::statements! {
    pub OWN = concat!(columns!("CAST(NULL AS TEXT)"), own!(), " ORDER BY e.log_index DESC LIMIT $6");
    pub OWN_COUNT = concat!("SELECT COUNT(*) AS n ", own!());
    pub OF_KIND = concat!(columns!("CAST(NULL AS TEXT)"), of_kind!(), " ORDER BY e.log_index DESC LIMIT $5");
    pub OF_KIND_COUNT = concat!("SELECT COUNT(*) AS n ", of_kind!());
    pub OF_LISTS = concat!(columns!("l.id"), of_lists!(), " ORDER BY e.log_index DESC LIMIT $5");
    pub OF_LISTS_COUNT = concat!("SELECT COUNT(*) AS n ", of_lists!());
    pub MARK = "SELECT place, read_at FROM notice_read WHERE person = $1";
    pub MARK_AS_READ = "INSERT INTO notice_read (person, place, read_at) VALUES ($1, $2, $3) ON CONFLICT (person) DO UPDATE SET
        place = CASE WHEN excluded.place > notice_read.place THEN excluded.place ELSE notice_read.place END,
        read_at = CASE WHEN excluded.read_at > notice_read.read_at THEN excluded.read_at ELSE notice_read.read_at END";
}

/// An event somebody is told of.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Told {
    /// `evt_…`
    pub id: String,
    /// What kind of thing happened.
    pub kind: String,
    /// When, UTC ms.
    pub at: i64,
    /// Its place in the log.
    pub log_index: i64,
    /// What it is about.
    pub object_id: Option<String>,
    /// What it says, unless erased.
    pub body: Option<String>,
    /// The list it published, where it is told for that.
    pub list: Option<String>,
}

/// How far somebody has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Mark {
    /// The last place of the log he has seen.
    pub place: i64,
    /// When he saw it, UTC ms.
    pub read_at: i64,
}

/// Places of the log, both ends left out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Between {
    pub(crate) after: i64,
    pub(crate) before: i64,
}

/// Who reads: person and account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Who<'w> {
    pub(crate) person: &'w str,
    pub(crate) account: &'w str,
}

/// Events of these kinds that touched somebody, the newest first.
pub(crate) async fn own(
    conn: &mut Conn,
    who: Who<'_>,
    kinds: &str,
    places: Between,
    limit: i64,
) -> Result<Vec<Told>, Error> {
    let Between { after, before } = places;
    conn.all(&OWN, (who.person, who.account, kinds, after, before, limit))
        .await
}

/// How many of them.
pub(crate) async fn count_own(
    conn: &mut Conn,
    who: Who<'_>,
    kinds: &str,
    after: i64,
) -> Result<i64, Error> {
    let values = (who.person, who.account, kinds, after, i64::MAX);
    let (n,): (i64,) = conn.one(&OWN_COUNT, values).await?;
    Ok(n)
}

/// Events of a kind that others did, the newest first; `lists`: only those that published a list by themselves.
pub(crate) async fn of_kind(
    conn: &mut Conn,
    who: Who<'_>,
    kind: &str,
    lists: bool,
    places: Between,
    limit: i64,
) -> Result<Vec<Told>, Error> {
    let statement = if lists { &OF_LISTS } else { &OF_KIND };
    let Between { after, before } = places;
    conn.all(statement, (who.person, kind, after, before, limit))
        .await
}

/// How many of them.
pub(crate) async fn count_of_kind(
    conn: &mut Conn,
    who: Who<'_>,
    kind: &str,
    lists: bool,
    after: i64,
) -> Result<i64, Error> {
    let statement = if lists {
        &OF_LISTS_COUNT
    } else {
        &OF_KIND_COUNT
    };
    let values = (who.person, kind, after, i64::MAX);
    let (n,): (i64,) = conn.one(statement, values).await?;
    Ok(n)
}

/// How far somebody has read; from before the first place when he never did.
pub(crate) async fn mark(conn: &mut Conn, person: &str) -> Result<Mark, Error> {
    let found: Option<Mark> = conn.optional(&MARK, (person,)).await?;
    Ok(found.unwrap_or(Mark {
        place: -1,
        read_at: i64::MIN,
    }))
}

/// Notes how far somebody has read; a mark never goes back.
pub(crate) async fn mark_as_read(tx: &mut Tx, person: &str, mark: Mark) -> Result<(), Error> {
    tx.execute(&MARK_AS_READ, (person, mark.place, mark.read_at))
        .await?;
    Ok(())
}
