//! Rules on log lines: their fields are those of docs/operations/log-lines.md, both ways, and none of the forbidden ones.

use crate::Breach;
use crate::tree::{Tree, before_tests};
use std::collections::BTreeSet;

const PAGE: &str = "docs/operations/log-lines.md";

/// The arguments of a macro call whose opening parenthesis was read.
fn arguments(text: &str) -> Vec<String> {
    let (mut all, mut current) = (Vec::new(), String::new());
    let (mut depth, mut quoted, mut escaped) = (1, false, false);
    for letter in text.chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if letter == ',' && depth == 1 && !quoted {
            all.push(std::mem::take(&mut current));
        } else {
            current.push(letter);
        }
    }
    all.push(current);
    all.into_iter()
        .map(|argument| argument.trim().to_owned())
        .collect()
}

/// Names of the fields of every log line in a file.
fn fields(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for level in ["trace", "debug", "info", "warn", "error"] {
        let mark = format!("tracing::{level}!(");
        for (at, _) in text.match_indices(&mark) {
            for argument in arguments(&text[at + mark.len()..]) {
                if argument.is_empty() || argument.starts_with('"') {
                    break;
                }
                let name = argument.split('=').next().unwrap_or_default();
                names.insert(name.trim().trim_start_matches(['%', '?']).trim().to_owned());
            }
        }
    }
    names
}

fn in_backticks(line: &str) -> impl Iterator<Item = String> {
    line.split('`').skip(1).step_by(2).map(str::to_owned)
}

pub fn written_fields(tree: &Tree) -> Vec<Breach> {
    let page = tree.text(PAGE).unwrap_or_default();
    let (above, never) = page.split_once("## Never in a line").unwrap_or((page, ""));
    let written: BTreeSet<String> = above
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .map(str::to_owned)
        .filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .collect();
    let forbidden: BTreeSet<String> = never
        .lines()
        .filter(|line| line.starts_with("- "))
        .filter_map(|line| line.split(':').next())
        .flat_map(in_backticks)
        .collect();
    let mut found = Vec::new();
    if written.is_empty() || forbidden.is_empty() {
        found.push(Breach(format!("{PAGE}: no fields, or nothing forbidden")));
    }
    let mut used = BTreeSet::new();
    for (path, text) in tree.production() {
        for field in fields(before_tests(text)) {
            if forbidden.contains(&field) {
                found.push(Breach(format!("{path}: {field} must never be logged")));
            } else if !written.contains(&field) {
                found.push(Breach(format!("{path}: {field} is not in {PAGE}")));
            }
            used.insert(field);
        }
    }
    for name in written.difference(&used) {
        found.push(Breach(format!("{PAGE}: no line carries {name}")));
    }
    for name in written.intersection(&forbidden) {
        found.push(Breach(format!("{PAGE}: {name} is allowed and forbidden")));
    }
    found
}
