//! The choices of a pass, in their order, so that another pass can repeat them.

use std::rc::Rc;

use super::choice::{Among, Choice};

/// What to choose, and from `at` on what earlier attempts chose there.
#[derive(Default)]
pub(super) struct Script {
    choices: Vec<Choice>,
    at: usize,
}

impl Script {
    /// Starts again with what was chosen.
    pub(super) fn rewind(self) -> Self {
        Self { at: 0, ..self }
    }

    /// How many choices were made.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn made(&self, at: usize) -> &Choice {
        &self.choices[at]
    }

    /// Goes on to the next choice, if there is one and it is about the same thing.
    pub(super) fn follow(&mut self, asked: &Choice) -> bool {
        let next = self.choices.get(self.at);
        let follows = next.is_some_and(|next| next.decides(asked));
        self.at += usize::from(follows);
        follows
    }

    /// Makes a choice.
    pub(super) fn push(&mut self, choice: Choice) {
        self.choices.push(choice);
        self.at = self.choices.len();
    }

    /// Drops what is not reached; answers whether the goal was in there.
    pub(super) fn cut(&mut self) -> bool {
        let unreached = self.choices.get(self.at..).unwrap_or_default();
        let lost = unreached.iter().any(|choice| choice.is_goal);
        self.choices.truncate(self.at);
        lost
    }

    /// Takes other values from there on; `false` if there are none.
    ///
    /// All at once, because trying all combinations would take too long; but at first without the
    /// first one, for types that want it to be less than the next.
    pub(super) fn change_values(&mut self, since: usize) -> bool {
        let made = &mut self.choices[since..self.at];
        let values = made.iter_mut().filter(|made| made.among == Among::Values);
        let mut values: Vec<_> = values.collect();
        let lags = values.len() > 1 && values.iter().all(|value| !value.was_hard());
        let mut changed = false;
        for value in values.iter_mut().skip(lags.into()) {
            changed |= value.next();
        }
        changed
    }

    /// Fills what is empty from there on, or empties what is filled: one, the first that was not
    /// tried both ways. `false` if there is none.
    pub(super) fn change_filling(&mut self, since: usize) -> bool {
        (since..self.at).any(|at| self.choices[at].among == Among::Filling && self.change(at))
    }

    /// Takes something else there and drops what followed from it; `false` if there is nothing else.
    pub(super) fn change(&mut self, at: usize) -> bool {
        let changed = self.choices[at].next();
        if changed {
            self.choices.truncate(at + 1);
        }
        changed
    }

    pub(super) fn into_choices(self) -> Vec<Choice> {
        self.choices
    }
}

/// A pass to make: as an earlier one until a choice, and there with another.
pub(super) struct Branch {
    choices: Rc<[Choice]>,
    at: usize,
    other: usize,
}

impl Branch {
    /// The passes that remain to be made after one that made these choices.
    pub(super) fn all(choices: Vec<Choice>) -> Vec<Self> {
        let choices: Rc<[Choice]> = choices.into();
        let opening = (0..choices.len()).filter(|at| choices[*at].opens);
        let others = opening.flat_map(|at| choices[at].others().map(move |other| (at, other)));
        let branch = |(at, other)| Self {
            choices: Rc::clone(&choices),
            at,
            other,
        };
        others.map(branch).collect()
    }

    pub(super) fn script(&self) -> Script {
        let way = self.choices[..self.at].iter().map(|step| step.as_step());
        let goal = self.choices[self.at].as_goal(self.other);
        let choices = way.chain([goal]).collect();
        Script { choices, at: 0 }
    }
}
