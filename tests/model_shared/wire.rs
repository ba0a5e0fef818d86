//! The wire: commands that have been sent and have not taken effect.

use crate::command::{Command, Parcel, To};
use crate::names::Names;

const MOST: usize = 8;

/// The commands on their way, in no order: each may overtake the others.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Wire([Option<Parcel>; MOST]);

impl Wire {
    /// The commands, each once if it is there twice.
    pub(crate) fn parcels(&self) -> impl Iterator<Item = Parcel> + '_ {
        let fresh = |at: &usize| *at == 0 || self.0[*at] != self.0[*at - 1];
        (0..MOST).filter(fresh).filter_map(|at| self.0[at])
    }

    /// Sends a command.
    pub(crate) fn send(&mut self, to: To, command: Command) {
        let free = self.0.iter_mut().find(|slot| slot.is_none());
        *free.expect("a model is small enough for its wire") = Some(Parcel { to, command });
    }

    /// Takes a command out.
    pub(crate) fn take(&mut self, parcel: Parcel) {
        let slot = self.0.iter_mut().find(|slot| **slot == Some(parcel));
        *slot.expect("only what is there takes effect") = None;
    }

    /// Gives up waiting for the answers. The commands stay on their way.
    pub(crate) fn abandon(&mut self, to: To) {
        self.redirect(to, To::Nobody);
    }

    /// Has the answers go elsewhere.
    pub(crate) fn redirect(&mut self, from: To, to: To) {
        for parcel in self.0.iter_mut().flatten() {
            if parcel.to == from {
                parcel.to = to;
            }
        }
    }

    /// Forgets the commands that change nothing, whenever they arrive.
    pub(crate) fn forget(&mut self, vain: impl Fn(Parcel) -> bool) {
        for slot in &mut self.0 {
            *slot = slot.filter(|parcel| !vain(*parcel));
        }
    }

    /// Puts the commands in order, so that equal situations are equal states.
    pub(crate) fn sort(&mut self) {
        self.0.sort_unstable();
    }

    pub(crate) fn rename(&mut self, names: &mut Names) {
        for parcel in self.0.iter_mut().flatten() {
            parcel.command.rename(names);
        }
    }
}
