//! The names of tokens and versions: states that differ in names only are one state.

const MOST: usize = 16;

/// A renaming of every token and version of a state, in the order in which it mentions them.
///
/// A random number says nothing but whether it is the same as another one.
pub(crate) struct Names {
    tokens: Space,
    groups: Space,
    alls: Space,
    /// Versions of the source above this are as good as this.
    pub(crate) enough: u8,
    /// Whether the versions count, so that their names matter.
    pub(crate) counted: bool,
}

/// The names of one kind.
#[derive(Default)]
struct Space {
    old: [u8; MOST],
    count: u8,
}

/// The next free names.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Dice {
    token: u8,
    group: u8,
    all: u8,
}

impl Names {
    pub(crate) fn new(enough: u8, counted: bool) -> Self {
        Self {
            tokens: Space::default(),
            groups: Space::default(),
            alls: Space::default(),
            enough,
            counted,
        }
    }

    pub(crate) fn token(&mut self, name: &mut u8) {
        self.tokens.rename(name);
    }

    pub(crate) fn group(&mut self, name: &mut u8) {
        if !self.counted {
            self.groups.rename(name);
        }
    }

    pub(crate) fn all(&mut self, name: &mut u8) {
        if !self.counted {
            self.alls.rename(name);
        }
    }

    /// A version of the source.
    pub(crate) fn source(&self, version: &mut u8) {
        *version = self.enough.min(*version);
    }

    /// The names that are free afterwards.
    pub(crate) fn dice(&self, before: Dice) -> Dice {
        let renamed = Dice {
            token: self.tokens.count,
            group: self.groups.count,
            all: self.alls.count,
        };
        let token = renamed.token;
        if self.counted {
            Dice { token, ..before }
        } else {
            renamed
        }
    }
}

impl Space {
    fn rename(&mut self, name: &mut u8) {
        let known = &self.old[..usize::from(self.count)];
        let found = (0..self.count).find(|&new| known[usize::from(new)] == *name);
        let new = found.unwrap_or(self.count);
        if found.is_none() {
            self.old[usize::from(new)] = *name;
            self.count += 1;
        }
        *name = new;
    }
}

impl Dice {
    pub(crate) fn token(&mut self) -> u8 {
        draw(&mut self.token)
    }

    pub(crate) fn group(&mut self) -> u8 {
        draw(&mut self.group)
    }

    pub(crate) fn all(&mut self) -> u8 {
        draw(&mut self.all)
    }
}

fn draw(next: &mut u8) -> u8 {
    *next += 1;
    *next - 1
}
