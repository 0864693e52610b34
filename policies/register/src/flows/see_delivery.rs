//! The difference report of a delivery: what it meant when it came, and what of it is still to be decided.
//! Standard: none.
//! It must never show a delivery to somebody who could not open its list, nor a personal number.

use platform::db::{self, Conn};

use super::read_list::{self, ReadList, Tools, own};
use crate::domain::intake::leavers::Leaving;
use crate::domain::intake::weigh::Line;
use crate::store::feeds::{self, Delivery};

/// The report.
#[derive(Debug)]
pub struct Report {
    /// The delivery with its counts.
    pub delivery: Delivery,
    /// The part that was published without a look.
    pub part: Option<Delivery>,
    /// Agencies for which it is complete.
    pub whole_for: Vec<String>,
    /// Whether its rows are still kept.
    pub kept: bool,
    /// Its rows against the register as it stands now.
    pub lines: Vec<Line>,
    /// Who is missing from it now.
    pub leaving: Leaving,
}

/// Makes it.
pub async fn run(
    conn: &mut Conn,
    tools: Tools<'_>,
    person: &str,
    id: &str,
    now: i64,
) -> Result<Report, ReadList> {
    own(conn, person, id, now).await?;
    let delivery = feeds::delivery(conn, id).await?.ok_or(ReadList::NotFound)?;
    let part = feeds::part(conn, id).await?;
    match read_list::run(conn, tools, person, id, now).await {
        Ok(weighed) => Ok(Report {
            delivery,
            part,
            whole_for: weighed.claim.whole_for.into_iter().collect(),
            kept: true,
            lines: weighed.lines,
            leaving: weighed.leaving,
        }),
        // After its time the rows are gone; the figures stay.
        Err(ReadList::Gone) => Ok(Report {
            whole_for: whole_for(conn, id).await?,
            delivery,
            part,
            kept: false,
            lines: Vec::new(),
            leaving: Leaving::default(),
        }),
        Err(error) => Err(error),
    }
}

async fn whole_for(conn: &mut Conn, id: &str) -> Result<Vec<String>, db::Error> {
    let claim = crate::store::claims::find(conn, id).await?;
    Ok(claim.whole_for.into_iter().collect())
}
