//! Names of members in an archive: plain, short, and no two alike on any file system.

use std::collections::HashSet;

use crate::DataSource;

/// The longest name of a file, in characters.
const LONGEST: usize = 80;

/// The names that were given already.
#[derive(Default)]
pub(super) struct MemberNames {
    given: HashSet<String>,
}

impl MemberNames {
    /// For the records of an object.
    pub(super) fn records(&mut self, source: DataSource, object: &str) -> String {
        self.unique(source, &plain(object), ".ndjson")
    }

    /// For a file that a team brought.
    pub(super) fn file(&mut self, source: DataSource, name: &str) -> String {
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "bin"));
        let extension: String = extension.chars().filter(char::is_ascii_alphanumeric).take(10).collect();
        self.unique(source, &plain(stem), &format!(".{extension}"))
    }

    fn unique(&mut self, source: DataSource, stem: &str, extension: &str) -> String {
        let mut name = format!("{source}/{stem}{extension}");
        for number in 2.. {
            // `Profile` and `profile` are one file in many places.
            if self.given.insert(name.to_lowercase()) {
                break;
            }
            name = format!("{source}/{stem}-{number}{extension}");
        }
        name
    }
}

fn plain(name: &str) -> String {
    let name: String = name
        .trim()
        .chars()
        .take(LONGEST)
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    let name = name.trim_matches('.');
    // Windows keeps some names for itself, with any extension.
    let device = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let devices = ["con", "prn", "aux", "nul"];
    let numbered = device.len() == 4 && (device.starts_with("com") || device.starts_with("lpt"));
    match name {
        "" => "object".to_owned(),
        _ if numbered || devices.contains(&device.as_str()) => format!("_{name}"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_no_two_are_alike() {
        // SEC-39
        let mut names = MemberNames::default();
        for (object, name) in [
            ("profile", "marketing/profile.ndjson"),
            ("Profile", "marketing/Profile-2.ndjson"),
            ("profile", "marketing/profile-3.ndjson"),
            ("../../etc/passwd", "marketing/_.._etc_passwd.ndjson"),
            ("a b/ü", "marketing/a_b__.ndjson"),
            ("...", "marketing/object.ndjson"),
            ("NUL", "marketing/_NUL.ndjson"),
            ("com1.x", "marketing/_com1.x.ndjson"),
        ] {
            assert_eq!(names.records(DataSource::Marketing, object), name);
        }
        assert_eq!(names.file(DataSource::Tse, "tickets.csv"), "tse/tickets.csv");
        assert_eq!(names.file(DataSource::Tse, "tickets.csv"), "tse/tickets-2.csv");
        assert_eq!(names.file(DataSource::Tse, "x.a/b c"), "tse/x.abc");
        let long = names.records(DataSource::Tse, &"n".repeat(300));
        assert_eq!(long.len(), "tse/.ndjson".len() + 80);
    }
}
