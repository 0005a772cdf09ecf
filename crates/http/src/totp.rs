//! One-time codes of an authenticator app (RFC 6238), the picture the app scans, and recovery codes.
//!
//! ```text
//! enrol    TotpSecret::generate → seal its bytes → show uri() as picture() and written() → the person types a code
//! confirm  secret.verify(code, now, None) → store the step it returns with the secret, hand out recovery::generate()
//! log in   secret.verify(code, now, last_step) → store the step in the same transaction
//! ```

mod picture;
pub mod recovery;

use std::fmt;

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use oauth::{Secret, percent_encode};
use sha1::Sha1;
use subtle::ConstantTimeEq as _;
use vault::{Entropy, random_bytes};
use zeroize::Zeroizing;

pub use picture::picture;

/// How long a code is the current one.
const STEP_SECONDS: i64 = 30;
/// How many steps a clock may be off either way (SEC-6).
const DRIFT: i64 = 1;
/// As many bytes as HMAC-SHA1 gives (RFC 4226 section 4, R6).
const SECRET_BYTES: usize = 20;

/// What an authenticator app and the server share.
#[derive(Clone)]
pub struct TotpSecret(Zeroizing<[u8; SECRET_BYTES]>);

/// Which half minute a code belonged to. Kept with the secret: only later ones are accepted, so a code works once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step(pub i64);

impl TotpSecret {
    /// A new secret.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(Zeroizing::new(random_bytes(entropy)))
    }

    /// The secret whose [`TotpSecret::bytes`] were stored; `None` for bytes of another length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    /// What is to be sealed and stored.
    pub fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// The secret as it is typed into an app: base32, in groups of four.
    pub fn written(&self) -> Secret {
        let letters = BASE32_NOPAD.encode(self.bytes());
        let groups: Vec<&str> = letters
            .as_bytes()
            .chunks(4)
            .filter_map(|group| str::from_utf8(group).ok())
            .collect();
        Secret::new(groups.join(" "))
    }

    /// The address an app understands: `issuer` is who asks for codes, `account` whose they are.
    pub fn uri(&self, issuer: &str, account: &str) -> Secret {
        // The colon parts the two in the label, so neither may hold one.
        let [issuer, account] = [issuer, account].map(|part| percent_encode(&part.replace(':', " ")));
        let secret = BASE32_NOPAD.encode(self.bytes());
        Secret::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period={STEP_SECONDS}"
        ))
    }

    /// The step that `code` belongs to, if it is a code of about `now` and of a later step than the last one used.
    /// Blanks in the code are ignored: apps show it in two groups. The caller stores the step before it lets anybody
    /// in, in one transaction with reading `last`.
    pub fn verify(&self, code: &str, now: Timestamp, last: Option<Step>) -> Option<Step> {
        let typed: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
        if typed.len() != 6 {
            return None;
        }
        let current = now.as_second().div_euclid(STEP_SECONDS);
        (current - DRIFT..=current + DRIFT)
            .filter(|step| bool::from(self.code(*step).as_bytes().ct_eq(typed.as_bytes())))
            .map(Step)
            .find(|step| last.is_none_or(|last| *step > last))
    }

    /// The code that an app shows at `now`: for tests, and for programs that log in.
    pub fn code_at(&self, now: Timestamp) -> String {
        self.code(now.as_second().div_euclid(STEP_SECONDS))
    }

    /// RFC 4226 section 5.3 over the step's number.
    fn code(&self, step: i64) -> String {
        let Ok(mac) = Hmac::<Sha1>::new_from_slice(self.bytes()) else {
            // HMAC takes keys of any length.
            return String::new();
        };
        let tag: [u8; 20] = mac.chain_update(step.to_be_bytes()).finalize().into_bytes().into();
        let offset = usize::from(tag.last().map_or(0, |last| last & 0x0f));
        let four = tag.iter().skip(offset).take(4);
        let number = four.fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn secret() -> TotpSecret {
        TotpSecret::from_bytes(b"12345678901234567890").unwrap()
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // RFC 6238 appendix B, SHA1, the last six of its eight digits.
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret().code_at(at(second)), code, "{second}");
        }
    }

    #[test]
    fn a_code_is_good_one_step_around_its_time_and_once() {
        // SEC-6
        let now = at(1_234_567_890);
        let code = secret().code_at(now);
        let step = secret().verify(&code, now, None).unwrap();
        let shown = format!(" {} {}", &code[..3], &code[3..]);
        assert_eq!(secret().verify(&shown, now, None), Some(step));
        for (seconds, good) in [(-31, false), (-30, true), (0, true), (59, true), (60, false)] {
            let then = at(1_234_567_890 + seconds);
            assert_eq!(secret().verify(&code, then, None).is_some(), good, "{seconds}");
        }
        assert_eq!(secret().verify(&code, now, Some(step)), None, "used already");
        let next = at(1_234_567_920);
        let later = secret().verify(&secret().code_at(next), now, Some(step)).unwrap();
        assert!(later > step);
        assert_eq!(
            secret().verify(&code, now, Some(later)),
            None,
            "older than the last one"
        );
        for wrong in ["", "005925", "05924", "0059241", "００５９２４"] {
            assert_eq!(secret().verify(wrong, now, None), None, "{wrong}");
        }
    }

    #[test]
    fn an_app_is_told_who_asks_and_whose_codes_they_are() {
        let uri = secret().uri("Acme: & Co", "ada+x@example.test");
        assert_eq!(
            uri.reveal(),
            "otpauth://totp/Acme%20%20%26%20Co:ada%2Bx%40example.test?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Acme%20%20%26%20Co&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(secret().written().reveal(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        assert_eq!(format!("{:?}", secret()), "TotpSecret(..)");
        assert!(TotpSecret::from_bytes(b"short").is_none());
    }
}
