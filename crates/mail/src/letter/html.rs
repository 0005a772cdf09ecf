//! The same mail for readers of HTML: nothing that is fetched from elsewhere, nothing that counts who reads it.

use std::fmt::Write as _;

use super::render::Rendered;
use crate::Language;

const BODY: &str = "margin:0;padding:24px 16px;background:#ffffff;color:#1c1b1f;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const LINK: &str = "color:#1d4ed8;word-break:break-all";
const NOTE: &str = "margin:32px 0 0;padding:16px 0 0;border-top:1px solid #d4d4d8;color:#52525b;font-size:14px";

/// A page of the mail's paragraphs. Only the paragraph that is `link` becomes one: what people have written does not.
pub(super) fn page(mail: &Rendered, language: Language, link: Option<&str>) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n</head>\n\
         <body style=\"{BODY}\">\n<div style=\"max-width:36em;margin:0 auto\">\n",
        escape(&mail.subject)
    );
    for paragraph in &mail.paragraphs {
        let text = escape(paragraph);
        if link == Some(paragraph.as_str()) {
            writeln!(page, "<p><a href=\"{text}\" style=\"{LINK}\">{text}</a></p>").ok();
        } else {
            writeln!(page, "<p>{text}</p>").ok();
        }
    }
    for paragraph in &mail.note {
        writeln!(page, "<p style=\"{NOTE}\">{}</p>", escape(paragraph)).ok();
    }
    page.push_str("</div>\n</body>\n</html>\n");
    page
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' => escaped.push_str("<br>\n"),
            other => escaped.push(other),
        }
    }
    escaped
}
