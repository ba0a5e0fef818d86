//! The types of a call: what the course of one knows nothing of.

use crate::kind::Kind;
use crate::plan::{Hooks, Lives, Verdict};
use crate::trip::{Course, Taken};
use crate::value::Kept;

/// A body that runs once. (Of each body a compiler makes little where an `Option` runs it, and five functions
/// where a closure does.)
pub(crate) trait Body<T> {
    fn run(&mut self) -> Option<T>;
}

impl<T, F: FnOnce() -> T> Body<T> for Option<F> {
    #[allow(clippy::manual_map)] // as said
    fn run(&mut self) -> Option<T> {
        match self.take() {
            Some(body) => Some(body()),
            None => None,
        }
    }
}

impl<T> Body<T> for &mut dyn Body<T> {
    fn run(&mut self) -> Option<T> {
        (**self).run()
    }
}

/// The body of a call that runs it by itself.
pub(crate) struct Elsewhere;

impl<T> Body<T> for Elsewhere {
    fn run(&mut self) -> Option<T> {
        None
    }
}

/// The types of a call.
pub(crate) struct Typed<'a, K: Kind, H, B> {
    hooks: &'a H,
    body: B,
    pub(crate) output: Option<K::Output>,
}

impl<'a, K: Kind, H, B> Typed<'a, K, H, B> {
    pub(crate) fn new(hooks: &'a H, body: B) -> Self {
        Self {
            hooks,
            body,
            output: None,
        }
    }

    pub(crate) fn take_output(&mut self) -> K::Output {
        let output = self.output.take();
        output.expect("a trip ends with an output")
    }
}

impl<K: Kind, H: Hooks<K>, B: Body<K::Output>> Course for Typed<'_, K, H, B> {
    fn take(&mut self, kept: &Kept, ask: bool) -> Taken {
        match self.hooks.open(kept) {
            None => Taken::Foreign,
            Some(opened) if ask && self.hooks.finds_stale(&opened) => Taken::Stale,
            Some(opened) => {
                self.output = Some(K::restore(opened));
                Taken::Used
            }
        }
    }

    fn take_nothing(&mut self) -> bool {
        self.output = K::nothing();
        self.output.is_some()
    }

    fn compute(&mut self) {
        self.output = self.body.run();
    }

    fn judge(&self, lives: &Lives) -> Verdict {
        match &self.output {
            Some(output) => self.hooks.judge(output, lives),
            None => Verdict::Fail,
        }
    }
}
