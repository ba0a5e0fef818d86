//! What users see: entries live as long as they were told to.

use std::time::Duration;

use super::bench::Bench;
use super::law::laws;
use super::time::{Moment, Time};
use super::verdict::{answered, require, same};
use crate::cache::Cache;
use crate::timeout::{Timeout, Ttl};

laws! { Lifetimes:
    Keeping an_entry_lives_until_its_timeout_and_no_longer,
    Keeping a_computed_entry_lives_until_its_timeout_and_no_longer,
    Keeping an_added_entry_lives_until_its_timeout_and_no_longer,
    Keeping a_timeout_below_a_second_works,
    Keeping without_a_timeout_the_default_applies,
    Keeping never_does_not_expire,
    Keeping more_than_thirty_days_work,
    Keeping the_longest_duration_is_clamped,
    Keeping a_timeout_of_zero_keeps_nothing,
    Keeping neighbours_keep_their_own_timeouts,
    Keeping a_later_write_brings_its_own_timeout,
    Keeping an_expired_entry_can_be_added_again,
    Keeping an_expired_entry_is_computed_again,
    Keeping an_expired_entry_is_not_counted_as_deleted,
    Keeping an_expired_counter_starts_again,
    Keeping a_counter_keeps_its_own_timeout,
}

const EXPIRE: &str = "an entry is in force while the store's clock is below the moment of the \
                      write plus its ttl, to the millisecond. If the store cannot read the clock \
                      that its factory is given, test it with `Suite::in_real_time`; if it counts \
                      in larger steps, say so with `Suite::resolution`";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[track_caller]
fn set(cache: &Cache, key: &str, value: u64, timeout: impl Into<Timeout>) {
    answered(cache.set(key, &value, timeout).wait(), "set");
}

#[track_caller]
fn require_there(cache: &Cache, key: &str, value: u64, when: &str) {
    let got = answered(cache.get::<u64>(key).wait(), "get");
    same(&got, &Some(value), format_args!("`get` {when}"), EXPIRE);
    let there = answered(cache.has(key).wait(), "has");
    same(&there, &true, format_args!("`has` {when}"), EXPIRE);
}

#[track_caller]
fn require_gone(cache: &Cache, key: &str, when: &str) {
    let got = answered(cache.get::<u64>(key).wait(), "get");
    same(&got, &None, format_args!("`get` {when}"), EXPIRE);
    let got = answered(cache.get_many::<u64, _>([key]).wait(), "get_many");
    same(&got, &vec![None], format_args!("`get_many` {when}"), EXPIRE);
    let ttl = answered(cache.ttl(key).wait(), "ttl");
    same(&ttl, &Ttl::Absent, format_args!("`ttl` {when}"), EXPIRE);
}

/// Writes with a timeout, and looks before it and after it.
#[track_caller]
fn expires(cache: &Cache, time: &Time, timeout: Duration, write: impl FnOnce()) {
    let started = Moment::now();
    write();
    time.pass(timeout / 2);
    let got = answered(cache.get::<u64>("k").wait(), "get");
    let ttl = answered(cache.ttl("k").wait(), "ttl");
    if time.is_before(&started, timeout) {
        let when = format_args!("`get` half-way through a timeout of {timeout:?}");
        same(&got, &Some(1), when, EXPIRE);
        require(
            matches!(ttl, Ttl::Remaining(left) if left <= timeout && !left.is_zero()),
            format_args!("`ttl` half-way through {timeout:?} answered {ttl:?}"),
            "answer what is left: more than nothing, at most the timeout",
        );
    }
    time.pass(timeout / 2);
    require_gone(cache, "k", &format!("after a timeout of {timeout:?}"));
}

fn an_entry_lives_until_its_timeout_and_no_longer(bench: &Bench) {
    let (cache, time) = bench.cache();
    let timeout = time.tick();
    expires(&cache, &time, timeout, || set(&cache, "k", 1, timeout));
}

/// On a shared store the timeout of what is computed is shortened by up to a tenth.
fn a_computed_entry_lives_until_its_timeout_and_no_longer(bench: &Bench) {
    let (cache, time) = bench.cache();
    let timeout = time.tick();
    expires(&cache, &time, timeout, || {
        cache.get_or_compute_with("k", timeout, || 1_u64).wait();
    });
}

fn an_added_entry_lives_until_its_timeout_and_no_longer(bench: &Bench) {
    let (cache, time) = bench.cache();
    let timeout = time.tick();
    expires(&cache, &time, timeout, || {
        answered(cache.add("k", &1_u64, timeout).wait(), "add");
    });
}

fn a_timeout_below_a_second_works(bench: &Bench) {
    if bench.resolution() >= Duration::from_secs(1) {
        return;
    }
    let (cache, time) = bench.cache();
    let timeout = Duration::from_millis(900);
    expires(&cache, &time, timeout, || set(&cache, "k", 1, timeout));
}

fn without_a_timeout_the_default_applies(bench: &Bench) {
    let (cache, time) = bench.cache();
    let default = Duration::from_secs(60);
    set(&cache, "k", 1, Timeout::Default);
    let ttl = answered(cache.ttl("k").wait(), "ttl");
    require(
        matches!(ttl, Ttl::Remaining(left) if left <= default && left > default / 2),
        format_args!("`ttl` of an entry that was just written for 60 s answered {ttl:?}"),
        EXPIRE,
    );
    if time.is_manual() {
        time.pass(default);
        require_gone(&cache, "k", "after the default timeout");
    }
}

fn never_does_not_expire(bench: &Bench) {
    let (cache, time) = bench.cache();
    set(&cache, "k", 1, Timeout::Never);
    let ttl = answered(cache.ttl("k").wait(), "ttl");
    let advice = "a ttl of `None` is for ever: it is no duration, however long";
    same(&ttl, &Ttl::Forever, "`ttl` of what never expires", advice);
    if time.is_manual() {
        time.pass(100 * 365 * DAY);
    }
    require_there(&cache, "k", 1, "of what never expires");
}

fn more_than_thirty_days_work(bench: &Bench) {
    let (cache, time) = bench.cache();
    set(&cache, "k", 1, 40 * DAY);
    let ttl = answered(cache.ttl("k").wait(), "ttl");
    require(
        matches!(ttl, Ttl::Remaining(left) if left <= 40 * DAY && left > 39 * DAY),
        format_args!("`ttl` of an entry that was just written for 40 days answered {ttl:?}"),
        "a store that takes long timeouts for dates, as memcached does, has to be given dates",
    );
    if time.is_manual() {
        time.pass(31 * DAY);
        require_there(&cache, "k", 1, "after 31 days of 40");
        time.pass(9 * DAY);
        require_gone(&cache, "k", "after 40 days");
    }
}

fn the_longest_duration_is_clamped(bench: &Bench) {
    let (cache, time) = bench.cache();
    set(&cache, "k", 1, Duration::MAX);
    answered(cache.add("added", &1_u64, Duration::MAX).wait(), "add");
    cache
        .get_or_compute_with("computed", Duration::MAX, || 1_u64)
        .wait();
    if time.is_manual() {
        time.pass(365 * DAY);
    }
    for key in ["k", "added", "computed"] {
        require_there(&cache, key, 1, "of what lives for `Duration::MAX`");
        let ttl = answered(cache.ttl(key).wait(), "ttl");
        let years = |left: Duration| left > 365 * DAY;
        require(
            ttl == Ttl::Forever || matches!(ttl, Ttl::Remaining(left) if years(left)),
            format_args!("`ttl` of what lives for `Duration::MAX` answered {ttl:?}"),
            "clamp to the longest timeout that the store can count, with saturating arithmetic",
        );
    }
}

fn a_timeout_of_zero_keeps_nothing(bench: &Bench) {
    let (cache, _) = bench.cache();
    set(&cache, "k", 1, 60);
    set(&cache, "k", 2, 0);
    require_gone(&cache, "k", "after a write with a timeout of zero");
    cache.get_or_compute_with("k", 0, || 3_u64).wait();
    require_gone(&cache, "k", "after a computation with a timeout of zero");
}

fn neighbours_keep_their_own_timeouts(bench: &Bench) {
    let (cache, time) = bench.cache();
    let tick = time.tick();
    set(&cache, "first", 1, tick);
    set(&cache, "long", 2, 10 * tick);
    set(&cache, "never", 3, Timeout::Never);
    time.pass(tick / 2);
    let late = Moment::now();
    set(&cache, "late", 4, tick);
    time.pass(tick / 2);
    require_gone(&cache, "first", "after its timeout, beside longer ones");
    let got = answered(cache.get::<u64>("late").wait(), "get");
    if time.is_before(&late, tick) {
        same(&got, &Some(4), "`get` of an entry written late", EXPIRE);
    }
    require_there(&cache, "long", 2, "after a neighbour's timeout");
    time.pass(tick);
    require_gone(&cache, "late", "after its timeout");
    require_there(&cache, "never", 3, "after its neighbours' timeouts");
}

fn a_later_write_brings_its_own_timeout(bench: &Bench) {
    let (cache, time) = bench.cache();
    let tick = time.tick();
    for key in ["shorter", "longer", "other"] {
        set(
            &cache,
            key,
            1,
            if key == "shorter" { 100 * tick } else { tick },
        );
    }
    set(&cache, "shorter", 2, tick);
    set(&cache, "longer", 2, 100 * tick);
    set(&cache, "other", 2, Timeout::Never);
    time.pass(tick);
    require_gone(&cache, "shorter", "after the later, shorter timeout");
    require_there(&cache, "longer", 2, "after the earlier, shorter timeout");
    require_there(&cache, "other", 2, "after the earlier timeout");
}

/// A value that has expired.
fn expired(cache: &Cache, time: &Time) {
    set(cache, "k", 1, time.tick());
    time.pass(time.tick());
}

fn an_expired_entry_can_be_added_again(bench: &Bench) {
    let (cache, time) = bench.cache();
    expired(&cache, &time);
    let added = answered(cache.add("k", &2_u64, 600).wait(), "add");
    let advice = "an entry that has expired is no entry";
    same(&added, &true, "`add` over an expired entry", advice);
    require_there(&cache, "k", 2, "after `add` over an expired entry");
}

fn an_expired_entry_is_computed_again(bench: &Bench) {
    let (cache, time) = bench.cache();
    expired(&cache, &time);
    let got = cache.get_or_compute_with("k", 600, || 2_u64).wait();
    same(&got, &2, "a call after the timeout", EXPIRE);
    require_there(&cache, "k", 2, "after the second computation");
}

fn an_expired_entry_is_not_counted_as_deleted(bench: &Bench) {
    let (cache, time) = bench.cache();
    expired(&cache, &time);
    let deleted = answered(cache.delete("k").wait(), "delete");
    let advice = "an entry that has expired is no entry";
    same(&deleted, &false, "`delete` of an expired entry", advice);
}

fn an_expired_counter_starts_again(bench: &Bench) {
    let (cache, time) = bench.cache();
    answered(cache.set("k", &5_i64, time.tick()).wait(), "set");
    time.pass(time.tick());
    let sum = answered(cache.incr("k", 2).wait(), "incr");
    let advice = "a counter that has expired is no counter: start at 0";
    same(&sum, &2, "`incr` of an expired counter", advice);
}

fn a_counter_keeps_its_own_timeout(bench: &Bench) {
    let (cache, time) = bench.cache();
    let tick = time.tick();
    answered(cache.set("k", &5_i64, tick).wait(), "set");
    time.pass(tick / 2);
    let counted = answered(cache.incr("k", 1).wait(), "incr");
    answered(cache.incr("new", 1).wait(), "incr");
    let ttl = answered(cache.ttl("new").wait(), "ttl");
    let default = Duration::from_secs(60);
    require(
        matches!(ttl, Ttl::Remaining(left) if left <= default && left > default / 2),
        format_args!("`ttl` of a new counter answered {ttl:?}"),
        "a counter that is not there lives for the ttl that comes with `incr`",
    );
    time.pass(tick / 2);
    if !time.is_manual() && counted != 6 {
        return; // real time has run away from the law: it was a new counter
    }
    let advice = "`incr` leaves a counter that is there its own timeout: its ttl is for a new one";
    let got = answered(cache.get::<i64>("k").wait(), "get");
    let what = "`get` after the timeout of a counter that was counted up half-way through it";
    same(&got, &None, what, advice);
}
