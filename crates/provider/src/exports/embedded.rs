//! The embedded S3 endpoint: path style, one bucket, AWS Signature Version 4 on every request, objects sealed on disk.

mod files;
mod listing;
mod objects;
mod window;

use std::{io, path::PathBuf};

use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, Method, Request, StatusCode, Version, header, uri::Authority};
use s3s::{auth::SimpleAuth, service::S3Service, service::S3ServiceBuilder};
use tracing::{Dispatch, instrument::WithSubscriber as _};
use vault::{SharedEntropy, Vault};

use self::{files::Files, objects::Objects};
use super::keys::S3Keys;

/// The endpoint, in this process. Several processes may serve the same folder.
#[derive(Clone)]
pub struct EmbeddedS3 {
    service: S3Service,
    bucket: String,
    public_host: Authority,
}

impl EmbeddedS3 {
    pub(super) fn open(
        folder: PathBuf,
        bucket: &str,
        keys: &S3Keys,
        public_host: Authority,
        vault: Vault,
        entropy: SharedEntropy,
    ) -> io::Result<Self> {
        let files = Files::open(folder, vault, entropy)?;
        let mut builder = S3ServiceBuilder::new(Objects::new(files, bucket.to_owned()));
        builder.set_auth(SimpleAuth::from_single(&keys.access, keys.secret.reveal().as_str()));
        Ok(Self {
            service: builder.build(),
            bucket: bucket.to_owned(),
            public_host,
        })
    }

    /// The bucket's name, which is the first segment of every path that belongs here.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// Answers a request from outside.
    pub async fn answer(&self, request: axum::extract::Request) -> Response {
        let Some(kind) = kind_of(request.method(), request.uri().query().unwrap_or_default()) else {
            return StatusCode::METHOD_NOT_ALLOWED.into_response();
        };
        let signed_v4 = match kind {
            Signature::InQuery => true,
            Signature::InHeader => request
                .headers()
                .get(header::AUTHORIZATION)
                .is_some_and(|value| value.as_bytes().starts_with(b"AWS4-HMAC-SHA256")),
        };
        if !signed_v4 {
            return denied();
        }
        // A link that we signed holds for the public URL's host, whatever a proxy before us calls us.
        if kind == Signature::InQuery && matches!(*request.method(), Method::GET | Method::HEAD) {
            let linked = self.call(self.under_public_host(&request)).await;
            if !matches!(&linked, Ok(answer) if answer.status() == StatusCode::FORBIDDEN) {
                return answered(linked);
            }
        }
        let request = if has_body(&request) {
            request.map(s3s::Body::http_body_unsync)
        } else {
            request.map(|_| s3s::Body::empty())
        };
        answered(self.call(request).await)
    }

    /// The same request, without its body, as if it had come to the public URL.
    fn under_public_host(&self, request: &axum::extract::Request) -> Request<s3s::Body> {
        let mut same = Request::new(s3s::Body::empty());
        *same.method_mut() = request.method().clone();
        *same.uri_mut() = request.uri().clone();
        *same.headers_mut() = request.headers().clone();
        if let Ok(host) = HeaderValue::from_str(self.public_host.as_str()) {
            same.headers_mut().insert(header::HOST, host);
        }
        same
    }

    /// Answers a signed request from this process.
    pub(super) async fn call(&self, request: Request<s3s::Body>) -> Result<http::Response<s3s::Body>, ()> {
        // The library logs whole requests, and signatures stand in them.
        let answer = self.service.call(request).with_subscriber(Dispatch::none()).await;
        answer.map_err(|_| tracing::error!("the embedded S3 endpoint could not answer"))
    }
}

/// False where certainly nothing follows the head: a layer before us may have hidden that from the body's length, which
/// the signature's check needs.
fn has_body(request: &axum::extract::Request) -> bool {
    let headers = request.headers();
    let announced = headers.contains_key(header::CONTENT_LENGTH) || headers.contains_key(header::TRANSFER_ENCODING);
    let never = matches!(*request.method(), Method::GET | Method::HEAD | Method::DELETE);
    !never && (announced || request.version() >= Version::HTTP_2)
}

fn answered(answer: Result<http::Response<s3s::Body>, ()>) -> Response {
    match answer {
        Ok(answer) => answer.map(axum::body::Body::new).into_response(),
        Err(()) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signature {
    InQuery,
    InHeader,
}

/// Where the signature must be, for a method that may be used at all. `POST` belongs to uploads in parts only: forms
/// of browsers are not taken.
fn kind_of(method: &Method, query: &str) -> Option<Signature> {
    let has = |name: &str| {
        query
            .split('&')
            .any(|pair| pair.split('=').next().is_some_and(|key| key.eq_ignore_ascii_case(name)))
    };
    let allowed = match *method {
        Method::GET | Method::HEAD | Method::PUT | Method::DELETE => true,
        Method::POST => has("uploads") || has("uploadId"),
        _ => false,
    };
    allowed.then(|| {
        if has("X-Amz-Signature") {
            Signature::InQuery
        } else {
            Signature::InHeader
        }
    })
}

fn denied() -> Response {
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>AccessDenied</Code>\
                <Message>Access Denied</Message></Error>";
    (StatusCode::FORBIDDEN, [(header::CONTENT_TYPE, "application/xml")], body).into_response()
}
