//! The store: a directory of its own with sealed keys and the journal whose lines add up to the state.

pub(crate) mod copy;
mod keys;
mod sealing;
mod state;

pub use keys::StoreError;
pub use state::{State, Store};
