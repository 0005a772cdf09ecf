//! The button as a picture: a rounded rectangle, the brand's initial in a square, and the words.

use askama::Template;
use rightful_http::pages::{Accent, ButtonColours};
use tiny_skia::{Color, FillRule, Paint, PathBuilder, Pixmap, Rect, Stroke, Transform};

use super::letters::Line;

pub(super) const HEIGHT: f32 = 44.0;
const MARK: (f32, f32) = (10.0, 24.0);
const WORDS_AT: f32 = 44.0;
const AFTER: f32 = 18.0;
const BASE_LINE: f32 = 27.5;
/// How far a round corner's control points lie from its ends, for a quarter of a circle.
const ROUND: f32 = 0.552_285;

/// What the pointer or the keyboard does with the button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum State {
    #[default]
    Rest,
    Hover,
    Focus,
}

/// The button of a brand.
pub(super) struct Picture<'a> {
    brand: &'a str,
    colours: ButtonColours,
    state: State,
    words: Option<Line>,
    initial: Option<Line>,
    pub(super) width: f32,
}

#[derive(Template)]
#[template(path = "connect.svg", escape = "html")]
struct Svg<'a> {
    brand: &'a str,
    shown_width: u32,
    shown_height: u32,
    width: f32,
    ground: String,
    text: String,
    focus: bool,
    words: Option<String>,
    initial: Option<String>,
}

impl<'a> Picture<'a> {
    pub(super) fn new(brand: &'a str, accent: Accent, state: State) -> Self {
        let words = Line::of(&format!("Connect with {brand}"), 15.0);
        let first: String = brand.chars().next().unwrap_or('·').to_uppercase().collect();
        // Where letters are missing, a system font draws them in the SVG: room for the widest.
        #[expect(clippy::cast_precision_loss, reason = "a brand's name has at most 60 characters")]
        let guessed = (brand.chars().count() + "Connect with ".len()) as f32 * 15.0;
        let reach = words.as_ref().map_or(guessed, |line| line.width);
        Self {
            brand,
            colours: accent.button(),
            state,
            words,
            initial: Line::of(&first, 15.0),
            width: (WORDS_AT + reach + AFTER).ceil(),
        }
    }

    /// The same button with words that can be drawn without a system font, where the brand's cannot.
    fn drawable(self) -> Self {
        if self.words.is_some() {
            return self;
        }
        let words = Line::of("Connect", 15.0);
        let reach = words.as_ref().map_or(0.0, |line| line.width);
        Self {
            width: (WORDS_AT + reach + AFTER).ceil(),
            words,
            ..self
        }
    }

    fn ground(&self) -> [u8; 3] {
        match self.state {
            State::Rest | State::Focus => self.colours.ground,
            State::Hover => self.colours.pressed,
        }
    }

    fn initial_at(&self) -> f32 {
        let (left, side) = MARK;
        left + (side - self.initial.as_ref().map_or(0.0, |line| line.width)) / 2.0
    }

    /// As SVG, to be shown `width` pixels wide.
    pub(super) fn svg(&self, width: Option<u32>) -> Result<String, askama::Error> {
        let shown_width = width.unwrap_or_else(|| whole(self.width));
        Svg {
            brand: self.brand,
            shown_width,
            shown_height: whole(HEIGHT * factor(shown_width, self.width)),
            width: self.width,
            ground: written(self.ground()),
            text: written(self.colours.text),
            focus: self.state == State::Focus,
            words: self.words.as_ref().map(|line| line.svg((WORDS_AT, BASE_LINE))),
            initial: self
                .initial
                .as_ref()
                .map(|line| line.svg((self.initial_at(), BASE_LINE))),
        }
        .render()
    }

    /// As PNG, `width` pixels wide.
    pub(super) fn png(self, width: Option<u32>) -> Option<Vec<u8>> {
        let picture = self.drawable();
        let width = width.unwrap_or_else(|| whole(picture.width));
        let scale = factor(width, picture.width);
        let mut pixels = Pixmap::new(width, whole(HEIGHT * scale).max(1))?;
        let transform = Transform::from_scale(scale, scale);
        let (ground, text) = (paint(picture.ground()), paint(picture.colours.text));
        let mut fill = |path: &tiny_skia::Path, paint: &Paint<'_>| {
            pixels.fill_path(path, paint, FillRule::Winding, transform, None);
        };
        fill(&rounded(0.0, 0.0, picture.width, HEIGHT, 8.0)?, &ground);
        let (left, side) = MARK;
        fill(&rounded(left, left, side, side, 6.0)?, &text);
        if let Some(path) = picture
            .initial
            .as_ref()
            .and_then(|line| line.path((picture.initial_at(), BASE_LINE)))
        {
            fill(&path, &ground);
        }
        if let Some(path) = picture.words.as_ref().and_then(|line| line.path((WORDS_AT, BASE_LINE))) {
            fill(&path, &text);
        }
        if picture.state == State::Focus {
            let ring = rounded(3.0, 3.0, picture.width - 6.0, HEIGHT - 6.0, 5.0)?;
            let stroke = Stroke {
                width: 2.0,
                ..Stroke::default()
            };
            pixels.stroke_path(&ring, &text, &stroke, transform, None);
        }
        pixels.encode_png().ok()
    }
}

fn rounded(x: f32, y: f32, width: f32, height: f32, radius: f32) -> Option<tiny_skia::Path> {
    let rect = Rect::from_xywh(x, y, width, height)?;
    let (left, top, right, bottom) = (rect.left(), rect.top(), rect.right(), rect.bottom());
    let near = radius * (1.0 - ROUND);
    let mut path = PathBuilder::new();
    path.move_to(left + radius, top);
    path.line_to(right - radius, top);
    path.cubic_to(right - near, top, right, top + near, right, top + radius);
    path.line_to(right, bottom - radius);
    path.cubic_to(right, bottom - near, right - near, bottom, right - radius, bottom);
    path.line_to(left + radius, bottom);
    path.cubic_to(left + near, bottom, left, bottom - near, left, bottom - radius);
    path.line_to(left, top + radius);
    path.cubic_to(left, top + near, left + near, top, left + radius, top);
    path.close();
    path.finish()
}

fn paint([red, green, blue]: [u8; 3]) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color(Color::from_rgba8(red, green, blue, 255));
    paint.anti_alias = true;
    paint
}

fn written([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

#[expect(clippy::cast_precision_loss, reason = "widths are at most a few thousand pixels")]
fn factor(shown: u32, own: f32) -> f32 {
    shown as f32 / own
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "widths are positive and at most a few thousand pixels"
)]
fn whole(pixels: f32) -> u32 {
    pixels.round() as u32
}
