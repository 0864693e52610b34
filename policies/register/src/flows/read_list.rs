//! Reads a list that was handed in, as chosen so far, and weighs it against the register.
//! Standard: none; docs/ARCHITECTURE.md (nothing changes before a change-set is published)
//! It must never show a personal number, nor rows of a list to somebody who does not administer what it is about.

use std::collections::BTreeSet;

use platform::clock::date;
use platform::db::{self, Conn};
use platform::random::Entropy;
use platform::secrets::Sealer;

use super::import_register::{blind_index, existing};
use crate::domain::administration::Need;
use crate::domain::facts::PersonAttributes;
use crate::domain::import::Existing;
use crate::domain::intake::encoding::{self, Encoding};
use crate::domain::intake::header::Mapping;
use crate::domain::intake::leavers::{Claim, Leaving};
use crate::domain::intake::sheet::{Sheet, Unreadable};
use crate::domain::intake::weigh::{Line, Weighing, Weight, weigh};
use crate::domain::intake::{delimited, workbook};
use crate::domain::time::AsOf;
use crate::domain::words::{Kind, Verb};
use crate::rights::{self, Scope, ScopeError};
use crate::store::lists::{self, ListRow};
use crate::store::{agencies, claims, feeds};

/// A list cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum ReadList {
    /// No such list.
    #[error("there is no such list")]
    NotFound,
    /// The caller administers nothing.
    #[error("lists are for those who administer the register")]
    NoRight,
    /// The file is no longer kept.
    #[error("the file is no longer kept")]
    Gone,
    /// The file cannot be read as chosen.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Reading was stopped.
    #[error("reading was stopped")]
    Stopped,
    /// What is stored cannot be opened.
    #[error("what is stored cannot be opened: {0}")]
    Stored(String),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// What handing in, reading and publishing lists needs.
pub const NEED: Need = (Verb::Record, Kind::Import);

/// The agencies in which somebody may import, whole subtrees: everything a list of his may speak of.
pub async fn administered(
    conn: &mut Conn,
    person: &str,
    at: i64,
) -> Result<BTreeSet<String>, ReadList> {
    let scope = scope(conn, person, at).await?;
    let within = agencies::list(conn, &scope, AsOf::now(at)).await?;
    Ok(within.into_iter().map(|agency| agency.id).collect())
}

/// Whether somebody may import anything at all.
pub async fn may_read(conn: &mut Conn, person: &str, at: i64) -> Result<(), ReadList> {
    scope(conn, person, at).await.map(|_| ())
}

/// Whether somebody may open every list, or only those he handed in; `None` when he may open none.
pub(super) async fn sees_all(
    conn: &mut Conn,
    person: &str,
    at: i64,
) -> Result<Option<bool>, db::Error> {
    match rights::scope_of(conn, person, None, NEED, at).await {
        Ok(scope) => Ok(Some(scope.is_whole())),
        Err(ScopeError::NoRight | ScopeError::NoProvince) => Ok(None),
        Err(ScopeError::Db(error)) => Err(error),
    }
}

/// A list that somebody may see and act on: one he handed in himself, or any when he imports for the whole province. Another's list
/// is not there for him: it names people whom he does not administer.
pub async fn own(conn: &mut Conn, person: &str, id: &str, at: i64) -> Result<ListRow, ReadList> {
    let scope = scope(conn, person, at).await?;
    lists::find(conn, id)
        .await?
        .filter(|list| scope.is_whole() || list.uploaded_by == person)
        .ok_or(ReadList::NotFound)
}

/// The newest lists that somebody may see.
pub async fn newest(
    conn: &mut Conn,
    person: &str,
    at: i64,
    limit: i64,
) -> Result<Vec<ListRow>, ReadList> {
    Ok(if scope(conn, person, at).await?.is_whole() {
        lists::newest(conn, limit).await?
    } else {
        lists::newest_of(conn, person, limit).await?
    })
}

/// Whether somebody imports for all of these agencies.
pub(super) async fn administers_all(
    conn: &mut Conn,
    person: &str,
    agencies: &BTreeSet<String>,
    at: i64,
) -> Result<bool, ReadList> {
    let scope = scope(conn, person, at).await?;
    for agency in agencies {
        if !rights::covers(conn, &scope, agency).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Sources whose lists somebody may hand in: id and name of those whose agencies he administers all.
pub async fn sources(
    conn: &mut Conn,
    person: &str,
    at: i64,
) -> Result<Vec<(String, String)>, ReadList> {
    let scope = scope(conn, person, at).await?;
    let mut own = Vec::new();
    for source in feeds::sources(conn, &scope).await? {
        if administers_all(conn, person, &source.agencies, at).await? {
            own.push((source.id, source.name));
        }
    }
    Ok(own)
}

async fn scope(conn: &mut Conn, person: &str, at: i64) -> Result<Scope, ReadList> {
    rights::scope_of(conn, person, None, NEED, at)
        .await
        .map_err(|error| match error {
            ScopeError::NoRight | ScopeError::NoProvince => ReadList::NoRight,
            ScopeError::Db(error) => ReadList::Db(error),
        })
}

/// A list as it can be read: its sheets or encodings to choose from, and the sheet chosen.
#[derive(Debug)]
pub struct Opened {
    /// Names of sheets of a workbook.
    pub sheets: Vec<String>,
    /// Encodings of a text file, the likeliest first.
    pub encodings: Vec<Encoding>,
    /// The sheet.
    pub sheet: Sheet,
}

/// Opens bytes as chosen, or as is likeliest.
pub fn open(
    bytes: &[u8],
    sheet: Option<&str>,
    chosen: Option<Encoding>,
) -> Result<Opened, Unreadable> {
    if workbook::looks_like(bytes) {
        let (sheets, sheet) = workbook::read(bytes, sheet)?;
        return Ok(Opened {
            sheets,
            encodings: Vec::new(),
            sheet,
        });
    }
    let encodings = encoding::guesses(bytes);
    let chosen = chosen
        .or_else(|| encodings.first().copied())
        .ok_or(Unreadable::Encoding)?;
    let text = encoding::decode(bytes, chosen)?;
    Ok(Opened {
        sheets: Vec::new(),
        encodings,
        sheet: delimited::read(&text)?,
    })
}

/// [`open`] away from the threads that answer others.
pub(crate) async fn open_apart(
    bytes: Vec<u8>,
    sheet: Option<String>,
    chosen: Option<Encoding>,
) -> Result<Opened, ReadList> {
    let opened = move || open(&bytes, sheet.as_deref(), chosen);
    Ok(tokio::task::spawn_blocking(opened)
        .await
        .map_err(|_| ReadList::Stopped)??)
}

/// Everything about a list: how it is read and what it would do.
#[derive(Debug)]
pub struct Weighed {
    /// The list.
    pub list: ListRow,
    /// Its sheet and what could be chosen instead.
    pub opened: Opened,
    /// How it is read.
    pub mapping: Mapping,
    /// Groups accepted.
    pub accepted: BTreeSet<String>,
    /// Its rows; none while columns are missing.
    pub lines: Vec<Line>,
    /// What it says beside its rows.
    pub claim: Claim,
    /// Who stands in the register and not in it.
    pub leaving: Leaving,
    /// Agencies for which it may be declared complete: id, code and name.
    pub agencies: Vec<(String, String, String)>,
    /// Name of the source it comes from.
    pub source: Option<String>,
    /// The list that was published of it without a look.
    pub part: Option<String>,
}

/// Ground of the flow.
#[derive(Clone, Copy)]
pub struct Tools<'a> {
    /// Random bytes.
    pub entropy: &'a Entropy,
    /// Opens the stored file, indexes personal numbers.
    pub sealer: &'a Sealer,
}

/// Reads and weighs.
pub async fn run(
    conn: &mut Conn,
    tools: Tools<'_>,
    person: &str,
    id: &str,
    now: i64,
) -> Result<Weighed, ReadList> {
    let list = own(conn, person, id, now).await?;
    let (_, existing) = existing(conn).await?;
    let covered = administered(conn, person, now).await?;
    let (claim, by_hand) = claimed(conn, id).await?;
    let source = match &claim.source {
        Some(source) => feeds::find(conn, source).await?.map(|source| source.name),
        None => None,
    };
    let part = feeds::part(conn, id).await?.map(|part| part.list);
    let bytes = stored(conn, tools.sealer, id).await?;
    let (sealer, ids) = (tools.sealer.clone(), tools.entropy.clone());
    // Thousands of rows are weighed away from the threads that answer others.
    let weighing = move || -> Result<Weighed, ReadList> {
        let mapping = mapping(&list)?;
        let accepted = accepted(&list)?;
        let opened = open(&bytes, list.sheet.as_deref(), encoding(&list))?;
        let weight = if mapping.missing().is_empty() {
            let inputs = Inputs {
                list: &list,
                mapping: &mapping,
                accepted: &accepted,
                covered: &covered,
                claim: &claim,
                by_hand: &by_hand,
                now: list.uploaded_at,
            };
            weighed(&inputs, &opened.sheet, &existing, &sealer, &ids)
        } else {
            Weight::default()
        };
        let standing = existing.facts.agencies.into_iter();
        let agencies = standing
            .filter(|a| covered.contains(&a.id) && a.interval().holds(list.effective))
            .map(|a| (a.id, a.code, a.name))
            .collect();
        Ok(Weighed {
            list,
            opened,
            mapping,
            accepted,
            lines: weight.lines,
            claim,
            leaving: weight.leaving,
            agencies,
            source,
            part,
        })
    };
    tokio::task::spawn_blocking(weighing)
        .await
        .map_err(|_| ReadList::Stopped)?
}

/// What a list is weighed by, beside the register.
pub(crate) struct Inputs<'a> {
    pub(crate) list: &'a ListRow,
    pub(crate) mapping: &'a Mapping,
    pub(crate) accepted: &'a BTreeSet<String>,
    pub(crate) covered: &'a BTreeSet<String>,
    pub(crate) claim: &'a Claim,
    pub(crate) by_hand: &'a BTreeSet<String>,
    pub(crate) now: i64,
}

/// What a list says beside its rows; for one of a source also which records were laid by hand, so that it changes none unseen.
pub(crate) async fn claimed(
    conn: &mut Conn,
    id: &str,
) -> Result<(Claim, BTreeSet<String>), db::Error> {
    let claim = claims::find(conn, id).await?;
    let by_hand = match &claim.source {
        Some(_) => claims::by_hand(conn).await?,
        None => BTreeSet::new(),
    };
    Ok((claim, by_hand))
}

pub(crate) fn weighed(
    inputs: &Inputs<'_>,
    sheet: &Sheet,
    existing: &Existing,
    sealer: &Sealer,
    ids: &Entropy,
) -> Weight {
    let blind = |number: &str| blind_index(sealer, number);
    let number_of = |person: &PersonAttributes| {
        let sealed = person.personal_number.as_ref()?;
        let plain = sealer.open(
            "person_attribute",
            "personal_number",
            &person.record,
            sealed,
        );
        String::from_utf8(plain.ok()?.to_vec()).ok()
    };
    weigh(&Weighing {
        sheet,
        mapping: inputs.mapping,
        existing,
        blind: &blind,
        number_of: &number_of,
        ids,
        covered: inputs.covered,
        accepted: inputs.accepted,
        claim: inputs.claim,
        by_hand: inputs.by_hand,
        effective: inputs.list.effective,
        today: date(inputs.now),
    })
}

pub(crate) async fn stored(
    conn: &mut Conn,
    sealer: &Sealer,
    id: &str,
) -> Result<Vec<u8>, ReadList> {
    let sealed = lists::bytes(conn, id).await?.ok_or(ReadList::Gone)?;
    sealer
        .open("list_import", "bytes", id, &sealed)
        .map(|plain| plain.to_vec())
        .map_err(|error| ReadList::Stored(error.to_string()))
}

pub(crate) fn mapping(list: &ListRow) -> Result<Mapping, ReadList> {
    serde_json::from_str(&list.mapping).map_err(|error| ReadList::Stored(error.to_string()))
}

pub(crate) fn accepted(list: &ListRow) -> Result<BTreeSet<String>, ReadList> {
    serde_json::from_str(&list.accepted).map_err(|error| ReadList::Stored(error.to_string()))
}

pub(crate) fn encoding(list: &ListRow) -> Option<Encoding> {
    list.encoding.as_deref().and_then(Encoding::parse)
}
