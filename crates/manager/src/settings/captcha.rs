//! A check by somebody else that a person sends the form (CAPTCHA).

use oauth::Secret;
use rightful_http::headers::is_origin;
use serde::{Deserialize, Serialize};
use url::Url;

use super::Settings;

/// Who checks. All of them speak one protocol, `siteverify`; what differs between those that we know is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptchaProvider {
    /// Nobody.
    None,
    /// hCaptcha.
    #[serde(rename = "hcaptcha")]
    HCaptcha,
    /// Cloudflare Turnstile.
    Turnstile,
    /// Google reCAPTCHA v2.
    Recaptcha,
    /// Friendly Captcha v2.
    FriendlyCaptcha,
    /// Somebody else who speaks the protocol: every address and name is given.
    Other,
}

/// What becomes of a form while the check does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithoutCaptcha {
    /// It is taken, as seldom from one address as one that was sent without script.
    LetThrough,
    /// It is not taken; the person is asked to try again later.
    Refuse,
}

/// A check that can be asked for.
#[derive(Debug, Clone)]
pub struct Captcha {
    /// What the widget is called by.
    pub site_key: String,
    /// What we prove ourselves with.
    pub secret: Secret,
    /// Whether the secret stands in the header `X-API-Key`, not in the form.
    pub secret_in_header: bool,
    /// The widget's script.
    pub script: Url,
    /// Who is asked whether an answer is right.
    pub verify_url: Url,
    /// The field of our form in which the widget puts its answer.
    pub field: String,
    /// The class by which the script finds the widget's place.
    pub class: String,
    /// Where the widget comes from: all that the page may load.
    pub origins: Vec<String>,
}

/// Why there can be no check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{setting} {reason}")]
pub struct CaptchaError {
    /// Which setting is to blame.
    pub setting: &'static str,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// What is known of a provider.
struct Known {
    script: &'static str,
    verify_url: &'static str,
    field: &'static str,
    class: &'static str,
    origins: &'static [&'static str],
}

impl CaptchaProvider {
    const fn known(self) -> Option<Known> {
        Some(match self {
            Self::None | Self::Other => return None,
            Self::HCaptcha => Known {
                script: "https://js.hcaptcha.com/1/api.js",
                verify_url: "https://api.hcaptcha.com/siteverify",
                field: "h-captcha-response",
                class: "h-captcha",
                origins: &["https://hcaptcha.com", "https://*.hcaptcha.com"],
            },
            Self::Turnstile => Known {
                script: "https://challenges.cloudflare.com/turnstile/v0/api.js",
                verify_url: "https://challenges.cloudflare.com/turnstile/v0/siteverify",
                field: "cf-turnstile-response",
                class: "cf-turnstile",
                origins: &[],
            },
            Self::Recaptcha => Known {
                script: "https://www.google.com/recaptcha/api.js",
                verify_url: "https://www.google.com/recaptcha/api/siteverify",
                field: "g-recaptcha-response",
                class: "g-recaptcha",
                origins: &["https://www.gstatic.com", "https://recaptcha.google.com"],
            },
            Self::FriendlyCaptcha => Known {
                script: "https://cdn.jsdelivr.net/npm/@friendlycaptcha/sdk@0.1/site.compat.min.js",
                verify_url: "https://global.frcapi.com/api/v2/captcha/siteverify",
                field: "frc-captcha-response",
                class: "frc-captcha",
                origins: &["https://*.frcapi.com"],
            },
        })
    }
}

impl Settings {
    /// The check that the settings ask for; none where they ask for none.
    pub fn captcha(&self) -> Result<Option<Captcha>, CaptchaError> {
        let provider = self.privacy_captcha;
        if provider == CaptchaProvider::None {
            return Ok(None);
        }
        let known = provider.known();
        let address = |setting, given: &Option<Url>, usual: Option<&str>| {
            let url = given.clone().or_else(|| usual?.parse().ok()).ok_or(missing(setting))?;
            let is_safe = url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
            is_safe.then_some(url).ok_or(CaptchaError {
                setting,
                reason: "must be an address that begins with https://",
            })
        };
        let name = |setting, given: &Option<String>, usual: Option<&str>| {
            let name = given.as_deref().or(usual).ok_or(missing(setting))?;
            let is_name = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
            let is_free = !OURS.contains(&name);
            (!name.is_empty() && name.chars().all(is_name) && is_free)
                .then(|| name.to_owned())
                .ok_or(CaptchaError {
                    setting,
                    reason: "must consist of letters, digits, - and _, and be no field of our own",
                })
        };
        let script = address(
            "privacy_captcha_script",
            &self.privacy_captcha_script,
            known.as_ref().map(|known| known.script),
        )?;
        let listed = self.privacy_captcha_origins.split(',').map(str::trim);
        let listed: Vec<_> = listed.filter(|origin| !origin.is_empty()).map(str::to_owned).collect();
        if !listed.iter().all(|origin| is_origin(origin)) {
            return Err(CaptchaError {
                setting: "privacy_captcha_origins",
                reason: "must name origins such as https://*.captcha.example, with commas between",
            });
        }
        let usual = known.as_ref().map_or(&[][..], |known| known.origins);
        let origins = [script.origin().ascii_serialization()].into_iter();
        let origins = origins
            .chain(usual.iter().map(|origin| (*origin).to_owned()))
            .chain(listed);
        Ok(Some(Captcha {
            site_key: given("privacy_captcha_site_key", self.privacy_captcha_site_key.as_ref())?.clone(),
            secret: given("privacy_captcha_secret", self.privacy_captcha_secret.as_ref())?.clone(),
            secret_in_header: provider == CaptchaProvider::FriendlyCaptcha,
            verify_url: address(
                "privacy_captcha_verify_url",
                &self.privacy_captcha_verify_url,
                known.as_ref().map(|known| known.verify_url),
            )?,
            field: name(
                "privacy_captcha_field",
                &self.privacy_captcha_field,
                known.as_ref().map(|known| known.field),
            )?,
            class: name(
                "privacy_captcha_class",
                &self.privacy_captcha_class,
                known.as_ref().map(|known| known.class),
            )?,
            origins: origins.collect(),
            script,
        }))
    }
}

/// The fields that the form has anyway.
const OURS: &[&str] = &[
    "form_id",
    "solution",
    "lang",
    "right",
    "email",
    "place",
    "message",
    "website",
    "dcp_id",
    "fullstack_id",
    "other",
    "optimizely_end_user_id",
];

const fn missing(setting: &'static str) -> CaptchaError {
    CaptchaError {
        setting,
        reason: "is missing: the check that privacy_captcha asks for needs it",
    }
}

fn given<'a, T>(setting: &'static str, value: Option<&'a T>) -> Result<&'a T, CaptchaError> {
    value.ok_or(missing(setting))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(provider: CaptchaProvider) -> Settings {
        Settings {
            privacy_captcha: provider,
            privacy_captcha_site_key: Some("site".to_owned()),
            privacy_captcha_secret: Some(Secret::new("secret".to_owned())),
            ..Settings::default()
        }
    }

    #[test]
    fn those_that_we_know_need_two_keys_and_nothing_else() {
        use CaptchaProvider as P;
        assert!(settings(P::None).captcha().unwrap().is_none());
        for provider in [P::HCaptcha, P::Turnstile, P::Recaptcha, P::FriendlyCaptcha] {
            let captcha = settings(provider).captcha().unwrap().unwrap();
            assert!(captcha.origins.iter().all(|origin| is_origin(origin)), "{captcha:?}");
            let without = Settings {
                privacy_captcha_secret: None,
                ..settings(provider)
            };
            assert_eq!(without.captcha().unwrap_err().setting, "privacy_captcha_secret");
        }
        let words: Vec<_> = [
            P::None,
            P::HCaptcha,
            P::Turnstile,
            P::Recaptcha,
            P::FriendlyCaptcha,
            P::Other,
        ]
        .map(|provider| serde_json::to_value(provider).unwrap())
        .into();
        assert_eq!(
            words,
            [
                "none",
                "hcaptcha",
                "turnstile",
                "recaptcha",
                "friendly_captcha",
                "other"
            ]
        );
    }

    #[test]
    fn what_can_not_be_used_is_told_by_its_name() {
        let other = || Settings {
            privacy_captcha_script: "https://captcha.example/api.js".parse().ok(),
            privacy_captcha_verify_url: "https://captcha.example/siteverify".parse().ok(),
            privacy_captcha_field: Some("answer".to_owned()),
            privacy_captcha_class: Some("captcha".to_owned()),
            ..settings(CaptchaProvider::Other)
        };
        let captcha = other().captcha().unwrap().unwrap();
        assert_eq!(captcha.origins, ["https://captcha.example"]);
        let change = |change: fn(&mut Settings)| {
            let mut settings = other();
            change(&mut settings);
            settings.captcha().unwrap_err().setting
        };
        assert_eq!(change(|s| s.privacy_captcha_script = None), "privacy_captcha_script");
        assert_eq!(
            change(|s| s.privacy_captcha_verify_url = "http://captcha.example/".parse().ok()),
            "privacy_captcha_verify_url"
        );
        assert_eq!(
            change(|s| s.privacy_captcha_field = Some("email".to_owned())),
            "privacy_captcha_field"
        );
        assert_eq!(
            change(|s| s.privacy_captcha_class = Some("a\" b".to_owned())),
            "privacy_captcha_class"
        );
        assert_eq!(
            change(|s| s.privacy_captcha_origins = "https://a.example; script-src *".to_owned()),
            "privacy_captcha_origins"
        );
        assert_eq!(
            change(|s| s.privacy_captcha_site_key = None),
            "privacy_captcha_site_key"
        );
    }
}
