//! The course of one call that found nothing: whose turn it is, and how it ends.
//!
//! Nothing here knows the types of the function: values are objects, outcomes are words.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::asking::{Asking, Patience, Pause};
use crate::backend::{Acquired, Claim};
use crate::engine::Engine;
use crate::error::Result;
use crate::flight::{Arrival, Boarding, FlightMode, Outcome, Pilot, Seat};
use crate::key::Key;
use crate::lead::Lead;
use crate::observer::EventKind;
use crate::reply::Reply;
use crate::value::{Kept, Object};

/// After so many flights that ended in an error, a caller computes for itself: a slow failure is
/// paid twice at most, not once for every caller in a row.
const FAILED_FLIGHTS: u32 = 2;

/// One call on its way.
///
/// It is polled by hand: a store in this process answers at once, so that such a call is a few plain
/// functions; and what it may wait for lies in one place, not in futures inside of futures.
pub(crate) struct Errand<'a> {
    /// Dropped before the lead: a claim under way is given up before the flight is handed over.
    wait: Wait<'a>,
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
enum Wait<'a> {
    /// Nothing: it goes on.
    Nothing,
    /// Another caller's flight.
    Flight(Seat<'a>),
    /// The entry that another caller found.
    Entry(Reply<'a, Result<Option<Kept>>>),
    /// The store's answer to a claim.
    Claim(Box<Asking<'a>>),
    /// Another process, which has the lease.
    Pause(Pause),
    /// What that process may have kept in the place of what will not do.
    Renewal(Reply<'a, Result<Option<Kept>>>),
}

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
            patience: Patience::default(),
            wait: Wait::Nothing,
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
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Turn> {
        loop {
            let turn = match &mut self.wait {
                Wait::Nothing => self.board(),
                Wait::Flight(seat) => {
                    let limit = self.lead.engine.settings.wait_limit;
                    let arrival = ready!(seat.poll(limit, context));
                    self.wait = Wait::Nothing;
                    self.arrived(arrival)
                }
                Wait::Entry(reply) => {
                    let answer = ready!(Pin::new(reply).poll(context));
                    self.wait = Wait::Nothing;
                    self.opened(answer).map(Turn::Hit)
                }
                Wait::Claim(asking) => {
                    let answer = ready!(Pin::new(asking).poll(context));
                    self.wait = Wait::Nothing;
                    self.granted(answer)
                }
                Wait::Pause(pause) => {
                    ready!(Pin::new(pause).poll(context));
                    self.wait = Wait::Nothing;
                    self.look_again()
                }
                Wait::Renewal(reply) => {
                    let answer = ready!(Pin::new(reply).poll(context));
                    self.wait = Wait::Nothing;
                    self.renewed(answer)
                }
            };
            if let Some(turn) = turn {
                return Poll::Ready(turn);
            }
        }
    }

    /// Joins the key's flight, or starts one.
    fn board(&mut self) -> Option<Turn> {
        if self.mode == FlightMode::None {
            return self.acquire(None);
        }
        let anew = self.anew.is_some();
        let anew = anew && !std::mem::replace(&mut self.boarded_anew, anew);
        match self.lead.engine.flights.board(&self.lead.key, anew) {
            Boarding::Lead(pilot) => self.acquire(Some(pilot)),
            Boarding::Follow(seat) => {
                self.note(EventKind::Wait);
                self.wait = Wait::Flight(seat);
                None
            }
        }
    }

    /// Goes on when another caller's flight is over; `None` is to board again.
    fn arrived(&mut self, arrival: Arrival<'a>) -> Option<Turn> {
        match arrival {
            Arrival::Landed(Outcome::Value(object)) => Some(Turn::Share(object)),
            Arrival::Landed(Outcome::Nothing) => Some(Turn::Nothing),
            Arrival::Landed(Outcome::Failed) => {
                self.failed += 1;
                (self.failed >= FAILED_FLIGHTS).then_some(Turn::Alone)
            }
            Arrival::Landed(Outcome::Entry) => {
                self.wait = Wait::Entry(self.lead.engine.read(&self.lead.key));
                None
            }
            Arrival::Lead(pilot) => self.acquire(Some(pilot)),
            Arrival::Landed(Outcome::Private) | Arrival::Late => Some(Turn::Alone),
        }
    }

    /// Leads, once the store has granted the lease. Without one the call computes and does not store.
    fn acquire(&mut self, pilot: Option<Pilot<'a>>) -> Option<Turn> {
        self.lead.begin(pilot, self.anew.is_some());
        if self.outage {
            self.note(EventKind::Degraded);
            return Some(Turn::Lead);
        }
        self.patience = Patience::default();
        self.claim()
    }

    /// Asks the store for the lease.
    fn claim(&mut self) -> Option<Turn> {
        let (engine, steal) = (self.lead.engine, self.anew == Some(Anew::Refresh));
        let claim = Claim::new(self.anew.is_some(), steal, engine.may_be_elsewhere());
        match Asking::start(engine, &self.lead.key, claim) {
            Ok(answer) => self.granted(answer),
            Err(asking) => {
                self.wait = Wait::Claim(asking);
                None
            }
        }
    }

    /// Uses what the store answered to the claim.
    fn granted(&mut self, answer: Result<Acquired>) -> Option<Turn> {
        match answer {
            Ok(Acquired::Granted(lease)) => self.lead.take(lease),
            Ok(Acquired::Fresh(kept)) => {
                self.lead.land_at_entry();
                return Some(Turn::Hit(kept));
            }
            Ok(Acquired::Held) if self.waits_elsewhere() => return self.pause(),
            Ok(Acquired::Held) => {}
            Err(error) => {
                self.lead.engine.note_error(&self.lead.key, &error);
                self.note(EventKind::Degraded);
            }
        }
        Some(Turn::Lead)
    }

    /// Waits a little for another process.
    fn pause(&mut self) -> Option<Turn> {
        if self.patience.is_fresh() {
            self.note(EventKind::Wait);
        }
        match self.patience.pause(self.lead.engine.settings.wait_limit) {
            Some(pause) => {
                self.wait = Wait::Pause(pause);
                None
            }
            None => Some(Turn::Lead),
        }
    }

    /// Asks again; before that, looks whether the other process has kept what will do.
    fn look_again(&mut self) -> Option<Turn> {
        if self.rejected.is_some() {
            self.wait = Wait::Renewal(self.lead.engine.read(&self.lead.key));
            return None;
        }
        self.lead.start();
        self.claim()
    }

    /// Uses what was kept in the place of what will not do, or asks again.
    fn renewed(&mut self, answer: Result<Option<Kept>>) -> Option<Turn> {
        let is_other = |kept: &Kept| !self.rejected.as_ref().is_some_and(|one| kept.is(one));
        if let Some(kept) = self.opened(answer).filter(is_other) {
            self.lead.land_at_entry();
            return Some(Turn::Hit(kept));
        }
        self.lead.start();
        self.claim()
    }

    /// Whether the call waits for a computation in another process.
    fn waits_elsewhere(&self) -> bool {
        self.mode == FlightMode::Global && self.lead.engine.profile.shared
    }
}
