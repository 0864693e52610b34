//! A decision is made readable: the names of people, posts and agencies that its ids stand for.
//! Standard: none.
//! It must never change the decision, nor add personal data beyond names.

use std::collections::BTreeMap;

use platform::db::{self, Conn};
use register::facts;
use serde::Serialize;

use crate::authority::{Authority, Decided};

/// A decision with the names it speaks of.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// Question and answer.
    #[serde(flatten)]
    pub decided: Decided,
    /// Title of the post asked about.
    pub post_title: String,
    /// Name of the paper's agency.
    pub agency_name: String,
    /// Title of the paper, when it is known.
    pub paper_title: Option<String>,
    /// Names of the people spoken of, by id.
    pub names: BTreeMap<String, String>,
}

impl Explanation {
    /// Name of a person, or the id when there is none (erased by law, or unknown).
    pub fn name<'a>(&'a self, person: &'a str) -> &'a str {
        self.names.get(person).map_or(person, String::as_str)
    }
}

/// Names that were looked up, for the next decision of the same answer.
#[derive(Debug, Default)]
pub struct Known {
    people: BTreeMap<String, Option<String>>,
    agencies: BTreeMap<(String, i64), String>,
}

impl Known {
    /// Name of a person; none when he has none any more, or never had.
    pub async fn person(&mut self, conn: &mut Conn, id: &str) -> Result<Option<&str>, db::Error> {
        if !self.people.contains_key(id) {
            let found = facts::person(conn, id).await?;
            self.people
                .insert(id.to_owned(), found.map(|person| person.full_name));
        }
        Ok(self.people.get(id).and_then(Option::as_deref))
    }

    async fn agency(&mut self, conn: &mut Conn, id: &str, at: i64) -> Result<String, db::Error> {
        let key = (id.to_owned(), at);
        if let Some(name) = self.agencies.get(&key) {
            return Ok(name.clone());
        }
        let found = facts::agency(conn, id, at).await?;
        let name = found.map_or_else(String::new, |agency| agency.name);
        self.agencies.insert(key, name.clone());
        Ok(name)
    }
}

/// Looks the names up.
pub async fn run(
    conn: &mut Conn,
    authority: &Authority,
    decided: Decided,
    paper_title: Option<String>,
) -> Result<Explanation, db::Error> {
    with(conn, authority, decided, paper_title, &mut Known::default()).await
}

/// Looks up the names that are not known yet.
pub async fn with(
    conn: &mut Conn,
    authority: &Authority,
    decided: Decided,
    paper_title: Option<String>,
    known: &mut Known,
) -> Result<Explanation, db::Error> {
    let epoch = authority.epoch();
    let at = decided.request.at;
    let mut names = BTreeMap::new();
    let others = decided.who_could.iter().map(|one| one.person.as_str());
    let chain = decided.chain.iter();
    let linked = chain.filter_map(|link| link.person.as_deref());
    let people = std::iter::once(decided.request.person.as_str()).chain(others);
    for person in people.chain(linked) {
        if let Some(name) = known.person(conn, person).await? {
            names.insert(person.to_owned(), name.to_owned());
        }
    }
    let agency = &decided.request.resource.agency;
    Ok(Explanation {
        post_title: epoch
            .title_of(&decided.request.post)
            .map_or_else(String::new, |(title, _)| title.to_owned()),
        agency_name: known.agency(conn, agency, at).await?,
        paper_title,
        names,
        decided,
    })
}
