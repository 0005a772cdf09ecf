//! What pages load, all of it from the binary.

use std::sync::LazyLock;

use axum::{
    Router,
    response::{IntoResponse as _, Response},
    routing::get,
};
use http::header;
use sha2::{Digest as _, Sha256};

static STYLESHEET: &str = include_str!("../../assets/rightful.css");
static ICON: &str = include_str!("../../assets/icon.svg");

static STYLESHEET_PATH: LazyLock<String> = LazyLock::new(|| hashed("rightful", "css", STYLESHEET));
static ICON_PATH: LazyLock<String> = LazyLock::new(|| hashed("icon", "svg", ICON));

/// Where the stylesheet is: the path holds its hash, so it may be kept for ever.
pub fn stylesheet_path() -> &'static str {
    &STYLESHEET_PATH
}

/// Where the icon is.
pub fn icon_path() -> &'static str {
    &ICON_PATH
}

/// The routes that serve them, and the accent's stylesheet if there is one.
pub fn routes<S>(accent: Option<Accent>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let mut routes = Router::new()
        .route(
            stylesheet_path(),
            get(|| async { forever("text/css; charset=utf-8", STYLESHEET.to_owned()) }),
        )
        .route(icon_path(), get(|| async { forever("image/svg+xml", ICON.to_owned()) }));
    if let Some(accent) = accent {
        let css = accent.stylesheet();
        routes = routes.route(
            &accent.stylesheet_path(),
            get(move || async move { forever("text/css; charset=utf-8", css) }),
        );
    }
    routes
}

fn forever(content_type: &'static str, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, body).into_response()
}

fn hashed(name: &str, extension: &str, content: &str) -> String {
    let hash = Sha256::digest(content);
    let [a, b, c, d, e, ..] = hash.as_slice() else {
        return format!("/assets/{name}.{extension}");
    };
    format!("/assets/{name}.{a:02x}{b:02x}{c:02x}{d:02x}{e:02x}.{extension}")
}

/// A brand's colour, in place of ours. The colour of text on it follows from its lightness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accent {
    red: u8,
    green: u8,
    blue: u8,
}

impl std::str::FromStr for Accent {
    type Err = AccentError;

    /// Reads `#rrggbb`.
    fn from_str(text: &str) -> Result<Self, AccentError> {
        let digits = text
            .strip_prefix('#')
            .filter(|digits| digits.len() == 6)
            .ok_or(AccentError)?;
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).map_err(|_| AccentError)?.to_be_bytes();
        Ok(Self { red, green, blue })
    }
}

/// A colour that is not written `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a colour is written like #0d6159")]
pub struct AccentError;

impl Accent {
    /// Where its stylesheet is served.
    pub fn stylesheet_path(self) -> String {
        hashed("accent", "css", &self.stylesheet())
    }

    /// Links keep enough contrast on light and dark paper because the accent is mixed with the ink.
    fn stylesheet(self) -> String {
        let Self { red, green, blue } = self;
        let accent = format!("#{red:02x}{green:02x}{blue:02x}");
        let on = if self.luminance() > 0.18 { "#101010" } else { "#ffffff" };
        format!(
            ":root{{--accent:color-mix(in oklab,{accent} 70%,var(--ink));--accent-strong:color-mix(in oklab,{accent} 45%,var(--ink));\
             --accent-soft:color-mix(in oklab,{accent} 14%,var(--surface));}}\n\
             .button:not(.quiet,.danger),button:not(.quiet,.danger),.mark{{background:{accent};color:{on}}}\n\
             .button:not(.quiet,.danger):hover,button:not(.quiet,.danger):hover{{background:color-mix(in oklab,{accent} 85%,{on});color:{on}}}\n"
        )
    }

    /// WCAG 2 relative luminance, 0 to 1. At 0.18 black and white contrast alike.
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }
}
