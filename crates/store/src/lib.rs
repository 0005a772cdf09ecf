mod clock; pub use clock::*;
