//! Rules on docs/STANDARDS.md: each row names a module and a test that exist, each standard at the head of a file has a row.

use crate::Breach;
use crate::tree::Tree;

/// Path of the ledger.
const LEDGER: &str = "docs/STANDARDS.md";
const STATUSES: [&str; 4] = ["Yes", "Partial", "No", "Departs"];

struct Row<'a> {
    line: &'a str,
    clause: &'a str,
    status: &'a str,
    module: &'a str,
    test: &'a str,
}

fn rows(tree: &Tree) -> Vec<Row<'_>> {
    let text = tree.text(LEDGER).unwrap_or_default();
    text.lines()
        .filter(|l| l.starts_with('|'))
        .filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            match cells.as_slice() {
                [clause, status, module, test, ..] if STATUSES.contains(status) => Some(Row {
                    line,
                    clause,
                    status,
                    module,
                    test,
                }),
                _ => None,
            }
        })
        .collect()
}

pub fn rows_are_true(tree: &Tree) -> Vec<Breach> {
    let all = rows(tree);
    let mut found = Vec::new();
    if all.is_empty() {
        found.push(Breach(format!("{LEDGER}: no rows")));
    }
    let tests: Vec<&str> = tree.rust().map(|(_, t)| t).collect();
    for row in all {
        if row.status == "No" {
            continue;
        }
        for module in row.module.split(',').map(|m| m.trim().trim_matches('`')) {
            if tree.text(module).is_none() {
                found.push(Breach(format!("{}: no such file {module}", row.line)));
            }
        }
        for test in row.test.split(',').map(|t| t.trim().trim_matches('`')) {
            let stands = tests
                .iter()
                .any(|t| t.contains(&format!("fn {test}(")) || t.contains(&format!("fn {test}<")));
            if test.is_empty() || !stands {
                found.push(Breach(format!("{}: no test named {test}", row.line)));
            }
        }
    }
    found
}

/// “RFC 7636”, “W3C Web Authentication” … the names of the standards at the head of a file.
fn names(head: &str) -> Vec<String> {
    let mut names = Vec::new();
    for part in head.split(';') {
        let words: Vec<&str> = part.split_whitespace().collect();
        for pair in words.windows(2) {
            if pair[0] == "RFC" {
                names.push(format!(
                    "RFC {}",
                    pair[1].trim_matches(|c: char| !c.is_ascii_digit())
                ));
            }
        }
    }
    names
}

pub fn heads_are_in_the_ledger(tree: &Tree) -> Vec<Breach> {
    let ledger: Vec<&str> = rows(tree).iter().map(|r| r.clause).collect();
    let mut found = Vec::new();
    for (path, text) in tree.production() {
        for line in text.lines().take_while(|l| l.starts_with("//!")) {
            let Some((_, head)) = line.split_once("Standard:") else {
                continue;
            };
            for name in names(head) {
                let listed = ledger.iter().any(|clause| {
                    clause.match_indices(&name).any(|(at, _)| {
                        !clause[at + name.len()..].starts_with(|c: char| c.is_ascii_digit())
                    })
                });
                if !listed {
                    found.push(Breach(format!("{path}: {name} has no row in {LEDGER}")));
                }
            }
        }
    }
    found
}
