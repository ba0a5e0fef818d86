//! How deep a pass is in a value, and how much it asks for there.

use std::collections::BTreeSet;
use std::mem;

use super::choice::Key;
use super::met::Met;

/// The way from the whole value to the one at hand.
pub(super) struct Descent {
    /// Outermost first.
    inside: Vec<Key>,
    zeal: Zeal,
    /// What the pass has gone through: structs, and variants of enums.
    entered: BTreeSet<(Key, usize)>,
    /// The enums that it has met first.
    opened: BTreeSet<Key>,
}

/// How much is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Zeal {
    /// Everything.
    Explore,
    /// As little as will do: this was gone through before.
    Skim,
    /// As little as will do, and nothing counts as met: this is a value inside of itself, and it
    /// is explored further out.
    Again,
}

/// Above this depth, what can be filled is filled at once. Below it takes a pass of its own, and
/// the shallower ones are first: where many types lead to each other, the way to each is short.
const SHALLOW: usize = 16;

/// Values do not nest deeper. This bounds the stack.
const DEPTH: usize = 64;

impl Descent {
    pub(super) fn new() -> Self {
        Self {
            inside: Vec::new(),
            zeal: Zeal::Explore,
            entered: BTreeSet::new(),
            opened: BTreeSet::new(),
        }
    }

    pub(super) fn zeal(&self) -> Zeal {
        self.zeal
    }

    pub(super) fn is_shallow(&self) -> bool {
        self.inside.len() < SHALLOW
    }

    pub(super) fn is_at_the_bottom(&self) -> bool {
        self.inside.len() >= DEPTH
    }

    /// Goes into something; answers what to come back with.
    pub(super) fn go_into(&mut self, key: Key, zeal: Zeal) -> Zeal {
        self.inside.push(key);
        mem::replace(&mut self.zeal, zeal)
    }

    pub(super) fn come_back(&mut self, zeal: Zeal) {
        self.inside.pop();
        self.zeal = zeal;
    }

    /// Whether there is one inside of one already.
    pub(super) fn goes_round(&self, key: Key) -> bool {
        self.inside.iter().filter(|above| **above == key).count() > 1
    }

    /// So many levels above, this one stands already, and no name since: `Tree(Vec<Tree>)`,
    /// transparent.
    pub(super) fn levels_above(&self, key: Key) -> Option<usize> {
        let above = self.inside.iter().rev();
        let mut nameless = above.take_while(|above| matches!(above, Key::Nameless(_)));
        nameless.position(|above| *above == key)
    }

    /// How much to ask of a variant of something with a name.
    pub(super) fn zeal_for(&mut self, key: Key, variant: usize, met: &Met) -> Zeal {
        if self.zeal == Zeal::Again || self.inside.contains(&key) {
            return Zeal::Again;
        }
        let is_new = !met.has_entered(key, variant) && self.entered.insert((key, variant));
        if is_new { Zeal::Explore } else { Zeal::Skim }
    }

    /// Whether an enum is met first.
    pub(super) fn opens(&mut self, key: Key, met: &Met) -> bool {
        let is_new = !self.inside.contains(&key) && !met.has_opened(key);
        self.zeal != Zeal::Again && is_new && self.opened.insert(key)
    }

    pub(super) fn end(self, met: &mut Met) {
        met.enter(self.entered, self.opened);
    }
}
