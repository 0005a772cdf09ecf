use std::io::{Cursor, Write as _};

use serde_json::json;
use sha2::{Digest as _, Sha256};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::archives::{Notes, read, read_within, zip};
use crate::export::{ExportError, Found, Limits, read_export, s3::hex};

/// What one member becomes.
fn member(name: &str, content: &[u8]) -> Vec<String> {
    let (found, lines) = read(&zip([(name, content)]));
    found.unwrap();
    lines
}

#[test]
fn members_of_records_become_objects() {
    let table: [(&str, &str, &[&str]); 17] = [
        (
            "app/profile.json",
            r#"{"a": 1, "b": "x y"}"#,
            &["object app profile Json", r#"{"a":1,"b":"x y"}"#, "end 1 2"],
        ),
        (
            "profile.json",
            r#"[{"a":1}, {"a":2,"c":null}]"#,
            &["object - profile Json", r#"{"a":1}"#, r#"{"a":2,"c":null}"#, "end 2 2"],
        ),
        ("e.json", "[]", &["object - e Json", "end 0 0"]),
        ("e.json", "\u{feff} [ ]\n", &["object - e Json", "end 0 0"]),
        ("v.json", "42", &["object - v Json", "42", "end 1 1"]),
        (
            "n.ndjson",
            "{\"a\":1}\n\n{\"a\":[1,2]}\n",
            &["object - n Ndjson", r#"{"a":1}"#, r#"{"a":[1,2]}"#, "end 2 2"],
        ),
        ("n.jsonl", "", &["object - n Ndjson", "end 0 0"]),
        (
            "lines.json",
            "{\"a\":1}\n{\"a\":2}",
            &["object - lines Json", r#"{"a":1}"#, r#"{"a":2}"#, "end 2 1"],
        ),
        (
            "big.json",
            r#"{"z":12345678901234567890123,"a":1.10}"#,
            &[
                "object - big Json",
                r#"{"z":12345678901234567890123,"a":1.10}"#,
                "end 1 2",
            ],
        ),
        (
            "t.csv",
            "id,name\n7,Ada\n007,\"a, \"\"b\"\"\"\n",
            &[
                "object - t Csv",
                r#"{"id":7,"name":"Ada"}"#,
                r#"{"id":"007","name":"a, \"b\""}"#,
                "end 2 2",
            ],
        ),
        (
            "t.csv",
            "\u{feff}id;name\r\n1;x,y\r\n",
            &["object - t Csv", r#"{"id":1,"name":"x,y"}"#, "end 1 2"],
        ),
        ("t.CSV", "id,name\n", &["object - t Csv", "end 0 2"]),
        ("t.csv", "", &["object - t Csv", "end 0 0"]),
        (
            "t.tsv",
            "a\tb\ntrue\t1.5\n",
            &["object - t Tsv", r#"{"a":true,"b":1.5}"#, "end 1 2"],
        ),
        ("a/b/.json", "{}", &["object a/b .json Json", "{}", "end 1 1"]),
        (
            "pretty.ndjson",
            "{\n \"a\": 1\n}\n{\"a\": 2}",
            &["object - pretty Ndjson", r#"{"a":1}"#, r#"{"a":2}"#, "end 2 1"],
        ),
        (
            "x.ndjson",
            "\"one\"\n\"two\"",
            &["object - x Ndjson", "\"one\"", "\"two\"", "end 2 1"],
        ),
    ];
    for (name, content, expected) in table {
        assert_eq!(member(name, content.as_bytes()), expected, "{name} {content}");
    }
}

#[test]
fn lists_within_a_record_are_fields_of_it_and_no_objects_or_records_of_their_own() {
    // The last number of an end counts the different fields: `orders[*].id` is one, however many orders there are.
    let table: [(&str, &str, &str); 9] = [
        (
            "a.json",
            r#"{"id":1,"orders":[{"id":7,"total":2},{"id":8,"gift":true}]}"#,
            "end 1 4",
        ),
        ("a.json", r#"{"data":[{"a":1},{"a":2}],"total":2}"#, "end 1 2"),
        (
            "a.json",
            r#"{"page":{"rows":[{"a":1},{"b":[{"c":1},{"c":2}]}]}}"#,
            "end 1 2",
        ),
        ("a.json", r#"{"mixed":[{"a":1},"text",3,null,[{"a":1}]]}"#, "end 1 3"),
        ("a.json", r#"{"none":[],"nothing":{},"both":[{},[]]}"#, "end 1 3"),
        (
            "a.json",
            r#"[{"tags":[{"name":"x"}]},{"tags":[{"name":"y","of":[{"id":1}]}]}]"#,
            "end 2 2",
        ),
        ("a.json", r#"[[{"a":1},{"a":2}],[{"b":1}]]"#, "end 2 2"),
        (
            "a.ndjson",
            "{\"o\":[{\"a\":1}]}\n{\"o\":[{\"a\":2},{\"b\":3}]}\n",
            "end 2 2",
        ),
        ("a.csv", "id,orders\n1,\"[{\"\"id\"\":7},{\"\"id\"\":8}]\"\n", "end 1 2"),
    ];
    for (name, content, end) in table {
        let lines = member(name, content.as_bytes());
        let (head, rest) = lines.split_first().unwrap();
        let (last, records) = rest.split_last().unwrap();
        assert!(head.starts_with("object - a "), "{content}: {head}");
        assert_eq!(last, end, "{content}");
        assert_eq!(
            lines.iter().filter(|line| line.starts_with("object")).count(),
            1,
            "{content}"
        );
        // Every record is whole, word for word, whatever its shape.
        if name == "a.json" && content.starts_with('{') {
            assert_eq!(records, [content]);
        }
        if name == "a.ndjson" {
            assert_eq!(records.join("\n"), content.trim_end());
        }
    }
}

#[test]
fn what_is_no_record_stays_a_file_and_is_never_dropped() {
    let table: [(&str, &[u8], &[&str]); 6] = [
        ("readme.txt", b"hello", &["file - readme.txt 5", "hello"]),
        ("a/photo", b"\x89PNG", &["file a photo 4", "\u{fffd}PNG"]),
        ("inner.zip", b"PK\x03\x04", &["file - inner.zip 4", "PK\u{3}\u{4}"]),
        ("rows.json.gz", b"x", &["file - rows.json.gz 1", "x"]),
        ("empty.bin", b"", &["file - empty.bin 0", ""]),
        ("config.yaml", b"a: 1", &["file - config.yaml 4", "a: 1"]),
    ];
    for (name, content, expected) in table {
        assert_eq!(member(name, content), expected, "{name}");
    }
    let unreadable: [(&str, &[u8]); 10] = [
        ("a.json", b""),
        ("a.json", b"{\"a\":"),
        ("a.json", b"[1,2] and more"),
        ("a.json", b"[1,2"),
        ("a.json", b"\"\\ud800\""),
        ("a.json", b"\"\xff\""),
        ("a.ndjson", b"{\"a\":1}\nno json"),
        ("a.csv", b"a,b\n1,2\n1,2,3\n"),
        ("a.csv", b"a,b\n1,\xff\n"),
        ("a.csv", b"\xff\xfea\0,\0b\0"),
    ];
    for (name, content) in unreadable {
        let lines = member(name, content);
        let tail = &lines[lines.len() - 3..];
        assert_eq!(tail[0], "abandon", "{name} {content:?}");
        assert_eq!(tail[1], format!("file - {name} {} unreadable", content.len()));
        assert_eq!(tail[2], String::from_utf8_lossy(content));
    }
}

#[test]
fn deep_and_endless_records_are_kept_as_files() {
    let deep = "[".repeat(100_000);
    let endless = format!("{{\"a\":\"{}\"}}", "x".repeat(400_000));
    let row = format!("a\n\"{}", "x".repeat(400_000));
    let limits = Limits {
        max_record: 100_000,
        max_ratio: u64::MAX,
        ..Limits::default()
    };
    for (name, content) in [
        ("a.json", &deep),
        ("a.ndjson", &endless),
        ("a.json", &endless),
        ("a.csv", &row),
    ] {
        let (found, lines) = read_within(&zip([(name, content.as_bytes())]), &limits);
        assert_eq!(found.unwrap().files, 1, "{name}");
        assert!(lines.iter().any(|line| line.ends_with("unreadable")), "{name}");
    }
    // Many records that are short each are no endless one.
    let many = "{\"a\":\"some words\"}\n".repeat(100_000);
    let (found, _) = read_within(&zip([("a.ndjson", many.as_bytes())]), &limits);
    assert_eq!(found.unwrap().records, 100_000);
}

#[test]
fn the_sums_and_the_hash_are_those_of_the_archive() {
    let archive = zip([
        (
            "app/profile.json",
            br#"{"email":"ada@example.test","tags":["a"]}"#.as_slice(),
        ),
        ("app/orders.csv", b"id,total\n1,2\n2,3\n"),
        ("notes.txt", b"hello"),
    ]);
    let (found, _) = read(&archive);
    let expected = Found {
        objects: 2,
        records: 3,
        fields: 4,
        files: 1,
        bytes: 41 + 17 + 5,
        sha256: hex(&Sha256::digest(&archive)),
        request_id: None,
    };
    assert_eq!(found.unwrap(), expected);
}

#[test]
fn an_archive_that_was_written_as_a_stream_is_read_alike() {
    let mut writer = ZipWriter::new_stream(Vec::new());
    for (name, content) in [
        ("app/a.ndjson", "{\"a\":1}\n".repeat(1_000)),
        ("b.txt", "hello".to_owned()),
    ] {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    let (found, _) = read(&writer.finish().unwrap().into_inner());
    let found = found.unwrap();
    assert_eq!((found.objects, found.records, found.files), (1, 1_000, 1));
}

#[test]
fn an_empty_archive_holds_nothing() {
    let (found, lines) = read(&zip([]));
    assert!(found.unwrap().is_nothing());
    assert!(lines.is_empty());
}

/// An archive as our provider writes it, with a chance to spoil the manifest.
fn listed(spoil: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
    let rows = b"{\"a\":1}\n{\"a\":2}\n";
    let picture = b"\x89PNG";
    let mut manifest = json!({"version": 1, "request_id": 7, "members": [
        {"name": "app_backend/profile.ndjson", "object": "Profile", "data_source": "app", "format": "ndjson", "records": 2, "sha256": hex(&Sha256::digest(rows))},
        {"name": "files/1", "object": "avatar", "data_source": "app", "format": "file", "sha256": hex(&Sha256::digest(picture)).to_uppercase()},
    ]});
    spoil(&mut manifest);
    let manifest = manifest.to_string();
    zip([
        ("app_backend/profile.ndjson", rows.as_slice()),
        ("files/1", picture),
        ("manifest.json", manifest.as_bytes()),
    ])
}

#[test]
fn a_manifest_names_the_members_and_is_none_itself() {
    let (found, lines) = read(&listed(|_| {}));
    assert_eq!(found.unwrap().request_id.as_deref(), Some("7"));
    let expected = [
        "object app Profile Ndjson",
        r#"{"a":1}"#,
        r#"{"a":2}"#,
        "end 2 1",
        "file app 1 4",
        "\u{fffd}PNG",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_manifest_that_disagrees_is_refused() {
    type Spoil = fn(&mut serde_json::Value);
    let table: [(&str, Spoil); 5] = [
        ("another number of records", |manifest| {
            manifest["members"][0]["records"] = json!(3);
        }),
        ("another SHA-256", |manifest| {
            manifest["members"][0]["sha256"] = json!("00");
        }),
        ("is missing", |manifest| {
            manifest["members"][1]["name"] = json!("files/2");
        }),
        ("lists a member twice", |manifest| {
            manifest["members"][1]["name"] = json!("app_backend/profile.ndjson");
        }),
        ("for another job", |manifest| manifest["request_id"] = json!("8")),
    ];
    for (reason, spoil) in table {
        let error = read(&listed(spoil)).0.unwrap_err();
        assert!(
            matches!(&error, ExportError::Manifest { reason: why } if why.contains(reason)),
            "{reason}: {error}"
        );
        assert_eq!(error.code(), "export_refused");
    }
}

#[test]
fn a_listed_member_that_is_no_record_a_line_is_kept_as_a_file() {
    for rows in ["{\n\"a\":1\n}\n", "{\"a\":1}{\"a\":2}\n", "plain words\n"] {
        let lines = rows.lines().count();
        let manifest = json!({"version": 1, "members": [{"name": "a.ndjson", "format": "ndjson", "records": lines}]});
        let manifest = manifest.to_string();
        let (found, _) = read(&zip([
            ("a.ndjson", rows.as_bytes()),
            ("manifest.json", manifest.as_bytes()),
        ]));
        assert_eq!(found.unwrap().files, 1, "{rows}");
    }
}

#[test]
fn somebody_elses_manifest_is_a_member_like_others() {
    for content in [
        r#"{"version":2,"members":[]}"#,
        r#"{"name":"x"}"#,
        r#"{"version":1,"members":[{"file":"x"}]}"#,
    ] {
        let lines = member("manifest.json", content.as_bytes());
        assert_eq!(lines[..2], ["object - manifest Json", content]);
    }
}

#[test]
fn a_full_store_stops_the_reading() {
    let rows = "{\"a\":1}\n".repeat(1_000);
    for (name, content) in [
        ("a.ndjson", rows.clone()),
        ("a.json", format!("[{}1]", "1,".repeat(500))),
        ("a.csv", rows),
    ] {
        let mut notes = Notes {
            full_at: Some(10),
            ..Notes::default()
        };
        let archive = zip([(name, content.as_bytes())]);
        let error = read_export(Cursor::new(archive), None, &Limits::default(), &mut notes).unwrap_err();
        assert!(matches!(error, ExportError::Sink(_)), "{name}");
        assert_eq!(notes.records, 10, "{name}");
    }
}
