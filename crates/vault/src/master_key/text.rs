//! Master keys as text.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::MasterKeys;
use crate::key::{KEY_BYTES, Key};

const PREFIX: &str = "rightful-master-key:v1:";

/// What is wrong with the text of a master key. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyTextError {
    /// There is no key at all.
    #[error("there is no master key in it")]
    Empty,
    /// A line is not `rightful-master-key:v1:<key id>:<key>`; lines count from 1.
    #[error("line {line} is not a master key")]
    Malformed {
        /// Counted from 1.
        line: usize,
    },
    /// A key that does not belong to the id before it: mistyped or cut short.
    #[error("line {line} was changed: the key does not match its key id")]
    Changed {
        /// Counted from 1.
        line: usize,
    },
}

impl MasterKeys {
    /// Reads the keys of a file or an environment variable. Blanks separate keys as well as line ends do, for places
    /// that hold one line only.
    pub fn from_text(text: &str) -> Result<Self, MasterKeyTextError> {
        let mut keys = text
            .lines()
            .enumerate()
            .flat_map(|(index, line)| line.split_whitespace().map(move |word| read_key(word, index + 1)));
        let current = keys.next().ok_or(MasterKeyTextError::Empty)??;
        Ok(Self {
            current,
            older: keys.collect::<Result<_, _>>()?,
        })
    }

    /// The text to keep: one key a line, newest first. It is wiped when dropped.
    pub fn to_text(&self) -> Zeroizing<String> {
        // Room for all lines at once: growing would leave copies behind.
        let mut text = Zeroizing::new(String::with_capacity((1 + self.older.len()) * 80));
        for key in self.iter() {
            text.push_str(PREFIX);
            text.push_str(&key.id().to_string());
            text.push(':');
            text.push_str(&Zeroizing::new(URL_SAFE_NO_PAD.encode(key.bytes())));
            text.push('\n');
        }
        text
    }
}

fn read_key(word: &str, line: usize) -> Result<Key, MasterKeyTextError> {
    let malformed = MasterKeyTextError::Malformed { line };
    let (id, encoded) = word
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.split_once(':'))
        .ok_or(malformed)?;
    let mut decoded = Zeroizing::new([0; KEY_BYTES + 1]);
    let length = URL_SAFE_NO_PAD
        .decode_slice(encoded, decoded.as_mut())
        .map_err(|_| malformed)?;
    let Some((bytes, [_])) = decoded.split_first_chunk::<KEY_BYTES>().filter(|_| length == KEY_BYTES) else {
        return Err(malformed);
    };
    let key = Key::from_bytes(Zeroizing::new(*bytes));
    if key.id().to_string() == id {
        Ok(key)
    } else {
        Err(MasterKeyTextError::Changed { line })
    }
}
