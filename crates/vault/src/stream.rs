//! Sealing files of any size in constant memory, with random access.
//!
//! A sealed stream is a header and chunks of 64 KiB of plaintext, of which only the last may be shorter (and empty only
//! when it is the sole one). This is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over XChaCha20-Poly1305:
//!
//! ```text
//! header  kind (1) | key id (4) | nonce prefix (19)
//! chunk   ciphertext (up to 65536) | tag (16)
//! nonce   nonce prefix (19) | index of the chunk (4) | 1 for the last chunk, else 0 (1)
//! ```
//!
//! Header and place are additional data of each chunk. A chunk opens only at its own index, and the last one only as the
//! last, so that nothing can be cut off, added, exchanged or moved unnoticed.

mod chunks;
mod reader;
mod writer;

pub use reader::{OpenStreamError, SealedReader};
pub use writer::SealedWriter;
