//! The HTTP edge: listener, limits, headers, assets, form tokens and the list of routes with who may call them.
//! Standard: RFC 9110, CSP Level 3, RFC 6265bis.
//! It must never let a page run a script that is not ours or send a form to an origin nobody registered.
pub mod assets;
pub mod cookies;
pub mod csrf;
pub mod gate;
pub mod headers;
pub mod routes;
pub mod serve;

#[cfg(test)]
mod tests;

pub use csrf::CsrfForm;
pub use gate::Gate;
pub use routes::{Access, Lane, Route};
pub use serve::{finish, finish_status, serve};
