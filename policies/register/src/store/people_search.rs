//! People found by accent-free beginnings of their words, page by page: candidates in the order of their phrases, of everybody or of
//! each agency of a scope, merged; then each candidate is checked against the facts.

use std::collections::{BTreeMap, BTreeSet};

use platform::db::{Conn, Error};
use serde::Serialize;

use super::search::{After, FoundPerson, Query};
use crate::domain::phrases::Range;
use crate::rights::Scope;

/// Those of the candidates, of whatever table `w`, who are known at $2, whose first phrase in the range $3 to $4 it is, who were not
/// found in the range $5 to $6 before, and who hold, held or will hold a post in one of the agencies $7. The OFFSETs keep PostgreSQL
/// from asking all appointments first.
macro_rules! checked {
    ($candidates:expr) => {
        concat!(
            "SELECT a.person, a.full_name, a.staff_no, a.birth_date, w.phrase, CAST($8 AS BIGINT) AS rank FROM ", $candidates,
            " JOIN known_person_attribute a ON a.person = w.person AND ", known!("a", "$2"), "
            WHERE w.phrase = (SELECT MIN(e.phrase) FROM person_phrase e WHERE e.record = a.record AND e.phrase >= $3 AND e.phrase < $4)
            AND NOT EXISTS (SELECT 1 FROM person_phrase m WHERE m.record = a.record AND m.phrase >= $5 AND m.phrase < $6 LIMIT 1 OFFSET 0)
            AND EXISTS (SELECT 1 FROM known_appointment t WHERE t.person = a.person AND ", known!("t", "$2"), " AND (CAST($7 AS TEXT) = '*' OR EXISTS
                (SELECT 1 FROM known_post p WHERE p.id = t.post AND ", known!("p", "$2"), "
                 AND REPLACE(' ' || CAST($7 AS TEXT) || ' ', ' ' || p.agency || ' ', '') <> ' ' || CAST($7 AS TEXT) || ' ' LIMIT 1 OFFSET 0)) LIMIT 1 OFFSET 0)"
        )
    };
}

platform::statements! {
    /// Phrases of everybody after a place.
    pub OF_EVERYBODY = "SELECT f.phrase, f.person FROM person_phrase f WHERE (f.phrase, f.person) > ($1, $2) AND f.phrase < $3 ORDER BY f.phrase, f.person LIMIT $4";
    /// Phrases of several agencies, of each so many after its own place.
    pub OF_AGENCIES = "SELECT json_extract(g.value, '$.agency') AS agency, json_extract(c.value, '$[0]') AS phrase, json_extract(c.value, '$[1]') AS person
        FROM json_each($1) g, json_each((SELECT json_group_array(json_array(w.phrase, w.person)) FROM (SELECT f.phrase, f.person FROM agency_phrase f
            WHERE f.agency = json_extract(g.value, '$.agency') AND (f.phrase, f.person) > (json_extract(g.value, '$.phrase'), json_extract(g.value, '$.person')) AND f.phrase < $2
            ORDER BY f.phrase, f.person LIMIT $3) w)) c",
        postgres "SELECT g.agency, c.phrase, c.person FROM jsonb_to_recordset(CAST(CAST($1 AS TEXT) AS JSONB)) AS g (agency TEXT, phrase TEXT, person TEXT)
        CROSS JOIN LATERAL (SELECT f.phrase, f.person FROM agency_phrase f WHERE f.agency = g.agency AND (f.phrase, f.person) > (g.phrase, g.person) AND f.phrase < $2
            ORDER BY f.phrase, f.person LIMIT $3) c";
    pub CHECKED = checked!("(SELECT json_extract(value, '$.phrase') AS phrase, json_extract(value, '$.person') AS person FROM json_each($1)) w"),
        postgres checked!("jsonb_to_recordset(CAST(CAST($1 AS TEXT) AS JSONB)) AS w (phrase TEXT, person TEXT)");
}

/// Up to so many agencies are gone through by their own phrases; with more, the phrases of everybody are, for then enough of those
/// found are inside.
const FEW: usize = 64;
/// When among so many pages of everybody's candidates there was not one page inside, the agencies' own phrases are gone through.
const ENOUGH: usize = 4;
/// Rows asked of one agency at a time, at least.
const LEAST: usize = 8;

/// A phrase and whose it is: who may be found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Candidate {
    phrase: String,
    person: String,
}

/// How far the phrases of one agency have been read, or those of everybody, which are of none.
#[derive(Debug, Serialize)]
struct Place {
    agency: String,
    #[serde(flatten)]
    read: Candidate,
}

/// Candidates in order from one list of phrases or several.
struct Walk<'p> {
    until: &'p str,
    everybody: bool,
    /// Lists that may hold more.
    open: Vec<Place>,
    /// Read and not yet given; who is in two of the agencies is one candidate.
    waiting: BTreeSet<Candidate>,
}

impl<'p> Walk<'p> {
    /// Through the phrases of everybody, after this one.
    fn everybody(until: &'p str, after: Candidate) -> Self {
        let place = Place {
            agency: String::new(),
            read: after,
        };
        Self {
            until,
            everybody: true,
            open: vec![place],
            waiting: BTreeSet::new(),
        }
    }

    /// Through the phrases of each of the agencies, after this one.
    fn agencies(until: &'p str, agencies: &[&str], after: &Candidate) -> Self {
        let place = |agency: &&str| Place {
            agency: (*agency).to_owned(),
            read: after.clone(),
        };
        Self {
            until,
            everybody: false,
            open: agencies.iter().map(place).collect(),
            waiting: BTreeSet::new(),
        }
    }

    /// The next candidates, fewer than asked for only at the end. Names are spread evenly enough that a small part from each agency is
    /// nearly always all; only an agency whose part ends before these do is asked for more.
    async fn next(&mut self, conn: &mut Conn, count: usize) -> Result<Vec<Candidate>, Error> {
        let part = (4 * count / self.open.len().max(1)).clamp(LEAST.min(count), count);
        loop {
            let ends = count
                .checked_sub(1)
                .and_then(|last| self.waiting.iter().nth(last));
            let (behind, ahead): (Vec<Place>, Vec<Place>) = std::mem::take(&mut self.open)
                .into_iter()
                .partition(|place| ends.is_none_or(|ends| place.read < *ends));
            self.open = ahead;
            if behind.is_empty() {
                break;
            }
            self.read(conn, &behind, part).await?;
        }
        Ok(std::iter::from_fn(|| self.waiting.pop_first())
            .take(count)
            .collect())
    }

    /// Reads so many more of each of the lists; those that gave as many stay open.
    async fn read(&mut self, conn: &mut Conn, places: &[Place], part: usize) -> Result<(), Error> {
        let limit = i64::try_from(part).unwrap_or(i64::MAX);
        let mut given: BTreeMap<String, (usize, Candidate)> = BTreeMap::new();
        for (agency, phrase, person) in self.rows(conn, places, limit).await? {
            let candidate = Candidate { phrase, person };
            let (count, last) = given
                .entry(agency)
                .or_insert_with(|| (0, candidate.clone()));
            *count += 1;
            if *last < candidate {
                last.clone_from(&candidate);
            }
            self.waiting.insert(candidate);
        }
        let more = given.into_iter().filter(|(_, (count, _))| *count >= part);
        self.open
            .extend(more.map(|(agency, (_, read))| Place { agency, read }));
        Ok(())
    }

    async fn rows(
        &self,
        conn: &mut Conn,
        places: &[Place],
        limit: i64,
    ) -> Result<Vec<(String, String, String)>, Error> {
        if !self.everybody {
            let places = super::as_rows(places)?;
            return conn.all(&OF_AGENCIES, (places, self.until, limit)).await;
        }
        let mut all = Vec::new();
        for Place { agency, read } in places {
            let given = (&read.phrase, &read.person, self.until, limit);
            let rows: Vec<(String, String)> = conn.all(&OF_EVERYBODY, given).await?;
            let row = |(phrase, person)| (agency.clone(), phrase, person);
            all.extend(rows.into_iter().map(row));
        }
        Ok(all)
    }
}

/// One of the two ranges that a search goes through.
struct Pass<'p> {
    scope: &'p Scope,
    range: &'p Range,
    /// What was found with its marks before, for the pass without.
    marked: Option<&'p Range>,
    position: i64,
    /// Candidates that are looked at together, at least.
    page: usize,
}

impl Pass<'_> {
    /// The first so many after a place.
    async fn run(
        &self,
        conn: &mut Conn,
        after: &After,
        limit: usize,
    ) -> Result<Vec<FoundPerson>, Error> {
        let listed = self.scope.agencies().split(' ');
        let agencies: Vec<&str> = listed.filter(|id| !id.is_empty()).collect();
        let until = self.range.until.as_str();
        let mut walk = if self.scope.is_whole() || agencies.len() > FEW {
            Walk::everybody(until, self.place(after))
        } else {
            Walk::agencies(until, &agencies, &self.place(after))
        };
        let mut found: Vec<FoundPerson> = Vec::new();
        let (mut seen, mut count) = (0, self.page);
        loop {
            let candidates = walk.next(conn, count).await?;
            let Some(last) = candidates.last() else {
                break;
            };
            seen += candidates.len();
            found.extend(self.checked(conn, &candidates).await?);
            let missing = limit.saturating_sub(found.len());
            if missing == 0 {
                break;
            }
            if walk.everybody && !self.scope.is_whole() && seen > ENOUGH * self.page {
                walk = Walk::agencies(until, &agencies, last);
            }
            // As many as hold what is missing, if it goes on like this.
            count = (missing * seen / found.len().max(1)).clamp(self.page, ENOUGH * self.page);
        }
        found.truncate(limit);
        Ok(found)
    }

    /// Where the range goes on: never before its own beginning, so that the index is entered there and not at its first phrase.
    fn place(&self, after: &After) -> Candidate {
        let (phrase, person) = if after.phrase < self.range.from {
            (self.range.from.as_str(), "")
        } else {
            (after.phrase.as_str(), after.person.as_str())
        };
        Candidate {
            phrase: phrase.to_owned(),
            person: person.to_owned(),
        }
    }

    /// Those of the candidates whom the facts bear out, in order.
    async fn checked(
        &self,
        conn: &mut Conn,
        candidates: &[Candidate],
    ) -> Result<Vec<FoundPerson>, Error> {
        let (from, until) = self.marked.map_or(("", ""), |range| {
            (range.from.as_str(), range.until.as_str())
        });
        let given = (
            super::as_rows(candidates)?,
            self.position,
            &self.range.from,
            &self.range.until,
            from,
            until,
            self.scope.agencies(),
            i64::from(self.marked.is_some()),
        );
        let mut found: Vec<FoundPerson> = conn.all(&CHECKED, given).await?;
        found.sort_by(|a, b| (&a.phrase, &a.person).cmp(&(&b.phrase, &b.person)));
        Ok(found)
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
    let page = usize::try_from(limit).unwrap_or(0);
    let with_marks = Pass {
        scope,
        range: &query.with_marks,
        marked: None,
        position: crate::domain::time::position(known),
        page,
    };
    let without_marks = Pass {
        range: &query.without_marks,
        marked: Some(&query.with_marks),
        ..with_marks
    };
    if after.rank > 0 {
        return without_marks.run(conn, after, page).await;
    }
    let mut all = with_marks.run(conn, after, page).await?;
    let left = page.saturating_sub(all.len());
    if left > 0 {
        let start = After::start();
        all.extend(without_marks.run(conn, &start, left).await?);
    }
    Ok(all)
}
