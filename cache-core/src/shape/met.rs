//! What the passes over a type have met.

use std::collections::{BTreeMap, BTreeSet};

use super::choice::{Choice, Key, Place};

/// What is known of a type, and how much may still be asked.
pub(super) struct Met {
    /// Visitors by the names of their types, and the names that they give. These are as good as
    /// the types themselves; of two types that share them only one is explored.
    named: BTreeMap<(&'static str, &'static str), usize>,
    nameless: BTreeMap<&'static str, usize>,
    /// What was gone through: structs, and variants of enums.
    entered: BTreeSet<(Key, usize)>,
    /// The enums whose other variants have their passes.
    opened: BTreeSet<Key>,
    /// For each enum the variant that a value was first had of. It does not need the others.
    ends: BTreeMap<Key, usize>,
    /// What was taken in the end where something was refused.
    lessons: BTreeMap<Place, usize>,
    questions: u32,
    is_whole: bool,
}

/// So many questions are answered: some tens of milliseconds.
const QUESTIONS: u32 = 1 << 17;

impl Met {
    pub(super) fn new() -> Self {
        Self {
            named: BTreeMap::new(),
            nameless: BTreeMap::new(),
            entered: BTreeSet::new(),
            opened: BTreeSet::new(),
            ends: BTreeMap::new(),
            lessons: BTreeMap::new(),
            questions: QUESTIONS,
            is_whole: true,
        }
    }

    /// Whether one more question may be asked.
    pub(super) fn may_ask(&mut self) -> bool {
        self.questions = self.questions.saturating_sub(1);
        if self.has_given_up() {
            self.miss();
        }
        !self.has_given_up()
    }

    /// Ends the passes.
    pub(super) fn give_up(&mut self) {
        self.questions = 0;
        self.miss();
    }

    pub(super) fn has_given_up(&self) -> bool {
        self.questions == 0
    }

    /// Notes that something of the type is not seen.
    pub(super) fn miss(&mut self) {
        self.is_whole = false;
    }

    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }

    pub(super) fn named(&mut self, visitor: &'static str, name: &'static str) -> usize {
        let next = self.named.len();
        *self.named.entry((visitor, name)).or_insert(next)
    }

    pub(super) fn nameless(&mut self, visitor: &'static str) -> Key {
        let next = self.nameless.len();
        Key::Nameless(*self.nameless.entry(visitor).or_insert(next))
    }

    pub(super) fn has_entered(&self, key: Key, variant: usize) -> bool {
        self.entered.contains(&(key, variant))
    }

    pub(super) fn has_opened(&self, key: Key) -> bool {
        self.opened.contains(&key)
    }

    /// The variant to take of an enum that is not to be explored.
    pub(super) fn end_of(&self, key: Key) -> Option<usize> {
        self.ends.get(&key).copied()
    }

    pub(super) fn end_with(&mut self, key: Key, variant: usize) {
        self.ends.entry(key).or_insert(variant);
    }

    pub(super) fn lesson(&self, place: Place) -> Option<usize> {
        self.lessons.get(&place).copied()
    }

    /// Learns from the choices of a pass that came through.
    pub(super) fn learn(&mut self, choices: &[Choice]) {
        for choice in choices.iter().filter(|choice| choice.was_hard()) {
            self.lessons.insert(choice.place, choice.taken);
        }
    }

    /// Takes over what a pass has gone through.
    pub(super) fn enter(&mut self, entered: BTreeSet<(Key, usize)>, opened: BTreeSet<Key>) {
        self.entered.extend(entered);
        self.opened.extend(opened);
    }
}
