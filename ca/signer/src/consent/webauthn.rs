//! Verification of a passkey assertion over a challenge the signer computed itself.
//! Standard: WebAuthn Level 3 §7.2, steps 5 to 23 (no extensions are asked for).
//! It must never skip user verification, accept another origin or relying party, or a challenge that came with the request.

use super::assertion::Assertion;
use super::cose::CoseKey;
use crate::domain::{Refusal, RefusalCode};
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

/// The relying party, fixed when the process starts.
#[derive(Debug, Clone)]
pub struct RelyingParty {
    origins: Vec<String>,
    id_hash: [u8; 32],
}

impl RelyingParty {
    /// A relying party by its id and the origins of its pages.
    pub fn new(id: &str, origins: Vec<String>) -> Self {
        Self {
            origins,
            id_hash: Sha256::digest(id.as_bytes()).into(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
    top_origin: Option<String>,
}

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKUP_STATE: u8 = 0x10;
const ATTESTED_DATA: u8 = 0x40;
const EXTENSION_DATA: u8 = 0x80;

/// Verifies an assertion and returns the authenticator's new counter.
pub fn verify(
    relying_party: &RelyingParty,
    key: &CoseKey,
    challenge: &[u8; 32],
    last_counter: u32,
    assertion: &Assertion,
) -> Result<u32, Refusal> {
    use RefusalCode as Code;
    let refuse = |code, detail: &str| Err(Refusal::new(code, detail));
    if assertion.client_data_json.len() > 4096 || assertion.authenticator_data.len() > 4096 {
        return refuse(Code::Malformed, "client or authenticator data is too large");
    }
    let client: ClientData = serde_json::from_slice(&assertion.client_data_json)
        .map_err(|e| Refusal::new(Code::Malformed, format!("client data: {e}")))?;
    if client.kind != "webauthn.get" {
        return refuse(
            Code::AssertionType,
            "the client data is not of type webauthn.get",
        );
    }
    let expected = BASE64URL_NOPAD.encode(challenge);
    if !bool::from(expected.as_bytes().ct_eq(client.challenge.as_bytes())) {
        return refuse(
            Code::Challenge,
            "the challenge is not that of what is to be consented to",
        );
    }
    if !relying_party.origins.contains(&client.origin) {
        return refuse(Code::Origin, "the assertion was made on a foreign origin");
    }
    if client.cross_origin || client.top_origin.is_some() {
        return refuse(Code::Origin, "the assertion was made inside a foreign page");
    }
    let data = &assertion.authenticator_data;
    let Some((id_hash, rest)) = data.split_first_chunk::<32>() else {
        return refuse(Code::Malformed, "authenticator data is cut short");
    };
    let Some(([flags, counter @ ..], rest)) = rest.split_first_chunk::<5>() else {
        return refuse(Code::Malformed, "authenticator data is cut short");
    };
    if id_hash != &relying_party.id_hash {
        return refuse(
            Code::RelyingParty,
            "the assertion was made for another relying party",
        );
    }
    if flags & USER_PRESENT == 0 {
        return refuse(Code::UserPresence, "the authenticator saw nobody present");
    }
    if flags & USER_VERIFIED == 0 {
        return refuse(Code::UserVerification, "the authenticator verified nobody");
    }
    if flags & BACKUP_STATE != 0 && flags & BACKUP_ELIGIBLE == 0 {
        return refuse(Code::Malformed, "backup state without backup eligibility");
    }
    if flags & ATTESTED_DATA != 0 || (flags & EXTENSION_DATA != 0) == rest.is_empty() {
        return refuse(Code::Malformed, "authenticator data does not fit its flags");
    }
    let mut message = data.to_vec();
    message.extend_from_slice(&Sha256::digest(&*assertion.client_data_json));
    if !key.verifies(&message, &assertion.signature) {
        return refuse(
            Code::AssertionSignature,
            "the assertion's signature does not verify",
        );
    }
    let counter = u32::from_be_bytes(*counter);
    if (counter != 0 || last_counter != 0) && counter <= last_counter {
        return refuse(
            Code::AssertionCounter,
            "the authenticator's counter did not grow: it may be copied",
        );
    }
    Ok(counter)
}
