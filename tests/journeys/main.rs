//! The main job seen from outside: a running demo province judged by foreign tools and a real browser.
//! Standard: each module names its own
//! It must never believe the program about itself: verdicts come from openssl, pdfsig, pyHanko, swaks, Chromium and axe.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod bad_input;
mod commands;
mod day;
mod emergency;
mod letters;
mod lists;
mod mail;
mod mandates;
mod moves;
mod operations;
mod own_province;
mod pages;
mod papers;
mod register_api;
mod reorganisation;
mod routes;
mod status;
