//! The chain as a picture: boxes from the law down, with the same words as the list beside it.

use crate::flows::explain::Explanation;
use crate::wording::Words;

/// One box of the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boxed {
    /// Top edge.
    pub y: usize,
    /// Height.
    pub height: usize,
    /// Class of the box: `ok`, `no`, `is-sign`, `is-seal` or nothing.
    pub class: &'static str,
    /// Class of the wire that leads to the next box; empty when there is none.
    pub wire: &'static str,
    /// First line.
    pub heading: String,
    /// Further lines.
    pub lines: Vec<String>,
}

impl Boxed {
    /// Baseline of the first line.
    pub fn base(&self) -> usize {
        self.y + 28
    }
    /// Baseline of a further line.
    pub fn line_base(&self, place: &usize) -> usize {
        self.y + 51 + place * 23
    }
    /// Centre of the mark.
    pub fn mark(&self) -> usize {
        self.y + 18
    }
    /// Where the wire begins.
    pub fn bottom(&self) -> usize {
        self.y + self.height
    }
}

/// The whole picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Height of the view box.
    pub height: usize,
    /// Its boxes.
    pub boxes: Vec<Boxed>,
}

/// Letters that fit in one line of a box.
const FIT: usize = 46;
const GAP: usize = 36;

/// Draws the chain that allows, or the place where a refused one is cut.
pub fn draw(words: &Words, explanation: &Explanation) -> Picture {
    let decided = &explanation.decided;
    let mut rows: Vec<(&'static str, String, Vec<String>)> = Vec::new();
    for link in words.links(explanation) {
        rows.push(("ok", link.heading, vec![link.line]));
    }
    if !decided.allowed {
        let clause = decided.clause.clone().unwrap_or_default();
        rows.push(("ok", words.text("picture-law"), vec![clause]));
        rows.push(("no", words.reason(decided.code), reason_line(explanation)));
        let asker = explanation.name(&decided.request.person).to_owned();
        rows.push((
            "",
            explanation.post_title.clone(),
            vec![asker, words.text("picture-not-here")],
        ));
    } else {
        let class = match decided.request.action {
            engine::Action::Seal => "is-seal",
            _ => "is-sign",
        };
        let mut lines = vec![decided.block_lines.join(" / ")];
        if decided.request.action == engine::Action::Sign {
            lines.push(words.text("picture-then-seal"));
        }
        rows.push((class, words.verdict(decided.request.action, true), lines));
    }
    let mut picture = Picture {
        height: 0,
        boxes: Vec::new(),
    };
    let mut y = 6;
    let count = rows.len();
    let next: Vec<&str> = rows.iter().skip(1).map(|row| row.0).collect();
    for (place, (class, heading, lines)) in rows.into_iter().enumerate() {
        let lines: Vec<String> = lines
            .iter()
            .filter(|line| !line.is_empty())
            .map(|line| fit(line))
            .collect();
        let height = 47 + 23 * lines.len();
        let wire = match next.get(place) {
            None => "",
            Some(_) if class == "no" => "wire cut",
            Some(_) => "wire",
        };
        picture.boxes.push(Boxed {
            y,
            height,
            class,
            wire,
            heading: fit(&heading),
            lines,
        });
        y += height + if place + 1 == count { 6 } else { GAP };
    }
    picture.height = y;
    picture
}

fn reason_line(explanation: &Explanation) -> Vec<String> {
    let resource = &explanation.decided.request.resource;
    let field = resource.field.as_deref().map(|field| format!("“{field}”"));
    vec![field.unwrap_or_else(|| explanation.agency_name.clone())]
}

fn fit(line: &str) -> String {
    if line.chars().count() <= FIT {
        return line.to_owned();
    }
    let mut short: String = line.chars().take(FIT - 1).collect();
    short.push('…');
    short
}
