//! `antin routes`: every route with who may call it, for operators and for the authorization coverage test.

use crate::failure::{Failure, internal};
use crate::wire_up;
use platform::edge::routes::{Access, Route};
use std::process::ExitCode;

/// How.
#[derive(clap::Args)]
pub struct Arguments {
    /// JSON instead of lines.
    #[arg(long)]
    json: bool,
}

fn word(access: Access) -> &'static str {
    match access {
        Access::Public => "public",
        Access::SignedIn => "signed_in",
        Access::Bearer(_) => "bearer",
        Access::Client => "client",
        Access::Registrar => "registrar",
        Access::Local => "local",
    }
}

/// Lists.
pub fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let mut all: Vec<Route> = wire_up::routes();
    all.sort_by_key(|r| (r.path, r.method));
    if arguments.json {
        let rows: Vec<_> = all.iter().map(|r| serde_json::json!({ "method": r.method, "path": r.path, "access": word(r.access), "lane": r.lane.word() })).collect();
        println!(
            "{}",
            serde_json::to_string_pretty(&rows).map_err(internal("routes"))?
        );
    } else {
        for route in all {
            println!(
                "{:<7} {:<60} {:<10} {}",
                route.method,
                route.path,
                word(route.access),
                route.lane.word()
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}
