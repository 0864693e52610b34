//! W3–W8, which ask for more than yes or no: lists, other times, revocation under load, re-rooting, cold start.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use engine::{Above, Agency, Appointment, AppointmentKind, Epoch, Form, Interval, Post, Role};

use crate::clock::{self, Times, time};
use crate::province::{self, Dice, NOW};
use crate::sample::{Sample, facts, law};

const YEAR: i64 = 31_536_000_000;
/// 1 July 2025, 00:00 in Vietnam: the districts end.
const DISTRICTS_END: i64 = 1_751_302_800_000;
const DISTRICTS: usize = 10;

/// W8.
pub fn cold_start(mandates: usize, questions: usize) -> Sample {
    let sample = Sample::of(mandates, questions);
    let (register, _) = facts(0);
    let size = |facts| {
        let before = clock::bytes();
        clock::count_bytes(true);
        let (epoch, took) = time(|| Epoch::compile(1, facts, &sample.rules));
        clock::count_bytes(false);
        let bytes = clock::bytes().wrapping_sub(before);
        drop(epoch);
        (bytes, took)
    };
    let (bare, _) = size(&register);
    let (full, took) = size(&sample.facts);
    println!(
        "W8 cold start: compiled {:?} in {took:.2?}; index {:.1} MB, of which {} bytes for each mandate, without its texts",
        sample.epoch.size(),
        full as f64 / 1e6,
        full.saturating_sub(bare) / mandates.max(1)
    );
    sample
}

/// W3 and W4.
pub fn run(sample: &Sample, rounds: usize) {
    let (mut lists, mut listed, mut asked) = (Times::default(), 0, 0);
    let (mut could, mut named, mut refused) = (Times::default(), 0, 0);
    let share = sample.questions.len() / rounds;
    for round in 0..rounds {
        let questions = &sample.questions[round * share..(round + 1) * share];
        for question in questions.iter().take(200) {
            let paper = &question.resource;
            let (found, took) = time(|| {
                sample
                    .epoch
                    .usable(&question.person, &question.post, &paper.kind, NOW)
            });
            (listed, asked) = (listed + found.len(), asked + 1);
            lists.add(took);
        }
        lists.end_round();
        for question in questions.iter().take(10_000) {
            let question = black_box(question.clone());
            let (decision, took) = time(|| sample.epoch.decide(&question));
            if !decision.who_could.is_empty() {
                (named, refused) = (named + decision.who_could.len(), refused + 1);
                could.add(took);
            }
        }
        could.end_round();
    }
    explain(sample, rounds);
    let each = |all: usize, of: usize| all as f64 / of.max(1) as f64;
    lists.sum_up().line(
        &format!(
            "W3 what a post may sign, {:.0} entries each",
            each(listed, asked)
        ),
        None,
    );
    could.sum_up().line(
        &format!(
            "W4 who may instead, a refusal with {:.1} names",
            each(named, refused)
        ),
        None,
    );
}

/// What the full answer costs where the act is allowed, beside the check of the same questions.
fn explain(sample: &Sample, rounds: usize) {
    let allowed = |question: &&engine::Request| sample.epoch.check(question).0;
    let allowed: Vec<_> = sample.questions.iter().filter(allowed).collect();
    let (mut checks, mut answers) = (Times::default(), Times::default());
    for part in allowed.chunks(allowed.len().div_ceil(rounds)) {
        for question in part {
            let question = black_box((*question).clone());
            checks.add(time(|| black_box(sample.epoch.check(&question))).1);
        }
        for question in part {
            let question = black_box((*question).clone());
            answers.add(time(|| black_box(sample.epoch.decide(&question))).1);
        }
        checks.end_round();
        answers.end_round();
    }
    let checks = checks.sum_up();
    checks.line("allowed questions, check", None);
    answers.sum_up().line(
        "allowed questions, decide with chain and block lines",
        Some(&checks),
    );
}

/// The facts as they were before the districts ended: mandates two years older, communes under a district until that day.
fn before(mandates: usize) -> (engine::Facts, Dice) {
    let (mut facts, dice) = facts(mandates);
    for mandate in &mut facts.mandates {
        mandate.valid =
            Interval::between(mandate.valid.from - 2 * YEAR, mandate.valid.end() - YEAR);
    }
    let district = |number: usize| engine::Text::from(format!("agy_d{number:021}"));
    for (number, body) in facts
        .agencies
        .iter_mut()
        .enumerate()
        .filter(|(_, body)| &*body.kind == "ubnd_xa")
    {
        let until = |agency, valid| Above { agency, valid };
        body.above = vec![
            until(
                district(number % DISTRICTS),
                Interval::between(0, DISTRICTS_END),
            ),
            until(province::agency(0), Interval::since(DISTRICTS_END)),
        ];
    }
    let lived = Interval::between(0, DISTRICTS_END);
    for number in 0..DISTRICTS {
        let post = engine::Text::from(format!("pst_d{number:021}"));
        facts.agencies.push(Agency {
            id: district(number),
            name: "Ủy ban nhân dân huyện".into(),
            kind: "ubnd_huyen".into(),
            collective: Some("Ủy ban nhân dân".into()),
            above: vec![Above {
                agency: province::agency(0),
                valid: Interval::since(0),
            }],
            valid: lived,
        });
        facts.posts.push(Post {
            id: post.clone(),
            agency: district(number),
            title: "Chủ tịch".into(),
            role: Role::Head,
            unit: None,
            valid: lived,
        });
        facts.appointments.push(Appointment {
            id: format!("apt_d{number:021}").into(),
            person: format!("psn_d{number:021}").into(),
            post,
            kind: AppointmentKind::Full,
            instrument: None,
            valid: lived,
        });
    }
    (facts, dice)
}

/// W5.
pub fn two_years_back(mandates: usize, questions: usize, rounds: usize) {
    let (facts, mut dice) = before(mandates);
    let epoch = Epoch::compile(1, &facts, &law());
    let mut asked = province::questions(&facts.mandates, questions, &mut dice);
    for question in &mut asked {
        question.at = DISTRICTS_END - YEAR / 2 + (dice.below(YEAR as usize / 1_000) as i64) * 1_000;
    }
    let (mut times, mut allowed) = (Times::default(), 0);
    for part in asked.chunks(asked.len().div_ceil(rounds)) {
        for question in part {
            let question = black_box(question.clone());
            let (answer, took) = time(|| epoch.check(&question));
            allowed += usize::from(answer.0);
            times.add(took);
        }
        times.end_round();
    }
    let name = format!(
        "W5 at instants on both sides of 1 July 2025, {allowed} of {} allowed",
        asked.len()
    );
    times.sum_up().line(&name, None);
}

/// W6: an instrument with 500 mandates revoked while another thread asks.
pub fn revoke_storm(sample: &Sample) {
    let carried: Vec<&engine::Request> = sample
        .questions
        .iter()
        .filter(|question| sample.epoch.check(question).0)
        .collect();
    let through = |question: &engine::Request| {
        let decision = sample.epoch.decide(question);
        let alone = decision.other_chains == 0;
        decision
            .chain
            .iter()
            .rev()
            .find(|link| link.form.is_some() && alone)
            .map(|link| link.id.clone())
    };
    let found = carried
        .iter()
        .find_map(|question| Some(((*question).clone(), through(question)?)));
    let Some((question, first)) = found else {
        println!("W6: no question rests on a single mandate");
        return;
    };
    let mut facts = sample.facts.clone();
    let published = ArcSwap::from_pointee(Epoch::compile(1, &facts, &sample.rules));
    let (stop, checks) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let mut denied = None;
            while !stop.load(Relaxed) {
                for other in sample.questions.iter().take(2_000) {
                    black_box(published.load().check(other));
                    let allowed = published.load().check(&question).0;
                    checks.fetch_add(2, Relaxed);
                    if !allowed {
                        denied.get_or_insert_with(Instant::now);
                    }
                }
            }
            denied
        });
        let quiet = Instant::now();
        std::thread::sleep(Duration::from_secs(1));
        let before = checks.load(Relaxed) as f64 / quiet.elapsed().as_secs_f64();
        // The commit: facts changed, to be compiled and published.
        let mut left = 499;
        for mandate in &mut facts.mandates {
            let hit = mandate.id == first || (left > 0 && mandate.form == Form::Tl);
            left -= usize::from(hit && mandate.id != first);
            if hit {
                mandate.valid.to = Some(NOW);
            }
        }
        let committed = Instant::now();
        let from = checks.load(Relaxed);
        let (epoch, compiled) = time(|| Epoch::compile(2, &facts, &sample.rules));
        published.store(std::sync::Arc::new(epoch));
        let swapped = committed.elapsed();
        let during = (checks.load(Relaxed) - from) as f64 / swapped.as_secs_f64();
        std::thread::sleep(Duration::from_millis(200));
        stop.store(true, Relaxed);
        let denied = asking.join().expect("the asking thread ends");
        let took = denied
            .expect("the revoked act is denied")
            .duration_since(committed);
        println!(
            "W6 revoke of 500 mandates: committed to first deny {took:.1?} (compile {compiled:.1?}, swapped after {swapped:.1?}); checks/s {before:.0} before, {during:.0} meanwhile"
        );
    });
}

/// W7: up to 100,000 mandates of the province's head get another giver, and the whole is compiled.
pub fn change_roots(sample: Sample) {
    let mut facts = sample.facts;
    let rules = sample.rules;
    drop(sample.epoch);
    let most = 100_000;
    let started = Instant::now();
    let mut added = Vec::new();
    for mandate in facts
        .mandates
        .iter_mut()
        .filter(|mandate| mandate.valid.contains(NOW))
        .take(most)
    {
        let mut next = mandate.clone();
        next.id = format!("{}r", mandate.id).into();
        next.grantor = match mandate.form {
            Form::Uq => province::post(1, 0),
            _ => mandate.grantor.clone(),
        };
        next.instrument = "1/NQ-HĐND".into();
        next.valid.from = NOW;
        mandate.valid.to = Some(NOW);
        added.push(next);
    }
    let moved = added.len();
    facts.mandates.append(&mut added);
    let rewritten = started.elapsed();
    let (epoch, compiled) = time(|| Epoch::compile(3, &facts, &rules));
    println!(
        "W7 {moved} mandates given anew from another root: {rewritten:.1?}, and compiled in {compiled:.1?} ({:?})",
        epoch.size()
    );
}
