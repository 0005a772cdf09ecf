//! A form on a page, and what is filled in.

use anyhow::bail;

use super::html::{self, Tag, decoded};

/// A form. Fields that are left alone are sent as they came, hidden ones among them.
#[derive(Debug, Clone)]
pub struct Form {
    action: String,
    post: bool,
    fields: Vec<Field>,
}

#[derive(Debug, Clone)]
struct Field {
    name: String,
    value: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Sent as it is.
    Value,
    /// A choice among several of one name (radio, check box, `option`); sent where it is chosen.
    Choice { chosen: bool },
    /// A button; only the one that is pressed is sent.
    Button,
}

impl Form {
    /// Where it is sent, as written in the page.
    pub fn action(&self) -> &str {
        &self.action
    }

    /// Whether it is sent by POST.
    pub fn is_post(&self) -> bool {
        self.post
    }

    /// Whether there is a field or button of this name.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }

    /// A field's value as it came.
    pub fn value(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|field| field.name == name)?;
        Some(&field.value)
    }

    /// Fills a field in, makes a choice, or presses a button.
    pub fn set(mut self, name: &str, value: &str) -> anyhow::Result<Self> {
        let mut found = false;
        for field in self.fields.iter_mut().filter(|field| field.name == name) {
            match &mut field.kind {
                Kind::Value => {
                    value.clone_into(&mut field.value);
                    found = true;
                }
                Kind::Choice { chosen } => {
                    *chosen = field.value == value;
                    found |= *chosen;
                }
                Kind::Button if field.value == value => {
                    field.kind = Kind::Value;
                    found = true;
                }
                Kind::Button => {}
            }
        }
        if !found {
            bail!("the form has no {name} that could be filled in so");
        }
        Ok(self)
    }

    /// What is sent.
    pub fn encoded(&self) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        for field in &self.fields {
            if matches!(field.kind, Kind::Value | Kind::Choice { chosen: true }) {
                pairs.append_pair(&field.name, &field.value);
            }
        }
        pairs.finish()
    }
}

/// All forms of a page.
pub(super) fn read(html: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let mut open = false;
    let mut select = String::new();
    for tag in html::tags(html) {
        match tag.name.as_str() {
            "form" => {
                open = true;
                forms.push(Form {
                    action: tag.attribute("action").unwrap_or_default().to_owned(),
                    post: tag
                        .attribute("method")
                        .is_some_and(|method| method.eq_ignore_ascii_case("post")),
                    fields: Vec::new(),
                });
            }
            "/form" => open = false,
            "select" => tag.attribute("name").unwrap_or_default().clone_into(&mut select),
            "/select" => select.clear(),
            _ => {
                let field = field(&tag, &select);
                if let (true, Some(form), Some(field)) = (open, forms.last_mut(), field) {
                    form.fields.push(field);
                }
            }
        }
    }
    forms
}

fn field(tag: &Tag<'_>, select: &str) -> Option<Field> {
    let value = tag.attribute("value");
    let (name, value, kind) = match tag.name.as_str() {
        "option" => {
            let shown = decoded(tag.text).trim().to_owned();
            let chosen = tag.has("selected");
            (select, value.map_or(shown, str::to_owned), Kind::Choice { chosen })
        }
        "textarea" => (tag.attribute("name")?, decoded(tag.text), Kind::Value),
        "button" => (
            tag.attribute("name")?,
            value.unwrap_or_default().to_owned(),
            Kind::Button,
        ),
        "input" => {
            let kind = match tag.attribute("type").unwrap_or("text") {
                "radio" | "checkbox" => Kind::Choice {
                    chosen: tag.has("checked"),
                },
                "submit" | "image" => Kind::Button,
                _ => Kind::Value,
            };
            let unset = if matches!(kind, Kind::Choice { .. }) { "on" } else { "" };
            (tag.attribute("name")?, value.unwrap_or(unset).to_owned(), kind)
        }
        _ => return None,
    };
    (!name.is_empty() && !tag.has("disabled")).then(|| Field {
        name: name.to_owned(),
        value,
        kind,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"
        <form action="/search"><input name="q"></form>
        <form method="post" action="/consent?a=1&amp;b=2">
          <input type="hidden" name="csrf" value="t&quot;k">
          <textarea name="uris">https://a
https://b</textarea>
          <select name="account_id"><option value="1" selected>One</option><option value="2">Two</option></select>
          <input type="checkbox" name="implicit" value="yes">
          <button name="decision" value="accept">Accept</button><button name="decision" value="deny">Deny</button>
        </form>"#;

    #[test]
    fn what_is_not_touched_goes_back_as_it_came_and_only_the_pressed_button_is_sent() {
        let form = read(PAGE).pop().unwrap();
        assert_eq!((form.action(), form.is_post()), ("/consent?a=1&b=2", true));
        let form = form.set("decision", "accept").unwrap().set("account_id", "2").unwrap();
        assert_eq!(
            form.encoded(),
            "csrf=t%22k&uris=https%3A%2F%2Fa%0Ahttps%3A%2F%2Fb&account_id=2&decision=accept"
        );
    }

    #[test]
    fn a_choice_that_is_not_offered_is_refused() {
        let form = read(PAGE).pop().unwrap();
        assert!(form.clone().set("decision", "maybe").is_err());
        assert!(form.clone().set("colour", "red").is_err());
        assert!(form.set("implicit", "yes").unwrap().encoded().contains("implicit=yes"));
    }
}
