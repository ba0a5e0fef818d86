//! Law: the checker of histories finds what is wrong, and nothing else.

#[path = "servers/folder.rs"]
#[allow(dead_code)]
mod folder;
mod history;

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;
use std::{fs, thread};

use folder::Folder;
use history::journal::{Answer, Call, Journal};
use history::merged::{History, Laws, Loss};
use history::record::{End, Id, Kind, Record};
use history::scope::{Keyspace, Scope};
use history::verdict::{Law, Verdict};
use larder::backends::Memory;
use larder::{Cache, memoize, scope};

/// Ten keys a group; the last digit of a key is its tag.
const KEYS: Keyspace = Keyspace {
    group: |key| Some(key / 10),
    tags: |key| vec![key % 10],
};

/// A history by hand. Every act names its process and its number in it, and says when.
#[derive(Default)]
struct Tale(History);

impl Tale {
    fn add(mut self, id: Id, when: Range<u64>, begin: Kind, end: Kind) -> Self {
        let record = |time, kind| Record { time, id, kind };
        let both = [record(when.start, begin), record(when.end, end)];
        self.0.extend(both);
        self
    }

    fn call(self, id: (u32, u64), key: u32, when: Range<u64>, got: (End, (u32, u64))) -> Self {
        let end = Kind::Called(got.0, number(got.1));
        self.add(number(id), when, Kind::Call(key), end)
    }

    fn compute(
        self,
        id: (u32, u64),
        call: (u32, u64),
        key: u32,
        when: Range<u64>,
        end: End,
    ) -> Self {
        let begin = Kind::Compute(key, number(call));
        self.add(number(id), when, begin, Kind::Computed(end))
    }

    fn invalidate(self, id: (u32, u64), scope: Scope, when: Range<u64>, ok: bool) -> Self {
        let begin = Kind::Invalidate(scope, 99, 0);
        self.add(number(id), when, begin, Kind::Invalidated(ok))
    }

    /// Key 12 is computed by the first process, from 10 to 20, and read by another at 50.
    fn computed_and_read() -> Self {
        Self::default()
            .call((1, 1), 12, 5..25, (End::Value(3), (1, 2)))
            .compute((1, 2), (1, 1), 12, 10..20, End::Value(3))
            .call((2, 1), 12, 50..60, (End::Value(3), (1, 2)))
    }

    fn check(self, laws: &Laws) -> Verdict {
        self.0.check(KEYS, laws)
    }

    #[track_caller]
    fn passes(self) {
        self.passes_under(&STRICT);
    }

    #[track_caller]
    fn passes_under(self, laws: &Laws) {
        self.check(laws).assert_lawful();
    }

    /// Breaks this law once and no other.
    #[track_caller]
    fn breaks(self, law: Law) {
        let verdict = self.check(&STRICT);
        assert_eq!(verdict.breaches(law), 1, "{verdict}");
        assert_eq!(verdict.findings.len(), 1, "{verdict}");
    }
}

const STRICT: Laws = Laws {
    exclusive: true,
    degraded: false,
    recovered: None,
    loss: None,
};

fn number((process, number): (u32, u64)) -> Id {
    Id::new(process, number)
}

#[test]
fn a_value_that_nobody_invalidated_is_fresh() {
    Tale::computed_and_read().passes();
}

#[test]
fn a_read_after_an_acknowledged_invalidation_is_stale() {
    for scope in [Scope::Entry(12), Scope::Group(1), Scope::Tag(2), Scope::All] {
        Tale::computed_and_read()
            .invalidate((3, 1), scope, 30..40, true)
            .breaks(Law::Fresh);
    }
}

#[test]
fn a_read_after_an_invalidation_of_something_else_is_fresh() {
    for scope in [Scope::Entry(13), Scope::Group(2), Scope::Tag(3)] {
        Tale::computed_and_read()
            .invalidate((3, 1), scope, 30..40, true)
            .passes();
    }
}

#[test]
fn a_read_that_began_before_the_acknowledgement_may_be_old() {
    Tale::computed_and_read()
        .invalidate((3, 1), Scope::Entry(12), 30..50, true)
        .passes();
}

#[test]
fn an_invalidation_that_was_not_acknowledged_binds_nobody_else() {
    Tale::computed_and_read()
        .invalidate((3, 1), Scope::Entry(12), 30..40, false)
        .passes();
}

#[test]
fn an_invalidation_holds_in_its_own_process_whatever_the_store_says() {
    Tale::computed_and_read()
        .invalidate((2, 9), Scope::Entry(12), 30..40, false)
        .breaks(Law::Own);
}

#[test]
fn a_computation_during_the_invalidation_may_be_either() {
    Tale::computed_and_read()
        .invalidate((3, 1), Scope::Group(1), 9..40, true)
        .passes();
}

#[test]
fn an_older_invalidation_that_ends_last_lowers_nothing() {
    Tale::computed_and_read()
        .invalidate((3, 1), Scope::Entry(12), 11..12, true)
        .invalidate((3, 2), Scope::Entry(12), 1..45, true)
        .breaks(Law::Fresh);
}

#[test]
fn a_version_older_than_what_was_written_and_invalidated_is_stale() {
    // It began after the invalidation did, and read a source that does not hold the write.
    let id = Id::new(3, 1);
    let begin = Kind::Invalidate(Scope::Entry(12), 12, 4);
    Tale::computed_and_read()
        .add(id, 8..9, begin, Kind::Invalidated(true))
        .breaks(Law::Fresh);
}

/// Read by another call of the same or of another process, which begins after an invalidation.
fn computed_and_joined(process: u32, when: Range<u64>) -> Tale {
    Tale::default()
        .call((1, 1), 12, 5..40, (End::Value(3), (1, 2)))
        .compute((1, 2), (1, 1), 12, 10..35, End::Value(3))
        .invalidate((3, 1), Scope::Entry(12), 22..24, true)
        .call((process, 3), 12, when, (End::Value(3), (1, 2)))
}

#[test]
fn who_joins_a_computation_after_an_invalidation_is_stale() {
    for process in [1, 2] {
        computed_and_joined(process, 30..40).breaks(Law::Fresh);
    }
}

#[test]
fn without_the_store_one_may_join_what_one_s_own_process_computes() {
    let degraded = Laws {
        degraded: true,
        ..STRICT
    };
    let verdict = computed_and_joined(1, 30..40).check(&degraded);
    verdict.assert_lawful();
    assert_eq!(verdict.figures.degraded, 1);
    for other in [
        computed_and_joined(2, 30..40),
        computed_and_joined(1, 41..50),
    ] {
        assert_eq!(other.check(&degraded).breaches(Law::Fresh), 1);
    }
}

#[test]
fn what_a_lost_server_acknowledged_is_forgiven_for_a_while_and_no_more() {
    let losing = |acknowledged, until| Laws {
        loss: Some(Loss {
            acknowledged,
            until,
        }),
        ..STRICT
    };
    let tale = || Tale::computed_and_read().invalidate((3, 1), Scope::All, 30..40, true);
    let verdict = tale().check(&losing(35..45, 50));
    verdict.assert_lawful();
    assert_eq!(verdict.figures.lost, 1);
    for other in [losing(41..45, 50), losing(35..45, 49)] {
        assert_eq!(tale().check(&other).breaches(Law::Fresh), 1);
    }
}

#[test]
fn two_computations_at_a_time_break_the_law_even_in_two_processes() {
    for process in [1, 2] {
        Tale::default()
            .call((1, 1), 12, 5..25, (End::Value(3), (1, 2)))
            .compute((1, 2), (1, 1), 12, 10..20, End::Value(3))
            .call((process, 3), 12, 6..35, (End::Value(3), (process, 4)))
            .compute((process, 4), (process, 3), 12, 15..30, End::Value(3))
            .breaks(Law::Exclusive);
    }
}

#[test]
fn an_invalidation_in_between_excuses_a_second_computation() {
    let tale = || {
        Tale::default()
            .call((1, 1), 12, 5..25, (End::Value(3), (1, 2)))
            .compute((1, 2), (1, 1), 12, 10..20, End::Value(3))
            .call((2, 3), 12, 14..35, (End::Value(3), (2, 4)))
            .compute((2, 4), (2, 3), 12, 16..30, End::Value(3))
    };
    let invalidated = |when| tale().invalidate((3, 1), Scope::Group(1), when, true);
    invalidated(6..7).passes(); // before the body ran, but after its lease was asked for
    invalidated(12..13).passes();
    invalidated(12..90).passes();
    invalidated(1..2).breaks(Law::Exclusive);
    invalidated(17..18).breaks(Law::Exclusive);
    let others = tale().invalidate((3, 1), Scope::Group(2), 12..13, true);
    others.breaks(Law::Exclusive);
}

/// Who has a lease may lose it before his body runs: then the other one began later and runs first.
#[test]
fn an_invalidation_of_the_lease_of_the_second_computation_excuses_it_as_well() {
    Tale::default()
        .call((2, 3), 12, 1..35, (End::Value(3), (2, 4)))
        .invalidate((3, 1), Scope::Entry(12), 2..3, true)
        .call((1, 1), 12, 5..25, (End::Value(3), (1, 2)))
        .compute((1, 2), (1, 1), 12, 10..20, End::Value(3))
        .compute((2, 4), (2, 3), 12, 15..30, End::Value(3))
        .passes();
}

#[test]
fn where_leases_may_expire_overlaps_are_only_counted() {
    let tale = Tale::default()
        .call((1, 1), 12, 5..25, (End::Value(3), (1, 2)))
        .compute((1, 2), (1, 1), 12, 10..20, End::Value(3))
        .call((2, 3), 12, 6..35, (End::Value(3), (2, 4)))
        .compute((2, 4), (2, 3), 12, 15..30, End::Value(3));
    let verdict = tale.check(&Laws::default());
    verdict.assert_lawful();
    assert_eq!(verdict.figures.overlaps, 1);
}

#[test]
fn callers_of_a_body_that_fails_may_run_at_a_time() {
    Tale::default()
        .call((1, 1), 12, 5..25, (End::Error, (1, 2)))
        .compute((1, 2), (1, 1), 12, 10..20, End::Error)
        .call((2, 3), 12, 6..35, (End::Value(3), (2, 4)))
        .compute((2, 4), (2, 3), 12, 15..30, End::Value(3))
        .passes();
}

#[test]
fn an_error_reaches_nobody_but_its_own_caller() {
    let failed = || {
        Tale::default()
            .call((1, 1), 12, 5..25, (End::Error, (1, 2)))
            .compute((1, 2), (1, 1), 12, 10..20, End::Error)
    };
    failed().passes();
    let kept = failed().call((2, 1), 12, 50..60, (End::Error, (1, 2)));
    kept.breaks(Law::Errors);
    let shared = failed().call((1, 3), 12, 15..26, (End::Error, (1, 2)));
    shared.breaks(Law::Errors);
}

#[test]
fn a_value_is_what_was_computed_under_its_key() {
    let other_key = Tale::computed_and_read().call((2, 2), 13, 70..80, (End::Value(3), (1, 2)));
    other_key.breaks(Law::Right);
    let changed = Tale::computed_and_read().call((2, 2), 12, 70..80, (End::Value(4), (1, 2)));
    changed.breaks(Law::Right);
    let nobody_s = Tale::computed_and_read().call((2, 2), 12, 70..80, (End::Value(3), (8, 8)));
    nobody_s.breaks(Law::Right);
    let failed = Tale::default()
        .call((1, 1), 12, 5..25, (End::Value(3), (1, 2)))
        .compute((1, 2), (1, 1), 12, 10..20, End::Error);
    failed.breaks(Law::Right);
}

#[test]
fn a_call_ends_unless_its_process_is_killed_or_it_is_given_up() {
    let hanging = || {
        let mut tale = Tale::computed_and_read();
        let (time, id, kind) = (70, Id::new(2, 7), Kind::Call(12));
        tale.0.extend([Record { time, id, kind }]);
        tale
    };
    hanging().breaks(Law::Ends);
    let mut killed = hanging();
    killed.0.kill(2);
    killed.passes();
    let given_up = Tale::computed_and_read().call((2, 7), 12, 70..80, (End::Dropped, (0, 0)));
    given_up.passes();
}

#[test]
fn who_is_not_heard_or_has_no_hit_at_the_end_has_not_recovered() {
    let recovering = Laws {
        recovered: Some(Duration::from_nanos(30)),
        ..STRICT
    };
    let tale = || {
        Tale::computed_and_read()
            .invalidate((2, 2), Scope::Entry(13), 62..65, true)
            .call((1, 3), 12, 50..60, (End::Value(3), (1, 2)))
            .invalidate((1, 4), Scope::Entry(13), 61..70, true)
    };
    tale().passes_under(&recovering);
    // The second process goes on, and nobody hears it; the third one does nothing else.
    let unheard = tale().invalidate((2, 5), Scope::Entry(13), 80..99, false);
    assert_eq!(unheard.check(&recovering).breaches(Law::Recovered), 1);
    let killed = || tale().invalidate((3, 1), Scope::Entry(13), 80..99, true);
    assert_eq!(killed().check(&recovering).breaches(Law::Recovered), 1);
    let mut killed = killed();
    killed.0.kill(3);
    killed.passes_under(&recovering);
}

#[test]
fn records_come_back_from_their_bytes() {
    let id = Id::new(7, 9);
    for kind in [
        Kind::Call(1),
        Kind::Called(End::Value(2), Id::new(3, 4)),
        Kind::Called(End::Error, Id::new(3, 4)),
        Kind::Compute(5, Id::new(6, 7)),
        Kind::Computed(End::Dropped),
        Kind::Invalidate(Scope::Tag(8), 9, 10),
        Kind::Invalidate(Scope::All, 9, 10),
        Kind::Invalidated(true),
        Kind::Invalidated(false),
    ] {
        let record = Record { time: 1, id, kind };
        assert_eq!(Record::from_bytes(&record.to_bytes()), Some(record));
    }
}

#[test]
fn the_torn_end_of_a_file_is_left_out() {
    let folder = Folder::new();
    let path = folder.file("journal");
    let journal = Journal::create(&path, 1);
    journal.call(12, |call| call.compute().value(3));
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    let mut history = History::default();
    history.read(&path);
    let verdict = history.check(KEYS, &STRICT);
    assert_eq!(verdict.breaches(Law::Ends), 1, "{verdict}");
    assert_eq!(verdict.figures.computations, 1);
}

static SOURCE: [AtomicU64; 4] = [const { AtomicU64::new(0) }; 4];

fn read(key: u32, call: Call<'_>) -> Answer {
    let computation = call.compute();
    let version = SOURCE[key as usize].load(SeqCst);
    thread::yield_now();
    computation.value(version)
}

#[memoize(skip(call))]
fn kept(key: u32, call: Call<'_>) -> Answer {
    read(key, call)
}

/// Threads over a store in this process, with every law.
#[test]
fn a_real_run_in_one_process_passes() {
    let cache = Cache::builder().backend(Memory::new(100)).build().unwrap();
    let verdict = run(&cache, kept);
    verdict.assert_lawful();
    assert!(verdict.figures.acknowledged >= 2_000, "{verdict}");
}

/// The same over something that forgets nothing: the checker can fail on what is real.
#[test]
fn a_real_run_over_something_that_forgets_nothing_is_not() {
    static KEPT: [std::sync::Mutex<Option<Answer>>; 4] = [const { std::sync::Mutex::new(None) }; 4];
    let cache = Cache::builder().backend(Memory::new(100)).build().unwrap();
    let verdict = run(&cache, |key, call| {
        let mut kept = KEPT[key as usize].lock().unwrap();
        *kept.get_or_insert_with(|| read(key, call))
    });
    assert!(verdict.breaches(Law::Fresh) > 1_000, "{verdict}");
    assert!(verdict.breaches(Law::Own) > 1_000, "{verdict}");
}

fn run(cache: &Cache, function: fn(u32, Call<'_>) -> Answer) -> Verdict {
    let folder = Folder::new();
    let path = folder.file("journal");
    let journal = &Journal::create(&path, 1);
    thread::scope(|threads| {
        for caller in 0..4 {
            threads.spawn(move || {
                scope::with_cache_sync(cache, || {
                    for turn in 0..1_000 {
                        let key = (turn + caller) % 4;
                        if caller < 2 {
                            invalidate(cache, journal, key, turn);
                        }
                        journal.call(key, |call| function(key, call));
                    }
                });
            });
        }
    });
    let mut history = History::default();
    history.read(&path);
    history.check(KEYS, &STRICT)
}

fn invalidate(cache: &Cache, journal: &Journal, key: u32, turn: u32) {
    let version = SOURCE[key as usize].fetch_add(1, SeqCst) + 1;
    match turn % 5 {
        0 => journal.invalidate(Scope::All, key, version, || cache.clear().wait().is_ok()),
        1 => journal.invalidate(Scope::Group(0), key, version, || {
            delete_all_memoized_kept().is_ok()
        }),
        _ => journal.invalidate(Scope::Entry(key), key, version, || {
            delete_memoized_kept(key).is_ok()
        }),
    };
}
