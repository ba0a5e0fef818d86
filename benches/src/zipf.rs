//! Zipf's law: the second most wanted thing is wanted half as much as the first.

use crate::random::Random;

/// Draws ranks, 0 the most likely, rank `n` with a probability proportional to `1 / (n + 1)^skew`.
#[derive(Debug)]
pub struct Zipf {
    /// The probabilities summed up, without a common factor.
    sums: Vec<f64>,
}

impl Zipf {
    /// Prepares to draw from so many ranks.
    #[allow(clippy::cast_precision_loss, reason = "ranks are small")]
    pub fn new(ranks: usize, skew: f64) -> Self {
        let mut sum = 0.0;
        let sums = (1..=ranks).map(|rank| {
            sum += (rank as f64).powf(-skew);
            sum
        });
        Self {
            sums: sums.collect(),
        }
    }

    /// Draws a rank.
    pub fn draw(&self, random: &mut Random) -> usize {
        let last = self.sums.last().copied().unwrap_or_default();
        let point = random.unit() * last;
        let rank = self.sums.partition_point(|sum| *sum <= point);
        rank.min(self.sums.len().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::Zipf;
    use crate::random::Random;

    #[test]
    fn the_second_rank_comes_half_as_often_as_the_first() {
        let (zipf, mut random) = (Zipf::new(10, 1.0), Random::new(1));
        let mut counts = [0_u32; 10];
        (0..100_000).for_each(|_| counts[zipf.draw(&mut random)] += 1);
        let share = f64::from(counts[1]) / f64::from(counts[0]);
        assert!((0.48..0.52).contains(&share), "{counts:?}");
    }
}
