//! MAIL FROM: may this person send from this mailbox now?
//! Standard: RFC 6409 §6.1 (enforce submission rights); RFC 5321 §4.1.1.2
//! It must never rest on what was true at sign-in: the appointment is asked at each MAIL FROM.

use crate::MailRelay;
use crate::domain::address::Address;
use crate::domain::reply::Reply;
use crate::flows::sign_in::SignedIn;

/// A sender whose right was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// Person.
    pub person: String,
    /// Appointment that gives the mailbox now.
    pub appointment: String,
}

const NOT_YOURS: Reply = Reply::new(553, "5.7.1", "not a mailbox of your posts now");

/// Asks the password's addresses and then the register.
pub async fn run(
    relay: &MailRelay,
    user: &SignedIn,
    reverse_path: Option<&Address>,
) -> Result<Sender, Reply> {
    let Some(address) = reverse_path else {
        return Err(Reply::new(550, "5.7.1", "people send from a mailbox"));
    };
    let key = address.key();
    if !user.addresses.contains(&key) {
        return Err(NOT_YOURS);
    }
    let ground = relay.ground();
    let asked = async {
        let mut conn = ground.db.read().await?;
        register::facts::mailbox_appointment(&mut conn, &key, &user.person, ground.now()).await
    };
    match asked.await {
        Ok(Some(appointment)) => Ok(Sender {
            person: user.person.clone(),
            appointment,
        }),
        Ok(None) => Err(NOT_YOURS),
        Err(error) => {
            tracing::error!(%error, "the register could not be asked about a sender");
            Err(Reply::new(451, "4.3.0", "cannot check now, try again"))
        }
    }
}
