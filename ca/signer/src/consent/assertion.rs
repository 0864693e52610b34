//! A passkey assertion as the browser hands it over.
//! Standard: WebAuthn Level 3 §5.1 (AuthenticationResponseJSON), §5.8.1 (client data), §6.1 (authenticator data).
//! It must never trust a member here before `webauthn::verify` has.

use crate::domain::Bytes;
use serde::{Deserialize, Serialize};

/// The four parts of an assertion that verification needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assertion {
    /// Which credential.
    pub credential_id: Bytes,
    /// Authenticator data, raw.
    pub authenticator_data: Bytes,
    /// Client data, the exact JSON bytes of the browser.
    pub client_data_json: Bytes,
    /// Signature over authenticator data ‖ SHA-256(client data).
    pub signature: Bytes,
}

/// Why a browser's answer is not an assertion.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an assertion of a public-key credential: {0}")]
pub struct AssertionError(String);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BrowserAssertion {
    raw_id: Bytes,
    #[serde(rename = "type")]
    kind: String,
    response: BrowserResponse,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BrowserResponse {
    authenticator_data: Bytes,
    #[serde(rename = "clientDataJSON")]
    client_data_json: Bytes,
    signature: Bytes,
}

impl Assertion {
    /// Reads an AuthenticationResponseJSON.
    pub fn from_browser(credential: &serde_json::Value) -> Result<Self, AssertionError> {
        let read =
            BrowserAssertion::deserialize(credential).map_err(|e| AssertionError(e.to_string()))?;
        if read.kind != "public-key" {
            return Err(AssertionError(format!("type {}", read.kind)));
        }
        Ok(Self {
            credential_id: read.raw_id,
            authenticator_data: read.response.authenticator_data,
            client_data_json: read.response.client_data_json,
            signature: read.response.signature,
        })
    }
}
