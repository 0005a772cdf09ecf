//! A mail as it travels (RFC 5322).

use std::time::SystemTime;

use jiff::Timestamp;
use lettre::{
    Message,
    message::{
        MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};
use oauth::Secret;
use serde::{Deserialize, Serialize};

use crate::{Language, Mail, MailAddress, MailError, Outgoing, address::WrittenAddress};

/// All that a mail says, as it is sealed in the outbox.
#[derive(Serialize, Deserialize)]
pub(crate) struct Contents {
    pub(crate) from: WrittenAddress,
    pub(crate) to: WrittenAddress,
    pub(crate) reply_to: Option<WrittenAddress>,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: Option<String>,
}

impl Contents {
    pub(crate) fn new(mail: &Mail, sender: &MailAddress) -> Self {
        Self {
            from: sender.into(),
            to: (&mail.to).into(),
            reply_to: mail.reply_to.as_ref().map(WrittenAddress::from),
            subject: mail.subject.clone(),
            text: mail.text.clone(),
            html: mail.html.clone(),
        }
    }
}

/// The message, the same bytes each time: nothing in it is made here.
pub(crate) fn build(
    contents: Contents,
    message_id: &str,
    language: Language,
    date: Timestamp,
) -> Result<Outgoing, BuildMessageError> {
    let to = MailAddress::try_from(contents.to)?;
    let plain = Secret::new(contents.text.clone());
    let mut builder = Message::builder()
        .from(MailAddress::try_from(contents.from)?.mailbox())
        .to(to.mailbox())
        .subject(contents.subject)
        .date(SystemTime::from(date))
        .message_id(Some(format!("<{message_id}>")))
        .raw_header(header("Content-Language", language.name())?)
        // Nobody's absence note answers a machine (RFC 3834; the second is Exchange's word for it).
        .raw_header(header("Auto-Submitted", "auto-generated")?)
        .raw_header(header("X-Auto-Response-Suppress", "All")?);
    if let Some(address) = contents.reply_to {
        builder = builder.reply_to(MailAddress::try_from(address)?.mailbox());
    }
    let text = SinglePart::plain(contents.text);
    let message = match contents.html {
        None => builder.singlepart(text)?,
        Some(html) => {
            let (boundary, _) = message_id.split_once('@').unwrap_or((message_id, ""));
            let parts = MultiPart::alternative().boundary(boundary).singlepart(text);
            builder.multipart(parts.singlepart(SinglePart::html(html)))?
        }
    };
    Ok(Outgoing {
        message_id: message_id.to_owned(),
        to,
        text: plain,
        message: Secret::new(message.formatted()),
        envelope: message.envelope().clone(),
    })
}

/// What was sealed is no mail.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildMessageError {
    #[error(transparent)]
    Part(#[from] MailError),
    #[error("the message could not be built")]
    Message(#[from] lettre::error::Error),
}

fn header(name: &'static str, value: &str) -> Result<HeaderValue, MailError> {
    let reason = "not the name of a header";
    let name = HeaderName::new_from_ascii(name.to_owned()).map_err(|_| MailError { field: name, reason })?;
    Ok(HeaderValue::new(name, value.to_owned()))
}
