//! How long a decision takes in a province with as many mandates as asked.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use engine::*;
use std::time::Instant;

#[path = "../../src/bench/province.rs"]
mod province;

fn main() {
    let count: usize = std::env::args()
        .nth(1)
        .map_or(10_000, |n| n.parse().expect("a number of mandates"));
    let rules = Rules::parse(&[
        ("own", include_str!("../../rules/own.toml")),
        ("kt_field", include_str!("../../rules/kt_field.toml")),
        ("kt_case", include_str!("../../rules/kt_case.toml")),
        ("tl", include_str!("../../rules/tl.toml")),
        ("tuq", include_str!("../../rules/tuq.toml")),
        ("uq", include_str!("../../rules/uq.toml")),
        ("seal", include_str!("../../rules/seal.toml")),
        ("copy", include_str!("../../rules/copy.toml")),
    ])
    .expect("the rules read");
    let mut dice = province::Dice(576);
    let mut facts = province::register();
    facts.mandates = province::mandates(count, &mut dice);
    let questions = province::questions(&facts.mandates, 200_000, &mut dice);
    let started = Instant::now();
    let epoch = Epoch::compile(1, &facts, &rules);
    println!("compiled {:?} in {:?}", epoch.size(), started.elapsed());
    drop(facts);
    let mut codes = std::collections::BTreeMap::new();
    for question in &questions {
        *codes.entry(epoch.check(question).1).or_insert(0) += 1;
    }
    println!("{codes:?}");
    if let Some(rounds) = std::env::args()
        .nth(2)
        .and_then(|n| n.parse::<usize>().ok())
    {
        let started = Instant::now();
        let mut allowed = 0;
        for _ in 0..rounds {
            allowed += questions
                .iter()
                .take(2_000)
                .filter(|r| epoch.check(r).0)
                .count();
        }
        println!(
            "check mean {:?} ({allowed})",
            started.elapsed() / u32::try_from(rounds * 2_000).unwrap()
        );
        return;
    }
    let check = measure(&questions, |r| std::hint::black_box(epoch.check(r)).0);
    let decide = measure(&questions, |r| {
        std::hint::black_box(epoch.decide(r)).allowed
    });
    println!(
        "check p50 {} ns, p99 {} ns; decide with chain p50 {} ns, p99 {} ns ({} allowed)",
        check.0, check.1, decide.0, decide.1, decide.2
    );
    for code in codes.keys() {
        let of: Vec<Request> = questions
            .iter()
            .filter(|question| epoch.check(question).1 == *code)
            .cloned()
            .collect();
        let check = measure(&of, |r| std::hint::black_box(epoch.check(r)).0);
        let decide = measure(&of, |r| std::hint::black_box(epoch.decide(r)).allowed);
        println!(
            "{code}: check p50 {} ns, p99 {} ns; decide p50 {} ns, p99 {} ns",
            check.0, check.1, decide.0, decide.1
        );
    }
    let started = Instant::now();
    let allowed = questions.iter().filter(|r| epoch.check(r).0).count();
    println!("mean {:?} ({allowed})", started.elapsed() / 200_000);
}

fn measure(requests: &[Request], mut act: impl FnMut(&Request) -> bool) -> (u128, u128, usize) {
    let mut times = Vec::with_capacity(requests.len());
    let mut allowed = 0;
    for request in requests {
        // A caller has just built what he asks.
        let request = std::hint::black_box(request.clone());
        let started = Instant::now();
        allowed += usize::from(act(&request));
        times.push(started.elapsed().as_nanos());
    }
    times.sort_unstable();
    (
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        allowed,
    )
}
