//! Facts of the register for the other services: the whole snapshot for the engine, and questions about one person, post or address.
//! Standard: none; docs/ARCHITECTURE.md (rights are derived, never copied); no Scope, because these answer services and not people.
//! It must never be called to fill a page with rows of agencies the reader may not see: pages use `store` with a `Scope`.

pub use crate::domain::facts::{
    AgencyFact, AppointmentFact, AssignmentFact, Facts, Mailbox, MailboxOwner, PostFact, SealFact,
    SuccessionFact, SuspensionFact, UnitFact,
};
pub use crate::domain::time::AsOf;
pub use crate::domain::words::{AppointmentKind, AssignmentKind, Standing, SuccessionKind};
pub use crate::store::appointments::HeldPost;
pub use crate::store::people::{Holder, Person};

use platform::db::{Conn, Error};

use crate::store::{
    agencies, appointments, assignments, epoch, mailboxes, people, posts, seals, units,
};

/// Every record with its validity, as known when the log had `known` leaves (`None`: all that is committed). Read it inside one
/// unit, or compare the epoch before and after, when it must agree with the epoch exactly.
pub async fn snapshot(conn: &mut Conn, known: Option<i64>) -> Result<Facts, Error> {
    Ok(Facts {
        epoch: epoch::current(conn).await?,
        agencies: agencies::snapshot(conn, known).await?,
        units: units::snapshot(conn, known).await?,
        posts: posts::snapshot(conn, known).await?,
        appointments: appointments::snapshot(conn, known).await?,
        suspensions: appointments::suspensions(conn, known).await?,
        assignments: assignments::snapshot(conn, known).await?,
        seals: seals::snapshot(conn, known).await?,
        successions: seals::successions(conn, known).await?,
    })
}

/// Posts a person holds at an instant, main ones before concurrent ones.
pub async fn posts_of(conn: &mut Conn, person: &str, at: i64) -> Result<Vec<HeldPost>, Error> {
    appointments::held_by(conn, person, AsOf::now(at)).await
}

/// Who holds a post at an instant.
pub async fn holders_of(conn: &mut Conn, post: &str, at: i64) -> Result<Vec<Holder>, Error> {
    people::holders(conn, post, AsOf::now(at)).await
}

/// A person by id.
pub async fn person(conn: &mut Conn, id: &str) -> Result<Option<Person>, Error> {
    people::find(conn, id).await
}

/// A person by sign-in name.
pub async fn person_by_username(conn: &mut Conn, username: &str) -> Result<Option<Person>, Error> {
    people::find_by_username(conn, username).await
}

/// A person by staff number.
pub async fn person_by_staff_no(conn: &mut Conn, staff_no: &str) -> Result<Option<Person>, Error> {
    people::find_by_staff_no(conn, staff_no).await
}

/// An agency as it stands at an instant.
pub async fn agency(conn: &mut Conn, id: &str, at: i64) -> Result<Option<AgencyFact>, Error> {
    agencies::find(conn, id, AsOf::now(at)).await
}

/// The agency that bears a code at an instant.
pub async fn agency_by_code(
    conn: &mut Conn,
    code: &str,
    at: i64,
) -> Result<Option<AgencyFact>, Error> {
    agencies::find_by_code(conn, code, AsOf::now(at)).await
}

/// What a code means at an instant: the body that bears it, or those that succeeded the body which bore it last. Old codes keep resolving.
pub async fn heirs_of_code(conn: &mut Conn, code: &str, at: i64) -> Result<Vec<AgencyFact>, Error> {
    if let Some(body) = agency_by_code(conn, code, at).await? {
        return Ok(vec![body]);
    }
    match agencies::last_bearer(conn, code, AsOf::now(at)).await? {
        Some(id) => agencies::heirs(conn, &id, AsOf::now(at)).await,
        None => Ok(Vec::new()),
    }
}

/// Whether an agency stands at or under another at an instant, or ended under it.
pub async fn stands_under(
    conn: &mut Conn,
    agency: &str,
    above: &str,
    at: i64,
) -> Result<bool, Error> {
    let below = agencies::below(conn, above, AsOf::now(at)).await?;
    Ok(below.iter().any(|id| id == agency))
}

/// The province.
pub async fn agency_root(conn: &mut Conn, at: i64) -> Result<Option<AgencyFact>, Error> {
    agencies::find_root(conn, AsOf::now(at)).await
}

/// A post as it stands at an instant.
pub async fn post(conn: &mut Conn, id: &str, at: i64) -> Result<Option<PostFact>, Error> {
    posts::find(conn, id, AsOf::now(at)).await
}

/// Posts of an agency at an instant, by rank.
pub async fn posts_of_agency(
    conn: &mut Conn,
    agency: &str,
    at: i64,
) -> Result<Vec<PostFact>, Error> {
    posts::of_agency(conn, agency, AsOf::now(at)).await
}

/// An appointment, whenever it is valid.
pub async fn appointment(conn: &mut Conn, id: &str) -> Result<Option<AppointmentFact>, Error> {
    appointments::find(conn, id, None).await
}

/// Whether an appointment is in force at an instant: begun, not ended, not suspended.
pub async fn appointment_in_force(
    conn: &mut Conn,
    appointment: &str,
    at: i64,
) -> Result<bool, Error> {
    appointments::in_force(conn, appointment, AsOf::now(at)).await
}

/// Whether a post keeps the seal of an agency at an instant.
pub async fn keeps_seal(conn: &mut Conn, post: &str, agency: &str, at: i64) -> Result<bool, Error> {
    assignments::in_force(
        conn,
        AssignmentKind::SealCustody,
        post,
        agency,
        AsOf::now(at),
    )
    .await
}

/// Agencies whose seal a post keeps at an instant.
pub async fn seals_kept(conn: &mut Conn, post: &str, at: i64) -> Result<Vec<String>, Error> {
    assignments::kept_by(conn, post, AsOf::now(at)).await
}

/// People whose post keeps the seal of an agency at an instant.
pub async fn seal_keepers(conn: &mut Conn, agency: &str, at: i64) -> Result<Vec<String>, Error> {
    let mut people = Vec::new();
    for post in assignments::keepers(conn, agency, AsOf::now(at)).await? {
        let holders = holders_of(conn, &post, at).await?;
        people.extend(holders.into_iter().map(|holder| holder.person));
    }
    people.sort_unstable();
    people.dedup();
    Ok(people)
}

/// Assignments of a post, past and future ones too.
pub async fn assignments_of_post(
    conn: &mut Conn,
    post: &str,
) -> Result<Vec<AssignmentFact>, Error> {
    assignments::of_post(conn, post, None).await
}

/// Addresses a person may send from at an instant: the own one, then those of posts held.
pub async fn mail_addresses(conn: &mut Conn, person: &str, at: i64) -> Result<Vec<Mailbox>, Error> {
    let mut allowed = Vec::new();
    for mailbox in mailboxes::of_person(conn, person, AsOf::now(at)).await? {
        if appointment_for(conn, &mailbox, person, at).await?.is_some() {
            allowed.push(mailbox);
        }
    }
    Ok(allowed)
}

/// The mailbox behind an address at an instant.
pub async fn mailbox(conn: &mut Conn, address: &str, at: i64) -> Result<Option<Mailbox>, Error> {
    mailboxes::find(conn, &address.to_ascii_lowercase(), AsOf::now(at)).await
}

/// The mailbox that gets what is sent to an address at an instant: its own, or the one an ended address forwards to.
pub async fn receiving_mailbox(
    conn: &mut Conn,
    address: &str,
    at: i64,
) -> Result<Option<Mailbox>, Error> {
    mailboxes::receiving(conn, &address.to_ascii_lowercase(), AsOf::now(at)).await
}

/// Mail domains the province has had or will have: addresses of an ended province go on receiving.
pub async fn mail_domains(conn: &mut Conn) -> Result<Vec<String>, Error> {
    agencies::root_domains(conn).await
}

/// The appointment that lets this person send from this address at this instant, if any.
pub async fn mailbox_appointment(
    conn: &mut Conn,
    address: &str,
    person: &str,
    at: i64,
) -> Result<Option<String>, Error> {
    match mailbox(conn, address, at).await? {
        Some(mailbox) => appointment_for(conn, &mailbox, person, at).await,
        None => Ok(None),
    }
}

/// One's own address goes with any appointment in force; a post's address only with an appointment to that post.
async fn appointment_for(
    conn: &mut Conn,
    mailbox: &Mailbox,
    person: &str,
    at: i64,
) -> Result<Option<String>, Error> {
    let held = posts_of(conn, person, at).await?;
    let through = match &mailbox.owner {
        MailboxOwner::Person(owner) if owner == person => held.into_iter().next(),
        MailboxOwner::Person(_) => None,
        MailboxOwner::Post(post) => held.into_iter().find(|held| held.post == *post),
    };
    Ok(through.map(|held| held.appointment))
}
