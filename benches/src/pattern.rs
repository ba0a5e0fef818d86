//! Which keys are asked for, one after the other.

use crate::random::Random;
use crate::zipf::Zipf;

/// How requests spread over the keys.
#[derive(Clone, Copy, Debug)]
pub enum Pattern {
    /// All ask for one.
    Hot,
    /// Every key is as likely as any other.
    Uniform,
    /// Zipf's law with this skew.
    Zipf(f64),
}

impl Pattern {
    /// The indices of `length` requests among so many keys.
    pub fn requests(self, keys: usize, length: usize, seed: u64) -> Vec<usize> {
        let mut random = Random::new(seed);
        match self {
            Self::Hot => vec![0; length],
            Self::Uniform => (0..length).map(|_| random.below(keys)).collect(),
            Self::Zipf(skew) => {
                let zipf = Zipf::new(keys, skew);
                (0..length).map(|_| zipf.draw(&mut random)).collect()
            }
        }
    }
}
