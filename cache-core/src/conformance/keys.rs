//! What users see: the operations on manual keys.

use super::bench::{Bench, together};
use super::law::laws;
use super::verdict::{answered, broken, require, same};
use crate::cache::Cache;
use crate::error::ErrorKind;

laws! { Keys:
    Any deleting_an_absent_key_is_no_error,
    Any operations_on_no_keys_are_no_errors,
    Keeping adding_does_not_overwrite,
    Keeping of_many_additions_at_once_one_succeeds,
    Keeping has_follows_set_and_delete,
    Keeping delete_says_whether_there_was_an_entry,
    Keeping delete_many_removes_those_that_are_there,
    Keeping get_many_keeps_the_order_of_the_keys,
    Keeping set_many_writes_every_entry,
    Keeping a_counter_counts_up_and_down,
    Keeping what_is_no_counter_is_not_counted,
    Keeping a_sum_that_does_not_fit_is_an_error,
    Keeping counting_is_atomic,
    Keeping clear_empties_the_cache_and_leaves_it_usable,
}

fn deleting_an_absent_key_is_no_error(bench: &Bench) {
    let (cache, _) = bench.cache();
    let advice = "what is not there is deleted already: count 0";
    let deleted = answered(cache.delete("k").wait(), "delete");
    same(&deleted, &false, "`delete` of an absent key", advice);
    let deleted = answered(cache.delete_many(["a", "b"]).wait(), "delete_many");
    same(&deleted, &0, "`delete_many` of absent keys", advice);
    answered(cache.clear().wait(), "clear");
}

fn operations_on_no_keys_are_no_errors(bench: &Bench) {
    let (cache, _) = bench.cache();
    let none: [&str; 0] = [];
    let advice = "no keys are no work: some servers refuse a command without keys";
    let got = answered(cache.get_many::<u64, _>(none).wait(), "get_many");
    same(&got, &vec![], "`get_many` of no keys", advice);
    let deleted = answered(cache.delete_many(none).wait(), "delete_many");
    same(&deleted, &0, "`delete_many` of no keys", advice);
    let entries: [(&str, &u64); 0] = [];
    answered(cache.set_many(entries, 60).wait(), "set_many");
}

#[track_caller]
fn set(cache: &Cache, key: &str, value: i64) {
    answered(cache.set(key, &value, 60).wait(), "set");
}

#[track_caller]
fn get(cache: &Cache, key: &str) -> Option<i64> {
    answered(cache.get(key).wait(), "get")
}

fn adding_does_not_overwrite(bench: &Bench) {
    let (cache, _) = bench.cache();
    let advice = "`add` writes only where there is no entry in force, and says whether it did";
    let add = |value: i64| answered(cache.add("k", &value, 60).wait(), "add");
    same(&add(1), &true, "`add` of an absent key", advice);
    same(&add(2), &false, "`add` of a present key", advice);
    same(&get(&cache, "k"), &Some(1), "`get` after both", advice);
    answered(cache.delete("k").wait(), "delete");
    same(&add(3), &true, "`add` of a deleted key", advice);
    same(&get(&cache, "k"), &Some(3), "`get` after it", advice);
}

fn of_many_additions_at_once_one_succeeds(bench: &Bench) {
    let (cache, _) = bench.cache();
    for round in 0..bench.rounds() {
        let key = format!("k{round}");
        let add = |number| answered(cache.add(&key, &number, 60).wait(), "add");
        let added = together(4, add);
        let kept = answered(cache.get::<usize>(&key).wait(), "get");
        let winners: Vec<_> = (0..4).filter(|number| added[*number]).collect();
        require(
            winners.len() == 1 && kept == winners.first().copied(),
            format_args!(
                "4 threads called `add` for one key at once: those that were answered true are \
                 {winners:?}, and what is kept is of {kept:?}, in round {round}"
            ),
            "one is answered true, and its value is kept: look for the entry and write it in one \
             step",
        );
    }
}

fn has_follows_set_and_delete(bench: &Bench) {
    let (cache, _) = bench.cache();
    let advice = "`ttl` is `Absent` without an entry in force, and only then";
    let has = || answered(cache.has("k").wait(), "has");
    same(&has(), &false, "`has` before `set`", advice);
    set(&cache, "k", 1);
    same(&has(), &true, "`has` after `set`", advice);
    answered(cache.delete("k").wait(), "delete");
    same(&has(), &false, "`has` after `delete`", advice);
}

fn delete_says_whether_there_was_an_entry(bench: &Bench) {
    let (cache, _) = bench.cache();
    let advice = "in `invalidate` of entries, count those that `read` would have answered";
    set(&cache, "k", 1);
    set(&cache, "other", 2);
    let delete = || answered(cache.delete("k").wait(), "delete");
    same(&delete(), &true, "`delete` of a present key", advice);
    same(&delete(), &false, "`delete` again", advice);
    same(&get(&cache, "k"), &None, "`get` of a deleted key", advice);
    same(
        &get(&cache, "other"),
        &Some(2),
        "`get` of another key",
        advice,
    );
}

fn delete_many_removes_those_that_are_there(bench: &Bench) {
    let (cache, _) = bench.cache();
    let advice = "go through all the keys, and count those that were there";
    for key in ["a", "c", "e", "stays"] {
        set(&cache, key, 1);
    }
    let keys = ["a", "b", "c", "d", "e"];
    let deleted = answered(cache.delete_many(keys).wait(), "delete_many");
    same(
        &deleted,
        &3,
        "`delete_many` of 3 present and 2 absent keys",
        advice,
    );
    for key in keys {
        same(&get(&cache, key), &None, "`get` of a deleted key", advice);
    }
    same(
        &get(&cache, "stays"),
        &Some(1),
        "`get` of another key",
        advice,
    );
}

fn get_many_keeps_the_order_of_the_keys(bench: &Bench) {
    let (cache, _) = bench.cache();
    for number in (0..100).filter(|number| number % 3 != 0) {
        set(&cache, &format!("k{number}"), number);
    }
    let order: Vec<i64> = (0..100)
        .map(|number| number * 37 % 100)
        .chain([1, 1])
        .collect();
    let keys = order.iter().map(|number| format!("k{number}"));
    let got = answered(cache.get_many::<i64, _>(keys).wait(), "get_many");
    let want = order
        .iter()
        .map(|number| (number % 3 != 0).then_some(*number));
    let advice = "answer one place for each key, in the order of the keys, `None` where there is \
                  nothing, and a key that comes twice twice";
    same(&got, &want.collect(), "`get_many`", advice);
}

fn set_many_writes_every_entry(bench: &Bench) {
    let (cache, _) = bench.cache();
    let advice = "write all entries; of a key that comes twice, the last stays";
    set(&cache, "b", 0);
    let entries = [("a", &1_i64), ("b", &2), ("c", &3), ("a", &4)];
    answered(cache.set_many(entries, 60).wait(), "set_many");
    let got = ["a", "b", "c"].map(|key| get(&cache, key));
    same(
        &got,
        &[Some(4), Some(2), Some(3)],
        "`get` after `set_many`",
        advice,
    );
}

fn a_counter_counts_up_and_down(bench: &Bench) {
    let (cache, _) = bench.cache();
    let advice = "a counter is an entry of type `i64` like any other: it starts at 0, and reads \
                  and writes see it";
    let incr = |by| answered(cache.incr("k", by).wait(), "incr");
    same(&incr(5), &5, "`incr` of an absent key by 5", advice);
    same(&incr(-7), &-2, "`incr` by -7", advice);
    same(&incr(0), &-2, "`incr` by 0", advice);
    same(&get(&cache, "k"), &Some(-2), "`get` of a counter", advice);
    set(&cache, "k", 40);
    same(&incr(2), &42, "`incr` after `set`", advice);
    answered(cache.delete("k").wait(), "delete");
    same(&incr(1), &1, "`incr` after `delete`", advice);
}

fn a_sum_that_does_not_fit_is_an_error(bench: &Bench) {
    let (cache, _) = bench.cache();
    let advice = "add with a check, answer an error if the sum has more than 64 bits, and leave the entry as \
                  it is";
    for (full, by) in [(i64::MAX, 1), (i64::MIN, -1)] {
        set(&cache, "k", full);
        let answer = cache.incr("k", by).wait();
        let seen = format_args!("`incr` of {full} by {by} answered {answer:?}");
        require(answer.is_err(), seen, advice);
        same(&get(&cache, "k"), &Some(full), "`get` after that", advice);
    }
}

fn what_is_no_counter_is_not_counted(bench: &Bench) {
    let (cache, _) = bench.cache();
    let text = "seven".to_owned();
    let advice = "answer an error of the kind `Decode`, and leave the entry as it is";
    answered(cache.set("k", &text, 60).wait(), "set");
    match cache.incr("k", 1).wait() {
        Err(error) => same(
            &error.kind(),
            &ErrorKind::Decode,
            "`incr` of a text",
            advice,
        ),
        Ok(sum) => broken(format_args!("`incr` of a text answered {sum}"), advice),
    }
    let got = answered(cache.get("k").wait(), "get");
    same(&got, &Some(text), "`get` after a failed `incr`", advice);
}

fn counting_is_atomic(bench: &Bench) {
    const THREADS: usize = 8;
    const CALLS: i64 = 1_000;
    let (cache, _) = bench.cache();
    let count = |_| (0..CALLS).map(|_| answered(cache.incr("k", 1).wait(), "incr"));
    let sums = together(THREADS, |number| count(number).collect::<Vec<_>>());
    let mut sums: Vec<_> = sums.into_iter().flatten().collect();
    sums.sort_unstable();
    let advice = "in `incr`, read, add and write in one step: under one lock, in one transaction, or \
                  by the server's own command";
    let total = 8 * CALLS;
    let got = get(&cache, "k");
    same(
        &got,
        &Some(total),
        "`get` after 8 x 1000 calls of `incr`",
        advice,
    );
    require(
        sums.iter().copied().eq(1..=total),
        "two calls of `incr` answered the same sum",
        advice,
    );
}

fn clear_empties_the_cache_and_leaves_it_usable(bench: &Bench) {
    let (cache, _) = bench.cache();
    let advice = "after `invalidate(Scope::All)` nothing is read; what is stored later is";
    for round in 0..20 {
        let keys: Vec<_> = (0..10).map(|number| format!("k{number}")).collect();
        for key in &keys {
            set(&cache, key, round);
        }
        answered(cache.clear().wait(), "clear");
        let got = answered(cache.get_many::<i64, _>(&keys).wait(), "get_many");
        same(&got, &vec![None; 10], "`get_many` after `clear`", advice);
        set(&cache, "k0", round);
        same(
            &get(&cache, "k0"),
            &Some(round),
            "`get` after `clear` and `set`",
            advice,
        );
    }
}
