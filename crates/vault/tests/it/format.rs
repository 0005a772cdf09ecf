//! The stored formats, pinned: these bytes were computed by another implementation (HMAC and ChaCha20-Poly1305 of
//! OpenSSL, HChaCha20 by hand from draft-irtf-cfrg-xchacha), from keys of counted bytes. Whatever changes here can no
//! longer read what earlier versions stored.

use std::io::{Cursor, Read as _, Write as _};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use vault::{DataKey, Entropy, MasterKeys, Place, SealedReader, SealedWriter, Vault, WrappedKey};

use crate::given::{EMAIL, OWNER};

const SETTING: Place<'static> = Place {
    table: "setting",
    column: "value",
    row: "smtp",
};
const FILE: Place<'static> = Place {
    table: "blob",
    column: "content",
    row: "17",
};

/// The key is the bytes 0 to 31.
const MASTER: &str = "rightful-master-key:v1:cab3ea0c:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
/// The current root key is the bytes 32 to 63, the first one 64 to 95.
const ROOTS: &str = "04cab3ea0c010101010101010101010101010101010101010101010101d47cdc93ff57bba4eb9bc9f5b020c7b51c\
    abad8d1d8ac2e7f28194a3f3b52fa25dadb559afea31cc829cc4aabf61d87cd2146d886996eddf195ae0472f84d1fb1bef20fd1af8610d3c51\
    b2acde90a992";
/// The data key is the bytes 96 to 127, wrapped by the current root key.
const WRAPPED: &str = "03317c7d020202020202020202020202020202020202020202020202028bb2ca69e1c5247ce78d8c4b0e27173534f1\
    ffbe93d85b226072ae225dd17451eaab255752dcf91fb3c502918ed400d2";
/// Sealed by the first root key.
const PASSWORD: &str = "029c9d2a1b0303030303030303030303030303030303030303030303032a61ad765d8b030a38398fdd002404abdda5\
    20c280fb21bd";
const ADDRESS: &str = "0112db42450404040404040404040404040404040404040404040404040669b91622473ba3fa98abd6702db1bfd7bc\
    59d14c209d1cd660190692d73de5";
const BLIND_INDEX: &str = "723d0da5ae90887861a1c6edf1b58c04e85edc1fc255ef6ac7dbce58fc939d95";
const TAG: &str = "92943f810826beaa200be598f602ad10bc6f530689a19e218e53e026db06152b";
const SHORT_STREAM: &str = "0512db4245050505050505050505050505050505050505059fc2bef1f8191a66925b1c2e58940a09d83abb1a6f\
    839df4";
/// The SHA-256 of a stream of two chunks.
const LONG_STREAM: &str = "28808cdfdf98b11fe505bc570ba43b68e84b62e50c357d42ac3d90e5e33808c6";

/// Draws the same byte for ever, as the other implementation did.
struct Only(u8);

impl Entropy for Only {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn the_vault(drawing: u8) -> Vault {
    let master = MasterKeys::from_text(MASTER).unwrap();
    Vault::unlock(
        &master,
        &WrappedKey::from_bytes(hex(ROOTS)).unwrap(),
        Arc::new(Only(drawing)),
    )
    .unwrap()
}

fn the_data_key(drawing: u8) -> DataKey {
    the_vault(drawing)
        .unwrap(&OWNER, &WrappedKey::from_bytes(hex(WRAPPED)).unwrap())
        .unwrap()
}

#[test]
fn stored_keys_and_values_keep_opening() {
    assert_eq!(*the_vault(0).open(&SETTING, &hex(PASSWORD)).unwrap(), b"password");
    assert_eq!(
        *the_data_key(0).open(&EMAIL, &hex(ADDRESS)).unwrap(),
        b"ada@example.test"
    );
}

#[test]
fn stored_keys_and_values_are_written_the_same_way() {
    let master = MasterKeys::from_text(MASTER).unwrap();
    assert_eq!(*master.to_text(), format!("{MASTER}\n"));
    assert_eq!(the_vault(1).rewrap_root(&master).as_bytes(), hex(ROOTS));
    let wrapped = WrappedKey::from_bytes(hex(WRAPPED)).unwrap();
    assert_eq!(the_vault(2).rewrap(&OWNER, &wrapped).unwrap(), wrapped);
    assert_eq!(the_data_key(4).seal(&EMAIL, b"ada@example.test"), hex(ADDRESS));
}

#[test]
fn stored_blind_indexes_keep_matching() {
    assert_eq!(
        the_vault(0).blind_index("email", "ada@example.test").as_slice(),
        hex(BLIND_INDEX)
    );
}

#[test]
fn signatures_handed_out_keep_verifying() {
    assert!(the_vault(0).mac("link").verify(b"17", &hex(TAG)));
}

#[test]
fn stored_streams_keep_opening() {
    let mut text = String::new();
    let mut stream = SealedReader::open(Cursor::new(hex(SHORT_STREAM)), &the_data_key(0), &FILE).unwrap();
    stream.read_to_string(&mut text).unwrap();
    assert_eq!(text, "passport");
}

#[test]
fn streams_of_several_chunks_are_written_the_same_way() {
    let mut writer = SealedWriter::new(Vec::new(), &the_data_key(5), &FILE).unwrap();
    writer.write_all(&vec![b'r'; 64 * 1024]).unwrap();
    writer.write_all(b"ightful").unwrap();
    let digest = Sha256::digest(writer.finish().unwrap());
    assert_eq!(digest.as_slice(), hex(LONG_STREAM));
}
