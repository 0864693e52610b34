//! The reference of the configuration, made from its types: every key with its form, its default and what it means.
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use super::{Config, ENV_PREFIX};

/// The types themselves: comments, names and forms are read from where they stand.
const TYPES: &str = include_str!("../config.rs");

/// One key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// With dots, `listen.public`.
    pub name: String,
    /// What may be written.
    pub form: String,
    /// As in TOML; `absent` when there is none.
    pub default: String,
    /// From the type's own comment.
    pub meaning: String,
}

/// A field of a structure, or a variant of an enumeration.
struct Member {
    name: String,
    kind: String,
    meaning: String,
}

/// Name of a type → its members.
fn types(source: &str) -> BTreeMap<String, Vec<Member>> {
    let mut found = BTreeMap::new();
    let mut open: Option<(String, Vec<Member>)> = None;
    let mut meaning = Vec::new();
    for line in source.lines() {
        let text = line.trim();
        let opening = text
            .strip_prefix("pub struct ")
            .or_else(|| text.strip_prefix("pub enum "));
        if let Some(comment) = text.strip_prefix("/// ") {
            meaning.push(comment.to_owned());
        } else if let Some(name) = opening.and_then(|rest| rest.strip_suffix(" {")) {
            open = Some((name.to_owned(), Vec::new()));
            meaning.clear();
        } else if line == "}" {
            found.extend(open.take());
            meaning.clear();
        } else if let Some((_, members)) = &mut open
            && !text.starts_with('#')
        {
            let member = text.trim_start_matches("pub ").trim_end_matches(',');
            let (name, kind) = member.split_once(": ").unwrap_or((member, ""));
            members.push(Member {
                name: name.to_owned(),
                kind: kind.to_owned(),
                meaning: std::mem::take(&mut meaning).join(" "),
            });
        }
    }
    found
}

/// Every key, in the order of the types.
pub fn keys() -> Vec<Key> {
    let types = types(TYPES);
    let defaults = serde_json::to_value(Config::loopback(Path::new("data"))).unwrap_or_default();
    let mut out = Vec::new();
    walk("Config", &types, &defaults, "", &mut out);
    out
}

fn walk(
    name: &str,
    types: &BTreeMap<String, Vec<Member>>,
    defaults: &Value,
    above: &str,
    out: &mut Vec<Key>,
) {
    for member in types.get(name).into_iter().flatten() {
        let key = if above.is_empty() {
            member.name.clone()
        } else {
            format!("{above}.{}", member.name)
        };
        let default = defaults.get(&member.name).unwrap_or(&Value::Null);
        if default.is_object() {
            walk(&member.kind, types, default, &key, out);
            continue;
        }
        out.push(Key {
            name: key,
            form: form(&member.kind, types),
            default: match default {
                Value::Null => "absent".into(),
                value => format!("`{value}`"),
            },
            meaning: member.meaning.clone(),
        });
    }
}

/// What may be written, in a word or two.
fn form(kind: &str, types: &BTreeMap<String, Vec<Member>>) -> String {
    let plain = kind
        .strip_prefix("Option<")
        .and_then(|rest| rest.strip_suffix('>'))
        .unwrap_or(kind);
    if let Some(words) = types.get(plain) {
        let words: Vec<String> = words
            .iter()
            .map(|word| format!("`{}`", word.name.to_lowercase()))
            .collect();
        return words.join(" or ");
    }
    match plain {
        "bool" => "true or false",
        "u16" | "u32" | "u64" | "i64" | "usize" => "whole number",
        list if list.starts_with("Vec<") => "list of texts",
        _ => "text",
    }
    .into()
}

/// The table of docs/operations/configuration.md and of `antin config reference`.
pub fn table() -> String {
    let mut out = String::from("| key | write | default | meaning |\n|---|---|---|---|\n");
    for key in keys() {
        // Writing to a string does not fail.
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} |",
            key.name, key.form, key.default, key.meaning
        );
    }
    out
}

/// The environment variable of a key.
pub fn variable(key: &str) -> String {
    format!("{ENV_PREFIX}{}", key.to_uppercase().replace('.', "__"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_the_configuration_holds_the_table_made_from_the_types() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../docs/operations/configuration.md"
        );
        let page = std::fs::read_to_string(path).unwrap();
        let table = table();
        assert!(
            page.contains(&table),
            "write `antin config reference` into docs/operations/configuration.md:\n{table}"
        );
    }

    /// Keys of a serialised configuration, with dots.
    fn leaves(value: &Value, above: &str, into: &mut Vec<String>) {
        for (name, value) in value.as_object().unwrap() {
            let name = format!("{above}{name}");
            if value.is_object() {
                leaves(value, &format!("{name}."), into);
            } else {
                into.push(name);
            }
        }
    }

    #[test]
    fn every_key_that_is_read_is_in_the_reference_with_a_meaning_and_a_form() {
        let mut read = Vec::new();
        let config = serde_json::to_value(Config::loopback(Path::new("data"))).unwrap();
        leaves(&config, "", &mut read);
        read.sort();
        let all = keys();
        let mut named: Vec<String> = all.iter().map(|key| key.name.clone()).collect();
        named.sort();
        assert_eq!(named, read);
        for key in &all {
            assert!(
                key.meaning.ends_with('.') && !key.form.is_empty(),
                "{key:?}"
            );
        }
        let format = all.iter().find(|key| key.name == "log.format").unwrap();
        assert_eq!(format.form, "`human` or `json`");
        assert_eq!(variable("database.url"), "ANTIN_DATABASE__URL");
    }
}
