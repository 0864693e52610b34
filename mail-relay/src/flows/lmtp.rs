//! A small LMTP client: one recipient, one reply after the data.
//! Standard: RFC 2033 §4
//! It must never take a reply for another recipient's: it sends one recipient a connection.

use super::deliver::Outcome;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// Delivers; 4xx and silence mean later, 5xx never.
pub(crate) async fn deliver(
    hostname: &str,
    server: &str,
    from: Option<&str>,
    to: &str,
    message: &[u8],
    patience: Duration,
) -> Outcome {
    match tokio::time::timeout(patience, converse(hostname, server, from, to, message)).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(error)) => Outcome::Later(format!("LMTP: {error}")),
        Err(_) => Outcome::Later("LMTP: no answer in time".into()),
    }
}

async fn converse(
    hostname: &str,
    server: &str,
    from: Option<&str>,
    to: &str,
    message: &[u8],
) -> std::io::Result<Outcome> {
    let mut stream = BufReader::new(TcpStream::connect(server).await?);
    let steps = [
        format!("LHLO {hostname}\r\n"),
        format!("MAIL FROM:<{}>\r\n", from.unwrap_or_default()),
        format!("RCPT TO:<{to}>\r\n"),
        "DATA\r\n".to_owned(),
    ];
    let (code, text) = reply(&mut stream).await?;
    if code != 220 {
        return Ok(judge(code, text));
    }
    for step in steps {
        stream.write_all(step.as_bytes()).await?;
        let (code, text) = reply(&mut stream).await?;
        if code >= 400 {
            return Ok(judge(code, text));
        }
    }
    stream.write_all(&stuffed(message)).await?;
    let (code, text) = reply(&mut stream).await?;
    stream.write_all(b"QUIT\r\n").await?;
    Ok(judge(code, text))
}

fn judge(code: u16, text: String) -> Outcome {
    match code {
        200..=299 => Outcome::Delivered(text),
        500..=599 => Outcome::Failed(text),
        _ => Outcome::Later(text),
    }
}

/// Dot-stuffed, ended by a line of one dot (RFC 5321 §4.5.2).
fn stuffed(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 64);
    for line in message.split_inclusive(|b| *b == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    if !out.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}

async fn reply(stream: &mut BufReader<TcpStream>) -> std::io::Result<(u16, String)> {
    for _ in 0..64 {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let code = line
            .get(..3)
            .and_then(|c| c.parse().ok())
            .ok_or(std::io::ErrorKind::InvalidData)?;
        if line.as_bytes().get(3) != Some(&b'-') {
            return Ok((code, line.trim_end().to_owned()));
        }
    }
    Err(std::io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_one_dot_inside_a_message_does_not_end_it() {
        assert_eq!(stuffed(b"a\r\n.\r\n..b\r\n"), b"a\r\n..\r\n...b\r\n.\r\n");
    }
}
