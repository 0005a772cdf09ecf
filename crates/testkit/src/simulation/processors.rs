//! People at other companies who are asked by mail: some answer at once, some late, some twice, some never.

use std::{collections::BTreeMap, fmt::Write as _};

use anyhow::Result;
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use rightful_http::client::SharedTransport;
use url::Url;

use super::{dice::Dice, plan::DAY, post::Arrived, time::later, trace::Trace};

/// Their mailbox.
pub(super) const MAILBOX: &str = "privacy@processor.example";

/// How many records their files have.
pub(super) const RECORDS: u64 = 2;

const BOUNDARY: &str = "simulated";

/// Everybody behind that mailbox.
pub(super) struct Processors {
    transport: SharedTransport,
    asked: Vec<Asked>,
    /// What was said by which link, once somebody tried to say it.
    pub(super) said: BTreeMap<String, Said>,
}

/// A mail that waits to be acted on.
struct Asked {
    url: Url,
    token: String,
    /// When somebody gets to it.
    at: Timestamp,
    /// How often they press the button.
    times: usize,
}

/// An answer.
#[derive(Debug, Clone)]
pub(super) struct Said {
    /// In the form's word.
    pub(super) outcome: &'static str,
    /// The manager has thanked for it.
    pub(super) taken: bool,
}

impl Processors {
    pub(super) fn new(transport: SharedTransport) -> Self {
        Self {
            transport,
            asked: Vec::new(),
            said: BTreeMap::new(),
        }
    }

    /// A mail has come. Whoever reads it decides when to do something about it, if ever.
    pub(super) fn read(&mut self, mail: &Arrived, patient: bool, dice: &Dice) -> Result<()> {
        let link = mail.text.split_whitespace().find(|word| word.contains("/c/"));
        let Some(link) = link else { return Ok(()) };
        let url: Url = link.trim_matches(['<', '>', '(', ')']).parse()?;
        let token = url.path().trim_start_matches("/c/").to_owned();
        let (wait, times) = match dice.below(20) {
            _ if patient => (dice.between(SignedDuration::from_mins(1), DAY / 2), 1),
            0..9 => (dice.between(SignedDuration::from_mins(1), DAY), 1),
            9..11 => (dice.between(SignedDuration::from_mins(1), DAY), 2),
            11..15 => (dice.between(DAY, DAY * 13), 1),
            // Beyond the deadline.
            15..17 => (dice.between(DAY * 14, DAY * 30), 1),
            _ => return Ok(()),
        };
        let at = later(mail.at, wait);
        self.asked.push(Asked { url, token, at, times });
        Ok(())
    }

    /// When somebody acts next.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.asked.iter().map(|asked| asked.at).min()
    }

    /// Everybody whose time has come fills in a form.
    pub(super) async fn act(&mut self, now: Timestamp, dice: &Dice, trace: &Trace) -> Result<()> {
        while let Some(place) = self.asked.iter().position(|asked| asked.at <= now) {
            let mut asked = self.asked.swap_remove(place);
            let done = self.answer(&asked.url, &asked.token, dice, trace).await?;
            if !done {
                // Nobody answered there: an hour later, then.
                asked.at = later(now, SignedDuration::from_hours(1));
                self.asked.push(asked);
            } else if asked.times > 1 {
                asked.times -= 1;
                self.asked.push(asked);
            }
        }
        Ok(())
    }

    /// Answers by a link that was mailed. False where the manager could not be reached.
    pub(super) async fn answer(&mut self, url: &Url, token: &str, dice: &Dice, trace: &Trace) -> Result<bool> {
        let (status, page) = self.call(Method::GET, url, "", String::new()).await?;
        if status.is_server_error() {
            trace.note(format_args!("processor: opens a form -> {status}"));
            return Ok(false);
        }
        let offered = |outcome: &&str| page.contains(&format!("value=\"{outcome}\""));
        let outcomes = ["found", "nothing_found", "deleted", "cannot_delete"];
        let outcomes: Vec<&'static str> = outcomes.into_iter().filter(offered).collect();
        // Who has said something stays with it.
        let before = self.said.get(token).cloned();
        let Some(outcome) = before
            .as_ref()
            .map(|said| said.outcome)
            .or_else(|| dice.pick(&outcomes).copied())
        else {
            trace.note(format_args!("processor: opens a form that is closed -> {status}"));
            return Ok(true);
        };
        // A file that lies there already, from somebody whose answer did not come through, is not added again.
        let lies_there = page.contains("value=\"remove-");
        let outcome = if lies_there { "found" } else { outcome };
        let said = Said {
            outcome,
            taken: before.is_some_and(|said| said.taken),
        };
        let form = form(outcome, outcome == "found" && !lies_there);
        self.said.insert(token.to_owned(), said);
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let (status, page) = self.call(Method::POST, url, &kind, form).await?;
        trace.note(format_args!("processor: says {outcome} -> {status}"));
        if status.is_server_error() {
            return Ok(false);
        }
        let accepted = status == StatusCode::SEE_OTHER;
        // A page with an error would be a form that is not filled in rightly.
        anyhow::ensure!(
            accepted || !page.contains("name=\"outcome\""),
            "an answer in full was not taken: {status}"
        );
        if let Some(said) = self.said.get_mut(token).filter(|_| accepted) {
            anyhow::ensure!(!said.taken, "one question was answered twice");
            said.taken = true;
        }
        Ok(true)
    }

    async fn call(&self, method: Method, url: &Url, kind: &str, body: String) -> Result<(StatusCode, String)> {
        let request = Request::builder().method(method).uri(url.as_str());
        let request = request.header(header::CONTENT_TYPE, kind).body(Bytes::from(body))?;
        let Ok(answer) = self.transport.send(request).await else {
            return Ok((StatusCode::BAD_GATEWAY, String::new()));
        };
        let status = answer.status();
        let page = answer.into_body().read(1 << 24).await?;
        Ok((status, String::from_utf8_lossy(&page).into_owned()))
    }
}

fn form(outcome: &str, with_file: bool) -> String {
    let mut form = String::new();
    let mut part = |head: &str, body: &str| {
        write!(
            form,
            "--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n"
        )
        .ok();
    };
    if with_file {
        let records: Vec<_> = (0..RECORDS).map(|number| format!("{number},something\r\n")).collect();
        let head = "name=\"files\"; filename=\"records.csv\"\r\nContent-Type: text/csv";
        part(head, &format!("number,note\r\n{}", records.concat()));
    }
    let reason = if outcome == "cannot_delete" {
        "The law has us keep it."
    } else {
        ""
    };
    for (name, value) in [
        ("outcome", outcome),
        ("reason", reason),
        ("email", MAILBOX),
        ("attest", "on"),
    ] {
        part(&format!("name=\"{name}\""), value);
    }
    form + &format!("--{BOUNDARY}--\r\n")
}
