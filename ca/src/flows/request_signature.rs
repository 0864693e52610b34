//! Asks the authority whether this person may sign this paper, and prepares the bytes he will be asked to consent to.
//! Standard: ETSI EN 319 142-1 §5.4; Decree 30/2020/NĐ-CP Art. 13; Decree 23/2025/NĐ-CP Art. 15 (own certificate is checked before signing)
//! It must never prepare anything for a person whom the authority refuses, and never guess between two capacities.

use crate::domain::certificate::Holder;
use crate::domain::paper::{PaperState, WrongState};
use crate::domain::signing::Act;
use crate::flows::hex;
use crate::flows::see_paper::{self, SeePaper};
use crate::service::Ca;
use crate::store::certificates::{self, CertificateRow};
use crate::store::papers::{self, PaperRow};
use crate::store::requests::{self, RequestRow};
use documents::{Mark, PERSON_FIELD, SignError, SignRequest, Visible};
use platform::audit::{Actor, Event};
use platform::caller::Caller;
use platform::clock::format_instant;
use platform::{db, ids};
use policies::Decided;
use policies::engine::{Action, Capacity, Code, Request, Resource};
use policies::flows::explain::{self, Explanation};
use serde_json::json;
use url::Url;

/// Room for signature and time stamp in the document, bytes of DER.
pub(crate) const CONTENTS: usize = 16_384;

/// A request that waits for consent.
#[derive(Debug)]
pub struct Waiting {
    /// Id of the request; the consent page is `/consent/{id}`.
    pub request: String,
    /// What allowed it.
    pub decided: Decided,
}

/// No consent is asked for.
#[derive(Debug, thiserror::Error)]
pub enum RequestSignature {
    /// The paper is not the caller's to see.
    #[error(transparent)]
    See(#[from] SeePaper),
    /// The caller works in no post.
    #[error("the caller works in no post")]
    NoPost,
    /// The paper is past that step.
    #[error(transparent)]
    State(#[from] WrongState),
    /// The address to return to is not an application's of ours.
    #[error("return_url {0} is not registered")]
    ReturnUrl(String),
    /// The authority refuses.
    #[error("refused: {}", .0.decided.code)]
    Refused(Box<Explanation>),
    /// No competent person has validly signed (a seal or number was asked for).
    #[error("no competent person has signed: {0}")]
    Unsigned(String),
    /// The paper has no number yet (a seal was asked for).
    #[error("the paper has no number yet")]
    NotNumbered,
    /// The holder has no certificate in force.
    #[error("no certificate in force for {0}")]
    NoCertificate(String),
    /// The document cannot carry it.
    #[error(transparent)]
    Document(#[from] SignError),
    /// The decision could not be stored as text.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The paper changed meanwhile.
    #[error("the paper changed meanwhile")]
    Changed,
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Asks for the caller's signature.
pub async fn run(
    ca: &Ca,
    caller: &Caller,
    id: &str,
    capacity: Option<Capacity>,
    return_url: &str,
) -> Result<Waiting, RequestSignature> {
    let (paper, revision) = see_paper::document(ca, caller, id).await?;
    let return_url = returning(ca, return_url)?;
    state_of(&paper).request()?;
    let post = caller.post.as_deref().ok_or(RequestSignature::NoPost)?;
    let question = question(
        &paper,
        Action::Sign,
        &caller.person,
        post,
        capacity,
        ca.now(),
    );
    ca.follow_authority().await;
    let decided = decide(ca, question);
    if !decided.allowed {
        let explained = explain_refusal(ca, decided, &paper.title).await?;
        return Err(RequestSignature::Refused(Box::new(explained)));
    }
    let holder = Holder::Person(caller.person.clone());
    let certificate = certificate_of(ca, &holder).await?;
    let now = ca.now();
    let visible = Visible {
        mark: Mark::Signature,
        block: decided.block_lines.clone(),
        name: caller.name.clone(),
        time: format_instant(now),
        demo: ca.ground.demo,
    };
    let sign = SignRequest {
        field: PERSON_FIELD.into(),
        placement: None,
        visible,
        signing_time: now,
        reason: None,
        lock: false,
        contents_size: CONTENTS,
    };
    let base = revision.document;
    let prepared = prepare(base, sign).await?;
    let asked = Asked {
        act: Act::Sign,
        caller,
        post,
        paper: &paper,
        certificate: &certificate,
        return_url,
    };
    open(ca, &asked, decided, prepared).await
}

/// Asks the authority; a single usable capacity is claimed for the person, who states it by consenting to it.
pub(crate) fn decide(ca: &Ca, question: Request) -> Decided {
    let decided = ca.authority.decide(&question);
    match (decided.code, decided.usable.as_slice()) {
        (Code::CapacityRequired, [only]) => {
            let claimed = Request {
                capacity: Some(*only),
                ..question
            };
            ca.authority.decide(&claimed)
        }
        _ => decided,
    }
}

/// Capacities among which the person must choose; empty when there is no choice to make.
pub fn usable(ca: &Ca, paper: &PaperRow, person: &str, post: &str) -> Vec<Capacity> {
    let asked = question(paper, Action::Sign, person, post, None, ca.now());
    let decided = ca.authority.decide(&asked);
    match decided.usable.as_slice() {
        [] | [_] => Vec::new(),
        many => many.to_vec(),
    }
}

/// The question about a paper.
pub(crate) fn question(
    paper: &PaperRow,
    action: Action,
    person: &str,
    post: &str,
    capacity: Option<Capacity>,
    at: i64,
) -> Request {
    Request {
        person: person.to_owned(),
        post: post.to_owned(),
        action,
        resource: Resource {
            id: paper.id.clone(),
            kind: paper.kind.clone(),
            field: paper.field.clone(),
            agency: paper.agency.clone(),
            ..Resource::default()
        },
        capacity,
        at,
    }
}

/// The refusal with the names it speaks of.
pub(crate) async fn explain_refusal(
    ca: &Ca,
    decided: Decided,
    title: &str,
) -> Result<Explanation, db::Error> {
    let mut conn = ca.ground.db.read().await?;
    explain::run(&mut conn, &ca.authority, decided, Some(title.to_owned())).await
}

/// The holder's certificate, if it and what it rests on are in force now and the signer holds its key.
pub(crate) async fn certificate_of(
    ca: &Ca,
    holder: &Holder,
) -> Result<CertificateRow, RequestSignature> {
    let now = ca.now();
    let none = || RequestSignature::NoCertificate(holder.id().to_owned());
    let mut conn = ca.ground.db.read().await?;
    let row = certificates::in_force(&mut conn, holder, now)
        .await?
        .ok_or_else(none)?;
    if let Some(appointment) = &row.rests_on
        && !register::facts::appointment_in_force(&mut conn, appointment, now).await?
    {
        return Err(none());
    }
    if row.key_id.is_none() || listed_as_revoked(ca, &row) {
        return Err(none());
    }
    Ok(row)
}

/// Whether the newest list of the certificate's authority names it (lists of others are taken in by a job).
fn listed_as_revoked(ca: &Ca, row: &CertificateRow) -> bool {
    let Ok(certificate) = pki::certificate::Certificate::parse(&row.der) else {
        return true;
    };
    ca.trust().lists.iter().any(|list| {
        list.issuer() == certificate.issuer() && list.entry(certificate.serial()).is_some()
    })
}

/// What is asked of whom.
pub(crate) struct Asked<'a> {
    pub(crate) act: Act,
    pub(crate) caller: &'a Caller,
    pub(crate) post: &'a str,
    pub(crate) paper: &'a PaperRow,
    pub(crate) certificate: &'a CertificateRow,
    pub(crate) return_url: String,
}

/// Lays a signature field over the bytes, away from the runtime's own threads.
pub(crate) async fn prepare(
    base: Vec<u8>,
    request: SignRequest,
) -> Result<documents::Prepared, RequestSignature> {
    let done = tokio::task::spawn_blocking(move || documents::prepare(&base, &request)).await;
    match done {
        Ok(prepared) => Ok(prepared?),
        Err(_) => Err(RequestSignature::Changed),
    }
}

/// Stores the request; an earlier one for the same paper that nobody used is closed.
pub(crate) async fn open(
    ca: &Ca,
    asked: &Asked<'_>,
    decided: Decided,
    prepared: documents::Prepared,
) -> Result<Waiting, RequestSignature> {
    let (now, entropy) = (ca.now(), &ca.ground.entropy);
    let capacity = decided.capacity.map(Capacity::as_str).unwrap_or_default();
    let row = RequestRow {
        id: ids::new("sgr", entropy),
        paper: asked.paper.id.clone(),
        revision: asked.paper.revision,
        act: asked.act.word().into(),
        person: asked.caller.person.clone(),
        post: asked.post.to_owned(),
        capacity: capacity.to_owned(),
        certificate: asked.certificate.id.clone(),
        key_id: asked.certificate.key_id.clone().unwrap_or_default(),
        decision: serde_json::to_string(&decided)?,
        byte_range: serde_json::to_string(&prepared.byte_range)?,
        digest: hex(&prepared.digest_sha256),
        prepared: prepared.bytes,
        return_url: asked.return_url.clone(),
        state: "open".into(),
        outcome: None,
        statement: None,
        assertion: None,
        decision_id: None,
        created_at: now,
        expires_at: now + ca.config.request_lifetime,
        intended_at: None,
        finished_at: None,
    };
    let event = Event::new("signature_requested", now, Actor::of(asked.caller), entropy)
        .about("paper", &asked.paper.id)
        .detail(
            json!({"request": row.id, "act": row.act, "capacity": capacity, "digest": row.digest,
            "revision": row.revision, "certificate": row.certificate}),
        );
    let (row, event, paper, act) = (&row, &event, asked.paper, asked.act);
    ca.ground
        .db
        .write(|mut tx| async move {
            requests::add(&mut tx, row).await?;
            if act == Act::Sign
                && !papers::move_state(&mut tx, &paper.id, &paper.state, "requested", now).await?
            {
                return Err(RequestSignature::Changed);
            }
            Ok(tx.commit(event.clone(), ()))
        })
        .await?;
    Ok(Waiting {
        request: row.id.clone(),
        decided,
    })
}

/// The paper's state; the schema allows no other words.
pub(crate) fn state_of(paper: &PaperRow) -> PaperState {
    PaperState::of(&paper.state).unwrap_or(PaperState::Sealed)
}

/// The address to go back to: one of our own pages, or of an application whose origin is registered.
pub(crate) fn returning(ca: &Ca, address: &str) -> Result<String, RequestSignature> {
    let refused = || RequestSignature::ReturnUrl(address.to_owned());
    if address.starts_with('/') && !address.starts_with("//") {
        return Ok(address.to_owned());
    }
    let url = Url::parse(address).map_err(|_| refused())?;
    let origin = url.origin().ascii_serialization();
    let known = origin == ca.ground.origin()
        || ca
            .ground
            .form_targets
            .load()
            .iter()
            .any(|target| target.trim_end_matches('/') == origin);
    if known && matches!(url.scheme(), "http" | "https") {
        Ok(url.into())
    } else {
        Err(refused())
    }
}
