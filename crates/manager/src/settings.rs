//! Every setting of the manager, with its default.

mod captcha;

use std::{path::PathBuf, time::Duration};

use oauth::Secret;
use privacy::IdentityType;
use rightful_http::settings::HumanDuration;
use serde::{Deserialize, Serialize};
use url::Url;

pub use captcha::{Captcha, CaptchaError, CaptchaProvider, WithoutCaptcha};

/// The settings, each under the name that it has in the configuration file and, in capitals after `RIGHTFUL_`, in the
/// environment.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Where browsers, subjects and vendors reach the manager. Links, cookies and the redirect URI are made from it.
    pub public_url: Url,
    /// The name that pages show.
    pub brand: String,
    /// Hosts, as written in settings, whose addresses may be private: comma separated.
    pub allow_private_hosts: String,
    /// A file of certificates (PEM) that outgoing calls trust beside the system's.
    pub extra_ca: Option<PathBuf>,
    /// The proxy of outgoing calls; the environment's proxies are not used.
    pub http_proxy: Option<String>,
    /// How long reaching a vendor's host may take.
    pub http_connect_timeout: HumanDuration,
    /// How long a vendor may take to answer, and between two pieces of an answer.
    pub http_timeout: HumanDuration,
    /// Networks whose `X-Forwarded-For` is believed: comma separated.
    pub trusted_proxies: String,
    /// The language in which subjects are written to whose own is not known, and staff: `en`, `de`, `fr` or `es`.
    pub language: String,
    /// How long the mailed link that verifies a subject lasts.
    pub verification_ttl: HumanDuration,
    /// How long a delivered dossier can be fetched.
    pub download_ttl: HumanDuration,
    /// How long a closed request keeps its personal data.
    pub retention: HumanDuration,
    /// How long deletion waits after the approval, so that it can be cancelled.
    pub grace: HumanDuration,
    /// From how many jobs in flight on one connection the vendor's list is polled instead of each job.
    pub bulk_poll_threshold: u32,
    /// After how many attempts in a row a task has failed.
    pub task_max_attempts: u32,
    /// How long after the vendor's promise, or after submission where it promises nothing, polling goes on unremarked.
    pub poll_soft_limit: HumanDuration,
    /// For how long a connection may fail before administrators are told.
    pub connection_alert_after: HumanDuration,
    /// How often a connection is checked.
    pub connection_check_every: HumanDuration,
    /// How many calls to one organisation are in flight at once.
    pub connection_concurrency: u32,
    /// How many jobs this process carries out at once.
    pub worker_concurrency: u32,
    /// How long a log-in lasts without a request.
    pub session_idle: HumanDuration,
    /// How long a log-in lasts at most.
    pub session_ttl: HumanDuration,
    /// Who must have an authenticator app beside the password: `nobody`, `super_admins` or `everybody`.
    pub require_totp: SecondFactorRule,
    /// The OpenID Connect provider of single sign-on, by its issuer: `https://login.acme.example`.
    pub oidc_issuer: Option<String>,
    /// What we are called there.
    pub oidc_client_id: Option<String>,
    /// What we prove it with.
    #[serde(skip_serializing, deserialize_with = "optional_secret")]
    pub oidc_client_secret: Option<Secret>,
    /// Mail domains whose people are let in without an invitation, as viewers: comma separated. Others need one.
    pub oidc_domains: String,
    /// Networks from which `/metrics` may be read, beside this machine: comma separated.
    pub metrics_networks: String,
    /// How long the first answer to an `Idempotency-Key` is kept.
    pub idempotency_ttl: HumanDuration,
    /// How long a Direct Contact form waits for an answer.
    pub direct_contact_deadline: HumanDuration,
    /// How often the processor is reminded.
    pub direct_contact_reminder: HumanDuration,
    /// How many bytes one file that a processor adds may have.
    pub direct_contact_max_file: u64,
    /// How many bytes all files of one answer may have.
    pub direct_contact_max_answer: u64,
    /// How many files one answer may have.
    pub direct_contact_max_files: u32,
    /// The mail server: `smtps://user:password@host` with TLS, `smtp://` with STARTTLS.
    pub smtp_url: Option<String>,
    /// The sender of mails, `Acme Privacy <privacy@acme.example>`.
    pub mail_from: Option<String>,
    /// How long handing one mail to the mail server may take.
    pub smtp_timeout: HumanDuration,
    /// For how long a mail that can't be handed over is tried again.
    pub mail_give_up_after: HumanDuration,
    /// How long it is kept what a mail said; that it was sent is kept.
    pub mail_retention: HumanDuration,
    /// Keeps mails in a mailbox of our own instead of sending them.
    pub mailbox: bool,
    /// How long the receiver of a webhook may take to answer.
    pub webhook_timeout: HumanDuration,
    /// For how long an event that a webhook does not take is sent again.
    pub webhook_give_up_after: HumanDuration,
    /// How long it is kept what was sent to webhooks.
    pub webhook_retention: HumanDuration,
    /// Whether there is a public request form, until somebody says otherwise in the settings.
    pub privacy_center: bool,
    /// In which languages the public pages are offered, until the same: comma separated.
    pub privacy_languages: String,
    /// Which identifiers the form asks for beside the e-mail address, until the same, all optional: comma separated.
    pub privacy_identifiers: String,
    /// What keeps machines from the form: `none`, or `proof_of_work`, a task that a browser's script solves.
    pub privacy_challenge: String,
    /// Who else checks that a person sends the form: `none`, `hcaptcha`, `turnstile`, `recaptcha`, `friendly_captcha` or
    /// `other`.
    pub privacy_captcha: CaptchaProvider,
    /// The site key that they gave.
    pub privacy_captcha_site_key: Option<String>,
    /// The secret that they gave.
    #[serde(skip_serializing, deserialize_with = "optional_secret")]
    pub privacy_captcha_secret: Option<Secret>,
    /// The address of the widget's script, where it is another than usual.
    pub privacy_captcha_script: Option<Url>,
    /// The address that verifies answers, the same.
    pub privacy_captcha_verify_url: Option<Url>,
    /// The field of the form that holds the answer, the same.
    pub privacy_captcha_field: Option<String>,
    /// The class of the widget's place, the same.
    pub privacy_captcha_class: Option<String>,
    /// More origins that the widget needs, beside its script's and those that we know: comma separated.
    pub privacy_captcha_origins: String,
    /// How long verifying an answer may take.
    pub privacy_captcha_timeout: HumanDuration,
    /// What becomes of forms while answers can't be verified: `let_through` or `refuse`.
    pub privacy_captcha_unreachable: WithoutCaptcha,
    /// How many confirmations are mailed to one address in a day.
    pub privacy_limit_per_address: u32,
    /// How many forms one source address may send in an hour.
    pub privacy_limit_per_source: u32,
    /// The same for browsers that did not solve the task, where there is one.
    pub privacy_limit_without_script: u32,
}

/// Who must have a second factor beside the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactorRule {
    /// Whoever wants one.
    Nobody,
    /// Super admins.
    SuperAdmins,
    /// Everybody who logs in with a password.
    Everybody,
}

impl Default for Settings {
    fn default() -> Self {
        let days = |days: u64| HumanDuration::from(Duration::from_hours(24 * days));
        Self {
            public_url: local(),
            brand: "Rightful".to_owned(),
            allow_private_hosts: String::new(),
            extra_ca: None,
            http_proxy: None,
            http_connect_timeout: Duration::from_secs(5).into(),
            http_timeout: Duration::from_mins(1).into(),
            trusted_proxies: String::new(),
            language: "en".to_owned(),
            verification_ttl: days(7),
            download_ttl: days(7),
            retention: days(730),
            grace: Duration::ZERO.into(),
            bulk_poll_threshold: 50,
            task_max_attempts: 12,
            poll_soft_limit: days(14),
            connection_alert_after: Duration::from_hours(48).into(),
            connection_check_every: days(1),
            connection_concurrency: 8,
            worker_concurrency: 32,
            session_idle: Duration::from_hours(1).into(),
            session_ttl: Duration::from_hours(12).into(),
            require_totp: SecondFactorRule::Nobody,
            oidc_issuer: None,
            oidc_client_id: None,
            oidc_client_secret: None,
            oidc_domains: String::new(),
            metrics_networks: String::new(),
            idempotency_ttl: days(1),
            direct_contact_deadline: days(14),
            direct_contact_reminder: days(5),
            direct_contact_max_file: 25 << 20,
            direct_contact_max_answer: 100 << 20,
            direct_contact_max_files: 50,
            smtp_url: None,
            mail_from: None,
            smtp_timeout: Duration::from_mins(1).into(),
            mail_give_up_after: Duration::from_hours(48).into(),
            mail_retention: days(30),
            mailbox: false,
            webhook_timeout: Duration::from_secs(15).into(),
            webhook_give_up_after: days(3),
            webhook_retention: days(30),
            privacy_center: true,
            privacy_languages: "en,de,fr,es".to_owned(),
            privacy_identifiers: String::new(),
            privacy_challenge: "none".to_owned(),
            privacy_captcha: CaptchaProvider::None,
            privacy_captcha_site_key: None,
            privacy_captcha_secret: None,
            privacy_captcha_script: None,
            privacy_captcha_verify_url: None,
            privacy_captcha_field: None,
            privacy_captcha_class: None,
            privacy_captcha_origins: String::new(),
            privacy_captcha_timeout: Duration::from_secs(5).into(),
            privacy_captcha_unreachable: WithoutCaptcha::LetThrough,
            privacy_limit_per_address: 3,
            privacy_limit_per_source: 20,
            privacy_limit_without_script: 5,
        }
    }
}

fn optional_secret<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Secret::new))
}

impl Settings {
    /// The redirect URI of all connections: what is registered at the vendors.
    pub fn redirect_uri(&self) -> String {
        self.page("/oauth/callback")
    }

    /// The public address of `path`, which begins with a slash.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }

    /// The language of mails whose reader's own is not known.
    pub fn language(&self) -> mail::Language {
        mail::Language::best(&self.language)
    }

    /// Whether people of this mail address's domain are let in by single sign-on without an invitation.
    pub fn is_oidc_domain(&self, email: &str) -> bool {
        let domain = email.rsplit_once('@').map(|(_, domain)| domain).unwrap_or_default();
        let mut domains = self
            .oidc_domains
            .split(',')
            .map(str::trim)
            .filter(|known| !known.is_empty());
        domains.any(|known| known.eq_ignore_ascii_case(domain))
    }

    /// The languages of the public pages; there is always one.
    pub fn public_languages(&self) -> Vec<mail::Language> {
        let words = self.privacy_languages.split(',').map(str::trim);
        let mut languages: Vec<mail::Language> = Vec::new();
        for language in words.filter_map(|word| word.parse().ok()) {
            if !languages.contains(&language) {
                languages.push(language);
            }
        }
        if languages.is_empty() {
            vec![self.language()]
        } else {
            languages
        }
    }

    /// The identifiers that the public form asks for beside the e-mail address.
    pub fn public_identifiers(&self) -> Vec<IdentityType> {
        let words = self.privacy_identifiers.split(',').map(str::trim);
        let mut kinds: Vec<IdentityType> = words.filter_map(|word| word.parse().ok()).collect();
        kinds.retain(|kind| *kind != IdentityType::Email);
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// The hosts of `allow_private_hosts`.
    pub fn private_hosts(&self) -> Vec<String> {
        let hosts = self.allow_private_hosts.split(',').map(str::trim);
        hosts.filter(|host| !host.is_empty()).map(str::to_owned).collect()
    }
}

#[expect(clippy::expect_used, reason = "a constant that the test below reads")]
fn local() -> Url {
    Url::parse("https://localhost:8443").expect("a URL")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_redirect_uri_lies_under_the_public_url() {
        assert_eq!(
            Settings::default().redirect_uri(),
            "https://localhost:8443/oauth/callback"
        );
        let public_url = "https://example.com/privacy/".parse().unwrap();
        let settings = Settings {
            public_url,
            ..Settings::default()
        };
        assert_eq!(settings.redirect_uri(), "https://example.com/privacy/oauth/callback");
    }

    #[test]
    fn private_hosts_are_a_comma_list() {
        let settings = Settings {
            allow_private_hosts: " localhost, ::1,".to_owned(),
            ..Settings::default()
        };
        assert_eq!(settings.private_hosts(), ["localhost", "::1"]);
    }
}
