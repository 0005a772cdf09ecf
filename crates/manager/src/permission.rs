//! Who may do what: roles of people, scopes of API keys.

use std::{fmt, str::FromStr};

/// Something that not everybody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// See requests, their tasks and dossiers.
    ReadRequests,
    /// Make, start, pause, retry, cancel requests, and review what was found.
    WorkRequests,
    /// Decide that something is handed over or deleted.
    ApproveRequests,
    /// See connections.
    ReadConnections,
    /// Make, authorize, check and remove connections.
    ManageConnections,
    /// Read the audit log.
    ReadAudit,
    /// See the company's settings.
    ReadSettings,
    /// Change the company's settings, the words of mails among them.
    ManageSettings,
    /// Make operators and API keys.
    ManageAccess,
}

words! {
    /// What an operator is there for.
    Role, UnknownRole, "a role is super_admin, connections_manager, request_manager, approver or viewer":
    /// Everything.
    SuperAdmin = "super_admin",
    /// Connections.
    ConnectionsManager = "connections_manager",
    /// Requests, without the last decision where that is reserved.
    RequestManager = "request_manager",
    /// Requests, the last decision among them.
    Approver = "approver",
    /// Looking only.
    Viewer = "viewer",
}

words! {
    /// What an API key is good for.
    Scope, UnknownScope, "a scope is all, read, requests, connections or access":
    /// Everything but operators and keys.
    All = "all",
    /// Looking only.
    Read = "read",
    /// Requests and their dossiers.
    Requests = "requests",
    /// Connections.
    Connections = "connections",
    /// Operators and API keys: with it a program can let in whom it wants.
    Access = "access",
}

impl Role {
    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::SuperAdmin => "Super admin",
            Self::ConnectionsManager => "Connections manager",
            Self::RequestManager => "Request manager",
            Self::Approver => "Approver",
            Self::Viewer => "Viewer",
        }
    }

    /// Whether a person of this role may do it.
    pub fn allows(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::SuperAdmin => true,
            Self::ConnectionsManager => {
                matches!(
                    permission,
                    P::ReadRequests | P::ReadConnections | P::ManageConnections | P::ReadSettings
                )
            }
            Self::RequestManager | Self::Approver => matches!(
                permission,
                P::ReadRequests
                    | P::WorkRequests
                    | P::ApproveRequests
                    | P::ReadConnections
                    | P::ReadSettings
                    | P::ReadAudit
            ),
            Self::Viewer => matches!(
                permission,
                P::ReadRequests | P::ReadConnections | P::ReadSettings | P::ReadAudit
            ),
        }
    }
}

impl Scope {
    fn allows(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::All => permission != P::ManageAccess,
            Self::Read => matches!(
                permission,
                P::ReadRequests | P::ReadConnections | P::ReadSettings | P::ReadAudit
            ),
            Self::Requests => matches!(permission, P::ReadRequests | P::WorkRequests | P::ApproveRequests),
            Self::Connections => matches!(permission, P::ReadConnections | P::ManageConnections),
            Self::Access => permission == P::ManageAccess,
        }
    }
}

/// The scopes of one API key, written with commas: `requests,connections`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// The scopes.
    pub fn as_slice(&self) -> &[Scope] {
        &self.0
    }

    /// Whether a key with these scopes may do it.
    pub fn allow(&self, permission: Permission) -> bool {
        self.0.iter().any(|scope| scope.allows(permission))
    }
}

impl FromStr for Scopes {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        let words = text.split([',', ' ']).filter(|word| !word.is_empty());
        let scopes = words.map(str::parse).collect::<Result<Vec<Scope>, _>>()?;
        if scopes.is_empty() {
            Err(UnknownScope)
        } else {
            Ok(Self(scopes))
        }
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.0.iter().map(|scope| scope.name()).collect();
        f.write_str(&words.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_can_do_what_one_of_its_scopes_allows() {
        let scopes: Scopes = "read,connections".parse().unwrap();
        assert!(scopes.allow(Permission::ManageConnections) && scopes.allow(Permission::ReadRequests));
        assert!(!scopes.allow(Permission::ApproveRequests));
        assert_eq!(scopes.to_string(), "read,connections");
        for wrong in ["", " ", "everything", "all;read"] {
            assert_eq!(wrong.parse::<Scopes>(), Err(UnknownScope), "{wrong}");
        }
    }

    #[test]
    fn only_a_super_admin_makes_operators() {
        for role in Role::ALL {
            assert_eq!(role.allows(Permission::ManageAccess), *role == Role::SuperAdmin);
            assert_eq!(role.name().parse::<Role>(), Ok(*role));
            assert!(role.allows(Permission::ReadRequests));
        }
        assert!(!"all".parse::<Scopes>().unwrap().allow(Permission::ManageAccess));
    }
}
