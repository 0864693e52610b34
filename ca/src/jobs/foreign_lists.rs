//! Fetches the revocation list of somebody else's authority: plain HTTP, one request, bounded in size and time.
//! Standard: RFC 5280 §4.2.1.13; RFC 9112 §6.3
//! It must never follow a redirect, or read more than the bound.

use crate::flows::import_list;
use crate::service::Ca;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

const LARGEST: u64 = 16 << 20;
const PATIENCE: Duration = Duration::from_secs(15);

/// Why a list was not fetched.
#[derive(Debug, thiserror::Error)]
enum Fetch {
    #[error("only plain http addresses are fetched")]
    Address,
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("no answer in time")]
    Late,
    #[error("status {0}")]
    Status(String),
    #[error("the answer is not HTTP/1.x with a length or a closed end")]
    Shape,
}

/// Fetches and takes in; what fails is said in the log.
pub async fn fetch(ca: &Ca, authority: &str, url: &str) {
    let got = match tokio::time::timeout(PATIENCE, get(url)).await {
        Ok(got) => got,
        Err(_) => Err(Fetch::Late),
    };
    match got {
        Ok(der) => match import_list::run(ca, &der).await {
            Ok(new) => tracing::debug!(authority, new, "foreign list"),
            Err(error) => tracing::error!(%error, authority, "foreign list refused"),
        },
        Err(error) => tracing::warn!(%error, authority, url, "foreign list not fetched"),
    }
}

async fn get(address: &str) -> Result<Vec<u8>, Fetch> {
    let url = Url::parse(address).map_err(|_| Fetch::Address)?;
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Err(Fetch::Address);
    };
    if url.scheme() != "http" {
        return Err(Fetch::Address);
    }
    let mut stream = TcpStream::connect((host, port)).await?;
    let request = format!(
        "GET {} HTTP/1.0\r\nHost: {host}:{port}\r\nAccept: application/pkix-crl\r\nConnection: close\r\n\r\n",
        url.path()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(LARGEST).read_to_end(&mut answer).await?;
    body(&answer)
}

fn body(answer: &[u8]) -> Result<Vec<u8>, Fetch> {
    let end = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .ok_or(Fetch::Shape)?;
    let head = String::from_utf8_lossy(answer.get(..end).unwrap_or_default()).into_owned();
    let body = answer.get(end + 4..).unwrap_or_default();
    let mut lines = head.lines();
    let status = lines.next().unwrap_or_default();
    if !status.starts_with("HTTP/1.") {
        return Err(Fetch::Shape);
    }
    if status.split(' ').nth(1) != Some("200") {
        return Err(Fetch::Status(status.to_owned()));
    }
    let header = |wanted: &str| {
        head.lines().skip(1).find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted)
                .then(|| value.trim().to_ascii_lowercase())
        })
    };
    if header("transfer-encoding").is_some() {
        return Err(Fetch::Shape);
    }
    match header("content-length") {
        Some(length) if length.parse() != Ok(body.len()) => Err(Fetch::Shape),
        _ => Ok(body.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_a_short_body_and_chunks_are_no_lists() {
        let ok = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
        assert_eq!(body(ok).unwrap(), b"abc");
        for bad in [
            "HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            "nonsense",
        ] {
            assert!(body(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
