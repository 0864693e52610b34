//! Rules on who may know whom: the arrows of the house as data.

use crate::Breach;
use crate::tree::{Tree, before_tests};

/// Crate folder → our own crates it may name as dependencies.
const ARROWS: [(&str, &[&str]); 12] = [
    ("platform", &[]),
    ("policies/engine", &[]),
    ("ca/pki", &[]),
    ("policies/register", &["platform"]),
    ("ca/documents", &["pki"]),
    ("mail-relay/smime", &["pki"]),
    ("ca/signer", &["pki"]),
    ("policies", &["register", "engine", "platform"]),
    ("idp", &["policies", "register", "pki", "platform"]),
    (
        "ca",
        &[
            "policies",
            "register",
            "pki",
            "platform",
            "documents",
            "signer",
            "engine",
        ],
    ),
    (
        "mail-relay",
        &["policies", "register", "pki", "platform", "smime"],
    ),
    (
        "deploy/demo",
        &[
            "platform",
            "register",
            "policies",
            "engine",
            "pki",
            "documents",
            "signer",
        ],
    ),
];

const OURS: [&str; 13] = [
    "platform",
    "policies",
    "register",
    "engine",
    "idp",
    "ca",
    "pki",
    "documents",
    "signer",
    "mail-relay",
    "smime",
    "demo",
    "antin",
];

/// Names of the dependencies under `[dependencies]`.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut inside = false;
    let mut names = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.trim() == "[dependencies]";
        } else if inside && let Some((name, _)) = line.split_once(['=', '.']) {
            names.push(name.trim().to_owned());
        }
    }
    names
}

pub fn between_crates(tree: &Tree) -> Vec<Breach> {
    let mut found = Vec::new();
    for (folder, allowed) in ARROWS {
        let path = format!("{folder}/Cargo.toml");
        let Some(manifest) = tree.text(&path) else {
            found.push(Breach(format!("{path}: missing")));
            continue;
        };
        for name in dependencies(manifest) {
            if OURS.contains(&name.as_str()) && !allowed.contains(&name.as_str()) {
                found.push(Breach(format!("{path}: may not depend on {name}")));
            }
        }
    }
    found
}

/// Room → rooms of the same crate it may not name.
const ROOMS: [(&str, &[&str]); 6] = [
    (
        "domain",
        &["store", "flows", "http", "smtp", "wire", "jobs"],
    ),
    ("wire", &["http", "smtp", "jobs"]),
    ("store", &["flows", "http", "smtp", "wire", "jobs"]),
    ("flows", &["http", "smtp", "wire", "jobs"]),
    ("http", &["smtp"]),
    ("jobs", &["http", "smtp"]),
];

pub fn between_rooms(tree: &Tree) -> Vec<Breach> {
    let mut found = Vec::new();
    for (path, text) in tree.production() {
        let Some((_, inside)) = path.split_once("/src/") else {
            continue;
        };
        if path.starts_with("deploy/") || path.starts_with("platform/") {
            continue;
        }
        let room = inside
            .split('/')
            .next()
            .unwrap_or_default()
            .trim_end_matches(".rs");
        let Some((_, forbidden)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            continue;
        };
        for (number, line) in before_tests(text).lines().enumerate() {
            for other in *forbidden {
                if line.contains(&format!("crate::{other}")) && !line.trim_start().starts_with("//")
                {
                    found.push(Breach(format!(
                        "{path}:{}: {room} → {other}: {}",
                        number + 1,
                        line.trim()
                    )));
                }
            }
        }
    }
    found
}

pub fn signer_is_apart(tree: &Tree) -> Vec<Breach> {
    const APART: [&str; 8] = [
        "axum",
        "sqlx",
        "reqwest",
        "tower",
        "tower-http",
        "http",
        "platform",
        "lettre",
    ];
    let path = "ca/signer/Cargo.toml";
    dependencies(tree.text(path).unwrap_or_default())
        .into_iter()
        .filter(|name| APART.contains(&name.as_str()))
        .map(|name| Breach(format!("{path}: links {name}")))
        .collect()
}

/// Packages that must not be linked, by their lines in `cargo tree --prefix none`.
pub fn banned_packages(listing: &str) -> Vec<Breach> {
    listing
        .lines()
        .filter(|line| line.starts_with("ring v"))
        .map(|line| Breach(format!("linked: {line}")))
        .collect()
}

/// What the workspace links on this target (Cargo.lock also lists what no feature asks for).
pub fn linked_packages() -> String {
    let output = std::process::Command::new(env!("CARGO"))
        .args([
            "tree",
            "--locked",
            "--offline",
            "--workspace",
            "--prefix",
            "none",
            "-e",
            "normal,build,dev",
        ])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "cargo tree: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

pub fn time_is_an_argument(tree: &Tree) -> Vec<Breach> {
    // The ground floor reads them; the composition root and the demo hand them on; a client measures how long it waits.
    let words = [
        concat!("System", "Time::now"),
        concat!("Utc::", "now"),
        concat!("Timestamp::", "now"),
        concat!("Zoned::", "now"),
        concat!("getrandom", "::"),
        concat!("rand_", "bytes("),
    ];
    let mut found = Vec::new();
    for (path, text) in tree.production() {
        if path.starts_with("platform/") || path.starts_with("deploy/") {
            continue;
        }
        for (number, line) in before_tests(text).lines().enumerate() {
            if words.iter().any(|w| line.contains(w)) {
                found.push(Breach(format!("{path}:{}: {}", number + 1, line.trim())));
            }
        }
    }
    found
}
