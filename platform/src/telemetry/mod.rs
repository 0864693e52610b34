//! What operators see: log lines (JSON or for people), measures in the text format of Prometheus, what the process uses.
pub mod measures;
pub mod usage;

pub use measures::Measures;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// For collectors.
    Json,
}

/// Starts logging to standard error. `filter` is in the syntax of `RUST_LOG`, e.g. `info,platform=debug`.
/// A second call in one process changes nothing and says so.
pub fn start(format: Format, filter: &str) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| format!("log filter: {error}"))?;
    let base = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match format {
        Format::Human => base.with_target(false).finish().try_init(),
        Format::Json => base.json().flatten_event(true).finish().try_init(),
    }
    .map_err(|error| error.to_string())
}
