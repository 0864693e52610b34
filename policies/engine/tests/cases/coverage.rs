//! Every row of law is tried: each row that gives has a case it allows and a case it refuses, each block is signed once, each row against
//! giving stands against a draft.

use std::collections::BTreeSet;

use engine::*;

use crate::world::*;

/// A row's block as an answer shows it.
fn block_of(rule: &Rule, decision: &Decision, regime: Regime) -> Option<usize> {
    rule.blocks.iter().position(|block| {
        block.regime.is_none_or(|one| one == regime)
            && Some(block.capacity) == decision.capacity
            && decision.clause.as_deref() == Some(&*block.citation)
            && block.lines.len() == decision.block_lines.len()
            && block
                .lines
                .iter()
                .zip(&decision.block_lines)
                .all(|(form, line)| form.starts_with("Q. ") == line.starts_with("Q. "))
    })
}

#[test]
fn every_row_of_law_allows_a_case_in_each_block_and_refuses_one() {
    let (facts, law) = (facts(), law());
    let epoch = Epoch::compile(7, &facts, &law);
    let mut signed = BTreeSet::new();
    let mut refused = BTreeSet::new();
    let mut wrong = Vec::new();
    for case in topics().into_iter().flat_map(|topic| topic.cases.case) {
        let decision = epoch.decide(&request(&case.ask));
        match decision.chain.first() {
            Some(link) => {
                let rule = law.rows.iter().find(|rule| rule.id == link.id).unwrap();
                let own = facts
                    .posts
                    .iter()
                    .find(|post| *post.id == *case.ask.post)
                    .unwrap();
                let body = facts
                    .agencies
                    .iter()
                    .find(|one| one.id == own.agency)
                    .unwrap();
                let regime = match body.collective {
                    Some(_) => Regime::Collective,
                    None => Regime::Single,
                };
                let block = block_of(rule, &decision, regime);
                signed.insert((rule.id.to_string(), block.expect("one of its blocks")));
            }
            None => {
                let Some(row) = &case.row else { continue };
                let rows = law
                    .rows
                    .iter()
                    .map(|rule| (&rule.id, rule.blocks.as_slice()));
                let cited: Vec<String> = rows
                    .filter(|(id, _)| **id == row.as_str())
                    .flat_map(|(_, blocks)| blocks)
                    .map(|block| block.citation.to_string())
                    .chain(
                        law.forbids
                            .iter()
                            .filter(|one| one.id == row.as_str())
                            .map(|one| one.citation.to_string()),
                    )
                    .collect();
                if cited.is_empty() {
                    wrong.push(format!("{}: no row of law is called {row}", case.name));
                }
                if decision
                    .clause
                    .is_some_and(|clause| cited.contains(&clause))
                {
                    refused.insert(row.clone());
                }
            }
        }
    }
    for rule in &law.rows {
        for number in 0..rule.blocks.len() {
            if !signed.contains(&(rule.id.to_string(), number)) {
                wrong.push(format!("{}: nobody signs its block {number}", rule.id));
            }
        }
        if !refused.contains(rule.id.as_str()) {
            wrong.push(format!("{}: no case is refused by its clause", rule.id));
        }
    }
    for forbid in &law.forbids {
        if !refused.contains(forbid.id.as_str()) {
            wrong.push(format!("{}: it forbids no case", forbid.id));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_row_against_giving_stands_against_a_draft_and_every_form_is_given_lawfully() {
    let law = law();
    let epoch = Epoch::compile(7, &facts(), &law);
    let mut used = BTreeSet::new();
    let mut told = BTreeSet::new();
    let mut lawful = BTreeSet::new();
    for draft in topics().into_iter().flat_map(|topic| topic.cases.draft) {
        let grant = draft.give.grant();
        let objected = epoch.objections(&grant, draft.give.drafted());
        if objected.is_empty() {
            let at = draft.give.drafted();
            let rows = law.rows.iter();
            lawful.extend(
                rows.filter(|rule| rule.form == Some(grant.form) && rule.valid.contains(at))
                    .map(|rule| rule.id.to_string()),
            );
        }
        for one in objected {
            told.insert(one.against);
            used.extend(one.row.map(|row| row.id.to_string()));
        }
    }
    let mut wrong: Vec<String> = law
        .objections
        .iter()
        .filter(|row| !used.contains(row.id.as_str()))
        .map(|row| format!("{}: it stands against no draft", row.id))
        .collect();
    let forms = law.rows.iter().filter(|rule| rule.form.is_some());
    wrong.extend(
        forms
            .filter(|rule| !lawful.contains(rule.id.as_str()))
            .map(|rule| format!("{}: nothing is lawfully given under it", rule.id)),
    );
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert_eq!(
        told.len(),
        15,
        "everything that may be wrong with a draft, but a length that no row limits: {told:?}"
    );
}
