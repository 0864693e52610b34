//! How long a decision takes: a province of 200 agencies, 6,000 people and as many one-paper mandates as asked.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use engine::*;
use std::time::Instant;

fn main() {
    let mandates: usize = std::env::args()
        .nth(1)
        .map_or(10_000, |n| n.parse().expect("a number of mandates"));
    let rules = Rules::parse(&[
        ("own", include_str!("../../rules/own.toml")),
        ("kt_field", include_str!("../../rules/kt_field.toml")),
        ("kt_case", include_str!("../../rules/kt_case.toml")),
        ("seal", include_str!("../../rules/seal.toml")),
        ("copy", include_str!("../../rules/copy.toml")),
    ])
    .expect("the rules read");
    let mut facts = Facts::default();
    let always = Interval::since(0);
    for a in 0..200 {
        facts.agencies.push(Agency {
            id: format!("agy_{a:022}").into(),
            name: "Cơ quan".into(),
            collective: (a % 2 == 0).then(|| "Ủy ban nhân dân".into()),
            valid: always,
        });
        for p in 0..30 {
            let role = match p {
                0 => Role::Head,
                1..=3 => Role::Deputy,
                _ => Role::Other,
            };
            let post: Text = format!("pst_{a:011}{p:011}").into();
            facts.posts.push(Post {
                id: post.clone(),
                agency: format!("agy_{a:022}").into(),
                title: "Phó Chủ tịch".into(),
                role,
                valid: always,
            });
            facts.appointments.push(Appointment {
                id: format!("apt_{a:011}{p:011}").into(),
                person: format!("psn_{a:011}{p:011}").into(),
                post: post.clone(),
                kind: AppointmentKind::Full,
                instrument: Some("1201/QĐ-TTg".into()),
                valid: always,
            });
            if role == Role::Deputy {
                facts.assignments.push(Assignment {
                    id: format!("asg_{a:011}{p:011}").into(),
                    agency: format!("agy_{a:022}").into(),
                    grantee: post,
                    gives: AssignmentKind::Field {
                        field: format!("field {p}").into(),
                    },
                    instrument: Some("15/QĐ-UBND".into()),
                    valid: Interval::between(0, 9_000_000_000_000),
                });
            }
        }
    }
    for m in 0..mandates {
        let (a, p) = (m % 200, 1 + m % 3);
        facts.mandates.push(Mandate {
            id: format!("mdt_{m:022}").into(),
            grantor: format!("pst_{a:011}{:011}", 0).into(),
            grantee: format!("pst_{a:011}{p:011}").into(),
            paper: format!("ppr_{m:022}").into(),
            instrument: "09/GV".into(),
            valid: Interval::between(1, 8_000_000_000_000),
        });
    }
    let started = Instant::now();
    let epoch = Epoch::compile(1, &facts, &rules);
    println!("compiled {:?} in {:?}", epoch.size(), started.elapsed());
    let ask = |n: usize, field: String| {
        let (a, p) = (n * 7919 % 200, 1 + n % 3);
        Request {
            person: format!("psn_{a:011}{p:011}"),
            post: format!("pst_{a:011}{p:011}"),
            action: Action::Sign,
            resource: Resource {
                id: format!("ppr_{:022}", n * 104_729 % mandates.max(1)),
                kind: "quyet_dinh".into(),
                field: Some(field),
                agency: format!("agy_{a:022}"),
                signed: None,
            },
            capacity: Some(if a % 2 == 0 {
                Capacity::TmKt
            } else {
                Capacity::Kt
            }),
            at: 1_700_000_000_000,
        }
    };
    let inside: Vec<Request> = (0..100_000)
        .map(|n| ask(n, format!("field {}", 1 + n % 3)))
        .collect();
    let outside: Vec<Request> = (0..100_000).map(|n| ask(n, "field 9".into())).collect();
    for (name, requests) in [("allowed", &inside), ("refused", &outside)] {
        let check = measure(requests, |r| std::hint::black_box(epoch.check(r)).0);
        let decide = measure(requests, |r| std::hint::black_box(epoch.decide(r)).allowed);
        println!(
            "{name}: check p50 {} ns, p99 {} ns; decide with chain p50 {} ns, p99 {} ns ({} allowed)",
            check.0, check.1, decide.0, decide.1, decide.2
        );
    }
}

fn measure(requests: &[Request], mut act: impl FnMut(&Request) -> bool) -> (u128, u128, usize) {
    let mut times = Vec::with_capacity(requests.len());
    let mut allowed = 0;
    for request in requests {
        let started = Instant::now();
        allowed += usize::from(act(request));
        times.push(started.elapsed().as_nanos());
    }
    times.sort_unstable();
    (
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        allowed,
    )
}
