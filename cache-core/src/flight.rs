//! One computation, and who waits for it.
//!
//! The flight table has at most one flight a key that may still be joined. Laws:
//!
//! * A flight that was detached, or that carries a stamp below the floor, is joined by nobody.
//! * A flight has one leader or is vacant; a vacant flight is taken over by exactly one of those
//!   who wait, or by the next who boards.
//! * A landing reaches everybody who had joined before its *proof*. Those who came later go on
//!   together to the next flight, which has not started yet, so that it is good for all of them.
//!
//! Locks are taken in the order shard, flight; wakers are woken outside of both.

mod cabin;
mod patience;
mod seat;

use std::collections::hash_map::Entry;
use std::sync::Arc;

use crate::ids::{IdMap, shard_of};
use crate::key::Key;
use crate::stamp::Stamp;
use crate::sync::{Mutex, lock};
use crate::tag::Tags;
use crate::value::Object;

use cabin::{Cabin, Landing};
pub(crate) use seat::Seat;

/// Who waits for whom on a miss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FlightMode {
    /// Nobody: every caller computes.
    None,
    /// Callers in one process wait for one of them.
    Process,
    /// Callers in all processes wait for one of them. (In process, as long as no store is shared.)
    #[default]
    Global,
}

const SHARDS: usize = 16;

type Shard = IdMap<Arc<Flight>>;

/// The flights of one cache.
pub(crate) struct Flights {
    shards: [Mutex<Shard>; SHARDS],
}

/// The answer to boarding.
pub(crate) enum Boarding<'a> {
    /// Nobody computes: compute.
    Lead(Pilot<'a>),
    /// Somebody computes: wait.
    Follow(Seat<'a>),
}

/// How a flight ended.
#[derive(Clone)]
pub(crate) enum Outcome {
    /// With a value.
    Value(Object),
    /// With `None`, where that is not kept.
    Nothing,
    /// With an error, or without anything that can be shared.
    Failed,
    /// With something that is for its caller only: each of the others computes for himself.
    Private,
    /// There is an entry after all: everybody reads it for himself.
    Entry,
}

/// What a follower gets.
pub(crate) enum Arrival<'a> {
    /// The leader's result.
    Landed(Outcome),
    /// The leader is gone, and this follower takes over.
    Lead(Pilot<'a>),
    /// It took too long.
    Late,
}

/// Everybody who had joined may have the result.
pub(crate) const PROVEN_FOR_ALL: u32 = u32::MAX;

impl Flights {
    pub(crate) fn new() -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::new(Shard::default())),
        }
    }

    /// Joins the key's flight, or starts one; `anew` starts one in any case, detaching the other.
    pub(crate) fn board(&self, key: &Key<'_>, anew: bool) -> Boarding<'_> {
        let mut shard = lock(self.shard(key.id()));
        match shard.entry(key.id()) {
            Entry::Occupied(mut current) => {
                if !anew
                    && current.get().is_in_force(key)
                    && let Some(boarding) = self.join(current.get())
                {
                    return boarding;
                }
                let flight = Arc::new(Flight::new(key));
                current.insert(Arc::clone(&flight));
                Boarding::Lead(self.pilot(flight))
            }
            Entry::Vacant(free) => {
                let flight = Arc::clone(free.insert(Arc::new(Flight::new(key))));
                Boarding::Lead(self.pilot(flight))
            }
        }
    }

    /// Takes the key's flight out of the table: who comes later starts a new one.
    pub(crate) fn detach(&self, id: u128) {
        let detached = lock(self.shard(id)).remove(&id);
        drop(detached);
    }

    /// The number of flights that can be joined.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    fn join(&self, flight: &Arc<Flight>) -> Option<Boarding<'_>> {
        let mut cabin = lock(&flight.cabin);
        if cabin.landing.is_some() {
            return None;
        }
        let flight = Arc::clone(flight);
        if !cabin.led {
            cabin.led = true;
            return Some(Boarding::Lead(self.pilot(flight)));
        }
        let number = cabin.join();
        Some(Boarding::Follow(Seat::new(self, flight, number)))
    }

    /// Goes on leading a flight.
    pub(crate) fn resume(&self, flight: Interrupted) -> Pilot<'_> {
        self.pilot(flight.0)
    }

    fn pilot(&self, flight: Arc<Flight>) -> Pilot<'_> {
        Pilot {
            flights: self,
            flight,
            landed: false,
        }
    }

    /// Removes exactly this flight, not a later one of the same key; answers whether it was there.
    fn remove(shard: &mut Shard, flight: &Arc<Flight>) -> bool {
        if let Entry::Occupied(current) = shard.entry(flight.id)
            && Arc::ptr_eq(current.get(), flight)
        {
            current.remove();
            return true;
        }
        false
    }

    fn shard(&self, id: u128) -> &Mutex<Shard> {
        &self.shards[shard_of(id, SHARDS)]
    }
}

struct Flight {
    id: u128,
    stamp: Stamp,
    /// The tags of who started it; who joins may have others.
    tags: Tags,
    cabin: Mutex<Cabin>,
}

impl Flight {
    fn new(key: &Key<'_>) -> Self {
        Self {
            id: key.id(),
            stamp: key.stamp(),
            tags: key.tags().clone(),
            cabin: Mutex::new(Cabin::default()),
        }
    }

    /// The flight after this one, for those who joined too late for its proof. Its stamp is this
    /// one's: an older stamp is joined less, never wrongly.
    fn next(&self, cabin: &Cabin, proof: u32) -> Option<Arc<Self>> {
        let late = cabin.seated.partition_point(|number| *number < proof);
        let seated = cabin.seated[late..].to_vec();
        (!seated.is_empty()).then(|| {
            Arc::new(Self {
                id: self.id,
                stamp: self.stamp,
                tags: self.tags.clone(),
                cabin: Mutex::new(Cabin::vacant(cabin.joined, seated)),
            })
        })
    }

    fn is_in_force(&self, key: &Key<'_>) -> bool {
        key.admits(self.stamp) && self.tags.admit(self.stamp)
    }
}

/// Who leads a flight. Dropped without a landing, it hands the flight over.
pub(crate) struct Pilot<'a> {
    flights: &'a Flights,
    flight: Arc<Flight>,
    landed: bool,
}

impl Pilot<'_> {
    /// How many have joined so far: the proof of a command that is sent now.
    pub(crate) fn joined(&self) -> u32 {
        lock(&self.flight.cabin).joined
    }

    /// Ends the flight; those who joined before `proof` get the outcome, the others go on to the next
    /// flight.
    pub(crate) fn land(mut self, outcome: Outcome, proof: u32) {
        self.landed = true;
        let mut shard = lock(self.flights.shard(self.flight.id));
        let was_current = Flights::remove(&mut shard, &self.flight);
        if Arc::strong_count(&self.flight) == 1 {
            // Nobody sits in it, and nobody can join it any more.
            return;
        }
        let mut cabin = lock(&self.flight.cabin);
        let next = self.flight.next(&cabin, proof);
        if was_current && let Some(next) = &next {
            shard.insert(next.id, Arc::clone(next));
        }
        drop(shard);
        cabin.landing = Some(Landing {
            outcome,
            proof,
            next,
        });
        let waiting = std::mem::take(&mut cabin.waiting);
        drop(cabin);
        for waiting in waiting {
            waiting.waker.wake();
        }
    }

    /// Takes the flight out of the pilot's hands: whoever has it [resumes](Flights::resume) it.
    pub(crate) fn interrupt(mut self) -> Interrupted {
        self.landed = true;
        Interrupted(Arc::clone(&self.flight))
    }
}

/// A led flight between two pilots.
pub(crate) struct Interrupted(Arc<Flight>);

impl Drop for Pilot<'_> {
    fn drop(&mut self) {
        if !self.landed {
            vacate(self.flights, &self.flight, |_| true);
        }
    }
}

/// Hands a flight to the next who waits, or takes it out of the table if nobody does. Who has
/// joined but was not polled yet finds the flight vacant when he is.
fn vacate(flights: &Flights, flight: &Arc<Flight>, when: impl FnOnce(&mut Cabin) -> bool) {
    let mut shard = lock(flights.shard(flight.id));
    let mut cabin = lock(&flight.cabin);
    if !when(&mut cabin) {
        return;
    }
    let heir = cabin.pass_on();
    if cabin.seated.is_empty() {
        Flights::remove(&mut shard, flight);
    }
    drop(cabin);
    drop(shard);
    if let Some(heir) = heir {
        heir.wake();
    }
}
