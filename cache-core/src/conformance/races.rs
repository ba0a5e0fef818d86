//! What users see: many threads, one computation, and no value from before an invalidation.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;

use super::bench::{Bench, together};
use super::law::laws;
use super::verdict::{answered, require, same};
use crate::cache::Cache;

laws! { Races:
    Keeping many_threads_compute_one_key_once,
    Any a_delete_during_a_computation_wins,
    Any a_clear_during_a_computation_wins,
    Keeping a_set_during_a_computation_wins,
    Any a_delete_that_races_with_computations_is_never_lost,
    Any a_clear_that_races_with_computations_is_never_lost,
    Any a_panic_in_a_computation_leaves_the_cache_usable,
    Any a_dropped_computation_leaves_the_cache_usable,
    Keeping the_first_writes_of_many_threads_are_all_kept,
    Keeping a_reader_sees_whole_values_only,
    Any replies_may_be_waited_for_in_any_order,
}

const STALE: &str = "a value computed before an invalidation was kept after it: a delete removes the \
                     lease with the entry, and `store` writes only if its lease is still there and \
                     what the lease has seen is still in force";

fn many_threads_compute_one_key_once(bench: &Bench) {
    let (cache, _) = bench.cache();
    for round in 0..5 {
        let (key, runs) = (format!("k{round}"), AtomicUsize::new(0));
        let compute = || {
            runs.fetch_add(1, Ordering::SeqCst);
            thread::yield_now();
            7
        };
        let got = together(64, |_| cache.get_or_compute_with(&key, 60, compute).wait());
        let advice = "grant one lease at a time; `acquire` answers `Fresh` with an entry that was \
                      stored meanwhile";
        same(&got, &vec![7; 64], "64 calls", advice);
        let runs = runs.into_inner();
        same(
            &runs,
            &1,
            "64 calls of one key at once: the count of computations",
            advice,
        );
    }
}

fn a_delete_during_a_computation_wins(bench: &Bench) {
    wins(bench, "delete", |cache| {
        answered(cache.delete("k").wait(), "delete");
    });
}

fn a_clear_during_a_computation_wins(bench: &Bench) {
    wins(bench, "clear", |cache| {
        answered(cache.clear().wait(), "clear");
    });
}

/// The body itself invalidates, after it has read its source.
fn wins(bench: &Bench, what: &str, invalidate: impl Fn(&Cache) + Sync) {
    let (cache, _) = bench.cache();
    let compute = || {
        invalidate(&cache);
        1
    };
    let got = cache.get_or_compute_with("k", 60, compute).wait();
    same(
        &got,
        &1,
        "the call itself",
        "a call answers what it computed",
    );
    let got = answered(cache.get::<i32>("k").wait(), "get");
    let read = format_args!("`get` after a {what} during the computation");
    same(&got, &None, read, STALE);
    let got = cache.get_or_compute_with("k", 60, || 2).wait();
    same(&got, &2, "the next call", STALE);
}

fn a_set_during_a_computation_wins(bench: &Bench) {
    let (cache, _) = bench.cache();
    let compute = || {
        answered(cache.set("k", &5, 60).wait(), "set");
        1
    };
    cache.get_or_compute_with("k", 60, compute).wait();
    let got = answered(cache.get::<i32>("k").wait(), "get");
    let advice = "the older value came later: whatever writes an entry removes its lease in the \
                  same step";
    same(
        &got,
        &Some(5),
        "`get` after a `set` during the computation",
        advice,
    );
}

fn a_delete_that_races_with_computations_is_never_lost(bench: &Bench) {
    never_lost(bench, "delete", |cache| {
        answered(cache.delete("k").wait(), "delete");
    });
}

fn a_clear_that_races_with_computations_is_never_lost(bench: &Bench) {
    never_lost(bench, "clear", |cache| {
        answered(cache.clear().wait(), "clear");
    });
}

/// A source changes and is invalidated while three threads compute: a call that starts afterwards
/// gets what the source has then.
fn never_lost(bench: &Bench, what: &str, invalidate: impl Fn(&Cache) + Sync) {
    let (cache, _) = bench.cache();
    let source = AtomicU64::new(0);
    let look = || {
        let seen = source.load(Ordering::SeqCst);
        thread::yield_now();
        seen
    };
    let call = || cache.get_or_compute_with("k", 60, look).wait();
    for round in 1..=u64::from(bench.rounds()) {
        let got = together(4, |number| {
            if number > 0 {
                return call().max(round);
            }
            source.store(round, Ordering::SeqCst);
            invalidate(&cache);
            call()
        });
        for (when, got) in [("at once", got[0]), ("when all calls had ended,", call())] {
            require(
                got == round,
                format_args!(
                    "the source went from {} to {round}, then came a {what}; a call that started \
                     {when} afterwards was answered {got}",
                    round - 1
                ),
                STALE,
            );
        }
    }
}

fn a_panic_in_a_computation_leaves_the_cache_usable(bench: &Bench) {
    let (cache, _) = bench.cache();
    let fails = || -> i32 { resume_unwind(Box::new("a panic on purpose")) };
    let advice = "`release` frees the lease of a computation that did not end";
    for round in 0..5 {
        let call = || cache.get_or_compute_with("k", 60, fails).wait();
        let ended = catch_unwind(AssertUnwindSafe(call));
        require(ended.is_err(), "a panic did not reach its caller", advice);
        let got = cache.get_or_compute_with("k", 60, || round).wait();
        same(&got, &round, "the call after a panic", advice);
        let again = cache.get_or_compute_with("k", 60, || round).wait();
        same(&again, &round, "the call after that", advice);
        answered(cache.delete("k").wait(), "delete");
    }
}

fn a_dropped_computation_leaves_the_cache_usable(bench: &Bench) {
    let (cache, _) = bench.cache();
    let mut computing = pin!(cache.get_or_compute("k", 60, std::future::pending::<i32>()));
    let mut context = Context::from_waker(Waker::noop());
    let polled = computing.as_mut().poll(&mut context);
    let advice = "`release` frees the lease of a computation that did not end";
    let pending = polled == Poll::Pending;
    require(pending, "a computation without end ended", advice);
    computing.set(cache.get_or_compute("other", 60, std::future::pending()));
    let got = cache.get_or_compute_with("k", 60, || 2).wait();
    same(&got, &2, "the call after a dropped one", advice);
}

/// A store that makes its control keys at the first write makes them once.
fn the_first_writes_of_many_threads_are_all_kept(bench: &Bench) {
    for round in 0..bench.rounds() {
        let (cache, _) = bench.cache();
        together(4, |number| {
            answered(cache.set(format!("k{number}"), &number, 60).wait(), "set");
        });
        let keys = (0..4).map(|number| format!("k{number}"));
        let got = answered(cache.get_many::<usize, _>(keys).wait(), "get_many");
        same(
            &got,
            &(0..4).map(Some).collect(),
            format_args!("`get_many` after the first four writes, in round {round},"),
            "make a version that is absent in one step: set it if it is absent, and use what is \
             there then; a second one would void what was written under the first",
        );
    }
}

fn a_reader_sees_whole_values_only(bench: &Bench) {
    let (cache, _) = bench.cache();
    let texts = ["a".repeat(5_000), "b".repeat(9_000), "c".repeat(100)];
    together(4, |number| {
        for round in 0..bench.rounds() as usize {
            if number < 2 {
                let text = &texts[(round + number) % texts.len()];
                answered(cache.set("k", text, 60).wait(), "set");
                continue;
            }
            let got = answered(cache.get::<String>("k").wait(), "get");
            require(
                got.as_ref().is_none_or(|got| texts.contains(got)),
                "`get` during writes answered a text that nobody wrote",
                "replace an entry in one step: write aside and rename",
            );
        }
    });
    let errors = cache.stats().errors;
    let advice = "replace an entry in one step: write aside and rename";
    same(
        &errors,
        &0,
        "the count of values that could not be read",
        advice,
    );
}

/// What was begun and is not waited for holds up nothing that was begun after it.
fn replies_may_be_waited_for_in_any_order(bench: &Bench) {
    let (cache, _) = bench.cache();
    for begun_first in 0..6 {
        let replies = [
            cache.set("k", &1, 60),
            cache.delete("k").map(|deleted| deleted.map(drop)),
            cache.incr("n", 1).map(|count| count.map(drop)),
            cache.clear(),
            cache.delete("n").map(|deleted| deleted.map(drop)),
            cache.set("k", &2, 60),
        ];
        let mut replies: Vec<_> = replies.into_iter().collect();
        replies.rotate_left(begun_first);
        for reply in replies.into_iter().rev() {
            answered(reply.wait(), "one of six commands");
        }
    }
}
