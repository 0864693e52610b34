//! W1 and W2 beside the other engines: each must first give the same decision on the oracle's questions, and only then is timed, in
//! rounds that take turns.

use std::hint::black_box;
use std::time::Duration;

use engine::Request;

use crate::casbin_port::Casbin;
use crate::cedar_port::Cedar;
use crate::clock::{self, Times, time};
use crate::province::NOW;
use crate::rego_port::Rego;
use crate::sample::Sample;
use crate::slices::Slices;

/// So many questions must be answered alike before anything is timed.
const ORACLE: usize = 10_000;
/// Beyond so many mandates the whole province does not go into the other engine, or its scan takes too long to wait for.
const MOST_IN_CEDAR: usize = 100_000;
const MOST_IN_REGO: usize = 100_000;
const MOST_IN_CASBIN: usize = 10_000;

/// Asks once, timing what counts; what a caller has ready is made before.
type Ask<'r> = Box<dyn FnMut(&Request) -> (bool, Duration) + 'r>;

struct Runner<'r> {
    name: &'static str,
    /// Questions in a round.
    share: usize,
    ask: Ask<'r>,
    times: Times,
}

impl<'r> Runner<'r> {
    fn of(name: &'static str, share: usize, ask: Ask<'r>) -> Self {
        let times = Times::default();
        Self {
            name,
            share,
            ask,
            times,
        }
    }
}

pub fn run(sample: &Sample, rounds: usize) {
    let count = sample.facts.mandates.len();
    let slices = Slices::of(&sample.facts);
    let epoch = &sample.epoch;
    let share = sample.questions.len() / rounds;
    let sliced = Cedar::new(&slices, false);
    let whole = (count <= MOST_IN_CEDAR).then(|| time(|| Cedar::new(&slices, true)));
    let mut rego = (count <= MOST_IN_REGO).then(|| time(|| Rego::new(&slices)));
    let casbin = (count <= MOST_IN_CASBIN).then(|| time(|| Casbin::new(&slices, NOW)));
    let mut runners: Vec<Runner<'_>> = Vec::new();
    // A caller has just built the question, here as in every other runner.
    let fresh = |question: &Request| black_box(question.clone());
    runners.push(Runner::of(
        "ours, check: outcome, code, capacity, valid_until",
        share,
        Box::new(|question| {
            let question = fresh(question);
            time(|| epoch.check(&question).0)
        }),
    ));
    runners.push(Runner::of(
        "ours, decide: with chain, clause, block lines, who could",
        share,
        Box::new(|question| {
            let question = fresh(question);
            let (decision, took) = time(|| epoch.decide(&question));
            (decision.allowed, took)
        }),
    ));
    runners.push(Runner::of(
        "Cedar, entities of the question built for it",
        share.min(4_000),
        Box::new(|question| {
            let question = fresh(question);
            time(|| sliced.from_slices(&question, &slices))
        }),
    ));
    match &whole {
        None => println!(
            "left out at this size: Cedar with all entities prebuilt (over {MOST_IN_CEDAR} mandates)"
        ),
        Some((cedar, took)) => {
            println!("Cedar took in all entities in {took:.1?}");
            runners.push(Runner::of(
                "Cedar, entities and question prebuilt, evaluation alone",
                share.min(4_000),
                Box::new(|question| {
                    let question = cedar.question(question);
                    time(|| cedar.evaluate(&question))
                }),
            ));
        }
    }
    match &mut rego {
        None => println!("left out at this size: regorus (over {MOST_IN_REGO} mandates)"),
        Some((rego, took)) => {
            println!("regorus took in the data in {took:.1?}");
            runners.push(Runner::of(
                "regorus, question prebuilt",
                share.min(2_000),
                Box::new(|question| {
                    let question = Rego::question(question);
                    time(|| rego.decide(question))
                }),
            ));
        }
    }
    match &casbin {
        None => println!("left out at this size: casbin (over {MOST_IN_CASBIN} mandates)"),
        Some((casbin, took)) => {
            println!(
                "casbin took in {} rows in {took:.1?}; only what holds at the instant, amounts left out",
                casbin.rows
            );
            runners.push(Runner::of(
                "casbin, an enforcer for each domain",
                share.min(200),
                Box::new(|question| time(|| casbin.decide(question))),
            ));
        }
    }
    runners.retain_mut(|runner| agrees(sample, runner));
    for round in 0..rounds {
        let questions = &sample.questions[round * share..(round + 1) * share];
        for runner in &mut runners {
            for question in &questions[..runner.share.min(share)] {
                let (_, took) = (runner.ask)(question);
                runner.times.add(took);
            }
            runner.times.end_round();
        }
    }
    println!("W1 check, {rounds} rounds in turns, load {}", clock::load());
    let mut ours = None;
    for runner in &mut runners {
        let summary = std::mem::take(&mut runner.times).sum_up();
        summary.line(&format!("  {}", runner.name), ours.as_ref());
        ours.get_or_insert(summary);
    }
    for round in 0..rounds {
        let questions = &sample.questions[round * share..(round + 1) * share];
        for runner in runners.iter_mut().filter(|runner| runner.share > 200) {
            for batch in questions[..runner.share.min(share) / 4].chunks_exact(50) {
                let took = batch.iter().map(|question| (runner.ask)(question).1).sum();
                runner.times.add(took);
            }
            runner.times.end_round();
        }
    }
    println!("W2 batch of 50, one thread");
    let mut ours = None;
    for runner in runners.into_iter().filter(|runner| runner.share > 200) {
        let summary = runner.times.sum_up();
        summary.line(&format!("  {}", runner.name), ours.as_ref());
        println!("    {:.0} decisions/s", 50e9 / summary.mean as f64);
        ours.get_or_insert(summary);
    }
}

/// Whether a runner decides as ours does; it says where not.
fn agrees(sample: &Sample, runner: &mut Runner<'_>) -> bool {
    let questions = &sample.questions[..ORACLE.min(sample.questions.len())];
    let wrong: Vec<_> = questions
        .iter()
        .filter(|question| (runner.ask)(question).0 != sample.epoch.check(question).0)
        .collect();
    match wrong.first() {
        None => println!(
            "oracle: {} decisions alike: {}",
            questions.len(),
            runner.name
        ),
        Some(first) => println!(
            "NOT TIMED: {} decides {} of {} questions otherwise, the first (ours {:?}): {first:?}",
            runner.name,
            wrong.len(),
            questions.len(),
            sample.epoch.check(first)
        ),
    }
    wrong.is_empty()
}
