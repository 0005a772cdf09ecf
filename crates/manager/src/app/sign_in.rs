//! How people get in: set-up, invitation, log-in with a second factor, sessions, passwords.

pub(crate) mod attempts;
mod confirm;
mod invitations;
mod log_in;
mod passwords;
mod second_factor;
mod sessions;
mod set_up;
pub(crate) mod ticket;
mod visitor;

pub use confirm::ConfirmError;
pub use invitations::{InvitationView, InviteError, Invited};
pub use log_in::{Entered, LogInError};
pub use passwords::{ChangePasswordError, NewPasswordError};
pub use second_factor::{Enrolment, SecondFactorError};
pub use sessions::{LoggedIn, SessionView};
pub use set_up::{SetUpError, SetUpLink};
pub use visitor::Visitor;

pub(crate) use passwords::send_password_link;
pub(crate) use sessions::end_sessions;
