//! Passwords: the rule for new ones, and checking them slowly, a few at a time.

use std::sync::Arc;

use argon2::{
    Argon2, PasswordVerifier as _,
    password_hash::{PasswordHasher as _, phc::PasswordHash},
};
use oauth::Secret;
use tokio::sync::Semaphore;
use vault::{SharedEntropy, random_bytes};

/// The shortest password, in characters.
const SHORTEST: usize = 8;
/// The longest, in bytes: nothing is cut off (SEC-1), but hashing megabytes helps nobody.
const LONGEST: usize = 1024;

/// What everybody tries first (SEC-2), in lower case, one a line: what the authors of zxcvbn (MIT licence) collected, and
/// the list of 20,000 by Royce Williams that Django (BSD-3-Clause) hands out, as far as it is long enough.
const COMMON: &str = include_str!("passwords/common.txt");

/// What an unknown user's password is compared with, so that it takes as long as a known one's (SEC-7).
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IG5vYm9keSBubw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Why a password cannot be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRule {
    /// Too short.
    #[error("a password has at least 8 characters")]
    Short,
    /// Too long.
    #[error("a password has at most 1024 bytes")]
    Long,
    /// One of those that everybody tries first.
    #[error("that password is among the most common ones")]
    Common,
}

/// Refuses passwords that would be guessed.
pub fn check(password: &Secret) -> Result<(), PasswordRule> {
    let text = password.reveal();
    if text.chars().count() < SHORTEST {
        return Err(PasswordRule::Short);
    }
    if text.len() > LONGEST {
        return Err(PasswordRule::Long);
    }
    let lower = text.to_lowercase();
    if COMMON.lines().any(|common| common == lower) || only_one_character(&lower) {
        return Err(PasswordRule::Common);
    }
    Ok(())
}

fn only_one_character(text: &str) -> bool {
    text.chars()
        .next()
        .is_some_and(|first| text.chars().all(|next| next == first))
}

/// Hashes and checks (argon2id). Each takes 19 MiB and tens of milliseconds, so only as many run as there are cores.
pub struct Passwords {
    entropy: SharedEntropy,
    places: Arc<Semaphore>,
}

impl Passwords {
    /// Salts come from `entropy`.
    pub fn new(entropy: SharedEntropy) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            entropy,
            places: Arc::new(Semaphore::new(cores)),
        }
    }

    /// The PHC string to store.
    pub async fn hash(&self, password: &Secret) -> Option<Secret> {
        let salt: [u8; 16] = random_bytes(&*self.entropy);
        let password = password.clone();
        let _place = self.places.acquire().await.ok()?;
        let hashed = tokio::task::spawn_blocking(move || {
            Argon2::default()
                .hash_password_with_salt(password.reveal().as_bytes(), &salt)
                .map(|hash| Secret::new(hash.to_string()))
        });
        hashed.await.ok()?.ok()
    }

    /// Whether `password` is the one behind `hash`; without a hash (nobody has that address) it takes as long and is
    /// not. `may_try` is polled when the work begins: who has waited may have used up their tries meanwhile.
    pub async fn verify<E>(
        &self,
        password: &Secret,
        hash: Option<&Secret>,
        may_try: impl Future<Output = Result<(), E>>,
    ) -> Result<bool, E> {
        let known = hash.is_some();
        let hash = hash.map_or(NOBODYS, |hash| hash.reveal()).to_owned();
        let password = password.clone();
        let Ok(_place) = self.places.acquire().await else {
            return Ok(false);
        };
        may_try.await?;
        tracing::trace!("a password is compared");
        let verified = tokio::task::spawn_blocking(move || {
            PasswordHash::new(&hash).is_ok_and(|hash| {
                Argon2::default()
                    .verify_password(password.reveal().as_bytes(), &hash)
                    .is_ok()
            })
        });
        Ok(verified.await.unwrap_or(false) && known)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use vault::SeededEntropy;

    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[test]
    fn a_password_is_long_enough_and_not_what_everybody_tries() {
        // SEC-1, SEC-2
        for (text, expected) in [
            ("1234567", Err(PasswordRule::Short)),
            ("äöüäöüä", Err(PasswordRule::Short)),
            ("password", Err(PasswordRule::Common)),
            ("PassWord1", Err(PasswordRule::Common)),
            ("12345678", Err(PasswordRule::Common)),
            ("iloveyou", Err(PasswordRule::Common)),
            ("zzzzzzzzzzzz", Err(PasswordRule::Common)),
            ("correct horse battery staple", Ok(())),
            ("ÿ\u{202e} anything goes", Ok(())),
        ] {
            assert_eq!(check(&secret(text)), expected, "{text}");
        }
        // From other lists than ours.
        for text in "123456789 1234567890 qwertyuiop princess sunshine football baseball superman trustno1 starwars \
                     whatever passw0rd password1 password123 qwerty123 1q2w3e4r 1qaz2wsx zaq12wsx letmein1 welcome1 \
                     abcd1234 asdfghjkl 11111111 00000000 87654321 147258369 987654321 michelle jennifer computer \
                     corvette mercedes 1q2w3e4r5t qazwsxedc liverpool butterfly slipknot danielle elizabeth nicholas"
            .split_whitespace()
        {
            assert_eq!(check(&secret(text)), Err(PasswordRule::Common), "{text}");
        }
        assert_eq!(check(&secret(&"ab".repeat(512))), Ok(()));
        assert_eq!(check(&secret(&"ab".repeat(513))), Err(PasswordRule::Long));
    }

    #[tokio::test]
    async fn only_the_whole_password_fits_its_hash() {
        // SEC-1, SEC-27
        let passwords = Passwords::new(Arc::new(SeededEntropy::new(1)));
        let long = "x".repeat(63);
        let hash = passwords.hash(&secret(&format!("{long}a"))).await.unwrap();
        assert!(hash.reveal().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let fits = async |password: &str, hash: Option<&Secret>| {
            passwords
                .verify(&secret(password), hash, async { Ok::<_, Infallible>(()) })
                .await
                .unwrap()
        };
        assert!(fits(&format!("{long}a"), Some(&hash)).await);
        assert!(!fits(&format!("{long}b"), Some(&hash)).await);
        assert!(!fits("anything", None).await);
    }

    #[test]
    fn nobodys_hash_costs_as_much_as_a_real_one() {
        // SEC-7
        let hash = PasswordHash::new(NOBODYS).unwrap();
        assert_eq!(hash.params.to_string(), "m=19456,t=2,p=1");
        assert!(Argon2::default().verify_password(b"x", &hash).is_err());
    }
}
