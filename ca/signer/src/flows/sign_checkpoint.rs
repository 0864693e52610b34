//! Signs a checkpoint of the log, if it continues the last one signed.
//! Standard: RFC 9162 §2.1.4.2 (consistency; the tree of RFC 6962 §2.1); C2SP tlog-checkpoint and signed-note.
//! It must never sign two heads that no single append-only log can have.

use super::{Signer, malformed};
use crate::domain::{Bytes, Checkpoint, KeyInfo, LastCheckpoint, Purpose, Refusal, RefusalCode};
use crate::journal::Event;
use data_encoding::BASE64;
use sha2::{Digest as _, Sha256};

type Hash = [u8; 32];

impl Signer {
    /// Signs a checkpoint; gives the whole note.
    pub fn sign_checkpoint(
        &self,
        key: &str,
        origin: &str,
        size: u64,
        root: &Bytes,
        proof: &[Bytes],
    ) -> Result<Checkpoint, Refusal> {
        let info = self.key(key, |purpose| *purpose == Purpose::Log)?;
        if origin.is_empty()
            || origin.len() > 200
            || origin.contains(['+', '\u{2014}'])
            || origin.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            return Err(malformed("the origin is not a name for a signed note"));
        }
        let head = hash(root)?;
        let proof = proof.iter().map(hash).collect::<Result<Vec<_>, _>>()?;
        let (note, public_key) = self.note(&info, origin, size, &head)?;
        self.store.commit(self.now(), |state| {
            match &state.key(key)?.checkpoint {
                None if proof.is_empty() => {}
                None => {
                    return Err(inconsistent(
                        "nothing was signed before, yet there is a proof",
                    ));
                }
                Some((signed_origin, _, _)) if signed_origin != origin => {
                    return Err(inconsistent("this key signs another log"));
                }
                Some((_, signed_size, signed_root)) => {
                    if !is_consistent(*signed_size, size, &hash(signed_root)?, &head, &proof) {
                        return Err(inconsistent(
                            "this head does not continue the last one signed",
                        ));
                    }
                }
            }
            Ok(Event::CheckpointSigned {
                key: key.to_owned(),
                origin: origin.to_owned(),
                size,
                root: root.clone(),
            })
        })?;
        Ok(Checkpoint { note, public_key })
    }

    /// The last checkpoint signed.
    pub fn last_checkpoint(&self, key: &str) -> Result<Option<LastCheckpoint>, Refusal> {
        self.key(key, |purpose| *purpose == Purpose::Log)?;
        let state = self.store.state();
        Ok(state
            .key(key)?
            .checkpoint
            .clone()
            .map(|(origin, size, root)| LastCheckpoint { origin, size, root }))
    }

    fn note(
        &self,
        info: &KeyInfo,
        origin: &str,
        size: u64,
        root: &Hash,
    ) -> Result<(String, Bytes), Refusal> {
        let private = self.store.private(&info.key)?;
        let public = private.raw_public_key()?;
        let text = format!("{origin}\n{size}\n{}\n", BASE64.encode(root));
        let signature = openssl::sign::Signer::new_without_digest(&private)?
            .sign_oneshot_to_vec(text.as_bytes())?;
        let mut id = Sha256::new();
        id.update(origin.as_bytes());
        id.update(b"\n\x01");
        id.update(&public);
        let id = id.finalize();
        let mut line: Vec<u8> = id.iter().take(4).copied().collect();
        line.extend_from_slice(&signature);
        let note = format!("{text}\n\u{2014} {origin} {}\n", BASE64.encode(&line));
        Ok((note, public.into()))
    }
}

fn hash(bytes: &Bytes) -> Result<Hash, Refusal> {
    bytes
        .0
        .as_slice()
        .try_into()
        .map_err(|_| malformed("a hash of the log has 32 bytes"))
}

fn inconsistent(detail: &str) -> Refusal {
    Refusal::new(RefusalCode::LogInconsistent, detail)
}

fn node(left: &Hash, right: &Hash) -> Hash {
    let mut hash = Sha256::new();
    hash.update([1u8]);
    hash.update(left);
    hash.update(right);
    hash.finalize().into()
}

/// RFC 9162 §2.1.4.2, with its two border cases: the same size needs the same root and no proof; an empty tree precedes all.
fn is_consistent(
    first: u64,
    second: u64,
    first_root: &Hash,
    second_root: &Hash,
    proof: &[Hash],
) -> bool {
    if first > second {
        return false;
    }
    if first == second {
        return first_root == second_root && proof.is_empty();
    }
    if first == 0 {
        return proof.is_empty();
    }
    let (mut fnode, mut snode) = (first - 1, second - 1);
    let mut path = proof.iter();
    let start = if first.is_power_of_two() {
        Some(first_root)
    } else {
        path.next()
    };
    let Some(start) = start else {
        return false;
    };
    while fnode & 1 == 1 {
        fnode >>= 1;
        snode >>= 1;
    }
    let (mut first_hash, mut second_hash) = (*start, *start);
    for step in path {
        if snode == 0 {
            return false;
        }
        if fnode & 1 == 1 || fnode == snode {
            first_hash = node(step, &first_hash);
            second_hash = node(step, &second_hash);
            while fnode & 1 == 0 && fnode != 0 {
                fnode >>= 1;
                snode >>= 1;
            }
        } else {
            second_hash = node(&second_hash, step);
        }
        fnode >>= 1;
        snode >>= 1;
    }
    first_hash == *first_root && second_hash == *second_root && snode == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(n: u64) -> Hash {
        Sha256::digest([&[0u8][..], &n.to_be_bytes()[..]].concat()).into()
    }

    /// RFC 6962 §2.1.
    fn tree(from: u64, to: u64) -> Hash {
        match to - from {
            0 => Sha256::digest([]).into(),
            1 => leaf(from),
            n => {
                let k = n.next_power_of_two() / 2;
                node(&tree(from, from + k), &tree(from + k, to))
            }
        }
    }

    /// RFC 6962 §2.1.2.
    fn prove(m: u64, from: u64, to: u64, whole: bool) -> Vec<Hash> {
        let n = to - from;
        if m == n {
            return if whole { vec![] } else { vec![tree(from, to)] };
        }
        let k = n.next_power_of_two() / 2;
        if m <= k {
            let mut path = prove(m, from, from + k, whole);
            path.push(tree(from + k, to));
            path
        } else {
            let mut path = prove(m - k, from + k, to, false);
            path.push(tree(from, from + k));
            path
        }
    }

    #[test]
    fn every_pair_of_sizes_up_to_40_is_proved_and_nothing_else_passes() {
        for second in 1..=40u64 {
            for first in 1..=second {
                let (a, b) = (tree(0, first), tree(0, second));
                let proof = prove(first, 0, second, true);
                assert!(
                    is_consistent(first, second, &a, &b, &proof),
                    "{first} {second}"
                );
                let mut fork = b;
                fork[0] ^= 1;
                assert!(!is_consistent(first, second, &a, &fork, &proof));
                assert!(!is_consistent(first, second, &fork, &b, &proof));
                assert!(first == second || !is_consistent(second, first, &b, &a, &proof));
                let mut longer = proof.clone();
                longer.push(leaf(0));
                assert!(!is_consistent(first, second, &a, &b, &longer));
                if let Some(shorter) = proof.len().checked_sub(1) {
                    assert!(!is_consistent(first, second, &a, &b, &proof[..shorter]));
                    for changed in 0..proof.len() {
                        let mut wrong = proof.clone();
                        wrong[changed][31] ^= 1;
                        assert!(!is_consistent(first, second, &a, &b, &wrong));
                    }
                }
            }
        }
    }
}
