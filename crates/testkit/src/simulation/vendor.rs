//! The vendor's own people and machines.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use oauth::Secret;
use provider::{Provider, Role};
use rightful_http::client::SharedTransport;
use serde_json::{Value, json};

use super::{
    dice::Dice,
    template::{Account, TEAMS_SOURCE, Template},
    trace::Trace,
};
use crate::{ADMINISTRATOR_PASSWORD, Browser};

/// The vendor, with a team that reports for one data source.
pub(super) struct Vendor {
    pub(super) provider: Provider,
    transport: SharedTransport,
    /// Accounts whose first administrator has left.
    left: Vec<usize>,
    /// Accounts whose administrator is none for now.
    demoted: Vec<usize>,
}

impl Vendor {
    pub(super) fn new(provider: Provider, transport: SharedTransport) -> Self {
        Self {
            provider,
            transport,
            left: Vec::new(),
            demoted: Vec::new(),
        }
    }

    /// Who connects an account now.
    pub(super) fn administrator<'a>(&self, number: usize, account: &'a Account) -> &'a str {
        let [first, second] = &account.administrators;
        if self.left.contains(&number) { second } else { first }
    }

    /// The vendor's machines do what is due, and its team reports: mostly that it is done.
    pub(super) async fn work(&self, template: &Template, dice: &Dice, patient: bool, trace: &Trace) -> Result<()> {
        let begun = self.provider.runner().drain().await?;
        let mut reports = 0;
        for status in ["pending", "processing"] {
            let path =
                format!("/v2/internal-subject-access-requests?data_source={TEAMS_SOURCE}&status={status}&per_page=100");
            // Its own limit holds for the team as well: then it comes again.
            let (_, listed) = self.call(Method::GET, template, &path, &Value::Null).await?;
            for share in listed.as_array().into_iter().flatten() {
                let word = match dice.below(100) {
                    _ if patient => "completed",
                    0..6 => "failure",
                    6..40 => "processing",
                    _ => "completed",
                };
                let path = format!("/v2/internal-subject-access-requests/{}", share["id"]);
                let (status, _) = self
                    .call(Method::PATCH, template, &path, &json!({"status": word}))
                    .await?;
                let later = status == StatusCode::TOO_MANY_REQUESTS;
                ensure!(status.is_success() || later, "the team's report is answered {status}");
                reports += 1;
            }
        }
        let done = self.provider.runner().drain().await?;
        if begun + reports + done > 0 {
            trace.note(format_args!(
                "vendor: {} jobs, {reports} reports of the team",
                begun + done
            ));
        }
        Ok(())
    }

    /// Something is taken away from the manager.
    pub(super) async fn trouble(&mut self, number: usize, account: &Account, dice: &Dice, trace: &Trace) -> Result<()> {
        let email = self.administrator(number, account).to_owned();
        match dice.below(4) {
            0 if !self.left.contains(&number) => {
                self.provider.deactivate_user(&Secret::new(email)).await?;
                self.left.push(number);
                trace.note(format_args!(
                    "vendor: the first administrator of account {number} leaves"
                ));
            }
            1 => {
                self.demoted.push(number);
                self.set_role(account, &email, Role::User, number, trace).await?;
            }
            _ => {
                let revoked = self.revoke(&email).await;
                let said = revoked.map_or_else(|_| "there is none", |()| "revoked");
                trace.note(format_args!("vendor: the grant of account {number}: {said}"));
            }
        }
        Ok(())
    }

    /// Whoever may connect may do so with all rights.
    pub(super) async fn put_right(&mut self, number: usize, account: &Account, trace: &Trace) -> Result<()> {
        if !self.demoted.contains(&number) {
            return Ok(());
        }
        self.demoted.retain(|demoted| *demoted != number);
        let email = self.administrator(number, account).to_owned();
        self.set_role(account, &email, Role::Administrator, number, trace).await
    }

    async fn set_role(&self, account: &Account, email: &str, role: Role, number: usize, trace: &Trace) -> Result<()> {
        let email = Secret::new(email.to_owned());
        self.provider.set_role(account.id, &email, role).await?;
        trace.note(format_args!(
            "vendor: the administrator of account {number} is now {role:?}"
        ));
        Ok(())
    }

    /// The user takes the grant back, on the page for that.
    async fn revoke(&self, email: &str) -> Result<()> {
        let browser = Browser::new(Arc::clone(&self.transport));
        let apps = self.provider.settings().public_url.join("/accountsettings/apps")?;
        let page = browser.open(&apps).await?;
        let form = page.form_with("password")?.set("email", email)?;
        browser
            .submit(&page, &form.set("password", ADMINISTRATOR_PASSWORD)?)
            .await?;
        let page = browser.open(&apps).await?;
        let form = page.form_to("/revoke")?;
        browser.submit(&page, &form).await?;
        Ok(())
    }

    async fn call(&self, method: Method, template: &Template, path: &str, body: &Value) -> Result<(StatusCode, Value)> {
        let request = Request::builder()
            .method(method)
            .uri(template.vendor_url.join(path)?.as_str())
            .header(
                header::AUTHORIZATION,
                format!("Bearer {}", template.team_token.reveal()),
            )
            .header(header::CONTENT_TYPE, "application/json");
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let answer = self.transport.send(request.body(Bytes::from(body))?).await?;
        let status = answer.status();
        let body = answer.into_body().read(1 << 24).await?;
        let body = if body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&body).context("the vendor's answer is no JSON")?
        };
        Ok((status, body))
    }
}
