//! A mail in the terminal.

use mail::ReadMail;

/// The mail as people read it.
pub(super) fn text(mail: &ReadMail) -> String {
    format!(
        "From: {}\nTo: {}\nDate: {}\nSubject: {}\n\n{}",
        mail.from.reveal(),
        mail.to.reveal(),
        mail.listed.created_at,
        mail.subject.reveal(),
        mail.text.reveal().trim_end()
    )
}
