//! Publishes of an automatic source's delivery what needs no look, as a list of its own; the delivery stays open for the rest.
//! Standard: none; docs/adr/0012-leavers-of-a-list.md
//! It must never end anybody beyond the limit or in doubt, nor overwrite what somebody recorded by hand.

use std::collections::BTreeSet;

use platform::audit::Actor;
use platform::clock::DAY;
use platform::{Ground, db};

use super::choose_for_list::{self, Choice, ChooseForList};
use super::deliver_list::tie;
use super::publish_list::{self, PublishList};
use super::read_list::{self, ReadList, Tools, Weighed, stored};
use super::receive_list::{self, Upload};
use crate::domain::feed::{Counted, automatic};
use crate::domain::intake::Verdict;
use crate::domain::intake::leavers::Claim;
use crate::domain::intake::match_up::Outcome;
use crate::domain::intake::note::verdict;
use crate::domain::intake::weigh::Line;
use crate::store::feeds;
use crate::store::lists::ListState;

/// The limit of who leaves without a look counts over so long, ms.
const MONTH: i64 = 30 * DAY;

/// It was not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishAtOnce {
    /// The list is not a delivery of a source in use.
    #[error("the list is not a delivery of a source in use")]
    NoSource,
    /// The delivery cannot be read.
    #[error(transparent)]
    Read(#[from] ReadList),
    /// What is accepted could not be kept.
    #[error(transparent)]
    Choose(#[from] ChooseForList),
    /// It could not be published.
    #[error(transparent)]
    Publish(#[from] PublishList),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Publishes; what a crash interrupted goes on when it is called again. A part that a person took back is not published again.
pub async fn run(
    ground: &Ground,
    actor: &Actor,
    person: &str,
    delivery: &str,
) -> Result<(), PublishAtOnce> {
    let mut conn = ground.db.read().await?;
    let known = feeds::delivery(&mut conn, delivery)
        .await?
        .ok_or(PublishAtOnce::NoSource)?;
    let source = feeds::find(&mut conn, &known.source)
        .await?
        .ok_or(PublishAtOnce::NoSource)?;
    let part = feeds::part(&mut conn, delivery).await?;
    let since = ground.now().saturating_sub(MONTH);
    let ended = feeds::ended_since(&mut conn, &source, since).await?;
    drop(conn);
    if !source.automatic || known.state != ListState::Judged {
        return Ok(());
    }
    let part = match part {
        Some(part) if matches!(part.state, ListState::Judged | ListState::Publishing) => {
            Some(part.list)
        }
        Some(_) => None,
        None => {
            let weighed = weighed(ground, person, delivery).await?;
            let ends = if source.may_end && weighed.leaving.at_once_after(ended) {
                weighed
                    .leaving
                    .certain()
                    .map(|l| l.person.clone())
                    .collect()
            } else {
                BTreeSet::new()
            };
            if ends.is_empty() && !weighed.lines.iter().any(needs_no_look) {
                None
            } else {
                Some(split_off(ground, person, weighed, ends).await?)
            }
        }
    };
    if let Some(part) = part {
        publish_list::begin(ground, person, &part).await?;
        publish_list::carry_on(ground, actor, person, &part).await?;
    }
    // Nothing left to decide: the delivery is in the register as a whole.
    let rest = weighed(ground, person, delivery).await?;
    if Counted::of(&rest.lines, &rest.leaving).is_settled() {
        publish_list::begin(ground, person, delivery).await?;
        publish_list::carry_on(ground, actor, person, delivery).await?;
    }
    Ok(())
}

/// Whether a row changes something and everything said of it is certain or accepted of every automatic source.
fn needs_no_look(line: &Line) -> bool {
    let accepted = automatic();
    !matches!(line.outcome, Outcome::Stays | Outcome::Nothing)
        && verdict(&line.notes, &|note| accepted.contains(note.word())) == Verdict::Ready
}

/// The same list once more, with what needs no look accepted.
async fn split_off(
    ground: &Ground,
    person: &str,
    delivery: Weighed,
    ends: BTreeSet<String>,
) -> Result<String, PublishAtOnce> {
    let mut conn = ground.db.read().await?;
    let bytes = stored(&mut conn, &ground.sealer, &delivery.list.id).await?;
    drop(conn);
    let upload = Upload {
        file_name: format!("{} (tự động)", delivery.list.file_name),
        bytes,
        effective: delivery.list.effective,
    };
    let part = receive_list::run(ground, person, None, upload).await?;
    let claim = Claim {
        ends,
        ..delivery.claim
    };
    tie(ground, &part, &claim, Some(&delivery.list.id), None).await?;
    let choice = Choice {
        mapping: Some(delivery.mapping),
        accepted: Some(automatic()),
        ..Choice::default()
    };
    choose_for_list::run(ground, person, &part, choice).await?;
    Ok(part)
}

async fn weighed(ground: &Ground, person: &str, list: &str) -> Result<Weighed, ReadList> {
    let tools = Tools {
        entropy: &ground.entropy,
        sealer: &ground.sealer,
    };
    let mut conn = ground.db.read().await?;
    read_list::run(&mut conn, tools, person, list, ground.now()).await
}
