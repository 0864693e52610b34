//! How long a decision takes, alone and beside other engines on the same questions in the same run: workloads W1–W8 of a synthetic
//! province. `policies [--mandates 10000,100000,1000000] [--rounds 5] [--questions 100000]`. It measures and never judges.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench: what is wrong ends the run"
)]

mod casbin_port;
mod cedar_port;
mod clock;
mod ours;
#[path = "../../../../policies/src/bench/province.rs"]
mod province;
mod rego_port;
mod sample;
mod side_by_side;
mod slices;

#[global_allocator]
static MEMORY: clock::Counted = clock::Counted;

fn main() {
    let mut mandates = vec![10_000, 100_000, 1_000_000];
    let (mut rounds, mut questions) = (5, 100_000);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().expect("a value after the option");
        let number = |text: &str| text.parse::<usize>().expect("a number");
        match word.as_str() {
            "--mandates" => mandates = value.split(',').map(number).collect(),
            "--rounds" => rounds = number(&value),
            "--questions" => questions = number(&value),
            other => panic!("unknown option {other}"),
        }
    }
    println!("load before: {}", clock::load());
    for count in mandates {
        println!("\n== {count} mandates");
        let sample = ours::cold_start(count, questions);
        side_by_side::run(&sample, rounds);
        ours::run(&sample, rounds);
        ours::two_years_back(count, questions / 10, rounds);
        ours::revoke_storm(&sample);
        ours::change_roots(sample);
        println!("load after: {}", clock::load());
    }
}
