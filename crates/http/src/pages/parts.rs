//! The parts that pages are made of: values that print themselves as HTML, escaped. In a template of any crate:
//! `{{ Field::email("email", "E-mail address").value(email).error(errors.of("email")) }}`.

mod confirm;
mod errors;
mod field;
mod form;
mod live;
mod status;
mod toast;

pub use confirm::Confirm;
pub use errors::FormErrors;
pub use field::{Choice, Control, Field};
pub use form::{Csrf, PostButton};
pub use live::{LIVE_HEADER, Live};
pub use status::{Badge, Empty, Notice, Tone, When};
pub use toast::Toast;
