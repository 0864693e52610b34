//! Somebody signs in with a password and the code on a phone.
//! Standard: NIST SP 800-63B §3.1.1, §3.1.4, §3.2.2 (rate limiting); RFC 6238 §5.2; OWASP ASVS 5.0 V6.3
//! It must never tell by text, status or time whether an account exists, nor which of the three entries was wrong.

use crate::Idp;
use crate::domain::account::{AccountState, Username};
use crate::domain::password::{HashError, Password};
use crate::domain::session::Assurance;
use crate::domain::throttle::{Counter, counters};
use crate::domain::totp::{TotpError, TotpSecret};
use crate::flows::open_session::{self, Opened, Previous};
use crate::store::account::Account;
use crate::store::{account, attempt, credential};
use platform::audit::Housekeeping;
use platform::{db, secrets};
use std::net::IpAddr;

/// What was entered, and from where.
pub struct Attempt<'a> {
    /// As typed.
    pub username: &'a str,
    /// As typed.
    pub password: &'a str,
    /// As typed.
    pub code: &'a str,
    /// Address of the browser.
    pub address: IpAddr,
    /// What the browser calls itself, shortened.
    pub device: &'a str,
    /// The session this browser had before.
    pub previous: Option<Previous>,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Something entered is wrong.
    #[error("sign-in refused")]
    Refused {
        /// Tries left before a wait.
        left: i64,
    },
    /// Too many failures: closed for a while.
    #[error("sign-in closed for {milliseconds} ms")]
    Wait {
        /// How long.
        milliseconds: i64,
    },
    /// The hash could not be computed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// A sealed secret does not open.
    #[error("TOTP secret: {0}")]
    Seal(#[from] secrets::Error),
    /// A TOTP secret is unusable.
    #[error(transparent)]
    Totp(#[from] TotpError),
    /// Database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Signs in.
pub async fn run(idp: &Idp, attempt: Attempt<'_>) -> Result<Opened, SignInError> {
    let ground = idp.ground();
    let now = ground.now();
    let username = Username::parse(attempt.username).ok();
    let name = username.as_ref().map_or("", Username::as_str);
    let counted = counters(name, attempt.address);
    refuse_while_closed(idp, &counted, now).await?;
    let Some((account, step)) = prove(idp, name, &attempt, now).await? else {
        return Err(count_failure(idp, &counted, now).await?);
    };
    let prepared = open_session::prepare(
        idp,
        &account,
        Assurance::PasswordAndCode,
        attempt.previous,
        attempt.device,
        now,
    )
    .await?;
    let (ready, account, counted_ref) = (&prepared, &account, &counted);
    let used_first = ground
        .db
        .write(|mut tx| async move {
            if !credential::use_step(&mut tx, &account.id, step).await? {
                return Ok(tx.housekeeping(Housekeeping::AttemptCounted, false));
            }
            open_session::store(&mut tx, ready).await?;
            let [both, ..] = counted_ref;
            attempt::forget(&mut tx, both).await?;
            Ok::<_, db::Error>(tx.commit(ready.event(), true))
        })
        .await?;
    if used_first {
        Ok(prepared.opened())
    } else {
        Err(count_failure(idp, &counted, now).await?)
    }
}

/// Checks all three entries, always with the same work.
async fn prove(
    idp: &Idp,
    name: &str,
    attempt: &Attempt<'_>,
    now: i64,
) -> Result<Option<(Account, i64)>, SignInError> {
    let mut conn = idp.ground().db.read().await?;
    let account = account::by_username(&mut conn, name).await?;
    let id = account.as_ref().map_or("", |a| a.id.as_str());
    let factors = credential::factors(&mut conn, id).await?;
    drop(conn);
    let Ok(password) = Password::read(attempt.password) else {
        return Ok(None);
    };
    let right = idp
        .hasher()
        .verify(password, factors.as_ref().map(|f| f.hash.as_str()))
        .await?;
    let secret = match &factors {
        Some(f) => idp
            .ground()
            .sealer
            .open("totp", "secret", id, &f.secret)?
            .to_vec(),
        None => vec![0; 20],
    };
    let step = TotpSecret::new(secret).accept(
        attempt.code,
        factors.as_ref().and_then(|f| f.last_step),
        now,
    )?;
    Ok(match (account, step) {
        (Some(account), Some(step)) if right && account.state() == AccountState::Active => {
            Some((account, step))
        }
        _ => None,
    })
}

async fn refuse_while_closed(
    idp: &Idp,
    counted: &[Counter; 3],
    now: i64,
) -> Result<(), SignInError> {
    let mut conn = idp.ground().db.read().await?;
    let mut longest = 0;
    for counter in counted {
        longest = longest.max(
            attempt::tally(&mut conn, counter)
                .await?
                .wait(now)
                .unwrap_or(0),
        );
    }
    if longest > 0 {
        Err(SignInError::Wait {
            milliseconds: longest,
        })
    } else {
        Ok(())
    }
}

async fn count_failure(
    idp: &Idp,
    counted: &[Counter; 3],
    now: i64,
) -> Result<SignInError, SignInError> {
    let (left, wait) = idp
        .ground()
        .db
        .write(|mut tx| async move {
            let (mut left, mut wait) = (i64::MAX, 0);
            for counter in counted {
                let tally = attempt::fail(&mut tx, counter, now).await?;
                left = left.min(tally.left(counter.free, now));
                wait = wait.max(tally.wait(now).unwrap_or(0));
            }
            Ok::<_, db::Error>(tx.housekeeping(Housekeeping::AttemptCounted, (left, wait)))
        })
        .await?;
    Ok(if wait > 0 {
        SignInError::Wait { milliseconds: wait }
    } else {
        SignInError::Refused { left }
    })
}
