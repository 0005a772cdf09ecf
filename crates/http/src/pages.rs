//! How pages look: the frame around them, the parts they are made of, and the one stylesheet.
//!
//! A service renders its own template and puts it into a [`Shell`]; in its templates it uses the [`parts`], which are
//! values that print themselves as HTML, and the classes listed at the top of `assets/rightful.css`.

mod accent;
pub mod assets;
pub mod parts;
mod shell;
#[cfg(test)]
mod tests;

pub use accent::{Accent, AccentError, ButtonColours};
pub use shell::{LanguageLink, Languages, Layout, Link, NavItem, Shell, Side, User};
