//! Letters as outlines, so that the button looks the same in SVG and PNG and needs no font where it is shown.

use std::fmt::Write as _;

use tiny_skia::PathBuilder;
use ttf_parser::{Face, OutlineBuilder};

/// DejaVu Sans Bold, cut down; its licence lies beside it.
const FONT: &[u8] = include_bytes!("../../../../assets/button.ttf");

/// Where something lies: to the right, and downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Point(f32, f32);

impl Point {
    fn moved(self, by: (f32, f32)) -> Self {
        Self(self.0 + by.0, self.1 + by.1)
    }
}

impl std::fmt::Display for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2} {:.2}", self.0, self.1)
    }
}

/// One piece of an outline.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Piece {
    Move(Point),
    Line(Point),
    Quad([Point; 2]),
    Cubic([Point; 3]),
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

    /// As the `d` of an SVG path, with the base line's left end there.
    pub(super) fn svg(&self, at: (f32, f32)) -> String {
        let mut path = String::new();
        for piece in &self.pieces {
            // Writing to a `String` cannot fail.
            let _ = match *piece {
                Piece::Move(to) => write!(path, "M{}", to.moved(at)),
                Piece::Line(to) => write!(path, "L{}", to.moved(at)),
                Piece::Quad([by, to]) => write!(path, "Q{} {}", by.moved(at), to.moved(at)),
                Piece::Cubic([by, then, to]) => {
                    write!(path, "C{} {} {}", by.moved(at), then.moved(at), to.moved(at))
                }
                Piece::Close => write!(path, "Z"),
            };
        }
        path
    }

    /// As a path to be filled, with the base line's left end there; None where there is nothing to fill.
    pub(super) fn path(&self, at: (f32, f32)) -> Option<tiny_skia::Path> {
        let mut path = PathBuilder::new();
        for piece in &self.pieces {
            match *piece {
                Piece::Move(to) => {
                    let Point(x, y) = to.moved(at);
                    path.move_to(x, y);
                }
                Piece::Line(to) => {
                    let Point(x, y) = to.moved(at);
                    path.line_to(x, y);
                }
                Piece::Quad(points) => {
                    let [by, to] = points.map(|point| point.moved(at));
                    path.quad_to(by.0, by.1, to.0, to.1);
                }
                Piece::Cubic(points) => {
                    let [by, then, to] = points.map(|point| point.moved(at));
                    path.cubic_to(by.0, by.1, then.0, then.1, to.0, to.1);
                }
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
    fn at(&self, x: f32, y: f32) -> Point {
        Point(self.line.width + x * self.scale, -y * self.scale)
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let piece = Piece::Move(self.at(x, y));
        self.line.pieces.push(piece);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let piece = Piece::Line(self.at(x, y));
        self.line.pieces.push(piece);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let piece = Piece::Quad([self.at(x1, y1), self.at(x, y)]);
        self.line.pieces.push(piece);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let piece = Piece::Cubic([self.at(x1, y1), self.at(x2, y2), self.at(x, y)]);
        self.line.pieces.push(piece);
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
            assert!(line.width > 20.0 && line.svg((0.0, 0.0)).starts_with('M'), "{name}");
        }
        assert!(Line::of("会社", 15.0).is_none());
        assert!(Line::of(" ", 15.0).unwrap().path((0.0, 0.0)).is_none());
    }
}
