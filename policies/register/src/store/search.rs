//! Search by accent-free text, exact marks first, page by page without counting offsets; people through the index of their phrases.

use platform::db::{Conn, Error};

use crate::domain::phrases::Range;
use crate::domain::text::{fold, like_anywhere, marked, tidy};
use crate::domain::time::AsOf;
use crate::rights::Scope;

pub use super::people_search::people;

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
    pub AGENCIES = concat!("SELECT a.id, a.name, a.code, ", rank!("a", "$2"), " AS rank FROM known_agency a
        WHERE a.search_key LIKE $1 ESCAPE '!' AND ", valid!("a", "$3"), " AND ", known!("a", "$4"), " AND a.id IN ", covered!("$5"), "
        ORDER BY ", rank!("a", "$2"), ", a.level, a.sort_key, a.id LIMIT $6");
    pub POSTS = concat!("SELECT p.id, p.title, p.field, g.name AS agency_name, ", rank!("p", "$2"), " AS rank FROM known_post p
        JOIN known_agency g ON g.id = p.agency AND ", valid!("g", "$3"), " AND ", known!("g", "$4"), "
        WHERE p.search_key LIKE $1 ESCAPE '!' AND ", valid!("p", "$3"), " AND ", known!("p", "$4"), " AND p.agency IN ", covered!("$5"), "
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
    /// The phrase by which, which gives the order.
    pub phrase: String,
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
    pub(super) rank: i64,
    pub(super) phrase: String,
    pub(super) person: String,
}

impl After {
    /// Before the first.
    pub fn start() -> Self {
        Self {
            rank: 0,
            phrase: String::new(),
            person: String::new(),
        }
    }

    /// After this one.
    pub fn of(found: &FoundPerson) -> Self {
        Self {
            rank: found.rank,
            phrase: found.phrase.clone(),
            person: found.person.clone(),
        }
    }

    /// As one word for a link.
    pub fn encode(&self) -> String {
        format!(
            "{}.{}.{}",
            self.rank,
            data_encoding::HEXLOWER.encode(self.phrase.as_bytes()),
            self.person
        )
    }

    /// Reads the word; anything else starts again at the beginning.
    pub fn decode(word: &str) -> Option<Self> {
        let mut parts = word.splitn(3, '.');
        let rank = parts
            .next()?
            .parse()
            .ok()
            .filter(|rank| (0..=1).contains(rank))?;
        let phrase = data_encoding::HEXLOWER
            .decode(parts.next()?.as_bytes())
            .ok()?;
        let person = parts.next()?.to_string();
        Some(Self {
            rank,
            phrase: String::from_utf8(phrase)
                .ok()
                .filter(|p| !p.contains('\0'))?,
            person: Some(person).filter(|p| !p.contains('\0'))?,
        })
    }
}

/// What a person typed, ready for the statements.
#[derive(Debug, Clone)]
pub struct Query {
    folded: String,
    marked: String,
    pub(super) without_marks: Range,
    pub(super) with_marks: Range,
}

impl Query {
    /// The pattern without accents.
    pub(super) fn folded(&self) -> &str {
        &self.folded
    }

    /// Cleans what was typed; `None` when nothing is left.
    pub fn of(typed: &str) -> Option<Self> {
        let short: String = typed.chars().take(100).collect();
        let text = tidy(&short);
        (!text.is_empty()).then(|| Self {
            folded: like_anywhere(&fold(&text)),
            marked: like_anywhere(&marked(&text)),
            without_marks: Range::folded(&text),
            with_marks: Range::marked(&text),
        })
    }
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
            scope.agencies(),
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
            scope.agencies(),
            limit,
        ),
    )
    .await
}
