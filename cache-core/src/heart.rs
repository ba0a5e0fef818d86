//! Keeps leases alive while what they are for is computed.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_timer::Delay;

use crate::backend::{Backend, LEASE, Lease, Token};
use crate::background;
use crate::key::OwnedKey;
use crate::sync::{Mutex, lock};

/// At its first beat a lease is extended, before two thirds of it are over.
const BEAT: Duration = LEASE.checked_div(3).expect("three is not zero");

/// The leases that this process holds in a store that outlives it.
#[derive(Default)]
pub(crate) struct Heart(Mutex<Held>);

#[derive(Default)]
struct Held {
    leases: HashMap<Token, (OwnedKey, Lease)>,
    beating: bool,
}

impl Heart {
    /// Keeps a lease alive from now on.
    pub(crate) fn hold(self: &Arc<Self>, backend: &Arc<dyn Backend>, key: OwnedKey, lease: Lease) {
        let mut held = lock(&self.0);
        held.leases.insert(lease.token, (key, lease));
        if !std::mem::replace(&mut held.beating, true) {
            drop(held);
            background::finish(beat(Arc::downgrade(self), Arc::downgrade(backend)));
        }
    }

    /// Lets a lease go.
    pub(crate) fn let_go(&self, token: Token) {
        lock(&self.0).leases.remove(&token);
    }

    /// What is to be extended now; nothing ends the beating.
    fn held(&self) -> Vec<(OwnedKey, Lease)> {
        let mut held = lock(&self.0);
        held.beating = !held.leases.is_empty();
        held.leases.values().cloned().collect()
    }
}

/// Extends what is held, again and again, as long as there is anything.
async fn beat(heart: Weak<Heart>, backend: Weak<dyn Backend>) {
    loop {
        Delay::new(BEAT).await;
        let (Some(heart), Some(backend)) = (heart.upgrade(), backend.upgrade()) else {
            return;
        };
        let held = heart.held();
        if held.is_empty() {
            return;
        }
        for (key, lease) in held {
            // Under way when it is called: a lease that is lost is found out by `store`.
            drop(backend.extend(&key.key(), lease, LEASE));
        }
    }
}
