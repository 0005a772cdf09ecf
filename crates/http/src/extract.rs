//! Reading requests: extractors that say which field is wrong and accept nothing twice.
//!
//! All of them refuse with a [`Refusal`], which answers as problem+json by itself; [`answer_refusals_with`] lets a
//! router answer in another format.

mod form;
mod json;
mod pairs;
mod path;
mod query;
mod refusal;
mod serde_words;
#[cfg(test)]
mod tests;

pub use form::{Form, FormPairs};
pub use json::Json;
pub use path::{Path, Path2, Path3};
pub use query::{Query, QueryPairs};
pub use refusal::{Place, Refusal, answer_refusals_with};
