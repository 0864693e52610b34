//! Visible marks: the signature block, the seal, the filled number and date, as form XObjects.
//! Standard: ISO 32000-2 §8.10 and §12.5.5 (form XObjects, appearance streams); Decree 30/2020/NĐ-CP Annex I (blue signature, red seal over its left third).
//! Must never take content of the paper itself into a mark.

use crate::compose::ComposeError;
use crate::compose::font::Faces;
use crate::compose::page::{self, Canvas, Ink, Segment};
use crate::pdf::file::File;
use crate::pdf::object::{Dictionary, Id, Object, Stream};
use crate::pdf::update::Update;
use crate::sign::{Mark, Visible};
use std::collections::BTreeMap;
use unicode_normalization::UnicodeNormalization;

/// Objects that one mark may bring along.
const OBJECT_LIMIT: usize = 256;

/// Draws a signature or seal of the given size.
pub(crate) fn of_signature(
    visible: &Visible,
    width: f32,
    height: f32,
) -> Result<Vec<u8>, ComposeError> {
    let faces = Faces::embedded()?;
    page::draw(width, height, None, |canvas| match visible.mark {
        Mark::Signature => signature(visible, faces, canvas, width, height),
        Mark::Seal => seal(visible, faces, canvas, width, height),
    })
}

/// Draws the value of a filled field.
pub(crate) fn of_value(
    text: &str,
    italic: bool,
    width: f32,
    height: f32,
) -> Result<Vec<u8>, ComposeError> {
    let faces = Faces::embedded()?;
    let text: String = text.nfc().collect();
    page::draw(width, height, None, |canvas| {
        let face = if italic {
            &faces.italic
        } else {
            &faces.regular
        };
        let size = (13.0f32).min((width - 2.0) / face.width(&text)?.max(0.1));
        let x = if italic {
            1.0
        } else {
            (width - face.width(&text)? * size) / 2.0
        };
        canvas.text(face, size, x, height - 5.0, &text, 0.0, Ink::Black)
    })
}

fn signature(
    visible: &Visible,
    faces: &Faces,
    canvas: &mut Canvas<'_>,
    width: f32,
    height: f32,
) -> Result<(), ComposeError> {
    let centre = width / 2.0;
    let mut y = 13.0;
    for line in &visible.block {
        let line: String = line.nfc().collect();
        fitted(canvas, faces, &line, 13.0, centre, y, width)?;
        y += 16.0;
    }
    let name: String = visible.name.nfc().collect();
    let bottom = height - 16.0;
    pen_stroke(&name, centre, (y - 6.0 + bottom - 12.0) / 2.0, canvas);
    fitted(canvas, faces, &name, 13.0, centre, bottom, width)?;
    if !visible.time.is_empty() {
        let note = format!("Ký số: {}", visible.time.nfc().collect::<String>());
        canvas.centred(&faces.regular, 8.0, centre, height - 4.0, &note, Ink::Blue)?;
    }
    Ok(())
}

/// A bold line, made smaller when it would not fit.
fn fitted(
    canvas: &mut Canvas<'_>,
    faces: &Faces,
    text: &str,
    size: f32,
    centre: f32,
    y: f32,
    width: f32,
) -> Result<(), ComposeError> {
    let size = size.min((width - 4.0) / faces.bold.width(text)?.max(0.1));
    canvas.centred(&faces.bold, size, centre, y, text, Ink::Black)
}

/// A drawn stroke in blue: it stands for the pen, its swing follows the name.
fn pen_stroke(name: &str, centre: f32, middle: f32, canvas: &mut Canvas<'_>) {
    let swing = name.bytes().fold(7u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(byte))
    });
    let bend = |shift: u32| ((swing >> shift) & 7) as f32 - 3.5;
    let (x, y) = (centre - 70.0, middle + 16.0);
    let path = [
        Segment::Move(x, y),
        Segment::Curve(
            x + 16.0,
            y - 52.0 - bend(0),
            x + 28.0,
            y - 48.0,
            x + 24.0,
            y - 27.0,
        ),
        Segment::Curve(
            x + 20.0,
            y - 6.0,
            x + 10.0,
            y + 11.0 + bend(3),
            x + 19.0,
            y + 8.0,
        ),
        Segment::Curve(
            x + 29.0,
            y + 4.0,
            x + 34.0,
            y - 34.0 - bend(6),
            x + 45.0,
            y - 34.0,
        ),
        Segment::Curve(x + 56.0, y - 34.0, x + 39.0, y - 2.0, x + 50.0, y - 2.0),
        Segment::Curve(
            x + 60.0,
            y - 2.0,
            x + 61.0,
            y - 26.0 + bend(9),
            x + 69.0,
            y - 26.0,
        ),
        Segment::Curve(x + 77.0, y - 26.0, x + 69.0, y - 7.0, x + 77.0, y - 7.0),
        Segment::Curve(
            x + 86.0,
            y - 7.0,
            x + 98.0,
            y - 18.0 - bend(12),
            x + 140.0,
            y - 24.0,
        ),
    ];
    canvas.stroke(&path, 2.4, Ink::Blue, 1.0);
}

/// A red ring with the agency's name inside; `MẪU` and `DEMO` mark that it is no real seal.
fn seal(
    visible: &Visible,
    faces: &Faces,
    canvas: &mut Canvas<'_>,
    width: f32,
    height: f32,
) -> Result<(), ComposeError> {
    let (x, y) = (width / 2.0, height / 2.0);
    let radius = width.min(height) / 2.0 - 1.5;
    canvas.circle(x, y, radius, 2.2, Ink::Red, 0.85);
    canvas.circle(x, y, radius - 4.0, 0.8, Ink::Red, 0.85);
    let name: String = visible.name.nfc().collect::<String>().to_uppercase();
    let size = radius / 6.2;
    let room = radius * 1.45;
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in name.split_whitespace() {
        let longer = if line.is_empty() {
            word.to_owned()
        } else {
            format!("{line} {word}")
        };
        if faces.bold.width(&longer)? * size > room && !line.is_empty() {
            lines.push(std::mem::replace(&mut line, word.to_owned()));
        } else {
            line = longer;
        }
    }
    lines.push(line);
    if visible.demo {
        lines.insert(0, "MẪU".to_owned());
        lines.push("DEMO".to_owned());
    }
    let leading = size * 1.3;
    let mut base = y - leading * (lines.len() as f32 - 1.0) / 2.0 + size * 0.35;
    for line in &lines {
        let size = size.min(room / faces.bold.width(line)?.max(0.1));
        canvas.centred(&faces.bold, size, x, base, line, Ink::Red)?;
        base += leading;
    }
    Ok(())
}

/// Copies the single page of a drawn file into an update as a form XObject.
pub(crate) fn embed(drawn: &[u8], update: &mut Update<'_>) -> Result<Id, ComposeError> {
    let wrong = |what: &str| ComposeError::Pdf(format!("drawn mark: {what}"));
    let file = File::read(drawn)?;
    let newest = file.newest();
    let syntax = |error: crate::pdf::syntax::Malformed| ComposeError::Pdf(error.to_string());
    let (_, catalog) = file.catalog(newest).map_err(syntax)?;
    let pages = file.value(&catalog, b"Pages", newest).map_err(syntax)?;
    let kids = pages
        .dictionary()
        .and_then(|d| d.get(b"Kids"))
        .cloned()
        .ok_or_else(|| wrong("no pages"))?;
    let kids = file.resolve(&kids, newest).map_err(syntax)?;
    let first = kids
        .array()
        .and_then(<[Object]>::first)
        .ok_or_else(|| wrong("no page"))?;
    let page = file.resolve(first, newest).map_err(syntax)?;
    let page = page
        .dictionary()
        .ok_or_else(|| wrong("page is not a dictionary"))?
        .clone();
    let area = page
        .get(b"MediaBox")
        .cloned()
        .ok_or_else(|| wrong("no page size"))?;
    let mut resources = file.value(&page, b"Resources", newest).map_err(syntax)?;
    let content = match file.value(&page, b"Contents", newest).map_err(syntax)? {
        Object::Array(parts) => match parts.as_slice() {
            [one] => file.resolve(one, newest).map_err(syntax)?,
            _ => return Err(wrong("content in several parts")),
        },
        other => other,
    };
    let Object::Stream(content) = content else {
        return Err(wrong("no content"));
    };

    let mut known = BTreeMap::new();
    let mut pending = Vec::new();
    renumber(&mut resources, &mut known, &mut pending, update);
    while let Some((old, new)) = pending.pop() {
        if known.len() > OBJECT_LIMIT {
            return Err(wrong("too many objects"));
        }
        let mut object = file.object(old, newest).map_err(syntax)?;
        renumber(&mut object, &mut known, &mut pending, update);
        update.set(new, &object);
    }
    let mut dictionary = Dictionary::default()
        .with(b"Type", Object::name("XObject"))
        .with(b"Subtype", Object::name("Form"))
        .with(b"BBox", area)
        .with(b"Resources", resources);
    if let Some(filter) = content.dictionary.get(b"Filter") {
        dictionary.set(b"Filter", filter.clone());
    }
    Ok(update.add(&Object::Stream(Stream {
        dictionary,
        data: content.data,
    })))
}

fn renumber(
    object: &mut Object,
    known: &mut BTreeMap<u32, Id>,
    pending: &mut Vec<(u32, Id)>,
    update: &mut Update<'_>,
) {
    match object {
        Object::Reference(id) => {
            let new = *known.entry(id.number).or_insert_with(|| {
                let new = update.reserve();
                pending.push((id.number, new));
                new
            });
            *id = new;
        }
        Object::Array(items) => items
            .iter_mut()
            .for_each(|item| renumber(item, known, pending, update)),
        Object::Dictionary(dictionary) => {
            dictionary
                .iter_mut()
                .for_each(|value| renumber(value, known, pending, update));
        }
        Object::Stream(stream) => {
            stream
                .dictionary
                .iter_mut()
                .for_each(|value| renumber(value, known, pending, update));
        }
        _ => {}
    }
}
