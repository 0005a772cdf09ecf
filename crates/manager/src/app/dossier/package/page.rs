//! The package's readable page: one HTML file without script, which loads nothing.

use privacy::dossier::Record;

use super::writer::Contents;

/// What the page shows of one object at most; the table beside it has all.
pub(super) const SHOWN_RECORDS: usize = 200;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d2330;\
background:#fff}h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.5rem;border-bottom:1px solid #d5d9e2}\
table{border-collapse:collapse;width:100%;margin:1rem 0}td,th{text-align:left;vertical-align:top;padding:.25rem .75rem \
.25rem 0;border-bottom:1px solid #eceef3;overflow-wrap:anywhere}th{width:35%;font-weight:600}.quiet{color:#5b6478}\
@media(prefers-color-scheme:dark){body{background:#14171f;color:#e6e9f0}td,th,h2{border-color:#333a48}.quiet{color:#9aa3b5}\
a{color:#8ab4ff}}";

/// The page up to its first object.
pub(super) fn head(contents: &Contents<'_>) -> String {
    let reference = escaped(&contents.reference);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>Your data, {reference}</title>\
         <style>{STYLE}</style></head><body>\n<h1>Your data</h1>\n\
         <p>This is the answer to your request <strong>{reference}</strong>, received on {} and prepared on {}.</p>\n",
        date(contents.received_at),
        date(contents.made_at)
    );
    page.push_str(if contents.is_empty {
        "<p>No data about you was found, or none that can be handed over.</p>\n"
    } else {
        "<p>Each part below is also a table in the folder <em>data</em>, which a spreadsheet opens; <em>dossier.json</em> \
         holds everything for programs.</p>\n"
    });
    page
}

/// The beginning of an object.
pub(super) fn object(name: &str, source: Option<&str>, records: u64, member: Option<&str>) -> String {
    let source = source.map_or_else(String::new, |source| format!(" · from {}", escaped(source)));
    let table = member.map_or_else(String::new, |member| {
        format!(" · <a href=\"{0}\">{0}</a>", escaped(member))
    });
    let records = match records {
        0 => String::new(),
        1 => "1 record".to_owned(),
        many => format!("{many} records"),
    };
    format!(
        "<h2>{}</h2>\n<p class=\"quiet\">{records}{source}{table}</p>\n",
        escaped(name)
    )
}

/// A record.
pub(super) fn record(record: &Record) -> String {
    let mut html = "<table>".to_owned();
    for field in &record.fields {
        html.push_str("<tr><th scope=\"row\">");
        html.push_str(&escaped(&field.path.text()));
        html.push_str("</th><td>");
        html.push_str(&escaped(&field.value.reveal().to_cell()));
        html.push_str("</td></tr>");
    }
    html.push_str("</table>\n");
    html
}

/// What is not shown here.
pub(super) fn more(left: u64, member: &str) -> String {
    let member = escaped(member);
    format!("<p class=\"quiet\">{left} more in <a href=\"{member}\">{member}</a>.</p>\n")
}

/// A file.
pub(super) fn file(name: &str, member: &str, bytes: u64) -> String {
    let (name, member) = (escaped(name), escaped(member));
    format!("<p><a href=\"{member}\">{name}</a> <span class=\"quiet\">{bytes} bytes</span></p>\n")
}

/// The end.
pub(super) const TAIL: &str = "</body></html>\n";

fn date(at: jiff::Timestamp) -> String {
    at.strftime("%-d %B %Y").to_string()
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if c.is_control() && c != '\n' && c != '\t' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
