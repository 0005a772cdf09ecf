//! What is filled in about an application, and whether it can be registered so.

use oauth::{Client, ClientId, ClientType, Grants, RedirectUri};

use crate::app::accounts::shown;

/// More addresses than this are a sign that somebody wants a pattern.
const MOST_URIS: usize = 50;

/// An application as its administrator fills it in.
#[derive(Debug, Clone)]
pub struct NewApplication {
    /// As its users will know it.
    pub name: String,
    /// Where answers may go.
    pub redirect_uris: Vec<String>,
    /// Whether it can keep a secret.
    pub client_type: ClientType,
    /// How it may obtain grants; None is what its type usually has.
    pub grants: Option<Grants>,
    /// Refuse the code grant without PKCE; always so for public applications.
    pub pkce_required: bool,
}

/// A field that is wrong, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault {
    /// The form field's name.
    pub field: &'static str,
    /// A sentence without final period.
    pub sentence: String,
}

/// An application that can be registered.
pub(super) struct Checked {
    pub(super) name: String,
    redirect_uris: Vec<RedirectUri>,
    client_type: ClientType,
    grants: Grants,
    pkce_required: bool,
}

impl NewApplication {
    /// Looks at every field, so that all faults are told at once.
    pub(super) fn check(&self) -> Result<Checked, Vec<FieldFault>> {
        let mut faults = Vec::new();
        let mut fault = |field, sentence| faults.push(FieldFault { field, sentence });
        let name = shown(&self.name, 100).unwrap_or_default();
        if name.is_empty() {
            fault("name", "give the application a name of 1 to 100 characters".to_owned());
        }
        let grants = self.grants.unwrap_or(Grants::default_for(self.client_type));
        if let Err(error) = grants.allowed_for(self.client_type) {
            fault("implicit", error.to_string());
        }
        let mut redirect_uris = Vec::new();
        let given = self
            .redirect_uris
            .iter()
            .map(|uri| uri.trim())
            .filter(|uri| !uri.is_empty());
        for (index, text) in given.enumerate() {
            match RedirectUri::register(text, self.client_type, grants) {
                Ok(registered) if redirect_uris.contains(&registered.uri) => {}
                Ok(registered) => redirect_uris.push(registered.uri),
                Err(error) if self.redirect_uris.len() == 1 => fault("redirect_uris", error.to_string()),
                Err(error) => fault("redirect_uris", format!("URI {}: {error}", index + 1)),
            }
        }
        if redirect_uris.len() > MOST_URIS {
            fault(
                "redirect_uris",
                format!("an application has at most {MOST_URIS} redirect URIs"),
            );
        }
        if !faults.iter().any(|fault| fault.field == "redirect_uris") && redirect_uris.is_empty() {
            faults.push(FieldFault {
                field: "redirect_uris",
                sentence: "enter at least one redirect URI".to_owned(),
            });
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Checked {
            name: name.to_owned(),
            redirect_uris,
            client_type: self.client_type,
            grants,
            pkce_required: self.pkce_required || self.client_type == ClientType::Public,
        })
    }
}

impl Checked {
    /// The application as client `id`.
    pub(super) fn client(&self, id: ClientId) -> Client {
        Client {
            id,
            client_type: self.client_type,
            redirect_uris: self.redirect_uris.clone(),
            grants: self.grants,
            pkce_required: self.pkce_required,
        }
    }
}

pub(super) fn sentences(faults: &[FieldFault]) -> String {
    let sentences: Vec<_> = faults
        .iter()
        .map(|fault| format!("{}: {}", fault.field, fault.sentence))
        .collect();
    sentences.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn application(client_type: ClientType, uris: &[&str]) -> NewApplication {
        NewApplication {
            name: "Orders".to_owned(),
            redirect_uris: uris.iter().map(|uri| (*uri).to_owned()).collect(),
            client_type,
            grants: None,
            pkce_required: false,
        }
    }

    #[test]
    fn every_fault_is_told_at_once_and_by_field() {
        let mut new = application(
            ClientType::Confidential,
            &["https://a.test/cb", "http://a.test/cb", "/cb"],
        );
        new.name = " ".to_owned();
        let faults = new.check().err().unwrap();
        let fields: Vec<_> = faults.iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["name", "redirect_uris", "redirect_uris"]);
        assert!(
            faults[1].sentence.starts_with("URI 2: http:// is refused"),
            "{faults:?}"
        ); // AS-7
    }

    #[test]
    fn an_application_has_a_redirect_uri() {
        let faults = application(ClientType::Public, &["", "  "]).check().err().unwrap();
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].field, "redirect_uris");
    }

    #[test]
    fn public_applications_need_pkce_and_only_they_have_the_implicit_grant() {
        // AS-32, decision 5
        let public = application(ClientType::Public, &["https://a.test/cb", "https://a.test/cb"])
            .check()
            .ok()
            .unwrap();
        assert!(public.pkce_required && public.grants.implicit);
        assert_eq!(public.redirect_uris.len(), 1);
        let mut confidential = application(ClientType::Confidential, &["https://a.test/cb"]);
        confidential.grants = Some("code,implicit".parse().unwrap());
        assert_eq!(confidential.check().err().unwrap()[0].field, "implicit");
    }
}
