//! A real mail server as a child process: Python's aiosmtpd.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};

/// A mail server that keeps what it is given. It ends when dropped.
pub(crate) struct Sink {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    pub(crate) port: u16,
    /// The authority that issued its certificate.
    pub(crate) ca: Vec<u8>,
}

/// A mail as the server has it.
pub(crate) struct Received(Value);

impl Sink {
    /// Starts one with `options` (see `sink.py`); certificates lie in `folder`.
    pub(crate) fn start(folder: &Path, options: Value) -> Self {
        Self::start_with(folder, options, certificates(4096))
    }

    /// One that wants STARTTLS and whose certificate ran out long ago.
    pub(crate) fn expired(folder: &Path) -> Self {
        Self::start_with(folder, json!({"tls": "starttls"}), certificates(2020))
    }

    fn start_with(folder: &Path, mut options: Value, (ca, certificate, key): (String, String, String)) -> Self {
        let files = [("certificate", certificate), ("key", key)];
        for (name, pem) in files {
            let path = folder.join(format!("sink-{name}.pem"));
            std::fs::write(&path, pem).unwrap();
            options[name] = json!(path);
        }
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../mail/tests/it/sink.py");
        let mut child = Command::new(python())
            .args([script, &options.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let port = line(&mut output).trim().parse().unwrap();
        Self {
            child,
            input,
            output,
            port,
            ca: ca.into_bytes(),
        }
    }

    /// One that wants STARTTLS.
    pub(crate) fn starttls(folder: &Path) -> Self {
        Self::start(folder, json!({"tls": "starttls"}))
    }

    /// All mails so far.
    pub(crate) fn mails(&mut self) -> Vec<Received> {
        self.input.write_all(b"\n").unwrap();
        let mails: Vec<Value> = serde_json::from_str(&line(&mut self.output)).unwrap();
        mails.into_iter().map(Received).collect()
    }

    /// The only mail so far.
    pub(crate) fn only_mail(&mut self) -> Received {
        let mut mails = self.mails();
        assert_eq!(mails.len(), 1);
        mails.remove(0)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Received {
    /// A fact about it, as text.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_default()
    }

    /// Whether it came encrypted.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.0["encrypted"] == json!(true)
    }

    /// Whom it was handed over for.
    pub(crate) fn recipients(&self) -> Vec<&str> {
        let recipients = self.0["recipients"].as_array().unwrap();
        recipients.iter().filter_map(Value::as_str).collect()
    }

    /// A header that stands in it once, decoded.
    pub(crate) fn header(&self, name: &str) -> &str {
        let headers = self.0["headers"].as_array().unwrap();
        let values: Vec<&str> = headers
            .iter()
            .filter(|header| header[0].as_str().unwrap().eq_ignore_ascii_case(name))
            .filter_map(|header| header[1].as_str())
            .collect();
        assert_eq!(values.len(), 1, "{name}: {values:?}");
        values[0]
    }

    /// The names of its headers.
    pub(crate) fn header_names(&self) -> Vec<&str> {
        let headers = self.0["headers"].as_array().unwrap();
        headers.iter().filter_map(|header| header[0].as_str()).collect()
    }

    /// Its part of this type, decoded.
    pub(crate) fn part(&self, kind: &str) -> &str {
        self.0["parts"][kind].as_str().unwrap()
    }
}

fn line(output: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert!(!line.is_empty(), "the mail server of the tests died");
    line
}

/// The Python that has aiosmtpd: Debian's package serves the distribution's own, which need not be the first one found.
fn python() -> &'static str {
    let has_it = |python: &&str| {
        Command::new(python)
            .args(["-c", "import aiosmtpd"])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    ["python3", "/usr/bin/python3"].into_iter().find(has_it).expect(
        "these tests send to a real mail server: apt-get install python3-aiosmtpd (or pip install aiosmtpd) and run them again",
    )
}

/// An authority, and a certificate and key for localhost that are good until `year`.
fn certificates(year: i32) -> (String, String, String) {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_certificate = ca.self_signed(&ca_key).unwrap();
    let issuer = Issuer::new(ca, ca_key);
    let key = KeyPair::generate().unwrap();
    let mut leaf = CertificateParams::new(["localhost".to_owned()]).unwrap();
    leaf.not_after = rcgen::date_time_ymd(year, 1, 1);
    let certificate = leaf.signed_by(&key, &issuer).unwrap();
    (ca_certificate.pem(), certificate.pem(), key.serialize_pem())
}
