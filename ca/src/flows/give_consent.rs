//! Consent: the intent is stored with the decision it uses, then the signer signs, a time stamp is added, and the signed revision is recorded.
//! Standard: ETSI EN 319 142-1 §5.4, §6.3 (B-T); WebAuthn Level 3 §7.2 (verified by the signer); Decree 30/2020/NĐ-CP Art. 13, 32
//! It must never record a signature whose time stamp lies outside an interval it rests on: such a signature is destroyed and logged.

use crate::domain::paper::PaperState;
use crate::domain::signing::{Act, RequestState};
use crate::domain::verdict::Answer;
use crate::flows::open_consent::{self, OpenConsent, act, contents, decide_again};
use crate::flows::stamp_time::{self, StampTime};
use crate::flows::{sha256_hex, verify_document};
use crate::service::Ca;
use crate::store::certificates;
use crate::store::papers::{self, PaperRow, RevisionRow};
use crate::store::requests::{self, RequestRow};
use crate::store::signatures::{self, SignatureRow};
use documents::Prepared;
use platform::audit::{Actor, Event};
use platform::caller::Caller;
use platform::{db, ids};
use policies::Decided;
use policies::engine::Interval;
use policies::flows::activate_instrument::{self, ActivateInstrument, Signer};
use policies::flows::use_decision::{self, UseDecision};
use serde_json::json;
use sha2::Digest as _;
use signer::client::ClientError;
use signer::consent::{Assertion, AssertionError, ConsentStatement, StatementError};
use signer::domain::{Bytes, Digest};
use signer::wire::{PersonSignature, SealSignature};

/// Nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum GiveConsent {
    /// The request, the paper or the authority.
    #[error(transparent)]
    Open(#[from] OpenConsent),
    /// The statement sent back is not one.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The passkey's answer is not one.
    #[error(transparent)]
    Assertion(#[from] AssertionError),
    /// The statement names something else than the request.
    #[error("the statement names another {0}")]
    Mismatch(&'static str),
    /// Authority changed since the page was shown: look again.
    #[error("authority changed since the page was shown")]
    Stale,
    /// Using the decision.
    #[error(transparent)]
    Use(UseDecision),
    /// The request was used meanwhile.
    #[error("the request was used meanwhile")]
    Used,
    /// The signer refused or is away; the request is given up.
    #[error(transparent)]
    Signer(#[from] ClientError),
    /// The time stamp.
    #[error(transparent)]
    Stamp(#[from] StampTime),
    /// The time stamp lies outside what the signature rests on.
    #[error("the time stamp lies outside the interval of the authority")]
    OutsideInterval,
    /// The result does not verify by our own check.
    #[error("the result does not verify: {0}")]
    Unverified(String),
    /// The document or the signature cannot be put together.
    #[error("the document cannot be put together: {0}")]
    Assemble(String),
    /// The instrument cannot take effect.
    #[error(transparent)]
    Instrument(#[from] ActivateInstrument),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

impl From<UseDecision> for GiveConsent {
    fn from(error: UseDecision) -> Self {
        match error {
            UseDecision::Stale => Self::Stale,
            other => Self::Use(other),
        }
    }
}

/// What came of it: where the person goes.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Paper.
    pub paper: String,
    /// Sign or seal.
    pub act: Act,
    /// Where to.
    pub return_url: String,
}

/// Takes the person's consent and signs.
pub async fn run(
    ca: &Ca,
    caller: &Caller,
    id: &str,
    statement: &[u8],
    credential: &serde_json::Value,
) -> Result<Signed, GiveConsent> {
    let (request, paper) = open_consent::load(ca, caller, id).await?;
    let statement_read = ConsentStatement::parse(statement)?;
    let assertion = Assertion::from_browser(credential)?;
    let fresh = decide_again(ca, &request, &paper).await?;
    check(ca, &request, &paper, &statement_read, &fresh).await?;
    // The decision keeps the id that the person consented to; what it says was just decided again.
    let decided = Decided {
        id: statement_read.decision.clone(),
        ..fresh
    };
    intend(ca, caller, &request, statement, &assertion, &decided).await?;
    let made = make(ca, &request, &paper, statement, assertion, &decided).await;
    let recorded = match made {
        Ok(made) => record(ca, caller, &request, &paper, &decided, made).await,
        Err(error) => Err(error),
    };
    if let Err(error) = recorded {
        tracing::warn!(%error, request = request.id, "signature given up");
        abandon(ca, &request, outcome_of(&error)).await?;
        return Err(error);
    }
    if let Err(error) = ca.authority.refresh(&ca.ground.db).await {
        tracing::warn!(%error, "authority not refreshed at once; the next job does it");
    }
    Ok(Signed {
        paper: paper.id,
        act: act(&request)?,
        return_url: request.return_url,
    })
}

async fn check(
    ca: &Ca,
    request: &RequestRow,
    paper: &PaperRow,
    statement: &ConsentStatement,
    fresh: &Decided,
) -> Result<(), GiveConsent> {
    if statement.epoch != fresh.epoch {
        return Err(GiveConsent::Stale);
    }
    let same = |holds: bool, what: &'static str| {
        if holds {
            Ok(())
        } else {
            Err(GiveConsent::Mismatch(what))
        }
    };
    same(statement.key == request.key_id, "key")?;
    same(statement.post == request.post, "post")?;
    same(statement.agency == paper.agency, "agency")?;
    same(statement.capacity == request.capacity, "capacity")?;
    same(statement.basis == fresh.basis(), "basis")?;
    same(ids::is("dec", &statement.decision), "decision")?;
    same(statement.not_after > ca.now(), "time")?;
    same(
        statement.contents == contents(ca, request, paper).await?,
        "document",
    )
}

async fn intend(
    ca: &Ca,
    caller: &Caller,
    request: &RequestRow,
    statement: &[u8],
    assertion: &Assertion,
    decided: &Decided,
) -> Result<(), GiveConsent> {
    let json = |error: serde_json::Error| GiveConsent::Assemble(error.to_string());
    let statement = String::from_utf8_lossy(statement).into_owned();
    let assertion = serde_json::to_string(assertion).map_err(json)?;
    let decision = serde_json::to_string(decided).map_err(json)?;
    let now = ca.now();
    let event = Event::new(
        "signature_intended",
        now,
        Actor::of(caller),
        &ca.ground.entropy,
    )
    .about("paper", &request.paper)
    .detail(
        json!({"request": request.id, "act": request.act, "decision": decided.id,
            "statement_sha256": sha256_hex(statement.as_bytes()), "epoch": decided.epoch}),
    );
    let consent = requests::Consent {
        statement: &statement,
        assertion: &assertion,
        decision_id: &decided.id,
        decision: &decision,
    };
    let (consent, event) = (&consent, &event);
    ca.ground
        .db
        .write(|mut tx| async move {
            if !requests::intend(&mut tx, &request.id, consent, now).await? {
                return Err(GiveConsent::Used);
            }
            let used =
                use_decision::in_unit(&mut tx, decided, &request.id, now, &ca.ground.entropy)
                    .await?;
            Ok(tx.commit(event.clone(), ()).and(used))
        })
        .await
}

struct Made {
    document: Vec<u8>,
    cms_sha256: String,
    stamped_at: i64,
}

async fn make(
    ca: &Ca,
    request: &RequestRow,
    paper: &PaperRow,
    statement: &[u8],
    assertion: Assertion,
    decided: &Decided,
) -> Result<Made, GiveConsent> {
    let mut conn = ca.ground.db.read().await?;
    let certificate = certificates::by_id(&mut conn, &request.certificate)
        .await?
        .ok_or(db::Error::NotFound)?;
    let issuer = crate::store::anchors::issuer(&mut conn, &certificate.issuer)
        .await?
        .ok_or(db::Error::NotFound)?;
    drop(conn);
    let digest = digest_of(request)?;
    let chain = vec![Bytes(issuer.certificate)];
    let cms = match act(request)? {
        Act::Sign => {
            let order = PersonSignature {
                key: request.key_id.clone(),
                statement: statement.into(),
                assertion,
                digest: Digest::sha256(&digest),
                chain,
            };
            ca.signer.sign_person(order).await?
        }
        Act::Seal => {
            let (_, person_cms) = open_consent::person_signature(ca, paper).await?;
            let order = SealSignature {
                key: request.key_id.clone(),
                statement: statement.into(),
                assertion,
                digest: Digest::sha256(&digest),
                person_cms: person_cms.into(),
                chain,
            };
            ca.signer.sign_seal(order).await?
        }
    };
    let assemble = |error: &dyn std::fmt::Display| GiveConsent::Assemble(error.to_string());
    let value = pki::cms::imprint_of_signature(&cms).map_err(|e| assemble(&e))?;
    let imprint: [u8; 32] = sha2::Sha256::digest(&value).into();
    let stamp = stamp_time::stamp(ca, Digest::sha256(&imprint), None, None, true).await?;
    if !decided.covers(Interval::instant(stamp.time)) {
        let gone: [u8; 32] = sha2::Sha256::digest(&cms).into();
        ca.signer
            .destroy_signature(
                &request.key_id,
                Digest::sha256(&gone),
                "time stamp outside the interval of the authority",
            )
            .await?;
        return Err(GiveConsent::OutsideInterval);
    }
    let stamped = pki::cms::add_time_stamp(&cms, &stamp.token).map_err(|e| assemble(&e))?;
    let prepared = Prepared {
        bytes: request.prepared.clone(),
        byte_range: serde_json::from_str(&request.byte_range).map_err(|e| assemble(&e))?,
        digest_sha256: digest,
    };
    let document = documents::embed(prepared, &stamped).map_err(|e| assemble(&e))?;
    self_check(ca, &document).await?;
    Ok(Made {
        document,
        cms_sha256: sha256_hex(&value),
        stamped_at: stamp.time,
    })
}

/// What we hand out must pass our own examination first.
async fn self_check(ca: &Ca, document: &[u8]) -> Result<(), GiveConsent> {
    let (trust, now, bytes) = (ca.trust(), ca.now(), document.to_vec());
    let checked =
        tokio::task::spawn_blocking(move || verify_document::offline(&trust, &bytes, now))
            .await
            .map_err(|_| GiveConsent::Unverified("examination stopped".into()))?;
    let newest = checked.signatures.last();
    let bad = if checked.whole.answer != Answer::Yes {
        Some(&checked.whole)
    } else {
        newest
            .map(|signature| &signature.trusted)
            .filter(|verdict| verdict.answer == Answer::No)
    };
    match bad {
        Some(verdict) => Err(GiveConsent::Unverified(format!("{:?}", verdict.reasons))),
        None => Ok(()),
    }
}

async fn record(
    ca: &Ca,
    caller: &Caller,
    request: &RequestRow,
    paper: &PaperRow,
    decided: &Decided,
    made: Made,
) -> Result<(), GiveConsent> {
    let (now, entropy) = (ca.now(), &ca.ground.entropy);
    let (from, to) = match act(request)? {
        Act::Sign => (PaperState::Requested, PaperState::Signed),
        Act::Seal => (PaperState::Numbered, PaperState::Sealed),
    };
    let revision = RevisionRow {
        paper: paper.id.clone(),
        revision: paper.revision + 1,
        kind: to.word().into(),
        sha256: sha256_hex(&made.document),
        document: made.document,
        made_at: now,
    };
    let signature = SignatureRow {
        id: ids::new("sig", entropy),
        paper: paper.id.clone(),
        revision: revision.revision,
        act: request.act.clone(),
        person: request.person.clone(),
        post: request.post.clone(),
        agency: paper.agency.clone(),
        capacity: request.capacity.clone(),
        block: decided.block_lines.join("\n"),
        certificate: request.certificate.clone(),
        decision_id: decided.id.clone(),
        request: request.id.clone(),
        cms_sha256: made.cms_sha256,
        signed_at: decided.evaluated_at,
        stamped_at: made.stamped_at,
    };
    let kind = if to == PaperState::Signed {
        "paper_signed"
    } else {
        "paper_sealed"
    };
    let event = Event::new(kind, now, Actor::of(caller), entropy)
        .about("paper", &paper.id)
        .detail(json!({"signature": signature.id, "request": request.id, "decision": decided.id, "capacity": request.capacity,
            "revision": revision.revision, "sha256": revision.sha256, "cms_sha256": signature.cms_sha256, "stamped_at": made.stamped_at}));
    let instrument = to == PaperState::Signed
        && ca
            .vocabulary
            .kind(&paper.kind)
            .is_some_and(|kind| kind.instrument);
    let (revision, signature, event) = (&revision, &signature, &event);
    ca.ground
        .db
        .write(|mut tx| async move {
            papers::add_revision(&mut tx, revision).await?;
            let advanced = papers::advance(
                &mut tx,
                &paper.id,
                from.word(),
                paper.revision,
                to.word(),
                now,
            )
            .await?;
            let done = requests::finish(
                &mut tx,
                &request.id,
                RequestState::Intended,
                RequestState::Done,
                to.word(),
                now,
            )
            .await?;
            if !advanced || !done {
                return Err(GiveConsent::Used);
            }
            signatures::add(&mut tx, signature).await?;
            let activated = if instrument {
                activate_instrument::in_unit(
                    &mut tx,
                    &paper.id,
                    Signer {
                        person: &request.person,
                        post: &request.post,
                    },
                    &revision.sha256,
                    signature.signed_at,
                    entropy,
                )
                .await?
            } else {
                None
            };
            Ok(tx
                .commit(event.clone(), ())
                .and_all(activated.map(|activated| activated.event)))
        })
        .await
}

/// Gives a request up: nothing of it counts, and the paper may be asked for again.
pub(crate) async fn abandon(ca: &Ca, request: &RequestRow, outcome: &str) -> Result<(), db::Error> {
    end(
        ca,
        request,
        RequestState::Intended,
        RequestState::Abandoned,
        outcome,
        Actor::System("certification"),
    )
    .await
}

/// The person says no; where he goes, and from which paper.
pub async fn refuse(ca: &Ca, caller: &Caller, id: &str) -> Result<(String, String), OpenConsent> {
    let (request, _) = open_consent::load(ca, caller, id).await?;
    let actor = Actor::of(caller);
    end(
        ca,
        &request,
        RequestState::Open,
        RequestState::Refused,
        "refused",
        actor,
    )
    .await?;
    Ok((request.return_url, request.paper))
}

/// Ends a request without a signature; a paper that only waited for it goes back to draft.
pub(crate) async fn end(
    ca: &Ca,
    request: &RequestRow,
    from: RequestState,
    to: RequestState,
    outcome: &str,
    actor: Actor,
) -> Result<(), db::Error> {
    let now = ca.now();
    let event = Event::new("signature_not_made", now, actor, &ca.ground.entropy)
        .about("paper", &request.paper)
        .detail(json!({"request": request.id, "act": request.act, "outcome": outcome, "state": to.word()}));
    let event = &event;
    ca.ground
        .db
        .write(|mut tx| async move {
            let ended = requests::finish(&mut tx, &request.id, from, to, outcome, now).await?;
            if ended && request.act == Act::Sign.word() {
                let (waiting, draft) = (PaperState::Requested.word(), PaperState::Draft.word());
                papers::move_state(&mut tx, &request.paper, waiting, draft, now).await?;
            }
            Ok(tx.commit(event.clone(), ()))
        })
        .await
}

fn digest_of(request: &RequestRow) -> Result<[u8; 32], GiveConsent> {
    data_encoding::HEXLOWER
        .decode(request.digest.as_bytes())
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| GiveConsent::Assemble("stored digest".into()))
}

/// A word for the file.
fn outcome_of(error: &GiveConsent) -> &'static str {
    match error {
        GiveConsent::Signer(ClientError::Refused { .. }) => "signer_refused",
        GiveConsent::Signer(_) => "signer_away",
        GiveConsent::Stamp(_) => "time_stamp",
        GiveConsent::OutsideInterval => "outside_interval",
        GiveConsent::Unverified(_) | GiveConsent::Assemble(_) => "not_verified",
        _ => "not_recorded",
    }
}
