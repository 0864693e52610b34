//! What the pages of lists show: the overview, and one list with its choices, its counts and its rows.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use platform::clock::{format_date, format_instant};
use platform::i18n::Tongue;
use platform::pages::Shell;

use super::list_claims::Whole;
use crate::TEXTS;
use crate::domain::intake::encoding::Encoding;
use crate::domain::intake::header::{Column, Mapping};
use crate::domain::intake::match_up::Outcome;
use crate::domain::intake::sheet::Sheet;
use crate::domain::intake::weigh::Line;
use crate::domain::intake::{Note, Verdict};
use crate::flows::read_list::Weighed;
use crate::store::lists::{ListRow, ListState};

/// Rows on a page.
const ROWS: usize = 50;
/// Rows of the sheet shown under the choices.
const PREVIEW: usize = 4;

/// Query of the page of one list.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Asked {
    /// Only rows of this verdict.
    #[serde(default)]
    show: String,
    /// Only rows with this note.
    #[serde(default)]
    note: String,
    /// Which page of them.
    #[serde(default)]
    page: usize,
    /// Which page of people missing from the list.
    #[serde(default)]
    missing: usize,
}

struct Entry {
    href: String,
    file: String,
    at: String,
    state: String,
    class: &'static str,
}

/// The overview.
#[derive(Template)]
#[template(path = "lists.html")]
pub(crate) struct Overview {
    t: Tongue,
    csrf: String,
    problem: Option<String>,
    today: String,
    entries: Vec<Entry>,
    sources: Vec<(String, String)>,
}

impl Overview {
    pub(crate) fn of(
        t: Tongue,
        shell: &Shell,
        rows: Vec<ListRow>,
        sources: Vec<(String, String)>,
        problem: Option<String>,
        now: i64,
    ) -> Self {
        let entry = |list: ListRow| Entry {
            href: format!("/admin/imports/{}", list.id),
            at: format_instant(list.uploaded_at),
            state: t.text(&format!("list-{}", list.state.as_str())),
            class: class(list.state),
            file: list.file_name,
        };
        let entries = rows.into_iter().map(entry).collect();
        Self {
            csrf: shell.csrf.clone(),
            problem,
            today: format_date(now),
            entries,
            sources,
            t,
        }
    }
}

fn class(state: ListState) -> &'static str {
    match state {
        ListState::Published => "ok",
        ListState::Judged | ListState::Publishing => "warn",
        ListState::Undone | ListState::Discarded => "no",
    }
}

/// What may be chosen of a list that is still open.
pub(crate) struct Choices {
    sheets: Vec<(String, bool)>,
    encodings: Vec<(&'static str, String, bool)>,
    header: u32,
    effective: String,
    /// Name of the field, its words, whether it must be chosen, and the options.
    fields: Vec<(String, String, bool, Vec<Place>)>,
    preview: Vec<(u32, Vec<String>)>,
}

/// A column of the sheet as an option.
struct Place {
    value: String,
    words: String,
    chosen: bool,
}

/// A group of rows with one note.
struct Group {
    word: &'static str,
    words: String,
    remedy: String,
    n: usize,
    href: String,
    class: &'static str,
    look: bool,
    accepted: bool,
}

struct Shown {
    line: Line,
    birth: String,
    verdict: String,
    class: &'static str,
    outcome: String,
    notes: Vec<String>,
}

#[derive(Template)]
#[template(path = "list.html")]
struct Page {
    t: Tongue,
    csrf: String,
    id: String,
    file: String,
    state: String,
    state_class: &'static str,
    at: String,
    digest: String,
    open: bool,
    published: bool,
    publishing: bool,
    running: bool,
    failure: Option<String>,
    progress: Option<(i64, i64)>,
    missing: Vec<String>,
    choices: Choices,
    counts: Vec<(&'static str, String, usize, String)>,
    outcomes: Vec<(String, usize)>,
    changing: usize,
    groups: Vec<Group>,
    whole: Whole,
    source: Option<String>,
    part: Option<String>,
    shown_words: String,
    rows: Vec<Shown>,
    next: Option<String>,
}

/// The page of one list.
pub(crate) fn page(
    shell: &Shell,
    weighed: Weighed,
    asked: &Asked,
    progress: Option<(i64, i64)>,
    running: bool,
) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    let Weighed {
        list,
        opened,
        mapping,
        accepted,
        lines,
        claim,
        leaving,
        agencies,
        source,
        part,
    } = weighed;
    let here = format!("/admin/imports/{}", list.id);
    let counts = [Verdict::Ready, Verdict::Look, Verdict::Refused]
        .map(|verdict| {
            let n = lines.iter().filter(|line| line.verdict == verdict).count();
            let word = verdict.as_str();
            (
                verdict_class(verdict),
                t.text(&format!("verdict-{word}")),
                n,
                format!("{here}?show={word}#rows"),
            )
        })
        .to_vec();
    let mut outcomes: Vec<(String, usize)> = [
        Outcome::Joins,
        Outcome::Corrects,
        Outcome::Moves,
        Outcome::Stays,
    ]
    .into_iter()
    .map(|outcome| {
        let n = lines.iter().filter(|line| line.outcome == outcome).count();
        (t.text(&format!("outcome-{}", outcome.as_str())), n)
    })
    .collect();
    if !claim.whole_for.is_empty() {
        outcomes.push((t.text("outcome-leaves"), leaving.leavers.len()));
    }
    let whole = Whole::of(&t, &claim, &leaving, agencies, (&here, asked.missing));
    let changing = lines
        .iter()
        .filter(|line| {
            line.verdict == Verdict::Ready
                && !matches!(line.outcome, Outcome::Stays | Outcome::Nothing)
        })
        .count()
        + whole.accepted;
    let groups = groups(&t, &lines, &here, &|word| accepted.contains(word));
    let matching: Vec<&Line> = lines
        .iter()
        .filter(|line| asked.show.is_empty() || line.verdict.as_str() == asked.show)
        .filter(|line| {
            asked.note.is_empty() || line.notes.iter().any(|note| note.word() == asked.note)
        })
        .collect();
    let first = asked.page.saturating_mul(ROWS);
    let next = (matching.len() > first.saturating_add(ROWS)).then(|| {
        format!(
            "{here}?show={}&note={}&page={}#rows",
            plain_word(&asked.show),
            plain_word(&asked.note),
            asked.page.saturating_add(1)
        )
    });
    let shown_words = t.with(
        "list-rows-shown",
        &[
            ("n", matching.len().to_string().as_str()),
            ("all", lines.len().to_string().as_str()),
        ],
    );
    let rows = matching
        .into_iter()
        .skip(first)
        .take(ROWS)
        .map(|line| shown(&t, line))
        .collect();
    let missing = mapping
        .missing()
        .into_iter()
        .map(|column| column_words(&t, column));
    let body = Page {
        csrf: shell.csrf.clone(),
        state: t.text(&format!("list-{}", list.state.as_str())),
        state_class: class(list.state),
        at: format_instant(list.uploaded_at),
        open: list.state == ListState::Judged,
        published: list.state == ListState::Published && list.change_set.is_some(),
        publishing: list.state == ListState::Publishing,
        running,
        failure: list
            .failure
            .as_deref()
            .map(|word| t.text(&format!("list-failed-{word}"))),
        progress,
        missing: missing.collect(),
        choices: choices(
            &t,
            &list,
            &opened.sheets,
            &opened.encodings,
            &opened.sheet,
            &mapping,
        ),
        counts,
        outcomes,
        changing,
        groups,
        whole,
        source,
        part,
        shown_words,
        rows,
        next,
        id: list.id,
        file: list.file_name,
        digest: list.digest,
        t,
    };
    let title = body.t.text("list");
    shell.page(StatusCode::OK, &title, &body)
}

/// Letters and hyphens of a word from an address, nothing else, so that it can stand in a link.
fn plain_word(word: &str) -> String {
    word.chars()
        .filter(|c| c.is_ascii_lowercase() || *c == '-')
        .take(40)
        .collect()
}

fn verdict_class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ready => "ok",
        Verdict::Look => "warn",
        Verdict::Refused => "no",
    }
}

fn column_words(t: &Tongue, column: Column) -> String {
    t.text(&format!("column-{}", column.as_str().replace('_', "-")))
}

fn note_words(t: &Tongue, note: &Note) -> String {
    t.with(
        &format!("note-{}", note.word()),
        &[("a", note.value().as_str())],
    )
}

fn groups(t: &Tongue, lines: &[Line], here: &str, accepted: &dyn Fn(&str) -> bool) -> Vec<Group> {
    let mut found: BTreeMap<(std::cmp::Reverse<Verdict>, &'static str), usize> = BTreeMap::new();
    for note in lines.iter().flat_map(|line| &line.notes) {
        *found
            .entry((std::cmp::Reverse(note.verdict()), note.word()))
            .or_default() += 1;
    }
    found
        .into_iter()
        .map(|((std::cmp::Reverse(verdict), word), n)| Group {
            words: t.text(&format!("group-{word}")),
            remedy: t.text(&format!("note-{word}-remedy")),
            href: format!("{here}?note={word}#rows"),
            class: verdict_class(verdict),
            look: verdict == Verdict::Look,
            accepted: accepted(word),
            word,
            n,
        })
        .collect()
}

fn shown(t: &Tongue, line: &Line) -> Shown {
    let birth = match line.birth.split('-').collect::<Vec<_>>().as_slice() {
        [year, month, day] => format!("{day}/{month}/{year}"),
        _ => line.birth.clone(),
    };
    Shown {
        birth,
        verdict: t.text(&format!("verdict-{}", line.verdict.as_str())),
        class: verdict_class(line.verdict),
        outcome: t.text(&format!("outcome-{}", line.outcome.as_str())),
        notes: line.notes.iter().map(|note| note_words(t, note)).collect(),
        line: line.clone(),
    }
}

fn choices(
    t: &Tongue,
    list: &ListRow,
    sheets: &[String],
    encodings: &[Encoding],
    sheet: &Sheet,
    mapping: &Mapping,
) -> Choices {
    let chosen_encoding = list.encoding.as_deref();
    let headings = sheet.rows.iter().find(|row| row.number == mapping.header);
    let widest = sheet.rows.iter().take(200).map(|row| row.cells.len()).max();
    let places = 0..widest.unwrap_or(0);
    let place_words = |place: usize| {
        let heading = headings
            .map(|row| row.cell(place).text())
            .unwrap_or_default();
        format!("{} {heading}", letter(place))
    };
    let fields = Column::ALL
        .into_iter()
        .map(|column| {
            let at = mapping.columns.get(&column).copied();
            let options = places.clone().map(|place| Place {
                value: place.to_string(),
                words: place_words(place),
                chosen: at == Some(place),
            });
            (
                format!("col-{}", column.as_str()),
                column_words(t, column),
                Column::NEEDED.contains(&column),
                options.collect(),
            )
        })
        .collect();
    let preview = sheet
        .rows
        .iter()
        .filter(|row| row.number >= mapping.header)
        .take(PREVIEW)
        .map(|row| {
            (
                row.number,
                row.cells.iter().map(|cell| masked(&cell.text())).collect(),
            )
        })
        .collect();
    Choices {
        sheets: sheets
            .iter()
            .map(|name| (name.clone(), list.sheet.as_deref() == Some(name)))
            .collect(),
        encodings: encodings
            .iter()
            .map(|e| {
                let word = e.as_str();
                let words = t.text(&format!("encoding-{}", word.replace('_', "-")));
                (word, words, chosen_encoding == Some(word))
            })
            .collect(),
        header: mapping.header,
        effective: format_date(list.effective),
        fields,
        preview,
    }
}

/// Long runs of digits are shown by their ends only: a preview is no place for personal numbers.
fn masked(text: &str) -> String {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if digits >= 9 && digits == text.chars().count() {
        let ends: String = text.chars().take(3).collect();
        format!("{ends}…")
    } else {
        text.to_owned()
    }
}

/// A, B, … Z, AA as spreadsheets name columns.
fn letter(place: usize) -> String {
    let one = |n: usize| char::from(b'A' + u8::try_from(n % 26).unwrap_or(0));
    if place < 26 {
        one(place).to_string()
    } else {
        format!("{}{}", one(place / 26 - 1), one(place))
    }
}
