//! Serving and calling over real sockets on the loopback address.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod calling;
mod front;
mod serving;
mod smuggling;
mod support;
