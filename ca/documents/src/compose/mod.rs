//! Sets an official Vietnamese paper on one A4 page, with its four form fields.
//! Standard: Decree 30/2020/NĐ-CP Annex I part I (form of administrative papers); ISO 32000-2 §12.7 (form fields).
//! Must never read a clock or draw at random: the same text gives the same bytes.

pub(crate) mod font;
pub(crate) mod layout;
pub(crate) mod letters;
pub(crate) mod page;
pub(crate) mod receipt;

use crate::fields;
use crate::pdf::file::{File, Unreadable};
use font::FontError;
use krilla::metadata::Metadata;
use unicode_normalization::UnicodeNormalization;

/// What a paper says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PaperText {
    /// Left of the header: `ỦY BAN NHÂN DÂN`, `TỈNH BÌNH ĐỊNH`; the last line is bold.
    pub agency: Vec<String>,
    /// `QĐ-UBND`; the number field stands before it.
    pub notation: String,
    /// `Bình Định`; the date field stands behind it.
    pub place: String,
    /// `QUYẾT ĐỊNH`; empty for a letter (*công văn*), whose subject then stands under the number.
    pub title: String,
    /// What the paper is about.
    pub subject: String,
    /// `Kính gửi: …` of a letter.
    pub addressee: Option<String>,
    /// Who decides, under the subject.
    pub issuer: Option<String>,
    /// Grounds, set in italics.
    pub bases: Vec<String>,
    /// Paragraphs; a beginning like `Điều 1.` is set bold.
    pub body: Vec<String>,
    /// Who receives it; dashes are added.
    pub recipients: Vec<String>,
    /// Adds the line that the paper has no legal value.
    pub demo: bool,
}

/// Why a paper could not be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// The text does not fit one page.
    #[error("the paper does not fit one page")]
    TooLong,
    /// A letter that the embedded font lacks.
    #[error("the font has no letter {0:?}")]
    Letter(char),
    /// The embedded font is damaged.
    #[error("the embedded font cannot be read")]
    Font,
    /// The page has no area.
    #[error("the page has no area")]
    Page,
    /// The PDF writer refused.
    #[error("the page could not be written: {0}")]
    Pdf(String),
}

impl From<FontError> for ComposeError {
    fn from(error: FontError) -> Self {
        match error {
            FontError::Letter(letter) => ComposeError::Letter(letter),
            FontError::Face => ComposeError::Font,
        }
    }
}

impl From<Unreadable> for ComposeError {
    fn from(error: Unreadable) -> Self {
        ComposeError::Pdf(error.to_string())
    }
}

/// Sets the paper; the same text always gives the same bytes.
pub fn compose(paper: &PaperText) -> Result<Vec<u8>, ComposeError> {
    let paper = normalized(paper);
    let title = [paper.title.as_str(), paper.subject.as_str()]
        .join(" ")
        .trim()
        .to_owned();
    let metadata = Metadata::new()
        .title(title)
        .language("vi".to_owned())
        .producer("Ấn Tín".to_owned());
    let mut places = layout::Places::default();
    let bytes = page::draw(layout::WIDTH, layout::HEIGHT, Some(metadata), |canvas| {
        places = layout::set(&paper, canvas)?;
        Ok(())
    })?;
    let file = File::read(&bytes)?;
    fields::lay(&file, &places).map_err(|error| ComposeError::Pdf(error.to_string()))
}

/// Every text in Unicode NFC.
fn normalized(paper: &PaperText) -> PaperText {
    let nfc = |text: &String| text.nfc().collect::<String>();
    let all = |texts: &Vec<String>| texts.iter().map(nfc).collect();
    PaperText {
        agency: all(&paper.agency),
        notation: nfc(&paper.notation),
        place: nfc(&paper.place),
        title: nfc(&paper.title),
        subject: nfc(&paper.subject),
        addressee: paper.addressee.as_ref().map(nfc),
        issuer: paper.issuer.as_ref().map(nfc),
        bases: all(&paper.bases),
        body: all(&paper.body),
        recipients: all(&paper.recipients),
        demo: paper.demo,
    }
}
