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
use jiff::{SignedDuration, Timestamp};
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
        sessions::Session,
        subject_access::{PageNumber, Sar, SarError},
    },
};

const PATH: &str = "/accountsettings/privacy-requests";
const TITLE: &str = "Access or Deletion Requests";
const PER_PAGE: i64 = 25;
/// A deadline that is nearer than this wants to be seen.
const SOON: SignedDuration = SignedDuration::from_hours(3 * 24);

pub(super) fn routes() -> Router<Provider> {
    Router::new()
        .route(PATH, get(list).post(create))
        .route("/accountsettings/privacy-requests/{id}/retry", post(retry))
}

#[derive(Template)]
#[template(path = "privacy_requests.html")]
struct List<'a> {
    account: &'a str,
    total: i64,
    shown: Vec<Shown>,
    first: i64,
    newer: Option<i64>,
    older: Option<i64>,
    csrf: Csrf,
    errors: FormErrors,
    filled: Filled,
    made: Option<i64>,
}

/// A request in the list.
struct Shown {
    sar: Sar,
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
    show(
        &provider,
        &visitor,
        session,
        number,
        FormErrors::default(),
        Filled::default(),
        made,
    )
    .await
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
            let asker = asker(&sent.visitor, session);
            let sar = provider
                .request_subject_access(asker, request_type, &subject)
                .await
                .map_err(told)?;
            Ok(Redirect::to(&format!("{PATH}?made={}", sar.id)).into_response())
        }
        Err(errors) => {
            let page = show(&provider, &sent.visitor, session, 1, errors, filled, None).await?;
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
    match provider.retry_subject_access(asker(&sent.visitor, session), id).await {
        Ok(sar) => Ok(Redirect::to(&format!("{PATH}?made={}", sar.id)).into_response()),
        // The page that was looked at is out of date.
        Err(SarError::NotFailed) => Ok(Redirect::to(PATH).into_response()),
        Err(error) => Err(told(error)),
    }
}

async fn show(
    provider: &Provider,
    visitor: &Visitor,
    session: &Session,
    number: i64,
    errors: FormErrors,
    filled: Filled,
    made: Option<i64>,
) -> Result<Response, PageError> {
    let page = PageNumber {
        page: number,
        per_page: PER_PAGE,
    };
    let requests = provider
        .subject_access_requests(asker(visitor, session), page)
        .await
        .map_err(told)?;
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
            Shown::of(sar, now, again)
        })
        .collect();
    let last = page
        .skip()
        .saturating_add(i64::try_from(shown.len()).unwrap_or(i64::MAX));
    let body = List {
        account: &session.current.account.name,
        total: requests.total,
        first: page.skip().saturating_add(1),
        newer: (number > 1).then(|| number - 1),
        older: (last < requests.total && !shown.is_empty()).then(|| number + 1),
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
    fn of(sar: Sar, now: Timestamp, again: Option<PostButton<'static>>) -> Self {
        let (tone, word) = match sar.status {
            Status::Pending => (Tone::Neutral, "Pending"),
            Status::Processing => (Tone::Info, "Processing"),
            Status::Completed => (Tone::Ok, "Completed"),
            Status::Failure => (Tone::Bad, "Failed"),
        };
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
            left if left < SOON => "warn",
            _ => "",
        };
        Self {
            badge: Badge::new(tone, word),
            what,
            deadline,
            again,
            sar,
        }
    }

    fn kind(&self) -> &'static str {
        match self.sar.request_type {
            RequestType::Access => "Access",
            RequestType::Delete => "Deletion",
        }
    }

    fn whose(&self) -> &'static str {
        match self.sar.subject.data_type {
            DataType::User => "User",
            DataType::Visitor => "Visitor",
        }
    }

    fn known_by(&self) -> &'static str {
        match self.sar.subject.identifier_type {
            IdentifierType::Email => "e-mail",
            IdentifierType::EndUserId => "cookie",
            IdentifierType::DcpId => "targeting ID",
            IdentifierType::FullstackId => "experiment ID",
            IdentifierType::Other => "other ID",
        }
    }
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

fn asker(visitor: &Visitor, session: &Session) -> Asker {
    Asker {
        account: session.current.account.id,
        role: session.current.role,
        actor: visitor.actor(),
    }
}

fn told(error: SarError) -> PageError {
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
