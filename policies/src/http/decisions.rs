//! The page that answers "may this be signed, and why", now or on another day.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use engine::{Action, Capacity, Request, Resource, Signed};
use http::StatusCode;
use platform::caller::{Caller, SignedIn};
use platform::clock;
use platform::i18n::Tongue;
use platform::pages::Shell;
use platform::problem::Problem;
use serde::Deserialize;

use super::picture::{self, Picture};
use crate::flows::decide;
use crate::flows::explain::Explanation;
use crate::wording::{LinkWords, Words};
use crate::{Policies, Service, TEXTS};

/// The form's fields; everything may be absent.
#[derive(Debug, Default, Deserialize)]
pub struct Ask {
    person: Option<String>,
    post: Option<String>,
    action: Option<String>,
    kind: Option<String>,
    field: Option<String>,
    paper: Option<String>,
    agency: Option<String>,
    capacity: Option<String>,
    signed_by: Option<String>,
    at: Option<String>,
    known: Option<String>,
}

struct Choice {
    value: String,
    text: String,
    chosen: bool,
}

struct Answer {
    allowed: bool,
    code: &'static str,
    verdict: String,
    sentence: String,
    until: Option<String>,
    who: Option<String>,
    remedies: Vec<String>,
    reason: String,
    clause: String,
    links: Vec<LinkWords>,
    block: Vec<String>,
    obligations: Vec<String>,
    picture: Picture,
    other_chains: u32,
    id: String,
    epoch: i64,
    evaluated_at: String,
    handover: Option<String>,
}

#[derive(Template)]
#[template(path = "decisions.html")]
struct Page {
    t: Tongue,
    answer: Option<Answer>,
    wrong: Option<String>,
    actions: Vec<Choice>,
    kinds: Vec<Choice>,
    fields: Vec<Choice>,
    ask: Ask,
    at: String,
    known_then: bool,
}

impl Ask {
    fn filled(value: &Option<String>) -> Option<&str> {
        value
            .as_deref()
            .map(str::trim)
            .filter(|value| !value.is_empty())
    }

    /// The question, or the key of the text that says what is wrong with it; none when nothing was asked.
    async fn question(
        &self,
        policies: &Policies,
        caller: &Caller,
        now: i64,
    ) -> Result<Option<(Request, Option<String>)>, Wrong> {
        let paper = match Self::filled(&self.paper) {
            Some(id) => policies
                .desk
                .paper(id)
                .await
                .map_err(|error| Wrong::Desk(Problem::internal(&error)))?,
            None => None,
        };
        let kind = Self::filled(&self.kind)
            .map(str::to_owned)
            .or(paper.as_ref().map(|paper| paper.kind.clone()));
        let Some(kind) = kind else {
            return Ok(None);
        };
        let post = Self::filled(&self.post)
            .or(caller.post.as_deref())
            .ok_or(Wrong::Text("ask-no-post"))?;
        let home = policies
            .authority
            .epoch()
            .title_of(post)
            .map(|(_, agency)| agency.to_owned());
        let agency = Self::filled(&self.agency)
            .map(str::to_owned)
            .or(paper.as_ref().map(|paper| paper.agency.clone()));
        let capacity = match Self::filled(&self.capacity) {
            Some(word) => Some(Capacity::parse(word).ok_or(Wrong::Text("ask-capacity"))?),
            None => None,
        };
        let question = Request {
            person: Self::filled(&self.person)
                .unwrap_or(&caller.person)
                .to_owned(),
            post: post.to_owned(),
            action: Action::parse(Self::filled(&self.action).unwrap_or("sign"))
                .ok_or(Wrong::Text("ask-action"))?,
            resource: Resource {
                id: Self::filled(&self.paper).unwrap_or_default().to_owned(),
                kind,
                field: Self::filled(&self.field)
                    .map(str::to_owned)
                    .or(paper.as_ref().and_then(|paper| paper.field.clone())),
                agency: agency.or(home).unwrap_or_default(),
                competence: None,
                about: None,
                amount: None,
                signed: Self::filled(&self.signed_by).map(|person| Signed {
                    person: person.to_owned(),
                    post: String::new(),
                }),
            },
            capacity,
            at: match Self::filled(&self.at) {
                Some(text) => instant(text).ok_or(Wrong::Text("ask-at"))?,
                None => now,
            },
        };
        Ok(Some((question, paper.map(|paper| paper.title))))
    }
}

enum Wrong {
    Text(&'static str),
    Desk(Problem),
}

/// `dd/mm/yyyy` (its noon), `dd/mm/yyyy HH:MM`, or RFC 3339.
fn instant(text: &str) -> Option<i64> {
    // A plus sign that was not escaped arrives as a space.
    let offset = text.contains('T').then(|| text.replace(' ', "+"));
    if let Some(instant) = clock::parse_rfc3339(offset.as_deref().unwrap_or(text)) {
        return Some(instant);
    }
    let (day, time) = text.split_once(' ').unwrap_or((text, "12:00"));
    let (hour, minute) = time.trim().split_once(':')?;
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    let inside = (0..24).contains(&hour) && (0..60).contains(&minute);
    let start = clock::day_start(clock::parse_date(day)?);
    inside.then_some(start + (hour * 60 + minute) * 60_000)
}

/// GET /decisions
pub async fn show(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    Query(ask): Query<Ask>,
) -> Result<Response, Problem> {
    let policies = &service.0;
    let now = policies.ground.now();
    let words = Words::new(shell.lang);
    let t = Tongue::new(shell.lang, &TEXTS);
    let (answer, wrong) = match ask.question(policies, &caller, now).await {
        Ok(None) => (None, None),
        Ok(Some((question, title))) => {
            let known = known_at(policies, &ask, question.at).await?;
            let explanation = decide::run(
                &policies.ground.db,
                &policies.authority,
                &question,
                known,
                title,
            )
            .await
            .map_err(|error| Problem::internal(&error))?;
            (Some(Answer::of(&t, &words, &explanation)), None)
        }
        Err(Wrong::Text(key)) => (None, Some(t.text(key))),
        Err(Wrong::Desk(problem)) => return Err(problem),
    };
    let page = Page {
        actions: choices(
            Action::ALL.iter().map(|action| {
                (
                    action.as_str().to_owned(),
                    t.text(&format!("action-{action}")),
                )
            }),
            ask.action.as_deref(),
        ),
        kinds: choices(
            super::KINDS
                .iter()
                .map(|kind| ((*kind).to_owned(), words.kind(kind))),
            ask.kind.as_deref(),
        ),
        fields: fields(policies, &caller, ask.field.as_deref()),
        at: ask.at.clone().unwrap_or_else(|| clock::format_date(now)),
        known_then: ask.known.as_deref() == Some("then"),
        t,
        answer,
        wrong,
        ask,
    };
    Ok(shell.page(StatusCode::OK, &t.text("decisions-title"), &page))
}

/// The size of the log at the last checkpoint of that instant, when the question is "as known then".
async fn known_at(policies: &Policies, ask: &Ask, at: i64) -> Result<Option<i64>, Problem> {
    if ask.known.as_deref() != Some("then") {
        return Ok(None);
    }
    let mut conn = policies.ground.db.read().await?;
    let checkpoint = platform::log::store::checkpoint_at(&mut conn, at).await?;
    Ok(Some(checkpoint.map_or(0, |checkpoint| checkpoint.size)))
}

fn choices(all: impl Iterator<Item = (String, String)>, chosen: Option<&str>) -> Vec<Choice> {
    all.map(|(value, text)| Choice {
        chosen: Some(value.as_str()) == chosen,
        value,
        text,
    })
    .collect()
}

fn fields(policies: &Policies, caller: &Caller, chosen: Option<&str>) -> Vec<Choice> {
    let agency = caller.agency.as_deref().unwrap_or_default();
    let mut fields: Vec<String> = policies
        .authority
        .epoch()
        .fields_of(agency)
        .iter()
        .map(ToString::to_string)
        .collect();
    if let Some(asked) =
        chosen.filter(|asked| !asked.is_empty() && !fields.iter().any(|field| field == asked))
    {
        fields.push(asked.to_owned());
    }
    choices(
        fields.into_iter().map(|field| (field.clone(), field)),
        chosen,
    )
}

impl Answer {
    fn of(t: &Tongue, words: &Words, explanation: &Explanation) -> Self {
        let decided = &explanation.decided;
        let paper = &decided.request.resource.id;
        let asks = decided.remedies.contains(&engine::Remedy::AskHandOver) && !paper.is_empty();
        Self {
            allowed: decided.allowed,
            code: decided.code.as_str(),
            verdict: words.verdict(decided.request.action, decided.allowed),
            sentence: words.sentence(explanation),
            until: decided.valid_until.map(|until| words.end(until)),
            who: (!decided.who_could.is_empty()).then(|| words.who_could(explanation)),
            remedies: words.remedies(explanation),
            reason: words.reason(decided.code),
            clause: decided.clause.clone().unwrap_or_default(),
            links: words.links(explanation),
            block: decided.block_lines.clone(),
            obligations: decided
                .obligations
                .iter()
                .map(|o| t.text(&format!("obligation-{}", o.replace('_', "-"))))
                .collect(),
            picture: picture::draw(words, explanation),
            other_chains: decided.other_chains,
            id: decided.id.clone(),
            epoch: decided.epoch,
            evaluated_at: clock::format_instant(decided.evaluated_at),
            handover: asks.then(|| {
                format!(
                    "/handovers/new?paper={paper}&grantee={}",
                    decided.request.post
                )
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_its_noon_and_an_instant_may_come_with_an_unescaped_plus() {
        let noon = 1_796_360_400_000;
        for text in [
            "04/12/2026",
            "04/12/2026 12:00",
            "2026-12-04T12:00:00+07:00",
            "2026-12-04T12:00:00 07:00",
            "2026-12-04T05:00:00Z",
        ] {
            assert_eq!(instant(text), Some(noon), "{text}");
        }
        for text in ["mai", "04/12/2026 24:00", "04/12/2026 12", "32/12/2026"] {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
