//! Names of members: what an archive calls its files is an enemy's text.

/// A relative path with `/`, without empty parts, `.` and `..`; or why the name is refused. Nothing is ever written to a
/// path of this name: refusing shows that somebody tried.
pub(super) fn safe(raw: &str) -> Result<String, &'static str> {
    if raw.chars().count() > 1_000 {
        return Err("a name in it is longer than 1000 characters");
    }
    if raw.contains('\0') {
        return Err("a name in it holds a NUL character");
    }
    // Archives made on Windows may separate by backslashes.
    let path = raw.replace('\\', "/");
    let drive = path.split_once(':').is_some_and(|(before, _)| before.len() == 1);
    if path.starts_with('/') || drive {
        return Err("a name in it is an absolute path");
    }
    let parts: Vec<&str> = path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    if parts.contains(&"..") {
        return Err("a name in it leads out of its folder");
    }
    if parts.is_empty() {
        return Err("a name in it is empty");
    }
    // Control characters and those that turn the direction of writing deceive whoever reads the name.
    let deceives = |c: char| {
        c.is_control() || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    Ok(parts
        .join("/")
        .chars()
        .map(|c| if deceives(c) { '\u{fffd}' } else { c })
        .collect())
}

/// The folder and the last part of a safe name.
pub(super) fn split(member: &str) -> (Option<&str>, &str) {
    match member.rsplit_once('/') {
        Some((folder, name)) => (Some(folder), name),
        None => (None, member),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // CL-26
    #[test]
    fn names_that_lead_astray_are_refused() {
        for name in [
            "../x",
            "a/../../x",
            "a/..",
            "..\\x",
            "/etc/passwd",
            "\\x",
            "C:\\x",
            "c:x",
            "a\0b",
            "",
            "/",
            ".",
            "./",
            "a/../b",
        ] {
            assert!(safe(name).is_err(), "{name:?}");
        }
        assert!(safe(&"a".repeat(1_001)).is_err());
    }

    #[test]
    fn other_names_are_written_in_one_way() {
        let table = [
            ("app_backend/profile.ndjson", "app_backend/profile.ndjson"),
            ("./a//b.csv", "a/b.csv"),
            ("a\\b.csv", "a/b.csv"),
            ("..a/b..", "..a/b.."),
            ("a\u{202e}gpj.exe", "a\u{fffd}gpj.exe"),
            ("line\nbreak", "line\u{fffd}break"),
            ("12:30.txt", "12:30.txt"),
        ];
        for (raw, name) in table {
            assert_eq!(safe(raw).unwrap(), name);
        }
    }
}
