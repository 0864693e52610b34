//! A sheet of cells as it stands in a file, with the row numbers people see in their own program.

use jiff::civil::Date;

/// Largest file taken.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Rows of a sheet that are read; a longer one is refused.
pub const MAX_ROWS: usize = 60_000;
/// Columns of a sheet that are read; cells beyond are left out.
pub const MAX_COLUMNS: usize = 60;
/// Characters of a cell; a longer one is cut, which makes its row wrong.
pub const MAX_CELL: usize = 1_000;

/// One cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text as typed.
    Text(String),
    /// A number; identifiers that were typed as numbers have lost their zeros.
    Number(f64),
    /// A day.
    Day(Date),
}

impl Cell {
    /// As text: whole numbers without a point, days as yyyy-mm-dd.
    pub fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
                format!("{number:.0}")
            }
            Self::Number(number) => number.to_string(),
            Self::Day(day) => day.to_string(),
        }
    }

    /// Whether nothing but spaces stands in it.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Number(_) | Self::Day(_) => false,
        }
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct SheetRow {
    /// Its number in the file, from 1.
    pub number: u32,
    /// Its cells from the first column on.
    pub cells: Vec<Cell>,
}

impl SheetRow {
    /// A cell, empty beyond the last.
    pub fn cell(&self, column: usize) -> &Cell {
        self.cells.get(column).unwrap_or(&Cell::Empty)
    }
}

/// One sheet; rows without any cell are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// Its name, or empty for a text file.
    pub name: String,
    /// Its rows in order.
    pub rows: Vec<SheetRow>,
}

/// Why a file is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// More bytes than allowed.
    #[error("the file is larger than {0} MB")]
    TooLarge(usize),
    /// Unpacked it would be larger than allowed, or one part is packed beyond reason.
    #[error("the file unpacks to more than is allowed")]
    Unpacks,
    /// More rows than allowed.
    #[error("the sheet has more than {0} rows")]
    TooLong(usize),
    /// The structure is broken, or it is a kind of file that is not read.
    #[error("the file is not a list that can be read: {0}")]
    Broken(String),
    /// Bytes that the chosen encoding does not have.
    #[error("the file is not written in this encoding")]
    Encoding,
    /// No sheet of this name.
    #[error("the file has no such sheet")]
    NoSheet,
}

impl Unreadable {
    /// Stem of the text `unreadable-<word>`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::TooLarge(_) => "too-large",
            Self::Unpacks => "unpacks",
            Self::TooLong(_) => "too-long",
            Self::Broken(_) => "broken",
            Self::Encoding => "encoding",
            Self::NoSheet => "no-sheet",
        }
    }
}
