//! Small provinces and plans at random: nothing is lost unlisted, nobody gains a right, and the same plan gives the same records.

use std::collections::{BTreeMap, BTreeSet};

use platform::random::Entropy;
use proptest::prelude::*;
use register::domain::facts::{
    AppointmentFact, AssignmentFact, Mailbox, MailboxOwner, PostFact, SealFact, SuspensionFact,
    UnitFact,
};
use register::domain::import::{Existing, Operation};
use register::domain::reorganisation::{Body, Draft, NOBODY, Planned, Row, Rules, World, plan};
use register::domain::words::{Action, AppointmentKind, AssignmentKind, Fate, Item, Standing};
use register::facts::{AgencyFact, Facts};

use super::merger::nothing_is_lost;

const AT: i64 = 1_000_000;

/// A province of some bodies, each with a unit, a head, a deputy, a shared post of staff and people in them.
fn world(bodies: usize, staff: usize) -> World {
    let mut facts = Facts::default();
    let mut mailboxes = Vec::new();
    for n in 0..=bodies {
        let id = format!("agy_{n}");
        facts.agencies.push(AgencyFact {
            record: format!("rcd_agency_{n}"),
            id: id.clone(),
            parent: (n > 0).then(|| "agy_0".into()),
            code: format!("X.{n}"),
            name: format!("Sở {n}"),
            short_name: format!("S{n}"),
            kind: "so".into(),
            collective: false,
            level: if n == 0 { 1 } else { 2 },
            mail_domain: format!("s{n}.test"),
            id_qcvn102: None,
            gso_code: None,
            from: 0,
            to: None,
        });
        let unit = UnitFact {
            record: format!("rcd_unit_{n}"),
            id: format!("unt_{n}"),
            agency: id.clone(),
            number: "01".into(),
            name: format!("Phòng {}", n % 2),
            own_seal: n % 3 == 0,
            from: 0,
            to: None,
        };
        for (k, standing) in [
            Standing::AgencyHead,
            Standing::AgencyDeputy,
            Standing::Staff,
        ]
        .into_iter()
        .enumerate()
        {
            let post = PostFact {
                record: format!("rcd_post_{n}_{k}"),
                id: format!("pst_{n}_{k}"),
                agency: id.clone(),
                unit: (standing == Standing::Staff).then(|| unit.id.clone()),
                code: format!("C{k}"),
                title: format!("Chức vụ {k}"),
                rank: 1,
                standing,
                is_head: standing == Standing::AgencyHead,
                deputy_of: (k == 1).then(|| format!("pst_{n}_0")),
                capacities: vec![],
                field: (k == 1).then(|| "Kinh tế".into()),
                from: 0,
                to: None,
            };
            for seat in 0..if k == 2 { staff } else { 1 } {
                facts.appointments.push(AppointmentFact {
                    record: format!("rcd_apt_{n}_{k}_{seat}"),
                    id: format!("apt_{n}_{k}_{seat}"),
                    person: format!("psn_{n}_{k}_{seat}"),
                    post: post.id.clone(),
                    kind: AppointmentKind::Full,
                    basis: "b".into(),
                    // One begins at the instant itself, one later.
                    from: match seat {
                        1 => AT,
                        2 => AT + 5,
                        _ => 0,
                    },
                    to: (seat == 3).then_some(AT + 9),
                });
            }
            facts.posts.push(post);
        }
        facts.suspensions.push(SuspensionFact {
            record: format!("rcd_sus_{n}"),
            id: format!("sus_{n}"),
            appointment: format!("apt_{n}_2_0"),
            reason: "đình chỉ".into(),
            from: 10,
            to: None,
        });
        facts.assignments.push(AssignmentFact {
            record: format!("rcd_asg_{n}"),
            id: format!("asg_{n}"),
            kind: AssignmentKind::SealCustody,
            post: format!("pst_{n}_2"),
            agency: id.clone(),
            field: None,
            basis: "b".into(),
            from: 0,
            to: None,
        });
        facts.seals.push(SealFact {
            record: format!("rcd_seal_{n}"),
            id: format!("sea_{n}"),
            agency: id.clone(),
            unit: None,
            name: format!("Sở {n}"),
            from: 0,
            to: None,
        });
        for (kind, owner) in [
            ("p", MailboxOwner::Person(format!("psn_{n}_2_0"))),
            ("vt", MailboxOwner::Post(format!("pst_{n}_2"))),
        ] {
            mailboxes.push(Mailbox {
                record: format!("rcd_{kind}_{n}"),
                id: format!("mbx_{kind}_{n}"),
                address: format!(
                    "{kind}{}@s{n}.test",
                    if kind == "p" {
                        n.to_string()
                    } else {
                        String::new()
                    }
                ),
                agency: id.clone(),
                owner,
                from: 0,
                to: None,
            });
        }
        facts.units.push(unit);
    }
    World {
        existing: Existing {
            facts,
            people: Vec::new(),
            mailboxes,
            ever: Vec::new(),
        },
        ..World::default()
    }
}

fn row(action: Action, old: &str, new: &str) -> Row {
    Row {
        line: 1,
        action,
        old: old.into(),
        new: new.into(),
        body: Body::default(),
        functions: String::new(),
        proposed: false,
        basis: String::new(),
    }
}

fn new_body(code: &str) -> Row {
    Row {
        body: Body {
            name: Some(format!("Sở {code}")),
            parent: Some("X.0".into()),
            kind: Some("so".into()),
            mail_domain: Some(format!("{}.test", code.to_lowercase())),
            ..Body::default()
        },
        ..row(Action::New, "", code)
    }
}

/// What happens to body n: 0 nothing, 1 merge into a new one, 2 merge into another, 3 split, 4 end, 5 rename, 6 ask.
fn rows_of(acts: &[u8]) -> Vec<Row> {
    let mut rows = vec![new_body("N.1"), new_body("N.2")];
    // Who takes others over must stay: the first that nothing happens to.
    let stays = acts
        .iter()
        .position(|act| *act == 0)
        .map(|n| format!("X.{}", n + 1));
    for (n, act) in acts.iter().enumerate() {
        let code = format!("X.{}", n + 1);
        match (act, &stays) {
            (1, _) | (2, None) => rows.push(row(Action::Merge, &code, "N.1")),
            (2, Some(to)) => rows.push(row(Action::Merge, &code, to)),
            (3, _) => {
                rows.push(row(Action::Split, &code, "N.1"));
                rows.push(row(Action::Split, &code, "N.2"));
            }
            (4, _) => rows.push(row(Action::End, &code, "")),
            (5, _) => rows.push(Row {
                body: Body {
                    name: Some(format!("Tên khác {n}")),
                    mail_domain: Some(format!("khac{n}.test")),
                    ..Body::default()
                },
                ..row(Action::Rename, &code, "")
            }),
            (6, _) => rows.push(row(Action::Ask, &code, "")),
            _ => {}
        }
    }
    rows
}

/// The facts after the plan: what it closes is gone, what it adds is there.
fn applied(world: &World, planned: &Planned) -> (Facts, Vec<Mailbox>) {
    let closed: BTreeSet<&str> = planned.closings.iter().map(|c| c.record.as_str()).collect();
    let mut facts = world.existing.facts.clone();
    let mut mailboxes = world.existing.mailboxes.clone();
    let open = |record: &str| !closed.contains(record);
    facts.agencies.retain(|f| open(&f.record));
    facts.units.retain(|f| open(&f.record));
    facts.posts.retain(|f| open(&f.record));
    facts.appointments.retain(|f| open(&f.record));
    facts.assignments.retain(|f| open(&f.record));
    facts.seals.retain(|f| open(&f.record));
    mailboxes.retain(|f| open(&f.record));
    for operation in &planned.operations {
        match operation.clone() {
            Operation::Agency(f) => facts.agencies.push(f),
            Operation::Unit(f) => facts.units.push(f),
            Operation::Post(f) => facts.posts.push(f),
            Operation::Appointment(f) => facts.appointments.push(f),
            Operation::Suspension(f) => facts.suspensions.push(f),
            Operation::Assignment(f) => facts.assignments.push(f),
            Operation::Seal(f) => facts.seals.push(f),
            Operation::Mailbox(f) => mailboxes.push(f),
            Operation::Succession(f) => facts.successions.push(f),
            Operation::Forward(_) | Operation::Person(_) | Operation::Attributes(_) => {}
        }
    }
    (facts, mailboxes)
}

/// Nobody holds, from the instant on, a post of a body that has ended; and every suspended person is still suspended.
fn no_right_is_gained(before: &World, after: &Facts, at: i64) {
    let alive: BTreeSet<&str> = after
        .agencies
        .iter()
        .filter(|a| a.interval().holds(at))
        .map(|a| a.id.as_str())
        .collect();
    let post: BTreeMap<&str, &PostFact> = after
        .posts
        .iter()
        .filter(|p| p.to.is_none_or(|to| to > at))
        .map(|p| (p.id.as_str(), p))
        .collect();
    let suspended: BTreeSet<&str> = before
        .existing
        .facts
        .suspensions
        .iter()
        .filter_map(|s| {
            before
                .existing
                .facts
                .appointments
                .iter()
                .find(|a| a.id == s.appointment)
                .map(|a| a.person.as_str())
        })
        .collect();
    let mut seats: BTreeMap<&str, usize> = BTreeMap::new();
    for held in after
        .appointments
        .iter()
        .filter(|a| a.to.is_none_or(|to| to > at))
    {
        let post = post
            .get(held.post.as_str())
            .expect("a post that lasts under every appointment that lasts");
        assert!(
            alive.contains(post.agency.as_str()),
            "{held:?} in a body that ended"
        );
        if post.standing.single_seat() {
            *seats.entry(&post.id).or_default() += 1;
        }
        if suspended.contains(held.person.as_str()) {
            assert!(
                after.suspensions.iter().any(|s| s.appointment == held.id),
                "{held:?} is free of the suspension"
            );
        }
    }
    assert!(
        seats.values().all(|n| *n == 1),
        "two in one seat: {seats:?}"
    );
    let heads = after
        .posts
        .iter()
        .filter(|p| p.is_head && p.to.is_none_or(|to| to > at));
    let mut of = BTreeSet::new();
    for head in heads {
        assert!(of.insert(&head.agency), "two heads of {}", head.agency);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if std::env::var("TEST_FULL").is_ok_and(|full| full == "yes") { 4_000 } else { 400 }, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_and_nobody_gains_a_right_in_any_small_plan(
        acts in proptest::collection::vec(0_u8..7, 1..7),
        staff in 1_usize..5,
        answers in proptest::collection::vec(0_u8..4, 6),
        singles in proptest::collection::vec(0_u8..4, 6),
    ) {
        let world = world(acts.len(), staff);
        let mut choices = BTreeMap::new();
        let answer = |n: u8| ["N.1", "N.2", NOBODY].get(usize::from(n)).map(|code| (*code).to_string());
        for (n, act) in acts.iter().enumerate() {
            if matches!(act, 3 | 6) && let Some(code) = answer(answers[n]) {
                choices.insert(format!("X.{}", n + 1), code);
            }
            if *act == 3 && let Some(code) = answer(singles[n]) {
                choices.insert(format!("vt@s{}.test", n + 1), code);
            }
        }
        let rows = rows_of(&acts);
        let draft = Draft { at: AT, basis: "Nghị quyết", rows: &rows, choices: &choices };
        let planned = plan(&draft, &world, &Rules::ours(), &Entropy::seeded(1));
        prop_assert!(planned.preview.problems.is_empty(), "{:?}", planned.preview.problems);
        let (after, mailboxes) = applied(&world, &planned);
        nothing_is_lost(&world.existing.facts, &after, &planned.preview, AT);
        no_right_is_gained(&world, &after, AT);
        // Every address that was there is there, forwards, or is listed as ended or open.
        for old in &world.existing.mailboxes {
            let stays = mailboxes.iter().any(|m| m.address == old.address && m.to.is_none());
            let told: Vec<Fate> = planned.preview.outcomes.iter().filter(|o| o.item == Item::Mailbox && o.id == old.id).map(|o| o.fate).collect();
            match told.as_slice() {
                [] => prop_assert!(stays, "{} is lost", old.address),
                [Fate::Moves | Fate::Keeps] => prop_assert!(stays),
                [Fate::Undecided] => {}
                [Fate::Forwards] => {
                    let to = planned.operations.iter().find_map(|o| match o { Operation::Forward(f) if f.address == old.address => Some(f), _ => None });
                    let to = to.expect("a forward");
                    prop_assert!(mailboxes.iter().any(|m| m.id == to.mailbox && m.to.is_none()) && to.to > AT);
                }
                [Fate::Lapses] => prop_assert!(!stays),
                other => prop_assert!(false, "{} is told as {other:?}", old.address),
            }
        }
        let addresses: Vec<&str> = mailboxes.iter().filter(|m| m.to.is_none()).map(|m| m.address.as_str()).collect();
        prop_assert_eq!(addresses.len(), addresses.iter().collect::<BTreeSet<_>>().len(), "an address of two owners");
        // The same again gives the same.
        let again = plan(&draft, &world, &Rules::ours(), &Entropy::seeded(1));
        prop_assert_eq!(&again.operations, &planned.operations);
        prop_assert_eq!(&again.closings, &planned.closings);
        // What is asked is asked exactly where an answer is missing.
        let missing = acts.iter().enumerate().any(|(n, act)| *act == 6 && answer(answers[n]).is_none());
        prop_assert!(!missing || !planned.preview.is_ready());
    }
}
