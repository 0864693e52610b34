//! The head drafts authority for others (TL., TUQ., UQ): the law is asked first, then the instrument becomes a paper that waits for his signature.
//! Standard: Decree 30/2020/NĐ-CP Art. 13 clauses 3–4; Law 72/2025/QH15 Art. 14 (rows in `rules/` and `rules/drafting/`)
//! It must never draft what the law refuses, nor change who may sign: only the signed instrument does.

use engine::{Form, Grant, Interval, Reach};
use platform::audit::{Actor, Event};
use platform::caller::Caller;
use platform::{Ground, clock, db, ids};
use register::facts;
use serde_json::json;
use thiserror::Error;

use super::draft_handover::{Refused, heading, initials};
use super::see_handover::held;
use crate::authority::Authority;
use crate::desk::{DeskError, INSTRUMENT_KIND, InstrumentText, NewPaper, PaperDesk};
use crate::domain::drafting::{self, Fault, Unlawful};
use crate::domain::instrument::{Clause, Instrument, State};
use crate::store::instruments;

/// What the form says. The same is given to each receiver, as a clause of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// In which manner.
    pub form: Form,
    /// The posts that are to receive.
    pub grantees: Vec<String>,
    /// Kinds of paper.
    pub kinds: Vec<String>,
    /// Field of work, empty for every one.
    pub field: String,
    /// Highest amount in đồng as typed, empty for none.
    pub ceiling: String,
    /// The last day, as typed; may be empty where the law asks for none.
    pub until_day: String,
    /// The written basis.
    pub basis: String,
    /// What is given, in the words of the instrument.
    pub subject: String,
}

/// What a province allows beside the law.
#[derive(Debug, Clone, Copy)]
pub struct Limits<'a> {
    /// Kinds of paper that have a name.
    pub kinds: &'a [&'a str],
    /// Longest time, in days.
    pub longest_days: i64,
}

/// A draft the law has nothing against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What each receiver would get.
    pub clauses: Vec<Clause>,
    /// Title and holders of each receiver, in the same order.
    pub receivers: Vec<String>,
    agency: String,
}

/// Why nothing was drafted.
#[derive(Debug, Error)]
pub enum DraftMandate {
    /// The form has faults.
    #[error("the draft is refused: {0:?}")]
    Refused(Vec<Refused>),
    /// The papers' desk failed.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

const LONGEST_BASIS: usize = 400;
/// One instrument gives to at most so many.
const MOST_GRANTEES: usize = 60;

/// Looks at the draft as the law would.
pub async fn check(
    ground: &Ground,
    authority: &Authority,
    caller: &Caller,
    draft: &Draft,
    limits: Limits<'_>,
) -> Result<Checked, DraftMandate> {
    let now = ground.now();
    let epoch = authority.epoch();
    let post = caller.post.as_deref().unwrap_or_default();
    let agency = epoch
        .title_of(post)
        .map_or("", |(_, agency)| agency)
        .to_owned();
    let mut faults: Vec<Refused> = Vec::new();
    let mut add = |refused: Refused| {
        if !faults.iter().any(|known| known == &refused) {
            faults.push(refused);
        }
    };
    let valid_to = match draft.until_day.trim() {
        // Whether it may have no end is the law's question.
        "" => None,
        day => match drafting::last_day(day, now, limits.longest_days) {
            Ok(end) => Some(end),
            Err(fault) => {
                add(fault.into());
                None
            }
        },
    };
    let unreadable = !draft.until_day.trim().is_empty() && valid_to.is_none();
    let ceiling = match amount(&draft.ceiling) {
        Ok(ceiling) => ceiling,
        Err(fault) => {
            add(fault.into());
            None
        }
    };
    if draft
        .kinds
        .iter()
        .any(|kind| !limits.kinds.contains(&kind.as_str()))
    {
        add(Fault::KindUnknown.into());
    }
    match draft.basis.trim().chars().count() {
        0 => add(Fault::BasisMissing.into()),
        length if length > LONGEST_BASIS => add(Fault::BasisTooLong.into()),
        _ => {}
    }
    if draft.grantees.is_empty() || draft.grantees.len() > MOST_GRANTEES {
        add(Fault::NoClause.into());
    }
    let words = |list: &[String]| list.iter().map(|word| word.as_str().into()).collect();
    let reach = Reach {
        kinds: words(&draft.kinds),
        fields: words(std::slice::from_ref(&draft.field))
            .into_iter()
            .filter(|field: &engine::Text| !field.is_empty())
            .collect(),
        ceiling,
        ..Reach::default()
    };
    let mut clauses = Vec::new();
    for (number, grantee) in (1i64..).zip(&draft.grantees) {
        let addressee = epoch
            .addressee_in(draft.form, post, grantee, now)
            .unwrap_or_default();
        let grant = Grant {
            form: draft.form,
            person: caller.person.clone(),
            post: post.to_owned(),
            competence: agency.clone(),
            grantee: grantee.clone(),
            addressee,
            reach: reach.clone(),
            valid: Interval {
                from: now,
                to: valid_to,
            },
        };
        for objected in epoch.objections(&grant, now) {
            let fault = drafting::fault_of(objected.against);
            if fault == Fault::EndMissing && unreadable {
                continue;
            }
            let law = Some(Unlawful::from(objected));
            add(Refused { fault, law });
        }
        clauses.push(Clause {
            number,
            grantee: grantee.clone(),
            addressee,
            holder: None,
            bound: epoch.binds_giver(draft.form, now),
            reach: reach.clone(),
            subject: draft.subject.clone(),
            valid_to,
            mandate: None,
        });
    }
    if !faults.is_empty() {
        return Err(DraftMandate::Refused(faults));
    }
    let mut conn = ground.db.read().await?;
    let mut receivers = Vec::with_capacity(clauses.len());
    for clause in &clauses {
        receivers.push(held(&mut conn, authority, &clause.grantee, now).await?);
    }
    Ok(Checked {
        clauses,
        receivers,
        agency,
    })
}

/// Reads an amount typed with or without points.
fn amount(text: &str) -> Result<Option<i64>, Fault> {
    let digits: String = text
        .chars()
        .filter(|c| !matches!(c, '.' | ' ' | '\u{a0}'))
        .collect();
    if digits.is_empty() {
        return Ok(None);
    }
    let whole = digits.chars().all(|c| c.is_ascii_digit());
    match digits.parse() {
        Ok(amount) if whole => Ok(Some(amount)),
        _ => Err(Fault::AmountUnreadable),
    }
}

/// Checks the draft, hands the instrument in as a paper and records it.
pub async fn run(
    ground: &Ground,
    authority: &Authority,
    desk: &dyn PaperDesk,
    caller: &Caller,
    draft: &Draft,
    limits: Limits<'_>,
) -> Result<Instrument, DraftMandate> {
    let checked = check(ground, authority, caller, draft, limits).await?;
    let now = ground.now();
    let mut instrument = Instrument {
        id: ids::new("ins", &ground.entropy),
        paper: String::new(),
        state: State::Draft,
        form: draft.form,
        grantor: caller.post.clone().unwrap_or_default(),
        agency: checked.agency.clone(),
        basis: draft.basis.trim().to_owned(),
        drafted_by: caller.person.clone(),
        drafted_at: now,
        signed_digest: None,
        clauses: checked.clauses,
    };
    let text = words(
        ground,
        authority,
        caller,
        &instrument,
        &checked.receivers,
        &draft.subject,
    )
    .await?;
    let pdf = desk.render_instrument(&text)?;
    let new = NewPaper {
        title: text.subject,
        kind: INSTRUMENT_KIND.to_owned(),
        field: None,
        agency: instrument.agency.clone(),
        pdf,
        submitted_by: (caller.person.clone(), instrument.grantor.clone()),
        instrument: instrument.id.clone(),
    };
    instrument.paper = desk.submit(new).await?;
    let (drafted, entropy) = (&instrument, &ground.entropy);
    ground
        .db
        .write(|mut tx| async move {
            instruments::insert(&mut tx, drafted).await?;
            let event = Event::new("authority.mandate_drafted", now, Actor::of(caller), entropy)
                .about("instrument", drafted.id.as_str())
                .detail(json!({
                    "basis": drafted.basis, "form": drafted.form, "grantees": draft.grantees, "grantor": drafted.grantor,
                    "paper": drafted.paper, "reach": drafted.clauses.first().map(|clause| &clause.reach),
                    "to": drafted.clauses.first().and_then(|clause| clause.valid_to),
                }));
            Ok::<_, DraftMandate>(tx.commit(event, ()))
        })
        .await?;
    Ok(instrument)
}

/// The instrument in the words of the law.
async fn words(
    ground: &Ground,
    authority: &Authority,
    caller: &Caller,
    instrument: &Instrument,
    receivers: &[String],
    reach: &str,
) -> Result<InstrumentText, DraftMandate> {
    let mut conn = ground.db.read().await?;
    let epoch = authority.epoch();
    let agency = facts::agency(&mut conn, &instrument.agency, ground.now()).await?;
    let agency_name = agency.map_or_else(String::new, |agency| agency.name);
    let head = epoch
        .title_of(&instrument.grantor)
        .map_or_else(String::new, |(title, _)| title.to_owned());
    let law = epoch.basis_in(instrument.form, ground.now());
    let (title, verb, manner) = match instrument.form {
        Form::Kt => ("GIẤY GIAO VIỆC", "giao", "ký thay (KT.)"),
        Form::Tl | Form::TlKt => ("QUY ĐỊNH GIAO KÝ THỪA LỆNH", "giao", "ký thừa lệnh (TL.)"),
        Form::Tuq => ("GIẤY ỦY QUYỀN", "ủy quyền cho", "ký thừa ủy quyền (TUQ.)"),
        Form::Uq => ("QUYẾT ĐỊNH ỦY QUYỀN", "ủy quyền cho", "thực hiện và ký"),
    };
    let seal = match instrument.form {
        Form::Uq => "Người được ủy quyền dùng hình thức văn bản và con dấu của cơ quan mình.",
        _ => "Văn bản ký theo giấy này đóng dấu của cơ quan giao.",
    };
    let to = receivers.join("; ");
    let clause = instrument.clauses.first();
    let end = match clause.and_then(|clause| clause.valid_to) {
        Some(to) => format!("đến hết ngày {}", clock::format_last_day(to)),
        None => "cho đến khi quy chế làm việc thay đổi".to_owned(),
    };
    Ok(InstrumentText {
        agency: heading(&agency_name, epoch.collective_of(&instrument.agency)),
        notation: format!("UQ-{}", initials(&head)),
        title: title.to_owned(),
        subject: format!(
            "{} {manner}: {reach}",
            if verb == "giao" {
                "Giao"
            } else {
                "Ủy quyền"
            }
        ),
        issuer: format!("{} {}", head.to_uppercase(), agency_name.to_uppercase()),
        bases: law
            .iter()
            .map(|law| format!("Căn cứ {law};"))
            .chain([format!(
                "Căn cứ {}.",
                instrument.basis.trim_end_matches(['.', ';'])
            )])
            .collect(),
        body: vec![
            format!(
                "Điều 1. {head} {} {verb} {to} {manner}: {reach}.",
                caller.name
            ),
            format!("Điều 2. Người nhận không giao lại cho người khác. {seal}"),
            format!("Điều 3. Văn bản này có hiệu lực từ khi được ký số {end}."),
        ],
        recipients: receivers
            .iter()
            .map(|receiver| format!("{receiver};"))
            .chain(["Lưu: VT.".to_owned()])
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_with_or_without_points_and_anything_else_is_refused() {
        assert_eq!(amount(""), Ok(None));
        assert_eq!(amount("500.000.000"), Ok(Some(500_000_000)));
        assert_eq!(amount("500 000"), Ok(Some(500_000)));
        for wrong in ["-5", "5 triệu", "1e9", "99999999999999999999"] {
            assert_eq!(amount(wrong), Err(Fault::AmountUnreadable), "{wrong}");
        }
    }
}
