//! A row as a JSON object, written column by column.

use std::io::Write as _;

use serde::Serialize;
use serde_json::value::RawValue;

/// A JSON object that grows.
pub(super) struct RecordJson(Vec<u8>);

impl RecordJson {
    pub(super) fn new() -> Self {
        Self(vec![b'{'])
    }

    /// The name of the next value.
    pub(super) fn name(&mut self, name: &str) {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        self.value(name);
        self.0.push(b':');
    }

    pub(super) fn value<T: Serialize + ?Sized>(&mut self, value: &T) {
        if serde_json::to_writer(&mut self.0, value).is_err() {
            self.0.extend_from_slice(b"null");
        }
    }

    /// A fraction; JSON has no word for infinity.
    pub(super) fn real(&mut self, real: f64) {
        if real.is_finite() {
            self.value(&real);
        } else {
            self.value(&real.to_string());
        }
    }

    /// A number or a document that is JSON already; else it is text.
    pub(super) fn json(&mut self, text: &str) {
        match serde_json::from_str::<&RawValue>(text) {
            Ok(json) => {
                let line = json.get().bytes();
                self.0
                    .extend(line.map(|byte| if byte == b'\n' || byte == b'\r' { b' ' } else { byte }));
            }
            Err(_) => self.value(text),
        }
    }

    /// Bytes, as PostgreSQL writes them: `\x` and two digits for each.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(b"\"\\\\x");
        for byte in bytes {
            write!(self.0, "{byte:02x}").ok();
        }
        self.0.push(b'"');
    }

    /// Text, or bytes where it is none.
    pub(super) fn text(&mut self, bytes: &[u8]) {
        match str::from_utf8(bytes) {
            Ok(text) => self.value(text),
            Err(_) => self.bytes(bytes),
        }
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }
}
