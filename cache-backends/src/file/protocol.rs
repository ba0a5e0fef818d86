//! The freshness protocol over files: what must be one step happens under the lock of the entry's folder.
//!
//! User code has run before: values come as frames.

use std::io;
use std::time::Duration;

use larder_core::backend::{Acquired, Claim, Lease, Seen, Stored, Token, Versions};
use larder_core::clock::millis;
use larder_core::counter::{add, not_a_counter};
use larder_core::error::{Error, Result};
use larder_core::value::Item;

use super::entry::Known;
use super::failure::of_file;
use super::lease::Record;
use super::lock::Held;
use super::names::{Name, Names};
use super::record::Kind;
use super::shelves::Shelves;
use crate::payload::stamp;

/// A value on its way into a file.
pub(super) struct Packed {
    pub(super) frame: Vec<u8>,
    /// When it expires; the frame says it as well.
    pub(super) expires: u64,
}

impl Shelves {
    /// Packs a value that was set by hand.
    pub(super) fn pack(&self, item: &Item, ttl: Option<Duration>) -> Result<Packed> {
        let expires = self.time.end_of(ttl);
        let frame = self.limits.frame_of_set(item, expires)?;
        Ok(Packed { frame, expires })
    }

    pub(super) fn acquire(&self, names: &Names, claim: &Claim) -> Result<Acquired> {
        let alive = self.presence.keep();
        alive.map_err(|error| of_file("cannot make a sign of life", error))?;
        // Before the lock, as versions have their own: what was seen was read before the grant.
        let seen = self.ensure_versions(names, self.time.now())?;
        self.acquire_under(names, claim, seen)
    }

    /// Asks for the lease, after these versions were seen.
    fn acquire_under(&self, names: &Names, claim: &Claim, seen: Versions) -> Result<Acquired> {
        let hash = names.entry.hash;
        let held = if claim.steal || claim.anew {
            self.locks.lock(&self.folder, names.entry.shard())?
        } else {
            match self.lock_entry(names)? {
                Known::Absent(held) => held,
                Known::Short(_, entry) | Known::Long(entry) => {
                    return Ok(Acquired::Fresh(entry.kept));
                }
            }
        };
        if !claim.steal && self.is_computed(&held, names, seen)? {
            return Ok(Acquired::Held);
        }
        let lease = self.grant(hash, claim, seen);
        held.write_lease(lease, |other| self.is_timely(other))
            .map_err(no_register)?;
        Ok(Acquired::Granted(Lease {
            token: claim.token,
            seen: Seen::Versions(seen),
        }))
    }

    /// Whether somebody computes an entry under the versions in force, which are those that were seen or
    /// later ones: who comes late takes nothing from whoever has seen what has moved meanwhile.
    fn is_computed(&self, held: &Held<'_>, names: &Names, seen: Versions) -> Result<bool> {
        let place = held.lease(names.entry.hash).map_err(no_register)?;
        let lease = place.and_then(|place| place.lease);
        match lease.filter(|lease| self.is_held(lease)) {
            Some(lease) if lease.seen == seen => Ok(true),
            Some(lease) => Ok(self.versions(names)? == Some(lease.seen)),
            None => Ok(false),
        }
    }

    /// Stores what was computed under a lease. The frame carries the versions that its holder has seen: if
    /// one moves after it was compared, the entry is nobody's.
    pub(super) fn store(&self, names: &Names, lease: Lease, packed: Packed) -> Result<Stored> {
        let name = &names.entry;
        let seen = lease.seen.versions();
        let aside = self.aside(name, packed.frame, packed.expires);
        let held = self.locks.lock(&self.folder, name.shard())?;
        if self.compare_leases && lease_of(&held, name, lease.token)?.is_none() {
            return Ok(Stored::Lost);
        }
        let aside = match aside {
            Ok(aside) if self.lasting_versions(names, packed.expires)? == seen => aside,
            refused => {
                held.free_lease(name.hash).map_err(no_register)?;
                return refused.map(|_| Stored::Moved);
            }
        };
        let chores = self.put(&held, name, Kind::Entry, aside);
        held.free_lease(name.hash).map_err(no_register)?;
        drop(held);
        self.tidy(chores?);
        Ok(Stored::Kept)
    }

    pub(super) fn extend(&self, name: &Name, token: Token, by: Duration) -> Result<bool> {
        let held = self.locks.lock(&self.folder, name.shard())?;
        let Some(lease) = lease_of(&held, name, token)? else {
            return Ok(false);
        };
        let lease = self.prolonged(lease, millis(by));
        held.write_lease(lease, |other| self.is_timely(other))
            .map_err(no_register)?;
        Ok(true)
    }

    pub(super) fn release(&self, name: &Name, token: Token) -> Result<()> {
        let held = self.locks.lock(&self.folder, name.shard())?;
        if lease_of(&held, name, token)?.is_some() {
            held.free_lease(name.hash).map_err(no_register)?;
        }
        Ok(())
    }

    /// Forgets entries, with their leases; answers how many of them were in force. One that cannot be
    /// forgotten does not save the others.
    pub(super) fn forget(&self, entries: &[Names]) -> Result<u64> {
        let forgotten: Vec<_> = entries.iter().map(|names| self.forget_one(names)).collect();
        forgotten.into_iter().sum()
    }

    fn forget_one(&self, names: &Names) -> Result<u64> {
        let name = &names.entry;
        let folder = self.folder.shard(name.shard());
        let cannot = |error| of_file("cannot look into a folder of entries", error);
        if folder.map_err(cannot)?.is_none() {
            return Ok(0);
        }
        let held = self.locks.lock(&self.folder, name.shard())?;
        let present = self.is_there(names).unwrap_or(false);
        // The lease first: who stops in between has deleted nothing, and promised nothing.
        held.free_lease(name.hash).map_err(no_register)?;
        self.take(&held, name)?;
        Ok(u64::from(present))
    }

    /// Moves a version: everything that was written under it is nobody's from now on.
    pub(super) fn forget_version(&self, version: &Name) -> Result<u64> {
        self.move_version(version).map(|()| 0)
    }

    pub(super) fn set(&self, names: &Names, packed: Packed) -> Result<()> {
        self.write(names, packed, false).map(drop)
    }

    pub(super) fn add(&self, names: &Names, packed: Packed) -> Result<bool> {
        self.write(names, packed, true)
    }

    /// Writes what nobody computed; answers whether it did. Whoever computes the entry has lost his lease.
    fn write(&self, names: &Names, mut packed: Packed, only_if_absent: bool) -> Result<bool> {
        let name = &names.entry;
        let versions = self.ensure_versions(names, packed.expires)?;
        stamp(&mut packed.frame, versions, self.time.now());
        let aside = self.aside(name, packed.frame, packed.expires)?;
        let held = if only_if_absent {
            match self.lock_entry(names)? {
                Known::Absent(held) => held,
                Known::Short(..) | Known::Long(_) => return Ok(false),
            }
        } else {
            self.locks.lock(&self.folder, name.shard())?
        };
        held.free_lease(name.hash).map_err(no_register)?;
        let chores = self.put(&held, name, Kind::Entry, aside)?;
        drop(held);
        self.tidy(chores);
        Ok(true)
    }

    /// Adds to a counter. A sum goes on under the versions of the sum that it was made of: an invalidation
    /// between the look and the write voids both.
    pub(super) fn incr(&self, names: &Names, by: i64, ttl: Option<Duration>) -> Result<i64> {
        let name = &names.entry;
        let fresh = self.time.end_of(ttl);
        let versions = self.ensure_versions(names, fresh)?;
        let (held, count, expires, versions) = match self.lock_entry(names)? {
            Known::Absent(held) => (held, 0, fresh, versions),
            Known::Short(held, entry) => {
                let count = entry.kept.open::<i64>().ok_or_else(not_a_counter)?;
                (held, count, entry.expires, entry.versions)
            }
            Known::Long(_) => return Err(not_a_counter()),
        };
        let count = add(count, by)?;
        let mut frame = self.limits.frame_of_set(&Item::of(&count), expires)?;
        stamp(&mut frame, versions, self.time.now());
        let aside = self.aside(name, frame, expires)?;
        held.free_lease(name.hash).map_err(no_register)?;
        let chores = self.put(&held, name, Kind::Entry, aside)?;
        drop(held);
        self.tidy(chores);
        Ok(count)
    }
}

/// The lease of this token, if it is the one that there is.
fn lease_of(held: &Held<'_>, entry: &Name, token: Token) -> Result<Option<Record>> {
    let place = held.lease(entry.hash).map_err(no_register)?;
    let lease = place.and_then(|place| place.lease);
    Ok(lease.filter(|lease| lease.token == token))
}

fn no_register(error: io::Error) -> Error {
    of_file("cannot read or write a lease", error)
}

#[cfg(test)]
mod tests {
    use larder_core::conformance::Keyring;

    use super::*;
    use crate::file::File;
    use crate::payload::NONE;

    fn claim(token: u64) -> Claim {
        Claim {
            token: Token(token),
            anew: false,
            steal: false,
            lease: Duration::from_secs(5),
        }
    }

    /// Who has seen versions that moved before he comes to the lock takes nothing from those who know more:
    /// neither a lease nor what was stored under it.
    #[test]
    fn a_claim_that_is_late_takes_nothing() {
        let directory = std::env::temp_dir().join(format!("larder-late-{}", std::process::id()));
        let [late, others] = [(); 2].map(|()| File::open(&directory).unwrap());
        let (late, others) = (&late.shelves, &others.shelves);
        let keys = Keyring::new("r:");
        let names = Names::of(&keys.member("g", 1).key());
        let seen = late.ensure_versions(&names, 0).unwrap();
        let Acquired::Granted(_) = others.acquire(&names, &claim(1)).unwrap() else {
            panic!("nobody else has asked");
        };
        others
            .forget_version(names.group.as_ref().unwrap())
            .unwrap();
        let Acquired::Granted(lease) = others.acquire(&names, &claim(2)).unwrap() else {
            panic!("a lease from before an invalidation holds up those who come after it");
        };
        let late = || late.acquire_under(&names, &claim(3), seen).unwrap();
        assert!(matches!(late(), Acquired::Held));
        let mut packed = others.pack(&Keyring::item(&7_u64), None).unwrap();
        stamp(&mut packed.frame, lease.seen.versions().unwrap_or(NONE), 0);
        assert_eq!(others.store(&names, lease, packed).unwrap(), Stored::Kept);
        assert!(matches!(late(), Acquired::Fresh(_)));
        std::fs::remove_dir_all(directory).unwrap();
    }
}
