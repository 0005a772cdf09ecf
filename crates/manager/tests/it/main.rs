//! The manager as its users see it: driven through its router, its jobs run by its runner, on a virtual clock.

mod api_keys;
mod app;
mod connecting;
mod portal;
mod gallery_tmp;
mod portal_requests;
mod tokens;
mod vendor;
mod requests;
