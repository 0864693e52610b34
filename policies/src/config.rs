//! What a province may set about handing over.

use serde::Deserialize;

/// The settings of this service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The longest a paper may be handed over for, in days.
    pub longest_handover_days: i64,
    /// The longest other authority may be given for, in days; where the law asks for no end, none is needed.
    pub longest_mandate_days: i64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            longest_handover_days: 31,
            longest_mandate_days: 5 * 365,
        }
    }
}
