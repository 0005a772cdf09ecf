//! The use cases: what people, programs and jobs do, one transaction each, as methods of [`crate::Manager`].

pub(crate) mod access;
mod add_connection;
pub(crate) mod adopt_grant;
mod api_keys;
mod begin_authorization;
mod change_connection;
mod check_connection;
mod complete_authorization;
mod confirm_connection;
pub(crate) mod connection_state;
mod connection_view;
pub(crate) mod credentials;
mod log_in;
mod operators;
pub(crate) mod refresh;
mod remove_connection;
mod token_endpoint;

pub use add_connection::{AddConnectionError, NewConnection};
pub use api_keys::{CreateApiKeyError, KnownApiKey, NewApiKey};
pub use begin_authorization::BeginAuthorizationError;
pub use change_connection::{ChangeConnectionError, ConnectionChanges};
pub use check_connection::CheckConnectionError;
pub use complete_authorization::{CallbackRefused, Completed, Outcome};
pub use confirm_connection::ConfirmConnectionError;
pub use connection_state::{ConnectionState, UnknownConnectionState};
pub use connection_view::{AccountView, ConnectionFault, ConnectionView, UserView};
pub use log_in::{LogInError, LoggedIn};
pub use operators::{CreateOperatorError, NewOperator};
pub use remove_connection::{RemoveConnectionError, RemovedConnection};
