//! CL-26: archives that are made to hurt.

use std::io::{Cursor, Write as _};

use proptest::prelude::*;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::archives::{directory_header, read, read_within, replace, stored, zip};
use crate::export::{ExportError, Limits};

fn refused(archive: &[u8], reason: &str) {
    let error = read(archive).0.unwrap_err();
    assert!(
        matches!(&error, ExportError::Hostile { reason: why } if why.contains(reason)),
        "{reason}: {error}"
    );
    assert_eq!(error.code(), "export_refused");
}

fn beyond(archive: &[u8], limits: &Limits, setting: &str) {
    let error = read_within(archive, limits).0.unwrap_err();
    assert!(
        matches!(error, ExportError::Limit { limit, .. } if limit == setting),
        "{setting}: {error}"
    );
    assert_eq!(error.code(), "export_refused");
}

// CL-26
#[test]
fn names_that_lead_out_are_refused() {
    for name in ["../evil.json", "a/../../evil", "..\\evil", "\\evil", "C:\\evil"] {
        let error = read(&zip([(name, b"x".as_slice())])).0.unwrap_err();
        assert!(matches!(error, ExportError::Hostile { .. }), "{name}: {error}");
        assert!(!error.to_string().contains("evil"));
    }
    let mut absolute = zip([("xetc/passwd", b"x".as_slice())]);
    replace(&mut absolute, b"xetc/passwd", b"/etc/passwd");
    refused(&absolute, "absolute");
}

// CL-26
#[test]
fn links_and_devices_are_refused() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer
        .add_symlink("profile.json", "/etc/passwd", SimpleFileOptions::default())
        .unwrap();
    refused(&writer.finish().unwrap().into_inner(), "link");
    for kind in [0o120_000_u32, 0o020_000, 0o060_000, 0o010_000, 0o140_000] {
        let mut archive = zip([("a.json", b"{}".as_slice())]);
        let at = directory_header(&archive, 0);
        archive[at + 38..at + 42].copy_from_slice(&((kind | 0o644) << 16).to_le_bytes());
        // From whatever system the entry claims to be.
        archive[at + 5] = 0;
        refused(&archive, "link");
    }
}

#[test]
fn two_files_of_one_name_are_refused() {
    let mut same = stored([("a.json", b"1".as_slice()), ("b.json", b"2")]);
    replace(&mut same, b"b.json", b"a.json");
    refused(&same, "same name");
    refused(&zip([("a/b.json", b"1".as_slice()), ("a//b.json", b"2")]), "same name");
    refused(&zip([("a/b.json", b"1".as_slice()), ("a\\b.json", b"2")]), "same name");
}

#[test]
fn encrypted_and_strangely_packed_files_are_refused() {
    let mut encrypted = zip([("a.json", b"{}".as_slice())]);
    let at = directory_header(&encrypted, 0);
    encrypted[at + 8] |= 1;
    refused(&encrypted, "encrypted");
    let mut strange = zip([("a.json", b"{}".as_slice())]);
    strange[at + 10] = 93;
    refused(&strange, "packed in a way");
}

#[test]
fn files_that_share_bytes_are_refused() {
    let mut archive = stored([
        ("a.bin", vec![7; 1_000].as_slice()),
        ("b.bin", vec![7; 1_000].as_slice()),
    ]);
    let second = directory_header(&archive, 1);
    archive[second + 42..second + 46].copy_from_slice(&0_u32.to_le_bytes());
    refused(&archive, "share");
}

#[test]
fn folders_are_left_out_unless_they_have_content() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_directory("app", SimpleFileOptions::default()).unwrap();
    writer.start_file("app/a.json", SimpleFileOptions::default()).unwrap();
    writer.write_all(b"{}").unwrap();
    let (found, _) = read(&writer.finish().unwrap().into_inner());
    assert_eq!(found.unwrap().objects, 1);
    let mut full = stored([("app.", b"x".as_slice())]);
    replace(&mut full, b"app.", b"app/");
    refused(&full, "folder");
}

// CL-26
#[test]
fn bombs_are_refused_by_ratio_and_by_size() {
    let zeros = vec![0; 20 << 20];
    let usual = Limits::default();
    for name in ["bomb.bin", "bomb.json", "bomb.csv"] {
        beyond(&zip([(name, zeros.as_slice())]), &usual, "export_max_ratio");
        beyond(
            &zip([(name, zeros.as_slice())]),
            &Limits {
                max_ratio: 2_000,
                max_bytes: 10 << 20,
                ..usual
            },
            "export_max_bytes",
        );
    }
    let names: Vec<String> = (0..100).map(|number| format!("{number}.bin")).collect();
    let small = vec![0; 200 << 10];
    let many = zip(names.iter().map(|name| (name.as_str(), small.as_slice())));
    beyond(&many, &usual, "export_max_ratio");
    let short = zip([("a.csv", "a,b\n1,2\n".repeat(20_000).as_bytes())]);
    read(&short).0.unwrap();
}

#[test]
fn a_bomb_that_lies_about_its_length_is_stopped() {
    let mut archive = zip([("bomb.bin", vec![0; 20 << 20].as_slice())]);
    let at = directory_header(&archive, 0);
    for length in [1_000_u32, 0, 1 << 18] {
        archive[at + 24..at + 28].copy_from_slice(&length.to_le_bytes());
        let error = read(&archive).0.unwrap_err();
        assert!(
            matches!(error, ExportError::Damaged { .. } | ExportError::Limit { .. }),
            "{error}"
        );
    }
}

// CL-26
#[test]
fn seventy_thousand_entries_are_too_many() {
    let names: Vec<String> = (0..70_000).map(|number| number.to_string()).collect();
    let archive = stored(names.iter().map(|name| (name.as_str(), b"".as_slice())));
    beyond(&archive, &Limits::default(), "export_max_entries");
    let few = Limits {
        max_entries: 2,
        ..Limits::default()
    };
    beyond(
        &stored(names[..3].iter().map(|name| (name.as_str(), b"".as_slice()))),
        &few,
        "export_max_entries",
    );
    assert!(
        read_within(
            &stored(names[..2].iter().map(|name| (name.as_str(), b"".as_slice()))),
            &few
        )
        .0
        .is_ok()
    );
}

#[test]
fn an_archive_that_announces_billions_of_entries_costs_no_memory() {
    // An end of a 64-bit directory, its locator, and the old end that points to both.
    let mut archive = b"PK\x06\x06".to_vec();
    archive.extend(44_u64.to_le_bytes());
    archive.extend([45, 0, 45, 0]);
    archive.extend([0; 8]);
    archive.extend(4_000_000_000_u64.to_le_bytes());
    archive.extend(4_000_000_000_u64.to_le_bytes());
    archive.extend([0; 16]);
    archive.extend(b"PK\x06\x07\0\0\0\0");
    archive.extend(0_u64.to_le_bytes());
    archive.extend(1_u32.to_le_bytes());
    archive.extend(b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0");
    beyond(&archive, &Limits::default(), "export_max_entries");
}

#[test]
fn names_in_no_known_encoding_are_read_all_the_same() {
    let mut archive = stored([("abcd.json", b"{}".as_slice())]);
    replace(&mut archive, b"abcd.json", b"\xff\xfe\x80\x81.json");
    let (found, lines) = read(&archive);
    assert_eq!(found.unwrap().objects, 1);
    assert!(
        lines[0].starts_with("object - ") && lines[0].ends_with(" Json"),
        "{}",
        lines[0]
    );
}

#[test]
fn what_is_no_whole_archive_is_damaged() {
    let whole = zip([(
        "a.json",
        br#"{"some":"words that do not pack too well: 8d7f6a"}"#.as_slice(),
    )]);
    for damaged in [
        &b""[..],
        b"PK",
        b"not an archive at all",
        &whole[..whole.len() - 10],
        &whole[..40],
        &whole[40..],
    ] {
        let error = read(damaged).0.unwrap_err();
        assert!(matches!(error, ExportError::Damaged { .. }), "{error}");
        assert_eq!(error.code(), "export_damaged");
    }
}

#[test]
fn a_flipped_bit_in_the_content_is_noticed() {
    let content = br#"{"some":"words"}"#;
    for name in ["a.json", "a.txt", "a.csv", "a.ndjson", "manifest.json"] {
        let mut archive = stored([(name, content.as_slice())]);
        replace(&mut archive, b"words", b"wordz");
        let error = read(&archive).0.unwrap_err();
        assert!(matches!(error, ExportError::Damaged { .. }), "{name}: {error}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = read(&bytes);
    }

    #[test]
    fn any_bent_archive_is_read_or_refused(
        bends in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        length in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut archive = zip([
            ("app/profile.json", br#"[{"a":1},{"b":[1,2,{"c":"d"}]}]"#.as_slice()),
            ("app/orders.csv", b"id,total\n1,2\n2,3\n"),
            ("x.ndjson", b"{\"a\":1}\n{\"a\":2}\n"),
            ("manifest.json", br#"{"version":1,"members":[]}"#),
        ]);
        for (index, byte) in bends {
            let at = index.index(archive.len());
            archive[at] = byte;
        }
        if cut {
            archive.truncate(length.index(archive.len()));
        }
        let _ = read(&archive);
    }

    #[test]
    fn any_content_of_a_member_is_read_or_kept(content in proptest::collection::vec(any::<u8>(), 0..500), text in ".*") {
        for name in ["a.json", "a.ndjson", "a.csv", "a.tsv", "manifest.json"] {
            for content in [content.as_slice(), text.as_bytes()] {
                let (found, _) = read(&stored([(name, content)]));
                let found = found.unwrap();
                prop_assert_eq!(found.objects + found.files, 1);
                prop_assert_eq!(found.bytes, content.len() as u64);
            }
        }
    }
}
