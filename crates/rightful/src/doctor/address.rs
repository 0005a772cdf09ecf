//! Certificate, port, and the public URL.

use rightful_http::{
    client::{ClientSettings, ExtraCa, GuardedClient, Transport as _},
    serve::ServeError,
    tls::CERTIFICATE_FILE,
};
use url::Url;

use super::{Findings, system_clock};
use crate::{
    configuration::Place,
    opening::{DataFolder, PublicAddress},
    service::Service,
};

pub(super) async fn look(findings: &mut Findings, service: Service, place: &Place, public_url: &Url, given: bool) {
    let Ok(folder) = DataFolder::open_or_create(&place.data) else {
        return;
    };
    let address = PublicAddress::new(given.then(|| public_url.clone()), None);
    let url = match address.url_without_listener(service, place, &folder) {
        Ok(url) => url,
        Err(error) => return findings.failed("public URL", &error),
    };
    if url.scheme() != "https" {
        return findings.bad(
            "public URL",
            &format!("{url} is not https"),
            "people and vendors come over HTTPS; behind a TLS proxy it is the proxy's address",
        );
    }
    match address.bind(place, &folder, system_clock()).await {
        Ok(server) => {
            findings.ok(
                "listening address and TLS",
                &format!("{} is free, tls is {}", server.address(), place.tls),
            );
            drop(server);
            answers(
                findings,
                &url,
                &folder,
                "nobody answers there yet; start the server and look again",
            )
            .await;
        }
        Err(error) if matches!(crate::failure::find(&error), Some(ServeError::AddressInUse { .. })) => {
            findings.note(
                "listening address and TLS",
                &format!("{} is in use", place.listen),
                "fine if that is this service already running",
            );
            answers(
                findings,
                &url,
                &folder,
                "does the name lead to this machine, and the port to this service?",
            )
            .await;
        }
        Err(error) => findings.failed("listening address and TLS", &error),
    }
}

async fn answers(findings: &mut Findings, url: &Url, folder: &DataFolder, otherwise: &str) {
    match health(url, folder).await {
        Ok(()) => findings.ok("public URL", &format!("{url} answers")),
        Err(reason) => findings.note("public URL", &format!("{url}: {reason}"), otherwise),
    }
}

async fn health(url: &Url, folder: &DataFolder) -> Result<(), String> {
    let local_ca = folder.path().join(CERTIFICATE_FILE);
    let settings = ClientSettings {
        allow_private_hosts: url.host_str().map(str::to_owned).into_iter().collect(),
        extra_ca: local_ca
            .exists()
            .then_some(ExtraCa::File(local_ca))
            .into_iter()
            .collect(),
        ..ClientSettings::default()
    };
    let client = GuardedClient::new(&settings).map_err(|error| error.to_string())?;
    let target = url.join("/healthz").map_err(|error| error.to_string())?;
    let request = http::Request::get(target.as_str())
        .body(bytes::Bytes::new())
        .map_err(|error| error.to_string())?;
    let answer = client.send(request).await.map_err(|error| error.to_string())?;
    if answer.status().is_success() {
        Ok(())
    } else {
        Err(format!("answers with status {}", answer.status()))
    }
}
