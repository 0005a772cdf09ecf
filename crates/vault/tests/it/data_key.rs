use proptest::prelude::*;
use vault::{OpenError, Place};

use crate::given::{EMAIL, OWNER, a_data_key, a_vault, every_cut, every_flip};

proptest! {
    #[test]
    fn what_was_sealed_opens(plaintext: Vec<u8>) {
        let key = a_data_key();
        let sealed = key.seal(&EMAIL, &plaintext);
        prop_assert_eq!(sealed.len(), plaintext.len() + 45);
        prop_assert_eq!(&*key.open(&EMAIL, &sealed).unwrap(), &plaintext);
    }

    #[test]
    fn sealed_bytes_open_at_no_other_place(here in any_place(), there in any_place()) {
        let key = a_data_key();
        let sealed = key.seal(&place(&here), b"ada@example.test");
        prop_assert_eq!(key.open(&place(&there), &sealed).is_ok(), here == there);
    }

    #[test]
    fn arbitrary_bytes_are_refused_without_a_panic(bytes: Vec<u8>) {
        prop_assert!(a_data_key().open(&EMAIL, &bytes).is_err());
    }
}

/// Short parts over two letters, so that parts often run into each other.
fn any_place() -> impl Strategy<Value = [String; 3]> {
    ["[ab]{0,2}", "[ab]{0,2}", "[ab]{0,2}"]
}

fn place([table, column, row]: &[String; 3]) -> Place<'_> {
    Place { table, column, row }
}

#[test]
fn one_flipped_byte_is_a_clean_error() {
    // SEC-26
    let key = a_data_key();
    let sealed = key.seal(&EMAIL, b"ada@example.test");
    for flipped in every_flip(&sealed) {
        key.open(&EMAIL, &flipped).unwrap_err();
    }
}

#[test]
fn bytes_cut_short_or_lengthened_are_refused() {
    let key = a_data_key();
    let sealed = key.seal(&EMAIL, b"ada@example.test");
    for cut in every_cut(&sealed) {
        key.open(&EMAIL, cut).unwrap_err();
    }
    assert_eq!(
        key.open(&EMAIL, &[sealed.as_slice(), &[0]].concat()).unwrap_err(),
        OpenError::Damaged
    );
}

#[test]
fn a_value_moved_to_another_row_is_refused() {
    // CL-27
    let key = a_data_key();
    let sealed = key.seal(&EMAIL, b"ada@example.test");
    let moved = key.open(&Place { row: "18", ..EMAIL }, &sealed);
    assert_eq!(moved.unwrap_err(), OpenError::Damaged);
}

#[test]
fn the_same_value_is_sealed_differently_each_time() {
    let key = a_data_key();
    assert_ne!(
        key.seal(&EMAIL, b"ada@example.test"),
        key.seal(&EMAIL, b"ada@example.test")
    );
}

#[test]
fn another_data_key_is_named_as_the_reason() {
    let vault = a_vault();
    let (mine, _) = vault.new_data_key(&OWNER);
    let (other, _) = vault.new_data_key(&OWNER);
    let sealed = mine.seal(&EMAIL, b"ada@example.test");
    assert_eq!(other.open(&EMAIL, &sealed).unwrap_err(), OpenError::OtherKey(mine.id()));
}

#[test]
fn bytes_that_were_never_sealed_are_told_apart_from_damaged_ones() {
    let key = a_data_key();
    assert_eq!(
        key.open(&EMAIL, b"ada@example.test").unwrap_err(),
        OpenError::UnknownFormat
    );
    assert_eq!(key.open(&EMAIL, b"").unwrap_err(), OpenError::UnknownFormat);
    let by_the_vault = a_vault().seal(&EMAIL, b"ada@example.test");
    assert_eq!(key.open(&EMAIL, &by_the_vault).unwrap_err(), OpenError::UnknownFormat);
}

#[test]
fn the_plaintext_does_not_show_in_the_sealed_bytes() {
    let marker = b"marker-4711";
    let sealed = a_data_key().seal(&EMAIL, marker);
    assert!(!sealed.windows(marker.len()).any(|window| window == marker));
}
