//! Decisions in words: verdict, reason, who could, what to do, the chain link by link; the same words for page, API and command line.

use engine::{Action, Code, Form, Interval, Link, LinkKind, Remedy};
use platform::clock;
use platform::i18n::{Lang, Tongue};

use crate::TEXTS;
use crate::flows::explain::Explanation;

/// The words of one language.
#[derive(Clone, Copy)]
pub struct Words(Tongue);

/// One link of the chain in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkWords {
    /// What it is.
    pub heading: String,
    /// Who, what, by which instrument.
    pub line: String,
    /// When it holds.
    pub valid: String,
}

impl Words {
    /// In this language.
    pub fn new(lang: Lang) -> Self {
        Self(Tongue::new(lang, &TEXTS))
    }

    /// A plain text.
    pub fn text(&self, key: &str) -> String {
        self.0.text(key)
    }

    /// `Được ký`, `Không được đóng dấu`, …
    pub fn verdict(&self, action: Action, allowed: bool) -> String {
        let key = format!("verdict-{action}-{}", if allowed { "yes" } else { "no" });
        self.0.text(&key)
    }

    /// A reason code in words.
    pub fn reason(&self, code: Code) -> String {
        self.0
            .text(&format!("reason-{}", code.as_str().replace('_', "-")))
    }

    /// A kind of paper in words; a kind nobody named stands as it is.
    pub fn kind(&self, kind: &str) -> String {
        match crate::http::KINDS.contains(&kind) {
            true => self.0.text(&format!("kind-{}", kind.replace('_', "-"))),
            false => kind.to_owned(),
        }
    }

    /// The paper: its title when known, else its kind.
    pub fn paper(&self, explanation: &Explanation) -> String {
        let kind = self.kind(&explanation.decided.request.resource.kind);
        match &explanation.paper_title {
            Some(title) => format!("{kind} “{title}”"),
            None => kind,
        }
    }

    /// The verdict as one sentence.
    pub fn sentence(&self, explanation: &Explanation) -> String {
        let decided = &explanation.decided;
        let request = &decided.request;
        let block = decided.block_lines.join(" / ");
        let usable = decided
            .usable
            .iter()
            .map(|capacity| self.capacity(capacity.as_str()));
        let values = [
            ("name", explanation.name(&request.person).to_owned()),
            ("post", explanation.post_title.clone()),
            ("paper", self.paper(explanation)),
            ("agency", explanation.agency_name.clone()),
            (
                "field",
                request
                    .resource
                    .field
                    .clone()
                    .unwrap_or_else(|| self.0.text("no-field")),
            ),
            ("block", block.clone()),
            ("usable", usable.collect::<Vec<_>>().join(", ")),
        ];
        let key = match decided.code {
            Code::Allowed if block.is_empty() => format!("sentence-{}", request.action),
            Code::Allowed => format!("sentence-{}-as", request.action),
            code => format!("sentence-{}", code.as_str().replace('_', "-")),
        };
        self.0.with(&key, &values)
    }

    /// A capacity's short name.
    pub fn capacity(&self, capacity: &str) -> String {
        self.0.text(&format!(
            "capacity-{}",
            capacity.to_lowercase().replace('_', "-")
        ))
    }

    /// Who could: `Phó Chủ tịch Võ Văn Tú (KT.)`, joined.
    pub fn who_could(&self, explanation: &Explanation) -> String {
        let who = explanation.decided.who_could.iter().map(|candidate| {
            let name = explanation.name(&candidate.person);
            let ground = self
                .0
                .text(&format!("ground-{}", candidate.rule.replace('_', "-")));
            format!("{} {name} ({ground})", candidate.title)
        });
        who.collect::<Vec<_>>().join("; ")
    }

    /// What can be done.
    pub fn remedies(&self, explanation: &Explanation) -> Vec<String> {
        let decided = &explanation.decided;
        let until = decided
            .valid_until
            .map(clock::format_instant)
            .unwrap_or_default();
        let word = |remedy: &Remedy| {
            let key = match remedy {
                Remedy::Forward => "remedy-forward",
                Remedy::AskHandOver => "remedy-ask-hand-over",
                Remedy::StateCapacity => "remedy-state-capacity",
                Remedy::SignFirst => "remedy-sign-first",
                Remedy::Wait => "remedy-wait",
                Remedy::AskRegister => "remedy-ask-register",
                Remedy::AnotherPerson => "remedy-another-person",
            };
            self.0.with(key, &[("until", until.as_str())])
        };
        decided.remedies.iter().map(word).collect()
    }

    /// The refusal (or verdict) as one paragraph: reason, who could, what to do.
    pub fn detail(&self, explanation: &Explanation) -> String {
        let mut parts = vec![self.sentence(explanation)];
        if !explanation.decided.who_could.is_empty() {
            parts.push(
                self.0
                    .with("who-could", &[("who", self.who_could(explanation))]),
            );
        }
        parts.extend(self.remedies(explanation));
        parts.join(" ")
    }

    /// `từ 12/01/2026 đến hết ngày 31/12/2026`.
    pub fn valid(&self, valid: Interval) -> String {
        let from = clock::format_date(valid.from);
        match valid.to {
            None => self.0.with("valid-since", &[("from", from)]),
            Some(to) => self
                .0
                .with("valid-between", &[("from", from), ("to", self.end(to))]),
        }
    }

    /// `hết ngày 31/12/2026` when it is a midnight, else the instant.
    pub fn end(&self, to: i64) -> String {
        match clock::format_instant(to).starts_with("00:00:00 ") {
            true => self
                .0
                .with("end-of-day", &[("day", clock::format_last_day(to))]),
            false => clock::format_instant(to),
        }
    }

    /// The chain, from the law down.
    pub fn links(&self, explanation: &Explanation) -> Vec<LinkWords> {
        let chain = &explanation.decided.chain;
        chain
            .iter()
            .map(|link| self.link(explanation, link))
            .collect()
    }

    fn link(&self, explanation: &Explanation, link: &Link) -> LinkWords {
        let title = link.title.as_deref().unwrap_or_default();
        let instrument = link.instrument.as_deref().unwrap_or_default();
        let (key, first, line) = match link.what {
            LinkKind::Law => (
                "link-law",
                String::new(),
                link.clause.as_deref().unwrap_or_default().to_owned(),
            ),
            LinkKind::Power => (
                "link-power",
                title.to_owned(),
                explanation.agency_name.clone(),
            ),
            LinkKind::Appointment => {
                let person = link.person.as_deref().unwrap_or_default();
                (
                    "link-appointment",
                    title.to_owned(),
                    dotted(&[explanation.name(person), instrument]),
                )
            }
            LinkKind::Assignment if title.is_empty() => {
                ("link-custody", String::new(), instrument.to_owned())
            }
            LinkKind::Assignment => ("link-assignment", title.to_owned(), instrument.to_owned()),
            LinkKind::Mandate => (
                match link.form.unwrap_or(Form::Kt) {
                    Form::Kt => "link-mandate",
                    Form::Tl => "link-mandate-tl",
                    Form::TlKt => "link-mandate-tl-kt",
                    Form::Tuq => "link-mandate-tuq",
                    Form::Uq => "link-mandate-uq",
                },
                String::new(),
                match link.form {
                    None | Some(Form::Kt) => dotted(&[instrument, title]),
                    Some(_) => dotted(&[instrument, &self.named(title)]),
                },
            ),
            LinkKind::Seal => ("link-seal", String::new(), explanation.agency_name.clone()),
        };
        LinkWords {
            heading: self.0.with(key, &[("title", first)]),
            line,
            valid: self.valid(link.valid),
        }
    }

    /// Kinds and fields a mandate names, kinds by their names.
    pub fn named(&self, words: &str) -> String {
        let words = words.split(", ").map(|word| self.kind(word));
        words.collect::<Vec<_>>().join(", ")
    }

    /// What a mandate reaches: kinds, field, highest amount.
    pub fn reach(&self, kinds: &[String], field: &str, ceiling: Option<&str>) -> String {
        let mut parts: Vec<String> = kinds.iter().map(|kind| self.kind(kind)).collect();
        if !field.is_empty() {
            parts.push(self.0.with("reach-field", &[("field", field)]));
        }
        if let Some(amount) = ceiling {
            parts.push(self.0.with("reach-ceiling", &[("amount", amount)]));
        }
        parts.join(", ")
    }

    /// The whole explanation as plain text, for a terminal.
    pub fn plain(&self, explanation: &Explanation) -> String {
        let decided = &explanation.decided;
        let mut lines = vec![
            format!(
                "{}: {}",
                self.verdict(decided.request.action, decided.allowed),
                self.sentence(explanation)
            ),
            format!("  {}: {}", self.0.text("code"), decided.code),
        ];
        lines.extend(
            decided
                .clause
                .iter()
                .map(|clause| format!("  {}: {clause}", self.0.text("clause"))),
        );
        lines.extend(
            decided
                .block_lines
                .iter()
                .map(|line| format!("      {line}")),
        );
        for (place, link) in self.links(explanation).iter().enumerate() {
            lines.push(format!(
                "  {}. {} · {} · {}",
                place + 1,
                link.heading,
                link.line,
                link.valid
            ));
        }
        if !decided.who_could.is_empty() {
            lines.push(format!(
                "  {}",
                self.0
                    .with("who-could", &[("who", self.who_could(explanation))])
            ));
        }
        lines.extend(
            self.remedies(explanation)
                .iter()
                .map(|remedy| format!("  {remedy}")),
        );
        let until = decided
            .valid_until
            .map_or_else(|| self.0.text("no-end"), |until| self.end(until));
        lines.push(format!(
            "  {}: {until} · {}: {}",
            self.0.text("valid-until"),
            self.0.text("epoch"),
            decided.epoch
        ));
        lines.join("\n")
    }
}

fn dotted(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts
        .iter()
        .copied()
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(", ")
}
