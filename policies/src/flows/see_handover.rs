//! What an instrument gives, with its state and names, by the id of the instrument or of a mandate.
//! Standard: none.
//! It must never show what another agency gave to somebody other than the caller's post.

use platform::caller::Caller;
use platform::db::{self, Conn};
use register::facts;

use crate::authority::Authority;
use crate::domain::instrument::{Clause, Instrument, Mandate, Pause, State};
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
    /// Suspended now.
    Suspended,
}

/// A hand-over as shown.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The instrument.
    pub instrument: Instrument,
    /// The clause asked for: the mandate's, else the first.
    pub clause: Clause,
    /// Its mandate, once signed.
    pub mandate: Option<Mandate>,
    /// When it is suspended.
    pub pauses: Vec<Pause>,
    /// The other receivers of the instrument: page of their mandate (empty before it is signed), title and holders.
    pub others: Vec<(String, String)>,
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
    // Those of the giving agency see it, and whoever acts in a post that receives.
    let theirs = |found: &Instrument| {
        let post = caller.post.as_deref();
        let receives = found
            .clauses
            .iter()
            .any(|clause| Some(clause.grantee.as_str()) == post);
        Some(&found.agency) == caller.agency.as_ref() || receives
    };
    let Some(instrument) = instrument.filter(theirs) else {
        return Ok(None);
    };
    let asked = instrument
        .clauses
        .iter()
        .find(|clause| clause.mandate.as_deref() == Some(id));
    let Some(clause) = asked.or(instrument.clauses.first()).cloned() else {
        return Ok(None);
    };
    let mandate = match &clause.mandate {
        Some(mandate) => mandates::current(conn, mandate).await?,
        None => None,
    };
    let pauses = match &clause.mandate {
        Some(mandate) => mandates::pauses_of(conn, mandate).await?,
        None => Vec::new(),
    };
    let to = mandate
        .as_ref()
        .map_or(clause.valid_to, |mandate| mandate.valid_to);
    let over = to.is_some_and(|to| now >= to);
    // An ended mandate is one whose record was closed early: by nothing, or by one that ends before its day.
    let early = mandate
        .as_ref()
        .map_or(instrument.state != State::Draft, |mandate| {
            mandate.valid_to != clause.valid_to
        });
    let paused = pauses
        .iter()
        .any(|pause| pause.valid_from <= now && pause.valid_to.is_none_or(|to| now < to));
    let standing = match instrument.state {
        _ if early => Standing::Ended,
        _ if over => Standing::Over,
        State::Draft => Standing::Waiting,
        _ if paused => Standing::Suspended,
        State::Active | State::Ended => Standing::InForce,
    };
    let mut others = Vec::new();
    for other in instrument
        .clauses
        .iter()
        .filter(|other| other.number != clause.number)
    {
        let page = other.mandate.clone().unwrap_or_default();
        others.push((page, held(conn, authority, &other.grantee, now).await?));
    }
    Ok(Some(Seen {
        standing,
        grantor: held(conn, authority, &instrument.grantor, now).await?,
        grantee: held(conn, authority, &clause.grantee, now).await?,
        others,
        clause,
        pauses,
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
