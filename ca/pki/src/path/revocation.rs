//! Revocation of every certificate of a path at an instant.
//! Standard: RFC 5280 §6.3; RFC 6960 §3.2; EN 319 102-1 §5.2.6 (a status from after the instant proves it as well)
//! It must never take a list for proof about a certificate that may have been dropped from it as expired.

use super::{PathProblem, Revocation};
use crate::certificate::Certificate;
use crate::crl::{Crl, Reason};
use crate::ocsp;

/// Clocks of others may be ahead of ours by this much.
const SKEW: i64 = 300_000;

enum Proof {
    Good,
    Revoked(i64, Option<Reason>),
    None,
}

/// Whether every certificate's status is proved; a revoked one is a problem, an unproved one only if proof is required.
pub(super) fn check(
    chain: &[&Certificate],
    at: i64,
    revocation: &Revocation<'_>,
) -> Result<bool, PathProblem> {
    let mut all = true;
    for (certificate, issuer) in chain.iter().zip(chain.iter().skip(1)) {
        if certificate.has_ocsp_nocheck() {
            continue;
        }
        let subject = || certificate.subject_name().to_string();
        match status(certificate, issuer, at, revocation) {
            Proof::Good => {}
            Proof::Revoked(since, reason) => {
                return Err(PathProblem::Revoked {
                    subject: subject(),
                    at: since,
                    reason,
                });
            }
            Proof::None if revocation.required => {
                return Err(PathProblem::RevocationUnknown { subject: subject() });
            }
            Proof::None => all = false,
        }
    }
    Ok(all)
}

fn status(
    certificate: &Certificate,
    issuer: &Certificate,
    at: i64,
    revocation: &Revocation<'_>,
) -> Proof {
    let mut best = Proof::None;
    let lists = revocation
        .crls
        .iter()
        .map(|list| by_list(list, certificate, issuer, at));
    let responses = revocation
        .ocsp
        .iter()
        .map(|response| by_response(response, certificate, issuer, at));
    for proof in lists.chain(responses) {
        match proof {
            Proof::Revoked(..) => return proof,
            Proof::Good => best = Proof::Good,
            Proof::None => {}
        }
    }
    best
}

fn by_list(list: &Crl, certificate: &Certificate, issuer: &Certificate, at: i64) -> Proof {
    if list.verify(issuer).is_err() {
        return Proof::None;
    }
    if let Some(entry) = list.entry(certificate.serial()) {
        return if entry.revoked_at <= at {
            Proof::Revoked(entry.revoked_at, entry.reason)
        } else {
            Proof::Good
        };
    }
    let dropped = certificate.not_after() < list.this_update();
    if list.tbs().partial || dropped {
        return Proof::None;
    }
    covers(list.this_update(), list.next_update(), at)
}

fn by_response(
    response: &ocsp::Response,
    certificate: &Certificate,
    issuer: &Certificate,
    at: i64,
) -> Proof {
    let Some(answer) = response.data().and_then(|data| {
        data.answers
            .iter()
            .find(|answer| answer.id.serial() == certificate.serial() && answer.id.matches(issuer))
    }) else {
        return Proof::None;
    };
    if response.verify(issuer, at).is_err() {
        return Proof::None;
    }
    match answer.status {
        ocsp::Status::Revoked { at: since, reason } if since <= at => Proof::Revoked(since, reason),
        ocsp::Status::Revoked { .. } => Proof::Good,
        ocsp::Status::Good => covers(answer.this_update, answer.next_update, at),
        ocsp::Status::Unknown => Proof::None,
    }
}

/// A status proves an instant if it was made after it, or if the instant lies in its time.
fn covers(this_update: i64, next_update: Option<i64>, at: i64) -> Proof {
    let later = this_update >= at;
    let within = this_update <= at + SKEW && next_update.is_some_and(|next| at <= next + 999);
    if later || within {
        Proof::Good
    } else {
        Proof::None
    }
}
