use proptest::prelude::*;
use vault::{MasterKeyTextError, MasterKeys, SeededEntropy};

use crate::given::master;

proptest! {
    #[test]
    fn keys_written_as_text_are_read_back(seeds in prop::collection::vec(any::<u64>(), 1..5)) {
        let keys = seeds[1..].iter().fold(master(seeds[0]), |keys, seed| keys.with_new_current(&SeededEntropy::new(*seed)));
        let read = MasterKeys::from_text(&keys.to_text()).unwrap();
        prop_assert_eq!(read.to_text(), keys.to_text());
    }

    #[test]
    fn arbitrary_text_is_refused_without_a_panic(text: String) {
        prop_assert!(MasterKeys::from_text(&text).is_err());
    }
}

#[test]
fn a_key_is_one_line_with_its_id() {
    let keys = master(1);
    let text = keys.to_text();
    let parts: Vec<&str> = text.trim_end().split(':').collect();
    let id = keys.current_id().to_string();
    assert_eq!(parts[..3], ["rightful-master-key", "v1", &id]);
    assert_eq!((id.len(), parts[3].len(), parts.len()), (8, 43, 4));
}

#[test]
fn a_new_current_key_stands_first_and_the_older_ones_stay() {
    let old = master(1);
    let new = old.with_new_current(&SeededEntropy::new(2));
    assert_ne!(new.current_id(), old.current_id());
    assert_eq!(new.ids().collect::<Vec<_>>(), [new.current_id(), old.current_id()]);
    assert_eq!(new.without_older().ids().collect::<Vec<_>>(), [new.current_id()]);
}

#[test]
fn blank_lines_and_windows_line_ends_are_no_matter() {
    let keys = master(1).with_new_current(&SeededEntropy::new(2));
    let text = format!("\r\n{}\n", keys.to_text().replace('\n', "\r\n\r\n"));
    assert_eq!(MasterKeys::from_text(&text).unwrap().to_text(), keys.to_text());
}

#[test]
fn several_keys_fit_on_the_one_line_of_an_environment_variable() {
    let keys = master(1).with_new_current(&SeededEntropy::new(2));
    let text = keys.to_text().trim_end().replace('\n', " ");
    assert_eq!(MasterKeys::from_text(&text).unwrap().to_text(), keys.to_text());
}

#[test]
fn text_without_a_key_is_said_to_be_empty() {
    assert_eq!(MasterKeys::from_text("\n \n").unwrap_err(), MasterKeyTextError::Empty);
}

#[test]
fn a_malformed_line_is_named_by_its_number() {
    let good = master(1).to_text();
    let key = good.trim_end();
    for bad in [
        "marker",
        &key[..key.len() - 1],
        &format!("{key}A"),
        &format!("{key}="),
        &key.replace("v1", "v2"),
        &key.replace("rightful-", ""),
        "rightful-master-key:v1:",
        "rightful-master-key:v1::",
    ] {
        let error = MasterKeys::from_text(&format!("{key}\n\n{bad}\n")).unwrap_err();
        assert_eq!(error, MasterKeyTextError::Malformed { line: 3 }, "{bad}");
        assert_eq!(error.to_string(), "line 3 is not a master key");
    }
}

#[test]
fn a_mistyped_key_is_noticed_by_its_id() {
    let text = master(1).to_text().to_string();
    let at = text.len() - 10;
    let typo = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
    let mistyped = format!("{}{typo}{}", &text[..at], &text[at + 1..]);
    assert_eq!(
        MasterKeys::from_text(&mistyped).unwrap_err(),
        MasterKeyTextError::Changed { line: 1 }
    );
}

#[test]
fn debug_shows_ids_and_no_key() {
    // CL-27
    let keys = master(1);
    let secret = keys.to_text().trim_end().rsplit_once(':').unwrap().1.to_owned();
    let debug = format!("{keys:?}");
    assert_eq!(debug, format!("MasterKeys({}, ..)", keys.current_id()));
    assert!(!debug.contains(&secret));
}
