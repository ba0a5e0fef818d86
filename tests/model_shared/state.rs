//! A state of the model: the server, the wire, and where everybody is.

use crate::caller::{At, Caller};
use crate::command::{Command, Parcel, To};
use crate::fault::Spent;
use crate::flight::{Flight, Joined, Proof};
use crate::invalidator::Invalidator;
use crate::names::Names;
use crate::process::{PROCESSES, Process};
use crate::protocol::Protocol;
use crate::rule::{Rule, Rules};
use crate::server::Server;
use crate::wire::Wire;

/// The callers of the largest model. Each opens one flight at most, which has its number.
pub(crate) const CALLERS: usize = 4;
/// The invalidators of the largest model.
pub(crate) const INVALIDATORS: usize = 2;

/// Everything there is.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct State {
    /// The source's version, bumped by the user's writes.
    pub(crate) source: u8,
    /// The version that the invalidations that were acknowledged promise to later callers.
    pub(crate) promised: u8,
    pub(crate) server: Server,
    pub(crate) wire: Wire,
    pub(crate) processes: [Process; PROCESSES],
    pub(crate) flights: [Option<Flight>; CALLERS],
    /// The callers; each makes one call.
    pub(crate) callers: [Caller; CALLERS],
    /// The invalidators; each invalidates once.
    pub(crate) invalidators: [Invalidator; INVALIDATORS],
    /// What has gone wrong.
    pub(crate) spent: Spent,
}

impl State {
    /// The flight, which must be alive.
    pub(crate) fn flight(&mut self, flight: usize) -> &mut Flight {
        let flight = self.flights[flight].as_mut();
        flight.expect("a flight that somebody refers to is alive")
    }

    /// Ends a call with a version.
    pub(crate) fn end(&mut self, caller: usize, version: u8) {
        self.callers[caller] = self.callers[caller].ended(version);
    }

    /// The callers that wait for the flight.
    pub(crate) fn waiters(&self, flight: usize) -> impl Iterator<Item = usize> + use<> {
        let waits = self.callers.map(|it| it.at.waits_for() == Some(flight));
        (0..CALLERS).filter(move |&caller| waits[caller])
    }

    /// Notes for those who wait that a command is sent.
    pub(crate) fn mark(&mut self, flight: usize, joined: Joined) {
        for caller in &mut self.callers {
            if let At::Wait(of, before) = &mut caller.at
                && *of == flight
            {
                *before = joined.max(*before);
            }
        }
    }

    /// Takes a flight out of its process's table.
    fn remove(&mut self, flight: usize) {
        self.flights[flight] = None;
        for process in &mut self.processes {
            process.current = process.current.filter(|&current| current != flight);
        }
    }

    /// Ends a flight: those for whom its result is proven get it. The others go on to the next flight, which
    /// nobody leads yet; if it is proven for nobody they read again.
    pub(crate) fn land(&mut self, flight: usize, version: u8, proof: Proof) {
        for waiter in self.waiters(flight) {
            match self.callers[waiter].at {
                At::Wait(_, joined) if proof.admits(joined) => self.end(waiter, version),
                At::Wait(..) if proof == Proof::Nobody => self.callers[waiter].at = At::ReadAgain,
                _ => {}
            }
        }
        *self.flight(flight) = Flight::vacant();
        self.remove_if_deserted(flight);
    }

    /// Removes a flight that nobody leads if nobody waits for it.
    pub(crate) fn remove_if_deserted(&mut self, flight: usize) {
        let vacant = self.flight(flight).is_vacant();
        if vacant && self.waiters(flight).next().is_none() {
            self.remove(flight);
        }
    }

    /// Tells whether somebody still computes or stores under the lease.
    pub(crate) fn is_leased(&self) -> bool {
        let granted = self.callers.iter().filter_map(|it| it.at.token());
        let stored = self.flights.iter().flatten().filter_map(|it| it.token());
        let mut tokens = granted.chain(stored);
        self.server
            .lease
            .is_some_and(|lease| tokens.any(|it| it == lease.token))
    }

    /// Notes that no lease is of use any more: its holder is not the only one who may compute.
    pub(crate) fn lose_right(&mut self) {
        for caller in &mut self.callers {
            caller.at.lose_right();
        }
    }

    /// Tells whether every call is over.
    pub(crate) fn is_over(&self) -> bool {
        self.callers.iter().all(|caller| caller.at.is_over())
    }

    /// Forgets what cannot matter any more, so that equal situations are equal states.
    pub(crate) fn sweep(&mut self, protocol: &Protocol) {
        if self.is_over() {
            let (callers, invalidators) = (self.callers, [Invalidator::Over; INVALIDATORS]);
            *self = Self {
                callers,
                invalidators,
                ..Self::default()
            };
            return;
        }
        let enough = self.forget_promises();
        self.forget_strays(protocol.rules);
        let counted = !protocol.rules.hold(Rule::VersionsAreRandom);
        self.rename(&mut Names::new(enough, counted));
        self.wire.sort();
    }

    /// Forgets promises that nobody will start under; answers which version is new enough for all.
    fn forget_promises(&mut self) -> u8 {
        if self.callers.iter().any(|caller| caller.at == At::Idle) {
            return u8::MAX;
        }
        self.promised = 0;
        for process in &mut self.processes {
            process.own = 0;
        }
        let claims = self.callers.iter().map(Caller::claim);
        claims.max().unwrap_or(0)
    }

    /// Forgets the commands that nobody waits for and that change nothing, whenever they arrive.
    fn forget_strays(&mut self, rules: Rules) {
        let compared = [
            Rule::StoreComparesLease,
            Rule::ReleaseComparesLease,
            Rule::BeatComparesLease,
            Rule::TokenIsNewWhenSentAgain,
        ];
        if compared.iter().any(|&rule| !rules.hold(rule)) {
            return;
        }
        let server = self.server;
        self.wire.forget(|Parcel { to, command }| {
            to == To::Nobody
                && match command {
                    Command::Extend { .. } | Command::ProveAll { .. } => true,
                    Command::Store { token, .. } | Command::Release { token } => {
                        !server.is_held_by(token)
                    }
                    _ => false,
                }
        });
    }

    fn rename(&mut self, names: &mut Names) {
        names.source(&mut self.source);
        self.server.rename(names);
        self.callers.iter_mut().for_each(|it| it.rename(names));
        self.flights
            .iter_mut()
            .flatten()
            .for_each(|it| it.rename(names));
        let called = self.invalidators.iter_mut();
        called.for_each(|it| it.rename(names));
        self.wire.rename(names);
        self.server.dice = names.dice(self.server.dice);
    }
}
