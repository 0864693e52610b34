//! Building paths: by name, key identifier and signature; bounded in length and in work.

use super::Anchor;
use crate::certificate::Certificate;

/// Longest path, anchor included.
const LONGEST: usize = 8;
/// Most signatures checked for one certificate.
const MOST_CHECKS: usize = 64;

/// A path whose signatures fit.
pub(super) struct Path<'a> {
    pub(super) anchor: &'a Anchor,
    pub(super) chain: Vec<&'a Certificate>,
}

/// All paths from a certificate to an anchor, short ones first.
pub(super) fn paths<'a>(
    certificate: &'a Certificate,
    intermediates: &'a [Certificate],
    anchors: &'a [Anchor],
) -> Vec<Path<'a>> {
    let mut found = Vec::new();
    let mut checks = 0;
    let mut open: Vec<Vec<&Certificate>> = vec![vec![certificate]];
    while !open.is_empty() && checks < MOST_CHECKS {
        let mut longer = Vec::new();
        for chain in open {
            let Some(last) = chain.last().copied() else {
                continue;
            };
            for anchor in anchors {
                if named(last, &anchor.certificate) && tried(&mut checks, last, &anchor.certificate)
                {
                    let mut chain = chain.clone();
                    chain.push(&anchor.certificate);
                    found.push(Path { anchor, chain });
                }
            }
            if chain.len() + 1 >= LONGEST {
                continue;
            }
            for candidate in intermediates {
                let repeats = chain.iter().any(|known| {
                    known.spki() == candidate.spki() && known.subject() == candidate.subject()
                });
                if !repeats && named(last, candidate) && tried(&mut checks, last, candidate) {
                    let mut chain = chain.clone();
                    chain.push(candidate);
                    longer.push(chain);
                }
            }
        }
        open = longer;
    }
    found
}

fn named(certificate: &Certificate, issuer: &Certificate) -> bool {
    let ids_agree = match (certificate.authority_key_id(), issuer.key_id()) {
        (Some(named), Some(is)) => named == is,
        _ => true,
    };
    certificate.issuer() == issuer.subject() && ids_agree
}

fn tried(checks: &mut usize, certificate: &Certificate, issuer: &Certificate) -> bool {
    *checks += 1;
    *checks <= MOST_CHECKS && certificate.verify_issued_by(issuer).is_ok()
}
