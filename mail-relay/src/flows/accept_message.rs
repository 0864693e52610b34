//! A whole message: checked, signed for its mailbox, on disk, and only then answered with 250.
//! Standard: RFC 5321 §4.1.1.4, §4.2.5, §4.4; RFC 6409 §6, §8; RFC 8551 §3.5
//! It must never change a byte of what it signs afterwards, nor queue a message whose From is not the mailbox it came from.

use crate::MailRelay;
use crate::domain::address::Address;
use crate::domain::message::{Head, HeadError, without};
use crate::domain::reply::Reply;
use crate::flows::check_recipient::{MAILBOX, NEXT_HOP};
use crate::flows::check_sender::Sender;
use crate::flows::verify_mail;
use crate::store::queue::{self, MessageRow};
use platform::audit::{Actor, Event};
use platform::{db, ids};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::net::IpAddr;

/// Envelope of a message.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// MAIL FROM; none for the null reverse-path.
    pub reverse_path: Option<Address>,
    /// Whose right was checked, on the submission door.
    pub sender: Option<Sender>,
    /// RCPT TO.
    pub recipients: Vec<Address>,
}

/// What the trace field says.
#[derive(Debug, Clone)]
pub struct Trace {
    /// Name given in EHLO.
    pub helo: String,
    /// Address of the client.
    pub peer: IpAddr,
    /// Over TLS.
    pub tls: bool,
    /// After AUTH.
    pub signed_in: bool,
}

/// Field in which we say what verification found.
pub const VERIFY_FIELD: &str = "X-AnTin-Verify";
/// Received fields after which a message is taken for a loop (RFC 5321 §6.3).
const LOOP: usize = 50;
const LATER: Reply = Reply::new(451, "4.3.0", "cannot take it now, try again");

fn head_reply(error: HeadError) -> Reply {
    match error {
        HeadError::From => Reply::new(550, "5.6.0", "a message has exactly one From field"),
        HeadError::FromAddress => {
            Reply::new(550, "5.7.1", "From must be the one address of the mailbox")
        }
        HeadError::Line => Reply::new(
            550,
            "5.6.0",
            "the head holds a line that is no header field",
        ),
    }
}

/// Accepts; the id of the message.
pub async fn run(
    relay: &MailRelay,
    envelope: Envelope,
    message: Vec<u8>,
    trace: &Trace,
) -> Result<String, Reply> {
    let head = Head::of(&message);
    head.check().map_err(head_reply)?;
    if head.values("Received").len() >= LOOP {
        return Err(Reply::new(554, "5.4.6", "mail loop"));
    }
    let now = relay.ground().now();
    let body = match &envelope.sender {
        Some(_) => submitted(relay, &envelope, &head, &message, now).await?,
        None => received(relay, message, now),
    };
    let id = ids::new("msg", &relay.ground().entropy);
    let mut whole = trace_field(relay, &id, trace, now).into_bytes();
    whole.extend_from_slice(&body);
    let kind = if envelope.sender.is_some() {
        "submitted"
    } else {
        "received"
    };
    keep(relay, &id, kind, &envelope, whole, now)
        .await
        .map_err(|error| {
            tracing::error!(%error, "a message could not be queued");
            LATER
        })?;
    Ok(id)
}

/// From our people: From is the mailbox, and the mailbox signs.
async fn submitted(
    relay: &MailRelay,
    envelope: &Envelope,
    head: &Head<'_>,
    message: &[u8],
    now: i64,
) -> Result<Vec<u8>, Reply> {
    let from = head.from().map_err(head_reply)?;
    let mailbox = envelope
        .reverse_path
        .as_ref()
        .map(Address::key)
        .unwrap_or_default();
    if from.key() != mailbox {
        return Err(head_reply(HeadError::FromAddress));
    }
    for once in [
        "Subject",
        "To",
        "Cc",
        "Date",
        "Message-ID",
        "Sender",
        "Reply-To",
        "Content-Type",
        "MIME-Version",
    ] {
        if head.values(once).len() > 1 {
            return Err(Reply::new(550, "5.6.0", "a header field stands twice"));
        }
    }
    // Blind copies are for the envelope alone (RFC 6409 §8.1 lets the submission server complete and clean a message).
    let mut clean = without(message, &["Bcc", "Return-Path", VERIFY_FIELD]);
    if head.values("Date").is_empty() {
        let date = jiff::Timestamp::from_millisecond(now)
            .map(|t| t.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string())
            .unwrap_or_default();
        clean.splice(0..0, format!("Date: {date}\r\n").into_bytes());
    }
    if head.values("Message-ID").is_empty() {
        let id = ids::new("mid", &relay.ground().entropy);
        clean.splice(
            0..0,
            format!("Message-ID: <{id}@{}>\r\n", relay.config().hostname).into_bytes(),
        );
    }
    sign(relay, &clean, &mailbox, now).await
}

/// Signs for a mailbox; the result is the message with its body inside multipart/signed.
pub(crate) async fn sign(
    relay: &MailRelay,
    message: &[u8],
    mailbox: &str,
    now: i64,
) -> Result<Vec<u8>, Reply> {
    let boundary = ids::new("sig", &relay.ground().entropy);
    let prepared = smime::sign::prepare(message, &boundary).map_err(|error| {
        tracing::info!(%error, "a message cannot be signed as it is");
        Reply::new(554, "5.6.0", "the message cannot be signed as it is")
    })?;
    let cms = relay
        .signer()
        .sign(mailbox, prepared.digest(), now, mailbox)
        .await
        .map_err(|error| {
            tracing::error!(%error, mailbox, "no mailbox signature");
            match error {
                crate::ports::MailboxSignerError::NoCertificate(_) => {
                    Reply::new(550, "5.7.1", "the mailbox has no certificate in force")
                }
                crate::ports::MailboxSignerError::Refused(_) => LATER,
            }
        })?;
    Ok(prepared.finish(&cms))
}

/// From other servers: what we find about its signature goes into our own field, which cannot come from outside.
fn received(relay: &MailRelay, message: Vec<u8>, now: i64) -> Vec<u8> {
    let clean = without(&message, &[VERIFY_FIELD]);
    let found = verify_mail::check(&clean, &relay.trust().trust(), now);
    let mut out = format!("{VERIFY_FIELD}: {}\r\n", found.field()).into_bytes();
    out.extend_from_slice(&clean);
    out
}

fn trace_field(relay: &MailRelay, id: &str, trace: &Trace, now: i64) -> String {
    let with = match (trace.tls, trace.signed_in) {
        (true, true) => "ESMTPSA",
        (true, false) => "ESMTPS",
        (false, _) => "ESMTP",
    };
    let date = jiff::Timestamp::from_millisecond(now)
        .map(|t| t.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string())
        .unwrap_or_default();
    // The client's address of our own people stays inside (it tells where an official sits); other servers' is part of the trace.
    let from = if trace.signed_in {
        "submission".to_owned()
    } else {
        format!("{} ([{}])", trace.helo, trace.peer)
    };
    format!(
        "Received: from {from}\r\n\tby {} with {with} id {id};\r\n\t{date}\r\n",
        relay.config().hostname
    )
}

/// File first, then rows with their event in one unit: a file without a row is swept, a row without a file cannot be.
pub(crate) async fn keep(
    relay: &MailRelay,
    id: &str,
    kind: &str,
    envelope: &Envelope,
    whole: Vec<u8>,
    now: i64,
) -> Result<(), KeepError> {
    let digest = Sha256::digest(&whole).to_vec();
    let row = MessageRow {
        id: id.to_owned(),
        kind: kind.to_owned(),
        reverse_path: envelope.reverse_path.as_ref().map(ToString::to_string),
        submitter: envelope.sender.as_ref().map(|s| s.person.clone()),
        appointment: envelope.sender.as_ref().map(|s| s.appointment.clone()),
        size: whole.len() as i64,
        digest: digest.clone(),
        queued_at: now,
    };
    let (spool, file) = (relay.spool().clone(), id.to_owned());
    tokio::task::spawn_blocking(move || spool.keep(&file, &whole))
        .await
        .map_err(|e| KeepError::Stopped(e.to_string()))??;
    let recipients = destinations(relay, &envelope.recipients, now).await?;
    let actor = match &envelope.sender {
        Some(sender) => Actor::Person {
            person: sender.person.clone(),
            post: None,
        },
        None => Actor::System("mail"),
    };
    let event = Event::new("mail.queued", now, actor, &relay.ground().entropy).about("mail_message", id).detail(json!({
        "kind": kind, "from": row.reverse_path, "appointment": row.appointment, "recipients": recipients.len(), "size": row.size,
        "sha256": data_encoding::HEXLOWER.encode(&digest),
    }));
    let (row, recipients, event) = (&row, &recipients, &event);
    relay
        .ground()
        .db
        .write(|mut tx| async move {
            queue::insert(&mut tx, row, recipients).await?;
            Ok::<_, db::Error>(tx.commit(event.clone(), ()))
        })
        .await?;
    relay.wake();
    Ok(())
}

/// A message was not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// Spool.
    #[error("spool: {0}")]
    Io(#[from] std::io::Error),
    /// Database.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// The blocking task ended.
    #[error("spool: {0}")]
    Stopped(String),
}

/// Where each recipient's copy goes, each place once: an address that a reorganisation ended goes to the mailbox it forwards to.
async fn destinations(
    relay: &MailRelay,
    recipients: &[Address],
    now: i64,
) -> Result<Vec<(String, &'static str)>, db::Error> {
    let mut conn = relay.ground().db.read().await?;
    let mut all = Vec::with_capacity(recipients.len());
    for recipient in recipients {
        let to = if relay.is_ours(recipient.domain()) {
            let key = recipient.key();
            let found = register::facts::receiving_mailbox(&mut conn, &key, now).await?;
            (found.map_or(key, |mailbox| mailbox.address), MAILBOX)
        } else {
            (recipient.to_string(), NEXT_HOP)
        };
        if !all.contains(&to) {
            all.push(to);
        }
    }
    Ok(all)
}
