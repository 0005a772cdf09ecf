//! The provider through its router, on a database of its own for each test.

mod browser;
mod world;
