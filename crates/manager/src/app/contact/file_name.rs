//! What a stranger calls a file.

/// The most characters that a name keeps.
const LONGEST: usize = 120;

/// The last part of the name, without what deceives a reader or a file system. Nothing is ever written to a path of
/// this name; it is shown, and it names a member of the package.
pub(crate) fn harmless(raw: &str) -> String {
    let last = raw.rsplit(['/', '\\']).next().unwrap_or_default();
    // Control characters and those that turn the direction of writing deceive whoever reads the name.
    let deceives = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let kept: String = last
        .chars()
        .filter(|c| !deceives(*c))
        .map(|c| if "<>:\"|?*".contains(c) { '_' } else { c })
        .collect();
    let kept = kept.trim().trim_start_matches('.').trim_end_matches(['.', ' ']);
    let (stem, extension) = match kept.rsplit_once('.') {
        Some((stem, extension)) => (stem.trim(), Some(extension)),
        None => (kept, None),
    };
    let stem: String = stem.chars().take(LONGEST).collect();
    let stem = if stem.is_empty() { "file".to_owned() } else { stem };
    match extension {
        Some(extension) => {
            let extension: String = extension.chars().take(16).collect();
            format!("{stem}.{extension}")
        }
        None => stem,
    }
}

/// The name, made different from those that are taken.
pub(super) fn unlike(name: &str, taken: &[String]) -> String {
    let same = |candidate: &str| taken.iter().any(|other| other.eq_ignore_ascii_case(candidate));
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    (1..=taken.len() + 1)
        .map(|number| match (number, extension) {
            (1, _) => name.to_owned(),
            (number, "") => format!("{stem} ({number})"),
            (number, extension) => format!("{stem} ({number}).{extension}"),
        })
        .find(|candidate| !same(candidate))
        .unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_what_is_harmless() {
        let long = format!("{}.csv", "a".repeat(500));
        let table = [
            ("data.csv", "data.csv"),
            ("C:\\Users\\me\\data.csv", "data.csv"),
            ("../../etc/passwd.txt", "passwd.txt"),
            ("a\u{202e}fdp.exe", "afdp.exe"),
            ("line\r\nbreak.pdf", "linebreak.pdf"),
            ("\"quoted\".pdf", "_quoted_.pdf"),
            (".htaccess", "htaccess"),
            ("..pdf", "pdf"),
            (" spaced .pdf ", "spaced.pdf"),
            ("Prüfbericht – Ada.pdf", "Prüfbericht – Ada.pdf"),
            ("", "file"),
            ("...", "file"),
        ];
        for (raw, name) in table {
            assert_eq!(harmless(raw), name, "{raw}");
        }
        assert_eq!(harmless(&long).chars().count(), LONGEST + 4);
    }

    #[test]
    fn two_files_of_one_name_are_told_apart() {
        let taken = ["a.csv".to_owned(), "A (2).csv".to_owned(), "b".to_owned()];
        assert_eq!(unlike("a.csv", &taken), "a (3).csv");
        assert_eq!(unlike("b", &taken), "b (2)");
        assert_eq!(unlike("c.pdf", &taken), "c.pdf");
    }
}
