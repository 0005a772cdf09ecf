//! Why a mail was not made.

/// A part of a mail is not what it must be. The value itself is never told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct MailError {
    /// Which part, by the name that the caller knows it by.
    pub field: &'static str,
    /// In plain words.
    pub reason: &'static str,
}

/// Refuses what would end a header's line and begin another one (CWE-93): line breaks and every other control
/// character, and the line separators of Unicode.
pub(crate) fn one_line(field: &'static str, value: &str) -> Result<(), MailError> {
    let breaks = |character: char| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
    if value.chars().any(breaks) {
        return Err(MailError {
            field,
            reason: "it must be one line, without control characters",
        });
    }
    Ok(())
}
