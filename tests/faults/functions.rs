//! The cached functions of a worker: one of each kind.

use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use futures::executor::block_on;
use larder::{Cache, memoize};

use crate::history::journal::{Answer, Call, Computation, Journal};
use crate::history::scope::{Keyspace, Scope};
use crate::order::Order;
use crate::source::{self, Source};

pub(crate) static ORDER: LazyLock<Order> =
    LazyLock::new(|| Order::given().expect("the order of a worker"));
pub(crate) static JOURNAL: LazyLock<Journal> =
    LazyLock::new(|| Journal::create(&ORDER.journal, ORDER.process));
pub(crate) static CACHE: LazyLock<Cache> = LazyLock::new(|| ORDER.pantry.open());

/// So many keys a function has.
pub(crate) const SLOTS: u32 = 3;

/// A function, by the first part of its keys' numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Function {
    Plain,
    Tagged,
    Failing,
    Manual,
    Task,
}

impl Function {
    pub(crate) const ALL: [Self; 5] = [
        Self::Plain,
        Self::Tagged,
        Self::Failing,
        Self::Manual,
        Self::Task,
    ];

    /// The one that a key belongs to, and its argument.
    pub(crate) fn of(key: u32) -> (Self, u32) {
        (Self::ALL[(key / SLOTS) as usize], key % SLOTS)
    }

    fn is_tagged(self) -> bool {
        matches!(self, Self::Tagged | Self::Task)
    }
}

/// So many keys there are.
#[allow(clippy::cast_possible_truncation)] // five
pub(crate) const KEYS: u32 = SLOTS * Function::ALL.len() as u32;

/// Which scope covers which key.
pub(crate) const KEYSPACE: Keyspace = Keyspace {
    group: |key| {
        let (function, _) = Function::of(key);
        (function != Function::Manual).then_some(key / SLOTS)
    },
    tags: |key| {
        let (function, slot) = Function::of(key);
        let tag = function.is_tagged().then_some(slot % 2);
        tag.into_iter().collect()
    },
};

#[memoize(cache = CACHE, skip(call))]
fn plain(slot: u32, call: Call<'static>) -> Answer {
    let (computation, version) = look_up(call);
    thread::sleep(time_for(version));
    computation.value(version)
}

#[memoize(cache = CACHE, skip(call), tags = [format!("shelf:{}", slot % 2)])]
fn tagged(slot: u32, call: Call<'static>) -> Answer {
    let (computation, version) = look_up(call);
    thread::sleep(time_for(version));
    computation.value(version)
}

/// Fails for some versions; the error is the number of the computation.
#[memoize(cache = CACHE, skip(call))]
fn failing(slot: u32, call: Call<'static>) -> Result<Answer, u64> {
    let (computation, version) = look_up(call);
    thread::sleep(time_for(version));
    if version % 5 == 4 {
        return Err(computation.error());
    }
    Ok(computation.value(version))
}

#[memoize(cache = CACHE, skip(call), tags = [format!("shelf:{}", slot % 2)])]
async fn task(slot: u32, call: Call<'static>) -> Answer {
    let (computation, version) = look_up(call);
    // Runs on tokio, and on threads without a runtime as well.
    smol::Timer::after(time_for(version)).await;
    computation.value(version)
}

fn manual_key(slot: u32) -> String {
    format!("manual:{slot}")
}

fn manual(slot: u32, call: Call<'static>) -> Answer {
    let body = move || {
        let (computation, version) = look_up(call);
        thread::sleep(time_for(version));
        computation.value(version)
    };
    let reply = CACHE.get_or_compute_with(manual_key(slot), 600, body);
    reply.wait()
}

/// What every body begins with: from here on it holds what may become stale.
fn look_up(call: Call<'static>) -> (Computation<'static>, u64) {
    let computation = call.compute();
    let version = source::with(ORDER.source, |source| source.read(call.key()));
    (computation, version)
}

/// Most bodies are quick, some take longer than an invalidation.
fn time_for(version: u64) -> Duration {
    let more = match version % 8 {
        0..4 => Duration::ZERO,
        4..6 => Duration::from_micros(500),
        6 => Duration::from_millis(3),
        _ => Duration::from_millis(8),
    };
    ORDER.slowness + more
}

/// Calls the function of a key from a thread. A task is waited for there as well.
pub(crate) fn call(key: u32) {
    let (function, slot) = Function::of(key);
    match function {
        Function::Plain => drop(JOURNAL.call(key, |call| plain(slot, call))),
        Function::Tagged => drop(JOURNAL.call(key, |call| tagged(slot, call))),
        Function::Manual => drop(JOURNAL.call(key, |call| manual(slot, call))),
        Function::Failing => JOURNAL.try_call(key, |call| failing(slot, call)),
        Function::Task => {}
    }
}

/// Calls the asynchronous function; dropped, the call is given up.
pub(crate) async fn call_task(key: u32) {
    let (_, slot) = Function::of(key);
    JOURNAL.call_async(key, |call| task(slot, call)).await;
}

/// Writes the source of a key, and invalidates it in one of the ways that there are.
pub(crate) fn invalidate(key: u32, way: u64) {
    let version = source::with(ORDER.source, |source| source.write(key));
    let scope = scope_of(key, way);
    if JOURNAL.invalidate(scope, key, version, || forget(key, scope).is_ok()) {
        source::with(ORDER.source, Source::hear);
    }
}

/// Mostly the entry alone; everything rarely, as it makes every key a miss.
fn scope_of(key: u32, way: u64) -> Scope {
    let tag = (KEYSPACE.tags)(key).into_iter().map(Scope::Tag).next();
    let group = (KEYSPACE.group)(key).map(Scope::Group);
    match way % 32 {
        0 => Scope::All,
        1..4 => group.unwrap_or(Scope::Entry(key)),
        4..10 => tag.unwrap_or(Scope::Entry(key)),
        _ => Scope::Entry(key),
    }
}

fn forget(key: u32, scope: Scope) -> larder::Result<()> {
    let (function, slot) = Function::of(key);
    match scope {
        Scope::All => CACHE.clear().wait(),
        Scope::Tag(tag) => CACHE.invalidate_tag(format!("shelf:{tag}")).wait(),
        Scope::Group(_) => forget_group(function),
        Scope::Entry(_) => forget_entry(function, slot).map(drop),
    }
}

fn forget_group(function: Function) -> larder::Result<()> {
    match function {
        Function::Plain => delete_all_memoized_plain(),
        Function::Tagged => delete_all_memoized_tagged(),
        Function::Failing => delete_all_memoized_failing(),
        Function::Task => block_on(delete_all_memoized_task()),
        Function::Manual => Ok(()),
    }
}

fn forget_entry(function: Function, slot: u32) -> larder::Result<bool> {
    match function {
        Function::Plain => delete_memoized_plain(slot),
        Function::Tagged => delete_memoized_tagged(slot),
        Function::Failing => delete_memoized_failing(slot),
        Function::Task => block_on(delete_memoized_task(slot)),
        Function::Manual => CACHE.delete(manual_key(slot)).wait(),
    }
}
