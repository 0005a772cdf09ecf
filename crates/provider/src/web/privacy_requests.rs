//! `/accountsettings/privacy-requests`, "Access or Deletion Requests": every request of the account with its state, and
//! a form for a new one.

use std::str::FromStr;

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use http::StatusCode;
use jiff::Timestamp;
use oauth::Secret;
use rightful_http::{
    extract::{self, Place, QueryPairs, Refusal},
    pages::parts::{Badge, Choice, Csrf, Empty, Field, FormErrors, PostButton, Tone, When},
};

use super::{form::Sent, page, page::PageError, visitor::Visitor};
use crate::{
    DataType, IdentifierType, Provider, RequestType, SarId, Status, Subject, SubjectError,
    app::{
        asker::Asker,
        privacy_dashboard::SarFilter,
        sessions::Session,
        subject_access::{NEAR, PageNumber, Sar, SarError},
    },
};

pub(super) const PATH: &str = "/accountsettings/privacy-requests";
const SEARCH: &str = "/accountsettings/privacy-requests/search";
const TITLE: &str = "Access or Deletion Requests";
const PER_PAGE: i64 = 25;

pub(super) fn routes() -> Router<Provider> {
    Router::new()
        .route(PATH, get(list).post(create))
        .route("/accountsettings/privacy-requests/{id}/retry", post(retry))
        .route(SEARCH, get(async || Redirect::to(PATH)).post(search))
}

#[derive(Template)]
#[template(path = "privacy_requests.html")]
struct List<'a> {
    account: &'a str,
    total: i64,
    shown: Vec<Shown>,
    first: i64,
    newer: Option<String>,
    older: Option<String>,
    csrf: Csrf,
    errors: FormErrors,
    filled: Filled,
    made: Option<i64>,
    search_csrf: Csrf,
    teams: bool,
    filter: &'a SarFilter,
}

/// A request in the list.
struct Shown {
    sar: Sar,
    /// How many data sources have ended, of how many.
    sources: (i64, i64),
    badge: Badge<'static>,
    what: String,
    deadline: &'static str,
    again: Option<PostButton<'static>>,
}

/// What was filled in, to be shown again beside what is wrong with it.
#[derive(Default)]
struct Filled {
    request_type: String,
    data_type: String,
    identifier_type: String,
    identifier: String,
}

async fn list(State(provider): State<Provider>, visitor: Visitor, query: QueryPairs) -> Result<Response, PageError> {
    let session = visitor.administrator()?;
    let number = number(&query, "page")?.unwrap_or(1);
    let made = self::number(&query, "made")?;
    let filter = SarFilter {
        status: word(&query, "status")?,
        request_type: word(&query, "type")?,
        search: None,
    };
    let what = What {
        number,
        filter,
        made,
        ..What::default()
    };
    show(&provider, &visitor, session, what).await
}

/// What is looked for stands in no address: it is somebody's name.
async fn search(State(provider): State<Provider>, sent: Sent) -> Result<Response, PageError> {
    let session = sent.visitor.administrator()?;
    let text = sent.text("search")?;
    if text.is_empty() {
        return Ok(Redirect::to(PATH).into_response());
    }
    let filter = SarFilter {
        search: Some(Secret::new(text.to_owned())),
        ..SarFilter::default()
    };
    let what = What {
        filter,
        ..What::default()
    };
    show(&provider, &sent.visitor, session, what).await
}

/// Which page is shown, with what on it.
struct What {
    number: i64,
    filter: SarFilter,
    errors: FormErrors,
    filled: Filled,
    made: Option<i64>,
}

impl Default for What {
    fn default() -> Self {
        Self {
            number: 1,
            filter: SarFilter::default(),
            errors: FormErrors::default(),
            filled: Filled::default(),
            made: None,
        }
    }
}

async fn create(State(provider): State<Provider>, sent: Sent) -> Result<Response, PageError> {
    let session = sent.visitor.administrator()?;
    let filled = Filled {
        request_type: sent.text("request_type")?.to_owned(),
        data_type: sent.text("data_type")?.to_owned(),
        identifier_type: sent.text("identifier_type")?.to_owned(),
        identifier: sent.text("identifier")?.to_owned(),
    };
    match checked(&filled) {
        Ok((request_type, subject)) => {
            if request_type == RequestType::Delete {
                sent.visitor.proven(&provider, PATH)?;
            }
            let asker = asker(&sent.visitor, session);
            let sar = provider
                .request_subject_access(asker, request_type, &subject)
                .await
                .map_err(told)?;
            Ok(Redirect::to(&format!("{PATH}?made={}", sar.id)).into_response())
        }
        Err(errors) => {
            let what = What {
                errors,
                filled,
                ..What::default()
            };
            let page = show(&provider, &sent.visitor, session, what).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// `POST /accountsettings/privacy-requests/{id}/retry`
async fn retry(
    State(provider): State<Provider>,
    extract::Path(id): extract::Path<SarId>,
    sent: Sent,
) -> Result<Response, PageError> {
    let session = sent.visitor.administrator()?;
    let asker = asker(&sent.visitor, session);
    let failed = provider.subject_access_request(asker, id).await.map_err(told)?;
    if failed.request_type == RequestType::Delete {
        sent.visitor.proven(&provider, PATH)?;
    }
    match provider.retry_subject_access(asker, id).await {
        Ok(sar) => Ok(Redirect::to(&format!("{PATH}?made={}", sar.id)).into_response()),
        // The page that was looked at is out of date.
        Err(SarError::NotFailed) => Ok(Redirect::to(PATH).into_response()),
        Err(error) => Err(told(error)),
    }
}

async fn show(provider: &Provider, visitor: &Visitor, session: &Session, what: What) -> Result<Response, PageError> {
    let What {
        number,
        filter,
        errors,
        filled,
        made,
    } = what;
    let page = PageNumber {
        page: number,
        // What is searched for has few hits, and no further page.
        per_page: if filter.search.is_some() { 100 } else { PER_PAGE },
    };
    let asker = asker(visitor, session);
    let requests = provider.find_subject_access(asker, &filter, page).await.map_err(told)?;
    let sources = provider.sources_ended(asker, &requests.items).await.map_err(told)?;
    let now = provider.clock().now();
    let again = |sar: &Sar| {
        let failed = sar.status == Status::Failure && sar.retried_as.is_none();
        failed.then(|| {
            let action = format!("{PATH}/{}/retry", sar.id);
            let csrf = visitor.csrf(provider, &action);
            PostButton::new(action, "Try again", csrf)
                .about(format!("request {}", sar.id))
                .quiet()
        })
    };
    let shown: Vec<Shown> = requests
        .items
        .into_iter()
        .map(|sar| {
            let again = again(&sar);
            let of_it = sources.get(&sar.id).copied().unwrap_or_default();
            Shown::of(sar, of_it, now, again)
        })
        .collect();
    let last = page
        .skip()
        .saturating_add(i64::try_from(shown.len()).unwrap_or(i64::MAX));
    let body = List {
        account: &session.current.account.name,
        total: requests.total,
        first: page.skip().saturating_add(1),
        newer: (number > 1).then(|| other_page(&filter, number - 1)),
        older: (last < requests.total && !shown.is_empty() && filter.search.is_none())
            .then(|| other_page(&filter, number + 1)),
        search_csrf: visitor.csrf(provider, SEARCH),
        teams: provider.settings().teams_by_administrators,
        filter: &filter,
        shown,
        csrf: visitor.csrf(provider, PATH),
        errors,
        filled,
        made,
    };
    Ok(page::page(provider, visitor, TITLE, &body))
}

impl List<'_> {
    fn last(&self) -> i64 {
        self.first + i64::try_from(self.shown.len()).unwrap_or(0) - 1
    }

    fn is_filtered(&self) -> bool {
        let SarFilter {
            status,
            request_type,
            search,
        } = self.filter;
        status.is_some() || request_type.is_some() || search.is_some()
    }

    fn status_filter(&self) -> Field<'_> {
        let choices = vec![
            Choice::new("", "Any"),
            Choice::new("pending", "Pending"),
            Choice::new("processing", "Processing"),
            Choice::new("completed", "Completed"),
            Choice::new("failure", "Failed"),
        ];
        Field::select("status", "Status", choices)
            .value(self.filter.status.map_or("", Status::as_str))
            .optional()
    }

    fn type_filter(&self) -> Field<'_> {
        let choices = vec![
            Choice::new("", "Any"),
            Choice::new("access", "Access"),
            Choice::new("delete", "Deletion"),
        ];
        Field::select("type", "Type", choices)
            .value(self.filter.request_type.map_or("", RequestType::as_str))
            .optional()
    }

    fn search_field(&self) -> Field<'_> {
        let text = self.filter.search.as_ref().map_or("", |text| text.reveal().as_str());
        Field::text("search", "Identifier or number")
            .value(text)
            .autocomplete("off")
            .max_length(355)
    }

    fn request_type(&self) -> Field<'_> {
        let choices = vec![
            Choice::new("access", "Access").hint("Find everything and export it to a ZIP."),
            Choice::new("delete", "Deletion").hint("Remove everything, earlier exports too. It can't be brought back."),
        ];
        Field::radios("request_type", "What is asked for", choices)
            .value(self.filled.request_type.as_str())
            .error(self.errors.of("request_type"))
    }

    fn data_type(&self) -> Field<'_> {
        let choices = vec![
            Choice::new("visitor", "A visitor").hint("Of your sites and applications."),
            Choice::new("user", "A user").hint("Who works in your account; by e-mail address only."),
        ];
        Field::radios("data_type", "About whom", choices)
            .value(self.filled.data_type.as_str())
            .error(self.errors.of("data_type"))
    }

    fn identifier_type(&self) -> Field<'_> {
        let choices = vec![
            Choice::new("email", "E-mail address"),
            Choice::new("optimizely_end_user_id", "Visitor cookie"),
            Choice::new("dcp_id", "ID on targeting records"),
            Choice::new("fullstack_id", "User ID of feature experiments"),
            Choice::new("other", "Another uploaded ID"),
        ];
        Field::select("identifier_type", "Known by", choices)
            .value(self.filled.identifier_type.as_str())
            .error(self.errors.of("identifier_type"))
    }

    fn identifier(&self) -> Field<'_> {
        Field::text("identifier", "Identifier")
            .value(self.filled.identifier.as_str())
            .error(self.errors.of("identifier"))
            .max_length(355)
            .autocomplete("off")
    }
}

impl Shown {
    fn of(sar: Sar, sources: (i64, i64), now: Timestamp, again: Option<PostButton<'static>>) -> Self {
        let what = match (sar.status, sar.request_type) {
            (Status::Failure, _) => sar.cause.clone().unwrap_or_default(),
            (Status::Completed, RequestType::Access) => records(sar.records, "found"),
            (Status::Completed, RequestType::Delete) => records(sar.records, "deleted"),
            _ => String::new(),
        };
        let left = sar.sla_deadline_at.duration_since(now);
        let deadline = match left {
            _ if sar.status.is_final() => "muted",
            left if left.is_negative() => "bad",
            left if left < NEAR => "warn",
            _ => "",
        };
        Self {
            badge: badge(sar.status),
            what,
            deadline,
            again,
            sources,
            sar,
        }
    }

    fn kind(&self) -> &'static str {
        match self.sar.request_type {
            RequestType::Access => "Access",
            RequestType::Delete => "Deletion",
        }
    }
}

/// Whose data it is, and what they are known by.
pub(super) fn known_as(subject: &Subject) -> String {
    let whose = match subject.data_type {
        DataType::User => "User",
        DataType::Visitor => "Visitor",
    };
    let by = match subject.identifier_type {
        IdentifierType::Email => "e-mail",
        IdentifierType::EndUserId => "cookie",
        IdentifierType::DcpId => "targeting ID",
        IdentifierType::FullstackId => "experiment ID",
        IdentifierType::Other => "other ID",
    };
    format!("{whose} by {by}")
}

/// A state in colour and words.
pub(super) fn badge(status: Status) -> Badge<'static> {
    let (tone, word) = match status {
        Status::Pending => (Tone::Neutral, "Pending"),
        Status::Processing => (Tone::Info, "Processing"),
        Status::Completed => (Tone::Ok, "Completed"),
        Status::Failure => (Tone::Bad, "Failed"),
    };
    Badge::new(tone, word)
}

/// The address of another page of the same list.
fn other_page(filter: &SarFilter, number: i64) -> String {
    let mut pairs = vec![("page", number.to_string())];
    pairs.extend(filter.status.map(|word| ("status", word.to_string())));
    pairs.extend(filter.request_type.map(|word| ("type", word.to_string())));
    let pairs = pairs.iter().map(|(name, value)| (*name, value.as_str()));
    format!("?{}", oauth::encode_form(pairs))
}

fn records(count: i64, done: &str) -> String {
    match count {
        0 => format!("nothing {done}"),
        1 => format!("1 record {done}"),
        count => format!("{count} records {done}"),
    }
}

fn checked(filled: &Filled) -> Result<(RequestType, Subject), FormErrors> {
    let mut errors = FormErrors::default();
    let request_type = chosen(
        &mut errors,
        "request_type",
        &filled.request_type,
        "Choose what is asked for",
    );
    let data_type = chosen(&mut errors, "data_type", &filled.data_type, "Choose whose data it is");
    let identifier_type = chosen(
        &mut errors,
        "identifier_type",
        &filled.identifier_type,
        "Choose what the person is known by",
    );
    let (Some(request_type), Some(data_type), Some(identifier_type)) = (request_type, data_type, identifier_type)
    else {
        return Err(errors);
    };
    let subject = Subject::new(data_type, identifier_type, Secret::new(filled.identifier.clone()));
    match subject {
        Ok(subject) => Ok((request_type, subject)),
        Err(error) => {
            let sentence = match error {
                SubjectError::Empty => "Enter the identifier",
                SubjectError::TooLong => "Enter an identifier of at most 355 characters",
                SubjectError::Nul => "Enter an identifier without the character U+0000",
                SubjectError::UserByEmailOnly => "Choose the e-mail address: users are known by nothing else",
            };
            Err(errors.with(error.field(), sentence))
        }
    }
}

fn chosen<T: FromStr>(errors: &mut FormErrors, field: &str, word: &str, fault: &str) -> Option<T> {
    let chosen = word.parse().ok();
    if chosen.is_none() {
        errors.add(field, fault);
    }
    chosen
}

pub(super) fn asker(visitor: &Visitor, session: &Session) -> Asker {
    Asker {
        account: session.current.account.id,
        role: session.current.role,
        actor: visitor.actor(),
    }
}

pub(super) fn told(error: SarError) -> PageError {
    match error {
        SarError::Forbidden => PageError::Administrators,
        SarError::NotFound | SarError::NotFailed => PageError::NotFound,
        SarError::Store(error) => error.into(),
        SarError::Export(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a link to an export could not be signed"
            );
            PageError::NotFound
        }
    }
}

fn word<T: FromStr>(query: &QueryPairs, name: &str) -> Result<Option<T>, PageError> {
    let given = query.0.iter().find(|(field, value)| field == name && !value.is_empty());
    let unknown = |_| PageError::from(Refusal::new(Place::Query, "is not one of the choices").field(name));
    given.map(|(_, value)| value.parse().map_err(unknown)).transpose()
}

fn number(query: &QueryPairs, name: &str) -> Result<Option<i64>, PageError> {
    let mut values = query.0.iter().filter(|(field, _)| field == name);
    let refusal = |reason| Refusal::new(Place::Query, reason).field(name);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(_), Some(_)) => Err(refusal("is given twice").into()),
        (Some((_, value)), None) => match value.parse() {
            Ok(number) if number >= 1 => Ok(Some(number)),
            _ => Err(refusal("must be a whole number from 1").into()),
        },
    }
}
