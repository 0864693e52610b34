//! One recipient: into a Maildir folder, over LMTP, or to the next hop.
//! Standard: RFC 5321 §4.4, §4.5.4; RFC 2033 §4.2
//! It must never deliver twice into a Maildir folder: the file is named by message and recipient.

use crate::MailRelay;
use crate::flows::check_recipient::MAILBOX;
use crate::flows::spool::write_durably;
use crate::store::queue::{MessageRow, Taken};
use lettre::address::Envelope;
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use std::path::Path;
use std::time::Duration;

/// How a try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is theirs now.
    Delivered(String),
    /// Try again.
    Later(String),
    /// Never.
    Failed(String),
}

/// Seconds until a next hop has to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Tries once.
pub async fn run(relay: &MailRelay, row: &MessageRow, taken: &Taken, message: &[u8]) -> Outcome {
    let config = relay.config();
    match (taken.destination.as_str(), config.lmtp, &config.smart_host) {
        (MAILBOX, None, _) => maildir(relay, row, taken, message).await,
        (MAILBOX, Some(server), _) => {
            hand_on(relay, row, taken, message, &server.to_string(), Hop::Lmtp).await
        }
        (_, _, Some(host)) => hand_on(relay, row, taken, message, host, Hop::Smtp).await,
        (_, _, None) => Outcome::Failed("no way to that domain from here".into()),
    }
}

async fn maildir(relay: &MailRelay, row: &MessageRow, taken: &Taken, message: &[u8]) -> Outcome {
    let folder = relay.config().maildir.join(&taken.address);
    let name = format!("{}.{}.{}", row.queued_at, row.id, relay.config().hostname);
    let mut whole = format!(
        "Return-Path: <{}>\r\nDelivered-To: {}\r\n",
        row.reverse_path.as_deref().unwrap_or_default(),
        taken.address
    )
    .into_bytes();
    whole.extend_from_slice(message);
    let written = tokio::task::spawn_blocking(move || put(&folder, &name, &whole)).await;
    match written {
        Ok(Ok(())) => Outcome::Delivered("in the mailbox".into()),
        Ok(Err(error)) => Outcome::Later(format!("mailbox: {error}")),
        Err(error) => Outcome::Later(format!("mailbox: {error}")),
    }
}

/// tmp, synced, then new; a file that a reader has moved on meanwhile is not written again.
fn put(folder: &Path, name: &str, message: &[u8]) -> std::io::Result<()> {
    for part in ["tmp", "new", "cur"] {
        std::fs::create_dir_all(folder.join(part))?;
    }
    let read_already = std::fs::read_dir(folder.join("cur"))?
        .filter_map(Result::ok)
        .any(|e| e.file_name().to_string_lossy().starts_with(name));
    if read_already || folder.join("new").join(name).exists() {
        return Ok(());
    }
    let staged = folder.join("tmp").join(name);
    write_durably(&staged, message)?;
    std::fs::rename(&staged, folder.join("new").join(name))?;
    std::fs::File::open(folder.join("new"))?.sync_all()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Hop {
    Smtp,
    Lmtp,
}

async fn hand_on(
    relay: &MailRelay,
    row: &MessageRow,
    taken: &Taken,
    message: &[u8],
    server: &str,
    hop: Hop,
) -> Outcome {
    if hop == Hop::Lmtp {
        return super::lmtp::deliver(
            &relay.config().hostname,
            server,
            row.reverse_path.as_deref(),
            &taken.address,
            message,
            PATIENCE,
        )
        .await;
    }
    let from = row.reverse_path.as_deref().and_then(|p| p.parse().ok());
    let Some(envelope) = taken
        .address
        .parse()
        .ok()
        .and_then(|to| Envelope::new(from, vec![to]).ok())
    else {
        return Outcome::Failed("the address cannot be written into an envelope".into());
    };
    match smtp(relay, &envelope, message, server).await {
        Ok(answer) => Outcome::Delivered(answer),
        Err(error) if error.is_permanent() => Outcome::Failed(error.to_string()),
        Err(error) => Outcome::Later(error.to_string()),
    }
}

async fn smtp(
    relay: &MailRelay,
    envelope: &Envelope,
    message: &[u8],
    server: &str,
) -> Result<String, lettre::transport::smtp::Error> {
    let hello = ClientId::Domain(relay.config().hostname.clone());
    let mut connection =
        AsyncSmtpConnection::connect_tokio1(server, Some(PATIENCE), &hello, None, None).await?;
    if connection.can_starttls() {
        let host = server.rsplit_once(':').map_or(server, |(h, _)| h);
        // Opportunistic (RFC 7435): any certificate is taken, so whoever stands in the line can read along; he cannot change signed mail unseen.
        let tls = TlsParameters::builder(host.to_owned())
            .dangerous_accept_invalid_certs(true)
            .build()?;
        connection.starttls(tls, &hello).await?;
    }
    let answer = connection.send(envelope, message).await?;
    if let Err(error) = connection.quit().await {
        // It is theirs since their reply to the data; a lost goodbye must not send it twice.
        tracing::debug!(%error, "the next hop left without a goodbye");
    }
    Ok(answer.first_line().unwrap_or("accepted").to_owned())
}
