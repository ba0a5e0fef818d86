//! Laws 1, 3, 4 and 5 of `Backend`: who may store, and when a command happens.

use std::thread;
use std::time::{Duration, Instant};

use super::bench::{Bench, together};
use super::desk::{Desk, named};
use super::keyring::{EntryKey, Keyring};
use super::law::laws;
use super::verdict::{answered, broken, require, same};
use crate::backend::{Acquired, Lease, Scope, Stored, Token};

laws! { Leases:
    Any a_grant_answers_the_token_of_its_claim,
    Keeping a_lease_is_exclusive,
    Keeping of_many_claims_at_once_one_is_granted,
    Keeping a_claim_on_a_kept_entry_answers_the_entry,
    Keeping a_claim_that_steals_is_granted,
    Keeping a_stolen_lease_does_not_store,
    Keeping a_released_lease_can_be_claimed_again,
    Keeping a_released_lease_does_not_store,
    Keeping releasing_a_lost_lease_frees_nothing,
    Keeping a_lease_stores_once,
    Keeping a_lease_that_was_never_granted_does_not_store,
    Keeping deleting_an_entry_deletes_its_lease,
    Keeping deleting_many_entries_deletes_their_leases,
    Keeping writing_an_entry_deletes_its_lease,
    Keeping adding_an_entry_deletes_its_lease,
    Keeping counting_deletes_the_lease,
    Keeping a_command_takes_effect_though_its_reply_is_dropped,
}

const COMPARE: &str = "in `store`, compare the token of the lease with the one that is held now; \
                       if it is another, or none, write nothing and answer `Lost`. Compare and \
                       write in one step";

fn a_grant_answers_the_token_of_its_claim(bench: &Bench) {
    let desk = bench.desk();
    let (key, claim) = (desk.manual("k"), Desk::new_claim(false));
    let answer = answered(desk.backend.acquire(&key.key(), claim).wait(), "acquire");
    let Acquired::Granted(lease) = answer else {
        broken(
            format_args!("`acquire` of a new key answered {}", named(&answer)),
            "without an entry in force and without a lease in force, grant the lease",
        )
    };
    let advice = "put the claim's own token into the lease: `store` is asked with it";
    same(
        &lease.token,
        &claim.token,
        "`acquire`, for the token,",
        advice,
    );
}

fn a_lease_is_exclusive(bench: &Bench) {
    let desk = bench.desk();
    let (key, other) = (desk.manual("k"), desk.manual("other"));
    desk.lease(&key);
    require_held(&desk, &key, "while the lease is held");
    desk.lease(&other);
}

#[track_caller]
fn require_held(desk: &Desk, key: &EntryKey, when: &str) {
    let answer = desk.claim(key, false);
    require(
        matches!(answer, Acquired::Held),
        format_args!("a second `acquire` answered {} {when}", named(&answer)),
        "answer `Held` as long as somebody has the lease: until its holder stores or releases it \
         (compare the token), the entry is deleted, written or invalidated, or its time is over",
    );
}

fn of_many_claims_at_once_one_is_granted(bench: &Bench) {
    let desk = bench.desk();
    for round in 0..bench.rounds() {
        let key = desk.manual(&format!("k{round}"));
        let claim = |_| matches!(desk.claim(&key, false), Acquired::Granted(_));
        let granted = together(4, claim).into_iter().filter(|granted| *granted);
        let granted = granted.count();
        require(
            granted == 1,
            format_args!("{granted} of 4 concurrent claims were granted, in round {round}"),
            "look for the lease and take it in one step: under one lock, or in one transaction",
        );
    }
}

fn a_claim_on_a_kept_entry_answers_the_entry(bench: &Bench) {
    let desk = bench.desk();
    let key = desk.manual("k");
    desk.keep(&key, 7);
    let answer = desk.claim(&key, false);
    require(
        matches!(&answer, Acquired::Fresh(kept) if super::desk::opened(kept) == 7),
        format_args!(
            "`acquire` of a key with an entry in force answered {}",
            named(&answer)
        ),
        "answer `Fresh` with the entry: somebody has stored it since the caller found nothing",
    );
}

fn a_claim_that_steals_is_granted(bench: &Bench) {
    let desk = bench.desk();
    let key = desk.manual("k");
    desk.lease(&key);
    let lease = desk.steal(&key);
    require_stored(&desk, &key, lease, 1);
    let lease = desk.steal(&key);
    require_stored(&desk, &key, lease, 2);
}

#[track_caller]
fn require_stored(desk: &Desk, key: &EntryKey, lease: Lease, value: i64) {
    let advice = "the lease is in force and nothing was invalidated: keep the value";
    same(
        &desk.store(key, lease, value),
        &Stored::Kept,
        "`store`",
        advice,
    );
    same(&desk.read(key), &Some(value), "`read` after it", advice);
}

/// What the lease computed is refused, and what is there stays.
#[track_caller]
fn require_lost(desk: &Desk, key: &EntryKey, lease: Lease, then: Option<i64>, when: &str) {
    let stored = desk.store(key, lease, -1);
    require(
        stored == Stored::Lost,
        format_args!("`store` under {when} answered {stored:?}, not Lost"),
        COMPARE,
    );
    let what = format_args!("`read` after a lost `store` under {when}");
    same(&desk.read(key), &then, what, COMPARE);
}

fn a_stolen_lease_does_not_store(bench: &Bench) {
    let desk = bench.desk();
    let key = desk.manual("k");
    let first = desk.lease(&key);
    let second = desk.steal(&key);
    require_lost(&desk, &key, first, None, "a lease that was stolen");
    require_stored(&desk, &key, second, 2);
}

fn a_released_lease_can_be_claimed_again(bench: &Bench) {
    let desk = bench.desk();
    let key = desk.manual("k");
    let lease = desk.lease(&key);
    desk.release(&key, lease);
    let lease = desk.lease(&key);
    require_stored(&desk, &key, lease, 1);
}

fn a_released_lease_does_not_store(bench: &Bench) {
    let desk = bench.desk();
    let key = desk.manual("k");
    let lease = desk.lease(&key);
    desk.release(&key, lease);
    require_lost(&desk, &key, lease, None, "a lease that was given back");
}

fn releasing_a_lost_lease_frees_nothing(bench: &Bench) {
    let desk = bench.desk();
    let key = desk.manual("k");
    let lost = desk.lease(&key);
    let held = desk.steal(&key);
    desk.release(&key, lost);
    require_held(&desk, &key, "after its former holder released it");
    require_stored(&desk, &key, held, 1);
    desk.release(&key, held);
    let advice = "`release` removes the lease of that token, never the entry";
    same(&desk.read(&key), &Some(1), "`read` after `release`", advice);
}

fn a_lease_stores_once(bench: &Bench) {
    let desk = bench.desk();
    let key = desk.manual("k");
    let lease = desk.lease(&key);
    require_stored(&desk, &key, lease, 1);
    require_lost(&desk, &key, lease, Some(1), "a lease that has stored");
}

fn a_lease_that_was_never_granted_does_not_store(bench: &Bench) {
    let desk = bench.desk();
    let key = desk.manual("k");
    let granted = desk.lease(&key);
    let forged = Lease {
        token: Token(granted.token.0 ^ 1),
        ..granted
    };
    require_lost(&desk, &key, forged, None, "a token that nobody holds");
    require_stored(&desk, &key, granted, 1);
}

const ONE_STEP: &str = "the value was computed before: whatever deletes or writes an entry removes \
                        its lease in the same step, and `store` writes nothing unless its lease \
                        is still there";

fn deleting_an_entry_deletes_its_lease(bench: &Bench) {
    let desk = bench.desk();
    let key = desk.manual("k");
    let lease = desk.lease(&key);
    desk.delete(&key);
    require_gone(&desk, &key, lease, None, "the delete");
}

/// A lease that was granted before does not store, and the next claim is granted.
#[track_caller]
fn require_gone(desk: &Desk, key: &EntryKey, lease: Lease, then: Option<i64>, what: &str) {
    let stored = desk.store(key, lease, -1);
    require(
        stored == Stored::Lost,
        format_args!("`store` under a lease granted before {what} answered {stored:?}, not Lost"),
        ONE_STEP,
    );
    let read = format_args!("`read` after {what} and a late `store`");
    same(&desk.read(key), &then, read, ONE_STEP);
    if then.is_none() {
        desk.keep(key, 3);
    }
}

fn deleting_many_entries_deletes_their_leases(bench: &Bench) {
    let desk = bench.desk();
    let keys: Vec<_> = (0..9).map(|n| desk.manual(&format!("k{n}"))).collect();
    let leases: Vec<_> = keys.iter().map(|key| desk.lease(key)).collect();
    let borrowed: Vec<_> = keys.iter().map(EntryKey::key).collect();
    desk.invalidate(&Scope::Entries(&borrowed));
    for (key, lease) in keys.iter().zip(leases) {
        require_gone(&desk, key, lease, None, "a delete of many");
    }
}

fn writing_an_entry_deletes_its_lease(bench: &Bench) {
    let desk = bench.desk();
    let key = desk.manual("k");
    let lease = desk.lease(&key);
    desk.write(&key, 5, None);
    require_gone(&desk, &key, lease, Some(5), "`write_many`");
}

fn adding_an_entry_deletes_its_lease(bench: &Bench) {
    let desk = bench.desk();
    let key = desk.manual("k");
    let lease = desk.lease(&key);
    let advice = "a lease is no entry: `add` succeeds while somebody computes";
    same(
        &desk.add(&key, 5),
        &true,
        "`add` while a lease is held",
        advice,
    );
    require_gone(&desk, &key, lease, Some(5), "`add`");
}

fn counting_deletes_the_lease(bench: &Bench) {
    let desk = bench.desk();
    let key = desk.manual("k");
    let lease = desk.lease(&key);
    desk.incr(&key, 5);
    require_gone(&desk, &key, lease, Some(5), "`incr`");
}

const NOT_LAZY: &str = "start the command when the method is called, not when the reply is polled: \
                        send it, or spawn it, before you make the `Reply`";

fn a_command_takes_effect_though_its_reply_is_dropped(bench: &Bench) {
    let desk = bench.desk();
    let (a, b, c) = (desk.manual("a"), desk.manual("b"), desk.manual("c"));
    let item = || Keyring::item(&1_i64);
    drop(desk.backend.write_many(vec![(a.key(), item())], None));
    eventually("`write_many`", || desk.read(&a) == Some(1));
    drop(desk.backend.invalidate(&Scope::Entries(&[a.key()])));
    eventually("`invalidate`", || desk.read(&a).is_none());
    drop(desk.backend.add(&a.key(), item(), None));
    eventually("`add`", || desk.read(&a) == Some(1));
    drop(desk.backend.incr(&a.key(), 2, None));
    eventually("`incr`", || desk.read(&a) == Some(3));
    let lease = desk.lease(&b);
    drop(desk.backend.store(&b.key(), lease, item(), None));
    eventually("`store`", || desk.read(&b) == Some(1));
    let lease = desk.lease(&c);
    drop(desk.backend.release(&c.key(), lease));
    eventually("`release`", || {
        matches!(desk.claim(&c, false), Acquired::Granted(_))
    });
}

/// Waits for the effect of a command whose reply was dropped.
#[track_caller]
fn eventually(command: &str, effect: impl Fn() -> bool) {
    let started = Instant::now();
    while !effect() {
        require(
            started.elapsed() < Duration::from_secs(10),
            format_args!("{command} had no effect after its reply was dropped"),
            NOT_LAZY,
        );
        thread::sleep(Duration::from_millis(1));
    }
}
