//! One plan: figures, problems, what is to be decided, the bodies it touches, and one of them opened as picture and table.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use http::StatusCode;
use platform::clock::{format_date, format_instant};
use platform::db::{Conn, Error};
use platform::i18n::Tongue;
use platform::pages::Shell;

use super::{state_words, tongue};
use crate::domain::reorganisation::{Counts, NOBODY, Outcome, Preview, Question, STAYS};
use crate::domain::words::{ChangeSetState, Fate, Item, PlanState};
use crate::flows::see_plan::{self, Kept};
use crate::http::admin::Desk;
use crate::http::picture::{Label, Picture, lay};
use crate::http::reading::broken;
use crate::http::words::short;
use crate::store::change_sets;

/// Bodies on one page.
const PAGE: usize = 60;
/// Letters a box of the picture holds, and boxes in its row.
const ROOM: usize = 24;
const BOXES: usize = 5;
/// Events shown.
const EVENTS: i64 = 20;
const FATES: [Fate; 7] = [
    Fate::Changes,
    Fate::Moves,
    Fate::Forwards,
    Fate::Keeps,
    Fate::Lapses,
    Fate::Undecided,
    Fate::Begins,
];

#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Asked {
    /// Code of the body to open.
    #[serde(default)]
    body: String,
    /// The list of bodies goes on after this code.
    #[serde(default)]
    after: String,
}

/// A row of figures.
struct Figure {
    item: String,
    before: String,
    cells: Vec<(String, String)>,
    after: String,
}

/// Something to choose from.
struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

/// A question with its form.
struct Ask {
    key: String,
    about: String,
    open: bool,
    waiting: i64,
    free: Option<String>,
    may_stay: bool,
    choices: Vec<Choice>,
    rows: Vec<Single>,
}

/// One person or address that may go another way than its body.
struct Single {
    key: String,
    what: String,
    choices: Vec<Choice>,
}

struct BodyLine {
    href: String,
    name: String,
    code: String,
    fate: String,
    class: &'static str,
    to: String,
}

/// One thing of the opened body.
struct ThingLine {
    item: String,
    what: String,
    who: String,
    fate: String,
    to: String,
    source: String,
}

struct Opened {
    name: String,
    picture: Picture,
    twin: String,
    lines: Vec<ThingLine>,
}

#[derive(Template)]
#[template(path = "plan.html")]
struct Page {
    t: Tongue,
    csrf: String,
    id: String,
    name: String,
    day: String,
    basis: String,
    state: String,
    class: &'static str,
    draft: bool,
    ready: bool,
    progress: Option<(String, String)>,
    problems: Vec<String>,
    fates: Vec<String>,
    figures: Vec<Figure>,
    asks: Vec<Ask>,
    codes: Vec<(String, String)>,
    bodies: Vec<BodyLine>,
    next: Option<String>,
    opened: Option<Opened>,
    events: Vec<(String, String)>,
}

/// GET /admin/plans/{id}
pub(crate) async fn show(
    mut desk: Desk,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let shell = desk.shell.clone();
    match load(&mut desk.conn, &shell, &id, &asked).await {
        Ok(Some(page)) => {
            let title = page.name.clone();
            shell.page(StatusCode::OK, &title, &page)
        }
        Ok(None) => shell.not_found(),
        Err(error) => broken(&error),
    }
}

async fn load(
    conn: &mut Conn,
    shell: &Shell,
    id: &str,
    asked: &Asked,
) -> Result<Option<Page>, Error> {
    let Some(kept) = see_plan::find(conn, id).await? else {
        return Ok(None);
    };
    let t = tongue(shell);
    let draft = kept.head.state == PlanState::Draft;
    let preview = if draft {
        see_plan::preview(conn, &kept).await?
    } else {
        Preview::default()
    };
    let progress = progress(conn, &kept).await?;
    let recorded = platform::audit::about(conn, "plan", id, EVENTS).await?;
    let published = recorded
        .iter()
        .find(|event| event.kind == "register.plan.published")
        .and_then(|event| counts_of(event.body.as_deref()?));
    let events = recorded.iter().map(|event| {
        let word = event.kind.trim_start_matches("register.plan.");
        (
            format_instant(event.at),
            t.text(&format!("plan-event-{word}")),
        )
    });
    let events = events.collect();
    let (state, class) = state_words(&t, kept.head.state);
    let problems = preview
        .problems
        .iter()
        .map(|p| crate::fault_text(p, shell.lang));
    let (bodies, next) = bodies(&t, &preview, id, &asked.after);
    Ok(Some(Page {
        csrf: shell.csrf.clone(),
        id: id.to_string(),
        name: kept.head.name.clone(),
        day: format_date(kept.head.at),
        basis: kept.head.basis.clone(),
        state,
        class,
        draft,
        ready: draft && preview.is_ready(),
        progress,
        problems: problems.collect(),
        fates: FATES
            .iter()
            .map(|fate| t.text(&format!("plan-fate-{}", fate.as_str())))
            .collect(),
        figures: match &published {
            Some(counts) => figures(&t, counts, None),
            None => figures(&t, &preview.counts, Some(&preview)),
        },
        asks: preview
            .questions
            .iter()
            .map(|q| ask(&t, &preview, &kept, q))
            .collect(),
        codes: after_codes(&preview),
        bodies,
        next,
        opened: opened(&t, &preview, &asked.body),
        events,
        t,
    }))
}

async fn progress(conn: &mut Conn, kept: &Kept) -> Result<Option<(String, String)>, Error> {
    let Some(set) = &kept.head.change_set else {
        return Ok(None);
    };
    let set = change_sets::find(conn, set).await?;
    Ok(set
        .filter(|set| set.state == ChangeSetState::Staging && kept.head.state == PlanState::Draft)
        .map(|set| (set.staged.to_string(), set.operations.to_string())))
}

/// Figures of a plan that was published, as its event keeps them.
fn counts_of(body: &str) -> Option<Counts> {
    let body: serde_json::Value = serde_json::from_str(body).ok()?;
    serde_json::from_value(body.get("detail")?.get("counts")?.clone()).ok()
}

fn figures(t: &Tongue, counts: &Counts, preview: Option<&Preview>) -> Vec<Figure> {
    let total = |of: Option<usize>| of.map_or(String::new(), |n| n.to_string());
    let shown = Item::ALL.iter().filter(|item| counts.contains_key(item));
    shown
        .map(|item| {
            let of = counts.get(item);
            let cells = FATES.iter().map(|fate| {
                let n = of.and_then(|of| of.get(fate)).copied().unwrap_or(0);
                (
                    t.text(&format!("plan-fate-{}", fate.as_str())),
                    n.to_string(),
                )
            });
            Figure {
                item: t.text(&format!("plan-item-{}", item.as_str())),
                before: total(preview.and_then(|p| p.before.get(item).copied())),
                cells: cells.collect(),
                after: total(preview.and_then(|p| p.after.get(item).copied())),
            }
        })
        .collect()
}

/// Bodies that are there afterwards, for questions that any of them may answer.
fn after_codes(preview: &Preview) -> Vec<(String, String)> {
    if !preview.questions.iter().any(|q| q.options.is_empty()) {
        return Vec::new();
    }
    let gone = |code: &str| {
        preview.outcomes.iter().any(|o| {
            o.item == Item::Agency
                && o.body == code
                && !matches!(o.fate, Fate::Begins | Fate::Changes)
        })
    };
    let all = preview.names.iter().filter(|(code, _)| !gone(code));
    all.map(|(code, name)| (code.clone(), name.clone()))
        .collect()
}

fn choices(
    t: &Tongue,
    preview: &Preview,
    question: &Question,
    answer: Option<&str>,
) -> Vec<Choice> {
    let bodies = question.options.iter().map(|code| Choice {
        value: code.clone(),
        label: match &question.proposed {
            Some(proposed) if proposed == code => {
                t.with("plan-proposed", &[("name", preview.name_of(code))])
            }
            _ => preview.name_of(code).to_string(),
        },
        chosen: answer == Some(code),
    });
    let nobody = Choice {
        value: NOBODY.to_string(),
        label: t.text("plan-nobody"),
        chosen: answer == Some(NOBODY),
    };
    bodies.chain([nobody]).collect()
}

fn ask(t: &Tongue, preview: &Preview, kept: &Kept, question: &Question) -> Ask {
    let given = question.answer.as_deref();
    let free = question.options.is_empty();
    let rows = preview.outcomes.iter().filter(|o| {
        !free
            && o.body == question.key
            && !o.key.is_empty()
            && matches!(o.item, Item::Appointment | Item::Mailbox)
    });
    let mut singles: Vec<Single> = Vec::new();
    for row in rows {
        if singles.iter().all(|single| single.key != row.key) {
            let own = kept.choices.get(&row.key).map(String::as_str);
            singles.push(Single {
                key: row.key.clone(),
                what: thing(row),
                choices: choices(t, preview, question, own),
            });
        }
    }
    Ask {
        key: question.key.clone(),
        about: question.about.clone(),
        open: question.is_open(),
        waiting: i64::try_from(question.waiting).unwrap_or(0),
        free: free.then(|| given.unwrap_or_default().to_string()),
        may_stay: question.may_stay && given != Some(STAYS),
        choices: choices(t, preview, question, given),
        rows: singles,
    }
}

/// `Nguyễn Văn A (BD-000123), Chuyên viên`.
fn thing(row: &Outcome) -> String {
    if row.staff_no.is_empty() {
        row.what.clone()
    } else {
        format!("{} ({}), {}", row.name, row.staff_no, row.what)
    }
}

fn names(preview: &Preview, codes: &[String]) -> String {
    let names: Vec<&str> = codes.iter().map(|code| preview.name_of(code)).collect();
    names.join(", ")
}

fn bodies(t: &Tongue, preview: &Preview, id: &str, after: &str) -> (Vec<BodyLine>, Option<String>) {
    let mut all: Vec<&Outcome> = preview
        .outcomes
        .iter()
        .filter(|o| o.item == Item::Agency && o.body.as_str() > after)
        .collect();
    all.sort_by(|a, b| a.body.cmp(&b.body));
    let more = all.len() > PAGE;
    all.truncate(PAGE);
    let last = all
        .last()
        .map(|o| format!("/admin/plans/{id}?after={}#bodies", o.body));
    let lines = all.into_iter().map(|o| BodyLine {
        href: format!("/admin/plans/{id}?after={after}&body={}#opened", o.body),
        name: o.what.clone(),
        code: o.body.clone(),
        fate: t.text(&format!("plan-fate-{}", o.fate.as_str())),
        class: match o.fate {
            Fate::Undecided => "badge warn",
            Fate::Lapses => "badge no",
            Fate::Begins => "badge ok",
            _ => "badge",
        },
        to: names(preview, &o.to),
    });
    (lines.collect(), last.filter(|_| more))
}

fn opened(t: &Tongue, preview: &Preview, code: &str) -> Option<Opened> {
    let about = preview
        .outcomes
        .iter()
        .find(|o| o.item == Item::Agency && o.body == code)?;
    let lines = preview
        .outcomes
        .iter()
        .filter(|o| o.body == code)
        .map(|o| ThingLine {
            item: t.text(&format!("plan-item-{}", o.item.as_str())),
            what: o.what.clone(),
            who: if o.staff_no.is_empty() {
                String::new()
            } else {
                format!("{} ({})", o.name, o.staff_no)
            },
            fate: t.text(&format!("plan-fate-{}", o.fate.as_str())),
            to: names(preview, &o.to),
            source: o.source.clone(),
        });
    // A body that begins is drawn over those it takes over from, another over those that take it over.
    let kin: Vec<&str> = if about.fate == Fate::Begins {
        let from = preview
            .outcomes
            .iter()
            .filter(|o| o.item == Item::Agency && o.to.iter().any(|to| to == code));
        from.map(|o| o.body.as_str()).collect()
    } else {
        about.to.iter().map(String::as_str).collect()
    };
    let fate = t.text(&format!("plan-fate-{}", about.fate.as_str()));
    let label = |code: &str, class, below: String| Label {
        class,
        title: short(preview.name_of(code), ROOM),
        below,
    };
    let mut row: Vec<Label> = kin
        .iter()
        .take(BOXES)
        .map(|c| label(c, "k", (*c).to_string()))
        .collect();
    if kin.len() > BOXES
        && let Some(last) = row.last_mut()
    {
        let rest = i64::try_from(kin.len() - BOXES + 1).unwrap_or(0);
        last.title = t.count("rest-areas", "n", rest);
        last.below = String::new();
    }
    let all: Vec<&str> = kin.iter().map(|code| preview.name_of(code)).collect();
    Some(Opened {
        name: about.what.clone(),
        picture: lay(label(code, "k sel", fate.clone()), row, 0, Vec::new()),
        twin: t.with(
            "plan-twin",
            &[
                ("name", about.what.as_str()),
                ("fate", fate.as_str()),
                ("kin", all.join(", ").as_str()),
            ],
        ),
        lines: lines.collect(),
    })
}
