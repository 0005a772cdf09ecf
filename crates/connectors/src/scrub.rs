//! Takes personal and secret values out of texts that vendors write: their error messages like to echo what was sent.

/// No message of a vendor is kept longer than this many characters.
const LONGEST_TEXT: usize = 300;

/// What stands where something was taken out.
const REMOVED: &str = "[removed]";

/// `text` on one line, without the `known` values (in any letter case, plain or percent-encoded), without anything
/// that looks like an e-mail address, and cut to a length that fits a log line.
pub(crate) fn text(text: &str, known: &[&str]) -> String {
    let mut text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    for value in known.iter().filter(|value| !value.is_empty()) {
        text = without(&text, value);
        let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
        if encoded != **value {
            text = without(&text, &encoded);
        }
    }
    let words: Vec<&str> = text
        .split_whitespace()
        .map(|word| if looks_like_an_address(word) { REMOVED } else { word })
        .collect();
    let text = words.join(" ");
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// `value` if it is a short technical word (letters, digits, `_`, `-`, `.`) and none of the `known` values.
pub(crate) fn word(value: &str, known: &[&str]) -> Option<String> {
    let technical = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let fits = !value.is_empty() && value.len() <= 64 && value.chars().all(technical);
    (fits && !known.iter().any(|known| contains(value, known))).then(|| value.to_owned())
}

fn without(text: &str, value: &str) -> String {
    let mut rest = text;
    let mut kept = String::with_capacity(text.len());
    while let Some((start, end)) = find(rest, value) {
        kept.push_str(rest.get(..start).unwrap_or_default());
        kept.push_str(REMOVED);
        rest = rest.get(end..).unwrap_or_default();
    }
    kept.push_str(rest);
    kept
}

fn contains(text: &str, value: &str) -> bool {
    !value.is_empty() && find(text, value).is_some()
}

/// Where `value` first stands in `text`, letter case aside, as byte positions in `text`.
fn find(text: &str, value: &str) -> Option<(usize, usize)> {
    text.char_indices().find_map(|(start, _)| {
        let mut there = text.get(start..)?.char_indices();
        let mut end = start;
        for wanted in value.chars() {
            let (offset, found) = there.next()?;
            if !found.to_lowercase().eq(wanted.to_lowercase()) {
                return None;
            }
            end = start + offset + found.len_utf8();
        }
        Some((start, end))
    })
}

fn looks_like_an_address(word: &str) -> bool {
    let word = word.replace("%40", "@");
    word.split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values_go_in_any_case_and_encoding() {
        let known = ["Ada+1@Example.test", "visitor 7"];
        let table = [
            ("no data for ada+1@example.TEST here", "no data for [removed] here"),
            (
                "GET /x?identifier=Ada%2B1%40Example.test failed",
                "GET /x?identifier=[removed] failed",
            ),
            ("unknown id VISITOR 7, visitor+7", "unknown id [removed], [removed]"),
            ("two lines\r\nand \u{1b}[31mcolour", "two lines and [31mcolour"),
            ("somebody.else@example.test is unknown", "[removed] is unknown"),
        ];
        for (said, kept) in table {
            assert_eq!(text(said, &known), kept);
        }
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let cut = text(&"ä".repeat(1_000), &[]);
        assert_eq!(cut.chars().count(), LONGEST_TEXT + 1);
    }

    #[test]
    fn only_technical_words_pass_as_words() {
        assert_eq!(word("invalid_identifier", &["x9"]), Some("invalid_identifier".into()));
        assert_eq!(word("ada@example.test", &[]), None);
        assert_eq!(word("user_x9_unknown", &["X9"]), None);
        assert_eq!(word("", &[]), None);
        assert_eq!(word(&"a".repeat(65), &[]), None);
    }
}
