//! One session: commands in, replies out, one message at a time handed to the flow that accepts it.
//! Standard: RFC 5321 §3, §4; RFC 6409 §3–4; RFC 4954; RFC 3207; RFC 1870; RFC 2920
//! It must never carry anything over STARTTLS, take AUTH in clear, or answer 250 to a message that is not on disk.

use super::lines::{self, LineError};
use crate::MailRelay;
use crate::domain::command::Command;
use crate::domain::reply::Reply;
use crate::flows::accept_message::{self, Envelope};
use crate::flows::sign_in::{self, SignedIn};
use crate::flows::{check_recipient, check_sender};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};

/// Which door the session came in by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Mail programs of our people: AUTH is needed.
    Submission,
    /// Other servers: our own mailboxes only.
    Exchange,
}

/// How a stretch of a session ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// The client asked for TLS and was told to go on.
    StartTls,
    /// The session is over.
    Closed,
}

/// State of a session; TLS begins it anew.
pub struct Session {
    relay: Arc<MailRelay>,
    door: Door,
    peer: IpAddr,
    tls: bool,
    tls_offered: bool,
    helo: Option<String>,
    user: Option<SignedIn>,
    envelope: Option<Envelope>,
    bad: u32,
}

const BAD_SEQUENCE: Reply = Reply::new(503, "5.5.1", "bad sequence of commands");
const BARE: Reply = Reply::new(500, "5.5.2", "lines end in CR LF");
const LONG: Reply = Reply::new(500, "5.5.2", "line too long");

impl Session {
    /// A session that has just been greeted. `tls`: the connection is protected already; `tls_offered`: STARTTLS can be had.
    pub fn new(
        relay: Arc<MailRelay>,
        door: Door,
        peer: IpAddr,
        tls: bool,
        tls_offered: bool,
    ) -> Self {
        Self {
            relay,
            door,
            peer,
            tls,
            tls_offered,
            helo: None,
            user: None,
            envelope: None,
            bad: 0,
        }
    }

    /// The greeting.
    pub fn greet(&self) -> String {
        format!("220 {} ESMTP An Tin\r\n", self.relay.config().hostname)
    }

    /// Runs until the client leaves or asks for TLS.
    pub async fn run<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
    ) -> std::io::Result<End> {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        let limits = self.relay.config().limits;
        let patience = Duration::from_secs(limits.patience_seconds);
        loop {
            let read = tokio::time::timeout(
                patience,
                lines::read(&mut stream, &mut line, limits.command_line),
            )
            .await;
            let reply = match read {
                Err(_) => {
                    send(&mut stream, &Reply::new(421, "4.4.2", "waited too long")).await?;
                    return Ok(End::Closed);
                }
                Ok(Err(LineError::Closed)) => return Ok(End::Closed),
                Ok(Err(LineError::Io(error))) => return Err(error),
                Ok(Err(LineError::Bare { .. })) => BARE,
                Ok(Err(LineError::TooLong)) => LONG,
                Ok(Ok(())) => match Command::parse(&line) {
                    Err(reply) => reply,
                    Ok(Command::Quit) => {
                        send(&mut stream, &Reply::new(221, "2.0.0", "goodbye")).await?;
                        return Ok(End::Closed);
                    }
                    Ok(Command::StartTls) => match self.start_tls() {
                        Ok(reply) => {
                            // Whatever was pipelined behind STARTTLS was sent in clear and is dropped (RFC 3207 §5).
                            let waiting = stream.buffer().len();
                            if waiting > 0 {
                                return Ok(End::Closed);
                            }
                            send(&mut stream, &reply).await?;
                            return Ok(End::StartTls);
                        }
                        Err(reply) => reply,
                    },
                    Ok(Command::Data) => match self.data(&mut stream).await? {
                        Some(reply) => reply,
                        None => return Ok(End::Closed),
                    },
                    Ok(Command::AuthPlain(initial)) => self.auth(&mut stream, initial).await?,
                    Ok(Command::Ehlo(name)) => {
                        self.hello(name);
                        stream.write_all(self.extensions().as_bytes()).await?;
                        stream.flush().await?;
                        continue;
                    }
                    Ok(command) => self.answer(command).await,
                },
            };
            if !reply.is_positive() {
                self.bad += 1;
            }
            send(&mut stream, &reply).await?;
            if self.bad >= limits.bad_commands {
                send(&mut stream, &Reply::new(421, "4.7.0", "too many errors")).await?;
                return Ok(End::Closed);
            }
        }
    }

    /// After the handshake the client begins anew: nothing said in clear counts.
    pub fn protected(&mut self) {
        self.tls = true;
        self.tls_offered = false;
        self.helo = None;
        self.user = None;
        self.envelope = None;
    }

    fn hello(&mut self, name: String) {
        self.helo = Some(name);
        self.envelope = None;
    }

    fn extensions(&self) -> String {
        let config = self.relay.config();
        let mut words = vec![
            config.hostname.clone(),
            "PIPELINING".into(),
            format!("SIZE {}", config.limits.size),
            "ENHANCEDSTATUSCODES".into(),
        ];
        // What our people send is signed, and a signed part travels in 7 bits (RFC 8551 §3.1.3): their programs are to encode it.
        if self.door == Door::Exchange {
            words.push("8BITMIME".into());
        }
        if self.tls_offered {
            words.push("STARTTLS".into());
        }
        if self.tls && self.door == Door::Submission && self.user.is_none() {
            words.push("AUTH PLAIN".into());
        }
        let last = words.len() - 1;
        words
            .iter()
            .enumerate()
            .map(|(n, word)| format!("250{}{word}\r\n", if n == last { ' ' } else { '-' }))
            .collect()
    }

    fn start_tls(&self) -> Result<Reply, Reply> {
        if self.tls {
            return Err(BAD_SEQUENCE);
        }
        if !self.tls_offered {
            return Err(Reply::new(502, "5.5.1", "no TLS here"));
        }
        Ok(Reply::new(220, "2.0.0", "go ahead"))
    }

    async fn auth<S: AsyncBufRead + AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
        initial: Option<String>,
    ) -> std::io::Result<Reply> {
        if self.door != Door::Submission {
            return Ok(Reply::new(502, "5.5.1", "no AUTH here"));
        }
        if !self.tls {
            return Ok(Reply::new(538, "5.7.11", "encryption required first"));
        }
        if self.helo.is_none() || self.user.is_some() || self.envelope.is_some() {
            return Ok(BAD_SEQUENCE);
        }
        let response = match initial {
            Some(text) => text,
            None => {
                stream.write_all(b"334 \r\n").await?;
                stream.flush().await?;
                let mut line = Vec::new();
                let limits = self.relay.config().limits;
                let read = tokio::time::timeout(
                    Duration::from_secs(limits.patience_seconds),
                    lines::read(stream, &mut line, limits.command_line),
                );
                match read.await {
                    Err(_) => return Err(std::io::ErrorKind::TimedOut.into()),
                    Ok(Ok(())) => String::from_utf8_lossy(&line).into_owned(),
                    Ok(Err(LineError::Io(error))) => return Err(error),
                    Ok(Err(LineError::Closed)) => {
                        return Err(std::io::ErrorKind::UnexpectedEof.into());
                    }
                    Ok(Err(LineError::Bare { .. } | LineError::TooLong)) => return Ok(BARE),
                }
            }
        };
        Ok(
            match sign_in::run(&self.relay, &response, self.peer).await {
                Ok(user) => {
                    self.user = Some(user);
                    Reply::new(235, "2.7.0", "signed in")
                }
                Err(reply) => reply,
            },
        )
    }

    async fn answer(&mut self, command: Command) -> Reply {
        match command {
            Command::Helo(name) => {
                self.hello(name);
                Reply::new(250, "", "hello")
            }
            Command::Noop => Reply::new(250, "2.0.0", "ok"),
            Command::Rset => {
                self.envelope = None;
                Reply::new(250, "2.0.0", "ok")
            }
            Command::Vrfy => Reply::new(252, "2.5.0", "send it and see"),
            Command::Mail { reverse_path, size } => self.mail(reverse_path, size).await,
            Command::Rcpt(recipient) => self.rcpt(recipient).await,
            Command::Ehlo(_)
            | Command::StartTls
            | Command::AuthPlain(_)
            | Command::Data
            | Command::Quit => BAD_SEQUENCE,
        }
    }

    async fn mail(
        &mut self,
        reverse_path: Option<crate::domain::address::Address>,
        size: Option<u64>,
    ) -> Reply {
        if self.helo.is_none() || self.envelope.is_some() {
            return BAD_SEQUENCE;
        }
        if size.is_some_and(|n| n > self.relay.config().limits.size as u64) {
            return Reply::new(552, "5.3.4", "message too large");
        }
        let sender = match self.door {
            Door::Exchange => None,
            Door::Submission => match &self.user {
                None => return Reply::new(530, "5.7.0", "sign in first"),
                Some(user) => {
                    match check_sender::run(&self.relay, user, reverse_path.as_ref()).await {
                        Ok(sender) => Some(sender),
                        Err(reply) => return reply,
                    }
                }
            },
        };
        self.envelope = Some(Envelope {
            reverse_path,
            sender,
            recipients: Vec::new(),
        });
        Reply::new(250, "2.1.0", "ok")
    }

    async fn rcpt(&mut self, recipient: crate::domain::address::Address) -> Reply {
        let Some(envelope) = &mut self.envelope else {
            return BAD_SEQUENCE;
        };
        if envelope.recipients.len() >= self.relay.config().limits.recipients {
            return Reply::new(452, "4.5.3", "too many recipients");
        }
        match check_recipient::run(&self.relay, self.door == Door::Submission, &recipient).await {
            Ok(()) => {
                if !envelope.recipients.contains(&recipient) {
                    envelope.recipients.push(recipient);
                }
                Reply::new(250, "2.1.5", "ok")
            }
            Err(reply) => reply,
        }
    }

    /// Reads the message. `None`: the line broke off, nothing was kept.
    async fn data<S: AsyncBufRead + AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
    ) -> std::io::Result<Option<Reply>> {
        let Some(envelope) = self.envelope.take() else {
            return Ok(Some(BAD_SEQUENCE));
        };
        if envelope.recipients.is_empty() {
            self.envelope = Some(envelope);
            return Ok(Some(Reply::new(554, "5.5.1", "no valid recipients")));
        }
        stream
            .write_all(b"354 end with a line of one dot\r\n")
            .await?;
        stream.flush().await?;
        let limits = self.relay.config().limits;
        let (mut message, mut line) = (Vec::new(), Vec::new());
        let mut fault = None;
        // Only a dot between two CRLF ends a message: after a bare LF a line of one dot is text, and what follows it is no command.
        let mut at_line_start = true;
        loop {
            let read = tokio::time::timeout(
                Duration::from_secs(limits.patience_seconds),
                lines::read(stream, &mut line, limits.text_line),
            )
            .await;
            match read {
                Err(_) => return Ok(None),
                Ok(Err(LineError::Closed)) => return Ok(None),
                Ok(Err(LineError::Io(error))) => return Err(error),
                // A bare LF may hide an end of data for another server: the whole message is refused, and read to its real end.
                Ok(Err(LineError::Bare { crlf })) => {
                    at_line_start = crlf;
                    fault = fault.or(Some(Reply::new(
                        554,
                        "5.6.0",
                        "lines of a message end in CR LF",
                    )))
                }
                Ok(Err(LineError::TooLong)) => {
                    at_line_start = true;
                    fault = fault.or(Some(Reply::new(554, "5.6.0", "text line too long")))
                }
                Ok(Ok(())) if line == b"." && at_line_start => break,
                Ok(Ok(())) if line.contains(&0) => {
                    at_line_start = true;
                    fault = fault.or(Some(Reply::new(554, "5.6.0", "a message holds no NUL")));
                }
                Ok(Ok(())) => {
                    at_line_start = true;
                    let text = line.strip_prefix(b".").unwrap_or(&line);
                    if message.len() + text.len() + 2 > limits.size {
                        message.clear();
                        fault = fault.or(Some(Reply::new(552, "5.3.4", "message too large")));
                    } else if fault.is_none() {
                        message.extend_from_slice(text);
                        message.extend_from_slice(b"\r\n");
                    }
                }
            }
        }
        if let Some(reply) = fault {
            return Ok(Some(reply));
        }
        let helo = self.helo.clone().unwrap_or_default();
        let trace = accept_message::Trace {
            helo,
            peer: self.peer,
            tls: self.tls,
            signed_in: self.user.is_some(),
        };
        Ok(Some(
            match accept_message::run(&self.relay, envelope, message, &trace).await {
                Ok(_) => Reply::new(250, "2.0.0", "queued"),
                Err(reply) => reply,
            },
        ))
    }
}

async fn send(stream: &mut (impl AsyncWrite + Unpin), reply: &Reply) -> std::io::Result<()> {
    stream.write_all(reply.line().as_bytes()).await?;
    stream.flush().await
}
