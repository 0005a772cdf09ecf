//! What strangers may send, by chance: the same functions that `fuzz/` is built on.

#![expect(clippy::panic, reason = "a test that fails should stop where it fails")]

mod by_chance;
mod hostile;
