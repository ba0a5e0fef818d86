//! The course of one call that found nothing: whose turn it is, and how it ends.
//!
//! Nothing here knows the types of the function: values are objects, outcomes are words.

use std::time::Duration;

use crate::ambient::{self, Change, LeadId};
use crate::backend::{Acquired, Claim, Lease, Stored};
use crate::engine::Engine;
use crate::error::Result;
use crate::flight::{
    Arrival, Boarding, FlightMode, Outcome, PROVEN_FOR_ALL, PROVEN_FOR_NONE, Pilot, Seat,
};
use crate::key::Key;
use crate::observer::EventKind;
use crate::plan::Verdict;
use crate::stamp::Stamp;
use crate::value::{Item, Kept, Object};

/// After so many flights that ended in an error, a caller computes for itself: a slow failure is
/// paid twice at most, not once for every caller in a row.
const FAILED_FLIGHTS: u32 = 2;

/// One call on its way.
pub(crate) struct Errand<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) key: Key<'a>,
    pub(crate) mode: FlightMode,
    /// Whatever is kept will not do: compute.
    pub(crate) anew: bool,
    boarded_anew: bool,
    failed: u32,
}

/// What a call is to do next.
#[allow(clippy::large_enum_variant)] // made once a miss, and taken apart at once
pub(crate) enum Turn<'a> {
    /// Use what is kept.
    Hit(Kept),
    /// Use what another caller computed.
    Share(Object),
    /// Another caller found nothing.
    Nothing,
    /// Compute, and say what came of it.
    Lead(Lead<'a>),
    /// Compute, and tell nobody.
    Alone,
}

impl<'a> Errand<'a> {
    pub(crate) fn new(engine: &'a Engine, key: Key<'a>, mode: FlightMode, anew: bool) -> Self {
        Self {
            engine,
            key,
            mode,
            anew,
            boarded_anew: false,
            failed: 0,
        }
    }

    /// What is kept will not do: compute, together with whoever computes already.
    pub(crate) fn reject(&mut self) {
        self.anew = true;
        self.boarded_anew = true;
    }

    /// The key among all caches of this process.
    pub(crate) fn lead_id(&self) -> LeadId {
        (self.engine.realm.id(), self.key.id())
    }

    pub(crate) fn note(&self, kind: EventKind) {
        self.engine.note(kind, &self.key);
    }

    /// Makes of the store's answer what a call needs: reads fail open.
    pub(crate) fn opened<T>(&self, answer: Result<Option<T>>) -> Option<T> {
        answer.unwrap_or_else(|error| {
            self.engine.note_error(&self.key, &error);
            None
        })
    }

    /// Waits for this call's turn.
    pub(crate) async fn turn(&mut self) -> Turn<'a> {
        if self.mode == FlightMode::None {
            return self.acquire(None).await;
        }
        loop {
            let anew = self.anew && !std::mem::replace(&mut self.boarded_anew, self.anew);
            match self.engine.flights.board(&self.key, anew) {
                Boarding::Lead(pilot) => return self.acquire(Some(pilot)).await,
                Boarding::Follow(seat) => {
                    if let Some(turn) = self.follow(seat).await {
                        return turn;
                    }
                }
            }
        }
    }

    /// Waits for another caller's flight; `None` is to board again.
    async fn follow(&mut self, seat: Seat<'a>) -> Option<Turn<'a>> {
        self.note(EventKind::Wait);
        match seat.arrival(self.engine.settings.wait_limit).await {
            Arrival::Landed(Outcome::Value(object)) => Some(Turn::Share(object)),
            Arrival::Landed(Outcome::Nothing) => Some(Turn::Nothing),
            Arrival::Landed(Outcome::Failed) => {
                self.failed += 1;
                (self.failed >= FAILED_FLIGHTS).then_some(Turn::Alone)
            }
            Arrival::Unproven => {
                let answer = self.engine.read(&self.key).await;
                self.opened(answer).map(Turn::Hit)
            }
            Arrival::Lead(pilot) => Some(self.acquire(Some(pilot)).await),
            Arrival::Late => Some(Turn::Alone),
        }
    }

    /// Asks the store for the lease. Without one the call computes and does not store.
    async fn acquire(&mut self, pilot: Option<Pilot<'a>>) -> Turn<'a> {
        let joined = pilot.as_ref().map_or(0, Pilot::joined);
        let claim = Claim::new(self.anew);
        let mut lead = Lead {
            engine: self.engine,
            key: self.key,
            lease: None,
            pilot,
            joined,
            stamp: self.key.stamp(),
            degraded: false,
            anew: self.anew,
        };
        match self.engine.backend.acquire(&self.key, claim).await {
            Ok(Acquired::Granted(lease)) => lead.lease = Some(lease),
            Ok(Acquired::Fresh(kept)) => {
                lead.land_unproven();
                return Turn::Hit(kept);
            }
            Ok(Acquired::Held) => {}
            Err(error) => {
                self.engine.note_error(&self.key, &error);
                lead.degraded = true;
            }
        }
        Turn::Lead(lead)
    }
}

/// The right to compute. Dropped without a verdict, it gives the lease back and hands the flight
/// over.
pub(crate) struct Lead<'a> {
    engine: &'a Engine,
    key: Key<'a>,
    lease: Option<Lease>,
    pilot: Option<Pilot<'a>>,
    /// How many had joined when the lease was asked for.
    joined: u32,
    /// When the computation started, in this process.
    stamp: Stamp,
    /// The store could not be asked: there is no proof, and shedding load matters more.
    degraded: bool,
    /// The call computes whatever is kept.
    anew: bool,
}

impl Lead<'_> {
    /// Runs the body; a call to the same key inside runs through.
    pub(crate) async fn run<B: Future>(&self, body: B) -> B::Output {
        ambient::within(Change::Lead(self.id()), body).await
    }

    fn id(&self) -> LeadId {
        (self.engine.realm.id(), self.key.id())
    }

    /// Stores and hands out what came of the body.
    pub(crate) async fn land(mut self, verdict: Verdict) {
        let (outcome, proof) = match verdict {
            Verdict::KeepError(item, _) if self.would_replace().await => {
                (Outcome::Value(item.into_object()), self.unstored())
            }
            Verdict::Keep(item, ttl) | Verdict::KeepError(item, ttl) => {
                let object = item.object().clone();
                // Storing drops what it evicts: a `Drop` that calls this key runs through as well.
                let lead = Change::Lead(self.id());
                let proof = ambient::within(lead, self.store(item, ttl)).await;
                (Outcome::Value(object), proof)
            }
            Verdict::Share(object) => (Outcome::Value(object), self.unstored()),
            Verdict::Nothing => (Outcome::Nothing, self.unstored()),
            Verdict::Fail => (Outcome::Failed, PROVEN_FOR_ALL),
        };
        // Before anybody is woken, who would find the lease held.
        self.give_back();
        if let Some(pilot) = self.pilot.take() {
            pilot.land(outcome, proof);
        }
    }

    /// Gives an unused lease back. A command is under way when it is called; its answer changes
    /// nothing.
    fn give_back(&mut self) {
        if let Some(lease) = self.lease.take() {
            drop(self.engine.backend.release(&self.key, lease));
        }
    }

    /// Whether there is something that an error must not replace: only a call that computed in
    /// spite of it can find it.
    async fn would_replace(&self) -> bool {
        self.anew && matches!(self.engine.read(&self.key).await, Ok(Some(_)))
    }

    /// Stores under the lease; answers for whom the value is proven to be fresh.
    async fn store(&mut self, item: Item, ttl: Option<Duration>) -> u32 {
        if !self.key.admits(self.stamp) {
            // What was invalidated here is not stored, even where the store did not hear of it.
            self.engine.note(EventKind::StalePrevented, &self.key);
            return self.unstored();
        }
        let Some(lease) = self.lease.take() else {
            return self.unstored();
        };
        let joined = self.pilot.as_ref().map_or(0, Pilot::joined);
        match self.engine.backend.store(&self.key, lease, item, ttl).await {
            Ok(Stored::Kept) => {
                self.engine.note_store(&self.key);
                self.proven(joined)
            }
            Ok(Stored::Lost | Stored::Moved) => {
                self.engine.note(EventKind::StalePrevented, &self.key);
                self.unstored()
            }
            Ok(Stored::Refused) => self.unstored(),
            Err(error) => {
                // Degraded: there is no proof without a store, and shedding load matters more.
                self.engine.note_error(&self.key, &error);
                PROVEN_FOR_ALL
            }
        }
    }

    /// For whom a value is proven that the store did not confirm: those who had joined before the
    /// lease was asked for.
    fn unstored(&self) -> u32 {
        self.proven(self.joined)
    }

    /// Another process may have invalidated, unseen, what was proven at a command: who joined
    /// after that command reads again. In this process an invalidation detaches the flight
    /// instead, so that all who joined may have the value.
    fn proven(&self, joined: u32) -> u32 {
        if self.engine.profile.shared && !self.degraded {
            joined
        } else {
            PROVEN_FOR_ALL
        }
    }

    /// There was an entry after all: everybody reads it for himself.
    fn land_unproven(mut self) {
        if let Some(pilot) = self.pilot.take() {
            pilot.land(Outcome::Nothing, PROVEN_FOR_NONE);
        }
    }
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        self.give_back();
    }
}
