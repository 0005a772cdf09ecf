//! What the form says, in each language.

mod de;
mod en;
mod es;
mod fr;

use mail::Language;
use privacy::IdentityType;

use crate::{
    Settings,
    app::{AnswerFault, ContactOutcome, UploadError, contact::EXTENSIONS},
};

/// The texts of one language. `{brand}`, `{name}` and the like stand for values.
pub(super) struct Words {
    title_access: &'static str,
    title_deletion: &'static str,
    lede: &'static str,
    pub(super) asked: &'static str,
    pub(super) task_access: &'static str,
    pub(super) task_deletion: &'static str,
    pub(super) system: &'static str,
    pub(super) account: &'static str,
    pub(super) answer_by: &'static str,
    pub(super) reference: &'static str,
    note_from: &'static str,
    identities: [&'static str; 5],
    pub(super) your_answer: &'static str,
    outcome_label_access: &'static str,
    outcome_label_deletion: &'static str,
    found: &'static str,
    nothing_found_access: &'static str,
    deleted: &'static str,
    nothing_found_deletion: &'static str,
    cannot_delete: &'static str,
    pub(super) reason: &'static str,
    pub(super) reason_hint: &'static str,
    pub(super) reason_when: &'static str,
    pub(super) files: &'static str,
    files_hint: &'static str,
    pub(super) add: &'static str,
    pub(super) remove: &'static str,
    pub(super) added: &'static str,
    pub(super) removed: &'static str,
    pub(super) uploading: &'static str,
    pub(super) upload_failed: &'static str,
    pub(super) email: &'static str,
    pub(super) email_hint: &'static str,
    pub(super) note: &'static str,
    pub(super) optional: &'static str,
    pub(super) attest_label: &'static str,
    pub(super) attest: &'static str,
    pub(super) send: &'static str,
    pub(super) once: &'static str,
    pub(super) problem: &'static str,
    outcome_missing: &'static str,
    files_missing: &'static str,
    files_unexpected: &'static str,
    reason_missing: &'static str,
    email_wrong: &'static str,
    not_attested: &'static str,
    too_long: &'static str,
    file_kind: &'static str,
    file_disguised: &'static str,
    file_empty: &'static str,
    file_too_large: &'static str,
    files_too_much: &'static str,
    files_too_many: &'static str,
    pub(super) thanks_title: &'static str,
    pub(super) thanks: &'static str,
    pub(super) closed_title: &'static str,
    pub(super) closed: &'static str,
    pub(super) unknown_title: &'static str,
    pub(super) unknown: &'static str,
}

/// The texts of `language`.
pub(super) fn of(language: Language) -> &'static Words {
    match language {
        Language::English => &en::WORDS,
        Language::German => &de::WORDS,
        Language::French => &fr::WORDS,
        Language::Spanish => &es::WORDS,
    }
}

impl Words {
    pub(super) fn title(&self, brand: &str, is_deletion: bool) -> String {
        let title = if is_deletion {
            self.title_deletion
        } else {
            self.title_access
        };
        title.replace("{brand}", brand)
    }

    pub(super) const fn outcome_label(&self, is_deletion: bool) -> &'static str {
        if is_deletion {
            self.outcome_label_deletion
        } else {
            self.outcome_label_access
        }
    }

    pub(super) fn lede(&self, brand: &str) -> String {
        self.lede.replace("{brand}", brand)
    }

    pub(super) fn note_from(&self, brand: &str) -> String {
        self.note_from.replace("{brand}", brand)
    }

    pub(super) fn identity(&self, kind: IdentityType) -> &'static str {
        let [email, visitor, dcp, fullstack, other] = self.identities;
        match kind {
            IdentityType::Email => email,
            IdentityType::OptimizelyEndUserId => visitor,
            IdentityType::DcpId => dcp,
            IdentityType::FullstackId => fullstack,
            IdentityType::Other => other,
        }
    }

    pub(super) const fn outcome(&self, outcome: ContactOutcome, is_deletion: bool) -> &'static str {
        match outcome {
            ContactOutcome::Found => self.found,
            ContactOutcome::NothingFound if is_deletion => self.nothing_found_deletion,
            ContactOutcome::NothingFound => self.nothing_found_access,
            ContactOutcome::Deleted => self.deleted,
            ContactOutcome::CannotDelete => self.cannot_delete,
        }
    }

    pub(super) fn files_hint(&self, settings: &Settings) -> String {
        self.files_hint
            .replace("{kinds}", EXTENSIONS)
            .replace("{file}", &size(settings.direct_contact_max_file))
            .replace("{answer}", &size(settings.direct_contact_max_answer))
    }

    pub(super) const fn fault(&self, fault: AnswerFault) -> &'static str {
        match fault {
            AnswerFault::OutcomeMissing => self.outcome_missing,
            AnswerFault::FilesMissing => self.files_missing,
            AnswerFault::FilesUnexpected => self.files_unexpected,
            AnswerFault::ReasonMissing => self.reason_missing,
            AnswerFault::EmailWrong => self.email_wrong,
            AnswerFault::NotAttested => self.not_attested,
            AnswerFault::TooLong => self.too_long,
        }
    }

    /// Why a file was not taken. The name is a stranger's: escape it.
    pub(super) fn refused(&self, name: &str, error: &UploadError, settings: &Settings) -> String {
        let sentence = match error {
            UploadError::Kind => self.file_kind.replace("{kinds}", EXTENSIONS),
            UploadError::Disguised => self.file_disguised.to_owned(),
            UploadError::Empty => self.file_empty.to_owned(),
            UploadError::TooLarge { limit } => self.file_too_large.replace("{limit}", &size(*limit)),
            UploadError::TooMuch { limit } => self.files_too_much.replace("{limit}", &size(*limit)),
            UploadError::TooMany { .. } => self
                .files_too_many
                .replace("{limit}", &settings.direct_contact_max_files.to_string()),
            UploadError::Closed | UploadError::NoSuchFile | UploadError::Store(_) => self.closed_title.to_owned(),
        };
        if name.is_empty() {
            sentence
        } else {
            format!("{name}: {sentence}")
        }
    }
}

/// What a browser offers to choose from.
pub(super) fn accept() -> String {
    let mut endings: Vec<String> = EXTENSIONS.split(", ").map(|ending| format!(".{ending}")).collect();
    endings.push(".jpeg".to_owned());
    endings.join(",")
}

/// A length for people.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KB", bytes.div_ceil(1_024)),
        _ => {
            let tenths = bytes.saturating_mul(10).div_ceil(1 << 20);
            match tenths % 10 {
                0 => format!("{} MB", tenths / 10),
                rest => format!("{}.{rest} MB", tenths / 10),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_told_as_people_say_them() {
        let table = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KB"),
            (25 << 20, "25 MB"),
            (1_600_000, "1.6 MB"),
        ];
        for (bytes, said) in table {
            assert_eq!(size(bytes), said);
        }
    }

    #[test]
    fn every_language_fills_in_what_it_tells() {
        let settings = Settings::default();
        for language in [Language::English, Language::German, Language::French, Language::Spanish] {
            let words = of(language);
            let told = [
                words.title("Acme", false),
                words.title("Acme", true),
                words.lede("Acme"),
                words.note_from("Acme"),
                words.files_hint(&settings),
                words.refused("a.exe", &UploadError::Kind, &settings),
                words.refused("a.csv", &UploadError::TooLarge { limit: 25 << 20 }, &settings),
                words.refused("", &UploadError::TooMuch { limit: 100 << 20 }, &settings),
                words.refused("a.csv", &UploadError::TooMany { limit: 50 }, &settings),
            ];
            for text in told {
                assert!(!text.contains('{') && !text.is_empty(), "{text}");
            }
        }
    }
}
