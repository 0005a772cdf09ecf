//! Connecting the manager to the vendor, as its people do it: a key for the API, a connection, and a browser that logs
//! in at the vendor and consents.

use anyhow::{Context as _, bail};
use manager::{
    By, Manager, Role,
    app::{CreateOperatorError, NewOperator},
};
use rightful_http::client::SharedTransport;
use serde_json::{Value, json};
use url::Url;

use super::{
    api::{Api, list, text},
    record::Record,
    services::Services,
};
use crate::{browser::Browser, output::address};

/// What the connection is called.
const NAME: &str = "Sample Vendor";

/// Somebody who can log in to the portal, and a key for the API.
pub(super) async fn people_and_key(manager: &Manager, record: &mut Record) -> anyhow::Result<()> {
    let operator = NewOperator {
        email: record.operator_login.email.clone(),
        role: Role::SuperAdmin,
        password: record.operator_login.password.clone(),
    };
    match manager.create_operator(operator, &By::command_line()).await {
        Ok(_) | Err(CreateOperatorError::Taken) => {}
        Err(error) => return Err(error.into()),
    }
    if record.api_key.is_none() {
        let key = manager
            .create_api_key("demo", &"all".parse()?, &By::command_line())
            .await?;
        record.api_key = Some(key.api_key);
        record.save()?;
    }
    Ok(())
}

/// A connection that is authorized.
pub(super) async fn connect(
    services: &Services,
    transport: &SharedTransport,
    record: &mut Record,
) -> anyhow::Result<String> {
    let key = record.api_key.clone().context("there is no API key")?;
    let api = Api {
        transport,
        manager: &services.manager_url,
        key: &key,
    };
    let id = match &record.connection_id {
        Some(id) => id.clone(),
        None => find_or_add(&api, services, record).await?,
    };
    let path = format!("/api/v1/connections/{id}");
    let connection = api.get(&path).await?;
    if text(&connection, "state") != "connected" {
        let begun = api.post(&format!("{path}/authorize"), json!({})).await?;
        let url = Url::parse(text(&begun, "authorize_url")).context("the manager names no address to authorize at")?;
        authorize(&Browser::new(transport.clone()), &url, record).await?;
    }
    let connection = api.get(&path).await?;
    let state = text(&connection, "state");
    if state != "connected" {
        let fault = connection.get("error").map_or("", |error| text(error, "message"));
        bail!("the connection is {state} and not connected: {fault}");
    }
    Ok(whose(&connection))
}

async fn find_or_add(api: &Api<'_>, services: &Services, record: &mut Record) -> anyhow::Result<String> {
    // A crash may have come between adding it and recording it.
    let known = api.get("/api/v1/connections").await?;
    let known = list(&known, "connections")
        .iter()
        .find(|known| text(known, "name") == NAME);
    let id = if let Some(known) = known {
        text(known, "id").to_owned()
    } else {
        let application = record.application.as_ref().context("there is no application")?;
        let new = json!({
            "connector": "optimizely",
            "name": NAME,
            "client_id": application.client_id,
            "client_secret": application.client_secret.reveal(),
            "settings": settings(services, record),
        });
        text(&api.post("/api/v1/connections", new).await?, "id").to_owned()
    };
    record.connection_id = Some(id.clone());
    record.save()?;
    Ok(id)
}

/// A sandbox in place of the real hosts, and intervals for people who are watching.
fn settings(services: &Services, record: &Record) -> Value {
    json!({
        "app_url": address(&services.provider_url),
        "api_url": services.provider_url.join("/v2").map_or_else(|_| String::new(), String::from),
        "account_id": record.account_id,
        "data_types": ["visitor", "user"],
        "identifier_types": ["email"],
        "rate_limit": "50/s",
        "poll_initial": "100ms",
        "poll_max": "1s",
    })
}

/// What a person does in the browser.
async fn authorize(browser: &Browser, url: &Url, record: &Record) -> anyhow::Result<()> {
    let mut page = browser.open(url).await?;
    if page.form_with("password").is_ok() {
        let form = page
            .form_with("password")?
            .set("email", &record.vendor_login.email)?
            .set("password", record.vendor_login.password.reveal())?;
        page = browser.submit(&page, &form).await?;
    }
    let consent = page.form_with("decision")?.set("decision", "accept")?;
    let page = browser.submit(&page, &consent).await?;
    if !page.status.is_success() {
        bail!("after the consent the manager says: {}", page.heading());
    }
    Ok(())
}

fn whose(connection: &Value) -> String {
    let account = connection.get("account").unwrap_or(&Value::Null);
    match (text(account, "name"), text(account, "id")) {
        ("", id) => format!("account {id}"),
        (name, id) => format!("account {id}, {name}"),
    }
}
