//! The frame around every page.

use askama::{Template, filters::HtmlSafe};
use axum::response::{Html, IntoResponse as _, Response};
use http::StatusCode;

use super::{
    Accent, assets,
    parts::{Csrf, Toast},
};

/// How wide a page is and whether the bar stands above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// Tables and lists.
    #[default]
    Wide,
    /// Text and forms.
    Reading,
    /// One card under the brand's name: log-in, consent, a public form's answer. No bar, no way out but the form's.
    Narrow,
}

impl Layout {
    fn class(self) -> &'static str {
        match self {
            Self::Wide => "wide",
            Self::Reading => "reading",
            Self::Narrow => "narrow",
        }
    }
}

/// A link in the footer.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    /// What it says.
    pub label: &'a str,
    /// Where it leads.
    pub href: &'a str,
}

/// An entry of the main navigation.
#[derive(Debug, Clone, Copy)]
pub struct NavItem<'a> {
    /// What it says.
    pub label: &'a str,
    /// Where it leads.
    pub href: &'a str,
    /// Whether the page is there, or below.
    pub current: bool,
}

/// Who is logged in.
#[derive(Debug, Clone)]
pub struct User<'a> {
    /// As they are called in the bar.
    pub name: &'a str,
    /// What they are there for, in words; may be empty.
    pub role: &'a str,
    /// Their own pages: profile, sessions.
    pub links: &'a [Link<'a>],
    /// Where the log-out button posts to.
    pub logout: &'a str,
    /// The token of that form.
    pub csrf: Csrf,
}

/// A second navigation beside the page, for places of one kind: the settings.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// What the places have in common.
    pub label: &'a str,
    /// The places.
    pub items: &'a [NavItem<'a>],
}

/// The page in another language.
#[derive(Debug, Clone)]
pub struct LanguageLink<'a> {
    /// The language (BCP 47).
    pub lang: &'a str,
    /// Its name, in itself.
    pub name: &'a str,
    /// Where the page speaks it.
    pub href: String,
    /// Whether it does so here.
    pub current: bool,
}

/// The languages that a page can be read in.
#[derive(Debug, Clone, Copy)]
pub struct Languages<'a> {
    /// What they are called together, in the page's language.
    pub label: &'a str,
    /// All of them.
    pub links: &'a [LanguageLink<'a>],
}

/// A page's frame. Start from [`Shell::new`] and set what differs.
#[derive(Debug, Clone)]
pub struct Shell<'a> {
    /// The service's name: in the bar, and behind the title.
    pub brand: &'a str,
    /// The page's title.
    pub title: &'a str,
    /// Where the brand's name leads.
    pub home: &'a str,
    /// The language of the page (BCP 47), for browsers and screen readers.
    pub lang: &'a str,
    /// The main navigation; may be empty.
    pub nav: &'a [NavItem<'a>],
    /// Who is logged in.
    pub user: Option<User<'a>>,
    /// How wide the page is.
    pub layout: Layout,
    /// The brand's colour, if not ours. Its stylesheet must be among the [`assets::routes`].
    pub accent: Option<Accent>,
    /// Seconds after which the browser loads the page again, for pages that wait for something.
    pub refresh: Option<u32>,
    /// Links below the page; may be empty.
    pub footer: &'a [Link<'a>],
    /// Which languages the reader can choose from.
    pub languages: Option<Languages<'a>>,
    /// A second navigation beside the page.
    pub side: Option<Side<'a>>,
    /// What has just been done, told once.
    pub toast: Option<&'a Toast>,
    /// Whether parts of the page bring themselves up to date ([`super::parts::Live`]). Answer with
    /// [`crate::headers::ContentPolicy::with_own_scripts`] then, or the browser keeps the script away.
    pub live: bool,
}

impl<'a> Shell<'a> {
    /// A wide page without navigation.
    pub fn new(brand: &'a str, title: &'a str) -> Self {
        Self {
            brand,
            title,
            home: "/",
            lang: "en",
            nav: &[],
            user: None,
            layout: Layout::Wide,
            accent: None,
            refresh: None,
            footer: &[],
            languages: None,
            side: None,
            toast: None,
            live: false,
        }
    }

    /// The same in another layout.
    #[must_use]
    pub fn layout(mut self, layout: Layout) -> Self {
        self.layout = layout;
        self
    }

    /// The whole page with `body` inside, as an answer with status 200 (change it with `(StatusCode, page)`).
    pub fn around(&self, body: &impl Template) -> Response {
        match self.render(body) {
            Ok(page) => Html(page).into_response(),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a page could not be rendered");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }

    /// The whole page's text.
    pub fn render(&self, body: &impl Template) -> Result<String, askama::Error> {
        let Self {
            brand,
            title,
            home,
            lang,
            nav,
            layout,
            refresh,
            footer,
            languages,
            side,
            toast,
            live,
            ..
        } = *self;
        let accent_stylesheet = self.accent.map(Accent::stylesheet_path);
        let body = Rendered(body.render()?);
        let user = self.user.as_ref();
        let (stylesheet, icon) = (assets::stylesheet_path(), assets::icon_path());
        let scripts = if live {
            &[assets::script_path(), assets::live_path()][..]
        } else {
            &[]
        };
        Page {
            brand,
            title,
            home,
            lang,
            nav,
            user,
            layout,
            refresh,
            footer,
            languages,
            accent_stylesheet,
            stylesheet,
            icon,
            scripts,
            side,
            toast,
            body,
        }
        .render()
    }
}

#[derive(Template)]
#[template(path = "shell.html")]
struct Page<'a> {
    brand: &'a str,
    title: &'a str,
    home: &'a str,
    lang: &'a str,
    nav: &'a [NavItem<'a>],
    user: Option<&'a User<'a>>,
    layout: Layout,
    refresh: Option<u32>,
    footer: &'a [Link<'a>],
    languages: Option<Languages<'a>>,
    accent_stylesheet: Option<String>,
    stylesheet: &'a str,
    icon: &'a str,
    scripts: &'a [&'a str],
    side: Option<Side<'a>>,
    toast: Option<&'a Toast>,
    body: Rendered,
}

impl Page<'_> {
    /// What skips the bar, in the page's language.
    fn skip(&self) -> &'static str {
        match self.lang {
            "de" => "Zum Inhalt springen",
            "fr" => "Aller au contenu",
            "es" => "Saltar al contenido",
            _ => "Skip to content",
        }
    }

    /// What stands in the mark.
    fn initial(&self) -> String {
        first_letter(self.brand)
    }
}

impl User<'_> {
    /// What stands for them where there is no room for the name.
    fn initial(&self) -> String {
        first_letter(self.name)
    }
}

fn first_letter(text: &str) -> String {
    text.chars().next().unwrap_or('·').to_uppercase().to_string()
}

/// HTML that a template has rendered, and thus escaped where needed.
struct Rendered(String);

impl std::fmt::Display for Rendered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Rendered {}
