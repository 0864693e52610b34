//! What `policies` asks of papers: to draw an instrument, to hand it in, and to see a paper. Wired by the composition root.

use crate::domain::paper::PaperState;
use crate::flows::submit_paper::{self, Drafter};
use crate::service::Ca;
use crate::store::papers::{self, PaperRow};
use crate::store::signatures;
use documents::PaperText;
use policies::{DeskError, DeskFuture, InstrumentText, NewPaper, PaperDesk, PaperFacts};
use std::sync::Arc;

/// The papers' desk over this service.
#[derive(Clone)]
pub struct Desk(Arc<Ca>);

impl Desk {
    /// The desk of a service.
    pub fn new(ca: Arc<Ca>) -> Self {
        Self(ca)
    }

    /// Draws an instrument without the service (the composition root may need it before).
    pub fn draw(text: &InstrumentText, place: &str, demo: bool) -> Result<Vec<u8>, DeskError> {
        let paper = PaperText {
            agency: text.agency.clone(),
            notation: text.notation.clone(),
            place: place.to_owned(),
            title: text.title.clone(),
            subject: text.subject.clone(),
            addressee: None,
            issuer: Some(text.issuer.clone()),
            bases: text.bases.clone(),
            body: text.body.clone(),
            recipients: text.recipients.clone(),
            demo,
        };
        documents::compose(&paper).map_err(|error| DeskError(error.to_string()))
    }
}

impl PaperDesk for Desk {
    fn render_instrument(&self, text: &InstrumentText) -> Result<Vec<u8>, DeskError> {
        Self::draw(text, &self.0.config.state, self.0.ground.demo)
    }

    fn submit<'a>(&'a self, paper: NewPaper) -> DeskFuture<'a, String> {
        Box::pin(async move {
            let (person, post) = paper.submitted_by;
            let new = submit_paper::NewPaper {
                title: paper.title,
                kind: paper.kind,
                field: paper.field,
                agency: paper.agency,
                document: paper.pdf,
            };
            let drafter = Drafter {
                person,
                post: Some(post),
            };
            submit_paper::run(&self.0, new, &drafter)
                .await
                .map_err(|error| DeskError(error.to_string()))
        })
    }

    fn paper<'a>(&'a self, id: &'a str) -> DeskFuture<'a, Option<PaperFacts>> {
        Box::pin(async move {
            let failed = |error: platform::db::Error| DeskError(error.to_string());
            let mut conn = self.0.ground.db.read().await.map_err(failed)?;
            let paper = papers::within(&mut conn, id).await.map_err(failed)?;
            Ok(paper.map(facts))
        })
    }

    fn open_papers<'a>(&'a self, agency: &'a str) -> DeskFuture<'a, Vec<PaperFacts>> {
        Box::pin(async move {
            let failed = |error: platform::db::Error| DeskError(error.to_string());
            let mut conn = self.0.ground.db.read().await.map_err(failed)?;
            let open = papers::unsigned_of_agency(&mut conn, agency, 50)
                .await
                .map_err(failed)?;
            Ok(open.into_iter().map(facts).collect())
        })
    }

    fn signer<'a>(&'a self, id: &'a str) -> DeskFuture<'a, Option<(String, String)>> {
        Box::pin(async move {
            let failed = |error: platform::db::Error| DeskError(error.to_string());
            let mut conn = self.0.ground.db.read().await.map_err(failed)?;
            let rows = signatures::of_paper(&mut conn, id).await.map_err(failed)?;
            let signed = rows.into_iter().rfind(|row| row.act == "sign");
            Ok(signed.map(|row| (row.person, row.post)))
        })
    }
}

fn facts(paper: PaperRow) -> PaperFacts {
    PaperFacts {
        signed: PaperState::of(&paper.state).is_some_and(PaperState::is_signed),
        id: paper.id,
        title: paper.title,
        kind: paper.kind,
        field: paper.field,
        agency: paper.agency,
    }
}
