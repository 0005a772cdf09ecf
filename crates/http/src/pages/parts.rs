//! The parts that pages are made of: values that print themselves as HTML, escaped. In a template of any crate:
//! `{{ Field::email("email", "E-mail address").value(email).error(errors.of("email")) }}`.

mod errors;
mod field;
mod form;
mod status;

pub use errors::FormErrors;
pub use field::{Choice, Control, Field};
pub use form::{Csrf, PostButton};
pub use status::{Badge, Empty, Notice, Tone, When};
