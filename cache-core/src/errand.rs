//! The course of one call that found nothing: whose turn it is, and how it ends.
//!
//! Nothing here knows the types of the function: values are objects, outcomes are words.

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
///
/// What a call does is done by plain functions, as far as it need not wait; what it waits for, they
/// hand back. A store in this process answers at once, and such a call seldom waits at all.
pub(crate) struct Errand<'a> {
    pub(crate) lead: Lead<'a>,
    mode: FlightMode,
    /// Why whatever is kept will not do, if so.
    anew: Option<Anew>,
    /// What was looked at, and will not do.
    rejected: Option<Kept>,
    boarded_anew: bool,
    /// The store did not answer this call: it is not asked again.
    outage: bool,
    failed: u32,
    patience: Patience,
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
pub(crate) enum Turn {
    /// Use what is kept.
    Hit(Kept),
    /// Use what another caller computed.
    Share(Object),
    /// Another caller found nothing.
    Nothing,
    /// Compute, and say what came of it.
    Lead,
    /// Compute, and tell nobody.
    Alone,
}

/// What a call waits for.
pub(crate) enum Wait<'a> {
    /// Another caller's flight.
    Flight(Seat<'a>),
    /// The store's answer to a claim.
    Store(Asking<'a>),
    /// Another process, which has the lease.
    Elsewhere,
}

/// A call's turn, or what it waits for.
type Step<'a> = std::result::Result<Turn, Wait<'a>>;

impl<'a> Errand<'a> {
    #[inline]
    pub(crate) fn new(engine: &'a Engine, key: Key<'a>, mode: FlightMode, anew: bool) -> Self {
        Self {
            lead: Lead::new(engine, key),
            mode,
            anew: anew.then_some(Anew::Refresh),
            rejected: None,
            boarded_anew: false,
            outage: false,
            failed: 0,
            patience: Patience::new(engine.settings.wait_limit),
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

    pub(crate) fn note(&self, kind: EventKind) {
        self.lead.engine.note(kind, &self.lead.key);
    }

    /// Makes of the store's answer what a call needs: reads fail open.
    fn opened<T>(&self, answer: Result<Option<T>>) -> Option<T> {
        answer.unwrap_or_else(|error| {
            self.lead.engine.note_error(&self.lead.key, &error);
            None
        })
    }

    /// Goes on to this call's turn.
    pub(crate) fn step(&mut self) -> Step<'a> {
        if self.mode == FlightMode::None {
            return self.acquire(None);
        }
        let anew = self.anew.is_some();
        let anew = anew && !std::mem::replace(&mut self.boarded_anew, anew);
        match self.lead.engine.flights.board(&self.lead.key, anew) {
            Boarding::Lead(pilot) => self.acquire(Some(pilot)),
            Boarding::Follow(seat) => Err(Wait::Flight(seat)),
        }
    }

    /// Waits for this call's turn.
    pub(crate) async fn turn(&mut self, mut wait: Wait<'a>) -> Turn {
        loop {
            let step = match wait {
                Wait::Flight(seat) => self.follow(seat).await,
                Wait::Store(asking) => self.granted(asking.await),
                Wait::Elsewhere => self.pause().await,
            };
            match step {
                Ok(turn) => return turn,
                Err(next) => wait = next,
            }
        }
    }

    /// Waits for another caller's flight.
    async fn follow(&mut self, seat: Seat<'a>) -> Step<'a> {
        self.note(EventKind::Wait);
        match seat.arrival(self.lead.engine.settings.wait_limit).await {
            Arrival::Landed(Outcome::Value(object)) => Ok(Turn::Share(object)),
            Arrival::Landed(Outcome::Nothing) => Ok(Turn::Nothing),
            Arrival::Landed(Outcome::Failed) => {
                self.failed += 1;
                if self.failed >= FAILED_FLIGHTS {
                    return Ok(Turn::Alone);
                }
                self.step()
            }
            Arrival::Landed(Outcome::Entry) => {
                let answer = self.lead.engine.read(&self.lead.key).await;
                match self.opened(answer) {
                    Some(kept) => Ok(Turn::Hit(kept)),
                    None => self.step(),
                }
            }
            Arrival::Lead(pilot) => self.acquire(Some(pilot)),
            Arrival::Landed(Outcome::Private) | Arrival::Late => Ok(Turn::Alone),
        }
    }

    /// Leads, once the store has granted the lease. Without one the call computes and does not store.
    fn acquire(&mut self, pilot: Option<Pilot<'a>>) -> Step<'a> {
        self.lead.begin(pilot, self.anew.is_some());
        if self.outage {
            self.note(EventKind::Degraded);
            return Ok(Turn::Lead);
        }
        self.patience = Patience::new(self.lead.engine.settings.wait_limit);
        self.claim()
    }

    /// Asks the store for the lease.
    fn claim(&mut self) -> Step<'a> {
        let (engine, steal) = (self.lead.engine, self.anew == Some(Anew::Refresh));
        let claim = Claim::new(self.anew.is_some(), steal, engine.is_remote());
        match Asking::start(engine, &self.lead.key, claim) {
            Ok(answer) => self.granted(answer),
            Err(asking) => Err(Wait::Store(asking)),
        }
    }

    /// Uses what the store answered to the claim.
    fn granted(&mut self, answer: Result<Acquired>) -> Step<'a> {
        match answer {
            Ok(Acquired::Granted(lease)) => self.lead.take(lease),
            Ok(Acquired::Fresh(kept)) => {
                self.lead.land_at_entry();
                return Ok(Turn::Hit(kept));
            }
            Ok(Acquired::Held) if self.waits_elsewhere() => return Err(Wait::Elsewhere),
            Ok(Acquired::Held) => {}
            Err(error) => {
                self.lead.engine.note_error(&self.lead.key, &error);
                self.note(EventKind::Degraded);
            }
        }
        Ok(Turn::Lead)
    }

    /// Waits a little for another process, and asks again.
    async fn pause(&mut self) -> Step<'a> {
        if self.patience.is_fresh() {
            self.note(EventKind::Wait);
        }
        if !self.patience.pause().await {
            return Ok(Turn::Lead);
        }
        if let Some(kept) = self.renewed().await {
            self.lead.land_at_entry();
            return Ok(Turn::Hit(kept));
        }
        self.lead.start();
        self.claim()
    }

    /// What another process has kept in the place of what will not do.
    async fn renewed(&self) -> Option<Kept> {
        let rejected = self.rejected.as_ref()?;
        let kept = self.opened(self.lead.engine.read(&self.lead.key).await)?;
        (!kept.is(rejected)).then_some(kept)
    }

    /// Whether the call waits for a computation in another process.
    fn waits_elsewhere(&self) -> bool {
        self.mode == FlightMode::Global && self.lead.engine.profile.shared
    }
}
