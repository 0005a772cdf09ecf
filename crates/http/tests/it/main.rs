//! Serving and calling over real sockets on the loopback address.

mod calling;
mod front;
mod serving;
mod support;
