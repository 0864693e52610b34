//! The head signed the instrument: in the unit that records the signature its mandates become facts, all of them or none.
//! Standard: Decree 30/2020/NĐ-CP Art. 13
//! It must never make a mandate from a signature by anybody but the holder of the post that gives, or after its last day.

use engine::{Form, Interval};
use platform::audit::{Actor, Event};
use platform::clock;
use platform::db::{self, Tx};
use platform::ids;
use platform::random::Entropy;
use serde_json::json;
use thiserror::Error;

use crate::domain::instrument::{Clause, Instrument, Mandate, State};
use crate::store::{instruments, mandates};

/// Why no mandate was made.
#[derive(Debug, Error)]
pub enum ActivateInstrument {
    /// The instrument was signed before.
    #[error("the instrument is not a draft any more")]
    NotDraft,
    /// Another post signed it.
    #[error("the instrument was not signed in the post that gives")]
    WrongPost,
    /// The last day of a clause is over.
    #[error("the last day of what it gives is over")]
    Over,
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// What became a fact.
#[derive(Debug)]
pub struct Activated {
    /// `ins_…`
    pub instrument: String,
    /// `mdt_…`, in the order of the clauses.
    pub mandates: Vec<String>,
    /// The new state of authority.
    pub epoch: i64,
    /// To be committed with the unit.
    pub event: Event,
}

/// Who signed.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'a> {
    /// `psn_…`
    pub person: &'a str,
    /// `pst_…`
    pub post: &'a str,
}

/// Makes the mandates when `paper` carries an instrument; `Ok(None)` when it does not. Refresh the authority after the commit.
pub async fn in_unit(
    tx: &mut Tx,
    paper: &str,
    signer: Signer<'_>,
    signed_digest: &str,
    at: i64,
    entropy: &Entropy,
) -> Result<Option<Activated>, ActivateInstrument> {
    let Some(instrument) = instruments::by_paper(tx, paper).await? else {
        return Ok(None);
    };
    if instrument.state != State::Draft {
        return Err(ActivateInstrument::NotDraft);
    }
    if instrument.grantor != signer.post {
        return Err(ActivateInstrument::WrongPost);
    }
    let over = |clause: &Clause| {
        Interval {
            from: at,
            to: clause.valid_to,
        }
        .is_empty()
    };
    if instrument.clauses.iter().any(over) {
        return Err(ActivateInstrument::Over);
    }
    let made: Vec<Mandate> = instrument
        .clauses
        .iter()
        .map(|clause| mandate(&instrument, clause, signer, at, entropy))
        .collect();
    let epoch = register::epoch::raise(tx).await?;
    let actor = Actor::Person {
        person: signer.person.to_owned(),
        post: Some(signer.post.to_owned()),
    };
    let given: Vec<_> = made
        .iter()
        .map(|mandate| {
            json!({
                "form": mandate.form, "from": mandate.valid_from, "grantee": mandate.grantee, "mandate": mandate.id,
                "reach": mandate.reach, "to": mandate.valid_to,
            })
        })
        .collect();
    let event = Event::new("authority.mandate_activated", at, actor, entropy)
        .about("instrument", instrument.id.as_str())
        .detail(json!({
            "epoch": epoch, "grantor": instrument.grantor, "instrument_paper": paper, "mandates": given,
            "signed_digest": signed_digest,
        }));
    if !instruments::activate(tx, &instrument.id, signed_digest).await? {
        return Err(ActivateInstrument::NotDraft);
    }
    for (mandate, clause) in made.iter().zip(&instrument.clauses) {
        mandates::insert(tx, mandate, event.id()).await?;
        if !instruments::make(tx, &instrument.id, clause.number, &mandate.id).await? {
            return Err(ActivateInstrument::NotDraft);
        }
    }
    Ok(Some(Activated {
        instrument: instrument.id,
        mandates: made.into_iter().map(|mandate| mandate.id).collect(),
        epoch,
        event,
    }))
}

fn mandate(
    instrument: &Instrument,
    clause: &Clause,
    signer: Signer<'_>,
    at: i64,
    entropy: &Entropy,
) -> Mandate {
    let day = clock::format_date(at);
    Mandate {
        record: ids::new("rec", entropy),
        id: ids::new("mdt", entropy),
        instrument: instrument.id.clone(),
        citation: match instrument.form {
            Form::Kt => format!("Giấy giao việc ngày {day}"),
            Form::Tl | Form::TlKt => format!("Văn bản giao ký thừa lệnh ngày {day}"),
            Form::Tuq => format!("Giấy ủy quyền ngày {day}"),
            Form::Uq => format!("Văn bản ủy quyền ngày {day}"),
        },
        form: instrument.form,
        grantor: instrument.grantor.clone(),
        grantee: clause.grantee.clone(),
        addressee: clause.addressee,
        giver: clause.bound.then(|| signer.person.to_owned()),
        holder: clause.holder.clone(),
        reach: clause.reach.clone(),
        valid_from: at,
        valid_to: clause.valid_to,
    }
}
