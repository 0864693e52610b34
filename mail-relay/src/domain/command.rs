//! Commands of a session, read from one line.
//! Standard: RFC 5321 §4.1; RFC 4954 §4; RFC 3207 §4; RFC 1870 §6.1; RFC 6152
//! It must never guess: a line that is not a command of ours is an error with its reply code.

use super::address::Address;
use super::reply::Reply;

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// `EHLO name`
    Ehlo(String),
    /// `HELO name`
    Helo(String),
    /// `STARTTLS`
    StartTls,
    /// `AUTH PLAIN [initial response]`
    AuthPlain(Option<String>),
    /// `MAIL FROM:<…> [SIZE=n] [BODY=…]`; `None` is the null reverse-path.
    Mail {
        /// Reverse-path.
        reverse_path: Option<Address>,
        /// SIZE parameter, octets.
        size: Option<u64>,
    },
    /// `RCPT TO:<…>`
    Rcpt(Address),
    /// `DATA`
    Data,
    /// `RSET`
    Rset,
    /// `NOOP`
    Noop,
    /// `QUIT`
    Quit,
    /// `VRFY …`
    Vrfy,
}

fn syntax(text: &'static str) -> Reply {
    Reply::new(501, "5.5.4", text)
}

impl Command {
    /// Reads a line without its CRLF.
    pub fn parse(line: &[u8]) -> Result<Self, Reply> {
        let line = std::str::from_utf8(line)
            .ok()
            .filter(|l| l.is_ascii())
            .ok_or_else(|| syntax("only ASCII in commands"))?;
        if line.bytes().any(|b| b < 0x20 || b == 0x7f) {
            return Err(syntax("control characters in a command"));
        }
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim_end();
        let alone = |command| {
            if rest.is_empty() {
                Ok(command)
            } else {
                Err(syntax("no parameters here"))
            }
        };
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => host(rest).map(Self::Ehlo),
            "HELO" => host(rest).map(Self::Helo),
            "STARTTLS" => alone(Self::StartTls),
            "AUTH" => auth(rest),
            "MAIL" => mail(rest),
            "RCPT" => rcpt(rest),
            "DATA" => alone(Self::Data),
            "RSET" => alone(Self::Rset),
            "NOOP" => Ok(Self::Noop),
            "QUIT" => alone(Self::Quit),
            "VRFY" => Ok(Self::Vrfy),
            _ => Err(Reply::new(500, "5.5.2", "command not recognized")),
        }
    }
}

fn host(text: &str) -> Result<String, Reply> {
    let good = !text.is_empty()
        && text.len() <= 255
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._[]:".contains(c));
    if good {
        Ok(text.to_owned())
    } else {
        Err(syntax("EHLO needs a name or an address literal"))
    }
}

fn auth(rest: &str) -> Result<Command, Reply> {
    let (mechanism, initial) = rest
        .split_once(' ')
        .map_or((rest, None), |(m, i)| (m, Some(i.trim())));
    if !mechanism.eq_ignore_ascii_case("PLAIN") {
        return Err(Reply::new(504, "5.5.4", "only AUTH PLAIN is offered"));
    }
    Ok(Command::AuthPlain(
        initial.filter(|i| !i.is_empty()).map(str::to_owned),
    ))
}

/// `FROM:<path> parameters` → path text and the parameters.
fn path<'a>(rest: &'a str, word: &str) -> Result<(&'a str, &'a str), Reply> {
    let bad = || syntax("write the address in angle brackets");
    let head = rest
        .get(..word.len())
        .filter(|h| h.eq_ignore_ascii_case(word))
        .ok_or_else(bad)?;
    let after = rest.get(head.len()..).unwrap_or_default().trim_start();
    let inside = after.strip_prefix('<').ok_or_else(bad)?;
    inside
        .split_once('>')
        .map(|(path, parameters)| (path, parameters.trim()))
        .ok_or_else(bad)
}

fn mail(rest: &str) -> Result<Command, Reply> {
    let (path, parameters) = path(rest, "FROM:")?;
    let reverse_path = match path {
        "" => None,
        text => {
            Some(Address::parse(text).map_err(|_| Reply::new(553, "5.1.7", "bad sender address"))?)
        }
    };
    let mut size = None;
    for parameter in parameters.split_whitespace() {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match name.to_ascii_uppercase().as_str() {
            "SIZE" => size = Some(value.parse().map_err(|_| syntax("bad SIZE"))?),
            "BODY" if matches!(value.to_ascii_uppercase().as_str(), "7BIT" | "8BITMIME") => {}
            // RFC 4954 §5: the address somebody else authenticated; ours is known, so it is ignored.
            "AUTH" => {}
            _ => return Err(Reply::new(555, "5.5.4", "MAIL parameter not recognized")),
        }
    }
    Ok(Command::Mail { reverse_path, size })
}

fn rcpt(rest: &str) -> Result<Command, Reply> {
    let (path, parameters) = path(rest, "TO:")?;
    if !parameters.is_empty() {
        return Err(Reply::new(555, "5.5.4", "RCPT parameter not recognized"));
    }
    // Source routes are ignored (RFC 5321 appendix C).
    let path = if path.starts_with('@') {
        path.split_once(':').map_or(path, |(_, p)| p)
    } else {
        path
    };
    Address::parse(path)
        .map(Command::Rcpt)
        .map_err(|_| Reply::new(553, "5.1.3", "bad recipient address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_as_rfc_5321_writes_them() {
        assert_eq!(
            Command::parse(b"EHLO mail.example.vn").unwrap(),
            Command::Ehlo("mail.example.vn".into())
        );
        assert_eq!(
            Command::parse(b"mail from:<a@b.test> SIZE=100 BODY=8BITMIME").unwrap(),
            Command::Mail {
                reverse_path: Some(Address::parse("a@b.test").unwrap()),
                size: Some(100)
            }
        );
        assert_eq!(
            Command::parse(b"MAIL FROM:<>").unwrap(),
            Command::Mail {
                reverse_path: None,
                size: None
            }
        );
        assert_eq!(
            Command::parse(b"RCPT TO:<@relay.test:a@b.test>").unwrap(),
            Command::Rcpt(Address::parse("a@b.test").unwrap())
        );
        assert_eq!(
            Command::parse(b"AUTH PLAIN AGEAYg==").unwrap(),
            Command::AuthPlain(Some("AGEAYg==".into()))
        );
    }

    #[test]
    fn bad_lines_have_the_reply_of_the_standard() {
        for (line, code) in [
            (&b"FOO"[..], 500),
            (b"MAIL FROM:a@b", 501),
            (b"MAIL FROM:<a@b", 501),
            (b"MAIL FROM:<a b@c.test>", 553),
            (b"MAIL FROM:<a@b.test> RET=HDRS", 555),
            (b"RCPT TO:<>", 553),
            (b"RCPT TO:<a@b.test> NOTIFY=NEVER", 555),
            (b"AUTH LOGIN", 504),
            (b"EHLO a\tb", 501),
            (b"STARTTLS now", 501),
            (b"EHLO", 501),
            (b"MAIL FROM:<a@b.test> SIZE=x", 501),
            ("RCPT TO:<ă@b.test>".as_bytes(), 501),
            (b"MAIL FROM:<a@b.test>\nRCPT TO:<c@d.test>", 501),
        ] {
            assert_eq!(
                Command::parse(line).unwrap_err().code,
                code,
                "{:?}",
                String::from_utf8_lossy(line)
            );
        }
    }
}
