//! The types of a call: what the course of one knows nothing of.

use crate::kind::Kind;
use crate::plan::{Hooks, Lives, Verdict};
use crate::trip::{Course, Taken};
use crate::value::Kept;

/// The body of a call that runs it by itself.
pub(crate) type Elsewhere<K> = fn() -> Option<<K as Kind>::Output>;

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

impl<K: Kind, H: Hooks<K>, B: FnMut() -> Option<K::Output>> Course for Typed<'_, K, H, B> {
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
        self.output = (self.body)();
    }

    fn judge(&self, lives: &Lives) -> Verdict {
        match &self.output {
            Some(output) => self.hooks.judge(output, lives),
            None => Verdict::Fail,
        }
    }
}
