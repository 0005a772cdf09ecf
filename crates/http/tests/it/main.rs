//! Serving and calling over real sockets on the loopback address.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod calling;
mod front;
mod serving;
mod support;
