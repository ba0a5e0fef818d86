//! A goal: what must be, what is aimed at, and how it is seen.

use super::Figures;

/// How to see whether one part of a goal is reached.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    /// The bound in words.
    pub(super) words: &'static str,
    /// The figure, from those of the run.
    pub(super) figure: fn(&Figures) -> Option<f64>,
    /// What it must not exceed; or, negative, what it must reach at least.
    pub(super) bound: f64,
}

impl Mark {
    /// The figure must not exceed the bound.
    pub(super) const fn most(
        words: &'static str,
        figure: fn(&Figures) -> Option<f64>,
        bound: f64,
    ) -> Self {
        Self {
            words,
            figure,
            bound,
        }
    }

    /// The figure must reach the bound.
    pub(super) const fn least(
        words: &'static str,
        figure: fn(&Figures) -> Option<f64>,
        bound: f64,
    ) -> Self {
        Self::most(words, figure, -bound)
    }

    /// The mark as it is shown, with what was measured.
    pub(super) fn shown(&self, figures: &Figures) -> String {
        let Some(figure) = (self.figure)(figures) else {
            return format!("{}: not measured", self.words);
        };
        let reached = if self.bound < 0.0 {
            figure >= -self.bound
        } else {
            figure <= self.bound
        };
        let sign = if self.bound < 0.0 { '≥' } else { '≤' };
        let verdict = if reached {
            "✔ reached"
        } else {
            "✘ **not reached**"
        };
        let (figure, bound) = (super::grid::number(figure), self.bound.abs());
        format!("{} {sign} {bound}: {figure} {verdict}", self.words)
    }
}

/// A line of the table of goals.
#[derive(Clone, Copy, Debug)]
pub(super) struct Goal {
    /// What it is about.
    pub(super) about: &'static str,
    /// Without these we are not done.
    pub(super) must: &'static [Mark],
    /// These we are after.
    pub(super) aim: &'static [Mark],
}
