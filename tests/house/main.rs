//! The house rules, read from the sources: each rule holds for the tree, and each is proved by a planted breach.
//! Standard: docs/ARCHITECTURE.md, “House rules”
//! It must never pass because it looked at nothing: the tree has to hold the crates by name.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod arrows;
mod layout;
mod ledger;
mod lines;
mod text;
mod tree;

use tree::Tree;

/// One broken rule: where, and what.
#[derive(Debug, PartialEq, Eq)]
pub struct Breach(pub String);

type Rule = fn(&Tree) -> Vec<Breach>;

/// Runs a rule on the real tree (nothing may be found) and on the tree with one planted file (something must be found there).
fn holds_and_bites(rule: Rule, planted: &[(&str, &str)]) {
    let tree = Tree::of_the_repository();
    let found = rule(&tree);
    assert!(
        found.is_empty(),
        "broken here:\n{}",
        found
            .iter()
            .map(|b| b.0.as_str())
            .collect::<Vec<_>>()
            .join("\n")
    );
    let mut breached = tree;
    for (path, content) in planted {
        breached.plant(path, content);
    }
    let found = rule(&breached);
    let last = planted.last().map(|p| p.0).unwrap_or_default();
    assert!(
        found.iter().any(|b| b.0.contains(last)),
        "the planted breach at {last} went unseen; found {found:?}"
    );
}

#[test]
fn the_tree_holds_every_crate_of_the_house() {
    let tree = Tree::of_the_repository();
    for name in [
        "platform",
        "policies",
        "policies/register",
        "policies/engine",
        "idp",
        "ca",
        "ca/pki",
        "ca/documents",
        "ca/signer",
        "mail-relay",
        "mail-relay/smime",
        "deploy/antin",
        "deploy/demo",
        "tests",
    ] {
        assert!(
            tree.text(&format!("{name}/Cargo.toml")).is_some(),
            "{name} is missing"
        );
    }
    assert!(tree.rust().count() > 60, "the tree was not read");
}

#[test]
fn no_rust_file_is_longer_than_500_lines() {
    holds_and_bites(
        layout::short_files,
        &[("idp/src/flows/planted.rs", &"//! x\n".repeat(501))],
    );
    println!(
        "median lines per Rust file: {}",
        layout::median_lines(&Tree::of_the_repository())
    );
}

#[test]
fn every_rust_file_opens_by_saying_what_it_is_for() {
    holds_and_bites(
        layout::opening_comment,
        &[("ca/src/store/planted.rs", "use std::fmt;\n")],
    );
}

#[test]
fn crate_roots_and_flows_open_with_purpose_standard_and_what_they_must_never_do() {
    holds_and_bites(
        layout::three_lines,
        &[("ca/src/flows/planted.rs", "//! Does a thing.\nfn a() {}\n")],
    );
}

#[test]
fn no_room_is_named_for_nothing() {
    holds_and_bites(
        layout::plain_names,
        &[("platform/src/utils.rs", "//! Things.\n")],
    );
    holds_and_bites(
        layout::plain_functions,
        &[("platform/src/planted.rs", "//! x\npub fn get_thing() {}\n")],
    );
}

#[test]
fn nothing_is_left_over_in_the_sources() {
    holds_and_bites(
        layout::no_left_overs,
        &[("idp/src/planted.rs", concat!("//! x\n// TO", "DO later\n"))],
    );
}

#[test]
fn allowances_of_lints_give_their_reason_or_stand_in_tests() {
    holds_and_bites(
        layout::allowances,
        &[(
            "idp/src/planted.rs",
            concat!("//! x\n#[al", "low(dead_code)]\nfn a() {}\n"),
        )],
    );
}

#[test]
fn arrows_between_crates_run_one_way() {
    holds_and_bites(
        arrows::between_crates,
        &[(
            "policies/engine/Cargo.toml",
            "[dependencies]\nplatform.workspace = true\n",
        )],
    );
}

#[test]
fn arrows_between_rooms_run_one_way() {
    holds_and_bites(
        arrows::between_rooms,
        &[(
            "idp/src/flows/planted.rs",
            "//! x\nuse crate::http::thing;\n",
        )],
    );
    holds_and_bites(
        arrows::between_rooms,
        &[(
            "ca/src/domain/planted.rs",
            "//! x\nuse crate::store::thing;\n",
        )],
    );
}

#[test]
fn the_signer_links_neither_http_nor_sql() {
    holds_and_bites(
        arrows::signer_is_apart,
        &[(
            "ca/signer/Cargo.toml",
            "[dependencies]\naxum.workspace = true\n",
        )],
    );
}

#[test]
fn ring_is_not_linked() {
    let listing = arrows::linked_packages();
    assert!(
        listing.contains("aws-lc-rs v"),
        "cargo tree listed nothing of ours"
    );
    assert_eq!(arrows::banned_packages(&listing), []);
    assert_eq!(
        arrows::banned_packages("serde v1.0.0\nring v0.17.14\n").len(),
        1,
        "the planted breach went unseen"
    );
}

#[test]
fn no_clock_or_system_randomness_is_read_outside_the_ground_floor() {
    holds_and_bites(
        arrows::time_is_an_argument,
        &[(
            "idp/src/flows/planted.rs",
            concat!("//! x\nfn a() { std::time::System", "Time::now(); }\n"),
        )],
    );
}

#[test]
fn vietnamese_and_english_texts_have_the_same_keys() {
    holds_and_bites(
        text::same_keys,
        &[("idp/locales/vi/planted.ftl", "only-here = Chỉ ở đây\n")],
    );
}

#[test]
fn every_list_of_statements_is_named_by_its_crate() {
    holds_and_bites(
        text::statements_are_listed,
        &[(
            "idp/src/store/planted_rows.rs",
            "//! x\nplatform::statements! { pub A = \"SELECT 1 AS one\"; }\n",
        )],
    );
}

#[test]
fn migrations_come_in_pairs() {
    holds_and_bites(
        text::paired_migrations,
        &[("idp/migrations/sqlite/9999_planted.sql", "SELECT 1;\n")],
    );
}

#[test]
fn log_lines_carry_only_fields_that_are_written_down_and_none_that_must_never_be_logged() {
    holds_and_bites(
        lines::written_fields,
        &[(
            "idp/src/planted_field.rs",
            "//! x\nfn a() { tracing::warn!(\n    shoe_size = 3,\n    \"x, y\"\n); }\n",
        )],
    );
    holds_and_bites(
        lines::written_fields,
        &[(
            "idp/src/planted_secret.rs",
            "//! x\nfn a() { tracing::info!(error = f(1, 2), %password, \"x\"); }\n",
        )],
    );
    holds_and_bites(
        lines::written_fields,
        &[(
            "docs/operations/log-lines.md",
            "| `nobody_logs_this` | x |\n## Never in a line\n- `password`\n",
        )],
    );
}

#[test]
fn every_sealed_value_lies_in_a_column_that_rotation_knows() {
    holds_and_bites(
        text::sealed_columns_are_listed,
        &[(
            "idp/src/flows/planted.rs",
            "//! x\nfn a() { s.seal(\"account\", \"hobby\", &id, b\"x\"); }\n",
        )],
    );
}

#[test]
fn pages_load_nothing_from_foreign_hosts_and_hold_no_inline_script_or_style() {
    holds_and_bites(
        text::pages_are_our_own,
        &[(
            "idp/templates/planted.html",
            "<script src=\"https://cdn.example.com/a.js\"></script>",
        )],
    );
}

#[test]
fn the_ledger_of_standards_names_modules_and_tests_that_exist() {
    holds_and_bites(
        ledger::rows_are_true,
        &[(
            "docs/STANDARDS.md",
            "| RFC 7636 §4.6 | Yes | idp/src/flows/nowhere.rs | `no_such_test` | docs/STANDARDS.md |\n",
        )],
    );
}

#[test]
fn every_standard_named_at_the_head_of_a_file_is_in_the_ledger() {
    holds_and_bites(
        ledger::heads_are_in_the_ledger,
        &[(
            "idp/src/flows/planted.rs",
            "//! x\n//! Standard: RFC 9999 §1\n//! never\n",
        )],
    );
}
