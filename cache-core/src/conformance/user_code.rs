//! Law 8 of `Backend`: values are cloned, dropped, encoded and decoded outside of locks.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::Duration;

use serde_core::ser::Error as _;
use serde_core::{Deserialize, Deserializer, Serialize, Serializer};

use super::bench::Bench;
use super::desk::Desk;
use super::keyring::{EntryKey, Keyring};
use super::law::laws;
use super::verdict::{answered, require, same};
use crate::backend::{Acquired, Lease, Scope};
use crate::value::Carrier;

laws! { UserCode:
    Any a_value_that_is_encoded_may_use_the_store,
    Keeping a_value_that_is_replaced_may_use_the_store,
    Keeping a_value_that_is_deleted_may_use_the_store,
    Keeping a_value_that_is_not_kept_may_use_the_store,
    Keeping a_value_that_panics_as_it_is_encoded_harms_nobody,
    Keeping a_value_that_cannot_be_encoded_frees_its_lease,
}

/// A value whose every hook uses the store that it is in: it hangs under a lock.
struct Meddler(u64);

/// What a hook does to the store.
type Meddle = Box<dyn Fn()>;

thread_local! {
    static MEDDLE: RefCell<Option<Meddle>> = const { RefCell::new(None) };
    static MEDDLING: Cell<bool> = const { Cell::new(false) };
    static PANICS: Cell<bool> = const { Cell::new(false) };
}

fn meddle() {
    if MEDDLING.replace(true) {
        return;
    }
    MEDDLE.with_borrow(|meddle| meddle.iter().for_each(|meddle| meddle()));
    MEDDLING.set(false);
}

impl Drop for Meddler {
    fn drop(&mut self) {
        meddle();
    }
}

impl Clone for Meddler {
    fn clone(&self) -> Self {
        meddle();
        Self(self.0)
    }
}

impl Serialize for Meddler {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if PANICS.get() {
            resume_unwind(Box::new("a panic on purpose"));
        }
        meddle();
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Meddler {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        meddle();
        u64::deserialize(deserializer).map(Self)
    }
}

/// From now on every hook on this thread reads and writes around the key.
fn meddle_with(desk: &Desk, lease: Lease) {
    let (backend, keys) = (Arc::downgrade(&desk.backend), desk.keys.clone());
    let meddle = move || {
        let Some(backend) = backend.upgrade() else {
            return;
        };
        let (key, beside) = (keys.manual("k"), keys.manual("beside"));
        let entry = || (beside.key(), Keyring::item(&1_u64));
        drop(backend.read(&key.key()).wait());
        drop(backend.read_many(&[key.key()]).wait());
        drop(backend.ttl(&key.key()).wait());
        drop(backend.release(&key.key(), lease).wait());
        drop(backend.write_many(vec![entry()], None).wait());
        drop(backend.invalidate(&Scope::Entries(&[beside.key()])).wait());
    };
    MEDDLE.set(Some(Box::new(meddle)));
}

/// A fresh store with a meddling value on every way in.
fn meddled(bench: &Bench) -> (Desk, EntryKey) {
    let desk = bench.desk();
    let key = desk.manual("k");
    // A lease that is over: giving it back is allowed at any time, and changes nothing.
    let lease = desk.steal(&key);
    desk.release(&key, lease);
    meddle_with(&desk, lease);
    (desk, key)
}

fn write(desk: &Desk, key: &EntryKey, ttl: Option<Duration>) {
    let entry = (key.key(), Keyring::item(&Meddler(7)));
    answered(
        desk.backend.write_many(vec![entry], ttl).wait(),
        "write_many",
    );
}

fn a_value_that_is_encoded_may_use_the_store(bench: &Bench) {
    let (desk, key) = meddled(bench);
    let item = || Keyring::item(&Meddler(7));
    write(&desk, &key, None);
    answered(desk.backend.add(&key.key(), item(), None).wait(), "add");
    let lease = desk.steal(&key);
    let stored = desk.backend.store(&key.key(), lease, item(), None);
    answered(stored.wait(), "store");
    for kept in answered(desk.backend.read_many(&[key.key()]).wait(), "read_many") {
        kept.and_then(|kept| Carrier::<Meddler>::shared().open(&kept));
    }
}

fn a_value_that_is_replaced_may_use_the_store(bench: &Bench) {
    let (desk, key) = meddled(bench);
    write(&desk, &key, None);
    write(&desk, &key, None);
    let lease = desk.steal(&key);
    desk.store(&key, lease, 1);
    write(&desk, &key, Some(desk.time.tick()));
    desk.time.pass(desk.time.tick());
    desk.incr(&key, 1);
    write(&desk, &key, Some(desk.time.tick()));
    desk.time.pass(desk.time.tick());
    desk.add(&key, 1);
    write(&desk, &key, None);
    desk.invalidate_all();
    desk.keep(&key, 1);
}

fn a_value_that_is_deleted_may_use_the_store(bench: &Bench) {
    let (desk, key) = meddled(bench);
    write(&desk, &key, None);
    desk.delete(&key);
    write(&desk, &key, Some(desk.time.tick()));
    desk.time.pass(desk.time.tick());
    desk.read(&key);
    desk.delete(&key);
    write(&desk, &key, None);
    desk.invalidate_all();
    desk.read(&key);
    desk.delete(&key);
}

fn a_value_that_is_not_kept_may_use_the_store(bench: &Bench) {
    let (desk, key) = meddled(bench);
    let item = || Keyring::item(&Meddler(7));
    let lost = desk.lease(&key);
    desk.delete(&key);
    answered(
        desk.backend.store(&key.key(), lost, item(), None).wait(),
        "store",
    );
    let moved = desk.lease(&key);
    desk.invalidate_all();
    answered(
        desk.backend.store(&key.key(), moved, item(), None).wait(),
        "store",
    );
    desk.write(&key, 1, None);
    answered(desk.backend.add(&key.key(), item(), None).wait(), "add");
    drop(desk.backend.incr(&key.key(), 1, None).wait());
}

fn a_value_that_panics_as_it_is_encoded_harms_nobody(bench: &Bench) {
    let desk = bench.desk();
    let key = desk.manual("k");
    let lease = desk.lease(&key);
    PANICS.set(true);
    let ways: [&dyn Fn(); 3] = [
        &|| write(&desk, &key, None),
        &|| {
            let item = Keyring::item(&Meddler(1));
            drop(desk.backend.add(&key.key(), item, None));
        },
        &|| {
            let item = Keyring::item(&Meddler(1));
            drop(desk.backend.store(&key.key(), lease, item, None));
        },
    ];
    for way in ways {
        // A store that keeps objects encodes nothing, and does not panic.
        let _ended = catch_unwind(AssertUnwindSafe(way));
    }
    PANICS.set(false);
    desk.delete(&key);
    let advice = "a panic in a value's own code leaves no lock poisoned and no key locked";
    desk.keep(&key, 1);
    same(
        &desk.read(&key),
        &Some(1),
        "`read` after a value panicked",
        advice,
    );
}

/// A value whose `Serialize` fails.
#[derive(Clone)]
struct Unspeakable;

impl Serialize for Unspeakable {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("an error on purpose"))
    }
}

impl<'de> Deserialize<'de> for Unspeakable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <()>::deserialize(deserializer).map(|()| Self)
    }
}

fn a_value_that_cannot_be_encoded_frees_its_lease(bench: &Bench) {
    let desk = bench.desk();
    let key = desk.manual("k");
    let lease = desk.lease(&key);
    let item = Keyring::item(&Unspeakable);
    // An error, unless the store keeps objects, and encodes nothing.
    drop(desk.backend.store(&key.key(), lease, item, None).wait());
    require(
        !matches!(desk.claim(&key, false), Acquired::Held),
        "`acquire` answered Held after `store` of a value that cannot be encoded",
        "a lease is gone after `store`, whatever that answers: nobody releases it any more, and \
         who asks next would wait for its end",
    );
}
