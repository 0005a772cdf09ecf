//! Reading what a form has sent: files go into the form's box as they arrive, fields are kept.

use axum::{
    extract::{FromRequest as _, Multipart, Request, multipart::MultipartError},
    response::Response,
};
use http::{StatusCode, header};
use mail::Language;
use rightful_http::extract::FormPairs;

use super::{super::portal::PageError, page::Filled, words};
use crate::{
    Manager, UploadId,
    app::{ContactToken, Upload, UploadError},
};

/// The name of the field that holds files.
const FILES: &str = "files";
/// The most fields that a form has.
const MOST_FIELDS: usize = 64;
/// The most bytes of a field that is no file.
const LONGEST_FIELD: usize = 64 << 10;

/// What a form has sent.
#[derive(Default)]
pub(super) struct Sent {
    fields: Vec<(String, String)>,
    /// Files that were taken.
    pub(super) added: Vec<Upload>,
    /// Files that were not: their names, and why.
    pub(super) refused: Vec<(String, UploadError)>,
}

/// Which button was pressed.
pub(super) enum Button {
    Send,
    Add,
    Remove(UploadId),
}

impl Sent {
    /// Reads a form, with or without files.
    pub(super) async fn read(manager: &Manager, token: &ContactToken, request: Request) -> Result<Self, PageError> {
        let content_type = request.headers().get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
        if content_type.to_ascii_lowercase().starts_with("multipart/form-data") {
            let multipart = Multipart::from_request(request, manager).await;
            let multipart = multipart.map_err(|_| unreadable(StatusCode::BAD_REQUEST))?;
            return Self::read_multipart(manager, token, multipart).await;
        }
        let pairs = FormPairs::from_request(request, manager).await;
        let FormPairs(fields) = pairs.map_err(|refusal| PageError::Refused {
            status: refusal.status,
            reason: refusal.sentence(),
        })?;
        Ok(Self {
            fields,
            ..Self::default()
        })
    }

    /// Reads the parts of a form one after another: no file is held in memory whole.
    async fn read_multipart(
        manager: &Manager,
        token: &ContactToken,
        mut multipart: Multipart,
    ) -> Result<Self, PageError> {
        let mut sent = Self::default();
        let mut parts = 0;
        loop {
            let field = match multipart.next_field().await {
                Ok(Some(field)) => field,
                Ok(None) => return Ok(sent),
                Err(error) => return sent.broken(manager, &error),
            };
            parts += 1;
            if parts > MOST_FIELDS + usize::try_from(manager.settings().direct_contact_max_files).unwrap_or(0) {
                return Err(unreadable(StatusCode::BAD_REQUEST));
            }
            let name = field.name().unwrap_or_default().to_owned();
            let file_name = field.file_name().map(str::to_owned);
            if name == FILES {
                // A file field that was left empty is sent all the same, without a name.
                let Some(file_name) = file_name.filter(|name| !name.is_empty()) else {
                    continue;
                };
                if let Err(error) = sent.take_file(manager, token, &file_name, field).await? {
                    return sent.broken(manager, &error);
                }
            } else if let Err(error) = sent.take_field(name, field).await? {
                return sent.broken(manager, &error);
            }
        }
    }

    async fn take_file(
        &mut self,
        manager: &Manager,
        token: &ContactToken,
        name: &str,
        mut field: axum::extract::multipart::Field<'_>,
    ) -> Result<Result<(), MultipartError>, PageError> {
        let mut receiving = match manager.receive_upload(token, name).await {
            Ok(receiving) => receiving,
            Err(error) => return self.refuse(name, error).map(Ok),
        };
        loop {
            match field.chunk().await {
                Ok(Some(bytes)) => {
                    if let Err(error) = receiving.bytes(&bytes).await {
                        receiving.abandon().await?;
                        return self.refuse(name, error).map(Ok);
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    receiving.abandon().await?;
                    return Ok(Err(error));
                }
            }
        }
        match receiving.finish().await {
            Ok(upload) => self.added.push(upload),
            Err(error) => self.refuse(name, error)?,
        }
        Ok(Ok(()))
    }

    fn refuse(&mut self, name: &str, error: UploadError) -> Result<(), PageError> {
        if let UploadError::Store(error) = error {
            return Err(error.into());
        }
        self.refused.push((crate::app::contact::harmless(name), error));
        Ok(())
    }

    async fn take_field(
        &mut self,
        name: String,
        mut field: axum::extract::multipart::Field<'_>,
    ) -> Result<Result<(), MultipartError>, PageError> {
        let mut value = Vec::new();
        loop {
            match field.chunk().await {
                Ok(Some(bytes)) => value.extend_from_slice(&bytes),
                Ok(None) => break,
                Err(error) => return Ok(Err(error)),
            }
            if value.len() > LONGEST_FIELD {
                return Err(unreadable(StatusCode::PAYLOAD_TOO_LARGE));
            }
        }
        let value = String::from_utf8(value).map_err(|_| unreadable(StatusCode::BAD_REQUEST))?;
        self.fields.push((name, value));
        Ok(Ok(()))
    }

    /// The rest of the form did not come: because it is longer than a form may be, or because the way broke off.
    fn broken(mut self, manager: &Manager, error: &MultipartError) -> Result<Self, PageError> {
        if error.status() != StatusCode::PAYLOAD_TOO_LARGE {
            return Err(unreadable(error.status()));
        }
        let limit = manager.settings().direct_contact_max_answer;
        self.refused.push((String::new(), UploadError::TooMuch { limit }));
        Ok(self)
    }

    fn field(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(field, _)| field == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// What was filled in, to be shown again, and which button was pressed.
    pub(super) fn into_filled(self, manager: &Manager, language: Language) -> (Filled, Button) {
        let words = words::of(language);
        let button = match self.field("do") {
            "add" => Button::Add,
            text => match text.strip_prefix("remove-").map(str::parse) {
                Some(Ok(id)) => Button::Remove(id),
                _ => Button::Send,
            },
        };
        let files: Vec<String> = self
            .refused
            .iter()
            .map(|(name, error)| words.refused(name, error, manager.settings()))
            .collect();
        let filled = Filled {
            outcome: self.field("outcome").trim().to_owned(),
            reason: self.field("reason").to_owned(),
            email: self.field("email").trim().to_owned(),
            note: self.field("note").to_owned(),
            attested: !self.field("attest").is_empty(),
            errors: files.into_iter().map(|sentence| ("files", sentence)).collect(),
        };
        (filled, button)
    }
}

fn unreadable(status: StatusCode) -> PageError {
    PageError::Refused {
        status,
        reason: "the form that was sent can't be read".to_owned(),
    }
}

/// What a page error looks like to a script.
pub(super) fn as_response(error: PageError) -> Response {
    axum::response::IntoResponse::into_response(error)
}
