//! Law 3 of `Backend`, while a computation takes its time: leases are extended by their holders,
//! and an entry that will not do is computed anew by one.

use std::time::Duration;

use super::bench::Bench;
use super::desk::{Desk, LEASE, named};
use super::keyring::EntryKey;
use super::law::laws;
use super::verdict::{answered, broken, require, same};
use crate::backend::{Acquired, Claim, Lease, Stored};

laws! { Leases:
    Keeping an_extended_lease_stores,
    Keeping an_extended_lease_outlives_its_first_time,
    Keeping extending_a_lost_lease_brings_nothing_back,
    Keeping a_claim_that_computes_anew_overlooks_the_entry_and_not_the_lease,
}

const COMPARE: &str = "compare the token of the lease with the one that is held now: whoever has lost a \
                       lease neither extends it nor stores under it, and leaves the next one alone";

const EXTEND: &str = "in `extend`, compare the token of the lease with the one that is held now: \
                       extend and answer true only if it is the same";

fn an_extended_lease_stores(bench: &Bench) {
    let desk = bench.desk();
    let key = desk.manual("k");
    let lease = desk.lease(&key);
    let held = extend(&desk, &key, lease);
    same(&held, &true, "`extend` of a lease in force", EXTEND);
    let stored = desk.store(&key, lease, 1);
    same(&stored, &Stored::Kept, "`store` after `extend`", EXTEND);
    same(&desk.read(&key), &Some(1), "`read` after that", EXTEND);
}

fn an_extended_lease_outlives_its_first_time(bench: &Bench) {
    let desk = bench.desk();
    let key = desk.manual("k");
    // Shorter than what it is extended by, also for a store whose leases end by the clock it is given.
    let first = (2 * desk.time.tick()).min(LEASE / 2);
    let claim = Claim {
        lease: first,
        ..Desk::new_claim(false)
    };
    let Ok(Acquired::Granted(lease)) = desk.backend.acquire(&key.key(), claim).wait() else {
        broken("`acquire` of a free key granted nothing", "grant the lease")
    };
    extend(&desk, &key, lease);
    desk.time.pass(first);
    let advice = "let an extended lease live for the time that `extend` says, from then on";
    let other = desk.claim(&key, false);
    let held = matches!(other, Acquired::Held);
    require(
        held,
        format_args!(
            "a second `acquire` answered {} while an extended lease was held",
            named(&other)
        ),
        advice,
    );
    let stored = desk.store(&key, lease, 1);
    same(&stored, &Stored::Kept, "`store` under it", advice);
}

fn extending_a_lost_lease_brings_nothing_back(bench: &Bench) {
    let desk = bench.desk();
    let key = desk.manual("k");
    let lost = desk.lease(&key);
    desk.delete(&key);
    let held = extend(&desk, &key, lost);
    same(
        &held,
        &false,
        "`extend` of a lease that a delete has taken",
        EXTEND,
    );
    let next = desk.lease(&key);
    let held = extend(&desk, &key, lost);
    let what = "`extend` of a lost lease, while somebody else holds the next one,";
    same(&held, &false, what, EXTEND);
    let stored = desk.store(&key, lost, 1);
    same(
        &stored,
        &Stored::Lost,
        "`store` under the lost lease",
        COMPARE,
    );
    let stored = desk.store(&key, next, 2);
    same(
        &stored,
        &Stored::Kept,
        "`store` under the next lease",
        COMPARE,
    );
}

fn a_claim_that_computes_anew_overlooks_the_entry_and_not_the_lease(bench: &Bench) {
    let desk = bench.desk();
    let key = desk.manual("k");
    desk.keep(&key, 1);
    let anew = || Claim {
        anew: true,
        ..Desk::new_claim(false)
    };
    let claim = || answered(desk.backend.acquire(&key.key(), anew()).wait(), "acquire");
    let advice = "with `anew`, overlook the entry that there is, and nothing else: answer `Held` \
                  while somebody holds the lease";
    let Acquired::Granted(lease) = claim() else {
        broken(
            "`acquire` with `anew` of a kept entry granted nothing",
            advice,
        )
    };
    let second = claim();
    let held = matches!(second, Acquired::Held);
    let seen = format_args!("a second `acquire` with `anew` answered {}", named(&second));
    require(held, seen, advice);
    let stored = desk.store(&key, lease, 2);
    same(&stored, &Stored::Kept, "`store` under the first", advice);
    same(&desk.read(&key), &Some(2), "`read` after that", advice);
}

#[track_caller]
fn extend(desk: &Desk, key: &EntryKey, lease: Lease) -> bool {
    // By a clock that a law moves, longer than a lease that ends with a tick or two.
    let by: Duration = LEASE.max(4 * desk.time.tick());
    answered(desk.backend.extend(&key.key(), lease, by).wait(), "extend")
}
