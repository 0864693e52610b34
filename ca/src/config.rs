//! What the province sets for its certification service.

use serde::Deserialize;

/// Settings with their defaults.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `ST` of our certificates.
    pub state: String,
    /// `O` of our certificates.
    pub organisation: String,
    /// `OU` of our certificates; the demo says here that they have no legal value.
    pub organisational_unit: Option<String>,
    /// Address of the status service as certificates name it; our own status address when none.
    pub published_status_url: Option<String>,
    /// How long a revocation list is good, ms.
    pub list_lifetime: i64,
    /// How often a list is published though nothing was revoked, ms.
    pub list_interval: i64,
    /// How long a status answer is good, ms.
    pub status_lifetime: i64,
    /// Largest document, bytes.
    pub document_limit: usize,
    /// How long a request to sign waits for consent, ms.
    pub request_lifetime: i64,
    /// After how long a stored intent without outcome is given up, ms.
    pub intent_patience: i64,
    /// Documents a visitor may have verified each minute.
    pub verifications_per_minute: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            state: "Bình Định".into(),
            organisation: "Ủy ban nhân dân tỉnh Bình Định".into(),
            organisational_unit: None,
            published_status_url: None,
            list_lifetime: 24 * 3_600_000,
            list_interval: 12 * 3_600_000,
            status_lifetime: 60_000,
            document_limit: 32 << 20,
            request_lifetime: 15 * 60_000,
            intent_patience: 90_000,
            verifications_per_minute: 30,
        }
    }
}
