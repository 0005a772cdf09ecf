//! The frame of pages for people without an account.

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use mail::Language;
use rightful_http::pages::{LanguageLink, Languages, Layout, Link, Shell};

use super::{public::Texts, reader::in_language};
use crate::{Manager, app::company::Company};

/// For whom a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    /// Data subjects.
    Subjects,
    /// Processors, who come with a link and for nothing else.
    Processors,
}

/// Where a page stands, for whom, and in which language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outside<'a> {
    pub(super) audience: Audience,
    /// The path at which it, or what comes next, can be opened.
    pub(super) path: &'a str,
    pub(super) language: Language,
}

impl Outside<'_> {
    /// A page with `body` inside; it is never kept by a browser or on the way (SEC-49).
    pub(super) fn page(
        self,
        manager: &Manager,
        layout: Layout,
        status: StatusCode,
        title: &str,
        body: &impl Template,
    ) -> Response {
        let company = manager.company_as_known();
        let texts = Texts::of(self.language);
        let links = self.links(&company);
        let home = match self.audience {
            Audience::Subjects => format!("/privacy{}", in_language(self.language)),
            // There is no other page for whoever has this link.
            Audience::Processors => "#main".to_owned(),
        };
        let contact = company.privacy_centre.contact.as_deref();
        let contact = contact.map(|address| (format!("{}: {address}", texts.write_to), format!("mailto:{address}")));
        let notice = company.privacy_centre.privacy_notice.as_ref();
        let notice = notice.filter(|_| self.audience == Audience::Subjects);
        let footer: Vec<_> = notice
            .map(|notice| Link {
                label: texts.privacy_notice,
                href: notice.as_str(),
            })
            .into_iter()
            .chain(contact.as_ref().map(|(label, href)| Link { label, href }))
            .collect();
        let mut shell = Shell::new(&company.brand.name, title).layout(layout);
        shell.accent = company.brand.accent();
        shell.home = &home;
        shell.lang = self.language.name();
        shell.footer = &footer;
        shell.languages = (links.len() > 1).then_some(Languages {
            label: texts.language_label,
            links: &links,
        });
        (status, [(header::CACHE_CONTROL, "no-store")], shell.around(body)).into_response()
    }

    /// The page in every language that its readers may want.
    fn links(self, company: &Company) -> Vec<LanguageLink<'static>> {
        let offered = match self.audience {
            Audience::Subjects => company.privacy_centre.languages.as_slice(),
            Audience::Processors => Language::ALL,
        };
        // A mail may have been written in one that is not offered any more.
        let own = (!offered.contains(&self.language)).then_some(self.language);
        let link = |language: Language| LanguageLink {
            lang: language.name(),
            name: Texts::of(language).language_name,
            href: format!("{}{}", self.path, in_language(language)),
            current: language == self.language,
        };
        offered.iter().copied().chain(own).map(link).collect()
    }
}
