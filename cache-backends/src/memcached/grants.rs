//! The leases that this process holds.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use larder_core::backend::Token;

/// What a lease is worth in the server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Grant {
    /// What lies under the entry's key has this cas as long as the lease is in force.
    pub(super) cas: u64,
    /// An entry lies there, which stays until another is stored; the lease lies beside it.
    pub(super) beside: bool,
}

/// Who takes leases and never gives them back does not fill the process with them. Forgetting one costs
/// a miss.
const MOST: usize = 1 << 16;

/// The leases that this process holds, by their tokens.
#[derive(Debug, Default)]
pub(super) struct Grants(Mutex<HashMap<u64, Grant>>);

impl Grants {
    pub(super) fn add(&self, token: Token, grant: Grant) {
        let mut grants = self.lock();
        if grants.len() >= MOST {
            grants.clear();
        }
        grants.insert(token.0, grant);
    }

    pub(super) fn get(&self, token: Token) -> Option<Grant> {
        self.lock().get(&token.0).copied()
    }

    /// Changes a grant that was not taken meanwhile.
    pub(super) fn renew(&self, token: Token, grant: Grant) {
        if let Some(held) = self.lock().get_mut(&token.0) {
            *held = grant;
        }
    }

    pub(super) fn take(&self, token: Token) -> Option<Grant> {
        self.lock().remove(&token.0)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Grant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
