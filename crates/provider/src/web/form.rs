//! Forms that our own pages send.

use axum::extract::{FromRequest, FromRequestParts as _, Request};
use rightful_http::{
    csrf,
    extract::{FormPairs, Place, Refusal},
};

use super::{page::PageError, visitor::Visitor};
use crate::Provider;

/// A form that came from our own page in this very browser, for this very path. It holds passwords: no `Debug`.
pub(crate) struct Sent {
    /// Who sent it.
    pub(crate) visitor: Visitor,
    pairs: FormPairs,
}

impl FromRequest<Provider> for Sent {
    type Rejection = PageError;

    async fn from_request(request: Request, provider: &Provider) -> Result<Self, PageError> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, provider).await?;
        let headers = parts.headers.clone();
        let pairs = FormPairs::from_request(Request::from_parts(parts, body), provider).await?;
        let presented = pairs.one(csrf::FIELD)?.unwrap_or_default();
        csrf::check(
            provider.csrf(),
            &visitor.token,
            &visitor.path,
            presented,
            &headers,
            &provider.settings().public_url,
        )?;
        Ok(Self { visitor, pairs })
    }
}

impl Sent {
    /// A field's value without spaces around it; empty where the field is missing.
    pub(crate) fn text(&self, field: &str) -> Result<&str, PageError> {
        Ok(self.verbatim(field)?.trim())
    }

    /// A field's value as it was typed, for passwords.
    pub(crate) fn verbatim(&self, field: &str) -> Result<&str, PageError> {
        let value = self.pairs.one(field)?.unwrap_or_default();
        // No database text and no header can hold it.
        if value.contains('\0') {
            return Err(Refusal::new(Place::Body, "has a character that cannot be stored")
                .field(field)
                .into());
        }
        Ok(value)
    }

    /// Whether a box is ticked.
    pub(crate) fn ticked(&self, field: &str) -> Result<bool, PageError> {
        Ok(!matches!(self.text(field)?, "" | "0" | "off" | "false" | "no"))
    }
}
