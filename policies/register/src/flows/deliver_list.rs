//! Takes a list of a source in: it becomes a list like any other, tied to its source, with what it means counted once.
//! Standard: none; a delivery sent again is the same delivery.
//! It must never change the register, nor take a list from somebody who does not administer everything the source is master of.

use std::collections::BTreeSet;

use platform::audit::{Actor, Housekeeping};
use platform::{Ground, db};
use sha2::{Digest as _, Sha256};

use super::discard_list::{self, DiscardList};
use super::read_list::{self, ReadList, Tools, administers_all};
use super::receive_list::{self, Upload};
use crate::domain::feed::{Counted, Source};
use crate::domain::intake::leavers::Claim;
use crate::store::feeds;
use crate::store::lists::ListState;

/// A list that a source sends.
#[derive(Debug)]
pub struct Handed<'a> {
    /// `src_…`
    pub source: &'a str,
    /// Its rows as text.
    pub rows: String,
    /// From when on it counts, UTC ms.
    pub effective: i64,
    /// Whether it is complete for everything the source is master of.
    pub whole: bool,
    /// The sender's own key for it.
    pub key: Option<&'a str>,
}

/// What became of it.
#[derive(Debug)]
pub struct Delivered {
    /// `lst_…`
    pub list: String,
    /// Whether it had been delivered before.
    pub again: bool,
    /// Whether what needs no look is to be published at once.
    pub automatic: bool,
}

/// It was not taken.
#[derive(Debug, thiserror::Error)]
pub enum DeliverList {
    /// No such source in use.
    #[error("there is no such source")]
    Unknown,
    /// The caller does not administer everything the source is master of.
    #[error("this is for those who administer all agencies of the source")]
    NoRight,
    /// The key stands for another delivery.
    #[error("the key was used for another delivery of this source")]
    KeyUsed,
    /// The list cannot be read.
    #[error(transparent)]
    Read(#[from] ReadList),
    /// The list cannot be given up again.
    #[error(transparent)]
    Discard(#[from] DiscardList),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Takes it. The same key, or without one the same list as the newest of the source, is the same delivery.
pub async fn run(
    ground: &Ground,
    person: &str,
    post: Option<&str>,
    handed: Handed<'_>,
) -> Result<Delivered, DeliverList> {
    let now = ground.now();
    let mut conn = ground.db.read().await?;
    let source = feeds::find(&mut conn, handed.source)
        .await?
        .ok_or(DeliverList::Unknown)?;
    if !administers_all(&mut conn, person, &source.agencies, now).await? {
        return Err(DeliverList::NoRight);
    }
    if let Some(before) = before(&mut conn, &source, &handed).await? {
        return Ok(Delivered {
            list: before,
            again: true,
            automatic: source.automatic,
        });
    }
    drop(conn);
    let upload = Upload {
        file_name: format!("{}.json", source.name),
        bytes: handed.rows.into_bytes(),
        effective: handed.effective,
    };
    let list = receive_list::run(ground, person, post, upload).await?;
    let claim = Claim {
        whole_for: if handed.whole {
            source.agencies
        } else {
            BTreeSet::new()
        },
        ends: BTreeSet::new(),
        source: Some(source.id),
    };
    match tie(ground, &list, &claim, None, handed.key).await {
        // Somebody else used the key at the same moment: this list is not kept.
        Err(db::Error::Conflict(_)) => {
            let actor = Actor::Person {
                person: person.to_owned(),
                post: post.map(str::to_owned),
            };
            discard_list::run(ground, &actor, person, &list).await?;
            return Err(DeliverList::KeyUsed);
        }
        other => other?,
    }
    count(ground, person, &list).await?;
    Ok(Delivered {
        list,
        again: false,
        automatic: source.automatic,
    })
}

/// The delivery that this one repeats.
async fn before(
    conn: &mut db::Conn,
    source: &Source,
    handed: &Handed<'_>,
) -> Result<Option<String>, DeliverList> {
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(handed.rows.as_bytes()));
    let same = |known: &feeds::Delivery| {
        (known.digest.as_str(), known.effective, known.whole)
            == (digest.as_str(), handed.effective, handed.whole)
    };
    if let Some(key) = handed.key {
        return match feeds::by_key(conn, source, key).await? {
            Some(known) if same(&known) => Ok(Some(known.list)),
            Some(_) => Err(DeliverList::KeyUsed),
            None => Ok(None),
        };
    }
    let newest = feeds::deliveries(conn, source, 1).await?.into_iter().next();
    let stands =
        |known: &feeds::Delivery| !matches!(known.state, ListState::Undone | ListState::Discarded);
    Ok(newest
        .filter(|known| same(known) && stands(known))
        .map(|known| known.list))
}

/// Ties a list that somebody handed in on the page to a source whose agencies he administers.
pub async fn link(
    ground: &Ground,
    person: &str,
    list: &str,
    source: &str,
) -> Result<(), DeliverList> {
    let now = ground.now();
    let mut conn = ground.db.read().await?;
    read_list::own(&mut conn, person, list, now).await?;
    let source = feeds::find(&mut conn, source)
        .await?
        .ok_or(DeliverList::Unknown)?;
    if !administers_all(&mut conn, person, &source.agencies, now).await? {
        return Err(DeliverList::NoRight);
    }
    drop(conn);
    let claim = Claim {
        source: Some(source.id),
        ..Claim::default()
    };
    tie(ground, list, &claim, None, None).await?;
    count(ground, person, list).await?;
    Ok(())
}

/// Ties a list to its source.
pub(super) async fn tie(
    ground: &Ground,
    list: &str,
    claim: &Claim,
    part_of: Option<&str>,
    key: Option<&str>,
) -> Result<(), db::Error> {
    ground
        .db
        .write(|mut tx| async move {
            feeds::tie(&mut tx, list, claim, part_of, key).await?;
            Ok(tx.housekeeping(Housekeeping::Dialogue, ()))
        })
        .await
}

/// Weighs a list of a source and keeps the counts.
pub(super) async fn count(ground: &Ground, person: &str, list: &str) -> Result<(), ReadList> {
    let mut conn = ground.db.read().await?;
    let tools = Tools {
        entropy: &ground.entropy,
        sealer: &ground.sealer,
    };
    let weighed = read_list::run(&mut conn, tools, person, list, ground.now()).await?;
    drop(conn);
    let counts = Counted::of(&weighed.lines, &weighed.leaving);
    ground
        .db
        .write(|mut tx| async move {
            feeds::count(&mut tx, list, counts).await?;
            Ok::<_, db::Error>(tx.housekeeping(Housekeeping::Projection, ()))
        })
        .await?;
    Ok(())
}
