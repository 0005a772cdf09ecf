//! stub
use crate::ConnectionId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

/// stub
#[derive(Default)]
pub(crate) struct RefreshLocks(Mutex<HashMap<ConnectionId, Arc<tokio::sync::Mutex<()>>>>);
