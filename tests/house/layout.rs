//! Rules on files: length, opening comments, names, left-overs.

use crate::Breach;
use crate::tree::{Tree, before_tests};

/// Rust files hold at most this many lines.
const LONGEST: usize = 500;

pub fn short_files(tree: &Tree) -> Vec<Breach> {
    tree.rust()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(path, lines)| Breach(format!("{path}: {lines} lines")))
        .collect()
}

pub fn median_lines(tree: &Tree) -> usize {
    let mut all: Vec<usize> = tree.rust().map(|(_, text)| text.lines().count()).collect();
    all.sort_unstable();
    all[all.len() / 2]
}

pub fn opening_comment(tree: &Tree) -> Vec<Breach> {
    tree.rust()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| Breach(format!("{path}: does not open with //!")))
        .collect()
}

pub fn three_lines(tree: &Tree) -> Vec<Breach> {
    tree.production()
        .filter(|(path, _)| {
            path.ends_with("src/lib.rs") || (path.contains("/flows/") && !path.ends_with("/mod.rs"))
        })
        .filter(|(_, text)| {
            let head: Vec<&str> = text.lines().take_while(|l| l.starts_with("//!")).collect();
            head.len() < 3
                || !head.iter().any(|l| l.contains("Standard:"))
                || !head.iter().any(|l| l.to_lowercase().contains("never"))
        })
        .map(|(path, _)| {
            Breach(format!(
                "{path}: needs three opening lines: what for, “Standard: …”, what it must never do"
            ))
        })
        .collect()
}

pub fn plain_names(tree: &Tree) -> Vec<Breach> {
    const EMPTY: [&str; 9] = [
        "util", "utils", "helper", "helpers", "common", "misc", "manager", "managers", "stuff",
    ];
    tree.rust()
        .filter(|(path, _)| {
            path.trim_end_matches(".rs").split('/').any(|part| {
                EMPTY.contains(&part)
                    || part.ends_with("_manager")
                    || part.ends_with("_helper")
                    || part.ends_with("_util")
            })
        })
        .map(|(path, _)| Breach(format!("{path}: a name that says nothing")))
        .collect()
}

pub fn plain_functions(tree: &Tree) -> Vec<Breach> {
    let mut found = Vec::new();
    for (path, text) in tree.production() {
        for (number, line) in before_tests(text).lines().enumerate() {
            for prefix in ["fn get_", "fn handle_", "fn process_"] {
                if line.contains(prefix) {
                    found.push(Breach(format!("{path}:{}: {}", number + 1, line.trim())));
                }
            }
        }
    }
    found
}

pub fn no_left_overs(tree: &Tree) -> Vec<Breach> {
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X:"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("dbg", "!("),
        concat!("#[ig", "nore"),
        "(being built)",
    ];
    let mut found = Vec::new();
    for (path, text) in tree.rust().filter(|(p, _)| !p.starts_with("tests/house/")) {
        for (number, line) in text.lines().enumerate() {
            if words.iter().any(|w| line.contains(w)) {
                found.push(Breach(format!("{path}:{}: {}", number + 1, line.trim())));
            }
        }
    }
    found
}

pub fn allowances(tree: &Tree) -> Vec<Breach> {
    let mut found = Vec::new();
    for (path, text) in tree.production() {
        let body = before_tests(text);
        for (at, _) in body.match_indices(concat!("[al", "low(")) {
            let rest = &body[at..];
            let inside = &rest[..rest.find(']').unwrap_or(rest.len())];
            let in_tests = body[..at]
                .trim_end_matches(['#', '!', ' ', '\n'])
                .ends_with("cfg_attr(test,");
            if !inside.contains("reason") && !in_tests {
                found.push(Breach(format!(
                    "{path}: an allowance without a reason: {inside}"
                )));
            }
        }
    }
    found
}
