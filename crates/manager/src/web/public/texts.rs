//! What the pages for data subjects say, in every language.

mod de;
mod en;
mod es;
mod fr;

use mail::Language;

/// The texts of one language. `{until}` stands for a time.
pub(super) struct Texts {
    pub(super) reference: &'static str,
    pub(super) answer_by: &'static str,
    pub(super) no_link_title: &'static str,
    pub(super) no_link: &'static str,
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
}

impl Texts {
    /// Those of this language.
    pub(super) const fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &en::TEXTS,
            Language::German => &de::TEXTS,
            Language::French => &fr::TEXTS,
            Language::Spanish => &es::TEXTS,
        }
    }
}
