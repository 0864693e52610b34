//! Records a person whom the register does not know yet, or corrects what names a known one: the old record is closed, never overwritten.
//! Standard: Law 91/2025/QH15 on personal data (accuracy); docs/ARCHITECTURE.md (append only).
//! It must never give a staff number, sign-in name, address or personal number that another person bears or bore.

use platform::audit::{Actor, Event};
use platform::db::{self, Conn, Db};
use platform::ids;
use platform::random::Entropy;
use platform::secrets::Sealer;
use serde_json::json;

use crate::domain::attributes::Named;
use crate::domain::facts::{Mailbox, MailboxOwner, PersonAttributes};
use crate::domain::time::AsOf;
use crate::store::{agencies, appointments, epoch, mailboxes, people};

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordPersonError {
    /// No such person, or erased.
    #[error("no such person")]
    Unknown,
    /// Somebody else bears it: `staff_no`, `username`, `email` or `personal_number`.
    #[error("the {0} belongs to somebody else")]
    Taken(&'static str),
    /// An address needs the agency it stands for.
    #[error("an address needs the agency it stands for")]
    Agency,
    /// Nothing differs from what is recorded.
    #[error("nothing differs from what is recorded")]
    Unchanged,
    /// Somebody corrected it at the same moment.
    #[error("the person was changed at the same moment; read it again")]
    Changed,
    /// The personal number could not be sealed.
    #[error("the personal number could not be sealed: {0}")]
    Seal(String),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Database, randomness, secrets.
#[derive(Clone, Copy)]
pub struct Tools<'t> {
    /// Where rows go.
    pub db: &'t Db,
    /// For ids.
    pub entropy: &'t Entropy,
    /// For the personal number.
    pub sealer: &'t Sealer,
}

/// Seals and indexes outside the unit: no cryptography holds up others.
fn attributes(
    tools: Tools<'_>,
    person: &str,
    named: &Named,
) -> Result<PersonAttributes, RecordPersonError> {
    let record = ids::new("rcd", tools.entropy);
    let (mut number, mut index) = (None, None);
    if let Some(plain) = &named.personal_number {
        let sealed = tools.sealer.seal(
            "person_attribute",
            "personal_number",
            &record,
            plain.as_bytes(),
        );
        number = Some(sealed.map_err(|error| RecordPersonError::Seal(error.to_string()))?);
        index = Some(
            tools
                .sealer
                .blind_index("register.personal_number", plain)
                .to_vec(),
        );
    }
    Ok(PersonAttributes {
        record,
        person: person.to_owned(),
        staff_no: named.staff_no.clone(),
        full_name: named.full_name.clone(),
        surname: named.surname.clone(),
        given_name: named.given_name.clone(),
        gender: named.gender.clone(),
        birth_date: named.birth_date.clone(),
        username: named.username.clone(),
        email: named.email.clone(),
        phone: named.phone.clone(),
        personal_number: number,
        personal_number_index: index,
    })
}

async fn refuse_taken(
    conn: &mut Conn,
    wanted: &PersonAttributes,
    now: i64,
) -> Result<(), RecordPersonError> {
    if let Some(field) = people::taken(conn, wanted).await? {
        return Err(RecordPersonError::Taken(field));
    }
    let Some(address) = &wanted.email else {
        return Ok(());
    };
    let owner = MailboxOwner::Person(wanted.person.clone());
    match mailboxes::find(conn, address, AsOf::now(now)).await? {
        Some(mailbox) if mailbox.owner != owner => Err(RecordPersonError::Taken("email")),
        _ => Ok(()),
    }
}

/// Records a new person. Gives the id; an appointment makes the person part of an agency.
pub async fn run(
    tools: Tools<'_>,
    now: i64,
    actor: &Actor,
    named: &Named,
    agency: Option<&str>,
    basis: &str,
) -> Result<String, RecordPersonError> {
    let person = ids::new("psn", tools.entropy);
    let wanted = &attributes(tools, &person, named)?;
    if wanted.email.is_some() && agency.is_none() {
        return Err(RecordPersonError::Agency);
    }
    tools
        .db
        .write(|mut tx| async move {
            refuse_taken(&mut tx, wanted, now).await?;
            let event = Event::new(
                "register.person.recorded",
                now,
                actor.clone(),
                tools.entropy,
            )
            .about("person", &wanted.person)
            .detail(json!({"basis": basis, "staff_no": wanted.staff_no}));
            people::insert_person(&mut tx, &wanted.person, event.id()).await?;
            people::insert(&mut tx, wanted, event.id()).await?;
            if let (Some(address), Some(agency)) = (&wanted.email, agency) {
                agencies::find(&mut tx, agency, AsOf::now(now))
                    .await?
                    .ok_or(RecordPersonError::Agency)?;
                let mailbox = mailbox(tools.entropy, &wanted.person, address, agency, now);
                mailboxes::insert(&mut tx, &mailbox, event.id()).await?;
            }
            epoch::raise(&mut tx).await?;
            Ok(tx.commit(event, wanted.person.clone()))
        })
        .await
}

/// Corrects a known person: closes the record in force, adds another. An empty personal number keeps the one that is recorded.
pub async fn correct(
    tools: Tools<'_>,
    now: i64,
    actor: &Actor,
    person: &str,
    named: &Named,
    basis: &str,
) -> Result<(), RecordPersonError> {
    let wanted = &attributes(tools, person, named)?;
    let kept = people::attributes_of(&mut tools.db.read().await?, person)
        .await?
        .ok_or(RecordPersonError::Unknown)?;
    // A sealed number is bound to its record: keeping it means opening and sealing it anew.
    let mut next = wanted.clone();
    if next.personal_number.is_none()
        && let Some(sealed) = &kept.personal_number
    {
        let fail = |error: platform::secrets::Error| RecordPersonError::Seal(error.to_string());
        let plain = tools
            .sealer
            .open("person_attribute", "personal_number", &kept.record, sealed)
            .map_err(fail)?;
        next.personal_number = Some(
            tools
                .sealer
                .seal("person_attribute", "personal_number", &next.record, &plain)
                .map_err(fail)?,
        );
        next.personal_number_index = kept.personal_number_index.clone();
    }
    let changed = changed(&kept, &next);
    if changed.is_empty() {
        return Err(RecordPersonError::Unchanged);
    }
    let (next, kept, changed) = (&next, &kept, &changed);
    tools
        .db
        .write(|mut tx| async move {
            refuse_taken(&mut tx, next, now).await?;
            let event = Event::new(
                "register.person.corrected",
                now,
                actor.clone(),
                tools.entropy,
            )
            .about("person", person)
            .detail(json!({"basis": basis, "fields": changed}));
            if !people::close(&mut tx, &kept.record, event.id()).await? {
                return Err(RecordPersonError::Changed);
            }
            people::insert(&mut tx, next, event.id()).await?;
            if next.email != kept.email {
                let mut home = None;
                for old in mailboxes::of_person(&mut tx, person, AsOf::now(now)).await? {
                    if old.owner == MailboxOwner::Person(person.to_owned()) {
                        mailboxes::close(&mut tx, &old.record, event.id()).await?;
                        home = Some(old.agency);
                    }
                }
                if home.is_none() {
                    let held = appointments::held_by(&mut tx, person, AsOf::now(now)).await?;
                    home = held.into_iter().next().map(|held| held.agency);
                }
                if let (Some(address), Some(agency)) = (&next.email, home) {
                    let mailbox = mailbox(tools.entropy, person, address, &agency, now);
                    mailboxes::insert(&mut tx, &mailbox, event.id()).await?;
                }
            }
            epoch::raise(&mut tx).await?;
            Ok(tx.commit(event, ()))
        })
        .await
}

fn mailbox(entropy: &Entropy, person: &str, address: &str, agency: &str, now: i64) -> Mailbox {
    Mailbox {
        record: ids::new("rcd", entropy),
        id: ids::new("mbx", entropy),
        address: address.to_owned(),
        agency: agency.to_owned(),
        owner: MailboxOwner::Person(person.to_owned()),
        from: now,
        to: None,
    }
}

/// Names of the fields that differ; their values are no part of the event.
fn changed(before: &PersonAttributes, after: &PersonAttributes) -> Vec<&'static str> {
    [
        ("staff_no", before.staff_no != after.staff_no),
        (
            "full_name",
            before.full_name != after.full_name || before.surname != after.surname,
        ),
        ("gender", before.gender != after.gender),
        ("birth_date", before.birth_date != after.birth_date),
        ("username", before.username != after.username),
        ("email", before.email != after.email),
        ("phone", before.phone != after.phone),
        (
            "personal_number",
            before.personal_number_index != after.personal_number_index,
        ),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect()
}
