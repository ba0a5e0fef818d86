//! What a pass decides.

/// Who asks: a type with a name, or an option, a sequence, a map, a tuple. Numbered as they are
/// met.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// Nobody: what asks is the whole value.
    Top,
    Named(usize),
    Nameless(usize),
}

/// Where a value stands: the so-many-th part of a variant of something.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    within: Key,
    variant: usize,
    part: usize,
}

impl Place {
    pub(super) fn first_in(within: Key, variant: usize) -> Self {
        let part = 0;
        Self {
            within,
            variant,
            part,
        }
    }

    pub(super) fn next(mut self) -> Self {
        self.part += 1;
        self
    }

    /// Where the length of something stands, beside its parts.
    pub(super) fn length_of(within: Key) -> Self {
        let part = usize::MAX;
        Self {
            part,
            ..Self::first_in(within, 0)
        }
    }
}

/// What is chosen among.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Among {
    /// Values of one kind: they lead to the same questions.
    Values,
    /// 0 is nothing, 1 is something.
    Filling,
    /// The variants of an enum.
    Variants,
}

/// One decision.
#[derive(Clone, Copy)]
pub(super) struct Choice {
    pub(super) place: Place,
    pub(super) among: Among,
    pub(super) taken: usize,
    /// There are so many to choose among; as good as one if the choice is settled.
    of: usize,
    /// So many were taken in vain.
    refused: usize,
    /// Whether what is not taken here is taken nowhere else, so that it needs passes of its own.
    pub(super) opens: bool,
    /// Whether the pass is made for the sake of this choice.
    pub(super) is_goal: bool,
}

impl Choice {
    pub(super) fn new(place: Place, among: Among, of: usize, first: usize) -> Self {
        Self {
            place,
            among,
            taken: first % of,
            of,
            refused: 0,
            opens: false,
            is_goal: false,
        }
    }

    /// The choice with another first one to take, if there is one.
    pub(super) fn taking(self, taken: Option<usize>) -> Self {
        let taken = taken.unwrap_or(self.taken) % self.of;
        Self { taken, ..self }
    }

    /// What else there is, for which a pass has to be made. Not for nothing: it shows nothing.
    pub(super) fn others(&self) -> impl Iterator<Item = usize> + use<> {
        let Self { taken, among, .. } = *self;
        let shows = move |other: usize| among != Among::Filling || other > 0;
        (0..self.of).filter(move |other| *other != taken && shows(*other))
    }

    /// Takes the next one; `false` if all were refused, or if the choice is settled.
    pub(super) fn next(&mut self) -> bool {
        if self.refused + 1 >= self.of {
            return false;
        }
        self.refused += 1;
        self.taken = (self.taken + 1) % self.of;
        true
    }

    /// Whether the first one was refused.
    pub(super) fn was_hard(&self) -> bool {
        self.refused > 0
    }

    /// Whether this is the decision that is to be made again.
    pub(super) fn decides(&self, asked: &Self) -> bool {
        self.place == asked.place && self.among == asked.among && self.taken < asked.of
    }

    /// The choice as a step on the way to another: only values may still change.
    pub(super) fn as_step(mut self) -> Self {
        self.opens = false;
        self.is_goal = false;
        self.refused = 0;
        if self.among != Among::Values {
            self.of = 1;
        }
        self
    }

    pub(super) fn as_goal(self, taken: usize) -> Self {
        Self {
            taken,
            is_goal: true,
            ..self.as_step()
        }
    }
}
