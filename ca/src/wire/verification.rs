//! The verification report in words and as JSON; the page, the API and the command say the same.

use crate::TEXTS;
use crate::domain::certificate::AnchorKind;
use crate::domain::verdict::{Answer, DocumentVerdict, Reason, Role, SignatureVerdict, Verdict};
use platform::clock::{format_instant, rfc3339};
use platform::i18n::{Lang, Tongue};
use serde::Serialize;

/// The report on a document.
#[derive(Debug, Clone, Serialize)]
pub struct Document {
    /// Intact?
    pub whole: bool,
    /// Certificates good?
    pub trusted: bool,
    /// People allowed?
    pub allowed: bool,
    /// The same with reasons.
    pub verdicts: Verdicts,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Title in the file.
    pub title: Option<String>,
    /// Number entered.
    pub number: Option<String>,
    /// Date entered.
    pub date: Option<String>,
    /// When it was checked, RFC 3339.
    pub checked_at: String,
    /// Whether the register was asked.
    pub asked_authority: bool,
    /// Signatures, oldest first.
    pub signatures: Vec<Signature>,
}

/// The three answers.
#[derive(Debug, Clone, Serialize)]
pub struct Verdicts {
    /// Intact?
    pub whole: Said,
    /// Certificates good?
    pub trusted: Said,
    /// People allowed?
    pub allowed: Said,
}

/// One answer with its reasons.
#[derive(Debug, Clone, Serialize)]
pub struct Said {
    /// `yes`, `no`, `unknown`.
    pub answer: &'static str,
    /// Codes.
    pub codes: Vec<&'static str>,
    /// Sentences.
    pub reasons: Vec<String>,
}

/// One signature.
#[derive(Debug, Clone, Serialize)]
pub struct Signature {
    /// Form field.
    pub field: String,
    /// `person`, `seal`, `foreign`.
    pub role: &'static str,
    /// Subject.
    pub signer: String,
    /// Title in the certificate.
    pub title: Option<String>,
    /// Organisation in the certificate.
    pub organisation: Option<String>,
    /// Serial, hex.
    pub serial: Option<String>,
    /// Anchor reached.
    pub anchor: Option<String>,
    /// `own`, `public_duty`, `public`.
    pub anchor_kind: Option<&'static str>,
    /// What the law calls it.
    pub legal_name: Option<&'static str>,
    /// Proven time, RFC 3339.
    pub time_stamp: Option<String>,
    /// The same in words.
    pub time_words: String,
    /// Capacity.
    pub capacity: Option<String>,
    /// Post, by id.
    pub post: Option<String>,
    /// Basis ids.
    pub basis: Vec<String>,
    /// Block lines.
    pub block_lines: Vec<String>,
    /// Clause.
    pub clause: Option<String>,
    /// Decision, by id.
    pub decision: Option<String>,
    /// Whether the person's consent is inside.
    pub consent: bool,
    /// Whether it covers the whole file.
    pub covers_document: bool,
    /// Intact?
    pub whole: Said,
    /// Certificate good?
    pub trusted: Said,
    /// Person allowed?
    pub allowed: Said,
}

impl Document {
    /// The report in a language.
    pub fn of(verdict: &DocumentVerdict, lang: Lang) -> Self {
        let t = Tongue::new(lang, &TEXTS);
        Self {
            whole: verdict.whole.answer == Answer::Yes,
            trusted: verdict.trusted.answer == Answer::Yes,
            allowed: verdict.allowed.answer == Answer::Yes,
            verdicts: Verdicts {
                whole: said(&t, &verdict.whole),
                trusted: said(&t, &verdict.trusted),
                allowed: said(&t, &verdict.allowed),
            },
            sha256: verdict.sha256.clone(),
            title: verdict.title.clone(),
            number: verdict.number.clone(),
            date: verdict.date.clone(),
            checked_at: rfc3339(verdict.at),
            asked_authority: verdict.asked_authority,
            signatures: verdict
                .signatures
                .iter()
                .map(|signature| Signature::of(&t, signature))
                .collect(),
        }
    }
}

impl Signature {
    fn of(t: &Tongue, signature: &SignatureVerdict) -> Self {
        Self {
            field: signature.field.clone(),
            role: signature.role.word(),
            signer: signature.signer.clone(),
            title: signature.title.clone(),
            organisation: signature.organisation.clone(),
            serial: signature.serial.clone(),
            anchor: signature.anchor.clone(),
            anchor_kind: signature.anchor_kind.map(AnchorKind::word),
            legal_name: signature.anchor_kind.map(AnchorKind::signature_name),
            time_stamp: signature.stamped_at.map(rfc3339),
            time_words: signature
                .stamped_at
                .map_or_else(|| t.text("no-proven-time"), format_instant),
            capacity: signature.capacity.clone(),
            post: signature.post.clone(),
            basis: signature.basis.clone(),
            block_lines: signature.block.clone(),
            clause: signature.clause.clone(),
            decision: signature.decision.clone(),
            consent: signature.consented,
            covers_document: signature.covers_document,
            whole: said(t, &signature.whole),
            trusted: said(t, &signature.trusted),
            allowed: said(t, &signature.allowed),
        }
    }

    /// Whether it is a seal.
    pub fn is_seal(&self) -> bool {
        self.role == Role::Seal.word()
    }
}

fn said(t: &Tongue, verdict: &Verdict) -> Said {
    Said {
        answer: verdict.answer.word(),
        codes: verdict.reasons.iter().map(|reason| reason.code).collect(),
        reasons: verdict
            .reasons
            .iter()
            .map(|reason| sentence(t, reason))
            .collect(),
    }
}

/// One reason as a sentence.
pub fn sentence(t: &Tongue, reason: &Reason) -> String {
    let values: Vec<(&'static str, String)> = reason
        .values
        .iter()
        .map(|(name, value)| match *name {
            "kind" => (
                "kind",
                t.text(&format!("anchor-{}", value.replace('_', "-"))),
            ),
            "finding" => (
                "finding",
                t.text(&format!("finding-{}", value.replace('_', "-"))),
            ),
            _ => (*name, value.clone()),
        })
        .collect();
    t.with(
        &format!("reason-{}", reason.code.replace('_', "-")),
        &values,
    )
}
