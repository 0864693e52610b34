//! The sheet on which people sign that they got what was handed out to them (*sổ giao nhận*).
//! Standard: none; columns as offices rule them: number, name, staff number, unit and post, day, signature.
//! Must never hold what the letters hold inside.

use super::ComposeError;
use super::font::{Face, Faces};
use super::layout::wrap;
use super::letters::{LEFT, RIGHT, lines};
use super::page::{Canvas, Ink, Segment};
use unicode_normalization::UnicodeNormalization;

/// Rows on a page.
const ROWS: usize = 24;
const ROW_HEIGHT: f32 = 26.0;
const TABLE_TOP: f32 = 128.0;
/// Edges of the six columns.
const EDGES: [f32; 7] = [LEFT, 88.0, 214.0, 274.0, 398.0, 450.0, RIGHT];

/// One person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// Name.
    pub name: String,
    /// Staff number.
    pub staff_no: String,
    /// Unit and post.
    pub place: String,
}

/// The sheet of an agency.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReceiptSheet {
    /// The agency.
    pub agency: String,
    /// What was handed out.
    pub title: String,
    /// How the sheet is used.
    pub lead: String,
    /// Headings of the six columns.
    pub columns: [String; 6],
    /// The people.
    pub rows: Vec<Receipt>,
    /// Who printed it and when, at the foot.
    pub foot: String,
}

impl ReceiptSheet {
    pub(super) fn normalized(&self) -> Self {
        let nfc = |text: &String| text.nfc().collect::<String>();
        Self {
            agency: nfc(&self.agency),
            title: nfc(&self.title),
            lead: nfc(&self.lead),
            columns: self.columns.each_ref().map(nfc),
            rows: self
                .rows
                .iter()
                .map(|row| Receipt {
                    name: nfc(&row.name),
                    staff_no: nfc(&row.staff_no),
                    place: nfc(&row.place),
                })
                .collect(),
            foot: nfc(&self.foot),
        }
    }
}

/// Some rows of a sheet, as they stand on one page.
pub(super) struct SheetPage<'a> {
    sheet: &'a ReceiptSheet,
    rows: &'a [Receipt],
    first: usize,
    number: usize,
    of: usize,
}

/// The pages of a sheet; none when nobody is on it.
pub(super) fn pages(sheet: &ReceiptSheet) -> impl Iterator<Item = SheetPage<'_>> {
    let of = sheet.rows.len().div_ceil(ROWS);
    sheet
        .rows
        .chunks(ROWS)
        .enumerate()
        .map(move |(page, rows)| SheetPage {
            sheet,
            rows,
            first: page * ROWS + 1,
            number: page + 1,
            of,
        })
}

pub(super) fn set(
    page: &SheetPage<'_>,
    faces: &Faces,
    canvas: &mut Canvas<'_>,
) -> Result<(), ComposeError> {
    let sheet = page.sheet;
    let full = (LEFT, RIGHT);
    let mut y = lines(canvas, &faces.bold, 12.0, full, 50.0, &sheet.agency, 2)?;
    y = lines(canvas, &faces.bold, 15.0, full, y + 4.0, &sheet.title, 1)?;
    lines(canvas, &faces.regular, 11.0, full, y + 2.0, &sheet.lead, 2)?;
    let bottom = TABLE_TOP + ROW_HEIGHT * (page.rows.len() + 1) as f32;
    for (heading, edges) in sheet.columns.iter().zip(EDGES.windows(2)) {
        if let [left, right] = edges {
            cell(
                canvas,
                &faces.bold,
                10.0,
                (*left, *right),
                TABLE_TOP,
                heading,
            )?;
        }
    }
    for (at, row) in page.rows.iter().enumerate() {
        let top = TABLE_TOP + ROW_HEIGHT * (at + 1) as f32;
        let number = (page.first + at).to_string();
        let texts = [&number, &row.name, &row.staff_no, &row.place];
        for ((text, edges), column) in texts.into_iter().zip(EDGES.windows(2)).zip(0..) {
            if let [left, right] = edges {
                let size = if column == 1 { 11.0 } else { 9.5 };
                cell(canvas, &faces.regular, size, (*left, *right), top, text)?;
            }
        }
    }
    let mut grid = Vec::new();
    for line in 0..=page.rows.len() + 1 {
        let y = TABLE_TOP + ROW_HEIGHT * line as f32;
        grid.extend([Segment::Move(LEFT, y), Segment::Line(RIGHT, y)]);
    }
    for x in EDGES {
        grid.extend([Segment::Move(x, TABLE_TOP), Segment::Line(x, bottom)]);
    }
    canvas.stroke(&grid, 0.6, Ink::Black, 1.0);
    let foot = format!("{} · {}/{}", sheet.foot, page.number, page.of);
    lines(canvas, &faces.italic, 9.5, full, bottom + 8.0, &foot, 2)?;
    Ok(())
}

/// A text in a cell, in one line or two.
fn cell(
    canvas: &mut Canvas<'_>,
    face: &Face,
    size: f32,
    (left, right): (f32, f32),
    top: f32,
    text: &str,
) -> Result<(), ComposeError> {
    let edges = (left + 3.0, right - 3.0);
    let one = wrap(face, size, edges.1 - edges.0, 0.0, text).is_ok_and(|lines| lines.len() <= 1);
    let (size, top) = if one {
        (size, top + 6.0)
    } else {
        (size.min(9.0), top + 1.5)
    };
    lines(canvas, face, size, edges, top, text, 2).map(|_| ())
}
