//! importing
