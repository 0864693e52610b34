//! Letters for the first sign-in of an agency's people: fresh codes in small units, and one PDF that is given out once.
//! Standard: NIST SP 800-63B §4.1.2 (binding by a one-time enrolment code)
//! It must never touch an account that was activated, keep a code in clear, or write an account before the pages could be set.

use crate::domain::letter::{self, Choice, Content, Counts, Line, Printing, Stage};
use crate::flows::create_account::{CreateAccountError, Draft, link};
use crate::flows::plan_letters;
use crate::store::account;
use crate::{Idp, letters};
use platform::audit::{Actor, Event, Housekeeping};
use platform::caller::Caller;
use platform::{clock, db};
use register::flows::list_invitable::{ListInvitableError, NEED};
use register::rights;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Letters of one printing: more are printed agency by agency.
pub const MOST: usize = 1000;
/// Accounts of one unit of work.
const UNIT: usize = 20;

/// What is to be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// `agy_…`
    pub agency: String,
    /// Whether what stands below it belongs to it.
    pub below: bool,
    /// Who of them.
    pub choice: Choice,
}

/// What was printed.
#[derive(Debug)]
pub struct Made {
    /// The pages.
    pub pdf: Vec<u8>,
    /// Code of the agency.
    pub code: String,
}

/// Why nothing was printed.
#[derive(Debug, thiserror::Error)]
pub enum MakeLettersError {
    /// No role of administration allows it, or not for this agency.
    #[error("no role of administration that allows it here")]
    NoRight,
    /// The sign-in is too old for handing out sign-ins.
    #[error("the sign-in is not recent")]
    NotRecent,
    /// Nobody of the choice can be given a letter.
    #[error("nobody is to get a letter")]
    Nobody,
    /// More than one printing holds.
    #[error("{0} letters are too many for one printing")]
    TooMany(usize),
    /// Somebody else printed for the same people at the same time.
    #[error("letters for the same people were printed at the same time")]
    Changed,
    /// The pages could not be set; nothing was changed.
    #[error("the letters could not be set: {0}")]
    Pages(String),
    /// Database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

impl From<ListInvitableError> for MakeLettersError {
    fn from(error: ListInvitableError) -> Self {
        match error {
            ListInvitableError::NoRight => Self::NoRight,
            ListInvitableError::Db(error) => Self::Db(error),
        }
    }
}

/// Prints. Said again, it replaces the codes of everybody chosen who is not yet activated.
pub async fn run(idp: &Idp, caller: &Caller, wanted: &Wanted) -> Result<Made, MakeLettersError> {
    let ground = idp.ground();
    let now = ground.now();
    if !idp.config().is_recent(caller.auth_time, now) {
        return Err(MakeLettersError::NotRecent);
    }
    let mut conn = ground.db.read().await?;
    let plan =
        plan_letters::run(&mut conn, &caller.person, &wanted.agency, wanted.below, now).await?;
    drop(conn);
    let chosen: Vec<&Line> = plan
        .lines
        .iter()
        .filter(|line| wanted.choice.takes(line))
        .collect();
    if chosen.is_empty() {
        return Err(MakeLettersError::Nobody);
    }
    if chosen.len() > MOST {
        return Err(MakeLettersError::TooMany(chosen.len()));
    }
    let life = idp.config().letter_life;
    let drafts: Vec<(&Line, Draft)> = chosen
        .into_iter()
        .filter_map(|line| {
            let username = line.username.clone()?;
            let actor = Actor::of(caller);
            let person = &line.member.person;
            Some((line, Draft::new(idp, person, username, actor, life, now)))
        })
        .collect();
    let everybody = BTreeSet::new();
    let mut pdf = pages(idp, caller, &drafts, &everybody, now).await?;
    let passed_over = lay(idp, caller, wanted, &drafts, now).await?;
    if !passed_over.is_empty() {
        pdf = pages(idp, caller, &drafts, &passed_over, now).await?;
    }
    let letters = drafts.len() - passed_over.len();
    note(idp, caller, wanted, &plan.lines, letters, now).await?;
    Ok(Made {
        pdf,
        code: plan.agency.code,
    })
}

/// Lays accounts and codes unit by unit. Gives those who got none because they took possession, or got a letter, meanwhile.
async fn lay(
    idp: &Idp,
    caller: &Caller,
    wanted: &Wanted,
    drafts: &[(&Line, Draft)],
    now: i64,
) -> Result<BTreeSet<String>, MakeLettersError> {
    let mut passed_over = BTreeSet::new();
    for unit in drafts.chunks(UNIT) {
        let laid = idp
            .ground()
            .db
            .write(|mut tx| async move {
                let agency = Some(wanted.agency.as_str());
                if !rights::may(&mut tx, &caller.person, NEED, agency, now).await? {
                    return Err(MakeLettersError::NoRight);
                }
                let people: Vec<&str> = unit.iter().map(|(_, d)| d.person.as_str()).collect();
                let open: BTreeSet<String> = account::standing(&mut tx, &people, now)
                    .await?
                    .into_iter()
                    .filter(|one| one.open_until.is_some())
                    .map(|one| one.person)
                    .collect();
                let (mut events, mut left) = (Vec::new(), Vec::new());
                for (line, draft) in unit {
                    let replaces = open.contains(&draft.person);
                    if replaces && !matches!(line.stage, Stage::Open(_)) {
                        left.push(draft.person.clone());
                        continue;
                    }
                    match draft.lay(&mut tx, now).await {
                        Ok((_, event)) => events.push(event),
                        Err(CreateAccountError::Activated) => left.push(draft.person.clone()),
                        Err(CreateAccountError::Db(error)) => return Err(error.into()),
                        Err(CreateAccountError::Taken | CreateAccountError::Username(_)) => {
                            return Err(MakeLettersError::Changed);
                        }
                    }
                }
                let mut events = events.into_iter();
                Ok(match events.next() {
                    Some(first) => tx.commit(first, left).and_all(events),
                    None => tx.housekeeping(Housekeeping::Dialogue, left),
                })
            })
            .await;
        match laid {
            Ok(left) => passed_over.extend(left),
            Err(MakeLettersError::Db(db::Error::Conflict(_))) => {
                return Err(MakeLettersError::Changed);
            }
            Err(error) => return Err(error),
        }
    }
    if passed_over.len() == drafts.len() {
        return Err(MakeLettersError::Changed);
    }
    Ok(passed_over)
}

/// The pages of all drafts but those of the people passed over.
async fn pages(
    idp: &Idp,
    caller: &Caller,
    drafts: &[(&Line, Draft)],
    passed_over: &BTreeSet<String>,
    now: i64,
) -> Result<Vec<u8>, MakeLettersError> {
    let ground = idp.ground();
    let until = drafts.first().map_or(now, |(_, draft)| draft.expires_at);
    let by = [
        Some(caller.name.as_str()),
        caller.post_title.as_deref(),
        caller.agency_name.as_deref(),
    ];
    let printing = Printing {
        province: ground.province.to_string(),
        page: format!("{}/activate", ground.origin()),
        by: by.into_iter().flatten().collect::<Vec<_>>().join(", "),
        at: minute(now),
        until: minute(until),
    };
    let contents: Vec<Content<'_>> = drafts
        .iter()
        .filter(|(_, draft)| !passed_over.contains(&draft.person))
        .map(|(line, draft)| Content {
            member: &line.member,
            username: draft.username.as_str(),
            code: draft.shown(),
            link: link(idp, &draft.shown()),
        })
        .collect();
    let bundles = letter::bundles(&printing, &contents)
        .map_err(|error| MakeLettersError::Pages(error.to_string()))?;
    let composer = Arc::clone(idp.letters());
    let mark = ground.demo.then_some("DEMO – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ");
    let title = "Thư kích hoạt tài khoản";
    tokio::task::spawn_blocking(move || composer.compose(title, &bundles, mark))
        .await
        .map_err(|error| MakeLettersError::Pages(error.to_string()))?
        .map_err(|letters::LetterError(error)| MakeLettersError::Pages(error))
}

/// `HH:MM dd/mm/yyyy`.
fn minute(at: i64) -> String {
    let instant = clock::format_instant(at);
    let hour = instant.get(..5).unwrap_or_default();
    format!("{hour} {}", clock::format_date(at))
}

/// One event of the printing as a whole, beside those of each account.
async fn note(
    idp: &Idp,
    caller: &Caller,
    wanted: &Wanted,
    lines: &[Line],
    letters: usize,
    now: i64,
) -> Result<(), MakeLettersError> {
    let counts = Counts::of(lines);
    let replaced = lines
        .iter()
        .filter(|line| matches!(line.stage, Stage::Open(_)) && wanted.choice.takes(line))
        .count();
    let ground = idp.ground();
    let event = Event::new("letters.printed", now, Actor::of(caller), &ground.entropy)
        .about("agency", wanted.agency.clone())
        .detail(json!({
            "below": wanted.below,
            "letters": letters,
            "replaced": replaced,
            "people": counts.people,
            "activated": counts.activated,
            "elsewhere": counts.elsewhere,
            "role": counts.role,
            "nameless": counts.nameless,
            "shut": counts.shut,
        }));
    let event = &event;
    ground
        .db
        .write(|tx| async move { Ok::<_, db::Error>(tx.commit(event.clone(), ())) })
        .await?;
    Ok(())
}
