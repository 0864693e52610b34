//! Judging a certificate at an instant: a path to an anchor, its rules, and revocation.
//! Standard: RFC 5280 §6.1, §6.3; RFC 9336 §4; EN 319 102-1 §5.2.6
//! It must never call a certificate good because nothing was found against it when proof was required.

use crate::algorithm::{KeyKind, Table};
use crate::certificate::Certificate;
use crate::crl::{Crl, Reason};
use crate::ocsp;
use crate::oids;

mod build;
mod foreign;
mod revocation;

/// Whose trust anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AnchorKind {
    /// The Government CA (or its look-alike).
    Government,
    /// The province's own root.
    Own,
    /// Another, such as the national root.
    Other,
}

/// A trust anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// What it is called on pages.
    pub label: String,
    /// Whose.
    pub kind: AnchorKind,
    /// Its certificate.
    pub certificate: Certificate,
}

/// What a certificate is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Usage {
    /// Signing or sealing a document.
    DocumentSigning,
    /// Signing mail.
    EmailProtection,
    /// Signing time stamps.
    TimeStamping,
    /// Signing OCSP responses.
    OcspSigning,
    /// Serving TLS.
    Tls,
}

/// What is known about revocation.
#[derive(Debug, Clone, Copy)]
pub struct Revocation<'a> {
    /// Lists.
    pub crls: &'a [Crl],
    /// Responses.
    pub ocsp: &'a [ocsp::Response],
    /// Whether a certificate without proof of its status is refused.
    pub required: bool,
}

impl Revocation<'static> {
    /// Nothing known and nothing asked.
    pub const NONE: Self = Self {
        crls: &[],
        ocsp: &[],
        required: false,
    };
}

/// A certificate is good at the instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted {
    /// Label of the anchor.
    pub label: String,
    /// Whose anchor.
    pub kind: AnchorKind,
    /// From the certificate to the anchor.
    pub chain: Vec<Certificate>,
    /// Whether the status of every certificate under the anchor was proved.
    pub revocation_checked: bool,
}

/// Why a certificate is not good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathProblem {
    /// No way to an anchor.
    #[error("no way from {subject} to a trust anchor")]
    NoPath {
        /// Where it ends.
        subject: String,
    },
    /// Not valid yet.
    #[error("{subject} is not valid before {not_before}")]
    NotYetValid {
        /// Which certificate.
        subject: String,
        /// Its first instant.
        not_before: i64,
    },
    /// Not valid any more.
    #[error("{subject} is not valid after {not_after}")]
    Expired {
        /// Which certificate.
        subject: String,
        /// Its last second.
        not_after: i64,
    },
    /// Revoked.
    #[error("{subject} was revoked at {at}")]
    Revoked {
        /// Which certificate.
        subject: String,
        /// Since when.
        at: i64,
        /// Why.
        reason: Option<Reason>,
    },
    /// Nothing proves its status.
    #[error("nothing proves that {subject} was not revoked")]
    RevocationUnknown {
        /// Which certificate.
        subject: String,
    },
    /// Its key must not be used like this.
    #[error("{subject} is not for this use")]
    WrongUsage {
        /// Which certificate.
        subject: String,
    },
    /// It issued without being a CA, or with a longer path than it may.
    #[error("{subject} may not issue this certificate")]
    MayNotIssue {
        /// Which certificate.
        subject: String,
    },
    /// A name outside what its CA may certify.
    #[error("a name is outside what its CA may certify")]
    NameConstraint,
    /// An algorithm or key that is not accepted at the instant.
    #[error("{subject} uses an algorithm or key that is not accepted")]
    WeakAlgorithm {
        /// Which certificate.
        subject: String,
    },
    /// A critical extension nobody here understands.
    #[error("{subject} has a critical extension that is not understood")]
    UnknownExtension {
        /// Which certificate.
        subject: String,
    },
    /// OpenSSL, the second judge, refuses the path.
    #[error("the second judge refuses the path: {0}")]
    SecondJudge(String),
}

impl PathProblem {
    /// A key for texts.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoPath { .. } => "no_path",
            Self::NotYetValid { .. } => "not_yet_valid",
            Self::Expired { .. } => "expired",
            Self::Revoked { .. } => "revoked",
            Self::RevocationUnknown { .. } => "revocation_unknown",
            Self::WrongUsage { .. } => "wrong_usage",
            Self::MayNotIssue { .. } => "may_not_issue",
            Self::NameConstraint => "name_constraint",
            Self::WeakAlgorithm { .. } => "weak_algorithm",
            Self::UnknownExtension { .. } => "unknown_extension",
            Self::SecondJudge(_) => "second_judge",
        }
    }
}

/// Judges a certificate at an instant. Of several paths the first good one counts; without one, the problem of the path that came furthest.
pub fn validate(
    certificate: &Certificate,
    intermediates: &[Certificate],
    anchors: &[Anchor],
    at: i64,
    usage: Usage,
    revocation: &Revocation<'_>,
) -> Result<Trusted, PathProblem> {
    may_be_used(certificate, usage)?;
    let mut worst = PathProblem::NoPath {
        subject: certificate.subject_name().to_string(),
    };
    for path in build::paths(certificate, intermediates, anchors) {
        let outcome = rules(&path.chain, at, usage)
            .and_then(|()| foreign::agrees(&path.chain))
            .and_then(|()| revocation::check(&path.chain, at, revocation));
        match outcome {
            Ok(checked) => {
                return Ok(Trusted {
                    label: path.anchor.label.clone(),
                    kind: path.anchor.kind,
                    chain: path.chain.into_iter().cloned().collect(),
                    revocation_checked: checked,
                });
            }
            Err(problem) => worst = problem,
        }
    }
    Err(worst)
}

/// Whether key usage and extended key usage allow the use.
fn may_be_used(certificate: &Certificate, usage: Usage) -> Result<(), PathProblem> {
    let has = |oid| {
        certificate
            .extended_key_usage()
            .is_some_and(|all| all.contains(&oid))
    };
    let any = certificate
        .extended_key_usage()
        .is_none_or(|all| all.contains(&oids::ANY_EXTENDED_KEY_USAGE));
    let bit = |name| certificate.key_usage().is_none_or(|usage| usage.has(name));
    let extensions = &certificate.fields().extensions;
    let allowed = match usage {
        // RFC 9336; a certificate for mail signs documents only with non-repudiation, which our machine mailboxes lack.
        Usage::DocumentSigning => {
            (any || has(oids::DOCUMENT_SIGNING)
                || has(oids::EMAIL_PROTECTION) && bit("nonRepudiation"))
                && (bit("digitalSignature") || bit("nonRepudiation"))
        }
        Usage::EmailProtection => {
            (any || has(oids::EMAIL_PROTECTION))
                && (bit("digitalSignature") || bit("nonRepudiation"))
        }
        Usage::TimeStamping => {
            extensions.extended_key_usage.as_deref() == Some(&[oids::TIME_STAMPING])
                && extensions.criticality(oids::EXTENDED_KEY_USAGE) == Some(true)
                && (bit("digitalSignature") || bit("nonRepudiation"))
        }
        Usage::OcspSigning => has(oids::OCSP_SIGNING) && bit("digitalSignature"),
        Usage::Tls => has(oids::SERVER_AUTH) && bit("digitalSignature"),
    };
    if allowed && !certificate.is_ca() {
        Ok(())
    } else {
        Err(PathProblem::WrongUsage {
            subject: certificate.subject_name().to_string(),
        })
    }
}

/// The rules of a chain from certificate to anchor, whose signatures are checked already.
fn rules(chain: &[&Certificate], at: i64, usage: Usage) -> Result<(), PathProblem> {
    let table = Table::built_in();
    for (depth, certificate) in chain.iter().enumerate() {
        let subject = || certificate.subject_name().to_string();
        if at < certificate.not_before() {
            return Err(PathProblem::NotYetValid {
                subject: subject(),
                not_before: certificate.not_before(),
            });
        }
        if !certificate.is_valid_at(at) {
            return Err(PathProblem::Expired {
                subject: subject(),
                not_after: certificate.not_after(),
            });
        }
        if !certificate.fields().extensions.unknown_critical.is_empty() {
            return Err(PathProblem::UnknownExtension { subject: subject() });
        }
        if let Some(issuer) = chain.get(depth + 1) {
            let accepted = KeyKind::of_spki(issuer.spki())
                .is_ok_and(|kind| table.may_accept(certificate.signature_algorithm(), kind, at));
            if !accepted {
                return Err(PathProblem::WeakAlgorithm { subject: subject() });
            }
        }
        if depth > 0 {
            may_issue(certificate, chain, depth, usage)?;
        }
    }
    Ok(())
}

fn may_issue(
    ca: &Certificate,
    chain: &[&Certificate],
    depth: usize,
    usage: Usage,
) -> Result<(), PathProblem> {
    let below = chain
        .iter()
        .take(depth)
        .skip(1)
        .filter(|certificate| !certificate.is_self_issued())
        .count() as u64;
    let wanted = match usage {
        Usage::DocumentSigning => [oids::DOCUMENT_SIGNING, oids::EMAIL_PROTECTION],
        Usage::EmailProtection => [oids::EMAIL_PROTECTION; 2],
        Usage::TimeStamping => [oids::TIME_STAMPING; 2],
        Usage::OcspSigning => [oids::OCSP_SIGNING; 2],
        Usage::Tls => [oids::SERVER_AUTH; 2],
    };
    let usages_allow = ca.extended_key_usage().is_none_or(|all| {
        all.contains(&oids::ANY_EXTENDED_KEY_USAGE) || wanted.iter().any(|oid| all.contains(oid))
    });
    let may = ca.is_ca()
        && ca.key_usage().is_none_or(|usage| usage.has("keyCertSign"))
        && ca.path_length().is_none_or(|most| below <= most)
        && usages_allow;
    if may {
        Ok(())
    } else {
        Err(PathProblem::MayNotIssue {
            subject: ca.subject_name().to_string(),
        })
    }
}
