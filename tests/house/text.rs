//! Rules on texts, statements, migrations and templates.

use crate::Breach;
use crate::tree::Tree;
use std::collections::{BTreeMap, BTreeSet};

/// Message and term keys of a Fluent file.
fn keys(text: &str) -> impl Iterator<Item = String> {
    text.lines()
        .filter(|l| {
            l.chars()
                .next()
                .is_some_and(|c| c.is_ascii_alphabetic() || c == '-')
        })
        .filter_map(|l| l.split_once('='))
        .map(|(key, _)| key.trim().to_owned())
}

pub fn same_keys(tree: &Tree) -> Vec<Breach> {
    let mut by_crate: BTreeMap<(String, String), BTreeMap<String, String>> = BTreeMap::new();
    for (path, text) in tree.ending(".ftl") {
        let Some((folder, rest)) = path.split_once("/locales/") else {
            continue;
        };
        let language = rest.split('/').next().unwrap_or_default().to_owned();
        let all = by_crate.entry((folder.to_owned(), language)).or_default();
        for key in keys(text) {
            all.insert(key, path.to_owned());
        }
    }
    let folders: BTreeSet<String> = by_crate.keys().map(|(f, _)| f.clone()).collect();
    let mut found = Vec::new();
    if folders.is_empty() {
        found.push(Breach("no texts at all".into()));
    }
    let none = BTreeMap::new();
    for folder in folders {
        let vi = by_crate
            .get(&(folder.clone(), "vi".into()))
            .unwrap_or(&none);
        let en = by_crate
            .get(&(folder.clone(), "en".into()))
            .unwrap_or(&none);
        found.extend(
            vi.iter()
                .filter(|(k, _)| !en.contains_key(*k))
                .map(|(k, p)| Breach(format!("{p}: {k} is not in en"))),
        );
        found.extend(
            en.iter()
                .filter(|(k, _)| !vi.contains_key(*k))
                .map(|(k, p)| Breach(format!("{p}: {k} is not in vi"))),
        );
    }
    found
}

pub fn statements_are_listed(tree: &Tree) -> Vec<Breach> {
    let mut found = Vec::new();
    for (path, text) in tree.production() {
        if !text.contains("statements! {")
            || path == "platform/src/db/statement.rs"
            || text.contains("macro_rules! statements")
        {
            continue;
        }
        let Some((folder, inside)) = path.split_once("/src/") else {
            continue;
        };
        let module = inside
            .trim_end_matches(".rs")
            .trim_end_matches("/mod")
            .rsplit('/')
            .next()
            .unwrap_or_default();
        let listed = tree
            .production()
            .filter(|(p, _)| p.starts_with(&format!("{folder}/src/")))
            .any(|(_, t)| {
                t.contains(&format!("{module}::ALL"))
                    || t.contains(&format!("{module}::statements()"))
            });
        if !listed {
            found.push(Breach(format!(
                "{path}: its statements are in no list (expected {module}::ALL)"
            )));
        }
    }
    found
}

pub fn paired_migrations(tree: &Tree) -> Vec<Breach> {
    let mut found = Vec::new();
    for (path, _) in tree.ending(".sql") {
        let twin = if path.contains("/migrations/sqlite/") {
            path.replace("/sqlite/", "/postgres/")
        } else {
            path.replace("/postgres/", "/sqlite/")
        };
        if path.contains("/migrations/") && tree.text(&twin).is_none() {
            found.push(Breach(format!("{path}: has no twin {twin}")));
        }
    }
    found
}

pub fn pages_are_our_own(tree: &Tree) -> Vec<Breach> {
    let mut found = Vec::new();
    for (path, text) in tree.ending(".html") {
        for (number, line) in text.lines().enumerate() {
            let foreign = [
                "src=\"http",
                "src='http",
                "src=\"//",
                "@import",
                "<link rel=\"stylesheet\" href=\"http",
            ];
            let inline = line.contains("<style")
                || line.contains(" style=\"")
                || line.contains(" onclick=")
                || (line.contains("<script") && !line.contains(" src=\"/"));
            if inline || foreign.iter().any(|f| line.contains(f)) {
                found.push(Breach(format!("{path}:{}: {}", number + 1, line.trim())));
            }
        }
    }
    found
}

/// The two first texts after a mark, as far as they are literals.
fn two_literals(after: &str) -> Option<(&str, &str)> {
    let (first, rest) = literal(after)?;
    let rest = rest.trim_start().strip_prefix(',')?;
    let (second, _) = literal(rest)?;
    Some((first, second))
}

fn literal(text: &str) -> Option<(&str, &str)> {
    text.trim_start().strip_prefix('"')?.split_once('"')
}

pub fn sealed_columns_are_listed(tree: &Tree) -> Vec<Breach> {
    let mut listed = BTreeSet::new();
    for (_, text) in tree.production() {
        for (at, mark) in text.match_indices("SealedColumn {") {
            let rest = &text[at + mark.len()..];
            let value = |name: &str| {
                let after = rest.split_once(name)?.1;
                literal(after).map(|found| found.0)
            };
            if let (Some(table), Some(column)) = (value("table:"), value("column:")) {
                listed.insert((table.to_owned(), column.to_owned()));
            }
        }
    }
    let mut found = Vec::new();
    if listed.is_empty() {
        found.push(Breach("no sealed column is listed at all".into()));
    }
    for (path, text) in tree.production() {
        let text = crate::tree::before_tests(text);
        for (at, mark) in text.match_indices(".seal(") {
            let Some((table, column)) = two_literals(&text[at + mark.len()..]) else {
                continue;
            };
            if !listed.contains(&(table.to_owned(), column.to_owned())) {
                found.push(Breach(format!(
                    "{path}: {table}.{column} is sealed and no SealedColumn names it"
                )));
            }
        }
    }
    found
}
