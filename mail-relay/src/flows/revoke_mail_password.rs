//! Ends the password of one mail program; sessions ask again at each MAIL FROM.
//! Standard: none.
//! It must never end another person's password.

use crate::MailRelay;
use crate::store::password;
use platform::audit::{Actor, Event, Housekeeping};
use platform::db;

/// Ends it; false when this person has none of that id.
pub async fn run(
    relay: &MailRelay,
    person: &str,
    id: &str,
    actor: Actor,
) -> Result<bool, db::Error> {
    let ground = relay.ground();
    let now = ground.now();
    let event = Event::new("mail_password.revoked", now, actor, &ground.entropy)
        .about("person", person)
        .detail(serde_json::json!({ "password": id }));
    let event = &event;
    ground
        .db
        .write(|mut tx| async move {
            Ok(if password::revoke(&mut tx, id, person, now).await? {
                tx.commit(event.clone(), true)
            } else {
                tx.housekeeping(Housekeeping::Projection, false)
            })
        })
        .await
}
