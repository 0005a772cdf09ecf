//! The rows of the matrix: a new route gets one here.

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// Whoever comes.
    Anybody,
    /// Whoever is logged in.
    Person,
    /// Administrators of the account that is looked at.
    Administrator,
    /// Programs with a token of a user.
    Token,
    /// Programs with a token of an administrator.
    AdministratorsToken,
    /// Internal teams.
    Service,
}

/// One route, who may use it, and what is sent so that nothing but the right decides.
pub(crate) struct Row {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) who: Who,
    pub(crate) fields: &'static [(&'static str, &'static str)],
}

const fn row(method: &'static str, path: &'static str, who: Who) -> Row {
    sent(method, path, who, &[])
}

const fn sent(
    method: &'static str,
    path: &'static str,
    who: Who,
    fields: &'static [(&'static str, &'static str)],
) -> Row {
    Row {
        method,
        path,
        who,
        fields,
    }
}

use Who::{Administrator, AdministratorsToken, Anybody, Person, Service, Token};

const APPLICATION: &[(&str, &str)] = &[
    ("name", "Taken over"),
    ("redirect_uris", "https://evil.test/cb"),
    ("client_type", "confidential"),
];

#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    row("GET", "/login", Anybody),
    row("POST", "/login", Anybody),
    row("GET", "/login/code", Anybody),
    row("POST", "/login/code", Anybody),
    row("GET", "/login/forgotten", Anybody),
    row("POST", "/login/forgotten", Anybody),
    row("GET", "/login/password/{token}", Anybody),
    row("POST", "/login/password/{token}", Anybody),
    row("GET", "/logout", Anybody),
    row("POST", "/logout", Anybody),
    row("GET", "/invitation/{token}", Anybody),
    row("POST", "/invitation/{token}", Anybody),
    row("GET", "/oauth2/authorize", Anybody),
    row("GET", "/oauth2/consent/{id}", Anybody),
    sent("POST", "/oauth2/consent/{id}", Anybody, &[("decision", "accept")]),
    sent("POST", "/oauth2/consent/{id}/account", Anybody, &[("account_id", "1")]),
    row("POST", "/oauth2/token", Anybody),
    row("POST", "/oauth2/revoke", Anybody),
    row("POST", "/oauth2/introspect", Anybody),
    row("GET", "/.well-known/oauth-authorization-server", Anybody),
    row("GET", "/connect.svg", Anybody),
    row("GET", "/connect.png", Anybody),
    row("GET", "/healthz", Anybody),
    row("GET", "/readyz", Anybody),
    row("GET", "/docs", Anybody),
    row("GET", "/v2/openapi.json", Anybody),

    row("GET", "/", Person),
    sent("POST", "/accountsettings/account", Person, &[("account_id", "1")]),
    row("GET", "/accountsettings", Anybody),
    row("GET", "/accountsettings/developer", Anybody),
    row("GET", "/accountsettings/apps", Person),
    row("POST", "/accountsettings/apps/{grant}/revoke", Person),
    row("GET", "/accountsettings/tokens", Anybody),
    sent("POST", "/accountsettings/tokens", Person, &[("name", "")]),
    row("POST", "/accountsettings/tokens/{token}/revoke", Person),
    row("GET", "/accountsettings/password", Person),
    row("POST", "/accountsettings/password", Person),
    row("POST", "/accountsettings/sessions/end", Person),
    row("GET", "/accountsettings/confirm", Person),
    row("POST", "/accountsettings/confirm", Person),
    row("GET", "/accountsettings/two-step", Person),
    row("POST", "/accountsettings/two-step", Person),
    row("POST", "/accountsettings/two-step/confirm", Person),
    row("POST", "/accountsettings/two-step/off", Person),
    row("POST", "/accountsettings/two-step/recovery", Person),

    row("GET", "/accountsettings/users", Administrator),
    row("POST", "/accountsettings/users", Administrator),
    row("POST", "/accountsettings/users/two-step", Administrator),
    sent("POST", "/accountsettings/users/{user}/role", Administrator, &[("role", "user")]),
    row("POST", "/accountsettings/users/{user}/remove", Administrator),
    row("POST", "/accountsettings/invitations/{id}/withdraw", Administrator),
    row("GET", "/accountsettings/apps/developers", Administrator),
    row("POST", "/accountsettings/apps/developers", Administrator),
    row("GET", "/accountsettings/apps/developers/button", Administrator),
    row("GET", "/accountsettings/apps/developers/{client_id}", Administrator),
    sent("POST", "/accountsettings/apps/developers/{client_id}", Administrator, APPLICATION),
    row("POST", "/accountsettings/apps/developers/{client_id}/secret", Administrator),
    row("POST", "/accountsettings/apps/developers/{client_id}/delete", Administrator),
    row("GET", "/accountsettings/privacy-requests", Administrator),
    row("POST", "/accountsettings/privacy-requests", Administrator),
    row("GET", "/accountsettings/privacy-requests/search", Anybody),
    row("POST", "/accountsettings/privacy-requests/search", Administrator),
    row("GET", "/accountsettings/privacy-requests/{id}", Administrator),
    row("POST", "/accountsettings/privacy-requests/{id}/identifier", Administrator),
    row("POST", "/accountsettings/privacy-requests/{id}/retry", Administrator),
    row("GET", "/accountsettings/team-requests", Administrator),
    row("GET", "/accountsettings/team-requests/{id}", Administrator),
    row("POST", "/accountsettings/team-requests/{id}/identifier", Administrator),
    row("POST", "/accountsettings/team-requests/{id}/start", Administrator),
    row("POST", "/accountsettings/team-requests/{id}/fail", Administrator),
    row("POST", "/accountsettings/team-requests/{id}/complete", Administrator),

    row("GET", "/v2/me", Token),
    row("GET", "/v2/subject-access-requests", AdministratorsToken),
    row("POST", "/v2/subject-access-requests", AdministratorsToken),
    row("GET", "/v2/subject-access-requests/{request_id}", AdministratorsToken),
    row("GET", "/v2/internal-subject-access-requests", Service),
    row("PATCH", "/v2/internal-subject-access-requests/{request_id}", Service),
    row("POST", "/v2/internal-subject-access-requests/{request_id}", Service),
];
