//! The calls to the vendor's REST API v2.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use jiff::Timestamp;
use privacy::{Identities, Right};
use serde_json::Value;

use super::{
    TITLE,
    answer::{Answer, Effect, no_answer, unreadable},
    plan::{self, objection},
    search,
    settings::{Configured, DataType},
    wire,
};
use crate::{
    authorization::{Authorization, Whose},
    connector::{Call, Page, Vendor},
    error::ConnectorError,
    job::{JobRequest, Plan, VendorJob},
    settings::Settings,
};

const JOBS: &str = "/subject-access-requests";

/// No answer is read beyond this: a page of a hundred jobs takes a tenth of it.
const LONGEST_ANSWER: usize = 4 << 20;

#[async_trait::async_trait]
impl Vendor for Configured {
    fn settings(&self) -> &Settings {
        &self.common
    }

    fn shown_settings(&self) -> Value {
        self.shown()
    }

    fn authorization(&self) -> Authorization {
        let mut parameters = vec![("scopes", "all".to_owned())];
        parameters.extend(self.common.account_id.clone().map(|account| ("account_id", account)));
        Authorization {
            issuer: self.app.clone(),
            authorize_url: format!("{}/oauth2/authorize", self.app),
            token_url: format!("{}/oauth2/token", self.app),
            revoke_url: None,
            scope: "all",
            parameters,
            scope_words: &[
                "Read Optimizely data, with the rights of the user who authorizes",
                "Write Optimizely data: submit access and deletion requests",
                "Have offline access: go on when the user is not logged in, until the grant is revoked",
            ],
            set_up: &[
                "Log in to Optimizely as an administrator of the account.",
                "Open Account Settings, Registered Apps (/accountsettings/apps/developers).",
                "Register an application of client type confidential with the redirect URI {redirect_uri}.",
                "Copy its client ID and client secret into this connection.",
                "Choose Connect, log in at Optimizely as an administrator and accept.",
            ],
            revoke_advice: "at Optimizely, the user who authorized the connection revokes it under Profile, API Access",
        }
    }

    fn organisation(&self, account_id: Option<&str>) -> String {
        let account = account_id.or(self.common.account_id.as_deref()).unwrap_or("-");
        format!("optimizely {} {account}", self.api_host)
    }

    fn plan(&self, right: Right, identities: &Identities) -> Plan {
        plan::plan(self, right, identities)
    }

    async fn check(&self, call: &Call<'_>) -> Result<Whose, ConnectorError> {
        let (_, answer) = self.get(call, "/me", &[]).await?;
        let whose = wire::whose(&answer)
            .ok_or_else(|| unreadable(Effect::Read, "it does not say which account and user it is about"))?;
        match &self.common.account_id {
            Some(expected) if *expected != whose.account_id => Err(ConnectorError::WrongAccount {
                system: TITLE,
                expected: expected.clone(),
                actual: whose.account_id,
            }),
            _ => Ok(whose),
        }
    }

    async fn submit(&self, call: &Call<'_>, job: &JobRequest) -> Result<VendorJob, ConnectorError> {
        sendable(job)?;
        let body = serde_json::to_vec(&wire::Submission::of(job)).map_err(|_| ConnectorError::Unsupported {
            system: TITLE,
            field: "identifier",
        })?;
        let request = self.request(call, Method::POST, JOBS, body.into())?;
        let known = [job.identifier.reveal().as_str(), call.access_token.reveal().as_str()];
        let (_, answer) = send(call, request, Effect::Write, &known).await?;
        let taken = wire::job(answer).ok_or_else(|| unreadable(Effect::Write, "it names no job"))?;
        self.ours(call, taken, job)
    }

    async fn find(
        &self,
        call: &Call<'_>,
        job: &JobRequest,
        since: Timestamp,
    ) -> Result<Vec<VendorJob>, ConnectorError> {
        search::find(self, call, job, since).await
    }

    async fn list(&self, call: &Call<'_>, page: u32) -> Result<Page, ConnectorError> {
        let path = format!("{JOBS}?page={page}&per_page={}", search::PER_PAGE);
        match self.get(call, &path, &[]).await {
            Ok((headers, answer)) => search::page(page, &headers, answer),
            // Past the end there is an empty page; a server that has none there says the same.
            Err(ConnectorError::Refused { said, .. }) if said.status == 404 && page > 1 => Ok(Page::default()),
            Err(error) => Err(error),
        }
    }

    async fn poll(&self, call: &Call<'_>, id: &str, job: &JobRequest) -> Result<VendorJob, ConnectorError> {
        // The id becomes part of a path: the vendor's are whole numbers.
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ConnectorError::Unsupported {
                system: TITLE,
                field: "job id",
            });
        }
        let answer = self
            .get(call, &format!("{JOBS}/{id}"), &[job.identifier.reveal()])
            .await;
        let answer = match answer {
            Ok((_, answer)) => answer,
            Err(ConnectorError::Refused { said, .. }) if said.status == 404 => {
                return Err(ConnectorError::LostJob {
                    system: TITLE,
                    id: id.to_owned(),
                });
            }
            Err(error) => return Err(error),
        };
        let found = wire::job(answer).ok_or_else(|| unreadable(Effect::Read, "it names no job"))?;
        if found.id != id {
            return Err(ConnectorError::Mismatch {
                system: TITLE,
                field: "id",
            });
        }
        self.ours(call, found, job)
    }
}

impl Configured {
    /// The account that answers must be about.
    pub(super) fn account<'a>(&'a self, call: &Call<'a>) -> Option<&'a str> {
        call.account_id.or(self.common.account_id.as_deref())
    }

    fn ours(&self, call: &Call<'_>, found: VendorJob, sent: &JobRequest) -> Result<VendorJob, ConnectorError> {
        match found.disagreement(sent, self.account(call)) {
            None => Ok(found),
            Some(field) => Err(ConnectorError::Mismatch { system: TITLE, field }),
        }
    }

    async fn get(&self, call: &Call<'_>, path: &str, known: &[&String]) -> Result<(HeaderMap, Value), ConnectorError> {
        let request = self.request(call, Method::GET, path, Bytes::new())?;
        let mut known: Vec<&str> = known.iter().map(|value| value.as_str()).collect();
        known.push(call.access_token.reveal());
        send(call, request, Effect::Read, &known).await
    }

    fn request(
        &self,
        call: &Call<'_>,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<Request<Bytes>, ConnectorError> {
        let unwritable = |_| ConnectorError::Blocked {
            system: TITLE,
            reason: "the access token holds characters that no request can".to_owned(),
        };
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", call.access_token.reveal())).map_err(unwritable)?;
        bearer.set_sensitive(true);
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.api))
            .header(AUTHORIZATION, bearer)
            .header(ACCEPT, "application/json");
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        request.body(body).map_err(|_| ConnectorError::Blocked {
            system: TITLE,
            reason: "the setting api_url makes no address to call".to_owned(),
        })
    }
}

async fn send(
    call: &Call<'_>,
    request: Request<Bytes>,
    effect: Effect,
    known: &[&str],
) -> Result<(HeaderMap, Value), ConnectorError> {
    let answer = call
        .transport
        .send(request)
        .await
        .map_err(|error| no_answer(effect, &error))?;
    let (head, body) = answer.into_parts();
    let body = body.read(LONGEST_ANSWER).await;
    Answer {
        status: head.status,
        headers: head.headers,
        body,
    }
    .understood(effect, known, call.now)
}

/// Refuses a job that the vendor could only refuse, before anything is sent.
fn sendable(job: &JobRequest) -> Result<(), ConnectorError> {
    let unsupported = |field| Err(ConnectorError::Unsupported { system: TITLE, field });
    match DataType::of_name(&job.data_type) {
        None => unsupported("data_type"),
        Some(DataType::User) if job.identifier_type != privacy::IdentityType::Email => unsupported("identifier_type"),
        _ if objection(job.identifier.reveal()).is_some() => unsupported("identifier"),
        _ => Ok(()),
    }
}
