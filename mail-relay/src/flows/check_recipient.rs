//! RCPT TO: our own mailboxes always, ended addresses while they forward; others only for our people.
//! Standard: RFC 5321 §3.6.1, §7.9 (no relaying for strangers)
//! It must never relay for somebody who did not sign in.

use crate::MailRelay;
use crate::domain::address::Address;
use crate::domain::reply::Reply;

/// Where a recipient's mail goes.
pub const MAILBOX: &str = "mailbox";
/// Where other mail goes.
pub const NEXT_HOP: &str = "next_hop";

/// Checks one recipient.
pub async fn run(relay: &MailRelay, signed_in: bool, recipient: &Address) -> Result<(), Reply> {
    if !relay.is_ours(recipient.domain()) {
        return match (signed_in, relay.config().smart_host.is_some()) {
            (false, _) => Err(Reply::new(550, "5.7.1", "relaying denied")),
            (true, false) => Err(Reply::new(550, "5.1.2", "no way to that domain from here")),
            (true, true) => Ok(()),
        };
    }
    let ground = relay.ground();
    let asked = async {
        let mut conn = ground.db.read().await?;
        register::facts::receiving_mailbox(&mut conn, &recipient.key(), ground.now()).await
    };
    match asked.await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(Reply::new(550, "5.1.1", "no such mailbox")),
        Err(error) => {
            tracing::error!(%error, "the register could not be asked about a recipient");
            Err(Reply::new(451, "4.3.0", "cannot check now, try again"))
        }
    }
}
