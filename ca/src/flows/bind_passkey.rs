//! The registration desk: which passkey may consent to the use of which key, pinned in the signer under the registrar's assertion.
//! Standard: WebAuthn Level 3 §7.2 (verified by the signer)
//! It must never pin a credential that a registrar did not assert over.

use crate::domain::binding::BindingState;
use crate::flows::sha256_hex;
use crate::passkeys::{Passkey, PasskeyDirectoryError};
use crate::service::Ca;
use crate::store::bindings::{self, BindingRow};
use crate::store::keys;
use data_encoding::BASE64URL_NOPAD;
use platform::audit::{Actor, Event, Housekeeping};
use platform::caller::Caller;
use platform::{db, ids};
use register::domain::words::{AssignmentKind, Kind, Verb};
use register::rights;
use serde_json::json;
use signer::client::ClientError;
use signer::consent::{Assertion, AssertionError, Binding, CanonicalError};

/// Nothing was bound.
#[derive(Debug, thiserror::Error)]
pub enum BindPasskey {
    /// The person has no passkey.
    #[error("this person has no passkey")]
    NoPasskey,
    /// No such binding waits.
    #[error("there is no such binding")]
    NotFound,
    /// It was decided before.
    #[error("this binding was decided before")]
    Decided,
    /// The caller is no registrar of the province.
    #[error("only a registrar of the province decides here")]
    NotRegistrar,
    /// The registrar may not bind his own passkey.
    #[error("a registrar cannot approve his own passkey")]
    Own,
    /// The stored credential cannot be read.
    #[error("the stored credential cannot be read")]
    Stored,
    /// The challenge.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// The passkey's answer is not one.
    #[error(transparent)]
    Assertion(#[from] AssertionError),
    /// The sign-in service.
    #[error(transparent)]
    Directory(#[from] PasskeyDirectoryError),
    /// The signer.
    #[error(transparent)]
    Signer(#[from] ClientError),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// At set-up: the first administrator's first passkey becomes the registrar's credential. A second call finds it done.
pub async fn pin_first_registrar(ca: &Ca, person: &str) -> Result<bool, BindPasskey> {
    if bindings::registrar(&mut ca.ground.db.read().await?)
        .await?
        .is_some()
    {
        return Ok(false);
    }
    let passkeys = ca.passkeys.passkeys_of(person).await?;
    let first = passkeys.into_iter().next().ok_or(BindPasskey::NoPasskey)?;
    let id = BASE64URL_NOPAD.encode(&first.credential_id);
    ca.signer
        .pin_registrar(first.credential_id, first.cose_key)
        .await?;
    let now = ca.now();
    let event = Event::new(
        "registrar_pinned",
        now,
        Actor::System("set-up"),
        &ca.ground.entropy,
    )
    .about("person", person)
    .detail(json!({"credential_sha256": sha256_hex(id.as_bytes())}));
    let (id, event) = (&id, &event);
    ca.ground
        .db
        .write(|mut tx| async move {
            bindings::add_registrar(&mut tx, id, person, now).await?;
            Ok::<_, db::Error>(tx.commit(event.clone(), true))
        })
        .await
        .map_err(Into::into)
}

/// The desk's own button: the first administrator of the province becomes the registrar if none is pinned, then passkeys are collected.
pub async fn collect_at_desk(ca: &Ca, caller: &Caller) -> Result<usize, BindPasskey> {
    registrar_of_province(ca, caller).await?;
    if !ca.signer.health().await?.registrar_pinned {
        pin_first_registrar(ca, &caller.person).await?;
    }
    collect(ca).await
}

/// Passkeys of people with signer keys, and of those who keep seals, become bindings that wait; how many are new.
pub async fn collect(ca: &Ca) -> Result<usize, BindPasskey> {
    let now = ca.now();
    let mut conn = ca.ground.db.read().await?;
    let mut wanted: Vec<(String, String)> = Vec::new();
    let mut seals = Vec::new();
    for key in keys::consenting(&mut conn).await? {
        if key.holder_kind == "person" {
            wanted.push((key.holder, key.key_id));
        } else {
            seals.push(key);
        }
    }
    if !seals.is_empty() {
        wanted.extend(seal_keepers(&mut conn, &seals, now).await?);
    }
    drop(conn);
    let mut new = 0;
    for (person, key_id) in wanted {
        for passkey in ca.passkeys.passkeys_of(&person).await? {
            if wait(ca, &person, &key_id, passkey).await? {
                new += 1;
            }
        }
    }
    Ok(new)
}

/// People whose posts keep these seals now, each with the seal's key.
async fn seal_keepers(
    conn: &mut db::Conn,
    seals: &[keys::KeyRow],
    now: i64,
) -> Result<Vec<(String, String)>, db::Error> {
    let facts = register::facts::snapshot(conn, None).await?;
    let mut found = Vec::new();
    for assignment in facts.assignments.iter().filter(|a| {
        a.kind == AssignmentKind::SealCustody && a.from <= now && a.to.is_none_or(|end| now < end)
    }) {
        for seal in seals.iter().filter(|seal| seal.holder == assignment.agency) {
            for keeper in register::facts::holders_of(conn, &assignment.post, now).await? {
                found.push((keeper.person, seal.key_id.clone()));
            }
        }
    }
    Ok(found)
}

async fn wait(ca: &Ca, person: &str, key_id: &str, passkey: Passkey) -> Result<bool, BindPasskey> {
    let now = ca.now();
    let row = BindingRow {
        id: ids::new("bnd", &ca.ground.entropy),
        person: person.to_owned(),
        key_id: key_id.to_owned(),
        credential_id: BASE64URL_NOPAD.encode(&passkey.credential_id),
        public_key: passkey.cose_key,
        label: passkey.label,
        state: BindingState::Pending.word().into(),
        requested_at: now,
        decided_at: None,
        registrar: None,
    };
    let event = Event::new(
        "consent_binding_requested",
        now,
        Actor::System("certification"),
        &ca.ground.entropy,
    )
    .about("person", person)
    .detail(json!({"binding": row.id, "key": key_id}));
    let (row, event) = (&row, &event);
    ca.ground
        .db
        .write(|mut tx| async move {
            Ok::<_, BindPasskey>(if bindings::add(&mut tx, row).await? {
                tx.commit(event.clone(), true)
            } else {
                tx.housekeeping(Housekeeping::Projection, false)
            })
        })
        .await
}

/// A binding with what the registrar asserts over.
pub struct Pending {
    /// The row.
    pub row: BindingRow,
    /// The WebAuthn challenge.
    pub challenge: [u8; 32],
    /// Whose, in words.
    pub person: String,
    /// What the key is for, in words.
    pub holder: String,
}

/// What waits, for a registrar of the province, with the credential he must answer with.
pub async fn pending(
    ca: &Ca,
    caller: &Caller,
) -> Result<(Vec<Pending>, Option<String>), BindPasskey> {
    registrar_of_province(ca, caller).await?;
    let mut conn = ca.ground.db.read().await?;
    let credential = bindings::registrar(&mut conn).await?;
    let mut all = Vec::new();
    for row in bindings::pending(&mut conn, 200).await? {
        let person = register::facts::person(&mut conn, &row.person).await?;
        let key = keys::by_key(&mut conn, &row.key_id).await?;
        let holder = match key {
            Some(key) if key.holder_kind == "agency" => {
                register::facts::agency(&mut conn, &key.holder, ca.now())
                    .await?
                    .map_or(key.holder, |agency| agency.name)
            }
            _ => String::new(),
        };
        all.push(Pending {
            challenge: binding(&row)?.challenge()?,
            person: person.map_or_else(
                || row.person.clone(),
                |p| format!("{} ({})", p.full_name, p.staff_no),
            ),
            holder,
            row,
        });
    }
    Ok((all, credential.map(|(id, _)| id)))
}

/// The registrar approves with his passkey: pinned in the signer, then recorded.
pub async fn approve(
    ca: &Ca,
    caller: &Caller,
    id: &str,
    credential: &serde_json::Value,
) -> Result<(), BindPasskey> {
    registrar_of_province(ca, caller).await?;
    let row = load(ca, id).await?;
    if row.person == caller.person {
        return Err(BindPasskey::Own);
    }
    let assertion = Assertion::from_browser(credential)?;
    let evidence = serde_json::to_string(&assertion).map_err(|_| BindPasskey::Stored)?;
    ca.signer.pin_consent(binding(&row)?, assertion).await?;
    decide(ca, caller, &row, BindingState::Pinned, Some(&evidence)).await
}

/// The registrar says no.
pub async fn refuse(ca: &Ca, caller: &Caller, id: &str) -> Result<(), BindPasskey> {
    registrar_of_province(ca, caller).await?;
    let row = load(ca, id).await?;
    decide(ca, caller, &row, BindingState::Refused, None).await
}

async fn load(ca: &Ca, id: &str) -> Result<BindingRow, BindPasskey> {
    let row = bindings::by_id(&mut ca.ground.db.read().await?, id)
        .await?
        .ok_or(BindPasskey::NotFound)?;
    BindingState::of(&row.state)
        .ok_or(BindPasskey::Stored)?
        .pin()
        .map_err(|_| BindPasskey::Decided)?;
    Ok(row)
}

async fn decide(
    ca: &Ca,
    caller: &Caller,
    row: &BindingRow,
    to: BindingState,
    evidence: Option<&str>,
) -> Result<(), BindPasskey> {
    let now = ca.now();
    let event = Event::new(
        "consent_binding_decided",
        now,
        Actor::of(caller),
        &ca.ground.entropy,
    )
    .about("person", &row.person)
    .detail(json!({"binding": row.id, "key": row.key_id, "state": to.word()}));
    let event = &event;
    ca.ground
        .db
        .write(|mut tx| async move {
            let decided =
                bindings::decide(&mut tx, &row.id, to.word(), now, &caller.person, evidence)
                    .await?;
            if decided {
                Ok(tx.commit(event.clone(), ()))
            } else {
                Err(BindPasskey::Decided)
            }
        })
        .await
}

fn binding(row: &BindingRow) -> Result<Binding, BindPasskey> {
    let credential_id = BASE64URL_NOPAD
        .decode(row.credential_id.as_bytes())
        .map_err(|_| BindPasskey::Stored)?;
    Ok(Binding {
        credential_id: credential_id.into(),
        public_key: row.public_key.clone().into(),
        person: row.person.clone(),
        key: row.key_id.clone(),
        not_before: row.requested_at,
    })
}

async fn registrar_of_province(ca: &Ca, caller: &Caller) -> Result<(), BindPasskey> {
    let mut conn = ca.ground.db.read().await?;
    let need = (Verb::Record, Kind::Passkey);
    if rights::may(&mut conn, &caller.person, need, None, ca.now()).await? {
        Ok(())
    } else {
        Err(BindPasskey::NotRegistrar)
    }
}
