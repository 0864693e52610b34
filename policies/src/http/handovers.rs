//! The form by which a head hands one paper over to a deputy.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use platform::caller::{Caller, SignedIn};
use platform::clock;
use platform::edge::CsrfForm;
use platform::i18n::Tongue;
use platform::pages::Shell;
use platform::problem::Problem;
use serde::Deserialize;

use crate::domain::drafting;
use crate::flows::draft_handover::{self, Draft, DraftHandover, Refused};
use crate::flows::see_handover;
use crate::{Policies, Service, TEXTS};
use engine::Form as Manner;

/// The form's fields.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct Form {
    paper: String,
    grantee: String,
    manner: String,
    until_day: String,
    basis: String,
}

struct Choice {
    value: String,
    text: String,
    chosen: bool,
}

struct FaultWords {
    place: &'static str,
    text: String,
    clause: Option<String>,
}

#[derive(Template)]
#[template(path = "handover.html")]
struct Page {
    t: Tongue,
    csrf: String,
    form: Form,
    papers: Vec<Choice>,
    grantees: Vec<Choice>,
    faults: Vec<FaultWords>,
    collective: Option<String>,
    head: String,
    today: String,
}

impl Page {
    /// The faults of one field.
    fn at(&self, place: &str) -> Vec<&FaultWords> {
        self.faults
            .iter()
            .filter(|fault| fault.place == place)
            .collect()
    }
    fn bad(&self, place: &str) -> bool {
        self.faults.iter().any(|fault| fault.place == place)
    }
}

/// GET /handovers/new
pub async fn form(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    Query(form): Query<Form>,
) -> Result<Response, Problem> {
    page(&service.0, &caller, &shell, form, Vec::new()).await
}

/// POST /handovers/new
pub async fn draft(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Result<Response, Problem> {
    let policies = &service.0;
    let manner = if form.manner.is_empty() {
        Some(Manner::Kt)
    } else {
        Manner::parse(&form.manner)
            .filter(|form| matches!(form, Manner::Kt | Manner::Tuq | Manner::Uq))
    };
    let Some(manner) = manner else {
        return Err(Problem::invalid("manner"));
    };
    let draft = Draft {
        paper: form.paper.trim().to_owned(),
        grantee: form.grantee.trim().to_owned(),
        manner,
        until_day: form.until_day.clone(),
        basis: form.basis.clone(),
    };
    let longest = policies.config.longest_handover_days;
    let drafted = draft_handover::run(
        &policies.ground,
        &policies.authority,
        policies.desk.as_ref(),
        &caller,
        &draft,
        longest,
    )
    .await;
    match drafted {
        Ok(instrument) => Ok(Redirect::to(&format!("/mandates/{}", instrument.id)).into_response()),
        Err(DraftHandover::Refused(faults)) => page(policies, &caller, &shell, form, faults).await,
        Err(error) => Err(Problem::internal(&error)),
    }
}

async fn page(
    policies: &Policies,
    caller: &Caller,
    shell: &Shell,
    form: Form,
    refused: Vec<Refused>,
) -> Result<Response, Problem> {
    let t = Tongue::new(shell.lang, &TEXTS);
    let now = policies.ground.now();
    let epoch = policies.authority.epoch();
    let post = caller.post.as_deref().unwrap_or_default();
    if epoch.role_of(post) != Some(engine::Role::Head) {
        return Ok(shell.refusal(
            StatusCode::FORBIDDEN,
            &t.text("handover-title"),
            &t.text("fault-not-head"),
            &t.text("handover-not-head-next"),
        ));
    }
    let mut conn = policies.ground.db.read().await?;
    let receivers = see_handover::receivers(&mut conn, &policies.authority, post, now).await?;
    let agency = caller.agency.as_deref().unwrap_or_default();
    let open = policies
        .desk
        .open_papers(agency)
        .await
        .map_err(|error| Problem::internal(&error))?;
    let longest = policies.config.longest_handover_days.to_string();
    let faults: Vec<FaultWords> = refused
        .into_iter()
        .map(|refused| words(&t, &refused, &longest))
        .collect();
    let status = if faults.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = Page {
        csrf: shell.csrf.clone(),
        papers: open
            .into_iter()
            .filter(|paper| paper.kind != crate::INSTRUMENT_KIND)
            .map(|paper| Choice {
                chosen: paper.id == form.paper,
                value: paper.id,
                text: paper.title,
            })
            .collect(),
        grantees: receivers
            .into_iter()
            .map(|(value, text)| Choice {
                chosen: value == form.grantee,
                value,
                text,
            })
            .collect(),
        collective: epoch.collective_of(agency).map(str::to_owned),
        head: epoch
            .title_of(post)
            .map_or_else(String::new, |(title, _)| title.to_uppercase()),
        today: clock::format_date(now),
        form,
        faults,
        t,
    };
    Ok(shell.page(status, &t.text("handover-title"), &page))
}

/// What stands against a draft, and the way that is open.
pub(super) fn unlawful(t: &Tongue, law: &drafting::Unlawful) -> String {
    let said = t.text(&format!("against-{}", against_key(law.against)));
    match &law.remedy {
        Some(remedy) => format!("{said} {}", t.text(&format!("drafting-{remedy}"))),
        None => said,
    }
}

fn against_key(against: engine::Against) -> &'static str {
    use engine::Against;
    match against {
        Against::NoEnd => "no-end",
        Against::TooLong => "too-long",
        Against::Backdated => "backdated",
        Against::NoContent => "no-content",
        Against::NoKinds => "no-kinds",
        Against::NoPaper => "no-paper",
        Against::ToDeputy => "to-deputy",
        Against::OutsideStructure => "outside-structure",
        Against::WrongAddressee => "wrong-addressee",
        Against::Onward => "onward",
        Against::BeyondPower => "beyond-power",
        Against::KindExcluded => "kind-excluded",
        Against::SelfGrant => "self-grant",
        Against::Vacant => "vacant",
        Against::NotHolder => "not-holder",
        Against::NoLaw => "no-law",
    }
}

fn words(t: &Tongue, refused: &Refused, longest: &str) -> FaultWords {
    let (place, key) = refused.fault.at();
    let mut text = t.with(key, &[("days", longest)]);
    if let Some(law) = &refused.law {
        text = unlawful(t, law);
    }
    FaultWords {
        place,
        text,
        clause: refused.law.as_ref().and_then(|law| law.citation.clone()),
    }
}
