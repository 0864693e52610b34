//! Signs a revocation list of a CA.
//! Standard: RFC 5280 §5.1, §5.2.1 (authority key identifier), §5.2.3 (the number grows).
//! It must never sign a list whose number does not grow or that names another issuer.

use super::{Signer, malformed, sha256};
use crate::domain::{Bytes, Purpose, Refusal, RefusalCode};
use crate::journal::{Artefact, Event};
use pki::crl;
use pki::issue::Issuer;
use pki::signing::Signer as _;

const HOUR: i64 = 3_600_000;
/// Longest life of a list: of an issuing CA 31 days, of the root a year.
const LONGEST: i64 = 31 * 24 * HOUR;
const LONGEST_OF_ROOT: i64 = 366 * 24 * HOUR;

impl Signer {
    /// Signs a CRL; gives the whole of it.
    pub fn sign_crl(&self, key: &str, tbs: &Bytes) -> Result<Vec<u8>, Refusal> {
        let info = self.key(key, Purpose::is_ca)?;
        let certificate = self.certificate(&info)?;
        let issuer = Issuer::of(&certificate).map_err(|error| malformed(error.to_string()))?;
        let list = crl::parse_tbs(tbs).map_err(|error| malformed(error.to_string()))?;
        if list.issuer != issuer.name()
            || list.authority_key_id.as_deref() != Some(issuer.key_id())
            || list.algorithm() != issuer.algorithm()
        {
            return Err(Refusal::new(
                RefusalCode::IssuerMismatch,
                "the list names another issuer, key or algorithm",
            ));
        }
        let now = self.now();
        let longest = if info.purpose == Purpose::CaRoot {
            LONGEST_OF_ROOT
        } else {
            LONGEST
        };
        let fresh = (now - HOUR..=now + 60_000).contains(&list.this_update);
        let ends = list
            .next_update
            .is_some_and(|next| next > now && next <= now.saturating_add(longest));
        if !fresh || !ends {
            return Err(Refusal::new(
                RefusalCode::Clock,
                "thisUpdate or nextUpdate is too far from now",
            ));
        }
        let number = list
            .number()
            .ok_or_else(|| malformed("the list has no number that fits 64 bits"))?;
        let signature = self.signing(&info)?.sign(tbs)?;
        let whole = crl::assemble(tbs, &issuer, &signature)
            .map_err(|error| malformed(error.to_string()))?;
        self.store.commit(now, |state| {
            if state
                .key(key)?
                .crl_number
                .is_some_and(|last| number <= last)
            {
                return Err(Refusal::new(
                    RefusalCode::NotMonotonic,
                    "the number of the list does not grow",
                ));
            }
            Ok(Event::Signed {
                key: key.to_owned(),
                what: Artefact::Crl { number },
                tbs_sha256: sha256(tbs),
            })
        })?;
        Ok(whole)
    }
}
