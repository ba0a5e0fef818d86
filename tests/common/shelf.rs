//! A store of bytes in this process that knows get, set and delete, and can be broken.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use larder::backends::{Plain, PlainStore};
use larder::{Cache, Clock, Error, ErrorKind, Result};

/// A handle: a clone is the same store.
#[derive(Clone, Default)]
pub(crate) struct Shelf(Arc<Inner>);

#[derive(Default)]
struct Inner {
    entries: Mutex<HashMap<String, Vec<u8>>>,
    cannot_read: AtomicBool,
    cannot_write: AtomicBool,
}

impl Shelf {
    /// A cache over this store.
    pub(crate) fn cache(&self, prefix: &str) -> Cache {
        self.timed_cache(prefix, Clock::coarse())
    }

    pub(crate) fn timed_cache(&self, prefix: &str, clock: Clock) -> Cache {
        Cache::builder()
            .backend(Plain::with_clock(self.clone(), clock))
            .key_prefix(prefix)
            .build()
            .expect("a right configuration")
    }

    pub(crate) fn break_reads(&self, broken: bool) {
        self.0.cannot_read.store(broken, Ordering::SeqCst);
    }

    pub(crate) fn break_writes(&self, broken: bool) {
        self.0.cannot_write.store(broken, Ordering::SeqCst);
    }

    pub(crate) fn break_all(&self, broken: bool) {
        self.break_reads(broken);
        self.break_writes(broken);
    }

    /// Every key, sorted.
    pub(crate) fn keys(&self) -> Vec<String> {
        let mut keys: Vec<_> = self.entries().keys().cloned().collect();
        keys.sort();
        keys
    }

    /// Changes the bytes under every key.
    pub(crate) fn spoil(&self, spoil: impl Fn(&str, &mut Vec<u8>)) {
        for (key, bytes) in self.entries().iter_mut() {
            spoil(key, bytes);
        }
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, HashMap<String, Vec<u8>>> {
        let entries = self.0.entries.lock();
        entries.unwrap_or_else(PoisonError::into_inner)
    }
}

fn refuse(broken: &AtomicBool) -> Result<()> {
    if broken.load(Ordering::SeqCst) {
        return Err(Error::new(ErrorKind::Unavailable, "the shelf is broken"));
    }
    Ok(())
}

impl PlainStore for Shelf {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        refuse(&self.0.cannot_read)?;
        Ok(self.entries().get(key).cloned())
    }

    fn set(&self, key: &str, bytes: &[u8], _: Option<Duration>) -> Result<()> {
        refuse(&self.0.cannot_write)?;
        self.entries().insert(key.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn delete(&self, key: &str) -> Result<()> {
        refuse(&self.0.cannot_write)?;
        self.entries().remove(key);
        Ok(())
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shelf")
    }
}
