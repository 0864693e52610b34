//! The cases kept beside the rules, run one by one under their own names.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use engine::*;

#[path = "cases/coverage.rs"]
mod coverage;
#[path = "cases/pattern.rs"]
mod pattern;
#[path = "cases/table.rs"]
mod table;
#[path = "cases/world.rs"]
mod world;

use world::*;

fn differences(case: &Case, decision: &Decision) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut compare = |what: &str, expected: String, got: String| {
        if expected != got {
            wrong.push(format!("{what}: expected {expected}, got {got}"));
        }
    };
    compare("code", case.code.to_string(), decision.code.to_string());
    compare(
        "allowed",
        (case.code == Code::Allowed).to_string(),
        decision.allowed.to_string(),
    );
    if let Some(block) = &case.block {
        compare(
            "block",
            format!("{block:?}"),
            format!("{:?}", decision.block_lines),
        );
    }
    if let Some(chain) = &case.chain {
        let ids: Vec<&str> = decision.chain.iter().map(|link| link.id.as_str()).collect();
        compare("chain", format!("{chain:?}"), format!("{ids:?}"));
    }
    if let Some(clause) = &case.clause {
        compare(
            "clause",
            format!("{clause:?}"),
            format!("{:?}", decision.clause.as_deref().unwrap_or("")),
        );
    }
    if let Some(until) = &case.until {
        compare(
            "until",
            format!("{:?}", Some(instant(until))),
            format!("{:?}", decision.valid_until),
        );
    }
    if let Some(capacity) = case
        .capacity
        .or(case.ask.capacity.filter(|_| case.code == Code::Allowed))
    {
        compare(
            "capacity",
            format!("{:?}", Some(capacity)),
            format!("{:?}", decision.capacity),
        );
    }
    if let Some(usable) = &case.usable {
        compare(
            "usable",
            format!("{usable:?}"),
            format!("{:?}", decision.usable),
        );
    }
    if let Some(others) = case.other_chains {
        compare(
            "other chains",
            others.to_string(),
            decision.other_chains.to_string(),
        );
    }
    if let Some(who) = &case.who_could {
        let got: Vec<String> = decision
            .who_could
            .iter()
            .map(|c| format!("{}@{}", c.person, c.post))
            .collect();
        compare("who could", format!("{who:?}"), format!("{got:?}"));
    }
    if !decision.allowed && decision.remedies.is_empty() {
        wrong.push("a refusal says what to do".to_owned());
    }
    if decision.clause.is_none()
        && case.ask.agency != "khong_co"
        && case.code != Code::NoPower
        && decision.code != Code::NotInPost
    {
        wrong.push("an answer names its clause".to_owned());
    }
    let known = case.ask.agency != "khong_co" && case.code != Code::NotInPost;
    if case.clause.is_none() && decision.clause.is_some() && known {
        wrong.push(format!(
            "the case names no clause, got {:?}",
            decision.clause
        ));
    }
    wrong
}

#[test]
fn every_case_beside_the_rules_answers_as_written() {
    let epoch = Epoch::compile(7, &facts(), &law());
    let mut failures = Vec::new();
    let (mut allowed, mut denied) = (0, 0);
    for Topic { file, cases, .. } in topics() {
        for case in cases.case {
            let decision = epoch.decide(&request(&case.ask));
            let wrong = differences(&case, &decision);
            println!(
                "{} {file}: {}",
                if wrong.is_empty() { "ok  " } else { "FAIL" },
                case.name
            );
            if decision.allowed {
                allowed += 1
            } else {
                denied += 1
            }
            if !wrong.is_empty() {
                failures.push(format!(
                    "{file}: {}\n    {}",
                    case.name,
                    wrong.join("\n    ")
                ));
            }
        }
    }
    println!("{allowed} allowed, {denied} refused");
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    assert!(
        allowed >= 120 && denied >= 180,
        "too few cases: {allowed} allowed, {denied} refused"
    );
}

#[test]
fn every_draft_beside_the_rules_is_lawful_or_objected_to_as_written() {
    let epoch = Epoch::compile(7, &facts(), &law());
    let mut failures = Vec::new();
    let (mut lawful, mut void) = (0, 0);
    for Topic { file, cases, .. } in topics() {
        for draft in cases.draft {
            let (grant, at) = (draft.give.grant(), draft.give.drafted());
            let objected = epoch.objections(&grant, at);
            let against: Vec<Against> = objected.iter().map(|one| one.against).collect();
            let clause = objected
                .first()
                .and_then(|one| one.row)
                .map(|row| row.citation.to_string());
            if against.is_empty() {
                lawful += 1
            } else {
                void += 1
            }
            let given = |rule: &&Rule| {
                let day = at.max(grant.valid.from);
                rule.form == Some(grant.form) && rule.valid.contains(day)
            };
            let rows: Vec<String> = law()
                .rows
                .iter()
                .filter(given)
                .map(|rule| format!("{}, {}", &*rule.document, &*rule.clause))
                .collect();
            let clause = match against.is_empty() {
                true => draft.clause.clone().filter(|one| rows.contains(one)),
                false => clause,
            };
            if against.is_empty() && clause.is_none() {
                failures.push(format!(
                    "{file}: {}\n    is lawful under none of {rows:?}",
                    draft.name
                ));
            }
            if against != draft.against || clause != draft.clause {
                failures.push(format!(
                    "{file}: {}\n    expected {:?} {:?}\n    got {against:?} {clause:?}",
                    draft.name, draft.against, draft.clause
                ));
            }
        }
    }
    println!("{lawful} lawful, {void} void");
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    assert!(
        lawful >= 40 && void >= 100,
        "too few drafts: {lawful} lawful, {void} void"
    );
}

#[test]
fn only_the_planted_broken_records_are_defects() {
    let epoch = Epoch::compile(7, &facts(), &law());
    let mut ids: Vec<&str> = epoch.defects().iter().map(|d| d.fact.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(
        ids,
        ["bn_nguoc", "kt_nguoc", "pc_hong", "tuq_hong", "uq_hong"]
    );
}

#[test]
fn a_question_is_answered_for_the_only_usable_capacity_but_an_act_is_not() {
    let epoch = Epoch::compile(7, &facts(), &law());
    let ask: CaseFile =
        toml::from_str(&std::fs::read_to_string(rules_folder().join("cases/kt.toml")).unwrap())
            .unwrap();
    let question = request(&ask.case[1].ask);
    assert!(!epoch.decide(&question).allowed);
    let answer = epoch.answer(&question);
    assert!(answer.allowed);
    assert_eq!(answer.capacity, Some(Capacity::TmKt));
}

#[test]
fn what_a_post_may_sign_is_listed_with_its_reach() {
    let epoch = Epoch::compile(7, &facts(), &law());
    let at = instant(&"2026-02-05T09:00:00".parse().unwrap());
    let list: Vec<String> = epoch
        .usable("binh", "pct_kinh_te", "quyet_dinh", at)
        .iter()
        .map(|u| format!("{} {:?}", u.capacity, u.scope))
        .collect();
    assert_eq!(
        list,
        [r#"TM_KT Field("kinh_te")"#, r#"TM_KT Paper("vb_121")"#]
    );
    let chair = epoch.usable("an", "ct", "quyet_dinh", at);
    let capacities: Vec<Capacity> = chair.iter().map(|one| one.capacity).collect();
    assert_eq!(
        capacities,
        [Capacity::Tm, Capacity::Uq],
        "the Committee delegated a task to its chair too"
    );
    assert!(epoch.usable("nga", "cv_so", "quyet_dinh", at).is_empty());
}

#[test]
fn a_rule_row_without_a_source_mark_or_with_an_unknown_slot_is_refused() {
    let good = std::fs::read_to_string(rules_folder().join("kt_field.toml")).unwrap();
    assert!(Rules::parse(&[("kt_field.toml", &good)]).is_ok());
    let no_source = good.replace("source = \"text read;", "source = \"\" #");
    assert!(matches!(
        Rules::parse(&[("x", &no_source)]),
        Err(RuleError::Wrong { .. })
    ));
    let bad_slot = good.replace("{head}", "{boss}");
    assert!(matches!(
        Rules::parse(&[("x", &bad_slot)]),
        Err(RuleError::Wrong { .. })
    ));
    let unknown = good.replace("order = 2", "order = 2\nsurprise = true");
    assert!(matches!(
        Rules::parse(&[("x", &unknown)]),
        Err(RuleError::Unreadable { .. })
    ));
    assert!(
        Rules::parse(&[("a", &good), ("b", &good)]).is_err(),
        "the same id twice"
    );
}
