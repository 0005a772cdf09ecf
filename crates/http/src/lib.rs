#![doc = "HTTP shared by both services."]
pub mod client { mod transport; pub use transport::*; }
