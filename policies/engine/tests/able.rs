//! The list of everybody who may do an act, against asking for each of all holders of all posts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "cases/world.rs"]
#[allow(dead_code, reason = "the cases themselves use the rest")]
mod small;
#[rustfmt::skip]
mod worlds;

use std::collections::BTreeSet;

use engine::*;

/// Every person in every post he is ever recorded in, for whom the act is allowed in the capacity stated, or in any if none is.
fn one_by_one(epoch: &Epoch, facts: &Facts, request: &Request) -> BTreeSet<(String, String)> {
    let mut capacities = vec![request.capacity];
    if request.capacity.is_none() {
        capacities.extend(Capacity::ALL.iter().copied().map(Some));
    }
    let allowed = |person: &Text, post: &Text| {
        capacities.iter().any(|capacity| {
            let other = Request {
                person: person.to_string(),
                post: post.to_string(),
                capacity: *capacity,
                ..request.clone()
            };
            epoch.decide(&other).allowed
        })
    };
    let rows = facts.appointments.iter();
    rows.filter(|row| allowed(&row.person, &row.post))
        .map(|row| (row.person.to_string(), row.post.to_string()))
        .collect()
}

#[test]
fn everybody_listed_may_and_everybody_who_may_is_listed_once() {
    let law = worlds::law();
    let (mut listed, mut most) = (0, 0);
    for seed in 0..6_000 {
        let (facts, rules, mut request) = worlds::scene(seed, &law);
        let epoch = Epoch::compile(1, &facts, &rules);
        for action in Action::ALL {
            request.action = *action;
            if seed % 3 > 0 {
                request.capacity = None;
            }
            let able = epoch.able(&request);
            let pairs: Vec<(String, String)> = able
                .iter()
                .map(|one| (one.person.to_string(), one.post.to_string()))
                .collect();
            let expected = one_by_one(&epoch, &facts, &request);
            assert_eq!(
                pairs,
                expected.into_iter().collect::<Vec<_>>(),
                "world {seed}: {request:#?}\n{facts:#?}"
            );
            for one in &able {
                let own = Request {
                    person: one.person.to_string(),
                    post: one.post.to_string(),
                    capacity: Some(one.capacity),
                    ..request.clone()
                };
                assert!(epoch.decide(&own).allowed, "world {seed}: {one:?}");
            }
            listed += able.len();
            most = most.max(able.len());
        }
    }
    println!("{listed} listed, at most {most} at once");
    assert!(
        listed > 5_000 && most > 2,
        "the worlds are too poor: {listed}, {most}"
    );
}

/// The random worlds seldom hold an order to the head of a body below and what he gives his own deputy inside it; the small world does.
#[test]
fn whoever_a_case_asks_about_is_listed_if_he_may_and_so_is_everybody_else() {
    let facts = small::facts();
    let epoch = Epoch::compile(1, &facts, &small::law());
    let mut inner = 0;
    for topic in small::topics() {
        for case in topic.cases.case {
            let request = Request {
                capacity: None,
                ..small::request(&case.ask)
            };
            let able = epoch.able(&request);
            let pairs: Vec<(String, String)> = able
                .iter()
                .map(|one| (one.person.to_string(), one.post.to_string()))
                .collect();
            let expected = one_by_one(&epoch, &facts, &request);
            let expected: Vec<_> = expected.into_iter().collect();
            assert_eq!(pairs, expected, "{}", case.name);
            inner += able.iter().filter(|one| *one.post == *"pcvp").count();
        }
    }
    assert!(inner > 0, "nobody holds an order inside another body's");
}

#[test]
fn within_means_the_same_agency_or_one_below_it_at_that_time() {
    let agency = |id: &str, above: &[(&str, Interval)]| Agency {
        id: id.into(),
        name: id.into(),
        kind: "so".into(),
        collective: None,
        above: above
            .iter()
            .map(|(agency, valid)| Above {
                agency: (*agency).into(),
                valid: *valid,
            })
            .collect(),
        valid: Interval::since(0),
    };
    let facts = Facts {
        agencies: vec![
            agency("tinh", &[]),
            agency("huyen", &[("tinh", Interval::since(0))]),
            agency("xa", &[("huyen", Interval::between(0, 10))]),
        ],
        ..Facts::default()
    };
    let epoch = Epoch::compile(1, &facts, &Rules::default());
    for (one, other, at, expected) in [
        ("xa", "xa", 20, Some(true)),
        ("xa", "tinh", 9, Some(true)),
        ("xa", "tinh", 10, Some(false)),
        ("tinh", "xa", 5, Some(false)),
        ("xa", "nowhere", 5, Some(false)),
        ("nowhere", "tinh", 5, None),
    ] {
        assert_eq!(
            epoch.is_within(one, other, at),
            expected,
            "{one} {other} {at}"
        );
    }
    assert!(!epoch.knows("nobody"));
}
