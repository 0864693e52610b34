//! The head drafts the hand-over of one paper: the law is asked first, then the instrument becomes a paper that waits for his signature.
//! Standard: Decree 30/2020/NĐ-CP Art. 13 clauses 1–4 (rows in `rules/drafting/`)
//! It must never draft what the law refuses, nor change who may sign: only the signed instrument does.

use engine::{Addressee, Against, Form, Grant, Interval, Reach};
use platform::audit::{Actor, Event};
use platform::caller::Caller;
use platform::{Ground, clock, db, ids};
use register::facts;
use serde_json::json;
use thiserror::Error;

use crate::authority::Authority;
use crate::desk::{DeskError, INSTRUMENT_KIND, InstrumentText, NewPaper, PaperDesk, PaperFacts};
use crate::domain::drafting::{self, Fault, Unlawful};
use crate::domain::instrument::{Clause, Instrument, State};
use crate::store::instruments;

/// What the form says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The paper to be handed over.
    pub paper: String,
    /// The post that is to receive it.
    pub grantee: String,
    /// In which manner.
    pub manner: Form,
    /// The last day, as typed.
    pub until_day: String,
    /// The written basis.
    pub basis: String,
}

/// A fault, with the row of law when it is one.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// What is wrong.
    pub fault: Fault,
    /// The row that says so.
    pub law: Option<Unlawful>,
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self { fault, law: None }
    }
}

/// Why nothing was drafted.
#[derive(Debug, Error)]
pub enum DraftHandover {
    /// The form has faults, one per place.
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

/// Checks the draft, hands the instrument in as a paper and records it.
pub async fn run(
    ground: &Ground,
    authority: &Authority,
    desk: &dyn PaperDesk,
    caller: &Caller,
    draft: &Draft,
    longest_days: i64,
) -> Result<Instrument, DraftHandover> {
    let now = ground.now();
    let (post, paper, valid_to) = check(authority, desk, caller, draft, now, longest_days).await?;
    let mut instrument = Instrument {
        id: ids::new("ins", &ground.entropy),
        paper: String::new(),
        state: State::Draft,
        form: Form::Kt,
        grantor: post.to_owned(),
        agency: paper.agency.clone(),
        basis: draft.basis.trim().to_owned(),
        drafted_by: caller.person.clone(),
        drafted_at: now,
        signed_digest: None,
        clauses: vec![Clause {
            number: 1,
            grantee: draft.grantee.clone(),
            addressee: Addressee::Post,
            holder: None,
            bound: false,
            reach: Reach {
                papers: vec![paper.id.as_str().into()],
                ..Reach::default()
            },
            subject: paper.title.clone(),
            valid_to: Some(valid_to),
            mandate: None,
        }],
    };
    let text = words(ground, authority, caller, &instrument, &paper, now).await?;
    let pdf = desk.render_instrument(&text)?;
    let new = NewPaper {
        title: text.subject,
        kind: INSTRUMENT_KIND.to_owned(),
        field: None,
        agency: instrument.agency.clone(),
        pdf,
        submitted_by: (caller.person.clone(), post.to_owned()),
        instrument: instrument.id.clone(),
    };
    instrument.paper = desk.submit(new).await?;
    let (drafted, entropy) = (&instrument, &ground.entropy);
    ground
        .db
        .write(|mut tx| async move {
            instruments::insert(&mut tx, drafted).await?;
            let event = Event::new(
                "authority.handover_drafted",
                now,
                Actor::of(caller),
                entropy,
            )
            .about("instrument", drafted.id.as_str())
            .detail(json!({
                "basis": drafted.basis, "grantee": draft.grantee, "grantor": drafted.grantor,
                "handed_paper": draft.paper.trim(), "paper": drafted.paper, "to": valid_to,
            }));
            Ok::<_, DraftHandover>(tx.commit(event, ()))
        })
        .await?;
    Ok(instrument)
}

/// Every fault of the draft at once.
async fn check<'c>(
    authority: &Authority,
    desk: &dyn PaperDesk,
    caller: &'c Caller,
    draft: &Draft,
    now: i64,
    longest_days: i64,
) -> Result<(&'c str, PaperFacts, i64), DraftHandover> {
    let epoch = authority.epoch();
    let mut faults: Vec<Refused> = Vec::new();
    let post = caller.post.as_deref().unwrap_or_default();
    let agency = epoch.title_of(post).map(|(_, agency)| agency.to_owned());
    let paper = desk.paper(draft.paper.trim()).await?;
    let paper = paper.filter(|paper| Some(&paper.agency) == agency.as_ref());
    match &paper {
        None => faults.push(Fault::PaperUnknown.into()),
        Some(paper) if paper.signed => faults.push(Fault::PaperSigned.into()),
        Some(paper) if paper.kind == INSTRUMENT_KIND => {
            faults.push(Fault::PaperIsInstrument.into())
        }
        Some(_) => {}
    }
    let theirs = epoch
        .title_of(&draft.grantee)
        .map(|(_, agency)| agency.to_owned());
    if theirs.is_none() {
        faults.push(Fault::GranteeUnknown.into());
    } else if theirs != agency {
        faults.push(Fault::ForeignAgency.into());
    }
    let grant = Grant {
        form: draft.manner,
        person: caller.person.clone(),
        post: post.to_owned(),
        competence: agency.unwrap_or_default(),
        grantee: draft.grantee.clone(),
        addressee: Addressee::Post,
        reach: Reach {
            papers: vec![draft.paper.trim().into()],
            ..Reach::default()
        },
        // The last day is looked at below, in the words of the form.
        valid: Interval::between(now, i64::MAX),
    };
    for objected in epoch.objections(&grant, now) {
        let foreign = faults
            .iter()
            .any(|refused| matches!(refused.fault, Fault::ForeignAgency | Fault::GranteeUnknown));
        let said = matches!(
            objected.against,
            Against::OutsideStructure | Against::Vacant
        );
        let fault = drafting::fault_of(objected.against);
        if (foreign && said) || faults.iter().any(|refused| refused.fault == fault) {
            continue;
        }
        let law = (fault == Fault::Unlawful).then(|| Unlawful::from(objected));
        faults.push(Refused { fault, law });
    }
    // Who gives nothing at all is told only that.
    if faults.iter().any(|refused| refused.fault == Fault::NotHead) {
        faults.retain(|refused| refused.fault != Fault::Unlawful);
    }
    match draft.basis.trim().chars().count() {
        0 => faults.push(Fault::BasisMissing.into()),
        length if length > LONGEST_BASIS => faults.push(Fault::BasisTooLong.into()),
        _ => {}
    }
    let end = drafting::last_day(&draft.until_day, now, longest_days);
    match (end, paper) {
        (Ok(end), Some(paper)) if faults.is_empty() => Ok((post, paper, end)),
        (Err(fault), _) => {
            faults.push(fault.into());
            Err(DraftHandover::Refused(faults))
        }
        _ => Err(DraftHandover::Refused(faults)),
    }
}

/// The instrument in the words of the law.
async fn words(
    ground: &Ground,
    authority: &Authority,
    caller: &Caller,
    instrument: &Instrument,
    paper: &PaperFacts,
    now: i64,
) -> Result<InstrumentText, DraftHandover> {
    let mut conn = ground.db.read().await?;
    let epoch = authority.epoch();
    let agency = facts::agency(&mut conn, &instrument.agency, now).await?;
    let agency_name = agency.map_or_else(String::new, |agency| agency.name);
    let title = |post: &str| {
        epoch
            .title_of(post)
            .map_or_else(String::new, |(title, _)| title.to_owned())
    };
    let grantee = instrument
        .clauses
        .first()
        .map_or("", |clause| clause.grantee.as_str());
    let last_day = instrument
        .ends()
        .map(clock::format_last_day)
        .unwrap_or_default();
    let (head, deputy) = (title(&instrument.grantor), title(grantee));
    let mut receivers = Vec::new();
    for (person, _) in epoch.holders(grantee, now) {
        if let Some(person) = facts::person(&mut conn, person).await? {
            receivers.push(person.full_name);
        }
    }
    let receiver = format!("{deputy} {}", receivers.join(", "));
    let (paper_title, paper) = (&paper.title, &paper.id);
    let clause = match epoch.collective_of(&instrument.agency) {
        Some(_) => "Điều 13 khoản 2",
        None => "Điều 13 khoản 1",
    };
    Ok(InstrumentText {
        agency: heading(&agency_name, epoch.collective_of(&instrument.agency)),
        notation: format!("GV-{}", initials(&head)),
        title: "GIẤY GIAO VIỆC".to_owned(),
        subject: format!("Giao {deputy} ký thay một văn bản: {paper_title}"),
        issuer: format!("{} {}", head.to_uppercase(), agency_name.to_uppercase()),
        bases: vec![
            format!("Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư, {clause};"),
            format!("Căn cứ {}.", instrument.basis.trim_end_matches(['.', ';'])),
        ],
        body: vec![
            format!("Điều 1. {head} {} giao {receiver} ký thay (KT.) văn bản “{paper_title}” (mã văn bản {paper}).", caller.name),
            "Điều 2. Việc giao này chỉ gồm một văn bản nêu tại Điều 1; người được giao không giao lại cho người khác. Văn bản đóng dấu của cơ quan.".to_owned(),
            format!("Điều 3. Giấy này có hiệu lực từ khi được ký số đến hết ngày {last_day}."),
        ],
        recipients: vec![format!("{receiver};"), "Lưu: VT.".to_owned()],
    })
}

/// `Ủy ban nhân dân tỉnh Bình Định` in two lines when it is a collective's name, else in one.
pub(crate) fn heading(agency: &str, collective: Option<&str>) -> Vec<String> {
    let capitals = agency.to_uppercase();
    match collective.and_then(|collective| Some((collective, capitals.strip_prefix(collective)?))) {
        Some((collective, rest)) if !rest.trim().is_empty() => {
            vec![collective.to_owned(), rest.trim().to_owned()]
        }
        _ => vec![capitals],
    }
}

/// First letters of the words of a title: `Chủ tịch` → `CT`.
pub(crate) fn initials(title: &str) -> String {
    title
        .split_whitespace()
        .filter_map(|word| word.chars().next())
        .flat_map(char::to_uppercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heading_splits_a_collective_from_its_place() {
        assert_eq!(
            heading("Ủy ban nhân dân tỉnh Bình Định", Some("ỦY BAN NHÂN DÂN")),
            ["ỦY BAN NHÂN DÂN", "TỈNH BÌNH ĐỊNH"]
        );
        assert_eq!(heading("Sở Nội vụ", None), ["SỞ NỘI VỤ"]);
        assert_eq!(initials("Chủ tịch"), "CT");
        assert_eq!(initials("Giám đốc"), "GĐ");
    }
}
