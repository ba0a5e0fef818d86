//! Who leads a flight and who waits for it.

use std::sync::Arc;
use std::task::Waker;

use super::patience::Since;
use super::{Flight, Outcome};

/// Who leads a flight, and who waits for it.
pub(super) struct Cabin {
    pub(super) led: bool,
    /// How many have ever joined.
    pub(super) joined: u32,
    /// Who of them still waits, in order, whether or not they have been polled.
    pub(super) seated: Vec<u32>,
    pub(super) landing: Option<Landing>,
    pub(super) waiting: Vec<Waiting>,
    pub(super) heir: Option<u32>,
    /// Who has a timer: of those who wait, the one who has waited longest. The others need none.
    pub(super) watch: Option<(Since, u32)>,
}

/// A follower who was polled.
pub(super) struct Waiting {
    pub(super) number: u32,
    pub(super) since: Since,
    pub(super) waker: Waker,
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
            watch: None,
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

    /// Takes a follower in; answers his number.
    pub(super) fn join(&mut self) -> u32 {
        let number = self.joined;
        self.joined += 1;
        self.seated.push(number);
        number
    }

    /// Names the next heir of a vacant flight; answers whom to wake.
    pub(super) fn pass_on(&mut self) -> Option<Waker> {
        self.led = false;
        let next = self.waiting.first();
        self.heir = next.map(|waiting| waiting.number);
        next.map(|waiting| waiting.waker.clone())
    }

    /// Notes whom to wake; answers whether he is the one with the timer.
    pub(super) fn register(
        &mut self,
        is_known: bool,
        number: u32,
        since: Since,
        waker: &Waker,
    ) -> bool {
        match is_known.then(|| self.place_of(number)).flatten() {
            Some(at) => self.waiting[at].waker.clone_from(waker),
            None => self.waiting.push(Waiting {
                number,
                since,
                waker: waker.clone(),
            }),
        }
        let mine = (since, number);
        let first = self.watch.map_or(mine, |watch| watch.min(mine));
        self.watch = Some(first);
        first == mine
    }

    /// Lets a follower go; answers whom to wake, if another is the one with the timer now.
    pub(super) fn leave(&mut self, number: u32) -> Option<Waker> {
        if let Ok(at) = self.seated.binary_search(&number) {
            self.seated.remove(at);
        }
        if let Some(at) = self.place_of(number) {
            self.waiting.remove(at);
        }
        if self.watch.is_none_or(|(_, watching)| watching != number) {
            return None;
        }
        let next = self
            .waiting
            .iter()
            .min_by_key(|one| (one.since, one.number));
        self.watch = next.map(|one| (one.since, one.number));
        next.map(|one| one.waker.clone())
    }

    fn place_of(&self, number: u32) -> Option<usize> {
        self.waiting.iter().position(|one| one.number == number)
    }
}
