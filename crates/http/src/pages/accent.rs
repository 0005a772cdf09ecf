//! A brand's colour in place of ours.

use super::assets;

/// A brand's colour. Text in it and on it is made to contrast enough on light and dark paper, whatever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accent(Colour);

/// A colour that is not written `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a colour is written like #0d6159")]
pub struct AccentError;

impl std::str::FromStr for Accent {
    type Err = AccentError;

    /// Reads `#rrggbb`.
    fn from_str(text: &str) -> Result<Self, AccentError> {
        Colour::read(text).map(Self).ok_or(AccentError)
    }
}

/// The colours of a button outside our pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ButtonColours {
    /// The button's own: red, green, blue.
    pub ground: [u8; 3],
    /// The same under the pointer.
    pub pressed: [u8; 3],
    /// What is written on it.
    pub text: [u8; 3],
}

impl Accent {
    /// The one of pages without a brand's.
    pub const OURS: Self = Self(Colour([0x0d, 0x61, 0x59]));

    /// The colours of a button in it.
    pub fn button(self) -> ButtonColours {
        let Self(colour) = self;
        let (pressed, text) = colour.as_button();
        let [Colour(ground), Colour(pressed), Colour(text)] = [colour, pressed, text];
        ButtonColours { ground, pressed, text }
    }

    /// Where its stylesheet is served.
    pub fn stylesheet_path(self) -> String {
        assets::hashed("accent", "css", &self.stylesheet())
    }

    /// Its stylesheet.
    pub fn stylesheet(self) -> String {
        let (light, dark) = (self.tokens(LIGHT, BLACK), self.tokens(DARK, WHITE));
        format!(":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n")
    }

    /// The stylesheet's variables on `paper`, with `ink` to move the colour towards where it is too near to the paper.
    fn tokens(self, paper: Colour, ink: Colour) -> String {
        let Self(colour) = self;
        let text = colour.readable_on(paper, ink);
        let (pressed, on) = colour.as_button();
        let (strong, soft) = (text.mixed(ink, 0.25), paper.mixed(colour, 0.13));
        let [text, strong, soft, button, pressed, on] = [text, strong, soft, colour, pressed, on].map(Colour::written);
        format!(
            "--accent:{text};--accent-strong:{strong};--accent-soft:{soft};\
             --button:{button};--button-strong:{pressed};--on-accent:{on}"
        )
    }
}

/// WCAG 2 level AA for text.
const ENOUGH: f64 = 4.5;

const WHITE: Colour = Colour([255, 255, 255]);
const BLACK: Colour = Colour([0, 0, 0]);
/// The darker of the light surfaces and the lighter of the dark ones: what contrasts with these does with the others.
const LIGHT: Colour = Colour([0xf1, 0xf1, 0xed]);
const DARK: Colour = Colour([0x1b, 0x1e, 0x22]);

/// An sRGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Colour([u8; 3]);

impl Colour {
    /// Reads `#rrggbb`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
        Some(Self([red, green, blue]))
    }

    fn written(self) -> String {
        let Self([red, green, blue]) = self;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }

    /// WCAG 2 contrast ratio, 1 to 21.
    pub(super) fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// WCAG 2 relative luminance, 0 to 1.
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        let Self([red, green, blue]) = self;
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    /// `share` (0 to 1) of `other` in it.
    fn mixed(self, other: Self, share: f64) -> Self {
        let (Self(mine), Self(theirs)) = (self, other);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between two bytes lies a byte"
        )]
        let mix = |one: u8, two: u8| (f64::from(one) * (1.0 - share) + f64::from(two) * share).round() as u8;
        let mut channels = mine;
        channels
            .iter_mut()
            .zip(theirs)
            .for_each(|(channel, their)| *channel = mix(*channel, their));
        Self(channels)
    }

    /// A button's colour under the pointer, and that of what is written on it.
    fn as_button(self) -> (Self, Self) {
        let on = if self.contrast(WHITE) >= self.contrast(BLACK) {
            WHITE
        } else {
            BLACK
        };
        let pressed = self.mixed(on, 0.12);
        // Hovering must not cost the button's text its contrast.
        (if pressed.contrast(on) < ENOUGH { self } else { pressed }, on)
    }

    /// The nearest colour on the way to `ink` that can be read on `paper`.
    fn readable_on(self, paper: Self, ink: Self) -> Self {
        let steps = (0..=20).map(|step| self.mixed(ink, f64::from(step) / 20.0));
        steps
            .into_iter()
            .find(|colour| colour.contrast(paper) >= ENOUGH)
            .unwrap_or(ink)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_colour_becomes_readable() {
        for colour in [
            "#ffee00", "#ff6b35", "#0d6159", "#000000", "#ffffff", "#808080", "#0000ff", "#767676",
        ] {
            let Accent(colour) = colour.parse().unwrap();
            assert!(colour.readable_on(LIGHT, BLACK).contrast(LIGHT) >= ENOUGH, "{colour:?}");
            assert!(colour.readable_on(DARK, WHITE).contrast(DARK) >= ENOUGH, "{colour:?}");
            assert!(
                colour.contrast(WHITE).max(colour.contrast(BLACK)) >= ENOUGH,
                "{colour:?}"
            );
        }
        for wrong in ["", "red", "#fff", "#gggggg", "#0d61591", "0d6159"] {
            assert_eq!(wrong.parse::<Accent>(), Err(AccentError));
        }
    }
}
