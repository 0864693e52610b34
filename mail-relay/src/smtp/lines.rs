//! Reads lines that end in CRLF and in nothing else.
//! Standard: RFC 5321 §2.3.8, §4.1.1.4
//! It must never take a bare LF or CR for the end of a line: that is how mail is smuggled.

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _};

/// Why no line came.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// The peer went away.
    #[error("connection closed")]
    Closed,
    /// Longer than allowed; the rest of the line was read and dropped.
    #[error("line too long")]
    TooLong,
    /// LF without CR, or CR without LF; `crlf`: the line itself still ended in CRLF (a CR stood inside it).
    #[error("bare CR or LF")]
    Bare {
        /// Whether the line ended in CRLF.
        crlf: bool,
    },
    /// The socket.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Reads one line into `line`, without its CRLF. `limit` counts the CRLF. After `TooLong` and `Bare` the whole physical line has been read.
pub async fn read(
    reader: &mut (impl AsyncBufRead + Unpin),
    line: &mut Vec<u8>,
    limit: usize,
) -> Result<(), LineError> {
    line.clear();
    let mut too_long = false;
    let mut bare = false;
    loop {
        let chunk = reader.fill_buf().await?;
        if chunk.is_empty() {
            return Err(LineError::Closed);
        }
        let (taken, ended) = match chunk.iter().position(|b| *b == b'\n') {
            Some(at) => (at + 1, true),
            None => (chunk.len(), false),
        };
        if line.len() + taken > limit {
            too_long = true;
            // Keep the last octet: whether it was CR decides how the line ended.
            let last = chunk
                .get(taken.saturating_sub(2)..taken)
                .map(<[u8]>::to_vec)
                .unwrap_or_default();
            line.clear();
            line.extend(last);
        } else {
            line.extend_from_slice(chunk.get(..taken).unwrap_or_default());
        }
        reader.consume(taken);
        if !ended {
            continue;
        }
        let crlf = line.ends_with(b"\r\n");
        if crlf {
            line.truncate(line.len() - 2);
        } else {
            line.pop();
            bare = true;
        }
        bare |= line.contains(&b'\r');
        return match (bare, too_long) {
            (true, _) => Err(LineError::Bare { crlf }),
            (false, true) => Err(LineError::TooLong),
            (false, false) => Ok(()),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn all(bytes: &[u8], limit: usize) -> Vec<Result<String, &'static str>> {
        let mut reader = tokio::io::BufReader::with_capacity(7, bytes);
        let (mut line, mut out) = (Vec::new(), Vec::new());
        loop {
            match read(&mut reader, &mut line, limit).await {
                Ok(()) => out.push(Ok(String::from_utf8_lossy(&line).into_owned())),
                Err(LineError::Closed) => return out,
                Err(LineError::TooLong) => out.push(Err("long")),
                Err(LineError::Bare { .. }) => out.push(Err("bare")),
                Err(LineError::Io(e)) => panic!("{e}"),
            }
        }
    }

    #[tokio::test]
    async fn only_cr_lf_ends_a_line() {
        assert_eq!(
            all(b"a\r\nbcdefghijk\r\n\r\n", 100).await,
            [Ok("a".into()), Ok("bcdefghijk".into()), Ok(String::new())]
        );
        assert_eq!(all(b"a\nb\r\n", 100).await, [Err("bare"), Ok("b".into())]);
        assert_eq!(
            all(b"a\rb\r\nc\r\n", 100).await,
            [Err("bare"), Ok("c".into())]
        );
        assert_eq!(
            all(b"\r\n.\r\n", 100).await,
            [Ok(String::new()), Ok(".".into())]
        );
        assert_eq!(all(b"\n.\r\n", 100).await, [Err("bare"), Ok(".".into())]);
        assert_eq!(all(b".\n\r\n", 100).await, [Err("bare"), Ok(String::new())]);
    }

    #[tokio::test]
    async fn a_line_over_the_limit_is_dropped_whole_and_the_next_is_read() {
        assert_eq!(
            all(b"0123456789012345\r\nok\r\n", 10).await,
            [Err("long"), Ok("ok".into())]
        );
        assert_eq!(all(b"01234567\r\n", 10).await, [Ok("01234567".into())]);
        assert_eq!(all(b"012345678\r\n", 10).await, [Err("long")]);
    }
}
