//! Calls while the server is down, and how soon it is used again.

use super::absent;
use super::contender::{self, cached, cached_async, larder, larder_async};
use crate::body::computed;
use crate::effort::Effort;
use crate::server::Server;
use crate::stats::Cell;
use crate::table::{Has, Table, Who};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::Builder;

/// Calls that run before the breaker is taken to be open.
const FIRST: usize = 20;

/// Kills the server, measures, and starts it again.
pub fn measure(effort: Effort) -> Vec<Table> {
    match Server::redis() {
        Ok(server) => killed(server, effort),
        Err(error) => vec![absent("redis-down", &error)],
    }
}

fn killed(server: Server, effort: Effort) -> Vec<Table> {
    contender::prepare(&server);
    let port = server.port();
    let patience = effort.pick(Duration::from_secs(8), Duration::from_secs(40));
    warm();
    drop(server);
    let title = "Redis: a call while the server is down";
    let mut table = Table::new("redis-down", title, "µs a call").note(format!(
        "larder runs the body; cached answers an error. A contender that does not come to its end within {} s is shown with the time so far.",
        patience.as_secs()
    ));
    let askers: [(Who, Asker); 4] = [
        (Who::ours("larder"), |n| drop(larder(n))),
        (Who::ours("larder, async"), wait_for_larder),
        (cached_store("cached, Redis store"), |n| drop(cached(n))),
        (cached_store("cached, Redis store, async"), |n| {
            wait_for_cached(n);
        }),
    ];
    let figures = askers.map(|(who, ask)| (who, calls(ask, patience)));
    let column = |pick: fn(&(Cell, Option<Cell>)) -> Option<Cell>| {
        let figure = |(who, cells): &(Who, _)| Some((who.clone(), pick(cells)?));
        figures.iter().filter_map(figure).collect()
    };
    table.add("the first call", column(|(first, _)| Some(*first)));
    table.add(&format!("after {FIRST} calls"), column(|(_, later)| *later));
    vec![table, recovery(port, patience)]
}

fn cached_store(name: &str) -> Who {
    Who::with(name, Has::BOUND_AND_TIMEOUT)
}

/// Connects everybody.
fn warm() {
    let _ = (larder(0), cached(0));
    wait_for_larder(0);
    wait_for_cached(0);
}

type Asker = fn(u64);

fn wait_for_larder(n: u64) {
    futures::executor::block_on(async { drop(larder_async(n).await) });
}

/// It needs the runtime that opened its connection.
fn wait_for_cached(n: u64) -> bool {
    use std::sync::LazyLock;
    static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build();
        runtime.expect("a runtime starts")
    });
    RUNTIME.block_on(cached_async(n)).is_ok()
}

/// The first call, and calls after the breaker could open, in microseconds. A thread that does not come back is left.
fn calls(ask: Asker, patience: Duration) -> (Cell, Option<Cell>) {
    let (told, hear) = mpsc::channel();
    thread::spawn(move || {
        for n in 0_u64.. {
            let begin = Instant::now();
            ask(n);
            if told.send(begin.elapsed().as_secs_f64() * 1e6).is_err() {
                return;
            }
        }
    });
    let begin = Instant::now();
    let mut micros = Vec::new();
    while micros.len() < 1_000 && begin.elapsed() < patience {
        let left = patience.saturating_sub(begin.elapsed());
        match hear.recv_timeout(left) {
            Ok(spent) => micros.push(spent),
            Err(_) => break,
        }
    }
    let so_far = begin.elapsed().as_secs_f64() * 1e6;
    let first = micros.first().copied().unwrap_or(so_far);
    let later = micros.get(FIRST..).filter(|later| !later.is_empty());
    (
        Cell::exact(first),
        later.map(|later| Cell::of(later.to_vec())),
    )
}

/// How long after the server's return a call is answered from it again.
fn recovery(port: u16, patience: Duration) -> Table {
    let title = "Redis: from the server's return to its use";
    let mut table = Table::new("redis-recovery", title, "ms").note(
        "larder: until a call hits. cached: until a call is no error, or the time at which we gave up.",
    );
    let Ok(_server) = Server::redis_on(port) else {
        return table.note("Left out: the server did not come back.");
    };
    let again: [(Who, fn() -> bool); 3] = [
        (Who::ours("larder"), || hits(|| drop(larder(0)))),
        (cached_store("cached, Redis store"), || cached(0).is_ok()),
        (cached_store("cached, Redis store, async"), || {
            wait_for_cached(0)
        }),
    ];
    let begin = Instant::now();
    let figures = again.map(|(who, works)| (who, Cell::exact(until(works, begin, patience))));
    table.add("until a hit", figures.into());
    table
}

fn hits(ask: impl Fn()) -> bool {
    let before = computed();
    ask();
    computed() == before
}

/// The milliseconds since the beginning until it works; or until patience ends.
fn until(works: fn() -> bool, begin: Instant, patience: Duration) -> f64 {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        while !works() {
            thread::sleep(Duration::from_millis(5));
        }
        tell.send(begin.elapsed())
    });
    let worked = told.recv_timeout(patience.saturating_sub(begin.elapsed()));
    worked.unwrap_or_else(|_| begin.elapsed()).as_secs_f64() * 1e3
}
