//! `s3://bucket/key`, the form in which internal teams say where their part of an export lies.

use std::{fmt, str::FromStr};

/// A bucket and a key in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Location {
    /// The bucket.
    pub bucket: String,
    /// The key, without a slash in front.
    pub key: String,
}

/// Not of the form `s3://bucket/key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be of the form s3://bucket/key")]
pub struct NotAnS3Location;

impl FromStr for S3Location {
    type Err = NotAnS3Location;

    fn from_str(text: &str) -> Result<Self, NotAnS3Location> {
        let (bucket, key) = text
            .strip_prefix("s3://")
            .and_then(|rest| rest.split_once('/'))
            .ok_or(NotAnS3Location)?;
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        let walks = key.split('/').any(|segment| matches!(segment, "" | "." | ".."));
        if bucket.is_empty() || walks || !plain(bucket) || !plain(key) || text.len() > 1024 {
            return Err(NotAnS3Location);
        }
        Ok(Self {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        })
    }
}

impl fmt::Display for S3Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bucket_and_a_key_make_a_location() {
        let good: S3Location = "s3://exports/1/2/3".parse().unwrap();
        assert_eq!((good.bucket.as_str(), good.key.as_str()), ("exports", "1/2/3"));
        assert_eq!(good.to_string(), "s3://exports/1/2/3");
        for bad in [
            "",
            "s3://",
            "s3://b",
            "s3://b/",
            "s3:///k",
            "https://b/k",
            "s3://b//k",
            "s3://b/a/../k",
            "s3://b/k k",
            "s3://b/k\n",
        ] {
            assert_eq!(bad.parse::<S3Location>(), Err(NotAnS3Location), "{bad:?}");
        }
    }
}
