use std::io::{self, Cursor, ErrorKind, Read, Seek, SeekFrom, Write};

use proptest::prelude::*;
use vault::{DataKey, OpenError, OpenStreamError, Place, SealedReader, SealedWriter};

use crate::given::{OWNER, a_data_key, a_vault, every_cut, every_flip};

const FILE: Place<'static> = Place {
    table: "blob",
    column: "content",
    row: "17",
};
const CHUNK: usize = 64 * 1024;
const SEALED_CHUNK: usize = CHUNK + 16;
const HEADER: usize = 24;

fn plain(length: usize) -> Vec<u8> {
    (0u32..)
        .flat_map(|number| number.wrapping_mul(2_654_435_761).to_be_bytes())
        .take(length)
        .collect()
}

fn sealed(key: &DataKey, plain: &[u8]) -> Vec<u8> {
    let mut writer = SealedWriter::new(Vec::new(), key, &FILE).unwrap();
    writer.write_all(plain).unwrap();
    writer.finish().unwrap()
}

fn open<'a>(key: &DataKey, sealed: &'a [u8]) -> Result<SealedReader<Cursor<&'a [u8]>>, OpenStreamError> {
    SealedReader::open(Cursor::new(sealed), key, &FILE)
}

/// Everything, or the reason why not.
fn read_all(key: &DataKey, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    let refused = |error: OpenStreamError| match error {
        OpenStreamError::Sealed(reason) => reason,
        OpenStreamError::Io(error) => panic!("{error}"),
    };
    let mut all = Vec::new();
    open(key, sealed)
        .map_err(refused)?
        .read_to_end(&mut all)
        .map_err(|error| {
            assert_eq!(error.kind(), ErrorKind::InvalidData);
            *error.get_ref().unwrap().downcast_ref().unwrap()
        })?;
    Ok(all)
}

/// Lengths around the edges of chunks, and any others up to three of them.
fn any_length() -> impl Strategy<Value = usize> {
    let edge = (0..3usize, 0..=2usize).prop_map(|(chunks, off)| (chunks * CHUNK + off).saturating_sub(1));
    prop_oneof![edge, 0..3 * CHUNK, 0..100usize]
}

fn any_seek() -> impl Strategy<Value = SeekFrom> {
    let far: i64 = 4 * 64 * 1024;
    prop_oneof![
        (0..far.unsigned_abs()).prop_map(SeekFrom::Start),
        (-far..far).prop_map(SeekFrom::End),
        (-far..far).prop_map(SeekFrom::Current),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_sequence_of_writes_reads_back(length in any_length(), mut cuts in prop::collection::vec(any_length(), 0..6)) {
        let (key, plain) = (a_data_key(), plain(length));
        for cut in &mut cuts {
            *cut = (*cut).min(length);
        }
        cuts.sort_unstable();

        let mut writer = SealedWriter::new(Vec::new(), &key, &FILE).unwrap();
        let mut from = 0;
        for to in cuts.into_iter().chain([length]) {
            writer.write_all(&plain[from..to]).unwrap();
            writer.flush().unwrap();
            from = to;
        }
        let sealed = writer.finish().unwrap();

        prop_assert_eq!(sealed.len(), HEADER + length + 16 * length.div_ceil(CHUNK).max(1));
        prop_assert_eq!(open(&key, &sealed).unwrap().length(), length as u64);
        prop_assert!(read_all(&key, &sealed).unwrap() == plain);
    }

    #[test]
    fn any_seeks_and_reads_equal_those_of_the_plain_bytes(
        length in any_length(),
        steps in prop::collection::vec((any_seek(), 0..2 * CHUNK as u64), 1..8),
    ) {
        let (key, plain) = (a_data_key(), plain(length));
        let sealed = sealed(&key, &plain);
        let (mut model, mut reader) = (Cursor::new(plain), open(&key, &sealed).unwrap());
        for (seek, count) in steps {
            prop_assert_eq!(reader.seek(seek).ok(), model.seek(seek).ok());
            let (mut got, mut expected) = (Vec::new(), Vec::new());
            (&mut reader).take(count).read_to_end(&mut got).unwrap();
            (&mut model).take(count).read_to_end(&mut expected).unwrap();
            prop_assert!(got == expected);
            prop_assert_eq!(reader.stream_position().unwrap(), model.position());
        }
    }

    #[test]
    fn a_flip_anywhere_in_a_long_stream_is_an_error(at in 0..HEADER + 2 * SEALED_CHUNK + 116, bit in 0..8) {
        let key = a_data_key();
        let mut sealed = sealed(&key, &plain(2 * CHUNK + 100));
        sealed[at] ^= 1u8 << bit;
        prop_assert!(read_all(&key, &sealed).is_err());
    }

    #[test]
    fn a_long_stream_cut_anywhere_does_not_open(length in 0..HEADER + 2 * SEALED_CHUNK + 116) {
        let key = a_data_key();
        let sealed = sealed(&key, &plain(2 * CHUNK + 100));
        prop_assert!(open(&key, &sealed[..length]).is_err());
    }
}

#[test]
fn every_flip_and_every_cut_of_a_short_stream_is_an_error() {
    // SEC-26
    let key = a_data_key();
    for length in [0, 1, 100] {
        let sealed = sealed(&key, &plain(length));
        assert!(every_flip(&sealed).all(|flipped| read_all(&key, &flipped).is_err()));
        assert!(every_cut(&sealed).all(|cut| open(&key, cut).is_err()));
    }
}

#[test]
fn a_stream_cut_between_two_chunks_does_not_open() {
    let key = a_data_key();
    let sealed = sealed(&key, &plain(3 * CHUNK));
    for chunks in 0..3 {
        assert_eq!(
            read_all(&key, &sealed[..HEADER + chunks * SEALED_CHUNK]),
            Err(OpenError::Damaged)
        );
    }
}

#[test]
fn an_extended_stream_does_not_open() {
    let key = a_data_key();
    let whole = sealed(&key, &plain(2 * CHUNK));
    let last = &whole[HEADER + SEALED_CHUNK..];
    for more in [&[0][..], &[0; 16], &[0; 17], &vec![0; SEALED_CHUNK], last] {
        assert_eq!(read_all(&key, &[&whole, more].concat()), Err(OpenError::Damaged));
    }
}

#[test]
fn exchanged_chunks_are_refused() {
    let key = a_data_key();
    let whole = sealed(&key, &plain(2 * CHUNK + 1));
    let (header, rest) = whole.split_at(HEADER);
    let (first, rest) = rest.split_at(SEALED_CHUNK);
    let (second, last) = rest.split_at(SEALED_CHUNK);
    assert_eq!(
        read_all(&key, &[header, second, first, last].concat()),
        Err(OpenError::Damaged)
    );
    assert_eq!(
        read_all(&key, &[header, first, first, last].concat()),
        Err(OpenError::Damaged)
    );
    assert_eq!(read_all(&key, &[header, first, last].concat()), Err(OpenError::Damaged));
}

#[test]
fn chunks_of_two_streams_do_not_mix() {
    let key = a_data_key();
    let (one, other) = (sealed(&key, &plain(10)), sealed(&key, &plain(10)));
    assert_ne!(one, other);
    assert_eq!(
        read_all(&key, &[&one[..HEADER], &other[HEADER..]].concat()),
        Err(OpenError::Damaged)
    );
}

#[test]
fn a_damaged_chunk_is_noticed_when_it_is_read_and_the_others_still_read() {
    let key = a_data_key();
    let plain = plain(3 * CHUNK);
    let mut sealed = sealed(&key, &plain);
    sealed[HEADER + SEALED_CHUNK + 5] ^= 1;
    let mut reader = open(&key, &sealed).unwrap();
    let mut byte = [0];

    reader.seek(SeekFrom::Start(CHUNK as u64)).unwrap();
    assert_eq!(reader.read(&mut byte).unwrap_err().kind(), ErrorKind::InvalidData);
    assert_eq!(reader.read(&mut byte).unwrap_err().kind(), ErrorKind::InvalidData);
    assert_eq!(byte, [0]);
    reader.seek(SeekFrom::Start(2 * CHUNK as u64)).unwrap();
    reader.read_exact(&mut byte).unwrap();
    assert_eq!(byte, plain[2 * CHUNK..=2 * CHUNK]);
}

#[test]
fn a_stream_opens_at_its_place_and_with_its_key_alone() {
    let vault = a_vault();
    let (key, _) = vault.new_data_key(&OWNER);
    let (other, _) = vault.new_data_key(&OWNER);
    let sealed = sealed(&key, b"passport");

    let moved = SealedReader::open(Cursor::new(&sealed), &key, &Place { row: "18", ..FILE }).unwrap_err();
    assert!(matches!(moved, OpenStreamError::Sealed(OpenError::Damaged)));
    assert_eq!(read_all(&other, &sealed), Err(OpenError::OtherKey(key.id())));
    assert_eq!(
        read_all(&key, b"%PDF-1.7 never sealed, and long enough"),
        Err(OpenError::UnknownFormat)
    );
    assert_eq!(
        read_all(&key, &key.seal(&FILE, b"passport")),
        Err(OpenError::UnknownFormat)
    );
}

#[test]
fn a_stream_that_was_not_finished_does_not_open() {
    let key = a_data_key();
    for length in [0, 10, CHUNK, CHUNK + 1, 2 * CHUNK] {
        let mut written = Vec::new();
        let mut writer = SealedWriter::new(&mut written, &key, &FILE).unwrap();
        writer.write_all(&plain(length)).unwrap();
        writer.flush().unwrap();
        drop(writer);
        assert_eq!(read_all(&key, &written), Err(OpenError::Damaged), "{length}");
    }
}

#[test]
fn after_a_failed_write_a_stream_cannot_be_finished() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            if taken == 0 {
                Err(ErrorKind::StorageFull.into())
            } else {
                Ok(taken)
            }
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let mut writer = SealedWriter::new(Full(1000), &a_data_key(), &FILE).unwrap();
    assert_eq!(
        writer.write_all(&plain(2 * CHUNK)).unwrap_err().kind(),
        ErrorKind::StorageFull
    );
    writer.write_all(b"more").unwrap_err();
    assert!(writer.finish().is_err());
}

#[test]
fn plaintext_shows_neither_in_the_stream_nor_in_debug() {
    // CL-27
    let (key, marker) = (a_data_key(), b"marker-4711");
    let mut writer = SealedWriter::new(Vec::new(), &key, &FILE).unwrap();
    writer.write_all(marker).unwrap();
    assert_eq!(format!("{writer:?}"), "SealedWriter { .. }");
    let sealed = writer.finish().unwrap();
    assert!(!sealed.windows(marker.len()).any(|window| window == marker));
    let mut reader = open(&key, &sealed).unwrap();
    reader.read_exact(&mut [0; 3]).unwrap();
    assert_eq!(format!("{reader:?}"), "SealedReader { length: 11, .. }");
}
