//! What several processes on one store rely on: leases that all of them see, and that end.

use super::bench::{Bench, cache, prefix, together};
use super::desk::Desk;
use super::keyring::Keyring;
use super::law::laws;
use super::verdict::{answered, broken, require, same};
use crate::backend::{Acquired, Claim};
use crate::cache::Cache;

laws! { Sharing:
    Twins of_two_processes_one_is_granted_the_lease,
    Twins a_delete_in_another_process_wins_over_a_computation,
    Twins the_lease_of_a_process_that_died_ends,
    Twins two_processes_count_together,
}

const SHARED: &str = "leases are in the shared store, where every process sees them: a delete in one \
                      process removes the lease of a computation in another, and of all processes \
                      one computes. A store that cannot do that is for one process: excuse it with \
                      `Suite::without`, and say so to its users";

/// One cache in two processes, driven directly.
fn desks(bench: &Bench) -> [Desk; 2] {
    let (twins, time) = bench.twins();
    let keys = Keyring::new(&prefix());
    twins.map(|backend| Desk::new(backend.into(), keys.elsewhere(), time.clone()))
}

/// One cache in two processes.
fn caches(bench: &Bench) -> [Cache; 2] {
    let prefix = prefix();
    bench.twins().0.map(|backend| cache(backend, &prefix))
}

fn of_two_processes_one_is_granted_the_lease(bench: &Bench) {
    let desks = desks(bench);
    for round in 0..bench.rounds() {
        let granted = together(2, |number| {
            let desk = &desks[number];
            let key = desk.manual(&format!("k{round}"));
            matches!(desk.claim(&key, false), Acquired::Granted(_))
        });
        let count = granted.into_iter().filter(|granted| *granted).count();
        let what = "processes that claimed one key at once were granted the lease";
        require(
            count == 1,
            format_args!("{count} of 2 {what}, in round {round}"),
            SHARED,
        );
    }
}

fn a_delete_in_another_process_wins_over_a_computation(bench: &Bench) {
    let [one, two] = caches(bench);
    let compute = || {
        answered(two.delete("k").wait(), "delete");
        1_i64
    };
    one.get_or_compute_with("k", 60, compute).wait();
    for cache in [&one, &two] {
        let got = answered(cache.get::<i64>("k").wait(), "get");
        let what = "`get` after another process deleted the entry during the computation";
        same(&got, &None, what, SHARED);
    }
}

fn the_lease_of_a_process_that_died_ends(bench: &Bench) {
    let [dead, alive] = desks(bench);
    let lease = dead.time.tick();
    let claim = Claim {
        lease,
        ..Desk::new_claim(false)
    };
    let key = dead.manual("k");
    drop(dead.backend.acquire(&key.key(), claim).wait());
    drop(dead.backend);
    let key = alive.manual("k");
    // A server may count in seconds.
    let claims = (0..6).map(|_| {
        alive.time.pass(lease);
        alive.claim(&key, false)
    });
    let granted = |answer: &Acquired| matches!(answer, Acquired::Granted(_));
    require(
        claims.into_iter().any(|answer| granted(&answer)),
        "`acquire` answered Held long after the lease of a process that died was over",
        "honour a lease for `Claim::lease`, rounded up to what the store can tell, or for as long as its \
         process lives: otherwise nobody computes the key again",
    );
}

fn two_processes_count_together(bench: &Bench) {
    const CALLS: i64 = 250;
    let caches = caches(bench);
    let advice = "in `incr`, read, add and write in one step of the shared store: in one transaction \
                  that has the right to write from its beginning, or by the server's own command. \
                  If the store is for one process, excuse it with `Suite::without`";
    together(4, |number| {
        for _ in 0..CALLS {
            let sum = caches[number % 2].incr("k", 1).wait();
            let while_counting = |error| format!("`incr` while others count answered {error:?}");
            sum.unwrap_or_else(|error| broken(while_counting(error), advice));
        }
    });
    let sum = answered(caches[0].get("k").wait(), "get");
    let what = "`get` after 4 x 250 calls of `incr` in two processes";
    same(&sum, &Some(4 * CALLS), what, advice);
}
