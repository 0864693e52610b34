//! What the tests of this service stand on: a small province, a browser, a software authenticator.

pub(crate) mod authenticator;
pub(crate) mod browser;
pub(crate) mod offices;
pub(crate) mod world;
