//! Signs a certificate whose to-be-signed bytes fit a profile loaded at start.
//! Standard: RFC 5280 §4.1; the profiles in ca/profiles, judged by pki::lint.
//! It must never sign under a profile of the Government CA's class, nor give a CA's, responder's or time-stamper's certificate to a key that is not one here.

use super::{Signer, malformed, sha256};
use crate::domain::{Bytes, KeyInfo, Purpose, Refusal, RefusalCode};
use crate::journal::{Artefact, Event};
use crate::store::State;
use pki::asn1::write;
use pki::issue::Issuer;
use pki::lint::{Finding, TbsFacts, fits_profile, fits_profile_under};
use pki::names::AlternativeName;
use pki::profile::{Class, Profile};
use pki::signing::Signer as _;

impl Signer {
    /// Signs a certificate; gives the whole of it.
    pub fn sign_certificate(
        &self,
        key: &str,
        profile: &str,
        tbs: &Bytes,
    ) -> Result<Vec<u8>, Refusal> {
        let info = self.key(key, Purpose::is_ca)?;
        let profile = self.profiles.get(profile).ok_or_else(|| {
            Refusal::new(
                RefusalCode::UnknownProfile,
                "no profile of this name was loaded at start",
            )
        })?;
        if profile.class() != Class::Own {
            return Err(Refusal::new(
                RefusalCode::ProfileMismatch,
                "certificates of this class are issued by the Government CA, not here",
            ));
        }
        let facts = fits_profile(tbs, profile).map_err(|findings| not_fitting(&findings))?;
        if !profile.may_begin_at(facts.not_before, self.now()) {
            return Err(Refusal::new(
                RefusalCode::Clock,
                "the certificate would begin too far from now",
            ));
        }
        let signer = self.signing(&info)?;
        let issuer = self.issuer(&info, &facts, &signer)?;
        if facts.issuer != issuer.name() || facts.algorithm != issuer.algorithm() {
            return Err(Refusal::new(
                RefusalCode::IssuerMismatch,
                "the certificate names another issuer or algorithm",
            ));
        }
        fits_profile_under(tbs, profile, &issuer).map_err(|findings| not_fitting(&findings))?;
        subject_may_have(&self.store.state(), &info, &facts, profile)?;
        let signature = signer.sign(tbs)?;
        self.store.commit(self.now(), |_| {
            Ok(Event::Signed {
                key: key.to_owned(),
                what: Artefact::Certificate {
                    profile: profile.name().to_owned(),
                },
                tbs_sha256: sha256(tbs),
            })
        })?;
        Ok(write::sequence(&[
            tbs.0.clone(),
            signer.algorithm().to_der(),
            write::bits(&signature),
        ]))
    }

    fn issuer(
        &self,
        info: &KeyInfo,
        facts: &TbsFacts,
        signer: &pki::signing::OpensslSigner,
    ) -> Result<Issuer, Refusal> {
        let issuer = if info.certificate.is_some() {
            Issuer::of(&self.certificate(info)?)
        } else if info.purpose == Purpose::CaRoot && facts.spki == info.public_key.0 {
            Issuer::itself(&facts.subject, &info.public_key, signer.algorithm())
        } else {
            return Err(Refusal::new(
                RefusalCode::NoCertificate,
                "this CA has no certificate yet",
            ));
        };
        issuer.map_err(|error| malformed(error.to_string()))
    }
}

fn not_fitting(findings: &[Finding]) -> Refusal {
    let all: Vec<String> = findings.iter().map(ToString::to_string).collect();
    Refusal::new(RefusalCode::ProfileMismatch, all.join("; "))
}

/// Which kinds of our own keys the profile may be for.
fn subject_may_have(
    state: &State,
    ca: &KeyInfo,
    facts: &TbsFacts,
    profile: &Profile,
) -> Result<(), Refusal> {
    let refuse = |detail: &str| Err(Refusal::new(RefusalCode::ProfileMismatch, detail));
    if ca.purpose == Purpose::CaRoot && !facts.is_ca && profile.name() != "ocsp" {
        return refuse("the root signs CAs and its OCSP responder only");
    }
    if ca.purpose == Purpose::CaIssuing && facts.is_ca {
        return refuse("an issuing CA does not make CAs");
    }
    let subject = state.key_of(&facts.spki).map(|record| &record.info.purpose);
    let fits = match profile.name() {
        "root" => subject == Some(&Purpose::CaRoot),
        _ if facts.is_ca => subject == Some(&Purpose::CaIssuing),
        "ocsp" => subject == Some(&Purpose::Ocsp),
        "tsa" => subject == Some(&Purpose::Tsa),
        "mailbox" => match subject {
            None => true,
            Some(Purpose::Mailbox { address }) => facts.alternative_names.iter().any(|name| {
                matches!(name, AlternativeName::Email(email) if email.eq_ignore_ascii_case(address))
            }),
            Some(_) => false,
        },
        _ => subject.is_none(),
    };
    if fits {
        Ok(())
    } else {
        refuse("this profile is not for this key")
    }
}
