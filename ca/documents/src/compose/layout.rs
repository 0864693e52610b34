//! Where everything stands on the page of a paper.
//! Standard: Decree 30/2020/NĐ-CP Annex I parts I and IV (zones of a paper, sizes and styles of letters).
//! Must never let one zone run over another: what does not fit is refused.

use super::font::{Face, Faces};
use super::page::{Canvas, Ink};
use super::{ComposeError, PaperText};

/// A4 in points.
pub(crate) const WIDTH: f32 = 595.28;
pub(crate) const HEIGHT: f32 = 841.89;
const LEFT: f32 = 85.0; // 30 mm
const RIGHT: f32 = 552.8; // 15 mm from the edge
const TOP: f32 = 62.0;
const BOTTOM: f32 = 790.0;
const SIZE: f32 = 13.0;
const LEADING: f32 = 17.0;
const GAP: f32 = 5.0;
const INDENT: f32 = 28.0;
const LEFT_CENTRE: f32 = 172.0;
const RIGHT_CENTRE: f32 = 406.0;
const SIGNATURE_HEIGHT: f32 = 150.0;

/// A rectangle from the top left.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Area {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) width: f32,
    pub(crate) height: f32,
}

/// Where the four fields stand.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Places {
    pub(crate) number: Area,
    pub(crate) date: Area,
    pub(crate) signature: Area,
    pub(crate) seal: Area,
}

impl Places {
    /// Where Decree 30/2020 puts them on a page whose header has two lines.
    pub(crate) fn usual() -> Self {
        let line = TOP + 40.0;
        let (signature, seal) = signing_areas(600.0);
        Self {
            number: Area {
                x: 135.0,
                y: line - 12.0,
                width: 34.0,
                height: 17.0,
            },
            date: Area {
                x: 375.0,
                y: line - 12.0,
                width: 160.0,
                height: 17.0,
            },
            signature,
            seal,
        }
    }
}

/// The room of the signature block, and of the seal over its left third.
pub(crate) fn signing_areas(top: f32) -> (Area, Area) {
    let signature = Area {
        x: 306.0,
        y: top,
        width: 230.0,
        height: SIGNATURE_HEIGHT,
    };
    // The pen stroke spans the middle 140 pt of the block; a seal of 36 mm covers its left third.
    let seal = Area {
        x: 298.0,
        y: top + 36.0,
        width: 102.0,
        height: 102.0,
    };
    (signature, seal)
}

/// Draws the paper.
pub(crate) fn set(paper: &PaperText, canvas: &mut Canvas<'_>) -> Result<Places, ComposeError> {
    let faces = Faces::embedded()?;
    let mut places = Places::default();
    let mut y = header(paper, faces, canvas, &mut places)?;
    y = heading(paper, faces, canvas, y)?;
    for basis in &paper.bases {
        y = paragraph(canvas, &faces.italic, None, basis, y)?;
    }
    if !paper.title.is_empty() && !paper.bases.is_empty() {
        y += 6.0;
        canvas.centred(
            &faces.bold,
            SIZE,
            (LEFT + RIGHT) / 2.0,
            y + 12.0,
            &format!("{}:", paper.title),
            Ink::Black,
        )?;
        y += LEADING + 6.0;
    }
    for text in &paper.body {
        let (head, rest) = article(text);
        y = paragraph(
            canvas,
            &faces.regular,
            head.map(|h| (h, &faces.bold)),
            rest,
            y,
        )?;
    }
    y += 12.0;
    if y + SIGNATURE_HEIGHT > BOTTOM {
        return Err(ComposeError::TooLong);
    }
    (places.signature, places.seal) = signing_areas(y);
    recipients(paper, faces, canvas, y)?;
    if paper.demo {
        let mark = "DEMO – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ";
        canvas.centred(&faces.bold, 9.0, WIDTH / 2.0, 818.0, mark, Ink::Red)?;
    }
    Ok(places)
}

fn header(
    paper: &PaperText,
    faces: &Faces,
    canvas: &mut Canvas<'_>,
    places: &mut Places,
) -> Result<f32, ComposeError> {
    let mut y = TOP;
    let last = paper.agency.len().saturating_sub(1);
    let mut width = 0.0;
    for (index, line) in paper.agency.iter().enumerate() {
        let face = if index == last {
            &faces.bold
        } else {
            &faces.regular
        };
        width = face.width(line)? * 12.0;
        if width > 200.0 {
            return Err(ComposeError::TooLong);
        }
        canvas.centred(face, 12.0, LEFT_CENTRE, y, line, Ink::Black)?;
        y += 15.0;
    }
    canvas.rule(
        LEFT_CENTRE - width / 4.0,
        LEFT_CENTRE + width / 4.0,
        y - 10.0,
    );
    let motto = "Độc lập - Tự do - Hạnh phúc";
    canvas.centred(
        &faces.bold,
        12.0,
        RIGHT_CENTRE,
        TOP,
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        Ink::Black,
    )?;
    canvas.centred(
        &faces.bold,
        SIZE,
        RIGHT_CENTRE,
        TOP + 15.0,
        motto,
        Ink::Black,
    )?;
    let half = faces.bold.width(motto)? * SIZE / 2.0;
    canvas.rule(RIGHT_CENTRE - half, RIGHT_CENTRE + half, TOP + 20.0);
    let line = (y + 10.0).max(TOP + 40.0);

    let blank = 34.0;
    let (before, after) = ("Số:", format!("/{}", paper.notation));
    let before_width = faces.regular.width(before)? * SIZE;
    let total = before_width + blank + faces.regular.width(&after)? * SIZE;
    let x = LEFT_CENTRE - total / 2.0;
    canvas.text(&faces.regular, SIZE, x, line, before, 0.0, Ink::Black)?;
    canvas.text(
        &faces.regular,
        SIZE,
        x + before_width + blank,
        line,
        &after,
        0.0,
        Ink::Black,
    )?;
    places.number = Area {
        x: x + before_width + 2.0,
        y: line - 12.0,
        width: blank - 3.0,
        height: 17.0,
    };

    let place = format!("{},", paper.place);
    let place_width = faces.italic.width(&place)? * SIZE;
    let date_width = faces.italic.width("ngày 00 tháng 00 năm 0000")? * SIZE + 6.0;
    let x = RIGHT_CENTRE - (place_width + 4.0 + date_width) / 2.0;
    canvas.text(&faces.italic, SIZE, x, line, &place, 0.0, Ink::Black)?;
    places.date = Area {
        x: x + place_width + 3.0,
        y: line - 12.0,
        width: date_width,
        height: 17.0,
    };

    let mut y = line + 12.0;
    if paper.title.is_empty() {
        for text in wrap(
            &faces.regular,
            12.0,
            190.0,
            0.0,
            &format!("V/v {}", paper.subject),
        )? {
            y += 14.0;
            canvas.centred(
                &faces.regular,
                12.0,
                LEFT_CENTRE,
                y - 6.0,
                &text,
                Ink::Black,
            )?;
        }
    }
    Ok(y + 8.0)
}

fn heading(
    paper: &PaperText,
    faces: &Faces,
    canvas: &mut Canvas<'_>,
    top: f32,
) -> Result<f32, ComposeError> {
    let centre = (LEFT + RIGHT) / 2.0;
    let mut y = top;
    if !paper.title.is_empty() {
        y += 16.0;
        canvas.centred(&faces.bold, 14.0, centre, y, &paper.title, Ink::Black)?;
        for line in wrap(&faces.bold, 14.0, 400.0, 0.0, &paper.subject)? {
            y += 18.0;
            canvas.centred(&faces.bold, 14.0, centre, y, &line, Ink::Black)?;
        }
        y += 7.0;
        canvas.rule(centre - 45.0, centre + 45.0, y);
        y += 8.0;
    }
    if let Some(issuer) = &paper.issuer {
        y += 16.0;
        canvas.centred(&faces.bold, SIZE, centre, y, issuer, Ink::Black)?;
        y += 8.0;
    }
    if let Some(addressee) = &paper.addressee {
        y += 16.0;
        canvas.centred(
            &faces.regular,
            SIZE,
            centre,
            y,
            &format!("Kính gửi: {addressee}"),
            Ink::Black,
        )?;
        y += 8.0;
    }
    Ok(y + 4.0)
}

/// `Điều 1.` and what follows.
fn article(text: &str) -> (Option<&str>, &str) {
    if let Some(rest) = text.strip_prefix("Điều ")
        && let Some((number, _)) = rest.split_once('.')
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
    {
        let (head, tail) = text.split_at("Điều ".len() + number.len() + 1);
        return (Some(head), tail.trim_start());
    }
    (None, text)
}

/// One justified paragraph with a first-line indent; gives the new top.
fn paragraph(
    canvas: &mut Canvas<'_>,
    face: &Face,
    head: Option<(&str, &Face)>,
    text: &str,
    top: f32,
) -> Result<f32, ComposeError> {
    let head_width = match head {
        Some((words, bold)) => bold.width(words)? * SIZE + face.width(" ")? * SIZE,
        None => 0.0,
    };
    let first = INDENT + head_width;
    let lines = wrap(face, SIZE, RIGHT - LEFT, first, text)?;
    let mut y = top;
    let last = lines.len().saturating_sub(1);
    for (index, line) in lines.iter().enumerate() {
        y += LEADING;
        if y > BOTTOM {
            return Err(ComposeError::TooLong);
        }
        let indent = if index == 0 { first } else { 0.0 };
        if index == 0
            && let Some((words, bold)) = head
        {
            canvas.text(bold, SIZE, LEFT + INDENT, y, words, 0.0, Ink::Black)?;
        }
        let blanks = line.matches(' ').count();
        let room = RIGHT - LEFT - indent - face.width(line)? * SIZE;
        let stretch = if index == last || blanks == 0 {
            0.0
        } else {
            room / blanks as f32
        };
        canvas.text(face, SIZE, LEFT + indent, y, line, stretch, Ink::Black)?;
    }
    Ok(y + GAP)
}

/// Breaks a text into lines; the first is shorter by `first`.
pub(crate) fn wrap(
    face: &Face,
    size: f32,
    width: f32,
    first: f32,
    text: &str,
) -> Result<Vec<String>, ComposeError> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let room = if lines.is_empty() {
            width - first
        } else {
            width
        };
        if face.width(word)? * size > width - first {
            return Err(ComposeError::TooLong);
        }
        let longer = if line.is_empty() {
            word.to_owned()
        } else {
            format!("{line} {word}")
        };
        if face.width(&longer)? * size > room && !line.is_empty() {
            lines.push(std::mem::replace(&mut line, word.to_owned()));
        } else {
            line = longer;
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    Ok(lines)
}

fn recipients(
    paper: &PaperText,
    faces: &Faces,
    canvas: &mut Canvas<'_>,
    top: f32,
) -> Result<(), ComposeError> {
    if paper.recipients.is_empty() {
        return Ok(());
    }
    canvas.text(
        &faces.bold_italic,
        12.0,
        LEFT,
        top + 14.0,
        "Nơi nhận:",
        0.0,
        Ink::Black,
    )?;
    let mut y = top + 14.0;
    for recipient in &paper.recipients {
        for (index, line) in wrap(&faces.regular, 11.0, 200.0, 8.0, recipient)?
            .iter()
            .enumerate()
        {
            y += 13.0;
            if y > BOTTOM + 10.0 {
                return Err(ComposeError::TooLong);
            }
            let line = if index == 0 {
                format!("- {line}")
            } else {
                format!("  {line}")
            };
            canvas.text(&faces.regular, 11.0, LEFT, y, &line, 0.0, Ink::Black)?;
        }
    }
    Ok(())
}
