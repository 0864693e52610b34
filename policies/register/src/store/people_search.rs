//! People found by accent-free beginnings of their words, page by page, through the index of their phrases: of everybody, or of each
//! agency of a small scope.

use platform::db::{Conn, Error};

use super::search::{After, FoundPerson, Query};
use crate::domain::phrases::Range;
use crate::rights::Scope;

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
/// The same inside many agencies, the condition on `p.agency` given. With OFFSET PostgreSQL asks it of each row found and never makes
/// it a join with all appointments first, which took seconds.
macro_rules! inside {
    ($among:expr) => {
        concat!(
            " AND EXISTS (SELECT 1 FROM known_appointment t JOIN known_post p ON p.id = t.post AND ", known!("p", "$5"),
            " WHERE t.person = a.person AND ", known!("t", "$5"), " AND p.agency ", $among, " LIMIT 1 OFFSET 0)"
        )
    };
}
/// One of the agencies, in words whose share of all agencies PostgreSQL can see when it plans.
macro_rules! listed {
    ($agencies:literal) => {
        concat!(
            "= ANY (string_to_array(CAST(",
            $agencies,
            " AS TEXT), ' '))"
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
    pub MARKED_INSIDE = concat!(found!("0"), wide!(), in_range!(), inside!(concat!("IN ", covered!("$7"))), ordered!()),
        postgres concat!(found!("0"), wide!(), in_range!(), inside!(listed!("$7")), ordered!());
    pub FOLDED_INSIDE = concat!(found!("1"), wide!(), in_range!(), unmarked!(), inside!(concat!("IN ", covered!("$9"))), ordered!()),
        postgres concat!(found!("1"), wide!(), in_range!(), unmarked!(), inside!(listed!("$9")), ordered!());
    pub MARKED_WITHIN = concat!(found!("0"), within!("$7"), in_range!(), ordered!());
    pub FOLDED_WITHIN = concat!(found!("1"), within!("$9"), in_range!(), unmarked!(), ordered!());
}

/// Up to so many agencies are asked one by one, each through its own phrases; with more, the phrases of everybody are gone through,
/// for then enough of those found are inside.
const FEW: usize = 64;
/// Rows asked of one agency at a time, at least.
const LEAST: i64 = 8;

/// One of the two ranges that a search goes through, and where in it the page begins.
struct Pass<'p> {
    range: &'p Range,
    /// What was found with its marks before, for the pass without.
    marked: Option<&'p Range>,
    phrase: &'p str,
    person: &'p str,
    position: i64,
}

impl Pass<'_> {
    async fn run(
        &self,
        conn: &mut Conn,
        scope: &Scope,
        limit: i64,
    ) -> Result<Vec<FoundPerson>, Error> {
        if scope.is_whole() {
            return self.everybody(conn, None, limit).await;
        }
        let agencies: Vec<&str> = scope
            .agencies()
            .split(' ')
            .filter(|id| !id.is_empty())
            .collect();
        if agencies.len() <= FEW {
            self.each(conn, &agencies, limit).await
        } else {
            self.everybody(conn, Some(scope.agencies()), limit).await
        }
    }

    /// Through the phrases of everybody, inside agencies or anywhere.
    async fn everybody(
        &self,
        conn: &mut Conn,
        agencies: Option<&str>,
        limit: i64,
    ) -> Result<Vec<FoundPerson>, Error> {
        let (from, until) = (&self.range.from, &self.range.until);
        let (phrase, person, position) = (self.phrase, self.person, self.position);
        match (self.marked, agencies) {
            (None, None) => {
                conn.all(
                    &MARKED_ANYWHERE,
                    (from, until, phrase, person, position, limit),
                )
                .await
            }
            (None, Some(agencies)) => {
                conn.all(
                    &MARKED_INSIDE,
                    (from, until, phrase, person, position, limit, agencies),
                )
                .await
            }
            (Some(marked), None) => {
                let given = (
                    from,
                    until,
                    phrase,
                    person,
                    position,
                    limit,
                    &marked.from,
                    &marked.until,
                );
                conn.all(&FOLDED_ANYWHERE, given).await
            }
            (Some(marked), Some(agencies)) => {
                let given = (
                    from,
                    until,
                    phrase,
                    person,
                    position,
                    limit,
                    &marked.from,
                    &marked.until,
                    agencies,
                );
                conn.all(&FOLDED_INSIDE, given).await
            }
        }
    }

    /// The first of several agencies together. Names are spread evenly enough that a small part of the page from each is nearly always
    /// all; where an agency's part ends before the page does, it is asked for more.
    async fn each(
        &self,
        conn: &mut Conn,
        agencies: &[&str],
        limit: i64,
    ) -> Result<Vec<FoundPerson>, Error> {
        let few = i64::try_from(agencies.len()).unwrap_or(i64::MAX);
        let part = (4 * limit / few.max(1)).clamp(LEAST.min(limit), limit);
        // What an agency gave last, while it may have more.
        let mut open: Vec<(&str, String, String)> = agencies
            .iter()
            .map(|agency| (*agency, self.phrase.to_owned(), self.person.to_owned()))
            .collect();
        let mut all: Vec<FoundPerson> = Vec::new();
        loop {
            let ends = at_end(&all, limit).map(|last| (last.phrase.clone(), last.person.clone()));
            let behind = |(_, phrase, person): &(&str, String, String)| {
                ends.as_ref()
                    .is_none_or(|(p, who)| (phrase, person) < (p, who))
            };
            if !open.iter().any(behind) {
                break;
            }
            let mut next = Vec::new();
            for place in open {
                if !behind(&place) {
                    next.push(place);
                    continue;
                }
                let (agency, phrase, person) = place;
                let found = self.within(conn, agency, (&phrase, &person), part).await?;
                let whole = i64::try_from(found.len()) == Ok(part);
                if let Some(last) = found.last().filter(|_| whole) {
                    next.push((agency, last.phrase.clone(), last.person.clone()));
                }
                all.extend(found);
            }
            open = next;
            all.sort_by(|a, b| (&a.phrase, &a.person).cmp(&(&b.phrase, &b.person)));
            // Who is in two of the agencies is found by the same phrase in both.
            all.dedup_by(|a, b| a.person == b.person && a.phrase == b.phrase);
        }
        all.truncate(usize::try_from(limit).unwrap_or(0));
        Ok(all)
    }

    /// Through the phrases of one agency.
    async fn within(
        &self,
        conn: &mut Conn,
        agency: &str,
        (phrase, person): (&str, &str),
        limit: i64,
    ) -> Result<Vec<FoundPerson>, Error> {
        let (from, until, position) = (&self.range.from, &self.range.until, self.position);
        match self.marked {
            None => {
                conn.all(
                    &MARKED_WITHIN,
                    (from, until, phrase, person, position, limit, agency),
                )
                .await
            }
            Some(marked) => {
                let given = (
                    from,
                    until,
                    phrase,
                    person,
                    position,
                    limit,
                    &marked.from,
                    &marked.until,
                    agency,
                );
                conn.all(&FOLDED_WITHIN, given).await
            }
        }
    }
}

/// The last row of the page, when there are enough for one.
fn at_end(all: &[FoundPerson], limit: i64) -> Option<&FoundPerson> {
    all.get(usize::try_from(limit).ok()?.checked_sub(1)?)
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
    let mut all: Vec<FoundPerson> = Vec::new();
    if after.rank == 0 {
        let range = &query.with_marks;
        let (phrase, person) = place(range, after);
        let pass = Pass {
            range,
            marked: None,
            phrase,
            person,
            position,
        };
        all = pass.run(conn, scope, limit).await?;
    }
    let left = limit.saturating_sub(i64::try_from(all.len()).unwrap_or(limit));
    if left > 0 {
        let start = After::start();
        let after = if after.rank == 0 { &start } else { after };
        let range = &query.without_marks;
        let (phrase, person) = place(range, after);
        let pass = Pass {
            range,
            marked: Some(&query.with_marks),
            phrase,
            person,
            position,
        };
        all.extend(pass.run(conn, scope, left).await?);
    }
    Ok(all)
}
