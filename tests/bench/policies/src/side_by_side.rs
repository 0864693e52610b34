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
const YEAR: i64 = 31_536_000_000;
/// The ceiling of every delegated task of the province.
const CEILING: i64 = 500_000_000;
/// Beyond so many mandates the whole province does not go into the other engine, or its scan takes too long to wait for.
const MOST_IN_CEDAR: usize = 1_000_000;
const MOST_IN_REGO: usize = 1_000_000;
const MOST_IN_CASBIN: usize = 10_000;

/// Asks once, timing what counts; what a caller has ready is made before.
type Ask<'r> = Box<dyn FnMut(&Request) -> (bool, Duration) + 'r>;

struct Runner<'r> {
    name: &'static str,
    /// Questions in a round.
    share: usize,
    /// Whether it knows times and amounts.
    limits: bool,
    ask: Ask<'r>,
    times: Times,
}

impl<'r> Runner<'r> {
    fn of(name: &'static str, share: usize, ask: Ask<'r>) -> Self {
        let times = Times::default();
        Self {
            name,
            share,
            limits: true,
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
            time(|| sliced.with_slices(&question, &slices))
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
                "casbin took in {} rows in {took:.1?}; it knows no times, amounts or chains: only what holds at the instant is loaded, its oracle leaves out other instants and amounts",
                casbin.rows
            );
            let ask: Ask<'_> = Box::new(|question| time(|| casbin.decide(question)));
            runners.push(Runner {
                limits: false,
                ..Runner::of("casbin, an enforcer for each domain", share.min(200), ask)
            });
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
    println!(
        "beside yes or no, no peer says until when, on what chain, in which capacities, or who could instead"
    );
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

/// The oracle's questions: those of the sample, and every second one with something of the next one put in its place, or with an
/// amount or an instant outside what was given (which an engine without limits is spared).
fn oracle(sample: &Sample, limits: bool) -> Vec<Request> {
    let pairs = sample.questions.windows(2).enumerate();
    let asked = pairs.filter_map(|(number, pair)| {
        let (mut question, other) = (pair[0].clone(), &pair[1]);
        let paper = &mut question.resource;
        match number % 16 {
            1 => question.person.clone_from(&other.person),
            3 => paper.agency.clone_from(&other.resource.agency),
            5 => paper.field.clone_from(&other.resource.field),
            7 => paper.kind.clone_from(&other.resource.kind),
            9 => question.capacity = other.capacity,
            11 if limits => paper.amount = paper.amount.map(|amount| amount + 1),
            13 if limits => question.at -= 3 * YEAR,
            15 if limits => question.at += 2 * YEAR,
            11 | 13 | 15 => return None,
            _ => {}
        }
        if !limits && question.resource.amount > Some(CEILING) {
            return None;
        }
        Some(question)
    });
    asked.take(ORACLE).collect()
}

/// Whether a runner decides as ours does; it says where not.
fn agrees(sample: &Sample, runner: &mut Runner<'_>) -> bool {
    let questions = oracle(sample, runner.limits);
    let ours = |question: &Request| sample.epoch.check(question);
    let allowed = questions.iter().filter(|question| ours(question).0);
    let allowed = allowed.count();
    let wrong: Vec<_> = questions
        .iter()
        .filter(|question| (runner.ask)(question).0 != ours(question).0)
        .collect();
    match wrong.first() {
        None => println!(
            "oracle: {} decisions alike, {allowed} allow: {}",
            questions.len(),
            runner.name
        ),
        Some(first) => println!(
            "NOT TIMED: {} decides {} of {} questions otherwise, the first (ours {:?}): {first:?}",
            runner.name,
            wrong.len(),
            questions.len(),
            ours(first)
        ),
    }
    wrong.is_empty()
}
