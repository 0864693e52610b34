//! Keys on paper: any `threshold` of the printed shares give them back, fewer give nothing.
//! Standard: Shamir, “How to share a secret” (1979), over GF(256); the text form is ours, base32 of RFC 4648 §6.
//! It must never accept a share with a mistyped letter, nor mix shares of two printings.
mod points;

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::master::MasterKeys;
use crate::random::Entropy;

const VERSION: u8 = 1;
/// Letters on a printed line before its check letters: five groups of four.
const LINE: usize = 20;
/// Check letters at the end of each line.
const CHECK: usize = 3;
/// Octets of the digest that says whether the recovered secret is the right one.
const DIGEST: usize = 8;
/// More shares than this cannot be numbered.
const MOST: u8 = 100;

/// The keys that are shared together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secrets {
    /// The master keys.
    pub master: MasterKeys,
    /// The signer's key-encryption key, when it lies in a file.
    pub key_encryption: Option<Zeroizing<[u8; 32]>>,
}

/// Why shares cannot be made or read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// Not 2 ≤ threshold ≤ shares ≤ 100.
    #[error(
        "{threshold} of {shares} cannot be: give 2 or more, at most as many as there are shares, and at most {MOST} shares"
    )]
    Numbers {
        /// Needed.
        threshold: u8,
        /// Printed.
        shares: u8,
    },
    /// A line that was mistyped.
    #[error(
        "line {line} of the share is mistyped: its letters and its check letters do not fit. Compare it with the paper letter by letter"
    )]
    Line {
        /// Counted from 1.
        line: usize,
    },
    /// Not a share, or lines missing.
    #[error("the share is not whole: {0}")]
    Form(&'static str),
    /// Shares of two printings.
    #[error("the shares are of different printings: {0} and {1}")]
    Mixed(String, String),
    /// The same share twice.
    #[error("share {0} was given twice")]
    Twice(u8),
    /// Too few.
    #[error("{given} shares were given and {threshold} are needed")]
    TooFew {
        /// Given.
        given: usize,
        /// Needed.
        threshold: u8,
    },
    /// They do not add up.
    #[error("the shares do not give back what was shared; one of them is not of this printing")]
    Wrong,
}

/// One share.
#[derive(Clone, PartialEq, Eq)]
pub struct Paper {
    /// Name of the printing, eight letters: the same on all its shares.
    pub set: String,
    /// How many are needed.
    pub threshold: u8,
    /// Its number, from 1.
    pub number: u8,
    bytes: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Paper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Paper({} {})", self.set, self.number)
    }
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn base32(bytes: &[u8]) -> String {
    data_encoding::BASE32_NOPAD.encode(bytes)
}

/// The check letters of a printed line.
fn check(line: usize, letters: &str) -> String {
    let told = base32(&digest(
        format!("antin-share-line {line} {letters}").as_bytes(),
    ));
    told.chars().take(CHECK).collect()
}

impl Secrets {
    /// version ‖ number of master keys ‖ (number, key)… ‖ 0 or 1 ‖ key-encryption key ‖ digest of all before.
    fn bytes(&self) -> Zeroizing<Vec<u8>> {
        // As long as it can become, so that it never moves and leaves a copy behind.
        let mut out = Zeroizing::new(Vec::with_capacity(
            3 + 36 * self.master.iter().count() + 32 + DIGEST,
        ));
        out.push(VERSION);
        out.push(u8::try_from(self.master.iter().count()).unwrap_or(u8::MAX));
        for (id, key) in self.master.iter() {
            out.extend_from_slice(&id.to_be_bytes());
            out.extend_from_slice(key);
        }
        out.push(u8::from(self.key_encryption.is_some()));
        if let Some(key) = &self.key_encryption {
            out.extend_from_slice(key.as_slice());
        }
        let told = digest(&out);
        out.extend(told.iter().take(DIGEST));
        out
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (body, told) = bytes.split_at_checked(bytes.len().checked_sub(DIGEST)?)?;
        if digest(body).get(..DIGEST)? != told {
            return None;
        }
        let (head, mut rest) = body.split_first_chunk::<2>()?;
        let [VERSION, count] = *head else {
            return None;
        };
        let mut keys = BTreeMap::new();
        for _ in 0..count {
            let (id, after) = rest.split_first_chunk::<4>()?;
            let (key, after) = after.split_first_chunk::<32>()?;
            keys.insert(u32::from_be_bytes(*id), Zeroizing::new(*key));
            rest = after;
        }
        let (has, rest) = rest.split_first()?;
        let key_encryption = match has {
            0 if rest.is_empty() => None,
            1 => Some(Zeroizing::new(rest.try_into().ok()?)),
            _ => return None,
        };
        Some(Self {
            master: MasterKeys::new(keys)?,
            key_encryption,
        })
    }
}

/// Makes `shares` shares, any `threshold` of which give the secrets back.
pub fn share(
    secrets: &Secrets,
    threshold: u8,
    shares: u8,
    entropy: &Entropy,
) -> Result<Vec<Paper>, ShareError> {
    if threshold < 2 || shares < threshold || shares > MOST {
        return Err(ShareError::Numbers { threshold, shares });
    }
    let set = base32(&entropy.bytes::<5>());
    let secret = secrets.bytes();
    Ok(points::split(&secret, threshold, shares, entropy)
        .into_iter()
        .map(|(number, mut values)| {
            let mut bytes = Zeroizing::new(Vec::with_capacity(values.len() + 1));
            bytes.push(number);
            bytes.append(&mut values);
            Paper {
                set: set.clone(),
                threshold,
                number,
                bytes,
            }
        })
        .collect())
}

impl Paper {
    /// Its lines as printed: first the head, then the letters, each line with check letters at its end.
    pub fn lines(&self) -> Vec<String> {
        let letters = format!(
            "{}{}",
            base32(&[VERSION, self.threshold]),
            base32(&self.bytes)
        );
        let head = format!("ANTIN {} {}", self.set, self.number);
        let mut lines = vec![format!("{head} {}", check(0, &head))];
        let letters: Vec<char> = letters.chars().collect();
        for (index, row) in letters.chunks(LINE).enumerate() {
            let groups: Vec<String> = row.chunks(4).map(|group| group.iter().collect()).collect();
            let plain: String = row.iter().collect();
            lines.push(format!("{} {}", groups.join(" "), check(index + 1, &plain)));
        }
        lines
    }

    /// Reads one typed share: case, blanks and empty lines do not matter, `0`, `1`, `8` are read as the letters they look like.
    pub fn read(text: &str) -> Result<Self, ShareError> {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let head = lines
            .by_ref()
            .find(|line| line.to_uppercase().starts_with("ANTIN "))
            .ok_or(ShareError::Form("no line begins with ANTIN"))?
            .to_uppercase();
        let words: Vec<&str> = head.split_whitespace().collect();
        let [mark, set, number, told] = words.as_slice() else {
            return Err(ShareError::Form("the first line has not four words"));
        };
        if check(0, &format!("{mark} {set} {number}")) != *told {
            return Err(ShareError::Line { line: 1 });
        }
        let mut letters = String::new();
        for (index, line) in lines.enumerate() {
            let typed: String = line
                .to_uppercase()
                .chars()
                .filter(|letter| !letter.is_whitespace())
                .map(|letter| match letter {
                    '0' => 'O',
                    '1' => 'I',
                    '8' => 'B',
                    other => other,
                })
                .collect();
            let wrong = ShareError::Line { line: index + 2 };
            let cut = typed.char_indices().rev().nth(CHECK - 1).map(|(at, _)| at);
            let Some((row, told)) = cut.and_then(|at| typed.split_at_checked(at)) else {
                return Err(wrong);
            };
            if check(index + 1, row) != told {
                return Err(wrong);
            }
            letters.push_str(row);
        }
        let form = ShareError::Form("lines are missing at its end");
        let Some((kind, body)) = letters.split_at_checked(base32(&[0, 0]).len()) else {
            return Err(form);
        };
        let decode = |letters: &str| data_encoding::BASE32_NOPAD.decode(letters.as_bytes()).ok();
        let (Some(kind), Some(bytes)) = (decode(kind), decode(body).map(Zeroizing::new)) else {
            return Err(form);
        };
        let [VERSION, threshold] = *kind.as_slice() else {
            return Err(ShareError::Form("it is of another version"));
        };
        let first = bytes.first().copied();
        if first.is_none() || number.parse().ok() != first {
            return Err(ShareError::Form("its number is not the one in its letters"));
        }
        Ok(Self {
            set: (*set).to_owned(),
            threshold,
            number: first.unwrap_or(0),
            bytes,
        })
    }
}

/// Gives back what was shared.
pub fn recover(papers: &[Paper]) -> Result<Secrets, ShareError> {
    let first = papers.first().ok_or(ShareError::TooFew {
        given: 0,
        threshold: 2,
    })?;
    let mut seen = std::collections::BTreeSet::new();
    for paper in papers {
        if paper.set != first.set || paper.threshold != first.threshold {
            return Err(ShareError::Mixed(first.set.clone(), paper.set.clone()));
        }
        if !seen.insert(paper.number) {
            return Err(ShareError::Twice(paper.number));
        }
    }
    if papers.len() < usize::from(first.threshold) {
        return Err(ShareError::TooFew {
            given: papers.len(),
            threshold: first.threshold,
        });
    }
    let points: Vec<(u8, &[u8])> = papers
        .iter()
        .map(|paper| (paper.number, paper.bytes.get(1..).unwrap_or_default()))
        .collect();
    let secret = points::join(&points).ok_or(ShareError::Wrong)?;
    Secrets::read(&secret).ok_or(ShareError::Wrong)
}

#[cfg(test)]
mod tests;
