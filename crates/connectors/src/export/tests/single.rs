use std::io::Cursor;

use super::archives::{Notes, replace, stored, zip};
use crate::export::{Limits, is_export, read_single};

fn lines(name: &str, content: &[u8]) -> Vec<String> {
    let mut notes = Notes::default();
    read_single(Cursor::new(content), name, &Limits::default(), &mut notes).unwrap();
    notes.lines
}

#[test]
fn a_file_that_came_by_itself_is_read_as_what_it_is() {
    let table: [(&str, &[u8], &[&str]); 6] = [
        (
            "people.csv",
            b"id,name\n7,Ada\n",
            &["object - people Csv", r#"{"id":7,"name":"Ada"}"#, "end 1 2"],
        ),
        (
            "a.b.json",
            br#"[{"a": 1}]"#,
            &["object - a.b Json", r#"{"a":1}"#, "end 1 1"],
        ),
        ("note.txt", b"hello", &["file - note.txt 5", "hello"]),
        (
            "bad.json",
            b"{\"a\":",
            &[
                "object - bad Json",
                "abandon",
                "file - bad.json 5 unreadable",
                "{\"a\":",
            ],
        ),
        // A heading without lines is kept as it was sent, not dropped.
        (
            "empty.csv",
            b"id,name\n",
            &[
                "object - empty Csv",
                "abandon",
                "file - empty.csv 8 unreadable",
                "id,name\n",
            ],
        ),
        (
            "uneven.tsv",
            b"a\tb\n1\n",
            &[
                "object - uneven Tsv",
                "abandon",
                "file - uneven.tsv 6 unreadable",
                "a\tb\n1\n",
            ],
        ),
    ];
    for (name, content, expected) in table {
        assert_eq!(lines(name, content), expected, "{name}");
    }
}

#[test]
fn an_archive_is_an_export_only_if_it_says_so_and_can_be_read_whole() {
    let manifest = br#"{"version": 1, "members": [{"name": "a.json", "records": 1}]}"#;
    let export = zip([("manifest.json", &manifest[..]), ("a.json", b"{}")]);
    assert!(is_export(Cursor::new(&export), &Limits::default()));
    let wrong_count = zip([("manifest.json", &manifest[..]), ("a.json", b"[{},{}]")]);
    assert!(!is_export(Cursor::new(&wrong_count), &Limits::default()));
    let plain = zip([("a.json", &b"{}"[..])]);
    assert!(!is_export(Cursor::new(&plain), &Limits::default()));
    assert!(!is_export(Cursor::new(b"PK\x03\x04 and nothing"), &Limits::default()));
    // CL-26
    let mut hostile = stored([("manifest.json", &manifest[..]), ("a.json", b"{}")]);
    replace(&mut hostile, b"a.json", b"../jso");
    assert!(!is_export(Cursor::new(&hostile), &Limits::default()));
}
