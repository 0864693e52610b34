//! Why a command failed, in words for the operator, with the exit code.

use std::process::ExitCode;

/// A failed command.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The configuration or an argument is wrong (exit 78, EX_CONFIG of sysexits.h).
    #[error("{0}")]
    Config(String),
    /// Input is wrong: a file that cannot be read, a row that is refused (exit 65).
    #[error("{0}")]
    Input(String),
    /// Something that must run does not: database, signer, port, another owner of the directory (exit 69).
    #[error("{0}")]
    Unavailable(String),
    /// A check said no: a broken log, a refused document (exit 1).
    #[error("{0}")]
    Refused(String),
    /// Our own fault (exit 70).
    #[error("{0}")]
    Internal(String),
}

impl Failure {
    /// Exit code of the process.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Failure::Refused(_) => 1,
            Failure::Input(_) => 65,
            Failure::Unavailable(_) => 69,
            Failure::Internal(_) => 70,
            Failure::Config(_) => 78,
        })
    }
}

/// Turns any error into an unavailable service, with what was being done in front.
pub fn unavailable<E: std::fmt::Display>(what: &str) -> impl Fn(E) -> Failure + '_ {
    move |error| Failure::Unavailable(format!("{what}: {error}"))
}

/// Turns any error into our own fault, with what was being done in front.
pub fn internal<E: std::fmt::Display>(what: &str) -> impl Fn(E) -> Failure + '_ {
    move |error| Failure::Internal(format!("{what}: {error}"))
}

/// Turns any error into refused input, with what was being done in front.
pub fn input<E: std::fmt::Display>(what: &str) -> impl Fn(E) -> Failure + '_ {
    move |error| Failure::Input(format!("{what}: {error}"))
}
