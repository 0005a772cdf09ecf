//! The story, chapter by chapter. What the record shows as done is not done again.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use rightful_http::{
    client::{ClientSettings, ExtraCa, GuardedClient, SharedTransport},
    tls::CERTIFICATE_FILE,
};
use serde_json::Value;

use super::{
    api::Api,
    connect,
    folder::DemoFolder,
    narrator::Narrator,
    people::{NEIGHBOUR, SUBJECT},
    record::{Done, Record},
    requests,
    services::Services,
    vendor,
};
use crate::output::address;

pub(super) async fn tell(
    services: &Services,
    folder: &DemoFolder,
    record: &mut Record,
    narrator: &Narrator,
) -> anyhow::Result<()> {
    narrator.detail(&format!("request manager  {}", address(&services.manager_url)));
    narrator.detail(&format!("vendor           {}", address(&services.provider_url)));
    let redirect_uri = services.manager.settings().redirect_uri();
    let set_up = async {
        vendor::set_up(&services.provider, redirect_uri, record).await?;
        connect::people_and_key(&services.manager, record).await
    };
    narrator
        .chapter(
            "set_up",
            "an account at the vendor, with people's records in it",
            set_up,
        )
        .await?;

    let transport = over_https(folder)?;
    let whose = narrator
        .chapter(
            "connect",
            "connect: log in at the vendor, consent, exchange the code",
            connect::connect(services, &transport, record),
        )
        .await?;
    narrator.detail(&whose);

    let key = record.api_key.clone().context("there is no API key")?;
    let api = Api {
        transport: &transport,
        manager: &services.manager_url,
        key: &key,
    };
    let name = record.name.clone();
    let key_of = |request: &str| format!("demo-{name}-{request}");
    if record.requests.access.is_none() {
        let work = requests::access(&api, SUBJECT, key_of("access"));
        let done = narrator
            .chapter("access", "access request: what is held about Ada", work)
            .await?;
        tell_found(narrator, &done);
        if records(&done) == 0 {
            bail!("the access request found nothing, though the vendor holds records");
        }
        record.requests.access = Some(done);
        record.save()?;
    }
    if record.requests.deletion.is_none() {
        let work = requests::deletion(&api, SUBJECT, key_of("deletion"));
        let done = narrator
            .chapter("deletion", "deletion request: all of it goes", work)
            .await?;
        record.requests.deletion = Some(done);
        record.save()?;
    }
    if record.requests.access_again.is_none() {
        let work = requests::access(&api, SUBJECT, key_of("access-again"));
        let done = narrator
            .chapter("access_again", "access request again: nothing is left", work)
            .await?;
        if records(&done) != 0 {
            bail!("after the deletion {} records are left", records(&done));
        }
        record.requests.access_again = Some(done);
        record.save()?;
    }
    if record.requests.neighbour.is_none() {
        let work = requests::access(&api, NEIGHBOUR, key_of("neighbour"));
        let done = narrator
            .chapter("neighbour", "access request of somebody else: untouched", work)
            .await?;
        let before = record.requests.access.as_ref().map_or(0, records);
        if records(&done) != before {
            bail!("of somebody else's {before} records {} are left", records(&done));
        }
        record.requests.neighbour = Some(done);
        record.save()?;
    }
    Ok(())
}

fn tell_found(narrator: &Narrator, done: &Done) {
    let names = done.found.as_ref().and_then(|found| found.get("by_name")?.as_object());
    for (name, object) in names.into_iter().flatten() {
        let records = object.get("records").and_then(Value::as_u64).unwrap_or_default();
        let fields: Vec<&str> = super::api::list(object, "fields")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        narrator.detail(&format!("{records} {name}: {}", fields.join(", ")));
    }
    if let Some(bytes) = done.package {
        narrator.detail(&format!("handed over as a package of {bytes} bytes"));
    }
}

/// How many records an access request found.
fn records(done: &Done) -> u64 {
    let found = done.found.as_ref();
    found
        .and_then(|found| found.get("records")?.as_u64())
        .unwrap_or_default()
}

/// The way from a desk to the services: HTTPS to this machine, trusting the local authority.
fn over_https(folder: &DemoFolder) -> anyhow::Result<SharedTransport> {
    let client = GuardedClient::new(&ClientSettings {
        allow_private_hosts: vec!["localhost".to_owned()],
        extra_ca: vec![ExtraCa::File(folder.path().join(CERTIFICATE_FILE))],
        ..ClientSettings::default()
    })?;
    Ok(Arc::new(client))
}
