//! Where randomness comes from.

use std::{cell::RefCell, sync::Arc};

/// A source of random bytes. Passed in everywhere, so that a simulation can replay a run from its seed.
pub trait Entropy: Send + Sync + 'static {
    /// Fills `bytes`; for the system's source, from its cryptographic generator.
    fn fill(&self, bytes: &mut [u8]);
}

/// A shared source of randomness.
pub type SharedEntropy = Arc<dyn Entropy>;

/// The operating system's cryptographic generator. Each thread fetches a portion at once, since asking costs more than
/// the few bytes of an id do; every byte is handed out once and wiped.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

/// Bytes that a thread fetches at once; requests for more than a quarter of it go to the system themselves.
const PORTION: usize = 512;

struct Portion {
    bytes: [u8; PORTION],
    /// How many of them, at the end, are still to be handed out.
    left: usize,
}

thread_local! {
    static FETCHED: RefCell<Portion> = const { RefCell::new(Portion { bytes: [0; PORTION], left: 0 }) };
}

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        if bytes.len() > PORTION / 4 {
            return ask_the_system(bytes);
        }
        FETCHED.with_borrow_mut(|portion| {
            if portion.left < bytes.len() {
                ask_the_system(&mut portion.bytes);
                portion.left = PORTION;
            }
            let rest = portion.bytes.iter_mut().skip(PORTION - portion.left);
            for (to, from) in bytes.iter_mut().zip(rest) {
                *to = std::mem::take(from);
            }
            portion.left -= bytes.len();
        });
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one source that everything else asks"
)]
#[expect(clippy::expect_used, reason = "a machine without randomness must not go on")]
fn ask_the_system(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives randomness");
}

/// `N` random bytes.
pub fn random_bytes<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_bytes_are_handed_out_twice_whatever_the_sizes() {
        let mut seen = HashSet::new();
        for size in (16..=600).chain([16; 500]) {
            let mut bytes = vec![0; size];
            SystemEntropy.fill(&mut bytes);
            for piece in bytes.chunks_exact(16) {
                assert!(seen.insert(piece.to_vec()));
            }
        }
    }
}
