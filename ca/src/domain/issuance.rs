//! Issuance as types: Requested → Prepared → Linted → Approved → Signed; nothing unlinted can be signed.

use crate::domain::certificate::Holder;
use pki::issue::Issuer;
use pki::profile::Profile;

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
    tbs: pki::issue::Prepared,
}

/// Passed by the linter.
#[derive(Debug, Clone)]
pub struct Linted {
    requested: Requested,
    serial: Vec<u8>,
    tbs: pki::issue::Linted,
}

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
    pub fn prepared(self, serial: Vec<u8>, tbs: pki::issue::Prepared) -> Prepared {
        Prepared {
            requested: self,
            serial,
            tbs,
        }
    }
}

impl Prepared {
    /// Goes on only when the linter finds nothing.
    pub fn linted(self, profile: &Profile, issuer: &Issuer) -> Result<Linted, LintRefusal> {
        let tbs = pki::lint::lint(self.tbs, profile, issuer)
            .map_err(|found| LintRefusal(found.iter().map(ToString::to_string).collect()))?;
        Ok(Linted {
            requested: self.requested,
            serial: self.serial,
            tbs,
        })
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
        &self.linted.requested
    }

    /// Serial number.
    pub fn serial(&self) -> &[u8] {
        &self.linted.serial
    }

    /// Bytes to sign: the very bytes that were linted.
    pub fn tbs(&self) -> &[u8] {
        self.linted.tbs.tbs()
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
