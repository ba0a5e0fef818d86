//! The course of one call that found nothing: whose turn it is, and how it ends.
//!
//! Nothing here knows the types of the function: values are objects, outcomes are words.

use crate::ambient::LeadId;
use crate::asking::{Asking, Patience};
use crate::backend::{Acquired, Claim};
use crate::engine::Engine;
use crate::error::Result;
use crate::flight::{Arrival, Boarding, FlightMode, Outcome, Pilot, Seat};
use crate::key::Key;
use crate::lead::Lead;
use crate::observer::EventKind;
use crate::value::{Kept, Object};

/// After so many flights that ended in an error, a caller computes for itself: a slow failure is
/// paid twice at most, not once for every caller in a row.
const FAILED_FLIGHTS: u32 = 2;

/// One call on its way.
pub(crate) struct Errand<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) key: Key<'a>,
    pub(crate) mode: FlightMode,
    /// Why whatever is kept will not do, if so.
    anew: Option<Anew>,
    /// What was looked at, and will not do.
    rejected: Option<Kept>,
    boarded_anew: bool,
    /// The store did not answer this call: it is not asked again.
    outage: bool,
    failed: u32,
}

/// Why a call computes, whatever is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Anew {
    /// What is kept was looked at, and will not do.
    Rejected,
    /// The call was asked to, whoever computes elsewhere.
    Refresh,
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
            anew: anew.then_some(Anew::Refresh),
            rejected: None,
            boarded_anew: false,
            outage: false,
            failed: 0,
        }
    }

    /// What is kept will not do: compute, together with whoever computes already.
    pub(crate) fn reject(&mut self, kept: Option<Kept>) {
        self.rejected = kept;
        self.anew.get_or_insert(Anew::Rejected);
        self.boarded_anew = true;
    }

    /// The store cannot be asked: compute without it.
    pub(crate) fn give_up_the_store(&mut self) {
        self.outage = true;
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
            let anew = self.anew.is_some();
            let anew = anew && !std::mem::replace(&mut self.boarded_anew, anew);
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
            Arrival::Landed(Outcome::Entry) => {
                let answer = self.engine.read(&self.key).await;
                self.opened(answer).map(Turn::Hit)
            }
            Arrival::Lead(pilot) => Some(self.acquire(Some(pilot)).await),
            Arrival::Landed(Outcome::Private) | Arrival::Late => Some(Turn::Alone),
        }
    }

    /// Asks the store for the lease, until it is somebody's turn. Without one the call computes and
    /// does not store.
    async fn acquire(&mut self, pilot: Option<Pilot<'a>>) -> Turn<'a> {
        let mut lead = Lead::new(self.engine, self.key, pilot, self.anew.is_some());
        if self.outage {
            self.note(EventKind::Degraded);
            return Turn::Lead(lead);
        }
        let mut patience = Patience::new(self.engine.settings.wait_limit);
        loop {
            let claim = Claim::new(self.anew.is_some(), self.anew == Some(Anew::Refresh));
            match Asking::new(self.engine, &self.key, claim).await {
                Ok(Acquired::Granted(lease)) => lead.take(lease),
                Ok(Acquired::Fresh(kept)) => {
                    lead.land_at_entry();
                    return Turn::Hit(kept);
                }
                Ok(Acquired::Held) if self.waits_elsewhere() => {
                    if patience.is_fresh() {
                        self.note(EventKind::Wait);
                    }
                    if patience.pause().await {
                        if let Some(kept) = self.renewed().await {
                            lead.land_at_entry();
                            return Turn::Hit(kept);
                        }
                        lead.start();
                        continue;
                    }
                }
                Ok(Acquired::Held) => {}
                Err(error) => {
                    self.engine.note_error(&self.key, &error);
                    self.note(EventKind::Degraded);
                }
            }
            return Turn::Lead(lead);
        }
    }

    /// What another process has kept in the place of what will not do.
    async fn renewed(&self) -> Option<Kept> {
        let rejected = self.rejected.as_ref()?;
        let kept = self.opened(self.engine.read(&self.key).await)?;
        (!kept.is(rejected)).then_some(kept)
    }

    /// Whether the call waits for a computation in another process.
    fn waits_elsewhere(&self) -> bool {
        self.mode == FlightMode::Global && self.engine.profile.shared
    }
}
