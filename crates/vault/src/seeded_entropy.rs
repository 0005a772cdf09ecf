//! Randomness that can be replayed.

use std::sync::atomic::{AtomicU64, Ordering};

use zeroize::Zeroizing;

use crate::key::Key;
use crate::{Entropy, MacKey};

/// The same bytes in the same order for the same seed: for tests and simulations only, since 64 bits can be guessed.
#[derive(Debug)]
pub struct SeededEntropy {
    generator: MacKey,
    blocks: AtomicU64,
}

impl SeededEntropy {
    /// Starts the sequence that belongs to `seed`.
    pub fn new(seed: u64) -> Self {
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(seed.to_be_bytes()) {
            *to = from;
        }
        let key = Key::from_bytes(Zeroizing::new(bytes)).derive("seeded-entropy");
        Self {
            generator: MacKey::new(&key),
            blocks: AtomicU64::new(0),
        }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for piece in bytes.chunks_mut(32) {
            let block = self
                .generator
                .sign(&self.blocks.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            for (to, from) in piece.iter_mut().zip(block) {
                *to = from;
            }
        }
    }
}
