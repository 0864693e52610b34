//! Our own notices: built with lettre, into our own queue. The first of them tells a sender that a recipient was not reached.
//! Standard: RFC 3464 §2; RFC 6522 §3 (multipart/report); RFC 3834 §2
//! It must never answer a message whose reverse-path is null, nor send a notice about a notice.

use crate::MailRelay;
use crate::domain::address::Address;
use crate::flows::accept_message::{Envelope, KeepError, keep};
use crate::store::queue::MessageRow;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MultiPart, SinglePart};
use platform::ids;

/// A notice was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SendNotice {
    /// An address cannot be written.
    #[error("address: {0}")]
    Address(#[from] lettre::address::AddressError),
    /// The message cannot be built.
    #[error("message: {0}")]
    Message(#[from] lettre::error::Error),
    /// A media type of ours does not parse.
    #[error("media type: {0}")]
    Type(String),
    /// The queue.
    #[error(transparent)]
    Keep(#[from] KeepError),
}

/// Tells the sender of a message that a recipient was not reached; nothing when there is nobody to tell.
pub async fn undelivered(
    relay: &MailRelay,
    row: &MessageRow,
    recipient: &str,
    reason: &str,
) -> Result<Option<String>, SendNotice> {
    let Some(sender) = row.reverse_path.as_deref().filter(|_| row.kind != "notice") else {
        return Ok(None);
    };
    let Ok(to) = Address::parse(sender) else {
        return Ok(None);
    };
    let now = relay.ground().now();
    let hostname = &relay.config().hostname;
    let words = format!(
        "Kính gửi,\r\n\r\nThư của ông/bà chưa tới được {recipient}.\r\nLý do: {}\r\nCần làm: kiểm tra lại địa chỉ, hoặc liên hệ quản trị thư của cơ quan nhận.\r\n\r\nYour mail did not reach {recipient}.\r\n",
        one_line(reason)
    );
    let status = format!(
        "Reporting-MTA: dns; {hostname}\r\nArrival-Date: {}\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.0.0\r\nDiagnostic-Code: smtp; {}\r\n",
        jiff::Timestamp::from_millisecond(row.queued_at)
            .map(|t| t.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string())
            .unwrap_or_default(),
        one_line(reason)
    );
    let kind = |text: &str| ContentType::parse(text).map_err(|e| SendNotice::Type(e.to_string()));
    let from: Mailbox = format!(
        "Hệ thống thư <mailer-daemon@{}>",
        relay
            .config()
            .domains
            .first()
            .map_or(hostname.as_str(), String::as_str)
    )
    .parse()?;
    let message = lettre::Message::builder()
        .from(from)
        .to(sender.parse()?)
        .subject("Thư chưa tới người nhận")
        .message_id(Some(format!(
            "<{}@{hostname}>",
            ids::new("mid", &relay.ground().entropy)
        )))
        .date(std::time::UNIX_EPOCH + std::time::Duration::from_millis(now.unsigned_abs()))
        .multipart(
            MultiPart::builder()
                .header(kind(&format!(
                    "multipart/report; report-type=delivery-status; boundary=\"{}\"",
                    ids::new("rpt", &relay.ground().entropy)
                ))?)
                .singlepart(
                    SinglePart::builder()
                        .header(kind("text/plain; charset=utf-8")?)
                        .body(words),
                )
                .singlepart(
                    SinglePart::builder()
                        .header(kind("message/delivery-status")?)
                        .body(status),
                ),
        )?;
    let id = ids::new("msg", &relay.ground().entropy);
    let envelope = Envelope {
        reverse_path: None,
        sender: None,
        recipients: vec![to],
    };
    let mut whole = b"Auto-Submitted: auto-replied\r\n".to_vec();
    whole.extend_from_slice(&message.formatted());
    keep(relay, &id, "notice", &envelope, whole, now).await?;
    Ok(Some(id))
}

/// Text from a foreign server, on one line and bounded.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(300)
        .collect()
}
