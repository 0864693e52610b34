//! The three verdicts (whole, trusted, allowed), each with reasons that the pages and the command put into words.

use crate::domain::certificate::AnchorKind;

/// An answer to one of the three questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Yes,
    /// No.
    No,
    /// It cannot be said from what is known here.
    Unknown,
}

impl Answer {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }

    /// The worst of two: no, then unknown, then yes.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            _ => Self::Yes,
        }
    }
}

/// Why, as a key of the text files with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Stable code; the text is `reason-<code>`.
    pub code: &'static str,
    /// Values named in the text.
    pub values: Vec<(&'static str, String)>,
}

impl Reason {
    /// A reason without values.
    pub fn plain(code: &'static str) -> Self {
        Self {
            code,
            values: Vec::new(),
        }
    }

    /// Adds a value.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.push((name, value.into()));
        self
    }
}

/// One verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The answer.
    pub answer: Answer,
    /// Why; never empty.
    pub reasons: Vec<Reason>,
}

impl Verdict {
    /// Yes, because.
    pub fn yes(reason: Reason) -> Self {
        Self {
            answer: Answer::Yes,
            reasons: vec![reason],
        }
    }

    /// No, because.
    pub fn no(reason: Reason) -> Self {
        Self {
            answer: Answer::No,
            reasons: vec![reason],
        }
    }

    /// It cannot be said, because.
    pub fn unknown(reason: Reason) -> Self {
        Self {
            answer: Answer::Unknown,
            reasons: vec![reason],
        }
    }

    /// Joins verdicts on the same question: the worst answer, with the reasons of that answer.
    pub fn joined(verdicts: &[Self], empty: Self) -> Self {
        let Some(answer) = verdicts.iter().map(|v| v.answer).reduce(Answer::and) else {
            return empty;
        };
        let mut reasons: Vec<Reason> = Vec::new();
        for reason in verdicts
            .iter()
            .filter(|v| v.answer == answer)
            .flat_map(|v| &v.reasons)
        {
            if !reasons.contains(reason) {
                reasons.push(reason.clone());
            }
        }
        Self { answer, reasons }
    }
}

/// What a signature is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A person's, with capacity.
    Person,
    /// A body's seal.
    Seal,
    /// Without our attributes: somebody else's system.
    Foreign,
}

impl Role {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Seal => "seal",
            Self::Foreign => "foreign",
        }
    }
}

/// What is known about one signature.
#[derive(Debug, Clone)]
pub struct SignatureVerdict {
    /// Form field it stands in.
    pub field: String,
    /// What it is.
    pub role: Role,
    /// Subject's common name.
    pub signer: String,
    /// Subject's title, if the certificate states one.
    pub title: Option<String>,
    /// Subject's organisation.
    pub organisation: Option<String>,
    /// Serial of the certificate, hex.
    pub serial: Option<String>,
    /// Name of the anchor reached.
    pub anchor: Option<String>,
    /// Under what law the anchor stands.
    pub anchor_kind: Option<AnchorKind>,
    /// Proven time (time stamp), or none.
    pub stamped_at: Option<i64>,
    /// Time the checks are made for: the proven one, else now.
    pub checked_at: i64,
    /// Capacity in the signed attribute.
    pub capacity: Option<String>,
    /// Post in the signed attribute, by id.
    pub post: Option<String>,
    /// Basis ids in the signed attribute.
    pub basis: Vec<String>,
    /// Block lines of the recorded decision.
    pub block: Vec<String>,
    /// Clause of the recorded decision.
    pub clause: Option<String>,
    /// Decision used, by id.
    pub decision: Option<String>,
    /// Whether a consent of the person is inside.
    pub consented: bool,
    /// SHA-256 of the signature value, hex.
    pub value_sha256: Option<String>,
    /// Whether it covers the whole file.
    pub covers_document: bool,
    /// Intact?
    pub whole: Verdict,
    /// Certificate good at that time?
    pub trusted: Verdict,
    /// Person allowed at that time?
    pub allowed: Verdict,
}

/// The whole answer.
#[derive(Debug, Clone)]
pub struct DocumentVerdict {
    /// SHA-256 of the file, hex.
    pub sha256: String,
    /// Title found in the file.
    pub title: Option<String>,
    /// Number entered.
    pub number: Option<String>,
    /// Date entered.
    pub date: Option<String>,
    /// When it was checked.
    pub at: i64,
    /// Whether authority was asked at all (not without the register).
    pub asked_authority: bool,
    /// Intact?
    pub whole: Verdict,
    /// Signatures good?
    pub trusted: Verdict,
    /// Persons allowed?
    pub allowed: Verdict,
    /// One by one, oldest first.
    pub signatures: Vec<SignatureVerdict>,
}

impl DocumentVerdict {
    /// Whether all three are yes.
    pub fn good(&self) -> bool {
        [&self.whole, &self.trusted, &self.allowed]
            .iter()
            .all(|v| v.answer == Answer::Yes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_refusal_outweighs_any_number_of_good_answers() {
        let yes = Verdict::yes(Reason::plain("good"));
        let no = Verdict::no(Reason::plain("bad").with("who", "x"));
        let unknown = Verdict::unknown(Reason::plain("offline"));
        let joined = Verdict::joined(&[yes.clone(), no.clone(), unknown.clone()], yes.clone());
        assert_eq!(joined, no);
        assert_eq!(
            Verdict::joined(&[yes.clone(), unknown.clone()], yes.clone()).answer,
            Answer::Unknown
        );
        assert_eq!(Verdict::joined(&[], no.clone()), no, "nothing is not yes");
    }
}
