//! The head signed the instrument: in the unit that records the signature its mandate becomes a fact.
//! Standard: Decree 30/2020/NĐ-CP Art. 13 clauses 1–2
//! It must never make a mandate from a signature by anybody but the holder of the post that hands over, or after its last day.

use platform::audit::{Actor, Event};
use platform::clock;
use platform::db::{self, Tx};
use platform::ids;
use platform::random::Entropy;
use serde_json::json;
use thiserror::Error;

use crate::domain::instrument::{Mandate, State};
use crate::store::{instruments, mandates};

/// Why no mandate was made.
#[derive(Debug, Error)]
pub enum ActivateInstrument {
    /// The instrument was signed before.
    #[error("the instrument is not a draft any more")]
    NotDraft,
    /// Another post signed it.
    #[error("the instrument was not signed in the post that hands over")]
    WrongPost,
    /// Its last day is over.
    #[error("the last day of the hand-over is over")]
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
    /// `mdt_…`
    pub mandate: String,
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

/// Makes the mandate when `paper` carries an instrument; `Ok(None)` when it does not. Refresh the authority after the commit.
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
    if at >= instrument.valid_to {
        return Err(ActivateInstrument::Over);
    }
    let mandate = Mandate {
        record: ids::new("rec", entropy),
        id: ids::new("mdt", entropy),
        instrument: instrument.id.clone(),
        citation: format!("Giấy giao việc ngày {}", clock::format_date(at)),
        grantor: instrument.grantor.clone(),
        grantee: instrument.grantee.clone(),
        paper: instrument.handed_paper.clone(),
        valid_from: at,
        valid_to: instrument.valid_to,
    };
    let epoch = register::epoch::raise(tx).await?;
    let actor = Actor::Person {
        person: signer.person.to_owned(),
        post: Some(signer.post.to_owned()),
    };
    let event = Event::new("authority.mandate_activated", at, actor, entropy)
        .about("mandate", mandate.id.as_str())
        .detail(json!({
            "epoch": epoch,
            "from": mandate.valid_from,
            "grantee": mandate.grantee,
            "grantor": mandate.grantor,
            "instrument": instrument.id,
            "instrument_paper": paper,
            "paper": mandate.paper,
            "signed_digest": signed_digest,
            "to": mandate.valid_to,
        }));
    mandates::insert(tx, &mandate, event.id()).await?;
    if !instruments::activate(tx, &instrument.id, signed_digest, &mandate.id).await? {
        return Err(ActivateInstrument::NotDraft);
    }
    Ok(Some(Activated {
        instrument: instrument.id,
        mandate: mandate.id,
        epoch,
        event,
    }))
}
