//! Enters number and date: the next of the agency, kind and year, as a revision of its own in the two fields laid before the person signed.
//! Standard: Decree 30/2020/NĐ-CP Art. 15.1; ISO 32000-2 §12.7
//! It must never number a paper that no competent person has validly signed, and never give a number twice or leave a gap.

use crate::domain::paper::WrongState;
use crate::domain::vocabulary::agency_symbol;
use crate::flows::request_seal::{allowed, validly_signed};
use crate::flows::request_signature::{RequestSignature, state_of};
use crate::flows::see_paper;
use crate::flows::sha256_hex;
use crate::service::Ca;
use crate::store::numbers;
use crate::store::papers::{self, RevisionRow};
use documents::NumberError;
use platform::audit::{Actor, Event};
use platform::caller::Caller;
use platform::clock;
use platform::db;
use policies::engine::Action;
use policies::flows::use_decision::{self, UseDecision};
use serde_json::json;

/// What was entered.
#[derive(Debug, Clone)]
pub struct Numbered {
    /// Number.
    pub number: i64,
    /// Number and symbol.
    pub notation: String,
    /// Date, dd/mm/yyyy.
    pub date: String,
}

/// No number was entered.
#[derive(Debug, thiserror::Error)]
pub enum NumberPaper {
    /// As for a signature.
    #[error(transparent)]
    Request(#[from] RequestSignature),
    /// The paper is past that step.
    #[error(transparent)]
    State(#[from] WrongState),
    /// The document has no fields for it, or they are filled.
    #[error(transparent)]
    Document(#[from] NumberError),
    /// Another number was taken meanwhile, too often.
    #[error("the register is busy")]
    Busy,
    /// The decision is not good any more.
    #[error(transparent)]
    Use(#[from] UseDecision),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Enters number and date.
pub async fn run(ca: &Ca, caller: &Caller, id: &str) -> Result<Numbered, NumberPaper> {
    let (paper, revision) = see_paper::document(ca, caller, id)
        .await
        .map_err(RequestSignature::See)?;
    let state = state_of(&paper);
    if !state.is_signed() {
        return Err(RequestSignature::Unsigned(state.word().into()).into());
    }
    state.number()?;
    let post = caller.post.as_deref().ok_or(RequestSignature::NoPost)?;
    let signed = validly_signed(ca, &paper, revision.document.clone()).await?;
    let decided = allowed(ca, caller, &paper, post, Action::Number, signed).await?;
    let now = ca.now();
    let day = clock::date(now);
    let date = format!(
        "ngày {:02} tháng {} năm {}",
        day.day(),
        two_digits_to_february(day.month()),
        day.year()
    );
    let mut conn = ca.ground.db.read().await?;
    let agency = register::facts::agency(&mut conn, &paper.agency, now)
        .await?
        .ok_or(db::Error::NotFound)?;
    drop(conn);
    let symbol = agency_symbol(&agency.kind, &agency.short_name);
    let kind = ca.vocabulary.kind(&paper.kind).ok_or(db::Error::NotFound)?;
    let year = i64::from(day.year());
    let entropy = &ca.ground.entropy;
    // The revision carries the number, so the bytes are made for the expected one and the unit refuses any other.
    for _ in 0..20 {
        let mut conn = ca.ground.db.read().await?;
        let expected = numbers::last(&mut conn, &paper.agency, &paper.kind, year).await? + 1;
        drop(conn);
        let base = revision.document.clone();
        let (written, dated) = (format!("{expected:02}"), date.clone());
        let filled =
            tokio::task::spawn_blocking(move || documents::fill_number(&base, &written, &dated))
                .await
                .map_err(|_| NumberPaper::Busy)??;
        let numbered = Numbered {
            number: expected,
            notation: kind.notation(expected, &symbol),
            date: clock::format_date(now),
        };
        let row = RevisionRow {
            paper: paper.id.clone(),
            revision: paper.revision + 1,
            kind: "numbered".into(),
            sha256: sha256_hex(&filled),
            document: filled,
            made_at: now,
        };
        let event = Event::new("paper_numbered", now, Actor::of(caller), entropy)
            .about("paper", &paper.id)
            .detail(json!({"notation": numbered.notation, "date": numbered.date, "decision": decided.id, "sha256": row.sha256}));
        let (row, event, paper, decided, numbered) = (&row, &event, &paper, &decided, &numbered);
        let entered = ca
            .ground
            .db
            .write(|mut tx| async move {
                let number = numbers::next(&mut tx, &paper.agency, &paper.kind, year).await?;
                if number != numbered.number {
                    return Err(NumberPaper::Busy);
                }
                let used = use_decision::in_unit(&mut tx, decided, &paper.id, now, entropy).await?;
                papers::add_revision(&mut tx, row).await?;
                let moved = papers::enter_number(
                    &mut tx,
                    &paper.id,
                    paper.revision,
                    number,
                    &numbered.notation,
                    &numbered.date,
                    now,
                )
                .await?;
                if !moved {
                    return Err(RequestSignature::Changed.into());
                }
                Ok(tx.commit(event.clone(), numbered.clone()).and(used))
            })
            .await;
        match entered {
            Err(NumberPaper::Busy) => {}
            other => return other,
        }
    }
    Err(NumberPaper::Busy)
}

/// Legal texts pad the months 1 and 2 only.
fn two_digits_to_february(month: i8) -> String {
    if month <= 2 {
        format!("{month:02}")
    } else {
        month.to_string()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_january_and_february_are_written_with_a_leading_zero() {
        assert_eq!(super::two_digits_to_february(2), "02");
        assert_eq!(super::two_digits_to_february(3), "3");
        assert_eq!(super::two_digits_to_february(11), "11");
    }
}
