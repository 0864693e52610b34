//! What the interface is asked to do: the same acts as the forms. Texts are tidied at the door, instants are RFC 3339.

use platform::clock::parse_rfc3339;
use serde::Deserialize;

use crate::domain::attributes::Draft;
use crate::domain::text::tidy;

/// An instant, UTC ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instant(pub i64);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_rfc3339(&text)
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("not an RFC 3339 instant with offset"))
    }
}

/// Number and date of the decision, or a reason: never empty, at most 300 letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told(pub String);

impl<'de> Deserialize<'de> for Told {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = tidy(&String::deserialize(deserializer)?);
        if text.is_empty() || text.chars().count() > 300 {
            return Err(serde::de::Error::custom("must have 1 to 300 letters"));
        }
        Ok(Self(text))
    }
}

/// An id: letters, digits and an underscore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Id(pub String);

/// Whether a text has the form of an id, so that nothing else reaches a statement.
pub fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if is_id(&text) {
            Ok(Self(text))
        } else {
            Err(serde::de::Error::custom("not an id"))
        }
    }
}

/// A new person.
#[derive(Debug, Deserialize)]
pub struct NewPerson {
    /// What names the person.
    #[serde(flatten)]
    pub draft: Draft,
    /// The agency for which the address stands.
    pub agency: Option<Id>,
    /// The decision behind it.
    pub basis: Told,
}

/// A correction.
#[derive(Debug, Deserialize)]
pub struct Correction {
    /// Every attribute as it should be.
    #[serde(flatten)]
    pub draft: Draft,
    /// The decision behind it.
    pub basis: Told,
}

/// An appointment to be recorded.
#[derive(Debug, Deserialize)]
pub struct NewAppointment {
    /// Who.
    pub person: Id,
    /// To which post.
    pub post: Id,
    /// `full`, `acting`, `in_charge`, `concurrent`.
    pub kind: String,
    /// First instant.
    pub from: Instant,
    /// First instant after it.
    pub to: Option<Instant>,
    /// The decision behind it.
    pub basis: Told,
}

/// An end to be recorded.
#[derive(Debug, Deserialize)]
pub struct End {
    /// First instant after it.
    pub at: Instant,
    /// The decision behind it.
    pub basis: Told,
}

/// A suspension to be recorded.
#[derive(Debug, Deserialize)]
pub struct NewSuspension {
    /// First instant.
    pub from: Instant,
    /// First instant after it.
    pub to: Option<Instant>,
    /// Why.
    pub reason: Told,
    /// The decision behind it.
    pub basis: Told,
}

/// An assignment to be recorded.
#[derive(Debug, Deserialize)]
pub struct NewAssignment {
    /// `field` or `seal_custody`.
    pub kind: String,
    /// To which post.
    pub post: Id,
    /// Over which agency; the post's own when it is left out.
    pub agency: Option<Id>,
    /// The field of work.
    pub field: Option<Told>,
    /// First instant.
    pub from: Instant,
    /// First instant after it.
    pub to: Option<Instant>,
    /// The decision behind it.
    pub basis: Told,
}
