//! The manager as its users see it: driven through its router, its jobs run by its runner, on a virtual clock.

mod app;
mod connecting;
mod tokens;
mod vendor;
