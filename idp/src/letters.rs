//! What printing letters needs: somebody who sets text on pages. Words and secrets come from here, the pages from whoever composes papers.

/// A sheet on which people sign that they got their letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The agency.
    pub agency: String,
    /// What it is.
    pub title: String,
    /// How it is used.
    pub lead: String,
    /// Headings of six columns.
    pub columns: [String; 6],
    /// Name, staff number, unit and post.
    pub rows: Vec<[String; 3]>,
    /// Who printed it and when.
    pub foot: String,
}

/// A letter that is folded shut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Outside: who sends it.
    pub sender: Vec<String>,
    /// Outside: what it is.
    pub mark: String,
    /// Outside: to whom.
    pub name: String,
    /// Outside: what tells the person apart.
    pub address: Vec<String>,
    /// Inside.
    pub title: String,
    /// Inside: paragraphs.
    pub lead: Vec<String>,
    /// Inside: what is needed, each with its name.
    pub facts: Vec<(String, String)>,
    /// Inside: name of the secret, and the secret.
    pub secret: (String, String),
    /// Inside: the secret's link as squares, and what the picture is.
    pub picture: (Squares, String),
    /// Inside: heading of the steps, and each.
    pub steps: (String, Vec<String>),
    /// Inside: what must be kept in mind.
    pub notes: Vec<String>,
}

/// A picture of dark and light squares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Squares {
    /// Squares in a row.
    pub side: usize,
    /// Row by row; `true` is dark.
    pub dark: Vec<bool>,
}

/// A sheet with the letters it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The sheet.
    pub sheet: Sheet,
    /// The letters in its order.
    pub letters: Vec<Letter>,
}

/// The pages could not be made.
#[derive(Debug, thiserror::Error)]
#[error("letters: {0}")]
pub struct LetterError(pub String);

/// Sets letters on pages.
pub trait LetterComposer: Send + Sync {
    /// One PDF of all bundles; `mark` stands on every page.
    fn compose(
        &self,
        title: &str,
        bundles: &[Bundle],
        mark: Option<&str>,
    ) -> Result<Vec<u8>, LetterError>;
}
