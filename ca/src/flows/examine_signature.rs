//! Examines one signature of a document: whole and trusted, from the bytes and what is trusted alone.
//! Standard: RFC 5652 §5.4, §5.6; RFC 5280 §6; RFC 3161 §2.4.2; ETSI EN 319 102-1 §5.2
//! It must never take the signer's own word for the time: without a good time stamp, the checks are made for now.

use crate::domain::trust::{TrustSet, kind_of};
use crate::domain::verdict::{Reason, Role, SignatureVerdict, Verdict};
use crate::flows::{hex, sha256_hex};
use documents::SignatureReport;
use pki::algorithm::{Hash, Table};
use pki::certificate::Certificate;
use pki::cms::{SignedMessage, SignerResult};
use pki::names::Attr;
use pki::path::{self, PathProblem, Revocation, Usage};
use platform::clock::format_instant;

/// Examines one signature.
pub fn run(
    trust: &TrustSet,
    file: &[u8],
    signature: &SignatureReport,
    now: i64,
) -> SignatureVerdict {
    let mut verdict = empty(signature, now);
    let message = match SignedMessage::parse(&signature.cms) {
        Ok(message) => message,
        Err(malformed) => {
            verdict.whole = Verdict::no(
                Reason::plain("signature_unreadable").with("detail", malformed.to_string()),
            );
            return verdict;
        }
    };
    if message.signers().len() != 1 {
        verdict.whole = Verdict::no(Reason::plain("signers_not_one"));
        return verdict;
    }
    let Some(digest) = digest(&message, file, signature) else {
        verdict.whole = Verdict::no(Reason::plain("range_broken"));
        return verdict;
    };
    let table = Table::built_in();
    match message.verify(0, &digest, &table, now) {
        Err(problem) => {
            verdict.whole =
                Verdict::no(Reason::plain("signature_broken").with("detail", problem.to_string()));
        }
        Ok(result) => {
            verdict.whole = if signature.covers_revision {
                Verdict::yes(Reason::plain("signature_intact"))
            } else {
                Verdict::no(Reason::plain("range_partial"))
            };
            judge(trust, &message, &result, now, &mut verdict);
        }
    }
    verdict
}

fn judge(
    trust: &TrustSet,
    message: &SignedMessage,
    result: &SignerResult,
    now: i64,
    verdict: &mut SignatureVerdict,
) {
    let certificate = &result.certificate;
    let name = certificate.subject_name();
    let text = |attribute| name.first(attribute).map(str::to_owned);
    verdict.signer = text(Attr::CommonName).unwrap_or_else(|| name.to_string());
    verdict.title = text(Attr::Title);
    verdict.organisation = text(Attr::Organization);
    verdict.serial = Some(hex(certificate.serial()));
    verdict.value_sha256 = Some(sha256_hex(&result.signature));
    verdict.consented = result.consent.is_some();
    if let Some(basis) = &result.capacity {
        verdict.role = if basis.capacity == policies::engine::Capacity::Seal.as_str() {
            Role::Seal
        } else {
            Role::Person
        };
        verdict.capacity = Some(basis.capacity.clone());
        verdict.post = Some(basis.post.clone());
        verdict.basis = basis.basis.clone();
        verdict.decision = Some(basis.decision.clone());
    }
    let mut intermediates = trust.intermediates.clone();
    intermediates.extend(message.certificates().iter().cloned());
    let time_problem = match &result.time_stamp {
        None => Some(Reason::plain("time_stamp_missing")),
        Some(Err(problem)) => {
            Some(Reason::plain("time_stamp_broken").with("detail", problem.to_string()))
        }
        Some(Ok(stamp)) => {
            let checked = validate(
                trust,
                &stamp.certificate,
                &intermediates,
                stamp.at,
                Usage::TimeStamping,
            );
            match checked {
                Ok(_) => {
                    verdict.stamped_at = Some(stamp.at);
                    verdict.checked_at = stamp.at;
                    None
                }
                Err(problem) => {
                    Some(Reason::plain("time_stamp_untrusted").with("detail", problem.to_string()))
                }
            }
        }
    };
    if time_problem.is_some() {
        verdict.checked_at = now;
    }
    verdict.trusted = trusted(trust, certificate, &intermediates, verdict);
    if let Some(problem) = time_problem {
        verdict.trusted.reasons.push(problem);
    }
}

fn trusted(
    trust: &TrustSet,
    certificate: &Certificate,
    intermediates: &[Certificate],
    verdict: &mut SignatureVerdict,
) -> Verdict {
    let at = verdict.checked_at;
    match validate(
        trust,
        certificate,
        intermediates,
        at,
        Usage::DocumentSigning,
    ) {
        Ok(found) => {
            let kind = kind_of(found.kind);
            verdict.anchor = Some(found.label.clone());
            verdict.anchor_kind = Some(kind);
            Verdict::yes(
                Reason::plain("path_good")
                    .with("anchor", found.label)
                    .with("kind", kind.word())
                    .with("at", format_instant(at)),
            )
        }
        Err(PathProblem::NoPath { .. }) => Verdict::unknown(
            Reason::plain("anchor_unknown").with("issuer", certificate.issuer_name().to_string()),
        ),
        Err(problem @ PathProblem::RevocationUnknown { .. }) => Verdict::unknown(
            Reason::plain("revocation_unknown").with("detail", problem.to_string()),
        ),
        Err(PathProblem::Revoked { at, .. }) => {
            Verdict::no(Reason::plain("certificate_revoked").with("at", format_instant(at)))
        }
        Err(PathProblem::Expired { .. }) => Verdict::no(
            Reason::plain("certificate_expired")
                .with("at", format_instant(certificate.not_after())),
        ),
        Err(problem) => Verdict::no(Reason::plain("path_bad").with("detail", problem.to_string())),
    }
}

fn validate(
    trust: &TrustSet,
    certificate: &Certificate,
    intermediates: &[Certificate],
    at: i64,
    usage: Usage,
) -> Result<path::Trusted, PathProblem> {
    let revocation = Revocation {
        crls: &trust.lists,
        ocsp: &[],
        required: true,
    };
    path::validate(
        certificate,
        intermediates,
        &trust.anchors,
        at,
        usage,
        &revocation,
    )
}

fn digest(message: &SignedMessage, file: &[u8], signature: &SignatureReport) -> Option<Vec<u8>> {
    match message.digest_algorithm(0)? {
        Hash::Sha256 => Some(signature.digest_sha256.to_vec()),
        other => {
            let (before, after) = signature.signed_parts(file)?;
            let mut hasher = other.hasher().ok()?;
            hasher.update(before).ok()?;
            hasher.update(after).ok()?;
            hasher.finish().ok()
        }
    }
}

fn empty(signature: &SignatureReport, now: i64) -> SignatureVerdict {
    let unread = || Verdict::unknown(Reason::plain("signature_not_examined"));
    SignatureVerdict {
        field: signature.field.clone(),
        role: Role::Foreign,
        signer: signature.name.clone().unwrap_or_default(),
        title: None,
        organisation: None,
        serial: None,
        anchor: None,
        anchor_kind: None,
        stamped_at: None,
        checked_at: now,
        capacity: None,
        post: None,
        basis: Vec::new(),
        block: Vec::new(),
        clause: None,
        decision: None,
        consented: false,
        value_sha256: None,
        covers_document: signature.covers_document,
        whole: unread(),
        trusted: unread(),
        allowed: Verdict::unknown(Reason::plain("authority_not_asked")),
    }
}
