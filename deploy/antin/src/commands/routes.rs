//! `antin routes`: every route with who may call it, for operators and for the authorization coverage test.

use crate::failure::{Failure, internal};
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
    let mut all: Vec<Route> = Vec::new();
    for routes in [
        platform::edge::routes::ROUTES,
        register::ROUTES,
        policies::ROUTES,
        idp::ROUTES,
        ca::ROUTES,
        mail_relay::ROUTES,
    ] {
        all.extend_from_slice(routes);
    }
    all.extend(register::admin::routes());
    all.extend(register::api::routes());
    all.sort_by_key(|r| (r.path, r.method));
    if arguments.json {
        let rows: Vec<_> = all.iter().map(|r| serde_json::json!({ "method": r.method, "path": r.path, "access": word(r.access) })).collect();
        println!(
            "{}",
            serde_json::to_string_pretty(&rows).map_err(internal("routes"))?
        );
    } else {
        for route in all {
            println!(
                "{:<7} {:<60} {}",
                route.method,
                route.path,
                word(route.access)
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}
