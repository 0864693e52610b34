//! Opens the consent page: the authority is asked again, and a statement is made that names exactly the bytes, the post, the capacity and the basis.
//! Standard: WebAuthn Level 3 §5.5; RFC 8785
//! It must never show a request to anybody but the person it is for, and never put a digest into the statement that is not the prepared one.

use crate::domain::signing::{Act, RequestState};
use crate::flows::request_seal::validly_signed;
use crate::flows::request_signature::{RequestSignature, explain_refusal, question};
use crate::service::Ca;
use crate::store::bindings::{self, BindingRow};
use crate::store::papers::{self, PaperRow};
use crate::store::requests::{self, RequestRow};
use documents::PERSON_FIELD;
use platform::caller::Caller;
use platform::db;
use policies::Decided;
use policies::engine::{Action, Capacity};
use policies::flows::explain::Explanation;
use signer::client::ClientError;
use signer::consent::{ConsentPurpose, ConsentStatement, Content, StatementError};
use signer::domain::{Bytes, DigestAlgorithm};

/// Consent cannot be asked for.
#[derive(Debug, thiserror::Error)]
pub enum OpenConsent {
    /// No such request of this person.
    #[error("there is no such request for this person")]
    NotFound,
    /// It has ended.
    #[error("the request has ended: {0}")]
    Ended(String),
    /// Its time is over.
    #[error("the request's time is over")]
    Expired,
    /// The authority refuses now.
    #[error("refused: {}", .0.decided.code)]
    Refused(Box<Explanation>),
    /// The block or capacity would be another now: it must be asked anew.
    #[error("the decision is another one now")]
    Different,
    /// No passkey of the person is pinned to the key.
    #[error("no passkey of this person may unlock this key")]
    NoPasskey,
    /// The person's signature that the seal needs is not there.
    #[error(transparent)]
    Request(#[from] RequestSignature),
    /// The stored decision or bytes cannot be read.
    #[error("stored request: {0}")]
    Stored(String),
    /// The statement.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The signer.
    #[error(transparent)]
    Signer(#[from] ClientError),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// What the page shows.
pub struct Consent {
    /// The request.
    pub request: RequestRow,
    /// The paper.
    pub paper: PaperRow,
    /// The decision now.
    pub decided: Decided,
    /// The statement, canonical bytes.
    pub statement: Vec<u8>,
    /// The WebAuthn challenge.
    pub challenge: [u8; 32],
    /// Passkeys that may answer.
    pub passkeys: Vec<BindingRow>,
    /// Until when the statement is good.
    pub not_after: i64,
}

/// Opens the page for the person.
pub async fn run(ca: &Ca, caller: &Caller, id: &str) -> Result<Consent, OpenConsent> {
    let (request, paper) = load(ca, caller, id).await?;
    let decided = decide_again(ca, &request, &paper).await?;
    let mut conn = ca.ground.db.read().await?;
    let passkeys = bindings::pinned(&mut conn, &caller.person, &request.key_id).await?;
    drop(conn);
    if passkeys.is_empty() {
        return Err(OpenConsent::NoPasskey);
    }
    let opened = ca.signer.open_consent(&request.key_id).await?;
    let statement = ConsentStatement {
        version: 1,
        purpose: match act(&request)? {
            Act::Sign => ConsentPurpose::Sign,
            Act::Seal => ConsentPurpose::Seal,
        },
        contents: contents(ca, &request, &paper).await?,
        post: request.post.clone(),
        agency: paper.agency.clone(),
        decision: decided.id.clone(),
        capacity: request.capacity.clone(),
        basis: decided.basis().into_iter().map(str::to_owned).collect(),
        key: request.key_id.clone(),
        epoch: decided.epoch,
        nonce: opened.nonce,
        not_after: opened.not_after,
    };
    let bytes = statement.to_jcs()?;
    Ok(Consent {
        request,
        paper,
        decided,
        challenge: signer::consent::challenge(&bytes),
        statement: bytes,
        passkeys,
        not_after: opened.not_after,
    })
}

/// The person's open request and its paper.
pub(crate) async fn load(
    ca: &Ca,
    caller: &Caller,
    id: &str,
) -> Result<(RequestRow, PaperRow), OpenConsent> {
    let mut conn = ca.ground.db.read().await?;
    let request = requests::of_person(&mut conn, id, &caller.person)
        .await?
        .ok_or(OpenConsent::NotFound)?;
    if request.state != RequestState::Open.word() {
        return Err(OpenConsent::Ended(request.state));
    }
    if request.expires_at <= ca.now() {
        return Err(OpenConsent::Expired);
    }
    let paper = papers::within(&mut conn, &request.paper)
        .await?
        .ok_or(OpenConsent::NotFound)?;
    if paper.revision != request.revision {
        return Err(OpenConsent::Ended("superseded".into()));
    }
    Ok((request, paper))
}

/// The same question, asked now; the block and the capacity must be those that were prepared.
pub(crate) async fn decide_again(
    ca: &Ca,
    request: &RequestRow,
    paper: &PaperRow,
) -> Result<Decided, OpenConsent> {
    let before: Decided = serde_json::from_str(&request.decision)
        .map_err(|error| OpenConsent::Stored(error.to_string()))?;
    let (action, signed) = match act(request)? {
        Act::Sign => (Action::Sign, None),
        Act::Seal => {
            let bytes = newest(ca, paper).await?;
            (Action::Seal, Some(validly_signed(ca, paper, bytes).await?))
        }
    };
    let capacity = Capacity::parse(&request.capacity);
    let mut asked = question(
        paper,
        action,
        &request.person,
        &request.post,
        capacity,
        ca.now(),
    );
    asked.resource.signed = signed;
    ca.follow_authority().await;
    let decided = ca.authority.decide(&asked);
    if !decided.allowed {
        let explained = explain_refusal(ca, decided, &paper.title).await?;
        return Err(OpenConsent::Refused(Box::new(explained)));
    }
    if decided.capacity != before.capacity
        || decided.block_lines != before.block_lines
        || decided.seal_agency != before.seal_agency
    {
        return Err(OpenConsent::Different);
    }
    Ok(decided)
}

/// What is consented to: the prepared bytes, and for a seal also the digest the person signed.
pub(crate) async fn contents(
    ca: &Ca,
    request: &RequestRow,
    paper: &PaperRow,
) -> Result<Vec<Content>, OpenConsent> {
    let digest = data_encoding::HEXLOWER
        .decode(request.digest.as_bytes())
        .map_err(|error| OpenConsent::Stored(error.to_string()))?;
    let content = |digest: Vec<u8>, label: String| Content {
        algorithm: DigestAlgorithm::Sha256,
        digest: Bytes(digest),
        label,
    };
    let mut contents = vec![content(digest, paper.title.clone())];
    if act(request)? == Act::Seal {
        let (signed, _) = person_signature(ca, paper).await?;
        contents.push(content(
            signed.to_vec(),
            "chữ ký của người có thẩm quyền".into(),
        ));
    }
    Ok(contents)
}

/// Digest and CMS of the person's signature in the newest revision.
pub(crate) async fn person_signature(
    ca: &Ca,
    paper: &PaperRow,
) -> Result<([u8; 32], Vec<u8>), OpenConsent> {
    let bytes = newest(ca, paper).await?;
    let report =
        documents::inspect(&bytes).map_err(|error| OpenConsent::Stored(error.to_string()))?;
    report
        .signatures
        .into_iter()
        .find(|signature| signature.field == PERSON_FIELD)
        .map(|signature| (signature.digest_sha256, signature.cms))
        .ok_or_else(|| OpenConsent::Stored("the person's signature is not in the document".into()))
}

async fn newest(ca: &Ca, paper: &PaperRow) -> Result<Vec<u8>, OpenConsent> {
    let mut conn = ca.ground.db.read().await?;
    let revision = papers::revision(&mut conn, &paper.id, paper.revision).await?;
    Ok(revision.ok_or(OpenConsent::NotFound)?.document)
}

/// What the request asks for.
pub(crate) fn act(request: &RequestRow) -> Result<Act, OpenConsent> {
    Act::of(&request.act).ok_or_else(|| OpenConsent::Stored(format!("act {}", request.act)))
}
