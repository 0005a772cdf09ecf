//! `/accountsettings/users`: who belongs to the account, invitations, roles.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::StatusCode;
use oauth::Secret;
use rightful_http::{
    extract::{Path, Place, Refusal},
    pages::parts::{Badge, Choice, Csrf, Field, FormErrors, PostButton, Tone, When},
};

use super::{TWO_STEP_RULE, USERS};
use crate::{
    InvitationId, Provider, Role, UserId,
    app::{
        invitations::{Invitation, InvitationError},
        members::{Member, MemberError},
        two_step_rule::TwoStepRuleError,
    },
    web::{
        form::Sent,
        page::{PageError, page, sentence},
        visitor::Visitor,
    },
};

#[derive(Template)]
#[template(path = "users.html")]
struct Users<'a> {
    account: &'a str,
    members: Vec<Shown<'a>>,
    invitations: Vec<(Invitation, PostButton<'a>)>,
    mails: bool,
    csrf: Csrf,
    /// The account asks its administrators for two-step log-in.
    two_step: bool,
    /// Who looks at it has it.
    own_two_step: bool,
    two_step_button: PostButton<'a>,
    email: &'a str,
    role: &'a str,
    errors: FormErrors,
}

/// A member in the list.
struct Shown<'a> {
    member: Member,
    name: String,
    own: bool,
    role: PostButton<'a>,
    remove: PostButton<'a>,
}

impl Users<'_> {
    fn role_field(&self) -> Field<'_> {
        let choices = vec![
            Choice::new("user", "User").hint("Logs in, authorizes applications, has own tokens."),
            Choice::new("administrator", "Administrator").hint("Everything of the account."),
        ];
        Field::radios("role", "Role", choices)
            .value(self.role)
            .error(self.errors.of("role"))
    }
}

/// `GET /accountsettings/users`
pub(super) async fn list(State(provider): State<Provider>, visitor: Visitor) -> Result<Response, PageError> {
    show(&provider, &visitor, ("", "user"), FormErrors::default()).await
}

async fn show(
    provider: &Provider,
    visitor: &Visitor,
    (email, role): (&str, &str),
    errors: FormErrors,
) -> Result<Response, PageError> {
    let session = visitor.administrator()?;
    let members = provider.members(session).await?;
    let invitations = provider.invitations(session).await?;
    let body = Users {
        account: &session.current.account.name,
        members: members
            .into_iter()
            .map(|member| shown(provider, visitor, session.user, member))
            .collect(),
        invitations: invitations
            .into_iter()
            .map(|invitation| {
                let action = format!("/accountsettings/invitations/{}/withdraw", invitation.id);
                let csrf = visitor.csrf(provider, &action);
                let button = PostButton::new(action, "Withdraw", csrf)
                    .danger()
                    .small()
                    .about(invitation.email.reveal().clone());
                (invitation, button)
            })
            .collect(),
        mails: provider.mailer().is_configured(),
        csrf: visitor.csrf(provider, USERS),
        two_step: session.current.two_step_required,
        own_two_step: session.two_step,
        two_step_button: two_step_button(provider, visitor, session.current.two_step_required),
        email,
        role,
        errors,
    };
    Ok(page(provider, visitor, "Users", &body))
}

fn two_step_button(provider: &Provider, visitor: &Visitor, required: bool) -> PostButton<'static> {
    let csrf = visitor.csrf(provider, TWO_STEP_RULE);
    if required {
        PostButton::new(TWO_STEP_RULE, "No longer require it", csrf).value("required", "no")
    } else {
        PostButton::new(TWO_STEP_RULE, "Require it", csrf).value("required", "yes")
    }
    .quiet()
}

fn shown<'a>(provider: &Provider, visitor: &Visitor, own: UserId, member: Member) -> Shown<'a> {
    let email = member.profile.email.reveal().clone();
    let button = |what: &str, label: &'static str| {
        let action = format!("{USERS}/{}/{what}", member.user);
        let csrf = visitor.csrf(provider, &action);
        PostButton::new(action, label, csrf).about(email.clone())
    };
    let role = match member.role {
        Role::Administrator => button("role", "Make a user").value("role", "user"),
        Role::User => button("role", "Make an administrator").value("role", "administrator"),
    };
    let name = [&member.profile.first_name, &member.profile.last_name].map(|part| part.reveal().as_str());
    Shown {
        name: name.join(" ").trim().to_owned(),
        own: member.user == own,
        role: role.small(),
        remove: button("remove", "Deactivate").danger().small(),
        member,
    }
}

/// `POST /accountsettings/users`: an invitation.
pub(super) async fn invite(State(provider): State<Provider>, sent: Sent) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    visitor.administrator()?;
    let session = visitor.proven(&provider, USERS)?;
    let (email, word) = (sent.text("email")?, sent.text("role")?);
    let errors = FormErrors::default();
    let errors = match word.parse::<Role>() {
        Err(_) => errors.with("role", "Choose a role"),
        Ok(role) => {
            let address = Secret::new(email.to_owned());
            match provider.invite(session, &address, role, visitor.actor()).await {
                Ok(()) => return Ok(Redirect::to(USERS).into_response()),
                Err(InvitationError::Email) => errors.with("email", "Enter an e-mail address"),
                Err(InvitationError::Member) => errors.with("email", "That user belongs to the account already"),
                Err(error) => return Err(error.into()),
            }
        }
    };
    let page = show(&provider, visitor, (email, word), errors).await?;
    Ok((StatusCode::BAD_REQUEST, page).into_response())
}

/// `POST /accountsettings/users/{user}/role`
pub(super) async fn set_role(
    State(provider): State<Provider>,
    Path(user): Path<UserId>,
    sent: Sent,
) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    visitor.administrator()?;
    let session = visitor.proven(&provider, USERS)?;
    let role = sent.text("role")?.parse::<Role>();
    let role = role.map_err(|error| PageError::Unreadable(error.to_string()))?;
    let changed = provider.set_member_role(session, user, role, visitor.actor()).await;
    answer(&provider, visitor, changed).await
}

/// `POST /accountsettings/users/{user}/remove`
pub(super) async fn remove(
    State(provider): State<Provider>,
    Path(user): Path<UserId>,
    sent: Sent,
) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    visitor.administrator()?;
    let session = visitor.proven(&provider, USERS)?;
    let removed = provider.remove_member(session, user, visitor.actor()).await;
    answer(&provider, visitor, removed).await
}

/// `POST /accountsettings/users/two-step`: whether administrators need it (SEC-6).
pub(super) async fn set_two_step(State(provider): State<Provider>, sent: Sent) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    visitor.administrator()?;
    let session = visitor.proven(&provider, USERS)?;
    let required = match sent.text("required")? {
        "yes" => true,
        "no" => false,
        _ => return Err(Refusal::new(Place::Body, "must be yes or no").field("required").into()),
    };
    match provider.set_two_step_rule(session, required, visitor.actor()).await {
        Ok(()) => Ok(Redirect::to(USERS).into_response()),
        Err(TwoStepRuleError::Store(error)) => Err(error.into()),
        Err(error @ TwoStepRuleError::OwnMissing) => conflict(&provider, visitor, &error.to_string()).await,
    }
}

async fn answer(provider: &Provider, visitor: &Visitor, done: Result<(), MemberError>) -> Result<Response, PageError> {
    match done {
        Ok(()) => Ok(Redirect::to(USERS).into_response()),
        Err(MemberError::NotFound) => Err(PageError::NotFound),
        Err(MemberError::Store(error)) => Err(error.into()),
        Err(error @ MemberError::LastAdministrator) => conflict(provider, visitor, &error.to_string()).await,
    }
}

async fn conflict(provider: &Provider, visitor: &Visitor, reason: &str) -> Result<Response, PageError> {
    let mut errors = FormErrors::default();
    errors.add_general(sentence(reason));
    let page = show(provider, visitor, ("", "user"), errors).await?;
    Ok((StatusCode::CONFLICT, page).into_response())
}

/// `POST /accountsettings/invitations/{id}/withdraw`
pub(super) async fn withdraw(
    State(provider): State<Provider>,
    Path(id): Path<InvitationId>,
    sent: Sent,
) -> Result<Response, PageError> {
    let session = sent.visitor.administrator()?;
    match provider.withdraw_invitation(session, id, sent.visitor.actor()).await {
        Ok(()) => Ok(Redirect::to(USERS).into_response()),
        Err(InvitationError::Gone) => Err(PageError::NotFound),
        Err(error) => Err(error.into()),
    }
}
