//! The two services of the binary.

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// The request manager.
    Manager,
    /// The vendor's side.
    Provider,
}

impl Service {
    /// Its name in commands, files and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manager => "manager",
            Self::Provider => "provider",
        }
    }

    /// The service of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Manager, Self::Provider]
            .into_iter()
            .find(|service| service.name() == name)
    }

    /// The PostgreSQL schema of its tables.
    pub const fn schema(self) -> &'static str {
        match self {
            Self::Manager => "rightful_manager",
            Self::Provider => "rightful_provider",
        }
    }

    /// Where it listens unless told otherwise.
    pub const fn default_listen(self) -> &'static str {
        match self {
            Self::Manager => "127.0.0.1:8443",
            Self::Provider => "127.0.0.1:8444",
        }
    }
}
