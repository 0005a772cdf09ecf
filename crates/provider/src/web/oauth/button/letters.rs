//! Letters as outlines, so that the button looks the same in SVG and PNG and needs no font where it is shown.

use std::fmt::Write as _;

use tiny_skia::PathBuilder;
use ttf_parser::{Face, OutlineBuilder};

/// DejaVu Sans Bold, cut down; its licence lies beside it.
const FONT: &[u8] = include_bytes!("../../../../assets/button.ttf");

/// One piece of an outline.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Piece {
    Move(f32, f32),
    Line(f32, f32),
    Quad(f32, f32, f32, f32),
    Cubic(f32, f32, f32, f32, f32, f32),
    Close,
}

/// A line of text, drawn from the left end of its base line.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    pieces: Vec<Piece>,
    /// How far it reaches to the right.
    pub(super) width: f32,
}

impl Line {
    /// `text` at `size` pixels; None where the font lacks a letter of it.
    pub(super) fn of(text: &str, size: f32) -> Option<Self> {
        let face = Face::parse(FONT, 0).ok()?;
        let scale = size / f32::from(face.units_per_em());
        let mut pen = Pen {
            line: Self::default(),
            scale,
        };
        for letter in text.chars() {
            let glyph = face.glyph_index(letter)?;
            // A blank has no outline.
            face.outline_glyph(glyph, &mut pen);
            pen.line.width += f32::from(face.glyph_hor_advance(glyph)?) * scale;
        }
        Some(pen.line)
    }

    /// As the `d` of an SVG path, with the base line's left end at `(x, y)`.
    pub(super) fn svg(&self, x: f32, y: f32) -> String {
        let mut path = String::new();
        for piece in &self.pieces {
            // Writing to a `String` cannot fail.
            let _ = match *piece {
                Piece::Move(a, b) => write!(path, "M{:.2} {:.2}", x + a, y + b),
                Piece::Line(a, b) => write!(path, "L{:.2} {:.2}", x + a, y + b),
                Piece::Quad(a, b, c, d) => write!(path, "Q{:.2} {:.2} {:.2} {:.2}", x + a, y + b, x + c, y + d),
                Piece::Cubic(a, b, c, d, e, f) => write!(
                    path,
                    "C{:.2} {:.2} {:.2} {:.2} {:.2} {:.2}",
                    x + a,
                    y + b,
                    x + c,
                    y + d,
                    x + e,
                    y + f
                ),
                Piece::Close => write!(path, "Z"),
            };
        }
        path
    }

    /// As a path to be filled, with the base line's left end at `(x, y)`; None where there is nothing to fill.
    pub(super) fn path(&self, x: f32, y: f32) -> Option<tiny_skia::Path> {
        let mut path = PathBuilder::new();
        for piece in &self.pieces {
            match *piece {
                Piece::Move(a, b) => path.move_to(x + a, y + b),
                Piece::Line(a, b) => path.line_to(x + a, y + b),
                Piece::Quad(a, b, c, d) => path.quad_to(x + a, y + b, x + c, y + d),
                Piece::Cubic(a, b, c, d, e, f) => path.cubic_to(x + a, y + b, x + c, y + d, x + e, y + f),
                Piece::Close => path.close(),
            }
        }
        path.finish()
    }
}

/// Takes a glyph's outline down, behind the glyphs before it. Fonts count upwards, pictures downwards.
struct Pen {
    line: Line,
    scale: f32,
}

impl Pen {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.line.width + x * self.scale, -y * self.scale)
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.line.pieces.push(Piece::Move(x, y));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.line.pieces.push(Piece::Line(x, y));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((a, b), (c, d)) = (self.at(x1, y1), self.at(x, y));
        self.line.pieces.push(Piece::Quad(a, b, c, d));
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((a, b), (c, d), (e, f)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.line.pieces.push(Piece::Cubic(a, b, c, d, e, f));
    }

    fn close(&mut self) {
        self.line.pieces.push(Piece::Close);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn european_names_have_outlines_and_others_do_not() {
        for name in ["Vendor & Sons", "Größe Ærø ŠKODA", "Ελλάς", "Яблоко", "L’Oréal – “x”"] {
            let line = Line::of(name, 15.0).unwrap();
            assert!(line.width > 20.0 && line.svg(0.0, 0.0).starts_with('M'), "{name}");
        }
        assert!(Line::of("会社", 15.0).is_none());
        assert!(Line::of(" ", 15.0).unwrap().path(0.0, 0.0).is_none());
    }
}
