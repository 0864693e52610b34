//! What the decision point says of itself.
//! Standard: OpenID AuthZEN Authorization API 1.0 §9 (metadata)
//! It must never name an endpoint that is not there, nor an address from anywhere but the configuration.

use serde::Serialize;

/// Policy decision point metadata (§9.1).
#[derive(Debug, Serialize)]
pub struct Metadata {
    policy_decision_point: String,
    access_evaluation_endpoint: String,
    access_evaluations_endpoint: String,
    search_subject_endpoint: String,
    search_resource_endpoint: String,
    search_action_endpoint: String,
}

impl Metadata {
    /// Under the configured origin.
    pub fn under(origin: String) -> Self {
        let at = |path: &str| format!("{origin}/access/v1/{path}");
        Self {
            access_evaluation_endpoint: at("evaluation"),
            access_evaluations_endpoint: at("evaluations"),
            search_subject_endpoint: at("search/subject"),
            search_resource_endpoint: at("search/resource"),
            search_action_endpoint: at("search/action"),
            policy_decision_point: origin,
        }
    }
}
