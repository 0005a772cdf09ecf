//! Entering a request that came by mail, telephone or letter.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::StatusCode;
use mail::Language;
use privacy::{Identities, IdentityType, identity::IdentityProblem};
use rightful_http::{
    csrf,
    pages::{
        Layout,
        parts::{Choice, Csrf, Field, FormErrors, Notice, Tone},
    },
};

use super::{
    super::{Operator, PageError, Section, Submitted},
    words,
};
use crate::{
    ConnectionId, Manager, Permission,
    app::{
        ConnectionState, ConnectionView,
        company::LegalFrameworks,
        requests::{CreateRequestError, NewRequest, Once},
    },
};

/// Where the form is sent.
const ACTION: &str = "/requests/new";

/// The person is written to.
const NOTIFY: &str = "notify";
/// The person confirms the request first.
const VERIFY: &str = "verify";

#[derive(Template)]
#[template(path = "portal/requests/new.html")]
struct NewPage<'a> {
    csrf: Csrf,
    /// Names this form: sent twice, it makes one request.
    once: String,
    errors: FormErrors,
    right: Field<'a>,
    email: Field<'a>,
    more: Vec<Field<'a>>,
    more_open: bool,
    framework: Field<'a>,
    connections: Option<Field<'a>>,
    start: Field<'a>,
    /// None where nobody can be written to.
    mails: Option<(Field<'a>, Field<'a>)>,
}

/// What was typed.
#[derive(Debug, Default)]
struct Typed {
    right: String,
    identities: Vec<(IdentityType, String)>,
    framework: String,
    /// The connections that were ticked; none while the form is fresh.
    connections: Option<Vec<String>>,
    start: bool,
    /// What was ticked about mails; none while the form is fresh.
    mails: Option<Vec<String>>,
    language: String,
}

impl Typed {
    fn read(submitted: &Submitted) -> Result<Self, PageError> {
        let mut identities = Vec::new();
        for kind in IdentityType::ALL {
            let value = submitted.field(kind.name())?;
            if !value.is_empty() {
                identities.push((*kind, value.to_owned()));
            }
        }
        Ok(Self {
            right: submitted.field("type")?.to_owned(),
            identities,
            framework: submitted.field("framework")?.to_owned(),
            connections: Some(submitted.fields.all("connections").map(str::to_owned).collect()),
            start: submitted.field("start")? == "yes",
            mails: Some(submitted.fields.all("mails").map(str::to_owned).collect()),
            language: submitted.field("language")?.to_owned(),
        })
    }

    fn ticked(&self, mail: &str) -> bool {
        self.mails
            .as_ref()
            .map_or(mail == NOTIFY, |ticked| ticked.iter().any(|word| word == mail))
    }

    fn identity(&self, kind: IdentityType) -> &str {
        let typed = self.identities.iter().find(|(typed, _)| *typed == kind);
        typed.map_or("", |(_, value)| value)
    }

    /// The request that was meant, or what is wrong with which field.
    fn request(&self, offered: &[ConnectionView]) -> Result<NewRequest, FormErrors> {
        let mut errors = FormErrors::default();
        let right = self.right.parse();
        if right.is_err() {
            errors.add("type", "Choose what the person asks for");
        }
        let given = self.identities.iter().map(|(kind, value)| (kind.name(), value));
        let identities = Identities::parse(given);
        if let Err(error) = &identities {
            let field = error.field.strip_prefix("identities.").unwrap_or("email");
            errors.add(field, identity_problem(field, error.problem));
        }
        let connections = self.connections(offered);
        if connections.is_err() {
            errors.add("connections", "Choose at least one connection");
        }
        match (right, identities, connections) {
            (Ok(right), Ok(identities), Ok(connections)) => Ok(NewRequest {
                framework: Some(self.framework.clone()).filter(|framework| !framework.is_empty()),
                connections,
                start: self.start,
                notify: self.ticked(NOTIFY),
                verify: self.ticked(VERIFY),
                language: self.language.parse().ok(),
                ..NewRequest::new(right, identities, "portal")
            }),
            _ => Err(errors),
        }
    }

    /// All that are offered is every one that can act, also those that are connected later.
    fn connections(&self, offered: &[ConnectionView]) -> Result<Option<Vec<ConnectionId>>, ()> {
        let ticked = self.connections.as_deref().unwrap_or_default();
        let is_ticked = |view: &&ConnectionView| ticked.contains(&view.id.to_string());
        let chosen: Vec<ConnectionId> = offered.iter().filter(is_ticked).map(|view| view.id).collect();
        if chosen.len() == offered.len() {
            Ok(None)
        } else if chosen.is_empty() {
            Err(())
        } else {
            Ok(Some(chosen))
        }
    }
}

fn identity_problem(field: &str, problem: IdentityProblem) -> String {
    match problem {
        IdentityProblem::Empty if field == "email" => "Enter an e-mail address or another identifier".to_owned(),
        IdentityProblem::NotAnAddress => "Enter an e-mail address like name@example.com".to_owned(),
        problem => format!("The identifier {problem}"),
    }
}

/// The empty form.
pub(super) async fn form(State(manager): State<Manager>, operator: Operator) -> Result<Response, PageError> {
    operator.require(Permission::WorkRequests)?;
    let offered = offered(&manager).await?;
    manager.company().await?;
    Ok(page(
        &manager,
        &operator,
        &Typed::default(),
        &offered,
        FormErrors::default(),
    ))
}

/// Takes the request in.
pub(super) async fn create(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::WorkRequests)?;
    let typed = Typed::read(&submitted)?;
    let offered = offered(&manager).await?;
    let again = |errors| {
        let page = page(&manager, operator, &typed, &offered, errors);
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    let new = match typed.request(&offered) {
        Ok(new) => new,
        Err(errors) => return again(errors),
    };
    let caller = format!("portal:{}", operator.id);
    let asked = asked(&submitted);
    let once = submitted.field("once")?;
    let once = Once {
        caller: &caller,
        key: once,
        asked: asked.as_bytes(),
        wait: true,
    };
    match manager.create_request(new, &operator.by, Some(once)).await {
        Ok(created) => Ok(Redirect::to(&format!("/requests/{}", created.id)).into_response()),
        Err(CreateRequestError::Store(error)) => Err(error.into()),
        Err(CreateRequestError::Invalid { field, reason }) => {
            let field = match field {
                NOTIFY | VERIFY => "mails",
                field => field.strip_prefix("identities.").unwrap_or(field),
            };
            again(FormErrors::default().with(field, format!("This {reason}")))
        }
        Err(CreateRequestError::OtherAsked) => again(FormErrors::default().with(
            "",
            "A request was already made from this form, with other answers. Send it once more to make another one.",
        )),
        Err(error @ (CreateRequestError::Move(_) | CreateRequestError::StillRunning)) => {
            Err(PageError::conflict(error))
        }
    }
}

/// What was asked, to tell a repetition from another question.
fn asked(submitted: &Submitted) -> String {
    let fields = submitted.fields.0.iter().filter(|(name, _)| name != csrf::FIELD);
    let fields: Vec<String> = fields
        .map(|(name, value)| format!("{}:{name}={}:{value}", name.len(), value.len()))
        .collect();
    fields.join("\n")
}

/// The connections that can be chosen.
async fn offered(manager: &Manager) -> Result<Vec<ConnectionView>, PageError> {
    let mut connections = manager.connections().await?;
    connections.retain(|view| {
        !matches!(
            view.state,
            ConnectionState::PendingAuthorization | ConnectionState::Disabled
        )
    });
    Ok(connections)
}

fn page(
    manager: &Manager,
    operator: &Operator,
    typed: &Typed,
    offered: &[ConnectionView],
    errors: FormErrors,
) -> Response {
    let more: Vec<Field<'_>> = IdentityType::ALL
        .iter()
        .filter(|kind| **kind != IdentityType::Email)
        .map(|kind| {
            Field::text(kind.name(), words::identifier(*kind))
                .value(typed.identity(*kind))
                .error(errors.of(kind.name()).map(str::to_owned))
                .autocomplete("off")
                .optional()
        })
        .collect();
    let is_open = |kind: &IdentityType| {
        *kind != IdentityType::Email && (!typed.identity(*kind).is_empty() || errors.of(kind.name()).is_some())
    };
    let body = NewPage {
        csrf: operator.csrf(ACTION),
        once: manager.store().new_id().to_string(),
        right: right_field(typed, &errors),
        email: Field::email(IdentityType::Email.name(), "E-mail address of the data subject")
            .hint("It is sealed, and shown masked.")
            .value(typed.identity(IdentityType::Email))
            .error(errors.of("email").map(str::to_owned))
            .autocomplete("off")
            .max_length(355),
        more,
        more_open: IdentityType::ALL.iter().any(is_open),
        framework: framework_field(typed, &manager.company_as_known().frameworks, &errors),
        connections: (!offered.is_empty()).then(|| connections_field(typed, offered, &errors)),
        start: Field::checks(
            "start",
            "Begin",
            vec![
                Choice::new("yes", "Start at once")
                    .hint("Otherwise it waits in triage until somebody starts it.")
                    .chosen(typed.start),
            ],
        )
        .optional(),
        mails: manager
            .mailer()
            .is_configured()
            .then(|| (mails_field(typed, &errors), language_field(manager, typed))),
        errors,
    };
    operator.page_in(Section::Requests, "New request", Layout::Reading, &body)
}

fn mails_field<'a>(typed: &Typed, errors: &FormErrors) -> Field<'a> {
    let choices = vec![
        Choice::new(NOTIFY, "Write to the person")
            .hint("When the copy can be fetched, when the deadline is put off, and when the request is closed.")
            .chosen(typed.ticked(NOTIFY)),
        Choice::new(VERIFY, "Have the person confirm the request first")
            .hint("They get a link. Nothing happens before they have followed it; after a week the request is closed.")
            .chosen(typed.ticked(VERIFY)),
    ];
    Field::checks("mails", "Mail", choices)
        .error(errors.of("mails").map(str::to_owned))
        .optional()
}

fn language_field<'a>(manager: &Manager, typed: &Typed) -> Field<'a> {
    let choices = Language::ALL.iter();
    let choices = choices.map(|language| Choice::new(language.name(), language.title()));
    let chosen = if typed.language.is_empty() {
        manager.settings().language().name().to_owned()
    } else {
        typed.language.clone()
    };
    Field::select("language", "Language of the mails", choices.collect())
        .value(chosen)
        .short()
}

fn right_field<'a>(typed: &'a Typed, errors: &FormErrors) -> Field<'a> {
    let choices = vec![
        Choice::new("access", "Access").hint("The person wants to see what you hold about them."),
        Choice::new("deletion", "Deletion").hint("The person wants it deleted."),
    ];
    Field::radios("type", "What does the person ask for?", choices)
        .value(typed.right.as_str())
        .error(errors.of("type").map(str::to_owned))
}

fn framework_field<'a>(typed: &Typed, laws: &LegalFrameworks, errors: &FormErrors) -> Field<'a> {
    let choices = laws.frameworks.iter();
    let choices = choices.map(|framework| Choice::new(framework.id.to_string(), framework.name.clone()));
    let chosen = if typed.framework.is_empty() {
        laws.usual.as_str()
    } else {
        &typed.framework
    };
    Field::select("framework", "Legal framework", choices.collect())
        .hint("It decides by when the request must be answered.")
        .value(chosen.to_owned())
        .error(errors.of("framework").map(str::to_owned))
}

fn connections_field<'a>(typed: &Typed, offered: &'a [ConnectionView], errors: &FormErrors) -> Field<'a> {
    let choices = offered.iter().map(|view| {
        let ticked = typed.connections.as_ref();
        let chosen = ticked.is_none_or(|ticked| ticked.contains(&view.id.to_string()));
        let choice = Choice::new(view.id.to_string(), view.name.as_str()).chosen(chosen);
        match view.state {
            ConnectionState::Connected => choice,
            _ => choice.hint("Not connected at the moment: its tasks will wait until it is."),
        }
    });
    Field::checks("connections", "Connections", choices.collect())
        .hint("Who is asked. Leave all ticked to ask everyone who can act.")
        .error(errors.of("connections").map(str::to_owned))
}
