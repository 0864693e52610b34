//! The cases as a table people read: `docs/law/cases.md`, written from the files of cases and compared with them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use engine::*;

use crate::world::*;

const ABOUT: &str = "\
# Cases of signing authority

Written from `policies/rules/cases/*.toml` by the tests of the crate `engine`; do not edit here. To write it anew: \
`UPDATE_GENERATED=1 cargo test -p engine --test cases`.

A question asks whether somebody may do something with a paper at an instant; a draft asks what the law has against authority about to be \
given. Answers are those of the law as the rows in `policies/rules/` hold it; lines before a table give the gist of the clause in Vietnamese and \
how far its text was checked. “Our reading” and “from memory” wait for the legal office. Times are those of Vietnam; an end is the first \
instant at which it no longer holds. People, bodies and instruments are those of `policies/rules/cases/world.toml`.
";

struct Words {
    facts: Facts,
}

impl Words {
    fn agency(&self, id: &str) -> String {
        let mut rows = self.facts.agencies.iter();
        rows.find(|row| &*row.id == id)
            .map_or_else(|| format!("`{id}`"), |row| row.name.to_string())
    }

    fn place(&self, post: &str) -> String {
        let mut rows = self.facts.posts.iter();
        rows.find(|row| &*row.id == post).map_or_else(
            || format!("`{post}`"),
            |row| {
                let unit = row.unit.as_ref().map(|unit| format!("{}, ", unit.name));
                let agency = self.agency(&row.agency);
                format!("{}, {}{agency}", row.title, unit.unwrap_or_default())
            },
        )
    }

    fn who(&self, person: &str, post: &str, at: i64) -> String {
        let rows = self.facts.appointments.iter();
        let kinds: Vec<&str> = rows
            .filter(|row| *row.person == *person && *row.post == *post && row.valid.contains(at))
            .map(|row| match row.kind {
                AppointmentKind::Full => "",
                AppointmentKind::Acting => "quyền",
                AppointmentKind::InCharge => "phụ trách",
                AppointmentKind::Concurrent => "kiêm nhiệm",
            })
            .collect();
        let kind = match kinds.iter().max() {
            None => " (not in the post then)".to_owned(),
            Some(&"") => String::new(),
            Some(kind) => format!(" ({kind})"),
        };
        format!("{}{kind}", self.place(post))
    }

    fn asked(&self, ask: &Ask) -> String {
        let act = match ask.action {
            Action::Sign => "signs",
            Action::Seal => "seals",
            Action::Copy => "signs a copy of",
            Action::Number => "numbers",
        };
        let mut text = format!(
            "{} {act} `{}` of {}",
            self.who(&ask.person, &ask.post, instant(&ask.at)),
            ask.kind,
            self.agency(&ask.agency)
        );
        match ask.capacity {
            Some(capacity) => write!(text, " as `{capacity}`").unwrap(),
            None if ask.action == Action::Sign => text.push_str(", no capacity stated"),
            None => {}
        }
        if !ask.paper.is_empty() {
            write!(text, "; paper `{}`", ask.paper).unwrap();
        }
        if let Some(field) = &ask.field {
            write!(text, "; field `{field}`").unwrap();
        }
        if let Some(competence) = &ask.competence {
            write!(text, "; a task of {}", self.agency(competence)).unwrap();
        }
        if let Some(about) = &ask.about {
            write!(text, "; about {}", self.agency(about)).unwrap();
        }
        if let Some(amount) = ask.amount {
            write!(text, "; {} đồng", grouped(amount)).unwrap();
        }
        match &ask.signed_by {
            Some(signer) if *signer == ask.person => text.push_str("; signed by himself"),
            Some(_) => text.push_str("; signed"),
            None if ask.action != Action::Sign => text.push_str("; not signed"),
            None => {}
        }
        write!(text, "; {}", moment(&ask.at)).unwrap();
        text
    }

    fn answer(&self, case: &Case) -> String {
        let mut text = match case.code {
            Code::Allowed => "**allowed**".to_owned(),
            code => format!("refused: `{code}`"),
        };
        if let Some(block) = case.block.as_ref().filter(|block| !block.is_empty()) {
            write!(text, "; {}", block.join(" / ")).unwrap();
        }
        if let Some(usable) = &case.usable {
            let words: Vec<String> = usable.iter().map(|one| format!("`{one}`")).collect();
            write!(text, "; may state {}", words.join(", ")).unwrap();
        }
        if let Some(until) = &case.until {
            write!(text, "; until {}", moment(until)).unwrap();
        }
        if let Some(others) = case.other_chains.filter(|others| *others > 0) {
            write!(text, "; {others} more that would carry").unwrap();
        }
        if let Some(who) = case.who_could.as_ref().filter(|who| !who.is_empty()) {
            let who: Vec<String> = who
                .iter()
                .map(|one| self.place(one.split('@').next_back().unwrap_or_default()))
                .collect();
            write!(text, "; could: {}", who.join(" · ")).unwrap();
        }
        text
    }

    fn given(&self, give: &Give) -> String {
        let form = match give.form {
            Form::Kt => "hands a paper over (`KT`)",
            Form::Tl => "orders (`TL`)",
            Form::TlKt => "gives inside his order (`TL_KT`)",
            Form::Tuq => "delegates signing (`TUQ`)",
            Form::Uq => "delegates a task (`UQ`)",
        };
        let to = match give.addressee {
            Addressee::Post => "",
            Addressee::Agency => "the agency of ",
        };
        let mut text = format!(
            "{} {form} of {} to {to}{}",
            self.who(&give.person, &give.post, give.drafted()),
            self.agency(&give.competence),
            self.place(&give.to)
        );
        let reach = &give.reach;
        for (what, list) in [
            ("papers", &reach.papers),
            ("kinds", &reach.kinds),
            ("fields", &reach.fields),
        ] {
            let words: Vec<String> = list.iter().map(|one| format!("`{}`", &**one)).collect();
            if !words.is_empty() {
                write!(text, "; {what} {}", words.join(", ")).unwrap();
            }
        }
        let about: Vec<String> = reach.agencies.iter().map(|id| self.agency(id)).collect();
        if !about.is_empty() {
            write!(text, "; about {}", about.join(", ")).unwrap();
        }
        if let Some(ceiling) = reach.ceiling {
            write!(text, "; at most {} đồng", grouped(ceiling)).unwrap();
        }
        write!(text, "; from {}", moment(&give.from)).unwrap();
        match &give.until {
            Some(until) => write!(text, " until {}", moment(until)).unwrap(),
            None => text.push_str(", no end"),
        }
        if let Some(at) = &give.at {
            write!(text, "; drafted {}", moment(at)).unwrap();
        }
        text
    }
}

fn moment(value: &toml::value::Datetime) -> String {
    value.to_string().replace('T', " ")
}

/// An amount as it is written in Vietnam: `1.000.000`.
fn grouped(amount: i64) -> String {
    let digits = amount.unsigned_abs().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    match amount < 0 {
        true => format!("−{text}"),
        false => text,
    }
}

fn row(number: usize, point: &str, asked: &str, answer: &str, clause: Option<&String>) -> String {
    let clause = clause.map_or("no row", String::as_str);
    format!("| {number} | {point} | {asked} | {answer} | {clause} |\n")
}

/// Figures at the head of the page.
fn figures(topics: &[Topic]) -> String {
    let cases: Vec<&Case> = topics.iter().flat_map(|topic| &topic.cases.case).collect();
    let drafts: Vec<&Draft> = topics.iter().flat_map(|topic| &topic.cases.draft).collect();
    let allowed = cases
        .iter()
        .filter(|case| case.code == Code::Allowed)
        .count();
    let lawful = drafts
        .iter()
        .filter(|draft| draft.against.is_empty())
        .count();
    format!(
        "\n{} cases: {} questions ({allowed} allowed, {} refused) and {} drafts ({lawful} lawful, {} void).\n",
        cases.len() + drafts.len(),
        cases.len(),
        cases.len() - allowed,
        drafts.len(),
        drafts.len() - lawful,
    )
}

fn page() -> String {
    let words = Words { facts: facts() };
    let topics = topics();
    let mut page = ABOUT.to_owned() + &figures(&topics);
    let mut number = 0;
    for topic in &topics {
        let (mut cases, mut drafts) = (topic.cases.case.iter(), topic.cases.draft.iter());
        write!(page, "\n## {}\n", topic.file).unwrap();
        let (mut said, mut open) = (false, false);
        for line in topic.text.lines() {
            if let Some(comment) = line.strip_prefix("# ") {
                page.push_str(if said { "" } else { "\n" });
                writeln!(page, "{comment}").unwrap();
                (said, open) = (true, false);
                continue;
            }
            let written = match line {
                "[[case]]" => cases.next().map(|case| {
                    let (asked, answer) = (words.asked(&case.ask), words.answer(case));
                    (&case.name, asked, answer, &case.clause)
                }),
                "[[draft]]" => drafts.next().map(|draft| {
                    let against: Vec<String> = draft
                        .against
                        .iter()
                        .map(|one| format!("`{}`", in_snake_case(&format!("{one:?}"))))
                        .collect();
                    let answer = match against.is_empty() {
                        true => "**lawful**".to_owned(),
                        false => format!("void: {}", against.join(", ")),
                    };
                    (&draft.name, words.given(&draft.give), answer, &draft.clause)
                }),
                _ => None,
            };
            let Some((point, asked, answer, clause)) = written else {
                continue;
            };
            if !open {
                page.push_str("\n| | Legal point | Who asks what | Answer | Clause |\n|---|---|---|---|---|\n");
                (said, open) = (false, true);
            }
            number += 1;
            page.push_str(&row(number, point, &asked, &answer, clause.as_ref()));
        }
    }
    page
}

fn in_snake_case(word: &str) -> String {
    let mut text = String::new();
    for letter in word.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

#[test]
fn the_table_of_cases_is_the_one_in_the_documents() {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/law/cases.md");
    let page = page();
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let first = page
        .lines()
        .zip(written.lines())
        .find(|(one, other)| one != other);
    assert!(
        page == written,
        "docs/law/cases.md is not what the cases say; run with UPDATE_GENERATED=1. First difference: {first:?}"
    );
}
