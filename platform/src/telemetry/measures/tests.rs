//! Names are those of the written vocabulary, both ways, and every series carries exactly the labels it names.
use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// Rows of the table in docs/operations/metrics.md: name → (kind, labels, help).
fn written() -> BTreeMap<String, (String, String, String)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operations/metrics.md");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .filter(|line| line.starts_with("| `antin_"))
        .map(|line| {
            let cells: Vec<String> = line
                .trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().replace('`', ""))
                .collect();
            (
                cells[0].clone(),
                (cells[1].clone(), cells[2].clone(), cells[3].clone()),
            )
        })
        .collect()
}

#[test]
fn every_measure_is_written_down_and_every_written_measure_exists() {
    let ours: BTreeMap<_, _> = VOCABULARY
        .iter()
        .map(|word| {
            let rest = (word.kind, word.labels, word.help);
            (
                word.name.to_owned(),
                (rest.0.to_owned(), rest.1.to_owned(), rest.2.to_owned()),
            )
        })
        .collect();
    let written = written();
    for (name, row) in &ours {
        assert_eq!(written.get(name), Some(row), "{name}");
    }
    for name in written.keys() {
        assert!(ours.contains_key(name), "{name} is written and not there");
    }
}

/// Every way of counting, once.
fn everything_once() -> Measures {
    let measures = Measures::default();
    let time = Duration::from_millis(3);
    let _under_way = measures.enter("public");
    let _waits = measures.wait();
    measures.answered("public", "GET", "/papers/{id}", 200, time);
    measures.shed("usual", "full");
    measures.unit("committed", time);
    measures.committed(3, time);
    measures.retried();
    measures.sign_in("passkey", "good");
    measures.log(LogStanding {
        leaves: 3,
        signed: 2,
        lag: 1500,
    });
    measures.mail_queue("due", 1, 2500);
    measures.delivery("delivered");
    measures.job("mail", true, 5000);
    measures.signer("sign_ocsp", "good", time);
    measures.check("database", true);
    measures.process("serve", &super::super::usage::of_process(None).unwrap());
    measures.started(1000);
    measures
}

#[test]
fn every_measure_can_be_counted_and_carries_the_labels_it_names() {
    let text = everything_once().text().unwrap();
    assert!(text.ends_with("# EOF\n"), "{text}");
    let mut seen = BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, _value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let word = VOCABULARY
            .iter()
            .find(|word| {
                let ends: &[&str] = match word.kind {
                    "histogram" => &["_bucket", "_sum", "_count"],
                    _ => &[""],
                };
                ends.iter().any(|end| format!("{}{end}", word.name) == name)
            })
            .unwrap_or_else(|| panic!("{line} is of no name in the vocabulary"));
        let carried: Vec<&str> = labels
            .trim_end_matches('}')
            .split("\",")
            .filter_map(|pair| pair.split_once('='))
            .map(|(label, _)| label)
            .filter(|label| *label != "le")
            .collect();
        assert_eq!(carried.join(", "), word.labels, "{line}");
        seen.insert(word.name);
    }
    for word in VOCABULARY {
        assert!(seen.contains(word.name), "{} is never counted", word.name);
    }
    for expected in [
        "antin_http_requests_total{listener=\"public\",method=\"GET\",route=\"/papers/{id}\",status=\"200\"} 1",
        "antin_log_lag_seconds 1.5",
        "antin_database_commit_units_bucket{le=\"4.0\"} 1",
        "antin_job_last_success_timestamp_seconds{job=\"mail\"} 5.0",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}

#[test]
fn what_ended_is_no_longer_under_way() {
    let measures = Measures::default();
    let under_way = measures.enter("public");
    drop(under_way);
    let text = measures.text().unwrap();
    assert!(
        text.contains("antin_http_requests_in_flight{listener=\"public\"} 0"),
        "{text}"
    );
}
