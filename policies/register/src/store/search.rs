//! Search by accent-free text, exact marks first, page by page without counting offsets; people through the index of their phrases.

use platform::db::{Conn, Error};

use crate::domain::phrases::Range;
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

/// A person's columns beside the phrase that was found.
macro_rules! found {
    ($rank:literal) => {
        concat!(
            "SELECT a.person, a.full_name, a.staff_no, a.birth_date, w.phrase, CAST(",
            $rank,
            " AS BIGINT) AS rank "
        )
    };
}
/// The first phrase of each record in the range $1 to $2 that lies after phrase $3 of person $4, as known at $5.
macro_rules! in_range {
    () => {
        concat!(
            "w.phrase >= $1 AND w.phrase < $2 AND (w.phrase, w.person) > ($3, $4) AND ", known!("a", "$5"),
            " AND NOT EXISTS (SELECT 1 FROM person_phrase e WHERE e.record = w.record AND e.phrase >= $1 AND e.phrase < w.phrase)"
        )
    };
}
/// Not found with its marks as typed, $7 to $8: those came first.
macro_rules! unmarked {
    () => {
        " AND NOT EXISTS (SELECT 1 FROM person_phrase m WHERE m.record = w.record AND m.phrase >= $7 AND m.phrase < $8)"
    };
}
/// Through the phrases of everybody.
macro_rules! wide {
    () => {
        "FROM person_phrase w JOIN known_person_attribute a ON a.record = w.record WHERE "
    };
}
/// Everybody who holds, held or will hold a post, for the whole province.
macro_rules! anywhere {
    () => {
        concat!(
            " AND EXISTS (SELECT 1 FROM known_appointment t WHERE t.person = a.person AND ",
            known!("t", "$5"),
            ")"
        )
    };
}
/// The same inside many agencies.
macro_rules! inside {
    ($roots:literal) => {
        concat!(
            " AND EXISTS (SELECT 1 FROM known_appointment t JOIN known_post p ON p.id = t.post AND ", known!("p", "$5"),
            " WHERE t.person = a.person AND ", known!("t", "$5"), " AND p.agency IN ", covered!($roots), ")"
        )
    };
}
/// Through the phrases of the agency $7 or $9 alone.
macro_rules! within {
    ($agency:literal) => {
        concat!(
            "FROM agency_phrase w JOIN known_person_attribute a ON a.record = w.record WHERE w.agency = ", $agency, " AND EXISTS
                (SELECT 1 FROM known_appointment t JOIN known_post p ON p.id = t.post AND ", known!("p", "$5"),
            " WHERE t.person = a.person AND ", known!("t", "$5"), " AND p.agency = w.agency) AND "
        )
    };
}
macro_rules! ordered {
    () => {
        " ORDER BY w.phrase, w.person LIMIT $6"
    };
}

platform::statements! {
    pub MARKED_ANYWHERE = concat!(found!("0"), wide!(), in_range!(), anywhere!(), ordered!());
    pub FOLDED_ANYWHERE = concat!(found!("1"), wide!(), in_range!(), unmarked!(), anywhere!(), ordered!());
    pub MARKED_INSIDE = concat!(found!("0"), wide!(), in_range!(), inside!("$7"), ordered!());
    pub FOLDED_INSIDE = concat!(found!("1"), wide!(), in_range!(), unmarked!(), inside!("$9"), ordered!());
    pub MARKED_WITHIN = concat!(found!("0"), within!("$7"), in_range!(), ordered!());
    pub FOLDED_WITHIN = concat!(found!("1"), within!("$9"), in_range!(), unmarked!(), ordered!());
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
    rank: i64,
    phrase: String,
    person: String,
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
    without_marks: Range,
    with_marks: Range,
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

/// Up to so many agencies are asked one by one, each through its own phrases; with more, the phrases of everybody are gone through,
/// for then enough of those found are inside.
const FEW: usize = 64;

/// Where people are looked for.
enum Place<'s> {
    Anywhere,
    Each(Vec<&'s str>),
    Inside(&'s str),
}

impl<'s> Place<'s> {
    fn of(scope: &'s Scope) -> Self {
        let agencies: Vec<&str> = scope
            .agencies()
            .split(' ')
            .filter(|id| !id.is_empty())
            .collect();
        if scope.is_whole() {
            Self::Anywhere
        } else if agencies.len() <= FEW {
            Self::Each(agencies)
        } else {
            Self::Inside(scope.agencies())
        }
    }
}

/// What every statement for people takes first: range, place in it, position of the log, rows.
type Given<'g> = (&'g str, &'g str, &'g str, &'g str, i64, i64);

/// Those found with the marks as typed.
async fn with_marks(
    conn: &mut Conn,
    place: &Place<'_>,
    given: Given<'_>,
) -> Result<Vec<FoundPerson>, Error> {
    let (from, until, phrase, person, position, limit) = given;
    match place {
        Place::Anywhere => conn.all(&MARKED_ANYWHERE, given).await,
        Place::Inside(agencies) => {
            conn.all(
                &MARKED_INSIDE,
                (from, until, phrase, person, position, limit, *agencies),
            )
            .await
        }
        Place::Each(agencies) => {
            let mut all = Vec::new();
            for agency in agencies {
                let given = (from, until, phrase, person, position, limit, *agency);
                all.extend(conn.all::<FoundPerson, _>(&MARKED_WITHIN, given).await?);
            }
            Ok(first_of(all, limit))
        }
    }
}

/// The others, found without marks.
async fn without_marks(
    conn: &mut Conn,
    place: &Place<'_>,
    given: Given<'_>,
    marked: &Range,
) -> Result<Vec<FoundPerson>, Error> {
    let (from, until, phrase, person, position, limit) = given;
    let (mark_from, mark_until) = (&marked.from, &marked.until);
    match place {
        Place::Anywhere => {
            let given = (
                from, until, phrase, person, position, limit, mark_from, mark_until,
            );
            conn.all(&FOLDED_ANYWHERE, given).await
        }
        Place::Inside(agencies) => {
            let given = (
                from, until, phrase, person, position, limit, mark_from, mark_until, *agencies,
            );
            conn.all(&FOLDED_INSIDE, given).await
        }
        Place::Each(agencies) => {
            let mut all = Vec::new();
            for agency in agencies {
                let given = (
                    from, until, phrase, person, position, limit, mark_from, mark_until, *agency,
                );
                all.extend(conn.all::<FoundPerson, _>(&FOLDED_WITHIN, given).await?);
            }
            Ok(first_of(all, limit))
        }
    }
}

/// The first of several agencies' pages together. Who is in two of them is found by the same phrase in both.
fn first_of(mut all: Vec<FoundPerson>, limit: i64) -> Vec<FoundPerson> {
    all.sort_by(|a, b| (&a.phrase, &a.person).cmp(&(&b.phrase, &b.person)));
    all.dedup_by(|a, b| a.person == b.person && a.phrase == b.phrase);
    all.truncate(usize::try_from(limit).unwrap_or(0));
    all
}

/// Where a range goes on: never before its own beginning, so that the index is entered there and not at its first phrase.
fn place<'p>(range: &'p Range, after: &'p After) -> (&'p str, &'p str) {
    if after.phrase < range.from {
        (&range.from, "")
    } else {
        (&after.phrase, &after.person)
    }
}

/// People of the scope of whose name or staff number some words begin with the text, after the given place: first those with the
/// marks as typed, then the others, each in the order of what was found.
pub async fn people(
    conn: &mut Conn,
    scope: &Scope,
    query: &Query,
    known: Option<i64>,
    after: &After,
    limit: i64,
) -> Result<Vec<FoundPerson>, Error> {
    let position = crate::domain::time::position(known);
    let inside = Place::of(scope);
    let mut all: Vec<FoundPerson> = Vec::new();
    if after.rank == 0 {
        let range = &query.with_marks;
        let (phrase, person) = place(range, after);
        let given = (
            range.from.as_str(),
            range.until.as_str(),
            phrase,
            person,
            position,
            limit,
        );
        all = with_marks(conn, &inside, given).await?;
    }
    let left = limit.saturating_sub(i64::try_from(all.len()).unwrap_or(limit));
    if left > 0 {
        let start = After::start();
        let after = if after.rank == 0 { &start } else { after };
        let range = &query.without_marks;
        let (phrase, person) = place(range, after);
        let given = (
            range.from.as_str(),
            range.until.as_str(),
            phrase,
            person,
            position,
            left,
        );
        all.extend(without_marks(conn, &inside, given, &query.with_marks).await?);
    }
    Ok(all)
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
