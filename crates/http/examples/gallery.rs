//! Every part of the pages' look on a few sample pages: `cargo run -p rightful-http --example gallery`, then open
//! <http://127.0.0.1:8400/requests>. With `#rrggbb` as argument, in a brand's colour.

use std::{error::Error, sync::Arc};

use askama::Template;
use axum::{Router, response::Response, routing::get};
use jiff::Timestamp;
use rightful_http::{
    Front, TrustedProxies,
    pages::{
        Accent, Layout, Link, NavItem, Shell, Side, User, assets,
        parts::{Badge, Choice, Confirm, Csrf, Empty, Field, FormErrors, Notice, PostButton, Toast, Tone, When},
    },
    serve::{Limits, Server},
    tls::Tls,
};
use store::{Clock as _, SystemClock};
use tokio_util::sync::CancellationToken;
use vault::SystemEntropy;

#[derive(Template)]
#[template(path = "gallery/login.html")]
struct Login {
    csrf: Csrf,
    errors: FormErrors,
}

#[derive(Template)]
#[template(path = "gallery/consent.html")]
struct Consent {
    csrf: Csrf,
}

#[derive(Template)]
#[template(path = "gallery/requests.html")]
struct Requests {
    types: Vec<Choice<'static>>,
    states: Vec<Choice<'static>>,
}

#[derive(Template)]
#[template(path = "gallery/request.html")]
struct Request {
    csrf: Csrf,
    now: Timestamp,
}

#[derive(Template)]
#[template(path = "gallery/form.html")]
struct Form {
    csrf: Csrf,
    errors: FormErrors,
}

#[derive(Template)]
#[template(path = "gallery/parts.html")]
struct Parts {
    csrf: Csrf,
}

fn csrf() -> Csrf {
    Csrf::new("token".to_owned())
}

fn framed(title: &str, layout: Layout, accent: Option<Accent>, body: &impl Template) -> Response {
    let item = |label, href| NavItem {
        label,
        href,
        current: title == label,
    };
    let nav = [
        item("Requests", "/requests"),
        item("Connections", "/form"),
        item("Settings", "/parts"),
        item("Audit", "/audit"),
    ];
    let user = User {
        name: "ada@example.com",
        role: "Super admin",
        links: &[Link {
            label: "Profile",
            href: "#",
        }],
        logout: "/logout",
        csrf: csrf(),
    };
    let footer = [Link {
        label: "Privacy notice",
        href: "#",
    }];
    let places = ["Users", "API keys", "Templates", "Frameworks", "Webhooks"].map(|label| NavItem {
        label,
        href: "#",
        current: label == "Users",
    });
    let toast = Toast::done("The role of grace@example.com was changed.");
    let in_settings = title == "Settings";
    Shell {
        nav: &nav,
        side: in_settings.then_some(Side {
            label: "Settings",
            items: &places,
        }),
        toast: in_settings.then_some(&toast),
        user: Some(user),
        accent,
        footer: &footer,
        ..Shell::new("Rightful", title).layout(layout)
    }
    .around(body)
}

fn pages(accent: Option<Accent>) -> Router {
    let login = move || async move {
        let mut errors = FormErrors::default();
        errors.add_general("The e-mail address or the password is wrong");
        framed("Log in", Layout::Narrow, accent, &Login { csrf: csrf(), errors })
    };
    let consent = move || async move { framed("Allow access", Layout::Narrow, accent, &Consent { csrf: csrf() }) };
    let requests = move || async move {
        let types = vec![Choice::new("any", "Any"), Choice::new("access", "Access")];
        let states = vec![Choice::new("any", "Any"), Choice::new("collecting", "Collecting")];
        framed("Requests", Layout::Wide, accent, &Requests { types, states })
    };
    let request = move || async move {
        framed(
            "RQ-2039",
            Layout::Wide,
            accent,
            &Request {
                csrf: csrf(),
                now: SystemClock.now(),
            },
        )
    };
    let form = move || async move {
        let errors = FormErrors::default()
            .with(
                "client_id",
                "Enter the client ID that the vendor shows beside the application",
            )
            .with("deletion_by", "Choose how deletions are done");
        framed("Connections", Layout::Reading, accent, &Form { csrf: csrf(), errors })
    };
    let parts = move || async move { framed("Settings", Layout::Reading, accent, &Parts { csrf: csrf() }) };
    Router::new()
        .route("/login", get(login))
        .route("/consent", get(consent))
        .route("/requests", get(requests))
        .route("/request", get(request))
        .route("/form", get(form))
        .route("/parts", get(parts))
        .merge(assets::routes(accent))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let accent = std::env::args().nth(1).map(|colour| colour.parse()).transpose()?;
    let front = Front {
        brand: "Rightful".into(),
        public_url: "http://127.0.0.1:8400".parse()?,
        trusted_proxies: TrustedProxies::default(),
        entropy: Arc::new(SystemEntropy),
        error_pages: None,
    };
    let server = Server::bind("127.0.0.1:8400", Tls::Off, Arc::new(SystemClock)).await?;
    server
        .serve(front.before(pages(accent)), Limits::default(), CancellationToken::new())
        .await?;
    Ok(())
}
