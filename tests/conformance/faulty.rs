//! Stores with one fault each: the suite names the law that the fault breaks.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use larder::backends::{Acquired, Backend, Claim, Item, Kept, Key, Lease, Memory, Term};
use larder::backends::{Profile, Scope, Stored, Token};
use larder::conformance::Suite;
use larder::{Clock, Reply, Result, Ttl};

use super::{Map, Plain, new_memory};

/// What a store does wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    GrantsEveryClaim,
    KeepsTheLeaseOfADeletedEntry,
    DoesNotCompare,
    ForgetsGroups,
    IgnoresTimeouts,
    InvalidatesWhenPolled,
    AddOverwrites,
    CountsInTwoSteps,
    LocksAroundUserCode,
    ForgetsTheOrder,
    Nothing,
    HonoursLeasesForEver,
    ExtendsEveryLease,
    CountsIntoANewTimeout,
    KeepsTheLeaseOfWhatItCannotEncode,
    OverlooksTheLease,
    SeesVersionsAfterTheBody,
    TakesNamesForPatterns,
}

/// A good store with a fault.
#[derive(Debug)]
struct Faulty<B> {
    fault: Fault,
    inner: Arc<B>,
    tokens: Mutex<HashMap<u128, Token>>,
    busy: AtomicBool,
    gate: Mutex<()>,
}

impl<B> Faulty<B> {
    fn new(fault: Fault, inner: B) -> Self {
        Self {
            fault,
            inner: Arc::new(inner),
            tokens: Mutex::default(),
            busy: AtomicBool::new(false),
            gate: Mutex::new(()),
        }
    }

    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn ttl_of(&self, ttl: Option<Duration>) -> Option<Duration> {
        ttl.filter(|_| !self.is(Fault::IgnoresTimeouts))
    }

    fn tokens(&self) -> MutexGuard<'_, HashMap<u128, Token>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn gate(&self) -> Option<MutexGuard<'_, ()>> {
        let gate = || self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        self.is(Fault::LocksAroundUserCode).then(gate)
    }
}

impl<B: Backend> Faulty<B> {
    /// The lease under which a value is stored: taken again, if it is not compared, or if what it
    /// has seen is what is in force only now.
    fn lease_of(&self, key: &Key<'_>, lease: Lease) -> Lease {
        let held = |lease| self.inner.extend(key, lease, LEASE).wait();
        let late = self.is(Fault::SeesVersionsAfterTheBody) && matches!(held(lease), Ok(true));
        if !late && !self.is(Fault::OverlooksTheLease) {
            return lease;
        }
        match self.inner.acquire(key, stealing(lease.token)).wait() {
            Ok(Acquired::Granted(now)) if late => now,
            _ => lease,
        }
    }

    /// Counts in a good store, and writes the sum as if it were new.
    fn count_anew(&self, key: &Key<'_>, by: i64, ttl: Option<Duration>) -> Result<i64> {
        let sum = self.inner.incr(key, by, ttl).wait()?;
        let entry = vec![(*key, Item::of(&sum))];
        self.inner.write_many(entry, ttl).wait()?;
        Ok(sum)
    }

    /// Puts back the leases that a delete has taken with it.
    fn lease_again(&self, scope: &Scope<'_>) {
        let Scope::Entries(keys) = scope else { return };
        for key in *keys {
            let token = self.tokens().get(&key.id()).copied();
            if let Some(token) = token {
                drop(self.inner.acquire(key, stealing(token)));
            }
        }
    }
}

/// Longer than any test.
const LEASE: Duration = Duration::from_secs(60);

/// A claim that is granted whatever there is.
fn stealing(token: Token) -> Claim {
    Claim {
        token,
        anew: true,
        steal: true,
        lease: LEASE,
    }
}

impl<B: Backend> Backend for Faulty<B> {
    fn profile(&self) -> Profile {
        self.inner.profile()
    }

    fn read<'a>(&'a self, key: &Key<'_>) -> Reply<'a, Result<Option<Kept>>> {
        let _gate = self.gate();
        self.inner.read(key)
    }

    fn acquire<'a>(&'a self, key: &Key<'_>, mut claim: Claim) -> Reply<'a, Result<Acquired>> {
        self.tokens().insert(key.id(), claim.token);
        claim.steal |= self.is(Fault::GrantsEveryClaim);
        self.inner.acquire(key, claim)
    }

    fn store<'a>(
        &'a self,
        key: &Key<'_>,
        lease: Lease,
        item: Item,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<Stored>> {
        if self.is(Fault::DoesNotCompare) {
            let written = self.inner.write_many(vec![(*key, item)], ttl);
            return written.map(|written| written.map(|()| Stored::Kept));
        }
        if self.is(Fault::KeepsTheLeaseOfWhatItCannotEncode)
            && let Err(error) = item.encode(&mut Vec::new())
        {
            return Reply::now(Err(error));
        }
        let lease = self.lease_of(key, lease);
        self.inner.store(key, lease, item, self.ttl_of(ttl))
    }

    fn extend<'a>(&'a self, key: &Key<'_>, lease: Lease, by: Duration) -> Reply<'a, Result<bool>> {
        let extended = self.inner.extend(key, lease, by);
        let every = self.is(Fault::ExtendsEveryLease);
        extended.map(move |held| held.map(|held| held || every))
    }

    fn release<'a>(&'a self, key: &Key<'_>, lease: Lease) -> Reply<'a, Result<()>> {
        self.tokens().remove(&key.id());
        self.inner.release(key, lease)
    }

    fn invalidate<'a>(&'a self, scope: &Scope<'_>) -> Reply<'a, Result<u64>> {
        match (self.fault, scope) {
            (Fault::ForgetsGroups, Scope::Group(..)) => Reply::now(Ok(0)),
            (Fault::InvalidatesWhenPolled, Scope::Entries(keys)) => {
                // Nobody polls the reply of what was never sent.
                let sent = Reply::now(Ok(keys.len() as u64));
                Reply::later(sent)
            }
            (Fault::KeepsTheLeaseOfADeletedEntry, _) => {
                let reply = self.inner.invalidate(scope);
                self.lease_again(scope);
                reply
            }
            (Fault::TakesNamesForPatterns, Scope::Group(realm, group)) if group.name() == "*" => {
                self.inner.invalidate(&Scope::All(realm))
            }
            _ => self.inner.invalidate(scope),
        }
    }

    fn read_many<'a>(&'a self, keys: &[Key<'_>]) -> Reply<'a, Result<Vec<Option<Kept>>>> {
        let mut keys = keys.to_vec();
        if self.is(Fault::ForgetsTheOrder) {
            keys.sort_by_key(Key::id);
        }
        self.inner.read_many(&keys)
    }

    fn write_many<'a>(
        &'a self,
        entries: Vec<(Key<'_>, Item)>,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<()>> {
        let _gate = self.gate();
        self.inner.write_many(entries, self.ttl_of(ttl))
    }

    fn add<'a>(
        &'a self,
        key: &Key<'_>,
        item: Item,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<bool>> {
        if self.is(Fault::AddOverwrites) {
            drop(self.inner.invalidate(&Scope::Entries(&[*key])));
        }
        self.inner.add(key, item, self.ttl_of(ttl))
    }

    fn incr<'a>(&'a self, key: &Key<'_>, by: i64, ttl: Option<Duration>) -> Reply<'a, Result<i64>> {
        if self.is(Fault::CountsIntoANewTimeout) {
            return Reply::now(self.count_anew(key, by, ttl));
        }
        let busy = self.is(Fault::CountsInTwoSteps) && self.busy.swap(true, Ordering::SeqCst);
        thread::yield_now();
        let reply = self.inner.incr(key, if busy { 0 } else { by }, ttl);
        self.busy.store(false, Ordering::SeqCst);
        reply
    }

    fn term(&self, key: &Key<'_>, kept: &Kept) -> Option<Term> {
        self.inner.term(key, kept)
    }

    fn ttl<'a>(&'a self, key: &Key<'_>) -> Reply<'a, Result<Ttl>> {
        self.inner.ttl(key)
    }
}

/// The suite of a store with this fault.
fn suite(fault: Fault) -> Suite {
    let make = move |clock: Clock| -> Faulty<Memory> { Faulty::new(fault, new_memory(clock)) };
    Suite::new(make)
}

/// The law is broken, and its message says so and gives advice.
#[track_caller]
fn caught(suite: &Suite, law: &'static str) {
    let suite = suite.clone().law(law);
    let panic = catch_unwind(AssertUnwindSafe(|| suite.run())).expect_err("the fault is caught");
    let said = panic.downcast::<String>().expect("a message");
    for part in [
        "Faulty",
        &format!("law `{law}` is broken"),
        "seen: ",
        "advice: ",
    ] {
        assert!(said.contains(part), "no {part:?} in\n{said}");
    }
}

#[test]
fn a_store_that_grants_every_claim_is_caught() {
    let suite = suite(Fault::GrantsEveryClaim);
    caught(&suite, "a_lease_is_exclusive");
    caught(&suite, "of_many_claims_at_once_one_is_granted");
}

#[test]
fn a_delete_that_leaves_the_lease_is_caught() {
    let suite = suite(Fault::KeepsTheLeaseOfADeletedEntry);
    caught(&suite, "deleting_an_entry_deletes_its_lease");
    caught(&suite, "a_delete_during_a_computation_wins");
}

#[test]
fn a_store_that_does_not_compare_is_caught() {
    let suite = suite(Fault::DoesNotCompare);
    caught(&suite, "a_stolen_lease_does_not_store");
    caught(&suite, "a_lease_that_was_never_granted_does_not_store");
    caught(&suite, "an_invalidated_group_does_not_store");
    // A clear is compared by the engine as well; a delete by the store alone.
    caught(&suite, "a_delete_during_a_computation_wins");
}

#[test]
fn a_group_that_is_not_invalidated_is_caught() {
    let plain = |clock| Plain::with_clock(Map::default(), clock);
    let suite = Suite::new(move |clock| Faulty::new(Fault::ForgetsGroups, plain(clock)));
    caught(&suite, "an_invalidated_group_is_not_read_again");
    caught(&suite, "what_another_process_invalidates_is_gone");
}

#[test]
fn an_entry_that_outlives_its_timeout_is_caught() {
    let suite = suite(Fault::IgnoresTimeouts);
    caught(&suite, "an_entry_lives_until_its_timeout_and_no_longer");
    caught(&suite, "an_expired_entry_is_computed_again");
}

#[test]
fn a_command_that_waits_to_be_polled_is_caught() {
    let suite = suite(Fault::InvalidatesWhenPolled);
    caught(&suite, "a_command_takes_effect_though_its_reply_is_dropped");
}

#[test]
fn an_addition_that_overwrites_is_caught() {
    let suite = suite(Fault::AddOverwrites);
    caught(&suite, "adding_does_not_overwrite");
}

#[test]
fn a_counter_in_two_steps_is_caught() {
    let suite = suite(Fault::CountsInTwoSteps);
    caught(&suite, "counting_is_atomic");
}

#[test]
fn user_code_under_a_lock_is_caught() {
    let suite = suite(Fault::LocksAroundUserCode).patience(Duration::from_secs(3));
    caught(&suite, "a_value_that_is_replaced_may_use_the_store");
}

#[test]
fn answers_out_of_order_are_caught() {
    let suite = suite(Fault::ForgetsTheOrder);
    caught(&suite, "get_many_keeps_the_order_of_the_keys");
}

#[test]
fn a_counter_that_gets_a_new_timeout_is_caught() {
    let suite = suite(Fault::CountsIntoANewTimeout);
    caught(&suite, "a_counter_keeps_its_own_timeout");
}

#[test]
fn a_lease_that_anybody_may_extend_is_caught() {
    let suite = suite(Fault::ExtendsEveryLease);
    caught(&suite, "extending_a_lost_lease_brings_nothing_back");
}

#[test]
fn a_lease_that_is_left_when_encoding_fails_is_caught() {
    let plain = |clock| Plain::with_clock(Map::default(), clock);
    let fault = Fault::KeepsTheLeaseOfWhatItCannotEncode;
    let suite = Suite::new(move |clock| Faulty::new(fault, plain(clock)));
    caught(&suite, "a_value_that_cannot_be_encoded_frees_its_lease");
}

#[test]
fn a_name_that_is_taken_for_a_pattern_is_caught() {
    let plain = |clock| Plain::with_clock(Map::default(), clock);
    let suite = Suite::new(move |clock| Faulty::new(Fault::TakesNamesForPatterns, plain(clock)));
    caught(&suite, "a_group_may_have_any_name");
}

/// Two processes on one map, with the leases of each in it alone.
fn two_plain(fault: Fault) -> Suite {
    let faulty = move |map, clock| Faulty::new(fault, Plain::with_clock(map, clock));
    Suite::new(move |clock| faulty(Map::default(), clock)).shared_by(move |clock| {
        let map = Map::default();
        [faulty(map.clone(), clock.clone()), faulty(map, clock)]
    })
}

#[test]
fn leases_that_other_processes_do_not_see_are_caught() {
    let suite = two_plain(Fault::Nothing);
    caught(&suite, "of_two_processes_one_is_granted_the_lease");
    let law = "a_delete_in_another_process_wins_over_a_computation";
    caught(&suite, law);
}

#[test]
fn processes_that_count_apart_are_caught() {
    let suite = two_plain(Fault::CountsInTwoSteps);
    caught(&suite, "two_processes_count_together");
}

/// Leases in one process need no end: those of two that share them do.
#[test]
fn a_lease_without_end_is_caught() {
    let two = |clock| {
        let one = Faulty::new(Fault::HonoursLeasesForEver, new_memory(clock));
        let other = Faulty {
            inner: Arc::clone(&one.inner),
            ..Faulty::new(one.fault, new_memory(Clock::manual()))
        };
        [one, other]
    };
    let suite = suite(Fault::HonoursLeasesForEver).shared_by(two);
    caught(&suite, "the_lease_of_a_process_that_died_ends");
}

/// What the guide shows of two stores with a mistake is what the suite says.
#[test]
fn the_guide_has_the_messages_of_the_suite() {
    let guide = include_str!("../../docs/guide/11-your-own-store.md");
    let plain = |clock| Plain::with_clock(Map::default(), clock);
    for (fault, law) in [
        (
            Fault::OverlooksTheLease,
            "deleting_an_entry_deletes_its_lease",
        ),
        (
            Fault::SeesVersionsAfterTheBody,
            "an_invalidated_group_does_not_store",
        ),
    ] {
        let suite = Suite::new(move |clock| Faulty::new(fault, plain(clock))).law(law);
        let failures = suite.failures();
        let [failure] = &failures[..] else {
            panic!("{fault:?} breaks {law}");
        };
        let said = failure.to_string();
        assert!(guide.contains(&said), "not in the guide:\n{said}");
    }
}
