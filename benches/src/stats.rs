//! What is told of many measurements of one thing.

use serde::{Deserialize, Serialize};

/// A median between its quartiles.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Cell {
    /// The lower quartile.
    pub low: f64,
    /// The median.
    pub median: f64,
    /// The upper quartile.
    pub high: f64,
}

impl Cell {
    /// Sums up measurements; of none, it is a `NaN` that is shown as nothing.
    pub fn of(mut measured: Vec<f64>) -> Self {
        measured.sort_by(f64::total_cmp);
        Self {
            low: quantile(&measured, 0.25),
            median: quantile(&measured, 0.5),
            high: quantile(&measured, 0.75),
        }
    }

    /// What is exact, and needs no second measurement.
    pub fn exact(value: f64) -> Self {
        Self {
            low: value,
            median: value,
            high: value,
        }
    }
}

/// The value below which that share of the sorted values lies, between neighbours by proportion.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "an index of a short list"
)]
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = share * last as f64;
    let (below, rest) = (place.floor() as usize, place.fract());
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * rest
}

#[cfg(test)]
mod tests {
    use super::Cell;

    #[test]
    fn an_outlier_moves_no_quartile_of_many() {
        let calm: Vec<f64> = (0..9).map(f64::from).collect();
        let mut noisy = calm.clone();
        noisy[8] = 1e9;
        assert_eq!(Cell::of(calm), Cell::of(noisy));
    }
}
