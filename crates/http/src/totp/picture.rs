//! A QR code that stands in the page itself: no route, no file, nothing to fetch.

use std::fmt::Write as _;

use oauth::Secret;
use qrcodegen::{QrCode, QrCodeEcc};

/// The white edge that readers need, in modules.
const EDGE: i32 = 4;

/// `uri` as an inline SVG, black on white whatever the page's colours; `None` when it is too long for a QR code.
/// It holds what it shows, so a page with it must not be stored.
pub fn picture(uri: &Secret) -> Option<String> {
    let code = QrCode::encode_text(uri.reveal(), QrCodeEcc::Medium).ok()?;
    let mut dark = String::new();
    for row in 0..code.size() {
        for column in (0..code.size()).filter(|column| code.get_module(*column, row)) {
            // Writing to a `String` cannot fail.
            let _ = write!(dark, "M{} {}h1v1h-1z", column + EDGE, row + EDGE);
        }
    }
    let side = code.size() + 2 * EDGE;
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" width=\"{pixels}\" height=\"{pixels}\" \
         role=\"img\" aria-label=\"QR code for the authenticator app\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path fill=\"#000\" d=\"{dark}\"/></svg>",
        pixels = side * 4,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_is_a_square_with_the_three_finders_and_a_white_edge() {
        let svg = picture(&Secret::new("otpauth://totp/x:y?secret=AAAA".to_owned())).unwrap();
        assert!(svg.starts_with("<svg ") && svg.contains("aria-label"), "{svg}");
        assert!(!svg.contains("otpauth") && !svg.contains("style="), "{svg}");
        assert!(svg.contains("M4 4h1") && !svg.contains("M3 4h1"), "{svg}");
        assert!(picture(&Secret::new("x".repeat(3000))).is_none());
    }
}
