//! Fetching an export.

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{
    HeaderMap, Request, StatusCode,
    header::{CONTENT_LENGTH, LOCATION},
};
use jiff::Timestamp;
use rightful_http::client::{Body, Transport, TransportError};
use url::Url;

use super::{
    error::ExportError,
    location::{ExportLocation, export_request, plain_get, refused},
};
use crate::settings::ExportSettings;

/// An export is looked for in at most this many places after the first.
const MOST_REDIRECTS: usize = 3;

/// An export that is being handed out.
#[derive(Debug)]
pub struct Export {
    /// The archive as it arrives; it fails beyond `export_max_bytes`.
    pub body: Body,
    /// Its length, where the host tells.
    pub length: Option<u64>,
    /// The host that hands it out, for the record.
    pub host: String,
}

/// Fetches an export: at most three redirects, each to an allowed `https` host, without any credential of the vendor.
/// The time that it takes in all is for the caller to bound (`export_timeout`).
pub async fn fetch(
    transport: &dyn Transport,
    location: &ExportLocation,
    settings: &ExportSettings,
    now: Timestamp,
) -> Result<Export, ExportError> {
    let mut request = export_request(location, settings, now)?;
    for _ in 0..=MOST_REDIRECTS {
        let url: Url = request
            .uri()
            .to_string()
            .parse()
            .map_err(|_| refused("it is not a URL"))?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let answer = transport.send(request).await?;
        let status = answer.status();
        if status == StatusCode::OK {
            return open(answer, host, settings.limits.max_bytes);
        }
        match status.as_u16() {
            301 | 302 | 303 | 307 | 308 => request = redirected(&url, answer.headers(), settings)?,
            408 | 425 | 429 | 500.. => {
                return Err(ExportError::Unavailable {
                    reason: format!("{host} answers {status}"),
                });
            }
            status => return Err(ExportError::NotHandedOut { host, status }),
        }
    }
    Err(ExportError::Redirects)
}

fn redirected(from: &Url, headers: &HeaderMap, settings: &ExportSettings) -> Result<Request<Bytes>, ExportError> {
    let target = headers
        .get(LOCATION)
        .and_then(|value| value.to_str().ok())
        .ok_or(ExportError::Redirects)?;
    let target = from.join(target).map_err(|_| ExportError::Redirects)?;
    plain_get(&target, settings)
}

fn open(answer: http::Response<Body>, host: String, most: u64) -> Result<Export, ExportError> {
    let length = answer
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    if length.is_some_and(|length| length > most) {
        return Err(ExportError::Limit {
            limit: "export_max_bytes",
            value: most,
        });
    }
    let mut read: u64 = 0;
    let body = answer.into_body().into_stream().map(move |piece| {
        let piece = piece?;
        read = read.saturating_add(piece.len() as u64);
        if read > most {
            return Err(TransportError::TooLarge {
                limit: usize::try_from(most).unwrap_or(usize::MAX),
            });
        }
        Ok(piece)
    });
    Ok(Export {
        body: Body::from_stream(body.boxed()),
        length,
        host,
    })
}
