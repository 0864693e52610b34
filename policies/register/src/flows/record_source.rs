//! Registers a source of lists as master of agencies, or ends it.
//! Standard: none; docs/adr/0012-leavers-of-a-list.md
//! It must never let two sources be master of the same agency, nor anybody register one for agencies he does not administer.

use std::collections::BTreeSet;

use platform::audit::{Actor, Event};
use platform::db::{self, Conn, Db};
use platform::ids;
use platform::random::Entropy;
use serde_json::json;

use crate::domain::administration::Need;
use crate::domain::feed::{SILENT_DAYS, Source};
use crate::domain::text::tidy;
use crate::domain::time::AsOf;
use crate::domain::words::{Kind, Verb};
use crate::rights;
use crate::store::{agencies, feeds};

/// What it takes.
pub const NEED: Need = (Verb::Record, Kind::Feed);
/// Longest name.
const MAX_NAME: usize = 100;

/// A source as somebody describes it.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its name.
    pub name: String,
    /// Codes of the agencies it is master of.
    pub codes: Vec<String>,
    /// Whether what needs no look is published at once.
    pub automatic: bool,
    /// Whether that may end appointments.
    pub may_end: bool,
    /// After so many days it is called silent.
    pub silent_days: i64,
    /// Decision behind it.
    pub basis: String,
}

/// It was not registered or ended.
#[derive(Debug, thiserror::Error)]
pub enum RecordSource {
    /// No name, too long a name, no basis, no agency, or days out of range; the word names the field.
    #[error("{0} is missing or wrong")]
    Field(&'static str),
    /// No agency of this code.
    #[error("there is no agency {0}")]
    UnknownAgency(String),
    /// Another source is master of an agency there.
    #[error("{source_name} is master of {agency}")]
    Held {
        /// The other source.
        source_name: String,
        /// The agency both would have.
        agency: String,
    },
    /// The person may not do this for one of the agencies.
    #[error("this is for those who administer the agencies")]
    NoRight,
    /// No such source in use.
    #[error("there is no such source")]
    Unknown,
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Registers it and gives its id.
pub async fn run(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    draft: &Draft,
) -> Result<String, RecordSource> {
    let Actor::Person { person, .. } = actor else {
        return Err(RecordSource::NoRight);
    };
    let (name, basis) = (tidy(&draft.name), tidy(&draft.basis));
    if name.is_empty() || name.chars().count() > MAX_NAME {
        return Err(RecordSource::Field("name"));
    }
    if basis.is_empty() {
        return Err(RecordSource::Field("basis"));
    }
    if !SILENT_DAYS.contains(&draft.silent_days) {
        return Err(RecordSource::Field("silent_days"));
    }
    if draft.codes.is_empty() {
        return Err(RecordSource::Field("agencies"));
    }
    let (name, basis) = (&name, &basis);
    db.write(|mut tx| async move {
        let mut masters = BTreeSet::new();
        for code in &draft.codes {
            let agency = agencies::find_by_code(&mut tx, code, AsOf::now(now))
                .await?
                .ok_or_else(|| RecordSource::UnknownAgency(code.clone()))?;
            if !rights::may(&mut tx, person, NEED, Some(&agency.id), now).await? {
                return Err(RecordSource::NoRight);
            }
            masters.insert(agency.id);
        }
        for other in feeds::all(&mut tx).await? {
            if let Some(agency) = shared(&mut tx, &masters, &other.agencies, now).await? {
                let known = agencies::find(&mut tx, &agency, AsOf::now(now)).await?;
                return Err(RecordSource::Held {
                    source_name: other.name,
                    agency: known.map_or(agency, |agency| agency.name),
                });
            }
        }
        let source = Source {
            id: ids::new("src", entropy),
            name: name.clone(),
            agencies: masters,
            automatic: draft.automatic,
            may_end: draft.may_end,
            silent_days: draft.silent_days,
            basis: basis.clone(),
        };
        let event = Event::new("register.source_recorded", now, actor.clone(), entropy)
            .about("source", &source.id)
            .detail(json!({"name": source.name, "agencies": source.agencies, "automatic": source.automatic, "may_end": source.may_end, "basis": source.basis}));
        feeds::add(&mut tx, &source, person, now).await?;
        Ok(tx.commit(event, source.id))
    })
    .await
}

/// Ends it: its lists stay, nothing more comes from it.
pub async fn end(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    id: &str,
    basis: &str,
) -> Result<(), RecordSource> {
    let Actor::Person { person, .. } = actor else {
        return Err(RecordSource::NoRight);
    };
    let basis = &tidy(basis);
    if basis.is_empty() {
        return Err(RecordSource::Field("basis"));
    }
    db.write(|mut tx| async move {
        let source = feeds::find(&mut tx, id)
            .await?
            .ok_or(RecordSource::Unknown)?;
        for agency in &source.agencies {
            if !rights::may(&mut tx, person, NEED, Some(agency), now).await? {
                return Err(RecordSource::NoRight);
            }
        }
        if !feeds::end(&mut tx, id, now).await? {
            return Err(RecordSource::Unknown);
        }
        let event = Event::new("register.source_ended", now, actor.clone(), entropy)
            .about("source", id)
            .detail(json!({"name": source.name, "basis": basis}));
        Ok(tx.commit(event, ()))
    })
    .await
}

/// An agency that lies below both, if any: then one of the tops lies at or below one of the others.
async fn shared(
    conn: &mut Conn,
    one: &BTreeSet<String>,
    other: &BTreeSet<String>,
    at: i64,
) -> Result<Option<String>, db::Error> {
    for (tops, others) in [(one, other), (other, one)] {
        for top in tops {
            if !above(conn, top, at).await?.is_disjoint(others) {
                return Ok(Some(top.clone()));
            }
        }
    }
    Ok(None)
}

/// An agency and all above it.
async fn above(conn: &mut Conn, agency: &str, at: i64) -> Result<BTreeSet<String>, db::Error> {
    let (mut chain, mut next) = (BTreeSet::new(), Some(agency.to_owned()));
    while let Some(id) = next {
        let found = agencies::find(conn, &id, AsOf::now(at)).await?;
        // A circle ends where it began.
        next = chain
            .insert(id)
            .then(|| found.and_then(|agency| agency.parent))
            .flatten();
    }
    Ok(chain)
}
