//! What the pages for data subjects say, in every language.

mod de;
mod en;
mod es;
mod fr;

use http::StatusCode;
use mail::Language;

/// What went wrong: how the page is called, and what it says.
pub(crate) struct Fault {
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
}

/// The texts of one language. `{until}`, `{brand}` and the like stand for values.
pub(crate) struct Texts {
    pub(super) reference: &'static str,
    pub(super) answer_by: &'static str,
    pub(super) no_such_link: Fault,
    pub(super) verify_title: &'static str,
    pub(super) verify_access: &'static str,
    pub(super) verify_deletion: &'static str,
    pub(super) verify_button: &'static str,
    pub(super) verify_hint: &'static str,
    pub(super) cancel_title: &'static str,
    pub(super) cancel_hint: &'static str,
    pub(super) cancel_button: &'static str,
    pub(super) progress_title: &'static str,
    pub(super) progress: &'static str,
    pub(super) progress_grace: &'static str,
    pub(super) progress_deleting: &'static str,
    pub(super) progress_delivering: &'static str,
    pub(super) closed_title: &'static str,
    pub(super) closed_deleted: &'static str,
    pub(super) closed_downloaded: &'static str,
    pub(super) closed_not_downloaded: &'static str,
    pub(super) closed_unverified: &'static str,
    pub(super) closed_denied: &'static str,
    pub(super) closed_cancelled: &'static str,
    pub(super) closed_duplicate: &'static str,
    pub(super) closed_nonresponsive: &'static str,
    pub(super) closed_otherwise: &'static str,
    pub(super) download_title: &'static str,
    pub(super) download: &'static str,
    pub(super) download_until: &'static str,
    pub(super) download_button: &'static str,
    pub(super) download_hint: &'static str,
    pub(super) download_fetched: &'static str,
    pub(super) download_replaced: &'static str,
    pub(super) download_over: &'static str,
    pub(crate) language_name: &'static str,
    pub(crate) language_label: &'static str,
    pub(super) optional: &'static str,
    pub(super) form_title: &'static str,
    pub(super) form_lede: &'static str,
    pub(super) form_steps: [&'static str; 3],
    pub(super) right_label: &'static str,
    pub(super) right_access: &'static str,
    pub(super) right_access_hint: &'static str,
    pub(super) right_deletion: &'static str,
    pub(super) right_deletion_hint: &'static str,
    pub(super) email_label: &'static str,
    pub(super) email_hint: &'static str,
    pub(super) place_label: &'static str,
    pub(super) place_hint: &'static str,
    pub(super) place_other: &'static str,
    pub(super) identifiers_title: &'static str,
    pub(super) identifiers_hint: &'static str,
    pub(super) identifiers: [&'static str; 4],
    pub(super) message_label: &'static str,
    pub(super) message_hint: &'static str,
    pub(super) send: &'static str,
    pub(super) form_note: &'static str,
    pub(super) problem: &'static str,
    pub(super) right_missing: &'static str,
    pub(super) email_missing: &'static str,
    pub(super) email_wrong: &'static str,
    pub(super) too_long: &'static str,
    pub(super) unreadable: &'static str,
    pub(super) stale: &'static str,
    pub(super) trap: &'static str,
    pub(super) sent_title: &'static str,
    pub(super) sent: &'static str,
    pub(super) sent_none_title: &'static str,
    pub(super) sent_none: [&'static str; 3],
    pub(super) sent_again: &'static str,
    pub(super) too_many_title: &'static str,
    pub(super) too_many: &'static str,
    pub(super) form_closed_title: &'static str,
    pub(super) form_closed: &'static str,
    pub(super) steps_title: &'static str,
    pub(super) received: &'static str,
    pub(super) step_received: &'static str,
    pub(super) step_confirm: &'static str,
    pub(super) step_confirmed: &'static str,
    pub(super) step_access: &'static str,
    pub(super) step_deletion: &'static str,
    pub(super) step_copy: &'static str,
    pub(super) step_deleted: &'static str,
    pub(super) step_closed: &'static str,
    pub(super) extended: &'static str,
    pub(super) contents_title: &'static str,
    pub(super) contents: [&'static str; 4],
    pub(super) captcha_label: &'static str,
    pub(super) captcha_hint: &'static str,
    pub(super) captcha_missing: &'static str,
    pub(super) captcha_wrong: &'static str,
    pub(super) captcha_unavailable: &'static str,
    pub(super) captcha_no_script: &'static str,
    pub(crate) to_form: &'static str,
    pub(crate) write_to: &'static str,
    pub(crate) privacy_notice: &'static str,
    pub(crate) fault_id: &'static str,
    nothing_here: Fault,
    not_that_way: Fault,
    not_understood: Fault,
    too_large: Fault,
    not_accepted: Fault,
    unavailable: Fault,
    our_fault: Fault,
}

impl Texts {
    /// Those of this language.
    pub(crate) const fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &en::TEXTS,
            Language::German => &de::TEXTS,
            Language::French => &fr::TEXTS,
            Language::Spanish => &es::TEXTS,
        }
    }

    /// What is said of an answer of this status, behind a link of a mail or elsewhere.
    pub(crate) fn fault(&self, status: StatusCode, is_linked: bool) -> &Fault {
        match status {
            StatusCode::NOT_FOUND if is_linked => &self.no_such_link,
            StatusCode::NOT_FOUND => &self.nothing_here,
            StatusCode::METHOD_NOT_ALLOWED => &self.not_that_way,
            StatusCode::FORBIDDEN => &self.not_accepted,
            StatusCode::PAYLOAD_TOO_LARGE => &self.too_large,
            StatusCode::SERVICE_UNAVAILABLE => &self.unavailable,
            status if status.is_server_error() => &self.our_fault,
            _ => &self.not_understood,
        }
    }
}
