//! The embedded Times-metric face and its measures.
//! Standard: ISO/IEC 14496-22 (OpenType): tables `head`, `hhea`, `hmtx`, `cmap` format 4.
//! Must never draw a letter the face does not hold.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use std::collections::HashMap;
use std::sync::OnceLock;

/// A letter or face that cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FontError {
    #[error("the font has no letter {0:?}")]
    Letter(char),
    #[error("the embedded font cannot be read")]
    Face,
}

/// One face with widths of its letters.
pub(crate) struct Face {
    pub(crate) font: Font,
    glyphs: HashMap<char, (u16, f32)>,
}

/// The faces a paper needs.
pub(crate) struct Faces {
    pub(crate) regular: Face,
    pub(crate) bold: Face,
    pub(crate) italic: Face,
    pub(crate) bold_italic: Face,
}

impl Faces {
    /// Liberation Serif (SIL OFL 1.1), shipped in `fonts/`; read once.
    pub(crate) fn embedded() -> Result<&'static Self, FontError> {
        static FACES: OnceLock<Result<Faces, FontError>> = OnceLock::new();
        FACES.get_or_init(Self::read).as_ref().map_err(Clone::clone)
    }

    fn read() -> Result<Self, FontError> {
        Ok(Self {
            regular: Face::read(include_bytes!("../../fonts/LiberationSerif-Regular.ttf"))?,
            bold: Face::read(include_bytes!("../../fonts/LiberationSerif-Bold.ttf"))?,
            italic: Face::read(include_bytes!("../../fonts/LiberationSerif-Italic.ttf"))?,
            bold_italic: Face::read(include_bytes!("../../fonts/LiberationSerif-BoldItalic.ttf"))?,
        })
    }
}

impl Face {
    fn read(data: &'static [u8]) -> Result<Self, FontError> {
        let font = Font::new(data.into(), 0).ok_or(FontError::Face)?;
        let glyphs = glyphs(data).ok_or(FontError::Face)?;
        Ok(Self { font, glyphs })
    }

    fn glyph(&self, letter: char) -> Result<(u16, f32), FontError> {
        self.glyphs
            .get(&letter)
            .copied()
            .ok_or(FontError::Letter(letter))
    }

    /// Width of a text at size 1.
    pub(crate) fn width(&self, text: &str) -> Result<f32, FontError> {
        text.chars()
            .map(|letter| self.glyph(letter).map(|(_, advance)| advance))
            .sum()
    }

    /// Glyphs of a text; every blank is widened by `stretch` (at size 1).
    pub(crate) fn set(&self, text: &str, stretch: f32) -> Result<Vec<KrillaGlyph>, FontError> {
        text.char_indices()
            .map(|(at, letter)| {
                let (id, advance) = self.glyph(letter)?;
                let advance = if letter == ' ' {
                    advance + stretch
                } else {
                    advance
                };
                let range = at..at + letter.len_utf8();
                Ok(KrillaGlyph::new(
                    GlyphId::new(u32::from(id)),
                    advance,
                    0.0,
                    0.0,
                    0.0,
                    range,
                    None,
                ))
            })
            .collect()
    }
}

fn be16(data: &[u8], at: usize) -> Option<u16> {
    data.get(at..at + 2)
        .and_then(|b| b.try_into().ok())
        .map(u16::from_be_bytes)
}

fn be32(data: &[u8], at: usize) -> Option<usize> {
    data.get(at..at + 4)
        .and_then(|b| b.try_into().ok())
        .map(|b| u32::from_be_bytes(b) as usize)
}

fn table<'a>(data: &'a [u8], tag: &[u8; 4]) -> Option<&'a [u8]> {
    let count = usize::from(be16(data, 4)?);
    let record = (0..count)
        .map(|i| 12 + 16 * i)
        .find(|at| data.get(*at..*at + 4) == Some(tag))?;
    let start = be32(data, record + 8)?;
    data.get(start..start + be32(data, record + 12)?)
}

/// Every letter of the basic plane with glyph number and advance at size 1.
fn glyphs(data: &[u8]) -> Option<HashMap<char, (u16, f32)>> {
    let units = f32::from(be16(table(data, b"head")?, 18)?);
    let measured = be16(table(data, b"hhea")?, 34)?;
    let widths = table(data, b"hmtx")?;
    let cmap = table(data, b"cmap")?;
    let subtables = usize::from(be16(cmap, 2)?);
    let start = (0..subtables)
        .filter_map(|i| be32(cmap, 4 + 8 * i + 4))
        .find(|at| be16(cmap, *at) == Some(4))?;
    let map = cmap.get(start..)?;
    let doubled = usize::from(be16(map, 6)?);
    let mut glyphs = HashMap::new();
    for segment in (0..doubled).step_by(2) {
        let last = be16(map, 14 + segment)?;
        let first = be16(map, 16 + doubled + segment)?;
        let delta = be16(map, 16 + 2 * doubled + segment)?;
        let at = 16 + 3 * doubled + segment;
        let range = be16(map, at)?;
        for code in first..=last {
            let glyph = if range == 0 {
                code.wrapping_add(delta)
            } else {
                match be16(map, at + usize::from(range) + 2 * usize::from(code - first)) {
                    Some(0) | None => 0,
                    Some(glyph) => glyph.wrapping_add(delta),
                }
            };
            let Some(letter) = char::from_u32(u32::from(code)).filter(|_| glyph != 0) else {
                continue;
            };
            let advance = be16(
                widths,
                4 * usize::from(glyph.min(measured.saturating_sub(1))),
            )?;
            glyphs.insert(letter, (glyph, f32::from(advance) / units));
        }
    }
    Some(glyphs)
}
