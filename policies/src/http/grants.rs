//! The form by which a head gives authority to others: filled in, then shown as what it would change, then handed in to be signed.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use engine::{Form, Role};
use http::StatusCode;
use platform::caller::{Caller, SignedIn};
use platform::clock;
use platform::edge::CsrfForm;
use platform::i18n::{Lang, Tongue};
use platform::pages::Shell;
use platform::problem::Problem;
use serde::Deserialize;

use super::handovers::unlawful;
use super::mandates::dong;
use crate::domain::drafting;
use crate::flows::draft_handover::Refused;
use crate::flows::draft_mandate::{self, Checked, Draft, DraftMandate, Limits};
use crate::flows::see_handover::held;
use crate::http::KINDS;
use crate::wording::Words;
use crate::{Policies, Service, TEXTS};

/// The form's fields; receivers and kinds are boxes, `to_<post>` and `kind_<code>`.
#[derive(Debug, Default, Clone, Deserialize)]
pub struct Fields {
    #[serde(default)]
    form: String,
    #[serde(default)]
    field: String,
    #[serde(default)]
    ceiling: String,
    #[serde(default)]
    until_day: String,
    #[serde(default)]
    basis: String,
    /// `draft` after the preview.
    #[serde(default)]
    step: String,
    #[serde(flatten)]
    boxes: BTreeMap<String, String>,
}

impl Fields {
    fn boxes(&self, prefix: &str) -> Vec<String> {
        let names = self
            .boxes
            .keys()
            .filter_map(|name| name.strip_prefix(prefix));
        names.map(str::to_owned).collect()
    }

    fn form(&self) -> Option<Form> {
        match self.form.as_str() {
            "" => Some(Form::Tuq),
            word => Form::parse(word).filter(|form| OFFERED.contains(form)),
        }
    }

    fn draft(&self, form: Form) -> Draft {
        Draft {
            form,
            grantees: self.boxes("to_"),
            kinds: self.boxes("kind_"),
            field: self.field.trim().to_owned(),
            ceiling: self.ceiling.clone(),
            until_day: self.until_day.clone(),
            basis: self.basis.clone(),
            subject: String::new(),
        }
    }
}

/// Forms that are given here; a paper of its own is handed over at `/handovers/new`.
const OFFERED: &[Form] = &[Form::Tl, Form::Tuq, Form::Uq];

struct Box {
    name: String,
    text: String,
    checked: bool,
}

struct Shown {
    place: &'static str,
    text: String,
    clause: Option<String>,
}

struct Effect {
    receiver: String,
    block: Vec<String>,
}

#[derive(Template)]
#[template(path = "grant.html")]
struct Page {
    t: Tongue,
    csrf: String,
    fields: Fields,
    form: &'static str,
    forms: Vec<(&'static str, bool)>,
    grantees: Vec<Box>,
    kinds: Vec<Box>,
    work: Vec<String>,
    faults: Vec<Shown>,
    today: String,
    preview: Option<Vec<Effect>>,
    reach: String,
    until: String,
}

impl Page {
    fn at(&self, place: &str) -> Vec<&Shown> {
        self.faults
            .iter()
            .filter(|fault| fault.place == place)
            .collect()
    }
    /// The text of one form.
    fn of(&self, before: &str, form: &str, after: &str) -> String {
        self.t.text(&format!("{before}{form}{after}"))
    }
    fn bad(&self, place: &str) -> bool {
        self.faults.iter().any(|fault| fault.place == place)
    }
}

const fn key(form: Form) -> &'static str {
    match form {
        Form::Kt => "kt",
        Form::Tl => "tl",
        Form::TlKt => "tl-kt",
        Form::Tuq => "tuq",
        Form::Uq => "uq",
    }
}

/// GET /mandates/new
pub async fn form(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    Query(fields): Query<Fields>,
) -> Result<Response, Problem> {
    page(&service.0, &caller, &shell, fields, Vec::new(), None).await
}

/// POST /mandates/new
pub async fn draft(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    CsrfForm(fields): CsrfForm<Fields>,
) -> Result<Response, Problem> {
    let policies = &service.0;
    let form = fields.form().ok_or_else(|| Problem::invalid("form"))?;
    let mut draft = fields.draft(form);
    draft.subject = in_words(&Words::new(Lang::Vi), &draft);
    let limits = Limits {
        kinds: KINDS,
        longest_days: policies.config.longest_mandate_days,
    };
    let (ground, authority) = (&policies.ground, &policies.authority);
    let outcome = match fields.step.as_str() {
        "draft" => {
            let desk = policies.desk.as_ref();
            draft_mandate::run(ground, authority, desk, &caller, &draft, limits)
                .await
                .map(|instrument| Err(format!("/mandates/{}", instrument.id)))
        }
        _ => draft_mandate::check(ground, authority, &caller, &draft, limits)
            .await
            .map(Ok),
    };
    match outcome {
        Ok(Err(address)) => Ok(Redirect::to(&address).into_response()),
        Ok(Ok(checked)) => page(policies, &caller, &shell, fields, Vec::new(), Some(checked)).await,
        Err(DraftMandate::Refused(faults)) => {
            page(policies, &caller, &shell, fields, faults, None).await
        }
        Err(error) => Err(Problem::internal(&error)),
    }
}

/// What is given, in words: kinds, field, highest amount.
fn in_words(words: &Words, draft: &Draft) -> String {
    let digits: String = draft.ceiling.chars().filter(char::is_ascii_digit).collect();
    let ceiling = digits.parse::<i64>().ok().map(dong);
    words.reach(&draft.kinds, &draft.field, ceiling.as_deref())
}

async fn page(
    policies: &Policies,
    caller: &Caller,
    shell: &Shell,
    fields: Fields,
    refused: Vec<Refused>,
    checked: Option<Checked>,
) -> Result<Response, Problem> {
    let t = Tongue::new(shell.lang, &TEXTS);
    let now = policies.ground.now();
    let epoch = policies.authority.epoch();
    let post = caller.post.as_deref().unwrap_or_default();
    if epoch.role_of(post) != Some(Role::Head) {
        return Ok(shell.refusal(
            StatusCode::FORBIDDEN,
            &t.text("grant-title"),
            &t.text("against-not-holder"),
            &t.text("drafting-head-gives"),
        ));
    }
    let form = fields.form().ok_or_else(|| Problem::invalid("form"))?;
    let draft = fields.draft(form);
    let mut conn = policies.ground.db.read().await?;
    let mut grantees = Vec::new();
    for receiver in epoch.receivers_in(form, post, now) {
        grantees.push(Box {
            text: {
                let title = epoch.full_title_of(receiver).unwrap_or_default();
                let (plain, _) = epoch.title_of(receiver).unwrap_or_default();
                let held = held(&mut conn, &policies.authority, receiver, now).await?;
                let names = held.strip_prefix(plain).unwrap_or(&held).trim();
                format!("{title}, {names}")
                    .trim_end_matches([',', ' '])
                    .to_owned()
            },
            checked: draft
                .grantees
                .iter()
                .any(|chosen| *receiver == *chosen.as_str()),
            name: format!("to_{receiver}"),
        });
    }
    grantees.sort_by(|one, other| one.text.cmp(&other.text));
    let words = Words::new(shell.lang);
    let longest = policies.config.longest_mandate_days.to_string();
    let faults: Vec<Shown> = refused
        .iter()
        .map(|refused| shown(&t, refused, &longest))
        .collect();
    let status = match faults.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let agency = caller.agency.as_deref().unwrap_or_default();
    let end = checked
        .as_ref()
        .and_then(|checked| checked.clauses.first())
        .and_then(|one| one.valid_to);
    let page = Page {
        csrf: shell.csrf.clone(),
        form: key(form),
        forms: OFFERED
            .iter()
            .map(|one| (key(*one), *one == form))
            .collect(),
        kinds: KINDS
            .iter()
            .map(|kind| Box {
                name: format!("kind_{kind}"),
                text: words.kind(kind),
                checked: draft.kinds.iter().any(|chosen| chosen == kind),
            })
            .collect(),
        work: epoch
            .fields_of(agency)
            .iter()
            .map(|field| field.to_string())
            .collect(),
        today: clock::format_date(now),
        reach: in_words(&words, &draft),
        until: end.map_or_else(|| t.text("no-end"), |end| words.end(end)),
        preview: checked.map(|checked| {
            let rows = checked.receivers.into_iter().zip(&checked.clauses);
            rows.map(|(receiver, clause)| Effect {
                block: epoch.block_in(form, post, &clause.grantee, now),
                receiver,
            })
            .collect()
        }),
        grantees,
        faults,
        fields,
        t,
    };
    Ok(shell.page(status, &page.t.text("grant-title"), &page))
}

fn shown(t: &Tongue, refused: &Refused, longest: &str) -> Shown {
    let (place, key) = refused.fault.at();
    match &refused.law {
        Some(law) => Shown {
            place: drafting::place(law.against),
            text: unlawful(t, law),
            clause: law.citation.clone(),
        },
        None => Shown {
            place,
            text: t.with(key, &[("days", longest)]),
            clause: None,
        },
    }
}
