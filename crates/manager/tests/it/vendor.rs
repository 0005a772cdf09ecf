//! An Optimizely look-alike in memory that misbehaves on command: the manager's way out in these tests.

mod captcha;
mod hooks;
mod jobs;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use rightful_http::client::{Body, Transport, TransportError};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

pub(crate) use captcha::Captcha;
pub(crate) use hooks::{HOOK, Hooks, Told};
pub(crate) use jobs::{Jobs, archive};

/// Where the authorization server lies.
pub(crate) const APP: &str = "https://app.vendor.test";
/// Where the API lies.
pub(crate) const API: &str = "https://api.vendor.test";
/// The application that the vendor knows.
pub(crate) const CLIENT_ID: &str = "20000001";
/// Its secret: a marker that must be found nowhere.
pub(crate) const CLIENT_SECRET: &str = "marker-client-secret-5f1d";

/// The vendor.
#[derive(Default)]
pub(crate) struct FakeVendor {
    state: Mutex<VendorState>,
}

/// What it knows and how it is to behave.
pub(crate) struct VendorState {
    /// Every call, as `METHOD host/path`, in order.
    pub(crate) calls: Vec<String>,
    /// Every form posted to the token endpoint.
    pub(crate) token_forms: Vec<Vec<(String, String)>>,
    /// Answers to give instead of the right ones, first come first served, to the calls that match.
    pub(crate) script: VecDeque<Scripted>,
    /// Whether a refresh answers with a new refresh token, the old one being dead.
    pub(crate) rotating: bool,
    /// How long access tokens last, in seconds; none: it does not say.
    pub(crate) token_life: Option<u64>,
    /// Whether metadata and revocation are announced.
    pub(crate) announces: bool,
    /// The status of a refresh whose grant is revoked.
    pub(crate) revoked_status: u16,
    /// Whose grant the next consent is for.
    pub(crate) account_id: u64,
    /// Who consents next.
    pub(crate) user_id: String,
    /// The client secret that is right.
    pub(crate) client_secret: String,
    /// Its jobs, and what it holds.
    pub(crate) jobs: Jobs,
    /// Who is told by webhooks lives beside it.
    pub(crate) hooks: Hooks,
    /// Who verifies CAPTCHAs lives there too.
    pub(crate) captcha: Captcha,
    codes: Vec<Code>,
    grants: Vec<Grant>,
    issued: u64,
}

struct Code {
    value: String,
    redirect_uri: String,
    challenge: String,
    account_id: u64,
    user_id: String,
    used: bool,
}

struct Grant {
    access: Vec<String>,
    refresh: String,
    dead_refresh: Vec<String>,
    account_id: u64,
    user_id: String,
    revoked: bool,
}

/// An answer given in place of the right one.
pub(crate) struct Scripted {
    /// The call it is for: `METHOD host/path` begins so.
    pub(crate) call: &'static str,
    /// What happens.
    pub(crate) answer: Misbehaviour,
}

/// What a vendor can do wrong.
pub(crate) enum Misbehaviour {
    /// Answers with this, without any effect.
    Answers(u16, &'static str, &'static str),
    /// Asks for fewer calls.
    Throttles(Option<&'static str>),
    /// Takes the call and then drops the connection.
    DropsAfterEffect,
    /// Can't be reached.
    Unreachable,
}

impl Default for VendorState {
    fn default() -> Self {
        Self {
            calls: Vec::new(),
            token_forms: Vec::new(),
            script: VecDeque::new(),
            rotating: false,
            token_life: Some(7200),
            announces: false,
            revoked_status: 403,
            account_id: 10001,
            user_id: "11111111-2222-4333-8444-555555555555".to_owned(),
            client_secret: CLIENT_SECRET.to_owned(),
            jobs: Jobs::default(),
            hooks: Hooks::default(),
            captcha: Captcha::default(),
            codes: Vec::new(),
            grants: Vec::new(),
            issued: 0,
        }
    }
}

impl FakeVendor {
    /// A well-behaved one.
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// To look at it and to turn its switches.
    pub(crate) fn state(&self) -> MutexGuard<'_, VendorState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Misbehaves at the next call that begins with `call`.
    pub(crate) fn next(&self, call: &'static str, answer: Misbehaviour) {
        self.state().script.push_back(Scripted { call, answer });
    }

    /// How many calls began with this.
    pub(crate) fn count(&self, call: &str) -> usize {
        self.state().calls.iter().filter(|made| made.starts_with(call)).count()
    }

    /// The user logs in and accepts: the query string of the callback.
    pub(crate) fn consent(&self, authorize_url: &str) -> String {
        let url = Url::parse(authorize_url).unwrap();
        let parameter = |name: &str| {
            let mut values = url.query_pairs().filter(|(key, _)| key == name);
            values.next().map(|(_, value)| value.into_owned())
        };
        assert_eq!(parameter("response_type").as_deref(), Some("code"));
        assert_eq!(parameter("scopes").as_deref(), Some("all"));
        assert_eq!(parameter("client_id").as_deref(), Some(CLIENT_ID));
        assert_eq!(parameter("code_challenge_method").as_deref(), Some("S256"));
        let mut state = self.state();
        state.issued += 1;
        let code = format!("code-{}", state.issued);
        let kept = Code {
            value: code.clone(),
            redirect_uri: parameter("redirect_uri").unwrap(),
            challenge: parameter("code_challenge").unwrap(),
            account_id: state.account_id,
            user_id: state.user_id.clone(),
            used: false,
        };
        state.codes.push(kept);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("code", &code)
            .append_pair("state", &parameter("state").unwrap());
        if state.announces {
            query.append_pair("iss", APP);
        }
        query.finish()
    }

    /// The user takes every grant back.
    pub(crate) fn revoke_everything(&self) {
        for grant in &mut self.state().grants {
            grant.revoked = true;
        }
    }

    /// Access tokens die before their time; grants live on.
    pub(crate) fn forget_access_tokens(&self) {
        for grant in &mut self.state().grants {
            grant.access.clear();
        }
    }
}

#[async_trait::async_trait]
impl Transport for FakeVendor {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let call = format!("{} {host}{}", request.method(), request.uri().path());
        let mut state = self.state();
        state.calls.push(call.clone());
        let place = state.script.iter().position(|scripted| call.starts_with(scripted.call));
        let scripted = place.and_then(|place| state.script.remove(place));
        let lost = TransportError::Unknown {
            host: host.clone(),
            reason: "the connection was reset".to_owned(),
        };
        match scripted.map(|scripted| scripted.answer) {
            None => Ok(state.answer(&call, &request)),
            Some(Misbehaviour::Answers(status, content_type, body)) => {
                Ok(answer(status, content_type, body.to_owned()))
            }
            Some(Misbehaviour::Throttles(retry_after)) => {
                let mut response = json_answer(429, &json!({"code": "too_many_requests"}));
                if let Some(wait) = retry_after {
                    response
                        .headers_mut()
                        .insert(header::RETRY_AFTER, wait.parse().unwrap());
                }
                Ok(response)
            }
            Some(Misbehaviour::DropsAfterEffect) => {
                state.answer(&call, &request);
                Err(lost)
            }
            Some(Misbehaviour::Unreachable) => Err(TransportError::NotSent {
                host,
                reason: "nobody listens there".to_owned(),
            }),
        }
    }
}

impl VendorState {
    fn answer(&mut self, call: &str, request: &Request<Bytes>) -> Response<Body> {
        match call {
            "GET app.vendor.test/.well-known/oauth-authorization-server" if self.announces => json_answer(
                200,
                &json!({
                    "issuer": APP,
                    "authorization_endpoint": format!("{APP}/oauth2/authorize"),
                    "token_endpoint": format!("{APP}/oauth2/token"),
                    "revocation_endpoint": format!("{APP}/oauth2/revoke"),
                    "response_types_supported": ["code"],
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                    "authorization_response_iss_parameter_supported": true,
                }),
            ),
            "POST app.vendor.test/oauth2/token" => self.token(request.body()),
            _ if call.contains(" hooks.acme.test/") => self.hooks.take(request),
            "POST captcha.test/siteverify" => self.captcha.verify(request),
            "POST app.vendor.test/oauth2/revoke" if self.announces => self.revoke(request.body()),
            _ if call.starts_with("GET api.vendor.test/exports/") => self.export(call, request),
            _ if call.contains(" api.vendor.test/v2/") => match self.grant_of(request) {
                Some((account_id, user_id)) => self.api(call, request, account_id, &user_id),
                None => unauthorized(),
            },
            _ => json_answer(
                404,
                &json!({"code": "not_found", "message": "Nothing matches the given URI"}),
            ),
        }
    }

    fn grant_of(&self, request: &Request<Bytes>) -> Option<(u64, String)> {
        let token = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
        let token = token.strip_prefix("Bearer ")?;
        let alive = |grant: &&Grant| !grant.revoked && grant.access.iter().any(|access| access == token);
        self.grants
            .iter()
            .find(alive)
            .map(|grant| (grant.account_id, grant.user_id.clone()))
    }

    fn api(&mut self, call: &str, request: &Request<Bytes>, account_id: u64, user_id: &str) -> Response<Body> {
        match call {
            "GET api.vendor.test/v2/me" => json_answer(
                200,
                &json!({
                    "id": user_id,
                    "profile": {"email": "marker-admin@example.com", "first_name": "", "last_name": ""},
                    "current_account": {"id": account_id},
                    "accounts": [{"id": account_id, "name": format!("Account {account_id}")}],
                    "project_roles": [],
                }),
            ),
            _ if call.contains("/subject-access-requests") => self.jobs(call, request, account_id),
            _ => json_answer(404, &json!({"code": "not_found"})),
        }
    }

    fn token(&mut self, body: &[u8]) -> Response<Body> {
        let form: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
        self.token_forms.push(form.clone());
        let field = |name: &str| {
            form.iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        if field("client_id") != Some(CLIENT_ID) || field("client_secret") != Some(self.client_secret.as_str()) {
            return json_answer(401, &json!({"error": "invalid_client"}));
        }
        match field("grant_type") {
            Some("authorization_code") => self.exchange(
                field("code").unwrap_or_default(),
                field("redirect_uri").unwrap_or_default(),
                field("code_verifier").unwrap_or_default(),
            ),
            Some("refresh_token") => self.refresh(field("refresh_token").unwrap_or_default()),
            _ => json_answer(400, &json!({"error": "unsupported_grant_type"})),
        }
    }

    fn exchange(&mut self, code: &str, redirect_uri: &str, verifier: &str) -> Response<Body> {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
        let fits = |known: &&mut Code| {
            known.value == code && !known.used && known.redirect_uri == redirect_uri && known.challenge == challenge
        };
        let Some(known) = self.codes.iter_mut().find(fits) else {
            return json_answer(400, &json!({"error": "invalid_grant"}));
        };
        known.used = true;
        let (account_id, user_id) = (known.account_id, known.user_id.clone());
        self.issued += 1;
        let refresh = format!("marker-refresh-{}", self.issued);
        self.grants.push(Grant {
            access: Vec::new(),
            refresh,
            dead_refresh: Vec::new(),
            account_id,
            user_id,
            revoked: false,
        });
        self.issue(self.grants.len() - 1, true)
    }

    fn refresh(&mut self, token: &str) -> Response<Body> {
        let known = |grant: &Grant| grant.refresh == token || grant.dead_refresh.iter().any(|dead| dead == token);
        let Some(place) = self.grants.iter().position(known) else {
            return json_answer(400, &json!({"error": "invalid_grant"}));
        };
        let rotating = self.rotating;
        self.issued += 1;
        let new = format!("marker-refresh-{}", self.issued);
        let grant = &mut self.grants[place];
        if grant.refresh != token {
            // Reuse of a rotated token kills the family.
            grant.revoked = true;
        }
        if grant.revoked {
            return json_answer(self.revoked_status, &json!({"error": "invalid_grant"}));
        }
        if rotating {
            let old = std::mem::replace(&mut grant.refresh, new);
            grant.dead_refresh.push(old);
        }
        self.issue(place, rotating)
    }

    fn issue(&mut self, place: usize, with_refresh: bool) -> Response<Body> {
        self.issued += 1;
        let access = format!("marker-access-{}", self.issued);
        let grant = &mut self.grants[place];
        grant.access.push(access.clone());
        let mut body = json!({"access_token": access, "token_type": "bearer"});
        if let Some(life) = self.token_life {
            body["expires_in"] = life.into();
        }
        if with_refresh {
            body["refresh_token"] = grant.refresh.as_str().into();
        }
        json_answer(200, &body)
    }

    fn revoke(&mut self, body: &[u8]) -> Response<Body> {
        let token = url::form_urlencoded::parse(body).find(|(key, _)| key == "token");
        let token = token.map(|(_, value)| value.into_owned()).unwrap_or_default();
        for grant in &mut self.grants {
            if grant.refresh == token || grant.access.contains(&token) {
                grant.revoked = true;
            }
        }
        json_answer(200, &json!({}))
    }
}

fn unauthorized() -> Response<Body> {
    let body = json!({"code": "authentication_failed", "message": "Authentication Failed"});
    let mut response = json_answer(403, &body);
    let challenge = "Bearer error=\"invalid_token\"".parse().unwrap();
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    response
}

/// A JSON answer.
pub(crate) fn json_answer(status: u16, body: &Value) -> Response<Body> {
    answer(status, "application/json", body.to_string())
}

fn answer(status: u16, content_type: &'static str, body: String) -> Response<Body> {
    Response::builder()
        .status(StatusCode::from_u16(status).unwrap())
        .header(header::CONTENT_TYPE, content_type)
        .body(Body::full(body))
        .unwrap()
}
