//! Reading the tags of pages that we wrote ourselves: well-formed, no script.

/// A tag as it stands in the page.
#[derive(Debug)]
pub(super) struct Tag<'a> {
    /// In lower case; an end tag's begins with `/`.
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    /// What follows, up to the next tag.
    pub(super) text: &'a str,
}

impl Tag<'_> {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(attribute, _)| attribute == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }
}

/// All tags, in their order.
pub(super) fn tags(html: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let (inside, after) = split_tag(after);
        let text = after.split('<').next().unwrap_or_default();
        let name_end = inside
            .find(|letter: char| letter.is_ascii_whitespace())
            .unwrap_or(inside.len());
        let (name, attributes) = inside.split_at(name_end);
        tags.push(Tag {
            name: name.trim_end_matches('/').to_ascii_lowercase(),
            attributes: read_attributes(attributes),
            text,
        });
        rest = after;
    }
    tags
}

/// The words of a page.
pub(super) fn text(html: &str) -> String {
    let words: Vec<String> = tags(html)
        .iter()
        .filter(|tag| !matches!(tag.name.as_str(), "style" | "script" | "head" | "title"))
        .map(|tag| decoded(tag.text))
        .collect();
    words.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of the first element of this name.
pub(super) fn element_text(html: &str, name: &str) -> Option<String> {
    let tags = tags(html);
    let inside = tags.iter().skip_while(|tag| tag.name != name);
    let end = format!("/{name}");
    let words: Vec<String> = inside
        .take_while(|tag| tag.name != end)
        .map(|tag| decoded(tag.text))
        .collect();
    let text = words.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

/// A tag's inside and what comes after it; `>` may stand in a quoted value.
fn split_tag(text: &str) -> (&str, &str) {
    let mut quote = None;
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, '>') => {
                let (inside, after) = text.split_at(at);
                return (inside, after.get(1..).unwrap_or_default());
            }
            _ => {}
        }
    }
    (text, "")
}

fn read_attributes(text: &str) -> Vec<(String, String)> {
    let mut attributes = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = rest
            .find(|letter: char| letter == '=' || letter.is_ascii_whitespace())
            .unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let name = name.trim_end_matches('/').to_ascii_lowercase();
        let after = after.trim_start();
        let (value, after) = match after.strip_prefix('=') {
            Some(after) => read_value(after.trim_start()),
            None => ("", after),
        };
        if !name.is_empty() {
            attributes.push((name, decoded(value)));
        }
        // A stray sign must not stop the reading.
        rest = if end == 0 && after.len() == rest.len() {
            ""
        } else {
            after.trim_start()
        };
    }
    attributes
}

fn read_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inside) = text.strip_prefix(quote) {
            return inside.split_once(quote).unwrap_or((inside, ""));
        }
    }
    let end = text
        .find(|letter: char| letter.is_ascii_whitespace())
        .unwrap_or(text.len());
    text.split_at(end)
}

/// Text without character references.
pub(super) fn decoded(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        let known = after
            .split_once(';')
            .and_then(|(name, after)| Some((reference(name)?, after)));
        let (letter, after) = known.unwrap_or(('&', after));
        decoded.push(letter);
        rest = after;
    }
    decoded + rest
}

fn reference(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let number = name.strip_prefix('#')?;
            let number = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(number)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_quoted_or_not() {
        let tags = tags("<!-- <input> --><input type=hidden name='a>b' value=\"1 &amp; &#50; &#x33;\" required/>x<br>");
        let input = tags.first().unwrap();
        assert_eq!(input.name, "input");
        assert_eq!(input.attribute("name"), Some("a>b"));
        assert_eq!(input.attribute("value"), Some("1 & 2 3"));
        assert_eq!(input.attribute("type"), Some("hidden"));
        assert!(input.has("required"));
        assert_eq!(input.text, "x");
    }

    #[test]
    fn a_page_is_words() {
        let html = "<head><title>T</title></head><body><h1>Log <b>in</b></h1><p>a &lt;b&gt; &unknown; c</p></body>";
        assert_eq!(text(html), "Log in a <b> &unknown; c");
        assert_eq!(element_text(html, "h1").as_deref(), Some("Log in"));
        assert_eq!(element_text(html, "h2"), None);
    }
}
