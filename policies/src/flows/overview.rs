//! What a person may do today in the post he acts in.
//! Standard: none.
//! It must never list anything of a post the caller does not act in.

use engine::Usable;
use platform::caller::Caller;
use platform::db::{self, Conn};

use super::see_handover::held;
use crate::authority::Authority;
use crate::domain::instrument::Instrument;
use crate::store::{instruments, mandates};

/// One hand-over in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Id for its page.
    pub id: String,
    /// In which manner.
    pub form: engine::Form,
    /// The one paper, when it is one.
    pub paper: Option<String>,
    /// What it reaches, in the words of the instrument.
    pub title: String,
    /// The other side: title and holder.
    pub other: String,
    /// First instant after it.
    pub valid_to: Option<i64>,
    /// Whether the caller's post received it.
    pub received: bool,
}

/// The overview.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    /// What may be signed, by reach.
    pub usable: Vec<Usable>,
    /// Hand-overs not over.
    pub handovers: Vec<Listed>,
    /// Drafts waiting for the caller's signature.
    pub drafts: Vec<Instrument>,
}

/// Reads it for decisions (`quyet_dinh`), the kind every post knows.
pub async fn run(
    conn: &mut Conn,
    authority: &Authority,
    caller: &Caller,
    now: i64,
) -> Result<Overview, db::Error> {
    let Some(post) = caller.post.as_deref() else {
        return Ok(Overview::default());
    };
    let mut handovers = Vec::new();
    for mandate in mandates::of_post(conn, post, now).await? {
        let instrument = instruments::by_id(conn, &mandate.instrument).await?;
        let received = mandate.grantee == post;
        let other = if received {
            &mandate.grantor
        } else {
            &mandate.grantee
        };
        let clauses = instrument.as_ref().map_or(&[][..], |found| &found.clauses);
        let clause = clauses
            .iter()
            .find(|one| one.mandate.as_ref() == Some(&mandate.id));
        handovers.push(Listed {
            other: held(conn, authority, other, now).await?,
            title: clause.map_or_else(|| mandate.citation.clone(), |clause| clause.subject.clone()),
            valid_to: mandate.valid_to,
            form: mandate.form,
            paper: mandate.reach.papers.first().map(|paper| paper.to_string()),
            id: mandate.id,
            received,
        });
    }
    Ok(Overview {
        usable: authority.usable(&caller.person, post, "quyet_dinh", now),
        handovers,
        drafts: instruments::drafts_of(conn, post, now).await?,
    })
}
