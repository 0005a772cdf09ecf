//! What the tests of the API and of subject access share: calls, imports, and reading exports.

use std::{collections::BTreeMap, io::Read as _};

use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use provider::{AccountId, DataSource, Imported, Provider, Settings};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;

use crate::world::{Answer, World, secret};

/// A record for the subject store.
pub(crate) fn record(identifier: &str, object: &str, record: impl Into<Value>) -> Value {
    json!({ "data_source": "app_backend", "data_type": "visitor", "identifier_type": "email", "identifier": identifier,
        "object": object, "record": record.into() })
}

/// The body that asks about a visitor by their address.
pub(crate) fn about(request_type: &str, identifier: &str) -> Value {
    json!({ "request_type": request_type, "data_type": "visitor", "identifier_type": "email", "identifier": identifier })
}

/// Lines for an import.
pub(crate) fn lines(records: &[Value]) -> Vec<u8> {
    let lines: Vec<String> = records.iter().map(Value::to_string).collect();
    lines.join("\n").into_bytes()
}

/// No pace gets in the way of a test that is not about it.
pub(crate) fn at_any_pace(settings: &mut Settings) {
    settings.rate_burst = 100_000.try_into().unwrap();
}

pub(crate) async fn import(provider: &Provider, account: AccountId, records: &[Value]) -> Imported {
    let lines = lines(records);
    provider
        .import_subjects(account, lines.as_slice(), |_| {})
        .await
        .unwrap()
}

impl World {
    /// A personal token.
    pub(crate) async fn token(&self, email: &str, account: AccountId) -> String {
        let issued = self
            .provider
            .create_personal_token(&secret(email), Some(account), "test")
            .await;
        issued.unwrap().token.into_revealed()
    }

    /// An internal team's token.
    pub(crate) async fn service(&self, sources: &[DataSource]) -> String {
        let issued = self.provider.create_service_token("team", sources).await;
        issued.unwrap().token.into_revealed()
    }

    pub(crate) async fn import(&self, account: AccountId, records: &[Value]) -> Imported {
        import(&self.provider, account, records).await
    }

    /// An API call with a JSON body.
    pub(crate) async fn call(&self, method: Method, token: &str, path: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()));
        self.send(request.unwrap()).await
    }

    /// Makes a request by the API; returns its body.
    pub(crate) async fn ask(&self, token: &str, body: &Value) -> Value {
        let answer = self
            .call(Method::POST, token, "/v2/subject-access-requests", body)
            .await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        answer.json()
    }

    /// The present state of a request.
    pub(crate) async fn sar(&self, token: &str, id: &Value) -> Value {
        let answer = self.api(token, &format!("/v2/subject-access-requests/{id}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()
    }

    /// Makes a request and lets it be carried out.
    pub(crate) async fn carry_out(&self, token: &str, body: &Value) -> Value {
        let asked = self.ask(token, body).await;
        self.work().await;
        let sar = self.sar(token, &asked["id"]).await;
        assert_eq!(sar["status"], "completed", "{sar}");
        sar
    }

    /// Carries out everything that is due.
    pub(crate) async fn work(&self) {
        self.provider.runner().drain().await.unwrap();
    }

    /// Fetches a link as anybody would who has it.
    pub(crate) async fn fetch(&self, link: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
        let request = Request::get(link).header(header::HOST, "whatever-the-proxy.says");
        fetch(&self.provider, request.body(Body::empty()).unwrap()).await
    }

    /// The members of an export.
    pub(crate) async fn export(&self, sar: &Value) -> Export {
        let (status, headers, bytes) = self.fetch(sar["export_location"].as_str().unwrap()).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers["content-type"], "application/zip"); // SEC-39
        Export::read(&bytes)
    }
}

/// Sends a request past the tests' own text-minded helper.
pub(crate) async fn fetch(provider: &Provider, request: Request<Body>) -> (StatusCode, HeaderMap, Vec<u8>) {
    let response = provider.router().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (parts.status, parts.headers, bytes.to_vec())
}

/// An export, unpacked and checked against its own manifest.
pub(crate) struct Export {
    pub(crate) manifest: Value,
    pub(crate) members: BTreeMap<String, String>,
}

impl Export {
    pub(crate) fn read(zip: &[u8]) -> Self {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
        let mut members = BTreeMap::new();
        for index in 0..archive.len() {
            let mut member = archive.by_index(index).unwrap();
            let name = member.name().unwrap().into_owned();
            let mut text = String::new();
            member.read_to_string(&mut text).unwrap();
            members.insert(name, text);
        }
        let manifest: Value = serde_json::from_str(&members.remove("manifest.json").unwrap()).unwrap();
        assert_eq!(manifest["version"], 1);
        let listed = manifest["members"].as_array().unwrap();
        assert_eq!(listed.len(), members.len());
        for listed in listed {
            let text = &members[listed["name"].as_str().unwrap()];
            let hash = hex(&Sha256::digest(text));
            assert_eq!(listed["sha256"], hash);
            if listed["format"] == "ndjson" {
                let records = text.lines().filter(|line| !line.trim().is_empty()).count();
                assert_eq!(listed["records"], records, "{listed}");
            }
        }
        Self { manifest, members }
    }

    /// The records of a member.
    pub(crate) fn records(&self, name: &str) -> Vec<Value> {
        let text = self
            .members
            .get(name)
            .unwrap_or_else(|| panic!("no {name}: {}", self.manifest));
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// All of it, to look for what must not be there.
    pub(crate) fn text(&self) -> String {
        let members: Vec<&str> = self.members.values().map(String::as_str).collect();
        members.concat()
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
