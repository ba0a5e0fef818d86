//! The atomic steps.

use crate::call;
use crate::command::Parcel;
use crate::delivery;
use crate::invalidation;
use crate::lead;
use crate::mishap;
use crate::protocol::Protocol;
use crate::server::Cell;
use crate::state::State;

/// One atomic step of a caller, a flight, an invalidator or a process, with its number, or of the server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    /// A call starts, by reading the store if it is not to compute anew.
    Start(usize),
    /// A waiter to whom a flight was not proven reads the store again.
    ReadAgain(usize),
    /// In a cluster: a call reads the entry and its group's version.
    ReadEntry(usize),
    /// In a cluster: a call reads everything's version.
    ReadAll(usize),
    /// A caller that missed boards the flight table.
    Board(usize),
    /// A waiter takes over the lead of its vacant flight.
    TakeOver(usize),
    /// A leader asks for the lease, for the first time or after it was held up.
    Ask(usize),
    /// A leader uses the entry that it was answered.
    Use(usize),
    /// A leader's body reads the source.
    Body(usize),
    /// A leader returns; its store is sent, or its flight lands.
    Finish(usize),
    /// The answer to a store arrives, and its flight lands.
    Land(usize),
    /// A command takes effect at the server.
    Deliver(Parcel),
    /// A dead holder's lease expires.
    ExpireDead,
    /// The user writes the source and invalidates: the command is sent.
    Invalidate(usize),
    /// The answer to an invalidation arrives.
    Acknowledged(usize),
    /// A leader or a waiter panics, or its future is dropped.
    Drop(usize),
    /// A process dies.
    Crash(usize),
    /// A leader that asked for the lease gets an error.
    CutAsk(usize),
    /// A flight's store gets an error.
    CutStore(usize),
    /// An invalidation gets an error.
    CutInvalidation(usize),
    /// A command is sent a second time.
    Resend(Parcel),
    /// A leader's lease expires.
    Expire,
    /// A key is evicted.
    Evict(Cell),
    /// All keys are lost.
    Flush,
    /// A leader extends its lease.
    Beat(usize),
    /// A leader that is held up computes without the lease.
    GiveUp(usize),
    /// A process has an unconfirmed invalidation tried again.
    TryAgain(usize),
}

impl Step {
    /// Takes the step.
    pub(crate) fn apply(self, state: &mut State, protocol: &Protocol) {
        match self {
            Self::Start(caller) => call::start(state, caller, protocol),
            Self::ReadAgain(caller) => call::read(state, caller, protocol),
            Self::ReadEntry(caller) => call::read_entry(state, caller, protocol),
            Self::ReadAll(caller) => call::read_all(state, caller, protocol),
            Self::Board(caller) => call::board(state, caller, protocol),
            Self::TakeOver(caller) => call::take_over(state, caller, protocol),
            Self::Ask(caller) => lead::ask(state, caller, protocol),
            Self::Use(caller) => lead::use_found(state, caller, protocol),
            Self::Body(caller) => lead::body(state, caller, protocol),
            Self::Finish(caller) => lead::finish(state, caller, protocol),
            Self::Land(flight) => lead::land(state, flight, protocol),
            Self::Deliver(parcel) => delivery::deliver(state, parcel, protocol),
            Self::Invalidate(it) => invalidation::call(state, it, protocol),
            Self::Acknowledged(it) => invalidation::acknowledged(state, it, protocol),
            other => other.go_wrong(state, protocol),
        }
    }

    fn go_wrong(self, state: &mut State, protocol: &Protocol) {
        match self {
            Self::Drop(caller) => mishap::drop_call(state, caller, protocol),
            Self::Crash(process) => mishap::crash(state, process, protocol),
            Self::CutAsk(caller) => mishap::cut_ask(state, caller),
            Self::CutStore(flight) => mishap::cut_store(state, flight, protocol),
            Self::CutInvalidation(it) => invalidation::cut(state, it, protocol),
            Self::Resend(parcel) => mishap::resend(state, parcel),
            Self::ExpireDead | Self::Expire => mishap::lose(state, Cell::Lease),
            Self::Evict(cell) => mishap::lose(state, cell),
            Self::Flush => mishap::flush(state),
            Self::Beat(caller) => mishap::beat(state, caller, protocol),
            Self::GiveUp(caller) => mishap::give_up(state, caller),
            Self::TryAgain(process) => invalidation::try_again(state, process, protocol),
            _ => {}
        }
        if let Some(fault) = self.fault() {
            state.spent.spend(fault, protocol.faults);
        }
    }
}
