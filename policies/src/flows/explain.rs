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

/// Looks the names up.
pub async fn run(
    conn: &mut Conn,
    authority: &Authority,
    decided: Decided,
    paper_title: Option<String>,
) -> Result<Explanation, db::Error> {
    let epoch = authority.epoch();
    let at = decided.request.at;
    let mut names = BTreeMap::new();
    let people = std::iter::once(decided.request.person.as_str())
        .chain(
            decided
                .who_could
                .iter()
                .map(|candidate| candidate.person.as_str()),
        )
        .chain(
            decided
                .chain
                .iter()
                .filter_map(|link| link.person.as_deref()),
        );
    for person in people {
        if !names.contains_key(person)
            && let Some(found) = facts::person(conn, person).await?
        {
            names.insert(person.to_owned(), found.full_name);
        }
    }
    let agency = facts::agency(conn, &decided.request.resource.agency, at).await?;
    Ok(Explanation {
        post_title: epoch
            .title_of(&decided.request.post)
            .map_or_else(String::new, |(title, _)| title.to_owned()),
        agency_name: agency.map_or_else(String::new, |agency| agency.name),
        paper_title,
        names,
        decided,
    })
}
