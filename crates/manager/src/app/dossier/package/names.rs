//! Names of the package's members.

use std::collections::BTreeSet;

/// Gives every member a name of its own that is harmless on every system (SEC-39): letters, digits, `.`, `-` and `_`.
#[derive(Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// `folder/NN-stem.extension`, with what is left of `name` as its stem.
    pub(super) fn table(&mut self, folder: &str, number: usize, name: &str, extension: &str) -> String {
        let name = last_part(name);
        let stem = harmless(name.rsplit_once('.').map_or(name, |(stem, _)| stem));
        self.free(&format!("{folder}/{number:02}-{stem}"), extension)
    }

    /// `folder/NN-name`, the name's own extension kept.
    pub(super) fn file(&mut self, folder: &str, number: usize, name: &str) -> String {
        let name = last_part(name);
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        let extension: String = extension.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
        self.free(
            &format!("{folder}/{number:02}-{}", harmless(stem)),
            &extension.to_ascii_lowercase(),
        )
    }

    fn free(&mut self, stem: &str, extension: &str) -> String {
        let dot = if extension.is_empty() { "" } else { "." };
        let mut name = format!("{stem}{dot}{extension}");
        let mut count = 1;
        while !self.0.insert(name.to_ascii_lowercase()) {
            count += 1;
            name = format!("{stem}-{count}{dot}{extension}");
        }
        name
    }
}

fn last_part(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

fn harmless(name: &str) -> String {
    let name: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
                c
            } else {
                '-'
            }
        })
        .take(60)
        .collect();
    let name = name.trim_matches('-');
    if name.is_empty() {
        "data".to_owned()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_have_harmless_names_of_their_own() {
        let mut names = Names::default();
        assert_eq!(names.table("data", 1, "profile", "csv"), "data/01-profile.csv");
        assert_eq!(names.table("data", 1, "Profile", "csv"), "data/01-Profile-2.csv");
        assert_eq!(names.table("data", 2, "../../etc/passwd", "csv"), "data/02-passwd.csv");
        assert_eq!(names.file("files", 3, "CON\u{202e}gpj.exe"), "files/03-CON-gpj.exe");
        assert_eq!(names.file("files", 4, "…"), "files/04-data");
        assert_eq!(names.file("files", 5, "a.b/../c.PDF"), "files/05-c.pdf");
    }
}
