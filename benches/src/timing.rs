//! From work to nanoseconds a call.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

/// Calls a contender with each input in turn. The loop is compiled together with the contender.
pub type Pass<I> = fn(&[I]);

/// Calls between two looks at the clock.
const CHUNK: usize = 1024;

/// Nanoseconds a call, the inputs taken round and round.
pub fn per_call<I>(pass: Pass<I>, inputs: &[I], slice: Duration) -> f64 {
    let mut calls = 0;
    let begin = Instant::now();
    for chunk in inputs.chunks(CHUNK).cycle() {
        pass(chunk);
        calls += chunk.len();
        if begin.elapsed() >= slice {
            break;
        }
    }
    nanos(begin.elapsed(), calls)
}

/// Nanoseconds a call for each thread, with a thread for each list of inputs.
#[allow(clippy::cast_precision_loss, reason = "a few threads")]
pub fn per_call_together<I: Sync>(pass: Pass<I>, inputs: &[Vec<I>], slice: Duration) -> f64 {
    if let [alone] = inputs {
        return per_call(pass, alone, slice);
    }
    let start = Barrier::new(inputs.len());
    let work = |inputs| {
        start.wait();
        per_call(pass, inputs, slice)
    };
    let total: f64 = thread::scope(|scope| {
        let work = &work;
        let threads = inputs
            .iter()
            .map(|inputs| scope.spawn(move || work(inputs)));
        let threads: Vec<_> = threads.collect();
        let nanos = |thread: thread::ScopedJoinHandle<'_, f64>| thread.join().expect("it measures");
        threads.into_iter().map(nanos).sum()
    });
    total / inputs.len() as f64
}

/// Nanoseconds a call, with inputs that never came before.
pub fn per_new_call<I>(pass: Pass<I>, mut next: impl FnMut() -> I, slice: Duration) -> f64 {
    let (mut calls, mut spent) = (0, Duration::ZERO);
    while spent < slice {
        let inputs: Vec<I> = (0..CHUNK).map(|_| next()).collect();
        let begin = Instant::now();
        pass(&inputs);
        spent += begin.elapsed();
        calls += CHUNK;
    }
    nanos(spent, calls)
}

/// The time of one of so many calls, in nanoseconds.
#[allow(clippy::cast_precision_loss, reason = "a measurement has fewer digits")]
pub fn nanos(spent: Duration, calls: usize) -> f64 {
    spent.as_nanos() as f64 / calls as f64
}
