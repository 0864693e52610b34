//! Certificates that a reader may see: registrars of the province all, others those of their agency, themselves and the services.
//! Standard: none.
//! It must never list people's certificates to somebody outside their agency.

use crate::domain::certificate::Holder;
use crate::flows::revoke_certificate::may_revoke;
use crate::service::Ca;
use crate::store::certificates::{self, EndRow, LineRow};
use platform::caller::Caller;
use platform::clock::DAY;
use platform::db::{self, Conn};
use register::domain::words::{Kind, Verb};
use register::rights;

/// A certificate with its holder in words.
pub struct Seen {
    /// The certificate.
    pub line: LineRow,
    /// The holder.
    pub holder: String,
}

/// Those that end first, and all ends of a year for the picture.
pub async fn list(
    ca: &Ca,
    caller: &Caller,
    limit: i64,
) -> Result<(Vec<Seen>, Vec<EndRow>), db::Error> {
    let now = ca.now();
    let mut conn = ca.ground.db.read().await?;
    let province = sees_all(&mut conn, caller, now).await?;
    let lines = certificates::by_end(&mut conn, now - 30 * DAY, limit).await?;
    let mut seen = Vec::new();
    for line in lines {
        if province || sees(&mut conn, caller, &line, now).await? {
            let holder = name(&mut conn, &line, now).await?;
            seen.push(Seen { line, holder });
        }
    }
    let ends = if province {
        certificates::ends(&mut conn, now, now + 366 * DAY).await?
    } else {
        seen.iter()
            .map(|one| EndRow {
                holder_kind: one.line.holder_kind.clone(),
                not_after: one.line.not_after,
                revoked_at: one.line.revoked_at,
            })
            .collect()
    };
    Ok((seen, ends))
}

/// One certificate, and whether the reader may revoke it.
pub async fn one(ca: &Ca, caller: &Caller, id: &str) -> Result<Option<(Seen, bool)>, db::Error> {
    let now = ca.now();
    let mut conn = ca.ground.db.read().await?;
    let Some(row) = certificates::by_id(&mut conn, id).await? else {
        return Ok(None);
    };
    let Some(line) = certificates::line(&mut conn, id).await? else {
        return Ok(None);
    };
    if !sees_all(&mut conn, caller, now).await? && !sees(&mut conn, caller, &line, now).await? {
        return Ok(None);
    }
    let ours = row.issuer == "issuing" || row.issuer == "root";
    let may = ours && may_revoke(&mut conn, &row, caller, now).await?;
    let holder = name(&mut conn, &line, now).await?;
    Ok(Some((Seen { line, holder }, may)))
}

async fn sees_all(conn: &mut Conn, caller: &Caller, now: i64) -> Result<bool, db::Error> {
    rights::may(
        conn,
        &caller.person,
        (Verb::See, Kind::Certificate),
        None,
        now,
    )
    .await
}

async fn sees(
    conn: &mut Conn,
    caller: &Caller,
    line: &LineRow,
    now: i64,
) -> Result<bool, db::Error> {
    let own = caller.agency.as_deref();
    Ok(match Holder::of(&line.holder_kind, &line.holder) {
        Some(Holder::Service(_)) => true,
        Some(Holder::Agency(agency)) => own == Some(agency.as_str()),
        Some(Holder::Person(person)) => {
            person == caller.person
                || register::facts::posts_of(conn, &person, now)
                    .await?
                    .iter()
                    .any(|post| own == Some(post.agency.as_str()))
        }
        Some(Holder::Post(post)) => register::facts::post(conn, &post, now)
            .await?
            .is_some_and(|post| own == Some(post.agency.as_str())),
        Some(Holder::Mailbox(address)) => register::facts::mailbox(conn, &address, now)
            .await?
            .is_some_and(|mailbox| own == Some(mailbox.agency.as_str())),
        None => false,
    })
}

async fn name(conn: &mut Conn, line: &LineRow, now: i64) -> Result<String, db::Error> {
    let found = match Holder::of(&line.holder_kind, &line.holder) {
        Some(Holder::Person(person)) => register::facts::person(conn, &person)
            .await?
            .map(|person| format!("{} ({})", person.full_name, person.staff_no)),
        Some(Holder::Agency(agency)) => register::facts::agency(conn, &agency, now)
            .await?
            .map(|agency| agency.name),
        Some(Holder::Post(post)) => register::facts::post(conn, &post, now)
            .await?
            .map(|post| post.title),
        _ => None,
    };
    Ok(found.unwrap_or_else(|| line.holder.clone()))
}
