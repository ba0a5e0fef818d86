//! Faults of the network between one process and the store; the others have a clear line.

use std::time::Duration;

use crate::kind::{Server, url};
use crate::pantry::Pantry;
use crate::run::{Outcome, Run, pass, turn};
use crate::servers::proxy::{Proxy, Weather};

/// Runs two workers behind a network with this weather, time and again, and one beside it.
fn behind(name: &str, weather: Weather, bad: Duration, good: Duration) -> Outcome {
    let _turn = turn();
    let server = Server::start();
    let proxy = Proxy::to(server.port());
    let mut run = Run::over(Pantry::One(url(&proxy.address())));
    run.hire_many(2);
    run.take_over(Pantry::One(server.url()));
    run.hire();
    run.settle();
    for _ in 0..3 {
        pass(good);
        proxy.turn(weather);
        pass(bad);
        proxy.turn(Weather::Clear);
    }
    let outcome = run.end(name);
    outcome.assert_lawful();
    outcome
}

/// **Holds.** Whoever is cut off computes for himself and says that his invalidations were not
/// acknowledged; they hold in his process, and are tried again when the line is back.
#[test]
fn a_line_that_is_cut_costs_only_misses() {
    let (bad, good) = (Duration::from_millis(500), Duration::from_millis(600));
    let outcome = behind("line cut", Weather::Cut, bad, good);
    assert!(outcome.verdict.figures.unacknowledged > 0);
}

/// **Holds.** Nothing says that a half-open line is dead but that nothing comes back: each command
/// has its budget, and a line that has gone silent is given up.
#[test]
fn a_line_that_swallows_everything_costs_only_misses() {
    let (bad, good) = (Duration::from_millis(700), Duration::from_millis(900));
    let outcome = behind("line half-open", Weather::Silent, bad, good);
    assert!(outcome.verdict.figures.unacknowledged > 0);
}

/// **Holds.** Around the budget of a command some are answered in time and some are given up and
/// executed all the same.
#[test]
fn a_line_that_delays_costs_only_time_and_misses() {
    let slow = Weather::Slow(Duration::from_millis(22));
    let (bad, good) = (Duration::from_millis(900), Duration::from_millis(400));
    behind("line slow", slow, bad, good);
}
