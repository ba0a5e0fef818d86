//! Counters: entries that are added to.

use std::sync::Arc;
use std::time::Duration;

use larder_core::counter::{add, not_a_counter};
use larder_core::error::Result;
use larder_core::key::Key;

use super::{InProcess, OVERHEAD};
use crate::table::{Leftovers, Slot, Table};

impl<T: Table> InProcess<T> {
    /// Adds to a counter and answers its new value.
    pub(super) fn count(&self, key: &Key<'_>, by: i64, ttl: Option<Duration>) -> Result<i64> {
        let (before, mut out);
        let mut leases = self.lock(key);
        (before, out) = (self.slot(key), Leftovers::default());
        let counter = before
            .as_ref()
            .map(|slot| slot.object.downcast_ref::<i64>());
        let sum = match counter {
            None => by,
            Some(Some(sum)) => add(*sum, by)?,
            Some(None) => return Err(not_a_counter()),
        };
        leases.remove(&key.id());
        // A sum goes on under the stamp of the sum it was made of: an invalidation between the look
        // and the insertion voids both.
        let slot = Slot {
            object: Arc::new(sum),
            stamp: before
                .as_ref()
                .map_or_else(|| key.stamp(), |slot| slot.stamp),
            tags: before
                .as_ref()
                .map_or_else(|| key.tags().clone(), |slot| slot.tags.clone()),
            expires: before
                .as_ref()
                .map_or_else(|| self.expires(ttl), |slot| slot.expires),
            weight: size_of::<i64>() as u64 + OVERHEAD,
        };
        self.table.insert(key.id(), slot, &mut out);
        Ok(sum)
    }
}
