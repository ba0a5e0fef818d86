//! Several who use one directory: nobody is in another's way for long, and nobody sees half of a change.

use std::fs::{self, File as Handle};
use std::thread;

use larder::backends::{Backend, File, Scope};
use larder::conformance::Keyring;
use larder::{Cache, Result, Ttl};

use crate::common::meanwhile;
use crate::place::Place;

#[test]
fn an_entry_that_is_written_over_is_never_missing() {
    let place = Place::new();
    let (writer, reader) = (place.cache(), place.cache());
    let (short, long) = (vec![1_u8; 10], vec![2_u8; 100]);
    writer.set("k", &short, 600).wait().unwrap();
    let write = || {
        writer.set("k", &long, 600).wait().unwrap();
        writer.set("k", &short, 600).wait().unwrap();
    };
    let read = |_: &u32| reader.get::<Vec<u8>>("k").wait().unwrap().is_none();
    let missed = meanwhile(1, write, || (0..50_000).filter(read).count());
    assert_eq!(missed, 0);
}

/// A process that was stopped in the middle of a look holds what it has locked. The thread here is many of
/// them.
#[test]
fn a_store_opens_although_others_were_stopped_while_they_looked_who_lives() {
    let place = Place::new();
    drop(place.open());
    let alive = place.path().join("alive");
    let held = std::sync::Mutex::new(Vec::new());
    let look = || {
        for found in fs::read_dir(&alive).into_iter().flatten().flatten() {
            if found.file_name().len() == 16
                && let Ok(file) = Handle::open(found.path())
                && file.try_lock_shared().is_ok()
            {
                held.lock().unwrap().push(file);
            }
        }
    };
    meanwhile(1, look, || (0..3_000).for_each(|_| drop(place.open())));
}

/// Each with a store of its own, in one entry.
fn compete(stores: usize, each: usize, run: impl Fn(&Cache) -> Result<()> + Sync) {
    let place = Place::new();
    let work = || {
        let cache = place.cache();
        let answers = (0..each).map(|_| run(&cache));
        answers.filter_map(Result::err).collect::<Vec<_>>()
    };
    let failed: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..stores).map(|_| scope.spawn(work)).collect();
        let failed = threads.into_iter().map(|thread| thread.join().unwrap());
        failed.flatten().collect()
    });
    let all = stores * each;
    assert!(
        failed.is_empty(),
        "{} of {all}: {}",
        failed.len(),
        failed[0]
    );
}

#[test]
fn all_who_count_in_one_entry_count() {
    compete(8, 1_000, |cache| cache.incr("n", 1).wait().map(drop));
}

#[test]
fn all_who_invalidate_one_entry_are_heard() {
    compete(4, 2_000, |cache| {
        drop(cache.set("n", &1_u64, 600).wait());
        cache.delete("n").wait().map(drop)
    });
}

fn uncompressed(place: &Place) -> File {
    let builder = File::builder(place.path()).compress_above(usize::MAX);
    builder.open().unwrap()
}

#[test]
fn an_invalidation_is_acknowledged_while_another_store_deals_with_a_large_entry() {
    let place = Place::new();
    let (mine, others) = (uncompressed(&place), uncompressed(&place));
    let keys = Keyring::new("p:");
    let put = |key: &str, item| {
        let key = keys.manual(key);
        let entries = vec![(key.key(), item)];
        mine.write_many(entries, None).wait().unwrap();
    };
    put("large", Keyring::item(&vec![7_u8; 60 << 20]));
    let shard = place.entry().parent().unwrap().to_owned();
    let entries = || fs::read_dir(&shard).unwrap().count();
    let mut names = (0..).map(|n| format!("n{n}"));
    // Another entry of the same folder.
    let before = entries();
    let is_beside = |name: &String| {
        put(name, Keyring::item(&1_u64));
        entries() > before
    };
    let beside = keys.manual(&names.find(is_beside).unwrap());
    let large = keys.manual("large");
    let add = || {
        let added = others.add(&large.key(), Keyring::item(&1_u64), None);
        assert!(!added.wait().unwrap(), "it is there");
    };
    let one = [beside.key()];
    let unheard = |_: &u32| mine.invalidate(&Scope::Entries(&one)).wait().is_err();
    let unheard = meanwhile(1, add, || (0..2_000).filter(unheard).count());
    assert_eq!(unheard, 0);
}

/// Not whole, and not short: it is not in the way of what is to be there.
#[test]
fn a_large_entry_that_is_damaged_is_not_there_to_who_adds_or_counts() {
    let place = Place::new();
    let cache = place.cache_by(|builder| builder.compress_above(usize::MAX));
    let large = vec![7_u8; 1 << 20];
    let damage = || {
        cache.set("k", &large, 600).wait().unwrap();
        let mut bytes = fs::read(place.entry()).unwrap();
        bytes[1 << 19] ^= 1;
        fs::write(place.entry(), bytes).unwrap();
    };
    damage();
    assert!(cache.add("k", &1_u64, 600).wait().unwrap());
    assert!(!cache.add("k", &1_u64, 600).wait().unwrap());
    damage();
    assert_eq!(cache.incr("k", 5).wait().unwrap(), 5);
    cache.set("k", &large, 600).wait().unwrap();
    assert!(cache.incr("k", 5).wait().is_err(), "no counter");
    assert!(cache.delete("k").wait().unwrap());
    assert!(!cache.delete("k").wait().unwrap());
}

#[test]
fn large_entries_are_not_read_on_the_thread_of_an_executor() {
    let place = Place::new();
    let store = uncompressed(&place);
    let keys = Keyring::new("p:");
    let keys: Vec<_> = (0..20).map(|n| keys.manual(&format!("n{n}"))).collect();
    let put = |item: larder::backends::Item| {
        let entries = keys.iter().map(|key| (key.key(), item.clone())).collect();
        store.write_many(entries, None).wait().unwrap();
    };
    let borrowed: Vec<_> = keys.iter().map(|key| key.key()).collect();
    // As in an executor: in no `wait`.
    put(Keyring::item(&1_u64));
    assert!(store.read_many(&borrowed).try_now().is_ok());
    put(Keyring::item(&vec![7_u8; 1 << 20]));
    let many = store.read_many(&borrowed).try_now().unwrap_err();
    let found = many.wait().unwrap();
    assert!(found.iter().all(Option::is_some));
    let one = store.read(&borrowed[0]).try_now().unwrap_err();
    assert!(one.wait().unwrap().is_some());
    let ttl = store.ttl(&borrowed[0]).try_now().unwrap_err();
    assert_eq!(ttl.wait().unwrap(), Ttl::Forever);
}
