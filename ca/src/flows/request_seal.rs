//! Asks for the seal: only after a competent person's signature that we verified ourselves, and after the number.
//! Standard: Decree 30/2020/NĐ-CP Art. 32.2; ETSI EN 319 142-1 §5.4
//! It must never take a paper's recorded state for the signature itself: the bytes are verified again.

use crate::domain::certificate::Holder;
use crate::domain::signing::Act;
use crate::domain::verdict::{Answer, Role};
use crate::flows::request_signature::{
    Asked, CONTENTS, RequestSignature, Waiting, certificate_of, decide, explain_refusal, open,
    prepare, question, returning, state_of,
};
use crate::flows::see_paper;
use crate::flows::verify_document;
use crate::service::Ca;
use crate::store::papers::PaperRow;
use crate::store::signatures;
use documents::{Mark, SEAL_FIELD, SignRequest, Visible};
use platform::caller::Caller;
use platform::clock::format_instant;
use policies::Decided;
use policies::engine::{Action, Request, Signed};

/// Asks for the seal of the paper's agency.
pub async fn run(
    ca: &Ca,
    caller: &Caller,
    id: &str,
    return_url: &str,
) -> Result<Waiting, RequestSignature> {
    let (paper, revision) = see_paper::document(ca, caller, id).await?;
    let return_url = returning(ca, return_url)?;
    let state = state_of(&paper);
    if !state.is_signed() {
        return Err(RequestSignature::Unsigned(state.word().into()));
    }
    if state == crate::domain::paper::PaperState::Signed {
        return Err(RequestSignature::NotNumbered);
    }
    state.seal()?;
    let post = caller.post.as_deref().ok_or(RequestSignature::NoPost)?;
    let signed = validly_signed(ca, &paper, revision.document.clone()).await?;
    let decided = allowed(ca, caller, &paper, post, Action::Seal, signed).await?;
    let agency = decided
        .seal_agency
        .clone()
        .unwrap_or_else(|| paper.agency.clone());
    let certificate = certificate_of(ca, &Holder::Agency(agency.clone())).await?;
    let now = ca.now();
    let owner = register::facts::agency(&mut ca.ground.db.read().await?, &agency, now).await?;
    let visible = Visible {
        mark: Mark::Seal,
        block: Vec::new(),
        name: owner.map_or_else(String::new, |agency| agency.name),
        time: format_instant(now),
        demo: ca.ground.demo,
    };
    let sign = SignRequest {
        field: SEAL_FIELD.into(),
        placement: None,
        visible,
        signing_time: now,
        reason: None,
        lock: true,
        contents_size: CONTENTS,
    };
    let prepared = prepare(revision.document, sign).await?;
    let asked = Asked {
        act: Act::Seal,
        caller,
        post,
        paper: &paper,
        certificate: &certificate,
        return_url,
    };
    open(ca, &asked, decided, prepared).await
}

/// Asks the authority for an act on a signed paper.
pub(crate) async fn allowed(
    ca: &Ca,
    caller: &Caller,
    paper: &PaperRow,
    post: &str,
    action: Action,
    signed: Signed,
) -> Result<Decided, RequestSignature> {
    let mut asked: Request = question(paper, action, &caller.person, post, None, ca.now());
    asked.resource.signed = Some(signed);
    ca.follow_authority().await;
    let decided = decide(ca, asked);
    if decided.allowed {
        return Ok(decided);
    }
    let explained = explain_refusal(ca, decided, &paper.title).await?;
    Err(RequestSignature::Refused(Box::new(explained)))
}

/// Who validly signed these bytes: intact, trusted, allowed, and recorded for this very paper.
pub(crate) async fn validly_signed(
    ca: &Ca,
    paper: &PaperRow,
    document: Vec<u8>,
) -> Result<Signed, RequestSignature> {
    let unsigned = |why: &str| RequestSignature::Unsigned(why.to_owned());
    let verdict = verify_document::recorded(ca, document)
        .await
        .map_err(|error| unsigned(&error.to_string()))?;
    if verdict.whole.answer != Answer::Yes {
        return Err(unsigned("the document is not whole"));
    }
    let person = verdict
        .signatures
        .iter()
        .find(|signature| signature.role == Role::Person)
        .ok_or_else(|| unsigned("no person's signature"))?;
    if person.trusted.answer != Answer::Yes {
        return Err(unsigned("the person's certificate is not trusted"));
    }
    if person.allowed.answer != Answer::Yes {
        return Err(unsigned("the person was not allowed"));
    }
    let value = person.value_sha256.as_deref().unwrap_or_default();
    let row = signatures::by_cms(&mut ca.ground.db.read().await?, value).await?;
    row.filter(|row| row.paper == paper.id)
        .map(|row| Signed {
            person: row.person,
            post: row.post,
        })
        .ok_or_else(|| unsigned("the signature is of another paper"))
}
