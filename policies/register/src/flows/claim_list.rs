//! Keeps what people say beside the rows of a list: for which agencies it is complete, and whose end they accept.
//! Standard: none; docs/adr/0012-leavers-of-a-list.md
//! It must never accept an end that was not shown, nor a whole group beyond the limit in one piece.

use std::collections::BTreeSet;

use platform::audit::Housekeeping;
use platform::{Ground, db};

use super::deliver_list::count;
use super::read_list::{self, ReadList, Tools, administered, own};
use crate::domain::intake::leavers::Claim;
use crate::store::claims;
use crate::store::lists::{self, ListState};

/// What is said.
#[derive(Debug)]
pub enum Said {
    /// The list is complete for these agencies with everything below them.
    Whole(BTreeSet<String>),
    /// Of the people shown, the end of these is accepted and that of the others is not.
    Ends {
        /// `psn_…` of everybody on the page.
        shown: BTreeSet<String>,
        /// Those among them who leave.
        leave: BTreeSet<String>,
    },
    /// Everybody leaves about whom nothing is in doubt.
    AllCertain,
}

/// It was not kept.
#[derive(Debug, thiserror::Error)]
pub enum ClaimList {
    /// An agency lies outside what the reader administers.
    #[error("an agency lies outside what you administer")]
    OtherAgency,
    /// Too many leave for one word.
    #[error("more people would leave than are accepted in one piece")]
    TooMany,
    /// The list is no longer open for choices.
    #[error("the list is no longer open")]
    Closed,
    /// The list cannot be read.
    #[error(transparent)]
    Read(#[from] ReadList),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Keeps it. Other agencies make the ends accepted before void.
pub async fn run(ground: &Ground, person: &str, id: &str, said: Said) -> Result<(), ClaimList> {
    let now = ground.now();
    let mut conn = ground.db.read().await?;
    own(&mut conn, person, id, now).await?;
    let before = claims::find(&mut conn, id).await?;
    let declared = before.whole_for.clone();
    let claim = match said {
        Said::Whole(agencies) => {
            if !agencies.is_subset(&administered(&mut conn, person, now).await?) {
                return Err(ClaimList::OtherAgency);
            }
            Claim {
                ends: if agencies == before.whole_for {
                    before.ends
                } else {
                    BTreeSet::new()
                },
                whole_for: agencies,
                source: before.source,
            }
        }
        said => {
            let tools = Tools {
                entropy: &ground.entropy,
                sealer: &ground.sealer,
            };
            let leaving = read_list::run(&mut conn, tools, person, id, now)
                .await?
                .leaving;
            let leavers: BTreeSet<String> =
                leaving.leavers.iter().map(|l| l.person.clone()).collect();
            let ends = match said {
                Said::Ends { shown, leave } => {
                    let kept = before.ends.difference(&shown).cloned();
                    kept.chain(leave).filter(|p| leavers.contains(p)).collect()
                }
                _ if !leaving.at_once() => return Err(ClaimList::TooMany),
                _ => leaving.certain().map(|l| l.person.clone()).collect(),
            };
            Claim { ends, ..before }
        }
    };
    drop(conn);
    let recount = claim.source.is_some() && claim.whole_for != declared;
    let claim = &claim;
    ground
        .db
        .write(|mut tx| async move {
            let list = lists::find(&mut tx, id).await?;
            if list.is_none_or(|list| list.state != ListState::Judged) {
                return Err(ClaimList::Closed);
            }
            claims::put(&mut tx, id, claim).await?;
            Ok(tx.housekeeping(Housekeeping::Dialogue, ()))
        })
        .await?;
    if recount {
        count(ground, person, id).await?;
    }
    Ok(())
}
