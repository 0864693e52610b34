//! The first administrator: a code from the console, a person of the register, a passkey, and the province's role.
//! Standard: NIST SP 800-63B §4.1.2 (binding by a one-time code); WebAuthn Level 3 §7.1
//! It must never work again once an account is in use, nor after its code was used, timed out or was tried five times.

use crate::Idp;
use crate::domain::account::AccountState;
use crate::domain::one_time_code::{OneTimeCode, TRIES};
use crate::domain::passkey::PasskeyError;
use crate::flows::sign_in_with_passkey::{Begun, remember, take};
use crate::store::account::Account;
use crate::store::ceremony::Kind;
use crate::store::setup::SetUpCode;
use crate::store::{account, credential, setup};
use platform::audit::{Actor, Event, Housekeeping};
use platform::{db, ids};
use register::domain::administration::PROVINCE;
use register::facts;
use register::flows::record_role::{self, RecordRole, RecordRoleError};
use register::rights;

/// Why nothing was set up.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// An account is in use: set-up is over.
    #[error("set-up is over")]
    Over,
    /// The code is wrong, used, expired or tried too often.
    #[error("set-up code is not good")]
    Code,
    /// The register knows nobody of that username.
    #[error("the register knows nobody of that username")]
    Person,
    /// The ceremony is over.
    #[error("ceremony is over")]
    Ceremony,
    /// The credential is not accepted.
    #[error(transparent)]
    Passkey(#[from] PasskeyError),
    /// The role was not recorded.
    #[error("the role was not recorded: {0}")]
    Role(String),
    /// Database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Makes the code that `antin init` prints.
pub async fn issue_code(idp: &Idp) -> Result<String, SetUpError> {
    let ground = idp.ground();
    let now = ground.now();
    let code = OneTimeCode::fresh(&ground.entropy);
    let event = Event::new(
        "set_up.code_issued",
        now,
        Actor::System("init"),
        &ground.entropy,
    );
    let ends = now + idp.config().set_up_life;
    let (code_ref, event) = (&code, &event);
    ground
        .db
        .write(|mut tx| async move {
            if account::count_used(&mut tx).await? > 0 {
                return Err(SetUpError::Over);
            }
            setup::insert(
                &mut tx,
                &code_ref.selector,
                &code_ref.digest(),
                ends,
                TRIES,
                now,
            )
            .await?;
            Ok(tx.commit(event.clone(), ()))
        })
        .await?;
    Ok(code.show())
}

/// Whether the set-up page exists.
pub async fn is_open(idp: &Idp) -> Result<bool, db::Error> {
    let mut conn = idp.ground().db.read().await?;
    Ok(setup::open(&mut conn, idp.ground().now()).await?.is_some()
        && account::count_used(&mut conn).await? == 0)
}

/// A good code and the person who is to administer.
pub struct Entered {
    code: SetUpCode,
    /// The account that becomes his.
    pub account: Account,
    /// Full name.
    pub name: String,
}

/// Checks the code and finds the person.
pub async fn enter(idp: &Idp, typed: &str, username: &str) -> Result<Entered, SetUpError> {
    let ground = idp.ground();
    let now = ground.now();
    if !is_open(idp).await? {
        return Err(SetUpError::Over);
    }
    let mut conn = ground.db.read().await?;
    let open = setup::open(&mut conn, now).await?.ok_or(SetUpError::Over)?;
    let good =
        OneTimeCode::parse(typed).is_some_and(|c| c.selector == open.id && c.matches(&open.digest));
    if !good {
        drop(conn);
        let id = open.id.as_str();
        ground
            .db
            .write(|mut tx| async move {
                setup::take_try(&mut tx, id).await?;
                Ok::<_, db::Error>(tx.housekeeping(Housekeeping::AttemptCounted, ()))
            })
            .await?;
        return Err(SetUpError::Code);
    }
    let person = facts::person_by_username(&mut conn, username.trim())
        .await?
        .ok_or(SetUpError::Person)?;
    let known = account::by_person(&mut conn, &person.id).await?;
    drop(conn);
    let account = match known {
        Some(account) => account,
        None => invite(idp, &person.id, &person.username, now).await?,
    };
    Ok(Entered {
        code: open,
        account,
        name: person.full_name,
    })
}

async fn invite(idp: &Idp, person: &str, username: &str, now: i64) -> Result<Account, SetUpError> {
    let ground = idp.ground();
    let id = ids::new("acc", &ground.entropy);
    let handle: [u8; 16] = ground.entropy.bytes();
    let event = Event::new(
        "account.invited",
        now,
        Actor::System("set_up"),
        &ground.entropy,
    )
    .about("account", id.clone());
    let (id, handle, event) = (&id, &handle, &event);
    ground
        .db
        .write(|mut tx| async move {
            account::insert(&mut tx, id, person, username, handle, now).await?;
            let made = account::by_id(&mut tx, id)
                .await?
                .ok_or(db::Error::NotFound)?;
            Ok(tx.commit(event.clone(), made))
        })
        .await
}

/// Begins the passkey.
pub async fn begin(idp: &Idp, entered: &Entered) -> Result<Begun, SetUpError> {
    let handle = entered.account.handle().ok_or(SetUpError::Person)?;
    let begun = idp.relying_party().begin_registration(
        handle,
        &entered.account.username,
        &entered.name,
        Vec::new(),
    )?;
    let id = remember(idp, Kind::SetUp, &entered.account.id, &begun.state).await?;
    Ok(Begun {
        id,
        options: begun.options,
    })
}

/// Ends: passkey, account and code in one unit; the role before it, so that no administrator is left without.
pub async fn finish(
    idp: &Idp,
    entered: &Entered,
    ceremony: &str,
    credential: &str,
    label: &str,
) -> Result<(), SetUpError> {
    let ground = idp.ground();
    let now = ground.now();
    let account = &entered.account;
    let state = take(idp, ceremony, Kind::SetUp, &account.id)
        .await?
        .ok_or(SetUpError::Ceremony)?;
    let made = idp
        .relying_party()
        .finish_registration(credential, &state)?;
    give_role(idp, account, now).await?;
    let actor = Actor::Person {
        person: account.person.clone(),
        post: None,
    };
    let event = Event::new("set_up.finished", now, actor, &ground.entropy)
        .about("account", account.id.clone());
    let (made, event) = (&made, &event);
    ground
        .db
        .write(|mut tx| async move {
            let mine = account::count_used(&mut tx).await? == 0
                && setup::consume(&mut tx, &entered.code.id, now).await?
                && account::change_state(
                    &mut tx,
                    &account.id,
                    AccountState::Invited,
                    AccountState::Active,
                )
                .await?;
            if !mine {
                return Err(SetUpError::Over);
            }
            credential::insert_passkey(
                &mut tx,
                &made.credential_id,
                &account.id,
                label,
                &made.stored,
                now,
            )
            .await?;
            Ok(tx.commit(event.clone(), ()))
        })
        .await
}

async fn give_role(idp: &Idp, account: &Account, now: i64) -> Result<(), SetUpError> {
    let ground = idp.ground();
    let held = rights::held_by(&mut ground.db.read().await?, &account.person, now).await?;
    if held.iter().any(|r| r.grant.role == PROVINCE) {
        return Ok(());
    }
    let role = RecordRole {
        person: account.person.clone(),
        role: PROVINCE.to_owned(),
        agency: None,
        basis: "antin init".to_owned(),
        from: now,
        to: None,
    };
    match record_role::run(
        &ground.db,
        &ground.entropy,
        now,
        &Actor::System("set_up"),
        &role,
    )
    .await
    {
        Ok(_id) => Ok(()),
        Err(RecordRoleError::Db(error)) => Err(error.into()),
        Err(other) => Err(SetUpError::Role(other.to_string())),
    }
}
