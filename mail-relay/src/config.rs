//! What the relay is started with.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Settings.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// Name in greetings and trace fields.
    pub hostname: String,
    /// Domains whose mailboxes are ours; mail for them is delivered here.
    pub domains: Vec<String>,
    /// Where messages wait, `<data>/mail/spool`.
    pub spool: PathBuf,
    /// Maildir folders, one per address.
    pub maildir: PathBuf,
    /// LMTP server for our mailboxes instead of Maildir folders.
    pub lmtp: Option<SocketAddr>,
    /// Next hop for all other mail, `host:port`.
    pub smart_host: Option<String>,
    /// Bounds of a session.
    pub limits: Limits,
}

/// Bounds of a session.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Octets of a message.
    pub size: usize,
    /// Recipients of a message.
    pub recipients: usize,
    /// Octets of a command line, CRLF included (RFC 5321 §4.5.3.1.4; AUTH lines may be longer, RFC 4954 §4).
    pub command_line: usize,
    /// Octets of a text line, CRLF included (RFC 5321 §4.5.3.1.6).
    pub text_line: usize,
    /// Bad commands until the session is ended.
    pub bad_commands: u32,
    /// Seconds a client may stay silent (RFC 5321 §4.5.3.2.7).
    pub patience_seconds: u64,
    /// Sessions at once.
    pub sessions: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            size: 25 << 20,
            recipients: 100,
            command_line: 2_048,
            text_line: 1_000,
            bad_commands: 10,
            patience_seconds: 300,
            sessions: 500,
        }
    }
}
