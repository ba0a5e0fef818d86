//! The right to compute, and how it ends.

use std::pin::Pin;
use std::time::Duration;

use crate::ambient::{self, Change, LeadId};
use crate::backend::{Lease, Stored};
use crate::background;
use crate::engine::Engine;
use crate::error::Result;
use crate::flight::{Interrupted, Outcome, PROVEN_FOR_ALL, Pilot};
use crate::key::Key;
use crate::observer::EventKind;
use crate::pending::Moment;
use crate::plan::Verdict;
use crate::reply::Reply;
use crate::stamp::Stamp;
use crate::value::Item;

/// What is left of a landing when a store does not answer at once.
type Rest<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// A store's answer that comes later, and how many had joined when it was asked.
type Late<'a> = (Reply<'a, Result<Stored>>, u32);

/// The right to compute, once it is there. Dropped without a verdict, it gives the lease back and hands
/// the flight over.
///
/// It stays in one place from the start of a call to its end: it is too large to be handed around.
pub(crate) struct Lead<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) key: Key<'a>,
    pilot: Option<Pilot<'a>>,
    stake: Stake,
}

/// What a lead holds, and what it knows.
#[derive(Clone, Copy)]
struct Stake {
    lease: Option<Lease>,
    /// How many had joined when the lease was asked for.
    joined: u32,
    /// When the computation started, in this process.
    stamp: Stamp,
    /// When it started among the invalidations that the store did not confirm.
    moment: Moment,
    /// The call computes whatever is kept.
    anew: bool,
}

impl<'a> Lead<'a> {
    /// Nothing yet.
    #[inline]
    pub(crate) fn new(engine: &'a Engine, key: Key<'a>) -> Self {
        Self {
            engine,
            key,
            pilot: None,
            stake: Stake {
                lease: None,
                joined: 0,
                stamp: key.stamp(),
                moment: engine.pending.moment(),
                anew: false,
            },
        }
    }

    /// It is this call's turn.
    pub(crate) fn begin(&mut self, pilot: Option<Pilot<'a>>, anew: bool) {
        self.pilot = pilot;
        self.stake.anew = anew;
        self.start();
    }

    /// Notes the moment: who has joined may have what is computed from now on.
    pub(crate) fn start(&mut self) {
        self.stake.joined = self.joined();
        self.stake.stamp = self.key.stamp();
        self.stake.moment = self.engine.pending.moment();
    }

    /// Takes the lease, and keeps it alive in a store that outlives this process.
    pub(crate) fn take(&mut self, lease: Lease) {
        self.stake.lease = Some(lease);
        if self.engine.is_remote() {
            let engine = self.engine.shared();
            let key = self.key.to_owned_in(&engine.realm);
            engine.heart.hold(&engine.backend, key, lease);
        }
    }

    /// There was an entry after all: everybody reads it for himself.
    pub(crate) fn land_at_entry(&mut self) {
        if let Some(pilot) = self.pilot.take() {
            pilot.land(Outcome::Entry, PROVEN_FOR_ALL);
        }
    }

    /// Stores and hands out what came of the body; answers what is left to be waited for, which is
    /// nothing in a store that answers at once.
    ///
    /// The caller does not wait for a store that is elsewhere: he has his value. Those who wait
    /// with him get it when the store has answered.
    pub(crate) fn land(&mut self, verdict: Verdict) -> Option<Rest<'_>> {
        if self.engine.is_remote() {
            self.land_elsewhere(verdict);
            return None;
        }
        self.land_here(verdict)
    }

    #[cold]
    fn land_elsewhere(&mut self, verdict: Verdict) {
        let engine = self.engine.shared();
        let key = self.key.to_owned_in(&engine.realm);
        let (flight, stake) = self.interrupt();
        background::finish(async move {
            let mut lead = Lead {
                engine: &engine,
                key: key.key(),
                pilot: flight.map(|flight| engine.flights.resume(flight)),
                stake,
            };
            if let Some(rest) = lead.land_here(verdict) {
                rest.await;
            }
        });
    }

    /// Takes everything out of this lead's hands.
    fn interrupt(&mut self) -> (Option<Interrupted>, Stake) {
        let stake = self.stake;
        self.stake.lease = None;
        (self.pilot.take().map(Pilot::interrupt), stake)
    }

    fn land_here(&mut self, verdict: Verdict) -> Option<Rest<'_>> {
        let (outcome, proof) = match verdict {
            Verdict::KeepError(item, ttl) if self.stake.anew => {
                return Some(Box::pin(self.keep_error(item, ttl)));
            }
            Verdict::Keep(item, ttl) | Verdict::KeepError(item, ttl) => {
                return self.keep(item, ttl);
            }
            Verdict::Share(object) => (Outcome::Value(object), self.unstored()),
            Verdict::Nothing => (Outcome::Nothing, self.unstored()),
            Verdict::Fail => (Outcome::Failed, PROVEN_FOR_ALL),
            Verdict::Private => (Outcome::Private, PROVEN_FOR_ALL),
        };
        self.hand_out(outcome, proof);
        None
    }

    fn hand_out(&mut self, outcome: Outcome, proof: u32) {
        // Before anybody is woken, who would find the lease held.
        self.give_back();
        if let Some(pilot) = self.pilot.take() {
            pilot.land(outcome, proof);
        }
    }

    /// Stores an error, unless there is something that it must not replace: only a call that computed
    /// in spite of it can find it.
    async fn keep_error(&mut self, item: Item, ttl: Option<Duration>) {
        if matches!(self.engine.read(&self.key).await, Ok(Some(_))) {
            let proof = self.unstored();
            self.hand_out(Outcome::Value(item.into_object()), proof);
        } else if let Some(rest) = self.keep(item, ttl) {
            rest.await;
        }
    }

    /// Stores a value and hands it out.
    ///
    /// Storing drops what it evicts: a `Drop` that calls this key runs through as well as the body.
    fn keep(&mut self, item: Item, ttl: Option<Duration>) -> Option<Rest<'_>> {
        let (lead, outcome) = (
            Change::Lead(self.id()),
            Outcome::Value(item.object().clone()),
        );
        match ambient::within_sync(lead, || self.store(item, ttl)) {
            Ok(proof) => {
                self.hand_out(outcome, proof);
                None
            }
            Err(late) => Some(Box::pin(self.keep_late(outcome, late))),
        }
    }

    async fn keep_late(&mut self, outcome: Outcome, (reply, joined): Late<'a>) {
        let lead = Change::Lead(self.id());
        let settled = async { self.settle(reply.await, joined) };
        let proof = ambient::within(lead, settled).await;
        self.hand_out(outcome, proof);
    }

    /// Stores under the lease; answers for whom the value is proven to be fresh.
    fn store(&mut self, item: Item, ttl: Option<Duration>) -> std::result::Result<u32, Late<'a>> {
        if self.is_void() {
            self.engine.note(EventKind::StalePrevented, &self.key);
            return Ok(self.unstored());
        }
        let Some(lease) = self.stake.lease else {
            return Ok(self.unstored());
        };
        let joined = self.joined();
        // Whose `Serialize` panics here still has its lease, and gives it back.
        let reply = self.engine.backend.store(&self.key, lease, item, ttl);
        self.drop_lease();
        let answer = reply.try_now().map_err(|reply| (reply, joined))?;
        Ok(self.settle(answer, joined))
    }

    /// Notes what became of the value, of which so many knew when it was sent.
    fn settle(&mut self, answer: Result<Stored>, joined: u32) -> u32 {
        match answer {
            Ok(Stored::Kept) => {
                self.engine.note_store(&self.key, self.stake.moment);
                if self.stake.anew {
                    self.engine.changes.note(self.key.id());
                }
                return self.proven(joined);
            }
            Ok(Stored::Lost | Stored::Moved) => {
                self.engine.note(EventKind::StalePrevented, &self.key);
            }
            Ok(Stored::Refused) => self.engine.note_refused(&self.key),
            Err(error) => self.engine.note_error(&self.key, &error),
        }
        self.unstored()
    }

    /// What was invalidated here is not stored, even where the store did not hear of it.
    fn is_void(&self) -> bool {
        let (stamp, moment) = (self.stake.stamp, self.stake.moment);
        !self.key.admits(stamp) || self.engine.pending.voids(&self.key, moment)
    }

    /// For whom a value is proven that the store did not confirm: those who had joined before the
    /// lease was asked for.
    fn unstored(&self) -> u32 {
        self.proven(self.stake.joined)
    }

    /// Another process may have invalidated, unseen, what was proven at a command: who joined
    /// after that command waits for another flight. In this process an invalidation detaches the
    /// flight instead, so that all who joined may have the value.
    fn proven(&self, joined: u32) -> u32 {
        if self.engine.profile.shared {
            joined
        } else {
            PROVEN_FOR_ALL
        }
    }

    /// How many have joined so far, where it matters.
    fn joined(&self) -> u32 {
        match &self.pilot {
            Some(pilot) if self.engine.profile.shared => pilot.joined(),
            _ => 0,
        }
    }

    /// The key among all caches of this process.
    #[inline]
    pub(crate) fn id(&self) -> LeadId {
        (self.engine.realm.id(), self.key.id())
    }

    fn drop_lease(&mut self) {
        if let Some(lease) = &self.stake.lease {
            if self.engine.is_remote() {
                self.engine.heart.let_go(lease.token);
            }
            self.stake.lease = None;
        }
    }

    /// Gives an unused lease back. A command is under way when it is called; its answer changes
    /// nothing.
    #[inline]
    fn give_back(&mut self) {
        if let Some(lease) = self.stake.lease {
            self.drop_lease();
            drop(self.engine.backend.release(&self.key, lease));
        }
    }
}

impl Drop for Lead<'_> {
    #[inline]
    fn drop(&mut self) {
        self.give_back();
    }
}
