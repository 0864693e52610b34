//! Randomness as an argument: the operating system's, or a seeded stream for tests.
use std::sync::{Arc, Mutex, PoisonError};

use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};

/// A source of random bytes.
#[derive(Clone)]
pub struct Entropy(Source);

#[derive(Clone)]
enum Source {
    System,
    Seeded(Arc<Mutex<ChaCha20Rng>>),
}

impl std::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Source::System => "Entropy(system)",
            Source::Seeded(_) => "Entropy(seeded)",
        })
    }
}

impl Entropy {
    /// The operating system's generator.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A repeatable stream, for tests only. Clones share it.
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(Arc::new(Mutex::new(
            ChaCha20Rng::seed_from_u64(seed),
        ))))
    }

    /// Fills the buffer. A machine that cannot give random bytes cannot make keys, tokens or ids: the process ends.
    pub fn fill(&self, into: &mut [u8]) {
        match &self.0 {
            Source::System => {
                if let Err(error) = getrandom::fill(into) {
                    tracing::error!(%error, "the operating system gives no random bytes; ending");
                    std::process::abort();
                }
            }
            Source::Seeded(stream) => stream
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .fill_bytes(into),
        }
    }

    /// `N` fresh bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seeded_stream_repeats_and_moves_on() {
        let (one, two) = (Entropy::seeded(7), Entropy::seeded(7));
        let first = one.bytes::<16>();
        assert_eq!(first, two.bytes::<16>());
        assert_ne!(first, one.bytes::<16>());
        assert_ne!(
            Entropy::system().bytes::<16>(),
            Entropy::system().bytes::<16>()
        );
    }
}
