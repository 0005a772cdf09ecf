//! Cells of tables that people open in a spreadsheet.

/// The cell's text, made harmless: a spreadsheet takes what begins with `=`, `+`, `-`, `@`, a tab or a line break for a
/// formula, and an apostrophe in front makes it text (SEC-32). Plain numbers stay numbers.
pub(crate) fn harmless(text: &str) -> String {
    let begins_badly = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '|', '%']);
    let is_number = text.len() <= 40 && text.parse::<f64>().is_ok_and(f64::is_finite);
    if begins_badly && !is_number {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text_and_numbers_stay_numbers() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("+49 30 1", "'+49 30 1"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("-12.5", "-12.5"),
            ("+1", "+1"),
            ("-inf", "'-inf"),
            ("ada", "ada"),
            ("", ""),
        ] {
            assert_eq!(harmless(text), cell, "{text:?}");
        }
    }
}
