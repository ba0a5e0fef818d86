//! Who leads a flight and who waits for it.

use std::sync::Arc;
use std::task::Waker;

use super::{Flight, Outcome};

/// Who leads a flight, and who waits for it.
pub(super) struct Cabin {
    pub(super) led: bool,
    /// How many have ever joined.
    pub(super) joined: u32,
    /// Who of them still waits, in order, whether or not they have been polled.
    pub(super) seated: Vec<u32>,
    pub(super) landing: Option<Landing>,
    pub(super) waiting: Vec<(u32, Waker)>,
    pub(super) heir: Option<u32>,
}

impl Default for Cabin {
    fn default() -> Self {
        Self {
            led: true,
            joined: 0,
            seated: Vec::new(),
            landing: None,
            waiting: Vec::new(),
            heir: None,
        }
    }
}

/// How a flight ended.
pub(super) struct Landing {
    pub(super) outcome: Outcome,
    pub(super) proof: u32,
    /// Where those go on whom the proof does not reach.
    pub(super) next: Option<Arc<Flight>>,
}

impl Cabin {
    /// A cabin without a leader, in which they sit already who came too late for the flight before.
    pub(super) fn vacant(joined: u32, seated: Vec<u32>) -> Self {
        Self {
            led: false,
            joined,
            seated,
            ..Self::default()
        }
    }

    /// Names the next heir of a vacant flight; answers whom to wake.
    pub(super) fn pass_on(&mut self) -> Option<Waker> {
        self.led = false;
        let next = self.waiting.first();
        self.heir = next.map(|(number, _)| *number);
        next.map(|(_, waker)| waker.clone())
    }

    pub(super) fn register(&mut self, number: u32, waker: &Waker) {
        match self.waiting.iter_mut().find(|(other, _)| *other == number) {
            Some((_, registered)) => registered.clone_from(waker),
            None => self.waiting.push((number, waker.clone())),
        }
    }

    pub(super) fn leave(&mut self, number: u32) {
        self.seated.retain(|other| *other != number);
        self.waiting.retain(|(other, _)| *other != number);
    }
}
