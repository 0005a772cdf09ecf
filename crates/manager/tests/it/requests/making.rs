//! making
