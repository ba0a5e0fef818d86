//! Hits, or misses, and nothing else, for who counts instructions: `hits KIND TIMES`.

use std::env;
use std::hint::black_box;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use larder::backends::Memory;
use larder::{Cache, Clock, memoize};

/// Its clock stands still: no hit is one of the few that ask the store again.
static CACHE: LazyLock<Cache> = LazyLock::new(|| {
    let memory = Memory::builder()
        .max_entries(100_000)
        .clock(Clock::manual())
        .build();
    let builder = Cache::builder().backend(memory.expect("right limits"));
    builder.build().expect("a right configuration")
});

#[memoize(timeout = 600, cache = CACHE)]
fn number(n: u64) -> u64 {
    n + 1
}

#[memoize(timeout = 600, cache = CACHE)]
fn text(n: u64, name: &str) -> String {
    format!("{name} {n:030}")
}

#[memoize(timeout = 600, cache = CACHE)]
fn list(n: u64) -> Vec<u64> {
    vec![n; 3]
}

#[memoize(timeout = 600, cache = CACHE)]
async fn later(n: u64) -> u64 {
    n + 2
}

/// Keeps the compiler from seeing that nobody wants it.
fn seen<T>(value: T) {
    black_box(value);
}

/// Polls a future once, which is a hit.
fn at_once<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let [kind, times] = &words[..] else {
        return ExitCode::from(2);
    };
    let times: u64 = times.parse().unwrap_or(0);
    let call: fn(u64) = match kind.as_str() {
        "number" => |_| seen(number(black_box(1))),
        "text" => |_| seen(text(black_box(1), "a name")),
        "list" => |_| seen(list(black_box(1))),
        "later" => |_| seen(at_once(later(black_box(1)))),
        "miss" => |n| seen(number(n)),
        _ => return ExitCode::from(2),
    };
    (0..times).for_each(call);
    ExitCode::SUCCESS
}
