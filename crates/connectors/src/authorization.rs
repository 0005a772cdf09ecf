//! How a connection is authorized, and whose it turns out to be.

use privacy::Personal;

/// What the OAuth client needs to know of a vendor, and what people should read before they consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// The authorization server's issuer: what metadata (RFC 8414) and `iss` (RFC 9207) must name.
    pub issuer: String,
    /// Where the user's browser is sent.
    pub authorize_url: String,
    /// Where codes and refresh tokens are exchanged.
    pub token_url: String,
    /// Where tokens are revoked (RFC 7009), for a vendor that has this by default.
    pub revoke_url: Option<String>,
    /// The scope that is asked for.
    pub scope: &'static str,
    /// Parameters of the authorization request beyond the standard's, the vendor's own name for the scope among them.
    pub parameters: Vec<(&'static str, String)>,
    /// What the scope means, one right a line.
    pub scope_words: &'static [&'static str],
    /// What to do at the vendor before connecting, step by step; `{redirect_uri}` stands for the URI to register.
    pub set_up: &'static [&'static str],
    /// How a user takes the grant back at the vendor, for when it can't be revoked from here.
    pub revoke_advice: &'static str,
}

/// Whose grant an access token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whose {
    /// The vendor's account.
    pub account_id: String,
    /// Its name, where the vendor tells.
    pub account_name: Option<String>,
    /// The user who consented, by the vendor's stable id.
    pub user_id: String,
    /// The user's mail address, where the vendor tells.
    pub user_email: Option<Personal>,
}
