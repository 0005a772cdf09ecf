//! One question of a form: label, hint, error and control.

use std::{borrow::Cow, fmt::Write as _};

use askama::{
    Template,
    filters::{HtmlSafe, HtmlSafeOutput},
};

/// What the answer is given with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// One line, of an HTML input type.
    Input(&'static str),
    /// Several lines; how many are seen.
    Area(u8),
    /// One of a list that folds.
    Select,
    /// One of a list that is seen.
    Radios,
    /// Any of a list.
    Checks,
}

/// One possible answer.
#[derive(Debug, Clone)]
pub struct Choice<'a> {
    value: Cow<'a, str>,
    label: Cow<'a, str>,
    hint: Option<Cow<'a, str>>,
    chosen: bool,
}

impl<'a> Choice<'a> {
    /// The answer that is sent as `value` and reads `label`.
    pub fn new(value: impl Into<Cow<'a, str>>, label: impl Into<Cow<'a, str>>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
            hint: None,
            chosen: false,
        }
    }

    /// Explains it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Cow<'a, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Ticks it, where several may be.
    #[must_use]
    pub fn chosen(mut self, chosen: bool) -> Self {
        self.chosen = chosen;
        self
    }
}

/// One question of a form. Required unless it is [`optional`](Self::optional).
#[derive(Debug, Clone, Template)]
#[template(path = "parts/field.html")]
pub struct Field<'a> {
    name: Cow<'a, str>,
    id: Option<&'a str>,
    label: Cow<'a, str>,
    control: Control,
    value: Cow<'a, str>,
    choices: Vec<Choice<'a>>,
    hint: Option<Cow<'a, str>>,
    error: Option<Cow<'a, str>>,
    required: bool,
    optional_word: &'a str,
    short: bool,
    autocomplete: Option<&'a str>,
    max_length: Option<u32>,
    autofocus: bool,
}

impl HtmlSafe for Field<'_> {}

impl<'a> Field<'a> {
    /// The question `label`, sent as `name`.
    pub fn new(control: Control, name: impl Into<Cow<'a, str>>, label: impl Into<Cow<'a, str>>) -> Self {
        Self {
            name: name.into(),
            id: None,
            label: label.into(),
            control,
            value: Cow::Borrowed(""),
            choices: Vec::new(),
            hint: None,
            error: None,
            required: true,
            optional_word: "optional",
            short: false,
            autocomplete: None,
            max_length: None,
            autofocus: false,
        }
    }

    /// Another id than the name, where two forms of a page ask the same.
    #[must_use]
    pub fn id(mut self, id: &'a str) -> Self {
        self.id = Some(id);
        self
    }

    /// One line of text.
    pub fn text(name: impl Into<Cow<'a, str>>, label: impl Into<Cow<'a, str>>) -> Self {
        Self::new(Control::Input("text"), name, label)
    }

    /// An e-mail address. The browser fills in the person's own unless told otherwise.
    pub fn email(name: impl Into<Cow<'a, str>>, label: impl Into<Cow<'a, str>>) -> Self {
        Self::new(Control::Input("email"), name, label).autocomplete("email")
    }

    /// A password: what was typed is never printed back.
    pub fn password(name: impl Into<Cow<'a, str>>, label: impl Into<Cow<'a, str>>) -> Self {
        Self::new(Control::Input("password"), name, label).autocomplete("current-password")
    }

    /// Several lines of text.
    pub fn area(name: impl Into<Cow<'a, str>>, label: impl Into<Cow<'a, str>>) -> Self {
        Self::new(Control::Area(4), name, label)
    }

    /// One of `choices`, folded.
    pub fn select(name: impl Into<Cow<'a, str>>, label: impl Into<Cow<'a, str>>, choices: Vec<Choice<'a>>) -> Self {
        Self {
            choices,
            ..Self::new(Control::Select, name, label)
        }
    }

    /// One of `choices`, all seen.
    pub fn radios(name: impl Into<Cow<'a, str>>, label: impl Into<Cow<'a, str>>, choices: Vec<Choice<'a>>) -> Self {
        Self {
            choices,
            ..Self::new(Control::Radios, name, label)
        }
    }

    /// Any of `choices`.
    pub fn checks(name: impl Into<Cow<'a, str>>, label: impl Into<Cow<'a, str>>, choices: Vec<Choice<'a>>) -> Self {
        Self {
            choices,
            ..Self::new(Control::Checks, name, label)
        }
    }

    /// What stands in it; of a list, the value that is chosen.
    #[must_use]
    pub fn value(mut self, value: impl Into<Cow<'a, str>>) -> Self {
        self.value = value.into();
        self
    }

    /// Helps to answer.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Cow<'a, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What is wrong with the answer that was given.
    #[must_use]
    pub fn error(mut self, error: Option<impl Into<Cow<'a, str>>>) -> Self {
        self.error = error.map(Into::into);
        self
    }

    /// May stay empty, and says so.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// May stay empty, and says so in the page's language.
    #[must_use]
    pub fn optional_as(mut self, word: &'a str) -> Self {
        self.optional_word = word;
        self.optional()
    }

    /// Looks as short as the answer is.
    #[must_use]
    pub fn short(mut self) -> Self {
        self.short = true;
        self
    }

    /// What browsers and password managers may fill in (HTML's `autocomplete` tokens; `off` for none).
    #[must_use]
    pub fn autocomplete(mut self, token: &'a str) -> Self {
        self.autocomplete = Some(token);
        self
    }

    /// How many characters the answer may have.
    #[must_use]
    pub fn max_length(mut self, characters: u32) -> Self {
        self.max_length = Some(characters);
        self
    }

    /// Where typing goes when the page opens. For pages with nothing to read first.
    #[must_use]
    pub fn autofocus(mut self) -> Self {
        self.autofocus = true;
        self
    }

    fn own_id(&self) -> &str {
        self.id.unwrap_or(&self.name)
    }

    fn is_group(&self) -> bool {
        matches!(self.control, Control::Radios | Control::Checks)
    }

    fn is_secret(&self) -> bool {
        self.control == Control::Input("password")
    }

    fn input_type(&self) -> &'static str {
        match self.control {
            Control::Input(kind) => kind,
            Control::Radios => "radio",
            Control::Checks => "checkbox",
            Control::Area(_) | Control::Select => "text",
        }
    }

    fn chosen(&self, choice: &Choice<'_>) -> bool {
        choice.chosen || (self.control != Control::Checks && choice.value == self.value && !self.value.is_empty())
    }

    fn described_by(&self) -> Option<String> {
        let hint = self.hint.as_ref().map(|_| format!("{}-hint", self.own_id()));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.own_id()));
        match (hint, error) {
            (Some(hint), Some(error)) => Some(format!("{hint} {error}")),
            (hint, error) => hint.or(error),
        }
    }

    /// The control's attributes after its name. Names, ids and tokens are ours and hold nothing to escape.
    fn attributes(&self) -> HtmlSafeOutput<String> {
        let mut text = String::new();
        let mut add = |name: &str, value: Option<&str>| {
            let _ = value.map(|value| write!(text, " {name}=\"{value}\""));
        };
        add("aria-describedby", self.described_by().as_deref());
        add("aria-invalid", self.error.as_ref().map(|_| "true"));
        add("autocomplete", self.autocomplete);
        add("maxlength", self.max_length.map(|length| length.to_string()).as_deref());
        add("class", self.short.then_some("short"));
        if matches!(self.control, Control::Input("email" | "url" | "password")) {
            add("autocapitalize", Some("none"));
            add("spellcheck", Some("false"));
        }
        if self.required {
            text.push_str(" required");
        }
        if self.autofocus {
            text.push_str(" autofocus");
        }
        HtmlSafeOutput(text)
    }
}
