//! One hand-over with its state and names, by the id of its instrument or of its mandate.
//! Standard: none.
//! It must never show a hand-over of an agency other than the caller's own.

use platform::caller::Caller;
use platform::db::{self, Conn};
use register::facts;

use crate::authority::Authority;
use crate::domain::instrument::{Instrument, Mandate, State};
use crate::store::{instruments, mandates};

/// How a hand-over stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Waits for the head's signature.
    Waiting,
    /// In force.
    InForce,
    /// Its day is over, or it was never signed in time.
    Over,
    /// Ended before its day.
    Ended,
}

/// A hand-over as shown.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The instrument.
    pub instrument: Instrument,
    /// Its mandate, once signed.
    pub mandate: Option<Mandate>,
    /// How it stands.
    pub standing: Standing,
    /// Title and holders of the post that hands over.
    pub grantor: String,
    /// Title and holders of the post that receives.
    pub grantee: String,
    /// Whether the caller acts in the post that handed over.
    pub own: bool,
}

/// Looks it up; none when it does not exist for this caller.
pub async fn run(
    conn: &mut Conn,
    authority: &Authority,
    caller: &Caller,
    id: &str,
    now: i64,
) -> Result<Option<Seen>, db::Error> {
    let instrument = match instruments::by_id(conn, id).await? {
        Some(instrument) => Some(instrument),
        None => instruments::by_mandate(conn, id).await?,
    };
    let Some(instrument) = instrument.filter(|found| Some(&found.agency) == caller.agency.as_ref())
    else {
        return Ok(None);
    };
    let mandate = match &instrument.mandate {
        Some(mandate) => mandates::current(conn, mandate).await?,
        None => None,
    };
    let over = now
        >= mandate
            .as_ref()
            .map_or(instrument.valid_to, |mandate| mandate.valid_to);
    let standing = match instrument.state {
        State::Ended => Standing::Ended,
        _ if over => Standing::Over,
        State::Draft => Standing::Waiting,
        State::Active => Standing::InForce,
    };
    Ok(Some(Seen {
        standing,
        grantor: held(conn, authority, &instrument.grantor, now).await?,
        grantee: held(conn, authority, &instrument.grantee, now).await?,
        own: caller.post.as_deref() == Some(instrument.grantor.as_str()),
        instrument,
        mandate,
    }))
}

/// `Phó Chủ tịch Ngô Đức Thịnh`.
pub async fn held(
    conn: &mut Conn,
    authority: &Authority,
    post: &str,
    at: i64,
) -> Result<String, db::Error> {
    let epoch = authority.epoch();
    let mut words = epoch
        .title_of(post)
        .map_or_else(String::new, |(title, _)| title.to_owned());
    let mut joint = " ";
    for (person, _) in epoch.holders(post, at) {
        if let Some(person) = facts::person(conn, person).await? {
            words.push_str(joint);
            words.push_str(&person.full_name);
            joint = ", ";
        }
    }
    Ok(words)
}

/// The deputies to whom the holder of `head` may hand over: (post, title and holder).
pub async fn receivers(
    conn: &mut Conn,
    authority: &Authority,
    head: &str,
    at: i64,
) -> Result<Vec<(String, String)>, db::Error> {
    let epoch = authority.epoch();
    let mut receivers = Vec::new();
    for post in epoch.deputies_of(head, at) {
        receivers.push((
            post.as_str().to_owned(),
            held(conn, authority, post, at).await?,
        ));
    }
    Ok(receivers)
}
