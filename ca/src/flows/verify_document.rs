//! One question, one answer: is the document whole, were the certificates good, were the people allowed, at the proven time.
//! Standard: ETSI EN 319 102-1 §5; ETSI EN 319 142-1 §6; Decree 23/2025/NĐ-CP Art. 16 (checked for the time of signing)
//! It must never say allowed without a recorded decision that used the same capacity, post and basis as the signature states.

use crate::domain::trust::TrustSet;
use crate::domain::verdict::{Answer, DocumentVerdict, Reason, Role, SignatureVerdict, Verdict};
use crate::flows::examine_signature;
use crate::flows::sha256_hex;
use crate::service::Ca;
use crate::store::signatures::SignatureRow;
use crate::store::{certificates, signatures};
use platform::clock::format_instant;
use platform::db::{self, Conn};
use policies::engine::Interval;
use policies::flows::recall::{self, Recall};
use policies::flows::replay::{self, ReplayError};

/// The question could not be answered.
#[derive(Debug, thiserror::Error)]
pub enum VerifyDocument {
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// A stored decision is unreadable.
    #[error(transparent)]
    Recall(#[from] Recall),
    /// The past could not be replayed.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The examination stopped.
    #[error("the examination stopped")]
    Stopped,
}

/// Whole and trusted from the bytes and what is trusted alone; authority is not asked.
pub fn offline(trust: &TrustSet, file: &[u8], now: i64) -> DocumentVerdict {
    let mut verdict = DocumentVerdict {
        sha256: sha256_hex(file),
        title: None,
        number: None,
        date: None,
        at: now,
        asked_authority: false,
        whole: Verdict::no(Reason::plain("unsigned")),
        trusted: Verdict::unknown(Reason::plain("unsigned")),
        allowed: Verdict::unknown(Reason::plain("authority_not_asked")),
        signatures: Vec::new(),
    };
    let report = match documents::inspect(file) {
        Ok(report) => report,
        Err(unreadable) => {
            verdict.whole =
                Verdict::no(Reason::plain("unreadable").with("detail", unreadable.to_string()));
            return verdict;
        }
    };
    verdict.title = report.title.clone();
    verdict.number = report.number.clone();
    verdict.date = report.date.clone();
    verdict.signatures = report
        .signatures
        .iter()
        .map(|signature| examine_signature::run(trust, file, signature, now))
        .collect();
    let mut parts: Vec<Verdict> = verdict.signatures.iter().map(|s| s.whole.clone()).collect();
    if !report.signatures.is_empty() && !report.whole() {
        let changed = report.findings.iter().map(|finding| {
            Reason::plain("changed_after_signing").with("finding", finding.code.as_str())
        });
        let mut reasons: Vec<Reason> = changed.collect();
        if reasons.is_empty() {
            reasons.push(Reason::plain("not_covered"));
        }
        parts.push(Verdict {
            answer: Answer::No,
            reasons,
        });
    }
    verdict.whole = Verdict::joined(&parts, verdict.whole);
    if report.number.is_some() && !report.number_covered {
        // Numbered, not yet sealed: nobody's signature vouches for the number.
        verdict
            .whole
            .reasons
            .push(Reason::plain("number_not_covered"));
    }
    let trusted: Vec<Verdict> = verdict
        .signatures
        .iter()
        .map(|s| s.trusted.clone())
        .collect();
    verdict.trusted = Verdict::joined(&trusted, verdict.trusted);
    verdict
}

/// All three verdicts; what was recorded is decided anew as it was known then.
pub async fn run(ca: &Ca, file: Vec<u8>) -> Result<DocumentVerdict, VerifyDocument> {
    let mut verdict = recorded(ca, file).await?;
    let mut conn = ca.ground.db.read().await?;
    for signature in &mut verdict.signatures {
        if let Some(differs) = replayed(&mut conn, ca, signature).await? {
            signature.allowed = differs;
        }
    }
    join(&mut verdict);
    Ok(verdict)
}

/// All three verdicts from what was recorded, without deciding anew.
pub async fn recorded(ca: &Ca, file: Vec<u8>) -> Result<DocumentVerdict, VerifyDocument> {
    let (trust, now) = (ca.trust(), ca.now());
    let mut verdict = tokio::task::spawn_blocking(move || offline(&trust, &file, now))
        .await
        .map_err(|_| VerifyDocument::Stopped)?;
    let mut conn = ca.ground.db.read().await?;
    for signature in &mut verdict.signatures {
        own_revocation(&mut conn, signature).await?;
        signature.allowed = allowed(&mut conn, signature).await?;
    }
    verdict.asked_authority = true;
    join(&mut verdict);
    Ok(verdict)
}

/// The document's verdicts from its signatures' ones.
fn join(verdict: &mut DocumentVerdict) {
    let of = |pick: fn(&SignatureVerdict) -> &Verdict| -> Vec<Verdict> {
        verdict.signatures.iter().map(|s| pick(s).clone()).collect()
    };
    let unsigned = Verdict::unknown(Reason::plain("unsigned"));
    let trusted = Verdict::joined(&of(|s| &s.trusted), unsigned.clone());
    let allowed = Verdict::joined(&of(|s| &s.allowed), unsigned);
    verdict.trusted = trusted;
    verdict.allowed = allowed;
}

/// The recorded decision made anew: as known then it must allow; what is known now is said beside it.
async fn replayed(
    conn: &mut Conn,
    ca: &Ca,
    signature: &SignatureVerdict,
) -> Result<Option<Verdict>, VerifyDocument> {
    let (Answer::Yes, Some(decision)) = (signature.allowed.answer, &signature.decision) else {
        return Ok(None);
    };
    let Some(stored) = recall::load(conn, decision).await? else {
        return Ok(None);
    };
    let Some(known) = stored.log_index else {
        return Ok(None);
    };
    let request = &stored.decided.request;
    let then = replay::epoch_at(conn, Some(known)).await?.decide(request);
    if !then.allowed {
        return Ok(Some(Verdict::no(Reason::plain("replay_differs"))));
    }
    let now = ca.authority.epoch().decide(request);
    if now.allowed {
        return Ok(None);
    }
    let mut verdict = signature.allowed.clone();
    verdict
        .reasons
        .push(Reason::plain("later_void").with("code", now.code.as_str()));
    Ok(Some(verdict))
}

/// A revocation of ours counts from its commit, not from the next list.
async fn own_revocation(
    conn: &mut Conn,
    signature: &mut SignatureVerdict,
) -> Result<(), db::Error> {
    let Some(serial) = &signature.serial else {
        return Ok(());
    };
    let row = certificates::by_serial(conn, "issuing", serial).await?;
    if let Some(at) = row.and_then(|row| row.revoked_at)
        && at <= signature.checked_at
        && signature.anchor_kind == Some(crate::domain::certificate::AnchorKind::Own)
    {
        signature.trusted =
            Verdict::no(Reason::plain("certificate_revoked").with("at", format_instant(at)));
    }
    Ok(())
}

async fn allowed(
    conn: &mut Conn,
    signature: &mut SignatureVerdict,
) -> Result<Verdict, VerifyDocument> {
    let Some(value) = &signature.value_sha256 else {
        return Ok(Verdict::unknown(Reason::plain("signature_not_examined")));
    };
    let Some(row) = signatures::by_cms(conn, value).await? else {
        return Ok(if signature.role == Role::Foreign {
            Verdict::unknown(Reason::plain("foreign_authority"))
        } else {
            Verdict::no(Reason::plain("unrecorded"))
        });
    };
    let Some(stored) = recall::load(conn, &row.decision_id).await? else {
        return Ok(Verdict::no(Reason::plain("decision_missing")));
    };
    let decided = &stored.decided;
    signature.block = row.block.lines().map(str::to_owned).collect();
    signature.clause = decided.clause.clone();
    let agrees = signature.decision.as_deref() == Some(decided.id.as_str())
        && signature.capacity.as_deref()
            == decided.capacity.map(policies::engine::Capacity::as_str)
        && signature.post.as_deref() == Some(decided.request.post.as_str())
        && signature.basis == decided.basis();
    if !agrees {
        return Ok(Verdict::no(Reason::plain("attributes_differ")));
    }
    if !decided.allowed {
        return Ok(Verdict::no(Reason::plain("decision_refuses")));
    }
    // A stamp tells whole seconds: it proves some instant of its second, and authority that began within it counts.
    let when = signature
        .stamped_at
        .map_or(Interval::instant(row.signed_at), |second| {
            Interval::between(second, second.saturating_add(1000))
        });
    if !decided.covers(when) {
        return Ok(Verdict::no(
            Reason::plain("outside_interval").with("at", format_instant(when.from)),
        ));
    }
    Ok(Verdict::yes(reason(conn, &row, decided).await?))
}

async fn reason(
    conn: &mut Conn,
    row: &SignatureRow,
    decided: &policies::Decided,
) -> Result<Reason, db::Error> {
    let person = register::facts::person(conn, &row.person).await?;
    let post = register::facts::post(conn, &row.post, row.signed_at).await?;
    let code = if row.act == "seal" {
        "allowed_seal"
    } else {
        "allowed_sign"
    };
    Ok(Reason::plain(code)
        .with("name", person.map_or_else(String::new, |p| p.full_name))
        .with("title", post.map_or_else(String::new, |p| p.title))
        .with("block", row.block.replace('\n', " / "))
        .with("clause", decided.clause.clone().unwrap_or_default()))
}
