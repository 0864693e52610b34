//! Issuance as types: Requested → Prepared → Linted → Approved → Signed; nothing unlinted can be signed.

use crate::domain::certificate::Holder;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Requested {
    /// Id of the issuance.
    pub id: String,
    /// Issuing authority.
    pub issuer: String,
    /// Name of the profile.
    pub profile: String,
    /// Whose certificate.
    pub holder: Holder,
    /// The appointment or assignment it rests on.
    pub rests_on: Option<String>,
    /// Key in the signer, if it holds it.
    pub key_id: Option<String>,
    /// Mail address in the certificate.
    pub email: Option<String>,
}

/// With its to-be-signed bytes.
#[derive(Debug, Clone)]
pub struct Prepared {
    requested: Requested,
    serial: Vec<u8>,
    tbs: Vec<u8>,
}

/// Passed by the linter.
#[derive(Debug, Clone)]
pub struct Linted(Prepared);

/// Approved by a registrar or by the ceremony.
#[derive(Debug, Clone)]
pub struct Approved {
    linted: Linted,
    approved_by: String,
}

/// What the linter objected to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the linter refuses: {0:?}")]
pub struct LintRefusal(pub Vec<String>);

impl Requested {
    /// Adds serial and to-be-signed bytes.
    pub fn prepared(self, serial: Vec<u8>, tbs: Vec<u8>) -> Prepared {
        Prepared {
            requested: self,
            serial,
            tbs,
        }
    }
}

impl Prepared {
    /// The bytes the linter must look at.
    pub fn tbs(&self) -> &[u8] {
        &self.tbs
    }

    /// Goes on only when the linter found nothing.
    pub fn linted(self, errors: Vec<String>) -> Result<Linted, LintRefusal> {
        if errors.is_empty() {
            Ok(Linted(self))
        } else {
            Err(LintRefusal(errors))
        }
    }
}

impl Linted {
    /// Records who approved.
    pub fn approved(self, approved_by: String) -> Approved {
        Approved {
            linted: self,
            approved_by,
        }
    }
}

impl Approved {
    /// The request underneath.
    pub fn requested(&self) -> &Requested {
        &self.linted.0.requested
    }

    /// Serial number.
    pub fn serial(&self) -> &[u8] {
        &self.linted.0.serial
    }

    /// Bytes to sign: the very bytes that were linted.
    pub fn tbs(&self) -> &[u8] {
        &self.linted.0.tbs
    }

    /// Who approved.
    pub fn approved_by(&self) -> &str {
        &self.approved_by
    }
}

/// Where a stored issuance stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssuanceState {
    /// Intent stored; the key may have signed or not.
    Approved,
    /// The certificate is in the table.
    Signed,
    /// Given up; its serial is answered as revoked.
    Abandoned,
}

impl IssuanceState {
    /// The word kept in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Signed => "signed",
            Self::Abandoned => "abandoned",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_with_a_lint_error_can_never_be_approved() {
        let requested = Requested {
            id: "iss_1".into(),
            issuer: "issuing".into(),
            profile: "mailbox".into(),
            holder: Holder::Mailbox("a@b.test".into()),
            rests_on: None,
            key_id: None,
            email: None,
        };
        let prepared = requested.prepared(vec![1], vec![2]);
        assert!(prepared.clone().linted(vec!["no".into()]).is_err());
        let approved = prepared.linted(vec![]).unwrap().approved("psn_1".into());
        assert_eq!(approved.tbs(), [2], "what was linted is what is signed");
    }
}
