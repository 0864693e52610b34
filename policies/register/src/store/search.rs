//! Search by accent-free text, exact marks first, in the order of lists, page by page without counting offsets.

use platform::db::{Conn, Error};

use crate::domain::text::{fold, like_anywhere, marked, tidy};
use crate::domain::time::AsOf;
use crate::rights::Scope;

macro_rules! rank {
    ($alias:literal, $marked:literal) => {
        concat!(
            "CAST(CASE WHEN ",
            $alias,
            ".search_key LIKE ",
            $marked,
            " ESCAPE '!' THEN 0 ELSE 1 END AS BIGINT)"
        )
    };
}

platform::statements! {
    pub PEOPLE = concat!("SELECT a.person, a.full_name, a.staff_no, a.birth_date, a.sort_key, ", rank!("a", "$2"), " AS rank
        FROM known_person_attribute a
        WHERE a.search_key LIKE $1 ESCAPE '!' AND ", known!("a", "$3"), "
          AND EXISTS (SELECT 1 FROM known_appointment t JOIN known_post p ON p.id = t.post AND ", known!("p", "$3"), " WHERE t.person = a.person AND ", known!("t", "$3"), " AND p.agency IN ", subtree!("$4"), ")
          AND (", rank!("a", "$2"), " > $5 OR (", rank!("a", "$2"), " = $5 AND (a.sort_key > $6 OR (a.sort_key = $6 AND a.person > $7))))
        ORDER BY ", rank!("a", "$2"), ", a.sort_key, a.person LIMIT $8");
    pub AGENCIES = concat!("SELECT a.id, a.name, a.code, ", rank!("a", "$2"), " AS rank FROM known_agency a
        WHERE a.search_key LIKE $1 ESCAPE '!' AND ", valid!("a", "$3"), " AND ", known!("a", "$4"), " AND a.id IN ", subtree!("$5"), "
        ORDER BY ", rank!("a", "$2"), ", a.level, a.sort_key, a.id LIMIT $6");
    pub POSTS = concat!("SELECT p.id, p.title, p.field, g.name AS agency_name, ", rank!("p", "$2"), " AS rank FROM known_post p
        JOIN known_agency g ON g.id = p.agency AND ", valid!("g", "$3"), " AND ", known!("g", "$4"), "
        WHERE p.search_key LIKE $1 ESCAPE '!' AND ", valid!("p", "$3"), " AND ", known!("p", "$4"), " AND p.agency IN ", subtree!("$5"), "
        ORDER BY ", rank!("p", "$2"), ", p.rank, g.level, g.sort_key, p.id LIMIT $6");
}

/// A person found.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FoundPerson {
    /// `psn_…`
    pub person: String,
    /// Full name.
    pub full_name: String,
    /// Staff number.
    pub staff_no: String,
    /// `yyyy-mm-dd`
    pub birth_date: Option<String>,
    /// Key of the order.
    pub sort_key: Vec<u8>,
    /// 0 when the marks agree, else 1.
    pub rank: i64,
}

/// An agency found.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FoundAgency {
    /// `agy_…`
    pub id: String,
    /// Name.
    pub name: String,
    /// Code.
    pub code: String,
    /// 0 when the marks agree, else 1.
    pub rank: i64,
}

/// A post found.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FoundPost {
    /// `pst_…`
    pub id: String,
    /// Title.
    pub title: String,
    /// Field of the seat.
    pub field: Option<String>,
    /// Name of its agency.
    pub agency_name: String,
    /// 0 when the marks agree, else 1.
    pub rank: i64,
}

/// Where a page of people ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    /// Rank of the last one.
    pub rank: i64,
    /// Its key.
    pub sort_key: Vec<u8>,
    /// Its id.
    pub person: String,
}

impl After {
    /// Before the first.
    pub fn start() -> Self {
        Self {
            rank: -1,
            sort_key: Vec::new(),
            person: String::new(),
        }
    }

    /// As one word for a link.
    pub fn encode(&self) -> String {
        format!(
            "{}.{}.{}",
            self.rank,
            data_encoding::HEXLOWER.encode(&self.sort_key),
            self.person
        )
    }

    /// Reads the word; anything else starts again at the beginning.
    pub fn decode(word: &str) -> Option<Self> {
        let mut parts = word.splitn(3, '.');
        Some(Self {
            rank: parts.next()?.parse().ok()?,
            sort_key: data_encoding::HEXLOWER
                .decode(parts.next()?.as_bytes())
                .ok()?,
            person: parts.next()?.to_string(),
        })
    }
}

/// What a person typed, ready for the statements.
#[derive(Debug, Clone)]
pub struct Query {
    folded: String,
    marked: String,
}

impl Query {
    /// Cleans what was typed; `None` when nothing is left.
    pub fn of(typed: &str) -> Option<Self> {
        let short: String = typed.chars().take(100).collect();
        let text = tidy(&short);
        (!text.is_empty()).then(|| Self {
            folded: like_anywhere(&fold(&text)),
            marked: like_anywhere(&marked(&text)),
        })
    }
}

/// People of the scope whose name or staff number contains the text, after the given place.
pub async fn people(
    conn: &mut Conn,
    scope: &Scope,
    query: &Query,
    known: Option<i64>,
    after: &After,
    limit: i64,
) -> Result<Vec<FoundPerson>, Error> {
    let position = crate::domain::time::position(known);
    conn.all(
        &PEOPLE,
        (
            &query.folded,
            &query.marked,
            position,
            scope.root(),
            after.rank,
            &after.sort_key,
            &after.person,
            limit,
        ),
    )
    .await
}

/// Agencies of the scope whose name or code contains the text.
pub async fn agencies(
    conn: &mut Conn,
    scope: &Scope,
    query: &Query,
    as_of: AsOf,
    limit: i64,
) -> Result<Vec<FoundAgency>, Error> {
    conn.all(
        &AGENCIES,
        (
            &query.folded,
            &query.marked,
            as_of.at,
            as_of.position(),
            scope.root(),
            limit,
        ),
    )
    .await
}

/// Posts of the scope whose title or field contains the text.
pub async fn posts(
    conn: &mut Conn,
    scope: &Scope,
    query: &Query,
    as_of: AsOf,
    limit: i64,
) -> Result<Vec<FoundPost>, Error> {
    conn.all(
        &POSTS,
        (
            &query.folded,
            &query.marked,
            as_of.at,
            as_of.position(),
            scope.root(),
            limit,
        ),
    )
    .await
}
