//! Handles of values that are not small.
//!
//! A cell has the key in its words and the store's own handle of the value beside them. Who finds it borrows
//! the handle for as long as it takes to clone the value: no count that others share is written. (Handles
//! that may be replaced while they are borrowed: the crate `arc-swap`.)

use std::ops::Deref;
use std::sync::Arc;

use arc_swap::{ArcSwapOption, Guard};

use super::cells::{Cells, Written};
use super::sweep::Sweep;
use super::{Spot, Terms};
use crate::clock::Clock;
use crate::sip::Short;
use crate::value::Term;

/// Values of one type by their keys.
pub(super) struct Handles<T: Send + Sync + 'static> {
    clock: Clock,
    cells: Cells<WORDS, KEY_WORDS, ArcSwapOption<T>>,
}

/// With a handle, a cache line.
const WORDS: usize = 6;
const KEY_WORDS: usize = 4;

/// The handle of a value that a function remembers, as long as it is looked at.
pub(crate) struct Loan<T>(Guard<Option<Arc<T>>>);

impl<T> Deref for Loan<T> {
    type Target = Arc<T>;

    fn deref(&self) -> &Arc<T> {
        self.0.as_ref().expect("a loan is of a value")
    }
}

impl<T: Send + Sync + 'static> Handles<T> {
    pub(super) fn new(term: &Term) -> Self {
        Self {
            clock: term.clock.clone(),
            cells: Cells::new(),
        }
    }

    #[inline]
    pub(super) fn find(&self, key: &Short) -> Option<(Loan<T>, Terms)> {
        let now = self.clock.now();
        let (loan, terms) = self.cells.find(key, now, |cell, _| cell.beside().load())?;
        loan.is_some().then_some((Loan(loan), terms))
    }

    pub(super) fn put(&self, spot: &Spot<'_>, value: Arc<T>) {
        if !spot.key.fits(KEY_WORDS) {
            return;
        }
        let (written, now) = (Written::of::<KEY_WORDS>(spot, 0, &[]), self.clock.now());
        let put = |handle: &ArcSwapOption<T>| handle.swap(Some(value));
        let replaced = self.cells.put(spot.key, &written, now, put);
        // Not before others may use the cell: this may be the last handle of a value.
        drop(replaced);
    }
}

impl<T: Send + Sync + 'static> Sweep for Handles<T> {
    fn sweep(&self) -> bool {
        let now = self.clock.now();
        self.cells.sweep(now, |handle| handle.swap(None))
    }
}
