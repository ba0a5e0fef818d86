//! A process of a run: callers and invalidators, on threads and in tasks.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use crate::functions::{CACHE, Function, KEYS, ORDER, SLOTS, call, call_task, invalidate};
use crate::order::Order;
use crate::source::Source;
use crate::totals::Totals;

/// Callers without a pause would keep the machine from doing anything else.
const BREATH: Duration = Duration::from_micros(400);
const THREADS: u64 = 3;
const TASKS: u64 = 4;
/// Every so many calls of a task are given up if they take longer than [`BREATH`].
const GIVEN_UP: u64 = 7;

static OVER: AtomicBool = AtomicBool::new(false);

/// Works until the run is over, and reports.
pub(crate) fn work(order: &Order) {
    let mut source = Source::on(order.source);
    let seed = u64::from(order.process) << 32;
    thread::scope(|threads| {
        for number in 0..THREADS {
            threads.spawn(move || call_on_thread(seed + number * 1_000_003));
        }
        threads.spawn(move || call_in_tasks(seed));
        threads.spawn(move || invalidate_again_and_again(seed));
        while !source.is_over() {
            thread::sleep(Duration::from_millis(20));
        }
        OVER.store(true, SeqCst);
    });
    source.report(&Totals::of(&CACHE).write());
}

fn is_over() -> bool {
    OVER.load(SeqCst)
}

/// A cheap sequence of numbers without a pattern.
fn scatter(n: u64) -> u64 {
    let n = (n ^ (n >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (n ^ (n >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 7
}

/// One of the keys that threads call.
fn thread_key(n: u64) -> u32 {
    below(n, KEYS - SLOTS)
}

/// One of the keys of the asynchronous function, which is the last.
fn task_key(n: u64) -> u32 {
    KEYS - SLOTS + below(n, SLOTS)
}

fn below(n: u64, bound: u32) -> u32 {
    let remainder = scatter(n) % u64::from(bound);
    u32::try_from(remainder).expect("less than the bound")
}

fn call_on_thread(seed: u64) {
    for n in seed.. {
        if is_over() {
            return;
        }
        call(thread_key(n));
        thread::sleep(BREATH);
    }
}

fn call_in_tasks(seed: u64) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let calls = (0..TASKS).map(|number| tokio::spawn(call_in_task(seed + number * 1_000_003)));
        for task in calls.collect::<Vec<_>>() {
            task.await.expect("no panic");
        }
    });
}

async fn call_in_task(seed: u64) {
    for n in seed.. {
        if is_over() {
            return;
        }
        let call = call_task(task_key(n));
        if n % GIVEN_UP == 0 {
            tokio::time::timeout(BREATH, call).await.ok();
        } else {
            call.await;
        }
        tokio::time::sleep(BREATH).await;
    }
}

/// Changes the source and says so; then nobody here may see what was there before.
fn invalidate_again_and_again(seed: u64) {
    for n in seed.. {
        if is_over() {
            return;
        }
        let key = below(n * 2 + 1, KEYS);
        invalidate(key, scatter(n * 3));
        if Function::of(key).0 == Function::Task {
            futures::executor::block_on(call_task(key));
        } else {
            call(key);
        }
        thread::sleep(ORDER.pause);
    }
}
