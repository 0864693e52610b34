//! Rules on the public key and the signature algorithm.

use super::Findings;
use crate::algorithm::{KeyKind, Table};
use crate::asn1::{Reader, SEQUENCE, read};
use crate::certificate::{Tbs, key_bits};
use crate::issue::key_id;
use crate::profile::Profile;

/// Odd primes below 752: a modulus divisible by one of them is no RSA modulus.
fn small_primes() -> impl Iterator<Item = u32> {
    (3..752_u32).step_by(2).filter(|number| {
        !(3..*number).any(|divisor| divisor * divisor <= *number && number % divisor == 0)
    })
}

pub(super) fn judge(tbs: &Tbs, profile: &Profile, findings: &mut Findings) {
    let kind = match KeyKind::of_spki(&tbs.spki) {
        Ok(kind) => kind,
        Err(malformed) => {
            findings.require(
                false,
                "key_is_readable",
                "RFC 5480 §2, RFC 3279 §2.3.1",
                || malformed.to_string(),
            );
            return;
        }
    };
    findings.require(
        profile.key_kinds.iter().any(|name| name == kind.name()),
        "kind_of_key_is_the_profiles",
        "ca/profiles",
        || kind.name().to_owned(),
    );
    if let KeyKind::Rsa(bits) = kind {
        findings.require(
            bits >= profile.min_rsa_bits && bits % 8 == 0,
            "rsa_key_is_long_enough",
            "ca/profiles",
            || format!("{bits} bits"),
        );
        let factor = modulus(&tbs.spki).and_then(|modulus| {
            small_primes().find(|prime| {
                modulus
                    .iter()
                    .fold(0, |rest, &byte| (rest * 256 + u32::from(byte)) % prime)
                    == 0
            })
        });
        findings.require(
            factor.is_none(),
            "rsa_modulus_has_no_small_factor",
            "NIST SP 800-89 §5.3.3",
            || format!("divisible by {}", factor.unwrap_or_default()),
        );
    }
    findings.require(
        key_id(&tbs.spki).ok() == tbs.extensions.subject_key_id,
        "subject_key_id_is_of_the_key",
        "RFC 7093 §2 (1)",
        || "another key identifier".to_owned(),
    );
    let makes = [KeyKind::P256, KeyKind::P384, KeyKind::Rsa(3072)]
        .into_iter()
        .any(|signer| Table::built_in().may_make(tbs.algorithm, signer, tbs.not_before));
    findings.require(
        makes,
        "algorithm_may_be_made",
        "ca/profiles/algorithms.toml",
        || format!("{:?}", tbs.algorithm),
    );
}

fn modulus(spki: &[u8]) -> Option<&[u8]> {
    let key = read::single("RSA key", key_bits(spki).ok()?, SEQUENCE).ok()?;
    Reader::new("RSA key", key.content).unsigned().ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_small_primes_are_the_132_odd_primes_below_752() {
        assert_eq!(super::small_primes().count(), 132);
        assert_eq!(super::small_primes().last(), Some(751));
    }
}
