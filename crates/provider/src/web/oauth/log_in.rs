//! `/login` and `/logout`.

use askama::Template;
use axum::{
    Extension,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::{StatusCode, header};
use oauth::Secret;
use rightful_http::{
    extract::Query,
    headers::ContentPolicy,
    pages::parts::{Csrf, Field, FormErrors, Notice, Tone},
    session::SessionToken,
};
use serde::Deserialize;

use super::second_step;
use crate::{
    Provider,
    app::{
        authorize::{Asked, AuthorizeError},
        sessions::{LogInError, LoggedIn},
    },
    web::{
        form::Sent,
        page::{PageError, card},
        visitor::{COOKIE, Visitor},
    },
};

#[derive(Template)]
#[template(path = "login.html")]
struct LogIn<'a> {
    csrf: Csrf,
    errors: FormErrors,
    email: &'a str,
    /// For whom, when an application has asked.
    application: Option<&'a str>,
    onward: &'a Onward,
    /// What was done on the way here.
    done: Option<&'static str>,
}

impl<'a> LogIn<'a> {
    fn new(provider: &Provider, visitor: &Visitor, onward: &'a Onward) -> Self {
        Self {
            csrf: visitor.csrf(provider, "/login"),
            errors: FormErrors::default(),
            email: "",
            application: None,
            onward,
            done: None,
        }
    }
}

/// Where somebody goes once they have logged in: never an address that somebody else made up (AS-17).
#[derive(Debug, Clone, Default)]
pub(crate) struct Onward {
    /// The query of the authorization request that waits.
    pub(crate) authorization: String,
    /// A page of the settings.
    pub(crate) return_to: String,
}

impl Onward {
    pub(crate) fn read(authorization: &str, return_to: &str) -> Self {
        // The query of a URL is printable ASCII; a form may hold anything.
        let is_query = authorization
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'#');
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'/');
        let is_path = return_to.starts_with("/accountsettings/") && return_to.bytes().all(plain);
        Self {
            authorization: if is_query { authorization } else { "" }.to_owned(),
            return_to: if is_path { return_to } else { "" }.to_owned(),
        }
    }

    pub(crate) fn path(&self) -> String {
        match (self.authorization.as_str(), self.return_to.as_str()) {
            ("", "") => "/".to_owned(),
            ("", path) => path.to_owned(),
            (query, _) => format!("/oauth2/authorize?{query}"),
        }
    }

    /// The page at `path` first, which is told what comes after it.
    pub(crate) fn by_way_of(&self, path: &str) -> String {
        let told = [("authorization", &self.authorization), ("return_to", &self.return_to)];
        let told = told.into_iter().filter(|(_, value)| !value.is_empty());
        let query = oauth::encode_form(told.map(|(name, value)| (name, value.as_str())));
        let between = if query.is_empty() { "" } else { "?" };
        format!("{path}{between}{query}")
    }

    /// What the waiting application asks, if it still may.
    pub(super) async fn asked(&self, provider: &Provider) -> Result<Option<Asked>, PageError> {
        if self.authorization.is_empty() {
            return Ok(None);
        }
        match provider.read_authorization(&self.authorization).await {
            Ok(asked) => Ok(Some(asked)),
            Err(AuthorizeError::Store(error)) => Err(error.into()),
            Err(_) => Ok(None),
        }
    }

    /// There, with the cookie of the new session.
    pub(super) fn follow(&self, token: &SessionToken) -> Response {
        let mut response = Redirect::to(&self.path()).into_response();
        response.headers_mut().append(header::SET_COOKIE, COOKIE.set(token));
        response
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct LogInQuery {
    return_to: String,
    done: String,
}

/// `GET /login`
pub(super) async fn form(
    State(provider): State<Provider>,
    Query(query): Query<LogInQuery>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let onward = Onward::read("", &query.return_to);
    if visitor.session.is_some() {
        return Ok(Redirect::to(&onward.path()).into_response());
    }
    let body = LogIn {
        done: match query.done.as_str() {
            "password" => Some("Your new password is set. Log in with it."),
            "joined" => Some("You have joined the account. Log in to see it."),
            _ => None,
        },
        ..LogIn::new(&provider, &visitor, &onward)
    };
    Ok(card(&provider, &visitor, "Log in", &body))
}

/// The log-in page in front of a consent page.
pub(super) fn for_application(provider: &Provider, visitor: &Visitor, asked: &Asked, query: &str) -> Response {
    let onward = Onward::read(query, "");
    show(provider, visitor, &onward, Some(asked), "", FormErrors::default())
}

fn show(
    provider: &Provider,
    visitor: &Visitor,
    onward: &Onward,
    asked: Option<&Asked>,
    email: &str,
    errors: FormErrors,
) -> Response {
    let body = LogIn {
        errors,
        email,
        application: asked.map(|asked| asked.application.name.as_str()),
        ..LogIn::new(provider, visitor, onward)
    };
    let page = card(provider, visitor, "Log in", &body);
    match asked {
        Some(asked) => (leading_to(&asked.request.redirect_uri), page).into_response(),
        None => page,
    }
}

/// Chromium asks the form's page whether the application may be redirected to in the end.
pub(super) fn leading_to(redirect_uri: &str) -> Extension<ContentPolicy> {
    let policy = ContentPolicy::default();
    Extension(match redirect_uri.parse() {
        Ok(url) => policy.form_to(&url),
        Err(_) => policy,
    })
}

/// `POST /login`. A wrong password keeps the request that waits.
pub(super) async fn sent(State(provider): State<Provider>, sent: Sent) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    let onward = Onward::read(sent.verbatim("authorization")?, sent.verbatim("return_to")?);
    let email = sent.text("email")?;
    let password = Secret::new(sent.verbatim("password")?.to_owned());
    let logged_in = provider
        .log_in(
            &Secret::new(email.to_owned()),
            &password,
            Some(&visitor.token),
            visitor.origin,
        )
        .await;
    let token = match logged_in {
        Ok(LoggedIn::Session(token)) => token,
        Ok(LoggedIn::Half(token)) => {
            let visitor = visitor.with_token(token);
            return second_step::show(&provider, &visitor, &onward, FormErrors::default()).await;
        }
        Err(LogInError::Wrong) => {
            let asked = onward.asked(&provider).await?;
            let errors = {
                let mut errors = FormErrors::default();
                errors.add_general("The e-mail address or the password is wrong");
                errors
            };
            let page = show(&provider, visitor, &onward, asked.as_ref(), email, errors);
            return Ok((StatusCode::UNAUTHORIZED, page).into_response());
        }
        Err(LogInError::Throttled(throttled)) => return Err(throttled.into()),
        Err(LogInError::Store(error)) => return Err(error.into()),
    };
    Ok(onward.follow(&token))
}

#[derive(Template)]
#[template(path = "logout.html")]
struct LogOut {
    csrf: Csrf,
}

/// `GET /logout`: a link must not log anybody out, so it asks.
pub(super) async fn out_form(State(provider): State<Provider>, visitor: Visitor) -> Result<Response, PageError> {
    if visitor.session.is_none() {
        return Ok(Redirect::to("/login").into_response());
    }
    let csrf = visitor.csrf(&provider, "/logout");
    Ok(card(&provider, &visitor, "Log out", &LogOut { csrf }))
}

/// `POST /logout`. Somebody who wants to answer an application as another user goes on with its request.
pub(super) async fn out(State(provider): State<Provider>, sent: Sent) -> Result<Response, PageError> {
    let onward = Onward::read(sent.verbatim("authorization")?, "");
    provider.log_out(&sent.visitor.token, sent.visitor.origin).await?;
    let to = match onward.path() {
        path if path == "/" => "/login".to_owned(),
        path => path,
    };
    let mut response = Redirect::to(&to).into_response();
    response.headers_mut().append(header::SET_COOKIE, COOKIE.clear());
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_anywhere_but_to_our_own_pages() {
        // AS-17
        for (authorization, return_to, path) in [
            ("", "", "/"),
            ("client_id=1&state=%26", "", "/oauth2/authorize?client_id=1&state=%26"),
            ("a\r\nSet-Cookie: x", "", "/"),
            ("", "/accountsettings/apps", "/accountsettings/apps"),
            ("", "//evil.example", "/"),
            ("", "/\\evil.example", "/"),
            ("", "https:evil.example", "/"),
            ("", "/accountsettings/../\\evil", "/"),
            ("", "/accountsettings/apps?x=//evil", "/"),
        ] {
            assert_eq!(Onward::read(authorization, return_to).path(), path);
        }
    }
}
