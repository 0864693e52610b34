//! What this service needs of the papers' desk: to see a paper, to draw the instrument's page and to hand it in. Wired to `ca` by the composition root.

use std::future::Future;
use std::pin::Pin;

use thiserror::Error;

/// Why the desk could not do it; internal text, for the log.
#[derive(Debug, Error)]
#[error("papers' desk: {0}")]
pub struct DeskError(pub String);

/// An answer of the desk.
pub type DeskFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, DeskError>> + Send + 'a>>;

/// Kind of the paper that carries an instrument.
pub const INSTRUMENT_KIND: &str = "giay_giao_viec";

/// The papers' desk.
pub trait PaperDesk: Send + Sync {
    /// Draws an instrument as a one-page PDF with the usual form fields.
    fn render_instrument(&self, text: &InstrumentText) -> Result<Vec<u8>, DeskError>;
    /// Hands a paper in as a draft and gives its id.
    fn submit<'a>(&'a self, paper: NewPaper) -> DeskFuture<'a, String>;
    /// What is known of a paper.
    fn paper<'a>(&'a self, id: &'a str) -> DeskFuture<'a, Option<PaperFacts>>;
    /// Papers of an agency that nobody has signed yet, newest first, at most 50; an empty list makes the form ask for the id.
    fn open_papers<'a>(&'a self, _agency: &'a str) -> DeskFuture<'a, Vec<PaperFacts>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    /// Person and post of the competent signature that is recorded on a paper, if any.
    fn signer<'a>(&'a self, _id: &'a str) -> DeskFuture<'a, Option<(String, String)>> {
        Box::pin(async { Ok(None) })
    }
}

/// A paper to be handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPaper {
    /// Title.
    pub title: String,
    /// Kind, [`INSTRUMENT_KIND`].
    pub kind: String,
    /// Field of work, if any.
    pub field: Option<String>,
    /// Agency whose paper it is.
    pub agency: String,
    /// The PDF.
    pub pdf: Vec<u8>,
    /// Person and post that hand it in.
    pub submitted_by: (String, String),
    /// The instrument it carries.
    pub instrument: String,
}

/// What the desk knows of a paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperFacts {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its kind.
    pub kind: String,
    /// Its field of work.
    pub field: Option<String>,
    /// Agency whose paper it is.
    pub agency: String,
    /// Whether a competent person has signed it.
    pub signed: bool,
}

/// The text of an instrument, laid out like any official paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstrumentText {
    /// Header left, such as `ỦY BAN NHÂN DÂN` / `TỈNH BÌNH ĐỊNH`.
    pub agency: Vec<String>,
    /// Notation after the number, such as `GV-CT`.
    pub notation: String,
    /// Title, `GIẤY GIAO VIỆC`.
    pub title: String,
    /// What it is about.
    pub subject: String,
    /// Line under the title: who issues it.
    pub issuer: String,
    /// `Căn cứ …` lines.
    pub bases: Vec<String>,
    /// Paragraphs, each beginning `Điều n.`
    pub body: Vec<String>,
    /// `Nơi nhận` lines.
    pub recipients: Vec<String>,
}
