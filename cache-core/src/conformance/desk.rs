//! Drives a backend as a cache does, one command at a time.

use std::sync::Arc;
use std::time::Duration;

use super::keyring::{EntryKey, Keyring};
use super::time::Time;
use super::verdict::{answered, broken};
use crate::backend::{Acquired, Backend, Claim, Lease, Scope, Stored, Token};
use crate::key::Key;
use crate::random::random;
use crate::timeout::Ttl;
use crate::value::{Carrier, Kept};

/// A backend, the keys of one cache in one process, and time. Its values are numbers.
pub(super) struct Desk {
    pub(super) backend: Arc<dyn Backend>,
    pub(super) keys: Keyring,
    pub(super) time: Time,
}

/// Long enough for no law to outlive it.
pub(super) const LEASE: Duration = Duration::from_secs(60);

impl Desk {
    pub(super) fn new(backend: Arc<dyn Backend>, keys: Keyring, time: Time) -> Self {
        Self {
            backend,
            keys,
            time,
        }
    }

    /// The same cache in another process, if the store is one that processes share.
    pub(super) fn elsewhere(&self) -> Option<Self> {
        let shared = self.backend.profile().shared;
        let desk = || {
            Self::new(
                self.backend.clone(),
                self.keys.elsewhere(),
                self.time.clone(),
            )
        };
        shared.then(desk)
    }

    /// A manual key.
    pub(super) fn manual(&self, name: &str) -> EntryKey {
        self.keys.manual(name)
    }

    #[track_caller]
    pub(super) fn claim(&self, key: &EntryKey, steal: bool) -> Acquired {
        let claim = Self::new_claim(steal);
        answered(self.backend.acquire(&key.key(), claim).wait(), "acquire")
    }

    pub(super) fn new_claim(steal: bool) -> Claim {
        Claim {
            token: Token(random()),
            anew: steal,
            steal,
            lease: LEASE,
        }
    }

    /// Takes a lease that is free.
    #[track_caller]
    pub(super) fn lease(&self, key: &EntryKey) -> Lease {
        match self.claim(key, false) {
            Acquired::Granted(lease) => lease,
            Acquired::Held => broken(
                "`acquire` answered Held, but nobody holds a lease on the key",
                "a lease ends when its holder stores or releases, when the entry is deleted or \
                 written, when the group, a tag or everything is invalidated, and when its time \
                 is over: find out which of these leaves it behind",
            ),
            Acquired::Fresh(_) => broken(
                "`acquire` answered Fresh, but there is no entry in force: nothing was kept under \
                 the key, or it was deleted or invalidated, or it has expired",
                "`acquire` looks as `read` does; and nobody may have stored what was computed \
                 before a delete or an invalidation",
            ),
        }
    }

    /// Takes a lease whoever has it.
    #[track_caller]
    pub(super) fn steal(&self, key: &EntryKey) -> Lease {
        match self.claim(key, true) {
            Acquired::Granted(lease) => lease,
            other => broken(
                format_args!("`acquire` with `steal` answered {}", named(&other)),
                "a claim that steals is granted, whoever holds the lease and whatever is kept",
            ),
        }
    }

    #[track_caller]
    pub(super) fn store(&self, key: &EntryKey, lease: Lease, value: i64) -> Stored {
        let item = Keyring::item(&value);
        let reply = self.backend.store(&key.key(), lease, item, None);
        answered(reply.wait(), "store")
    }

    /// Computes and stores, as a call that misses does.
    #[track_caller]
    pub(super) fn keep(&self, key: &EntryKey, value: i64) {
        let lease = self.lease(key);
        let stored = self.store(key, lease, value);
        if stored != Stored::Kept {
            broken(
                format_args!("`store` under a lease in force answered {stored:?}"),
                "nothing was invalidated and the lease was not lost: keep the value",
            );
        }
    }

    #[track_caller]
    pub(super) fn release(&self, key: &EntryKey, lease: Lease) {
        answered(self.backend.release(&key.key(), lease).wait(), "release");
    }

    #[track_caller]
    pub(super) fn write(&self, key: &EntryKey, value: i64, ttl: Option<Duration>) {
        let entry = (key.key(), Keyring::item(&value));
        let reply = self.backend.write_many(vec![entry], ttl);
        answered(reply.wait(), "write_many");
    }

    #[track_caller]
    pub(super) fn add(&self, key: &EntryKey, value: i64) -> bool {
        let reply = self.backend.add(&key.key(), Keyring::item(&value), None);
        answered(reply.wait(), "add")
    }

    #[track_caller]
    pub(super) fn incr(&self, key: &EntryKey, by: i64) -> i64 {
        answered(self.backend.incr(&key.key(), by, None).wait(), "incr")
    }

    #[track_caller]
    pub(super) fn read(&self, key: &EntryKey) -> Option<i64> {
        let kept = answered(self.backend.read(&key.key()).wait(), "read");
        kept.map(|kept| opened(&kept))
    }

    #[track_caller]
    pub(super) fn read_many(&self, keys: &[&EntryKey]) -> Vec<Option<i64>> {
        let keys: Vec<Key<'_>> = keys.iter().map(|key| key.key()).collect();
        let kept = answered(self.backend.read_many(&keys).wait(), "read_many");
        let opened = |kept: Option<Kept>| kept.map(|kept| opened(&kept));
        kept.into_iter().map(opened).collect()
    }

    #[track_caller]
    pub(super) fn ttl(&self, key: &EntryKey) -> Ttl {
        answered(self.backend.ttl(&key.key()).wait(), "ttl")
    }

    #[track_caller]
    pub(super) fn delete(&self, key: &EntryKey) -> u64 {
        self.invalidate(&Scope::Entries(&[key.key()]))
    }

    #[track_caller]
    pub(super) fn invalidate(&self, scope: &Scope<'_>) -> u64 {
        answered(self.keys.invalidate(&*self.backend, scope), "invalidate")
    }

    #[track_caller]
    pub(super) fn invalidate_group(&self, name: &str) {
        let group = self.keys.group(name);
        self.invalidate(&self.keys.group_scope(&group));
    }

    #[track_caller]
    pub(super) fn invalidate_tag(&self, name: &str) {
        self.invalidate(&self.keys.tag_scope(name));
    }

    #[track_caller]
    pub(super) fn invalidate_all(&self) {
        self.invalidate(&self.keys.everything());
    }
}

/// An answer to a claim, by its name.
pub(super) fn named(answer: &Acquired) -> &'static str {
    match answer {
        Acquired::Granted(_) => "Granted",
        Acquired::Fresh(_) => "Fresh",
        Acquired::Held => "Held",
    }
}

/// Opens a number.
#[track_caller]
pub(super) fn opened(kept: &Kept) -> i64 {
    Carrier::<i64>::shared().open(kept).unwrap_or_else(|| {
        broken(
            format_args!("a kept `i64` came back as {kept:?}, which is no `i64`"),
            "keep the object as it is; or keep the bytes of `Item::encode` with \
             `Item::fingerprint`, and hand out exactly those two; a counter is an item of type \
             `i64` like any other",
        )
    })
}
