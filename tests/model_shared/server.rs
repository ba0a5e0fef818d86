//! The server's row of the key: its entry, its lease, and the two versions that cover it.

use crate::command::{Claim, Draw};
use crate::entry::{Entry, Seen, matches};
use crate::invalidator::Kind;
use crate::lease::{Acquired, Held, Lease, Stored};
use crate::names::{Dice, Names};
use crate::protocol::Protocol;
use crate::rule::{Rule, Rules};

/// One of the row's keys, each of which may be evicted.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Cell {
    Entry,
    Lease,
    Group,
    All,
}

/// The row. Each method is one step of the server.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Server {
    pub(crate) entry: Option<Entry>,
    pub(crate) lease: Option<Held>,
    pub(crate) group: Option<u8>,
    pub(crate) all: Option<u8>,
    pub(crate) dice: Dice,
}

impl Server {
    /// A row that holds an entry.
    pub(crate) fn warm() -> Self {
        let mut server = Self::default();
        let (group, all) = (server.dice.group(), server.dice.all());
        server.group = Some(group);
        server.all = Some(all);
        let (version, seen) = (0, Seen { group, all });
        server.entry = Some(Entry { version, seen });
        server
    }

    /// The entry, if its group's version is in force.
    pub(crate) fn grouped_entry(&self, rules: Rules) -> Option<Entry> {
        let entry = self.entry?;
        matches(self.group, entry.seen.group, rules).then_some(entry)
    }

    /// Looks the key up: the entry, if it is valid.
    pub(crate) fn read(&self, rules: Rules) -> Option<Entry> {
        let entry = self.grouped_entry(rules)?;
        matches(self.all, entry.seen.all, rules).then_some(entry)
    }

    /// Asks for the lease.
    pub(crate) fn acquire(&mut self, claim: Claim, draw: Draw, protocol: &Protocol) -> Acquired {
        let rules = protocol.rules;
        let found = if protocol.cluster {
            self.grouped_entry(rules)
        } else {
            self.read(rules)
        };
        let entry = found.filter(|_| claim == Claim::Polite);
        let group = self.see_group(draw, rules);
        let all = (!protocol.cluster).then(|| self.see_all(draw, rules));
        let own = draw.token.is_some_and(|token| self.is_held_by(token));
        let granted = self.is_free(rules) || takes(claim, rules) || own;
        let needed = entry.is_none() && granted;
        let lease = needed.then(|| self.lease(draw, group, all));
        Acquired {
            entry,
            group,
            all,
            lease,
        }
    }

    /// Tells whether nobody holds a lease under the versions in force. Under others, its holder cannot store any more.
    pub(crate) fn is_free(&self, rules: Rules) -> bool {
        self.lease.is_none_or(|it| {
            let moved = it.all.is_some_and(|all| self.all != Some(all));
            let void = moved || self.group != Some(it.group);
            void && rules.hold(Rule::VoidLeaseHoldsNobodyUp)
        })
    }

    fn lease(&mut self, draw: Draw, group: u8, all: Option<u8>) -> Lease {
        let token = draw.token.unwrap_or_else(|| self.dice.token());
        self.lease = Some(Held { token, group, all });
        let rightful = true;
        Lease { token, rightful }
    }

    /// The versions, made if they are absent.
    pub(crate) fn see(&mut self, draw: Draw, rules: Rules) -> Seen {
        Seen {
            group: self.see_group(draw, rules),
            all: self.see_all(draw, rules),
        }
    }

    /// The group's version, made if it is absent.
    fn see_group(&mut self, draw: Draw, rules: Rules) -> u8 {
        let dice = &mut self.dice;
        let absent = || made(draw.group, || dice.group(), 0, rules);
        *self.group.get_or_insert_with(absent)
    }

    /// Everything's version, made if it is absent.
    pub(crate) fn see_all(&mut self, draw: Draw, rules: Rules) -> u8 {
        let dice = &mut self.dice;
        let absent = || made(draw.all, || dice.all(), 0, rules);
        *self.all.get_or_insert_with(absent)
    }

    /// Gives the lease back and writes the entry, if both are still allowed.
    pub(crate) fn store(&mut self, token: u8, entry: Entry, protocol: &Protocol) -> Stored {
        let compared = self.compare(token, entry, protocol);
        if compared != Stored::Lost {
            self.lease = None;
        }
        if compared == Stored::Kept {
            self.entry = Some(entry);
        }
        compared
    }

    /// What a store would come to.
    pub(crate) fn compare(&self, token: u8, entry: Entry, protocol: &Protocol) -> Stored {
        let rules = protocol.rules;
        if !self.is_held_by(token) && rules.hold(Rule::StoreComparesLease) {
            return Stored::Lost;
        }
        let group = matches(self.group, entry.seen.group, rules);
        let all = protocol.cluster || matches(self.all, entry.seen.all, rules);
        if !(group && all) && rules.hold(Rule::StoreComparesVersions) {
            return Stored::Moved;
        }
        Stored::Kept
    }

    /// Writes an entry, whatever is there.
    pub(crate) fn put(&mut self, version: u8, rules: Rules) {
        let seen = self.see(Draw::default(), rules);
        self.entry = Some(Entry { version, seen });
        self.lease = None;
    }

    /// Gives a lease back unused.
    pub(crate) fn release(&mut self, token: u8, rules: Rules) {
        if self.is_held_by(token) || !rules.hold(Rule::ReleaseComparesLease) {
            self.lease = None;
        }
    }

    /// Extends a lease. (When it would expire is nobody's business here.)
    pub(crate) fn extend(&mut self, lease: Held, rules: Rules) {
        if !rules.hold(Rule::BeatComparesLease) {
            self.lease = Some(lease);
        }
    }

    /// Tells whether the lease has this token.
    pub(crate) fn is_held_by(&self, token: u8) -> bool {
        self.lease.is_some_and(|it| it.token == token)
    }

    /// Takes an invalidation.
    pub(crate) fn invalidate(&mut self, kind: Kind, draw: Draw, rules: Rules) {
        let deletes = rules.hold(Rule::VersionIsDeleted);
        match kind {
            Kind::Entry => self.delete(rules),
            Kind::Group if deletes => self.group = None,
            Kind::All if deletes => self.all = None,
            Kind::Group => self.group = Some(self.next_group(draw, rules)),
            Kind::All => self.all = Some(self.next_all(draw, rules)),
        }
    }

    fn next_group(&mut self, draw: Draw, rules: Rules) -> u8 {
        let counted = self.group.map_or(1, |count| count + 1);
        made(draw.group, || self.dice.group(), counted, rules)
    }

    fn next_all(&mut self, draw: Draw, rules: Rules) -> u8 {
        let counted = self.all.map_or(1, |count| count + 1);
        made(draw.all, || self.dice.all(), counted, rules)
    }

    fn delete(&mut self, rules: Rules) {
        self.entry = None;
        if rules.hold(Rule::DeleteTakesLease) {
            self.lease = None;
        }
    }

    /// Loses a key.
    pub(crate) fn lose(&mut self, cell: Cell) {
        match cell {
            Cell::Entry => self.entry = None,
            Cell::Lease => self.lease = None,
            Cell::Group => self.group = None,
            Cell::All => self.all = None,
        }
    }

    /// Tells whether the key is there.
    pub(crate) fn has(&self, cell: Cell) -> bool {
        match cell {
            Cell::Entry => self.entry.is_some(),
            Cell::Lease => self.lease.is_some(),
            Cell::Group => self.group.is_some(),
            Cell::All => self.all.is_some(),
        }
    }

    pub(crate) fn rename(&mut self, names: &mut Names) {
        self.entry.iter_mut().for_each(|it| it.rename(names));
        self.lease.iter_mut().for_each(|it| it.rename(names));
        self.group.iter_mut().for_each(|it| names.group(it));
        self.all.iter_mut().for_each(|it| names.all(it));
    }
}

/// Tells whether a claim takes the lease from its holder.
fn takes(claim: Claim, rules: Rules) -> bool {
    match claim {
        Claim::Polite => !rules.hold(Rule::LeaseIsExclusive),
        Claim::PastEntry => !rules.hold(Rule::PastEntryIsNotPastLease),
        Claim::Steal => true,
    }
}

/// A version that was not there before: what was drawn, at the client or here.
fn made(drawn: Option<u8>, draw: impl FnOnce() -> u8, counted: u8, rules: Rules) -> u8 {
    if rules.hold(Rule::VersionsAreRandom) {
        drawn.unwrap_or_else(draw)
    } else {
        counted
    }
}
