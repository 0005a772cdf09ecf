//! Exports that lie in an S3-compatible store of our own: one signed `GET` (AWS Signature Version 4).

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::Request;
use jiff::{Timestamp, tz::TimeZone};
use oauth::Secret;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{error::ExportError, location::refused};
use crate::fields::{Fields, SettingsError};

/// The hash of an empty body, which every `GET` has.
const NO_BODY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A store that `s3://bucket/key` locations lie in, with the credentials to read it.
#[derive(Debug, Clone)]
pub struct S3 {
    endpoint: Url,
    region: String,
    access_key: String,
    secret_key: Secret,
    buckets: Option<Vec<String>>,
}

impl S3 {
    /// The settings as JSON, without the secret key.
    pub(crate) fn shown(&self) -> Value {
        let endpoint = self.endpoint.as_str().trim_end_matches('/');
        json!({"endpoint": endpoint, "region": self.region, "access_key": self.access_key, "buckets": self.buckets})
    }

    pub(crate) fn read(mut fields: Fields<'_>) -> Result<Self, SettingsError> {
        let endpoint: Option<Url> = fields.parsed("endpoint")?;
        let endpoint = endpoint.ok_or_else(|| fields.wrong("endpoint", "is needed"))?;
        let plain = endpoint.scheme() == "https" && endpoint.query().is_none() && endpoint.username().is_empty();
        if !plain || endpoint.host().is_none() {
            return Err(fields.wrong("endpoint", "must be an https URL without query and user name"));
        }
        let needed = |fields: &mut Fields<'_>, field| match fields.text(field)? {
            Some(text) => Ok(text.to_owned()),
            None => Err(fields.wrong(field, "is needed")),
        };
        let read = Self {
            endpoint,
            region: fields.text("region")?.unwrap_or("us-east-1").to_owned(),
            access_key: needed(&mut fields, "access_key")?,
            secret_key: Secret::new(needed(&mut fields, "secret_key")?),
            buckets: fields.list("buckets", |bucket| Ok(bucket.to_owned()))?,
        };
        fields.finish()?;
        Ok(read)
    }

    /// The signed request for `s3://bucket/key`, path-style.
    pub(super) fn get(&self, location: &Url, now: Timestamp) -> Result<Request<Bytes>, ExportError> {
        let bucket = location.host_str().unwrap_or_default();
        let key = location.path().trim_start_matches('/');
        if bucket.is_empty() || key.is_empty() || location.query().is_some() || !location.username().is_empty() {
            return Err(refused("it is not of the form s3://bucket/key"));
        }
        if self
            .buckets
            .as_ref()
            .is_some_and(|buckets| !buckets.iter().any(|known| known == bucket))
        {
            return Err(refused("its bucket is none of export_s3.buckets"));
        }
        let mut url = self.endpoint.clone();
        let path = format!(
            "{}/{bucket}/{}",
            self.endpoint.path().trim_end_matches('/'),
            encode(&decode(key))
        );
        url.set_path(&path);
        if url.path() != path {
            return Err(refused("its key can't be written as a path"));
        }
        let host = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (host, _) => host.unwrap_or_default().to_owned(),
        };
        let time = now.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string();
        let headers = [
            ("host", host.as_str()),
            ("x-amz-content-sha256", NO_BODY),
            ("x-amz-date", &time),
        ];
        let mut authorization = http::HeaderValue::try_from(self.authorization(&path, &headers, &time))
            .map_err(|_| refused("export_s3.access_key holds characters that no request can"))?;
        authorization.set_sensitive(true);
        Request::get(url.as_str())
            .header("x-amz-content-sha256", NO_BODY)
            .header("x-amz-date", &time)
            .header(http::header::AUTHORIZATION, authorization)
            .body(Bytes::new())
            .map_err(|_| refused("its key can't be written as a path"))
    }

    /// The `Authorization` header over `headers`, which are sorted by name.
    fn authorization(&self, path: &str, headers: &[(&str, &str)], time: &str) -> String {
        let date = time.get(..8).unwrap_or_default();
        let scope = format!("{date}/{}/s3/aws4_request", self.region);
        let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let lines: Vec<String> = headers
            .iter()
            .map(|(name, value)| format!("{name}:{value}\n"))
            .collect();
        let lines = lines.concat();
        let canonical = format!("GET\n{path}\n\n{lines}\n{names}\n{NO_BODY}");
        let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
        let mut key = mac(format!("AWS4{}", self.secret_key.reveal()).as_bytes(), date);
        for part in [self.region.as_str(), "s3", "aws4_request"] {
            key = mac(&key, part);
        }
        let signature = hex(&mac(&key, &to_sign));
        let credential = format!("{}/{scope}", self.access_key);
        format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}")
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    // HMAC takes keys of every length, so this never fails.
    Hmac::<Sha256>::new_from_slice(key)
        .map(|mac| mac.chain_update(text).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

/// `bytes` in lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            for digit in [byte >> 4, byte & 15] {
                text.extend(char::from_digit(u32::from(digit), 16));
            }
            text
        })
}

/// The bytes that a URL's path stands for.
fn decode(path: &str) -> Vec<u8> {
    let mut rest = path.as_bytes();
    let mut decoded = Vec::with_capacity(rest.len());
    while let Some((byte, after)) = rest.split_first() {
        let digits = after
            .get(..2)
            .filter(|_| *byte == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(escaped.unwrap_or(*byte));
        rest = if escaped.is_some() {
            after.get(2..).unwrap_or_default()
        } else {
            after
        };
    }
    decoded
}

/// Every byte but the unreserved ones and the slash as `%XX`: the form that is signed.
fn encode(key: &[u8]) -> String {
    key.iter()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => char::from(*byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(settings: &Value) -> Result<S3, SettingsError> {
        S3::read(Fields::whole(settings)?)
    }

    fn example() -> Value {
        json!({
            "endpoint": "https://s3.test:9000/",
            "access_key": "AKIAIOSFODNN7EXAMPLE",
            "secret_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        })
    }

    #[test]
    fn the_signature_is_the_one_of_the_vendors_example() {
        // "Example: GET Object" of the Signature Version 4 documentation.
        let time = "20130524T000000Z";
        let headers = [
            ("host", "examplebucket.s3.amazonaws.com"),
            ("range", "bytes=0-9"),
            ("x-amz-content-sha256", NO_BODY),
            ("x-amz-date", time),
        ];
        let authorization = store(&example()).unwrap().authorization("/test.txt", &headers, time);
        assert!(
            authorization.ends_with("Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
            "{authorization}"
        );
    }

    // CL-25
    #[test]
    fn a_location_becomes_a_signed_request_to_the_store() {
        let now: Timestamp = "2026-11-22T08:09:10Z".parse().unwrap();
        let location: Url = "s3://sar-prod/12345/6 7+%C3%A4.zip".parse().unwrap();
        let request = store(&example()).unwrap().get(&location, now).unwrap();
        assert_eq!(request.uri(), "https://s3.test:9000/sar-prod/12345/6%207%2B%C3%A4.zip");
        assert_eq!(request.headers().get("x-amz-date").unwrap(), "20261122T080910Z");
        assert!(request.headers().get("authorization").unwrap().is_sensitive());
    }

    #[test]
    fn locations_outside_the_store_are_refused() {
        let mut settings = example();
        settings["buckets"] = json!(["sar-prod"]);
        let store = store(&settings).unwrap();
        let now = Timestamp::UNIX_EPOCH;
        for location in [
            "s3://other/key",
            "s3://sar-prod/",
            "s3://sar-prod",
            "s3:///key",
            "s3://u@sar-prod/k",
            "s3://sar-prod/k?versionId=1",
        ] {
            let refusal = store.get(&location.parse().unwrap(), now);
            assert!(matches!(refusal, Err(ExportError::Location { .. })), "{location}");
        }
        assert!(store.get(&"s3://sar-prod/key".parse().unwrap(), now).is_ok());
    }

    #[test]
    fn the_secret_key_is_never_shown() {
        let store = store(&example()).unwrap();
        assert!(!format!("{store:?} {}", store.shown()).contains("wJalr"));
    }

    #[test]
    fn what_is_missing_is_named() {
        for (field, value) in [
            ("endpoint", json!("http://s3.test")),
            ("access_key", json!(null)),
            ("secret_key", json!("")),
            ("key", json!("x")),
        ] {
            let mut settings = example();
            settings[field] = value;
            assert_eq!(store(&settings).unwrap_err().field, field);
        }
    }
}
