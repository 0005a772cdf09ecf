//! The form about an application, as it is shown and as it is read.

use oauth::{ClientType, Grants};
use rightful_http::pages::parts::{Choice, Field, FormErrors};

use crate::{
    app::applications::{Application, FieldFault, NewApplication},
    web::{
        form::Sent,
        page::{PageError, sentence},
    },
};

/// What stands in the form.
#[derive(Debug, Clone, Default)]
pub(super) struct ApplicationForm {
    name: String,
    redirect_uris: String,
    client_type: String,
    implicit: String,
    pkce_required: bool,
    /// What is wrong with it.
    pub(super) errors: FormErrors,
}

const OFF: &str = "off";
const ON: &str = "on";
const ONLY: &str = "only";

impl ApplicationForm {
    /// An empty one.
    pub(super) fn empty() -> Self {
        Self {
            client_type: ClientType::Confidential.as_str().to_owned(),
            implicit: OFF.to_owned(),
            ..Self::default()
        }
    }

    /// One filled in with what is registered.
    pub(super) fn of(application: &Application) -> Self {
        let client = &application.client;
        let uris: Vec<_> = client.redirect_uris.iter().map(oauth::RedirectUri::as_str).collect();
        let implicit = match client.grants {
            Grants { implicit: false, .. } => OFF,
            Grants { code: true, .. } => ON,
            Grants { code: false, .. } => ONLY,
        };
        Self {
            name: application.name.clone(),
            redirect_uris: uris.join("\n"),
            client_type: client.client_type.as_str().to_owned(),
            implicit: implicit.to_owned(),
            pkce_required: client.pkce_required,
            errors: FormErrors::default(),
        }
    }

    /// What was sent.
    pub(super) fn read(sent: &Sent) -> Result<Self, PageError> {
        let implicit = match sent.text("implicit")? {
            ONLY => ONLY,
            _ if sent.ticked("implicit")? => ON,
            _ => OFF,
        };
        Ok(Self {
            name: sent.text("name")?.to_owned(),
            redirect_uris: sent.text("redirect_uris")?.to_owned(),
            client_type: sent.text("client_type")?.to_owned(),
            implicit: implicit.to_owned(),
            pkce_required: sent.ticked("pkce_required")?,
            errors: FormErrors::default(),
        })
    }

    /// The same for an application whose type is settled.
    pub(super) fn with_type(mut self, client_type: ClientType) -> Self {
        client_type.as_str().clone_into(&mut self.client_type);
        self
    }

    /// What it says; None, and an error beside the field, where no type is chosen.
    pub(super) fn application(&mut self) -> Option<NewApplication> {
        let Ok(client_type) = self.client_type.parse() else {
            self.errors
                .add("client_type", "Choose whether the application can keep a secret");
            return None;
        };
        Some(NewApplication {
            name: self.name.clone(),
            redirect_uris: self.redirect_uris.lines().map(str::to_owned).collect(),
            client_type,
            grants: Some(Grants {
                code: self.implicit != ONLY,
                implicit: self.implicit != OFF,
            }),
            pkce_required: self.pkce_required,
        })
    }

    /// Puts what is wrong beside the fields.
    pub(super) fn blame(&mut self, faults: &[FieldFault]) {
        for fault in faults {
            let mut text = sentence(&fault.sentence);
            text.pop();
            self.errors.add(fault.field, text);
        }
    }

    pub(super) fn name_field(&self) -> Field<'_> {
        Field::text("name", "Name")
            .hint("As the people who authorize it will know it.")
            .value(self.name.as_str())
            .max_length(100)
            .autocomplete("off")
            .error(self.errors.of("name"))
    }

    pub(super) fn uris_field(&self) -> Field<'_> {
        Field::area("redirect_uris", "Redirect URIs")
            .hint("One a line. Compared to the letter, so write them exactly as the application sends them.")
            .value(self.redirect_uris.as_str())
            .error(self.errors.of("redirect_uris"))
    }

    pub(super) fn type_field(&self) -> Field<'_> {
        let choices = vec![
            Choice::new("confidential", "Confidential").hint("It runs on a server and can keep a secret."),
            Choice::new("public", "Public").hint("It runs in a browser or on a device; it proves itself with PKCE."),
        ];
        Field::radios("client_type", "Client type", choices)
            .value(self.client_type.as_str())
            .error(self.errors.of("client_type"))
    }

    pub(super) fn implicit_field(&self) -> Field<'_> {
        let choices = vec![
            Choice::new(OFF, "Off").hint("Recommended: the code grant with PKCE keeps tokens out of addresses."),
            Choice::new(ON, "Allowed beside the code grant"),
            Choice::new(ONLY, "Only the implicit grant")
                .hint("Then http:// redirect URIs are accepted too. They are not secure."),
        ];
        Field::radios("implicit", "Implicit grant", choices)
            .hint("For public applications alone. Tokens travel in the browser’s address and cannot be renewed.")
            .value(self.implicit.as_str())
            .error(self.errors.of("implicit"))
    }

    pub(super) fn pkce_field(&self) -> Field<'_> {
        let choice = Choice::new(ON, "Refuse the code grant without PKCE")
            .hint("Always so for public applications.")
            .chosen(self.pkce_required);
        Field::checks("pkce_required", "Proof key (PKCE)", vec![choice]).error(self.errors.of("pkce_required"))
    }
}
