//! Stories in a real browser, by clicks and keys alone, against both services as processes.

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null, it does not panic")]

mod access;
mod accessibility;
mod contact;
mod deletion;
mod driver;
mod keyboard;
mod live;
mod mailbox;
mod package;
mod people;
mod reconnect;
mod services;
mod tour;
mod town;
mod vendor;
mod window;
