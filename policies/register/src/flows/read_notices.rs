//! Notices: events of the log that concern a person and that others did, and what waits for him; counted for the head of every page.
//! Standard: none; docs/ARCHITECTURE.md (notices)
//! It must never tell anybody of what he did himself, of somebody else's facts, or of what lies outside his scope.

use futures_util::future::BoxFuture;
use platform::caller::Caller;
use platform::db::{Conn, Db, Error};
use platform::notices::{NoticePort, Uncounted};

use super::list_waiting::{self, Silence};
use super::read_list;
use crate::domain::administration::READING;
use crate::domain::notice::{Rank, Rule, Table, To};
use crate::domain::proposal::Proposal;
use crate::rights::{ScopeError, held_by, scope_of};
use crate::store::lists::ListRow;
use crate::store::notices::{self, Between, Mark, Told, Who};
use crate::store::proposals;

/// Notices of a page.
const PAGE: usize = 30;
/// Urgent ones shown on top.
const URGENT: i64 = 20;

/// An event with its row of the table.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The event.
    pub event: Told,
    /// Its row.
    pub rule: &'static Rule,
    /// Whether it was marked as read.
    pub read: bool,
}

/// What stands on top while it lasts.
#[derive(Debug, Clone, Default)]
pub struct Waiting {
    /// Proposals he may decide.
    pub proposals: Vec<Proposal>,
    /// Silent sources.
    pub silences: Vec<Silence>,
    /// Lists that failed.
    pub failed: Vec<ListRow>,
}

impl Waiting {
    /// Instants since when each of it waits.
    pub(crate) fn since(&self) -> impl Iterator<Item = i64> {
        let proposals = self.proposals.iter().map(|one| one.proposed_at);
        let silences = self.silences.iter().map(|one| one.since);
        let failed = self.failed.iter().map(|one| one.uploaded_at);
        proposals.chain(silences).chain(failed)
    }
}

/// A page of notices.
#[derive(Debug, Clone)]
pub struct Page {
    /// Urgent events not read yet; on the first page only.
    pub first: Vec<Notice>,
    /// What waits; on the first page only.
    pub waiting: Waiting,
    /// The newest first.
    pub notices: Vec<Notice>,
    /// Where the next page begins.
    pub next: Option<i64>,
    /// Until when he had read what stands on top.
    pub read_at: i64,
    /// What the page shows, to be marked as read.
    pub seen: Mark,
    /// How many are not read.
    pub unread: i64,
}

/// Counts for the head of every page.
pub struct Notices(Db);

impl Notices {
    /// On a database.
    pub fn new(db: Db) -> Self {
        Self(db)
    }
}

impl NoticePort for Notices {
    fn unread<'a>(&'a self, caller: &'a Caller, now: i64) -> BoxFuture<'a, Result<i64, Uncounted>> {
        Box::pin(async move {
            let mut conn = self.0.read().await?;
            Ok(unread(&mut conn, caller, now).await?)
        })
    }
}

/// What roles of administration make somebody's business.
#[derive(Clone, Copy)]
struct Duty {
    /// Whether he holds any.
    administers: bool,
    /// Whether he may open every list.
    lists: bool,
}

impl Duty {
    /// Rows of the table that are his by his roles, and whether they are about lists.
    fn rules(self) -> impl Iterator<Item = (&'static Rule, bool)> {
        let roles = Table::ours().to(To::Roles).map(|rule| (rule, false));
        let lists = Table::ours().to(To::Lists).map(|rule| (rule, true));
        roles
            .filter(move |_| self.administers)
            .chain(lists.filter(move |_| self.lists))
    }
}

/// Asks for the scope of lists only where a list was published by itself after a place of the log: scopes take longest.
async fn duty(conn: &mut Conn, caller: &Caller, after: i64, now: i64) -> Result<Duty, Error> {
    let administers = !held_by(conn, &caller.person, now).await?.is_empty();
    let mut published = 0;
    if administers {
        for rule in Table::ours().to(To::Lists) {
            published += notices::count_of_kind(conn, who(caller), &rule.kind, true, after).await?;
        }
    }
    let lists =
        published > 0 && read_list::sees_all(conn, &caller.person, now).await? == Some(true);
    Ok(Duty { administers, lists })
}

fn who(caller: &Caller) -> Who<'_> {
    Who {
        person: &caller.person,
        account: &caller.account,
    }
}

async fn waiting(conn: &mut Conn, caller: &Caller, duty: Duty, now: i64) -> Result<Waiting, Error> {
    let me = &caller.person;
    if !duty.administers {
        return Ok(Waiting::default());
    }
    let mut waiting = Waiting::default();
    if proposals::any_open(conn, now).await? {
        waiting.proposals = match scope_of(conn, me, None, READING, now).await {
            Ok(scope) => list_waiting::proposals(conn, &scope, me, now).await?,
            Err(ScopeError::NoRight | ScopeError::NoProvince) => Vec::new(),
            Err(ScopeError::Db(error)) => return Err(error),
        };
    }
    if list_waiting::any_silent(conn, now).await? {
        let silences = list_waiting::silent(conn, me, now).await?;
        waiting.silences = silences.unwrap_or_default();
    }
    Ok(Waiting {
        failed: list_waiting::failed(conn, me, now).await?,
        ..waiting
    })
}

async fn count(
    conn: &mut Conn,
    caller: &Caller,
    duty: Duty,
    mark: Mark,
    waiting: &Waiting,
) -> Result<i64, Error> {
    let kinds = Table::ours().kinds(To::Own);
    let mut n = notices::count_own(conn, who(caller), &kinds, mark.place).await?;
    for (rule, lists) in duty.rules() {
        n += notices::count_of_kind(conn, who(caller), &rule.kind, lists, mark.place).await?;
    }
    let new = waiting.since().filter(|since| *since > mark.read_at);
    Ok(n.saturating_add(i64::try_from(new.count()).unwrap_or(i64::MAX)))
}

/// How many somebody has not read.
pub async fn unread(conn: &mut Conn, caller: &Caller, now: i64) -> Result<i64, Error> {
    let mark = notices::mark(conn, &caller.person).await?;
    let duty = duty(conn, caller, mark.place, now).await?;
    let waiting = waiting(conn, caller, duty, now).await?;
    count(conn, caller, duty, mark, &waiting).await
}

/// A page of notices older than a place of the log; without one the newest, with what stands on top.
pub async fn page(
    conn: &mut Conn,
    caller: &Caller,
    before: Option<i64>,
    now: i64,
) -> Result<Page, Error> {
    // What comes later than this is on no page and stays unread.
    let size = platform::log::store::size(conn).await?;
    let mark = notices::mark(conn, &caller.person).await?;
    let duty = duty(conn, caller, -1, now).await?;
    let waiting = waiting(conn, caller, duty, now).await?;
    let unread = count(conn, caller, duty, mark, &waiting).await?;
    let mut first = Vec::new();
    if before.is_none() {
        let places = Between {
            after: mark.place,
            before: size,
        };
        for (rule, lists) in duty.rules().filter(|(rule, _)| rule.rank == Rank::First) {
            let found =
                notices::of_kind(conn, who(caller), &rule.kind, lists, places, URGENT).await?;
            first.extend(found.into_iter().map(|event| notice(event, rule, mark)));
        }
        newest_first(&mut first);
    }
    let places = Between {
        after: -1,
        before: before.unwrap_or(size).min(size),
    };
    let mut notices = events(conn, caller, duty, places, mark).await?;
    let more = notices.len() > PAGE;
    notices.truncate(PAGE);
    let next = notices.last().map(|last| last.event.log_index);
    notices.retain(|one| first.iter().all(|other| other.event.id != one.event.id));
    Ok(Page {
        first,
        waiting: if before.is_none() {
            waiting
        } else {
            Waiting::default()
        },
        notices,
        next: next.filter(|_| more),
        read_at: mark.read_at,
        seen: Mark {
            place: size.saturating_sub(1),
            read_at: now,
        },
        unread,
    })
}

/// One more than a page holds, the newest first.
async fn events(
    conn: &mut Conn,
    caller: &Caller,
    duty: Duty,
    places: Between,
    mark: Mark,
) -> Result<Vec<Notice>, Error> {
    let table = Table::ours();
    let limit = i64::try_from(PAGE).unwrap_or(i64::MAX).saturating_add(1);
    let kinds = table.kinds(To::Own);
    let own = notices::own(conn, who(caller), &kinds, places, limit).await?;
    let mut all: Vec<Notice> = own
        .into_iter()
        .filter_map(|event| {
            let rule = table.rule(To::Own, &event.kind)?;
            Some(notice(event, rule, mark))
        })
        .collect();
    for (rule, lists) in duty.rules() {
        let found = notices::of_kind(conn, who(caller), &rule.kind, lists, places, limit).await?;
        all.extend(found.into_iter().map(|event| notice(event, rule, mark)));
    }
    newest_first(&mut all);
    Ok(all)
}

fn notice(event: Told, rule: &'static Rule, mark: Mark) -> Notice {
    Notice {
        read: event.log_index <= mark.place,
        event,
        rule,
    }
}

/// An event that concerns somebody in two ways is one notice: the first way stands.
fn newest_first(all: &mut Vec<Notice>) {
    all.sort_by_key(|one| std::cmp::Reverse(one.event.log_index));
    all.dedup_by(|later, earlier| later.event.id == earlier.event.id);
}
