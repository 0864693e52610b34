//! Letters that are folded shut: one A4 page each, the address outside, everything else inside; with sheets on which receipt is signed.
//! Standard: none; the page folds along two lines into thirds of 99 mm (first the bottom third inwards, then the top third backwards).
//! Must never print a secret on the outer third or on a sheet of receipts.

use super::ComposeError;
use super::font::{Face, Faces};
use super::layout::{HEIGHT, WIDTH, wrap};
use super::page::{self, Canvas, Ink, Segment};
use super::receipt::{self, ReceiptSheet};
use krilla::metadata::Metadata;
use unicode_normalization::UnicodeNormalization;

pub(super) const LEFT: f32 = 62.0;
pub(super) const RIGHT: f32 = 540.0;
/// The two folds.
const UPPER: f32 = HEIGHT / 3.0;
const LOWER: f32 = 2.0 * HEIGHT / 3.0;
/// Where the secret stands, below the upper fold; the same place above it is hatched, so that it cannot be read against the light.
const SECRET_TOP: f32 = UPPER + 38.0;
const SECRET_BOTTOM: f32 = UPPER + 94.0;
/// Side of the picture of squares, and where it stands; the same place above the lower fold is hatched.
const PICTURE: f32 = 116.0;
const PICTURE_TOP: f32 = LOWER + 20.0;

/// A picture of dark and light squares (a QR code), as wide as high.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Squares {
    /// Squares in a row.
    pub side: usize,
    /// Row by row; `true` is dark.
    pub dark: Vec<bool>,
}

/// One letter.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct SealedLetter {
    /// Outside, small: who sends it.
    pub sender: Vec<String>,
    /// Outside: what it is and who may open it.
    pub mark: String,
    /// Outside, large: to whom.
    pub name: String,
    /// Outside: what tells the person apart, one line each.
    pub address: Vec<String>,
    /// Inside, large.
    pub title: String,
    /// Inside: paragraphs under the title.
    pub lead: Vec<String>,
    /// Inside: what is needed, each with its name.
    pub facts: Vec<(String, String)>,
    /// Inside: name of the secret, and the secret itself in groups with blanks between them.
    pub secret: (String, String),
    /// Inside: the same as a picture, and what it is.
    pub picture: Option<(Squares, String)>,
    /// Inside: heading of the steps, and each.
    pub steps: (String, Vec<String>),
    /// Inside: what must be kept in mind.
    pub notes: Vec<String>,
}

/// What belongs to one agency: its sheet, then its letters.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Bundle {
    /// The sheet of receipts.
    pub sheet: ReceiptSheet,
    /// The letters in its order.
    pub letters: Vec<SealedLetter>,
}

enum Page<'a> {
    Receipts(receipt::SheetPage<'a>),
    Letter(&'a SealedLetter),
}

/// Sets all bundles into one file; `mark` stands at the foot of every page when there is one. The same text gives the same bytes.
pub fn compose_letters(
    title: &str,
    bundles: &[Bundle],
    mark: Option<&str>,
) -> Result<Vec<u8>, ComposeError> {
    let bundles: Vec<Bundle> = bundles.iter().map(normalized).collect();
    let metadata = Metadata::new()
        .title(title.nfc().collect())
        .language("vi".to_owned())
        .producer("Ấn Tín".to_owned());
    let faces = Faces::embedded()?;
    let pages = bundles.iter().flat_map(|bundle| {
        let sheets = receipt::pages(&bundle.sheet).map(Page::Receipts);
        sheets.chain(bundle.letters.iter().map(Page::Letter))
    });
    let paint = pages.map(|page| {
        move |canvas: &mut Canvas<'_>| -> Result<(), ComposeError> {
            match page {
                Page::Receipts(sheet) => receipt::set(&sheet, faces, canvas)?,
                Page::Letter(letter) => set(letter, faces, canvas)?,
            }
            if let Some(mark) = mark {
                canvas.centred(&faces.bold, 9.0, WIDTH / 2.0, 832.0, mark, Ink::Red)?;
            }
            Ok(())
        }
    });
    page::draw_all(WIDTH, HEIGHT, Some(metadata), paint)
}

fn set(letter: &SealedLetter, faces: &Faces, canvas: &mut Canvas<'_>) -> Result<(), ComposeError> {
    outside(letter, faces, canvas)?;
    for fold in [UPPER, LOWER] {
        for (from, to) in [(8.0, 26.0), (WIDTH - 26.0, WIDTH - 8.0)] {
            canvas.rule(from, to, fold);
        }
    }
    middle(letter, faces, canvas)?;
    lower(letter, faces, canvas)
}

/// The address, and the hatch that covers the secret behind it.
fn outside(
    letter: &SealedLetter,
    faces: &Faces,
    canvas: &mut Canvas<'_>,
) -> Result<(), ComposeError> {
    let mut y = 34.0;
    for line in &letter.sender {
        y = lines(canvas, &faces.regular, 10.0, (LEFT, RIGHT), y, line, 1)?;
    }
    y = lines(
        canvas,
        &faces.bold,
        10.0,
        (LEFT, RIGHT),
        y + 2.0,
        &letter.mark,
        1,
    )?;
    y += 9.0;
    y = lines(canvas, &faces.bold, 19.0, (LEFT, RIGHT), y, &letter.name, 1)?;
    for line in letter.address.iter().take(4) {
        y = lines(canvas, &faces.regular, 11.5, (LEFT, RIGHT), y, line, 1)?;
    }
    let (top, bottom) = (SECRET_TOP - 6.0, SECRET_BOTTOM + 6.0);
    let (above, below) = (2.0 * UPPER - bottom, 2.0 * UPPER - top);
    hatch(canvas, (LEFT, RIGHT), above, below);
    Ok(())
}

/// Crossing strokes between two edges and two heights.
fn hatch(canvas: &mut Canvas<'_>, (left, right): (f32, f32), top: f32, bottom: f32) {
    let height = bottom - top;
    let mut path = Vec::new();
    for (step, slant) in [(4.0, 0.55), (4.6, -0.8), (3.4, 0.2)] {
        let lean: f32 = height * slant;
        let mut x = left - lean.abs();
        while x < right + lean.abs() {
            let (one, other) = ((left - x) / lean, (right - x) / lean);
            let begin = one.min(other).max(0.0);
            let end = one.max(other).min(1.0);
            if begin < end {
                path.push(Segment::Move(x + lean * begin, top + height * begin));
                path.push(Segment::Line(x + lean * end, top + height * end));
            }
            x += step;
        }
    }
    canvas.stroke(&path, 1.1, Ink::Black, 1.0);
}

/// Title, the secret, lead, and what is needed.
fn middle(
    letter: &SealedLetter,
    faces: &Faces,
    canvas: &mut Canvas<'_>,
) -> Result<(), ComposeError> {
    lines(
        canvas,
        &faces.bold,
        14.0,
        (LEFT, RIGHT),
        UPPER + 14.0,
        &letter.title,
        1,
    )?;
    let (label, secret) = &letter.secret;
    let inner = (LEFT + 10.0, RIGHT - 10.0);
    canvas.stroke(
        &[
            Segment::Move(LEFT, SECRET_TOP),
            Segment::Line(RIGHT, SECRET_TOP),
            Segment::Line(RIGHT, SECRET_BOTTOM),
            Segment::Line(LEFT, SECRET_BOTTOM),
            Segment::Line(LEFT, SECRET_TOP),
        ],
        0.9,
        Ink::Black,
        1.0,
    );
    lines(
        canvas,
        &faces.regular,
        10.5,
        inner,
        SECRET_TOP + 5.0,
        label,
        1,
    )?;
    lines(
        canvas,
        &faces.bold,
        20.0,
        inner,
        SECRET_TOP + 24.0,
        secret,
        1,
    )?;
    let mut y = SECRET_BOTTOM + 9.0;
    for text in &letter.lead {
        y = lines(canvas, &faces.regular, 11.0, (LEFT, RIGHT), y, text, 2)? + 4.0;
    }
    let mut edge = RIGHT;
    if letter.picture.is_some() {
        // Over the picture, which lies against this place when the page is shut.
        edge = RIGHT - PICTURE - 18.0;
        let (above, below) = (PICTURE_TOP - 6.0, PICTURE_TOP + PICTURE + 6.0);
        let sides = (RIGHT - PICTURE - 6.0, RIGHT + 6.0);
        hatch(canvas, sides, 2.0 * LOWER - below, 2.0 * LOWER - above);
    }
    for (name, value) in letter.facts.iter().take(5) {
        let name = format!("{name}: ");
        let width = faces.regular.width(&name)? * 11.0;
        canvas.text(&faces.regular, 11.0, LEFT, y + 11.0, &name, 0.0, Ink::Black)?;
        let sides = (LEFT + width, edge);
        y = lines(canvas, &faces.bold, 11.0, sides, y, value, 2)?;
    }
    Ok(())
}

/// Steps and notes, with the picture beside them.
fn lower(
    letter: &SealedLetter,
    faces: &Faces,
    canvas: &mut Canvas<'_>,
) -> Result<(), ComposeError> {
    let mut edge = RIGHT;
    if let Some((squares, caption)) = &letter.picture {
        edge = RIGHT - PICTURE - 18.0;
        let unit = PICTURE / squares.side.max(1) as f32;
        let left = RIGHT - PICTURE;
        let top = PICTURE_TOP;
        let dark = squares.dark.iter().enumerate().filter(|(_, dark)| **dark);
        canvas.squares(
            dark.map(|(at, _)| {
                let (row, column) = (at / squares.side.max(1), at % squares.side.max(1));
                (left + column as f32 * unit, top + row as f32 * unit)
            }),
            unit,
        );
        lines(
            canvas,
            &faces.italic,
            9.0,
            (left, RIGHT),
            top + PICTURE + 6.0,
            caption,
            3,
        )?;
    }
    let (heading, steps) = &letter.steps;
    let mut y = lines(
        canvas,
        &faces.bold,
        12.0,
        (LEFT, edge),
        LOWER + 18.0,
        heading,
        1,
    )?;
    for (number, step) in steps.iter().enumerate() {
        canvas.text(
            &faces.bold,
            11.0,
            LEFT,
            y + 11.0,
            &format!("{}.", number + 1),
            0.0,
            Ink::Black,
        )?;
        y = lines(
            canvas,
            &faces.regular,
            11.0,
            (LEFT + 16.0, edge),
            y,
            step,
            4,
        )? + 2.0;
    }
    y = (y + 4.0).max(LOWER + 172.0);
    for note in &letter.notes {
        y = lines(canvas, &faces.italic, 10.5, (LEFT, RIGHT), y, note, 2)?;
    }
    if y > 828.0 {
        return Err(ComposeError::TooLong);
    }
    Ok(())
}

/// A text between two edges in at most so many lines from `top` down; a longer one is set smaller. Gives the new top.
pub(super) fn lines(
    canvas: &mut Canvas<'_>,
    face: &Face,
    size: f32,
    (left, right): (f32, f32),
    top: f32,
    text: &str,
    most: usize,
) -> Result<f32, ComposeError> {
    let mut size = size;
    let broken = loop {
        match wrap(face, size, right - left, 0.0, text) {
            Ok(broken) if broken.len() <= most => break broken,
            Ok(_) | Err(ComposeError::TooLong) if size > 4.0 => size *= 0.94,
            Ok(_) => return Err(ComposeError::TooLong),
            Err(error) => return Err(error),
        }
    };
    let mut y = top;
    for line in &broken {
        canvas.text(face, size, left, y + size, line, 0.0, Ink::Black)?;
        y += size * 1.28;
    }
    Ok(y)
}

/// Every text in Unicode NFC.
fn normalized(bundle: &Bundle) -> Bundle {
    let nfc = |text: &String| text.nfc().collect::<String>();
    let all = |texts: &Vec<String>| texts.iter().map(nfc).collect::<Vec<_>>();
    let letters = bundle.letters.iter().map(|letter| SealedLetter {
        sender: all(&letter.sender),
        mark: nfc(&letter.mark),
        name: nfc(&letter.name),
        address: all(&letter.address),
        title: nfc(&letter.title),
        lead: all(&letter.lead),
        facts: letter
            .facts
            .iter()
            .map(|(name, value)| (nfc(name), nfc(value)))
            .collect(),
        secret: (nfc(&letter.secret.0), nfc(&letter.secret.1)),
        picture: letter
            .picture
            .as_ref()
            .map(|(squares, caption)| (squares.clone(), nfc(caption))),
        steps: (nfc(&letter.steps.0), all(&letter.steps.1)),
        notes: all(&letter.notes),
    });
    Bundle {
        letters: letters.collect(),
        sheet: bundle.sheet.normalized(),
    }
}
