//! What users see: several caches on one store.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::bench::{Bench, cache, prefix, together};
use super::law::laws;
use super::verdict::{answered, require, same};
use crate::cache::Cache;

laws! { Sharing:
    Twins two_prefixes_never_see_each_other,
    Twins clear_empties_one_prefix_and_not_its_neighbour,
    Twins two_processes_see_each_others_entries,
    Twins a_clear_in_another_process_wins_over_a_computation,
    Twins a_clear_in_another_process_is_never_lost,
    Twins two_processes_start_together,
}

const APART: &str = "look entries up by `Key::text`, which starts with the prefix, or keep the \
                     caches apart in another way: `Key::id` is unique within one cache only";

const VERSIONS: &str = "the versions of a group and of everything are in the shared store, not in \
                        the process: random, made once if absent, compared by `store` and by \
                        every look";

const ONE_PREFIX: &str = "`Scope::All` is one prefix: delete or replace the version under \
                          `Scope::version_text`, and nothing of the neighbours'";

/// Two caches over one store, whose prefixes begin alike.
fn neighbours(bench: &Bench) -> [Cache; 2] {
    let ([one, two], _) = bench.twins();
    let prefix = prefix();
    [cache(one, &prefix), cache(two, &format!("{prefix}b:"))]
}

/// One cache in two processes.
fn processes(bench: &Bench) -> [Cache; 2] {
    let (twins, _) = bench.twins();
    let prefix = prefix();
    twins.map(|backend| cache(backend, &prefix))
}

#[track_caller]
fn set(cache: &Cache, key: &str, value: i64) {
    answered(cache.set(key, &value, 60).wait(), "set");
}

#[track_caller]
fn get(cache: &Cache, key: &str) -> Option<i64> {
    answered(cache.get(key).wait(), "get")
}

fn two_prefixes_never_see_each_other(bench: &Bench) {
    let [one, two] = neighbours(bench);
    set(&one, "k", 1);
    set(&one, "b:k", 1);
    same(&get(&two, "k"), &None, "`get` under another prefix", APART);
    let added = answered(two.add("k", &2_i64, 60).wait(), "add");
    same(&added, &true, "`add` under another prefix", APART);
    let sum = answered(two.incr("counter", 1).wait(), "incr");
    same(&sum, &1, "`incr` under one prefix", APART);
    let sum = answered(one.incr("counter", 1).wait(), "incr");
    same(&sum, &1, "`incr` under the other", APART);
    answered(two.delete("k").wait(), "delete");
    same(
        &get(&one, "k"),
        &Some(1),
        "`get` after the neighbour's `delete`",
        APART,
    );
}

fn clear_empties_one_prefix_and_not_its_neighbour(bench: &Bench) {
    let [one, two] = neighbours(bench);
    set(&one, "k", 1);
    set(&two, "k", 2);
    answered(one.clear().wait(), "clear");
    same(&get(&one, "k"), &None, "`get` after `clear`", ONE_PREFIX);
    same(
        &get(&two, "k"),
        &Some(2),
        "`get` after the neighbour's `clear`",
        ONE_PREFIX,
    );
    set(&one, "k", 3);
    answered(two.clear().wait(), "clear");
    same(
        &get(&one, "k"),
        &Some(3),
        "`get` after the neighbour's `clear`",
        ONE_PREFIX,
    );
}

fn two_processes_see_each_others_entries(bench: &Bench) {
    let [one, two] = processes(bench);
    let advice = "the same prefix and the same key are the same entry, in every process";
    set(&one, "k", 1);
    same(
        &get(&two, "k"),
        &Some(1),
        "`get` in another process",
        advice,
    );
    let got = two.get_or_compute_with("k", 60, || 2_i64).wait();
    same(&got, &1, "a call in another process", advice);
    answered(two.delete("k").wait(), "delete");
    same(
        &get(&one, "k"),
        &None,
        "`get` after the other's `delete`",
        advice,
    );
    set(&one, "k", 3);
    answered(two.clear().wait(), "clear");
    same(
        &get(&one, "k"),
        &None,
        "`get` after the other's `clear`",
        advice,
    );
    set(&two, "k", 4);
    same(&get(&one, "k"), &Some(4), "`get` after that", advice);
}

fn a_clear_in_another_process_wins_over_a_computation(bench: &Bench) {
    let [one, two] = processes(bench);
    let compute = || {
        answered(two.clear().wait(), "clear");
        1_i64
    };
    one.get_or_compute_with("k", 60, compute).wait();
    for cache in [&one, &two] {
        let what = "`get` after another process cleared during the computation";
        same(&get(cache, "k"), &None, what, VERSIONS);
    }
}

fn a_clear_in_another_process_is_never_lost(bench: &Bench) {
    let caches = processes(bench);
    let source = AtomicU64::new(0);
    let look = || {
        let seen = source.load(Ordering::SeqCst);
        thread::yield_now();
        seen
    };
    let call = |cache: &Cache| cache.get_or_compute_with("k", 60, look).wait();
    for round in 1..=u64::from(bench.rounds()) {
        together(4, |number| {
            if number > 0 {
                call(&caches[number % 2]);
                return;
            }
            source.store(round, Ordering::SeqCst);
            answered(caches[0].clear().wait(), "clear");
        });
        for cache in &caches {
            let got = call(cache);
            require(
                got == round,
                format_args!(
                    "the source went from {} to {round}, then one process cleared; a call that \
                     started afterwards was answered {got}",
                    round - 1
                ),
                VERSIONS,
            );
        }
    }
}

/// Whatever both make at their first write: afterwards each keeps what it is given.
fn two_processes_start_together(bench: &Bench) {
    for round in 0..bench.rounds() {
        let caches = processes(bench);
        together(2, |number| set(&caches[number], "k", 1));
        for (cache, value) in caches.iter().zip([2, 3]) {
            set(cache, "k", value);
            let what = format_args!("`get` after both had started, in round {round},");
            same(&get(cache, "k"), &Some(value), what, VERSIONS);
        }
    }
}
