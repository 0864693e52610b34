//! Draws lines of text and strokes on one page; positions count from the top left, in points.

use super::ComposeError;
use super::font::Face;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, LineCap, Stroke};
use krilla::surface::Surface;
use krilla::{Document, SerializeSettings};

/// What a mark is drawn in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    Black,
    /// A person's signature.
    Blue,
    /// A seal.
    Red,
}

impl Ink {
    fn color(self) -> rgb::Color {
        match self {
            Ink::Black => rgb::Color::black(),
            Ink::Blue => rgb::Color::new(0x1a, 0x4f, 0xa3),
            Ink::Red => rgb::Color::new(0xb0, 0x15, 0x20),
        }
    }
}

/// One segment of a stroke.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Segment {
    Move(f32, f32),
    Line(f32, f32),
    Curve(f32, f32, f32, f32, f32, f32),
}

/// A page being drawn.
pub(crate) struct Canvas<'a> {
    surface: Surface<'a>,
}

impl Canvas<'_> {
    /// One line of text, its base line at `y`; blanks widened by `stretch` points.
    #[allow(
        clippy::too_many_arguments,
        reason = "face, size, place, text and ink are one line of type"
    )]
    pub(crate) fn text(
        &mut self,
        face: &Face,
        size: f32,
        x: f32,
        y: f32,
        text: &str,
        stretch: f32,
        ink: Ink,
    ) -> Result<(), ComposeError> {
        if text.is_empty() {
            return Ok(());
        }
        let glyphs = face.set(text, stretch / size)?;
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(Fill {
            paint: ink.color().into(),
            ..Fill::default()
        }));
        self.surface.draw_glyphs(
            Point::from_xy(x, y),
            &glyphs,
            face.font.clone(),
            text,
            size,
            false,
        );
        Ok(())
    }

    /// One line centred on `centre`.
    pub(crate) fn centred(
        &mut self,
        face: &Face,
        size: f32,
        centre: f32,
        y: f32,
        text: &str,
        ink: Ink,
    ) -> Result<(), ComposeError> {
        let width = face.width(text)? * size;
        self.text(face, size, centre - width / 2.0, y, text, 0.0, ink)
    }

    /// A stroke of one or more segments.
    pub(crate) fn stroke(&mut self, segments: &[Segment], width: f32, ink: Ink, opacity: f32) {
        let mut builder = PathBuilder::new();
        for segment in segments {
            match *segment {
                Segment::Move(x, y) => builder.move_to(x, y),
                Segment::Line(x, y) => builder.line_to(x, y),
                Segment::Curve(a, b, c, d, x, y) => builder.cubic_to(a, b, c, d, x, y),
            }
        }
        let Some(path) = builder.finish() else { return };
        self.surface.set_fill(None);
        self.surface.set_stroke(Some(Stroke {
            paint: ink.color().into(),
            width,
            line_cap: LineCap::Round,
            opacity: NormalizedF32::new(opacity).unwrap_or(NormalizedF32::ONE),
            ..Stroke::default()
        }));
        self.surface.draw_path(&path);
        self.surface.set_stroke(None);
    }

    /// A straight rule.
    pub(crate) fn rule(&mut self, from: f32, to: f32, y: f32) {
        self.stroke(
            &[Segment::Move(from, y), Segment::Line(to, y)],
            0.7,
            Ink::Black,
            1.0,
        );
    }

    /// Squares of one size, filled: the dark ones of a picture of squares.
    pub(crate) fn squares(&mut self, corners: impl IntoIterator<Item = (f32, f32)>, side: f32) {
        let mut builder = PathBuilder::new();
        for (x, y) in corners {
            builder.move_to(x, y);
            builder.line_to(x + side, y);
            builder.line_to(x + side, y + side);
            builder.line_to(x, y + side);
            builder.close();
        }
        let Some(path) = builder.finish() else { return };
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(Fill {
            paint: Ink::Black.color().into(),
            ..Fill::default()
        }));
        self.surface.draw_path(&path);
    }

    /// A circle.
    pub(crate) fn circle(
        &mut self,
        x: f32,
        y: f32,
        radius: f32,
        width: f32,
        ink: Ink,
        opacity: f32,
    ) {
        let k = radius * 0.552_285;
        let r = radius;
        let path = [
            Segment::Move(x + r, y),
            Segment::Curve(x + r, y + k, x + k, y + r, x, y + r),
            Segment::Curve(x - k, y + r, x - r, y + k, x - r, y),
            Segment::Curve(x - r, y - k, x - k, y - r, x, y - r),
            Segment::Curve(x + k, y - r, x + r, y - k, x + r, y),
        ];
        self.stroke(&path, width, ink, opacity);
    }
}

/// Draws one page of the given size into a PDF file of its own.
pub(crate) fn draw(
    width: f32,
    height: f32,
    metadata: Option<Metadata>,
    paint: impl FnOnce(&mut Canvas<'_>) -> Result<(), ComposeError>,
) -> Result<Vec<u8>, ComposeError> {
    draw_all(width, height, metadata, [paint])
}

/// Draws pages of one size into one file, in order.
pub(crate) fn draw_all<P>(
    width: f32,
    height: f32,
    metadata: Option<Metadata>,
    pages: impl IntoIterator<Item = P>,
) -> Result<Vec<u8>, ComposeError>
where
    P: FnOnce(&mut Canvas<'_>) -> Result<(), ComposeError>,
{
    let mut document = Document::new_with(SerializeSettings {
        xmp_metadata: metadata.is_some(),
        enable_tagging: false,
        ..SerializeSettings::default()
    });
    if let Some(metadata) = metadata {
        document.set_metadata(metadata);
    }
    for paint in pages {
        let settings = PageSettings::from_wh(width, height).ok_or(ComposeError::Page)?;
        let mut page = document.start_page_with(settings);
        {
            let mut canvas = Canvas {
                surface: page.surface(),
            };
            paint(&mut canvas)?;
        }
        page.finish();
    }
    document
        .finish()
        .map_err(|error| ComposeError::Pdf(format!("{error:?}")))
}
