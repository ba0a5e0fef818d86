//! The figure to publish: stale reads after an acknowledged invalidation.

use std::time::{Duration, Instant};

use crate::history::verdict::Law;
use crate::kind::{Server, TROUBLES, url};
use crate::pantry::Pantry;
use crate::run::{Run, pass, say, turn};
use crate::servers::proxy::{Proxy, Weather};

/// So many invalidations are acknowledged while all that happens.
const INVALIDATIONS: u64 = 10_000;
/// As long as there are not so many, it goes on, but for no longer than this.
const TIME: Duration = Duration::from_secs(100);

/// A server behind a network, to which everything happens in turn.
struct Scene {
    server: Server,
    proxy: Proxy,
}

impl Scene {
    fn new() -> Self {
        let server = Server::start();
        let proxy = Proxy::to(server.port());
        Self { server, proxy }
    }

    /// The next fault; between two there is time for the workers to recover.
    fn happen(&mut self, number: usize, run: &mut Run) {
        match number % (6 + TROUBLES.len()) {
            0 => self.weather(Weather::Cut, 200),
            1 => self.stopped(400),
            2 => self.weather(Weather::Silent, 400),
            3 => Self::replace(run),
            4 => self.weather(Weather::Slow(Duration::from_millis(15)), 500),
            5 => self.restarted(200),
            trouble => TROUBLES[trouble - 6](&self.server),
        }
    }

    fn weather(&self, weather: Weather, millis: u64) {
        self.proxy.turn(weather);
        pass(Duration::from_millis(millis));
        self.proxy.turn(Weather::Clear);
    }

    fn stopped(&self, millis: u64) {
        self.server.stop();
        pass(Duration::from_millis(millis));
        self.server.cont();
    }

    fn restarted(&mut self, millis: u64) {
        self.server.kill9();
        pass(Duration::from_millis(millis));
        self.server.restart();
    }

    /// A worker is killed, and another one starts.
    fn replace(run: &mut Run) {
        let oldest = run.oldest();
        run.kill(oldest);
        run.hire();
    }
}

/// **Holds**: no stale read among at least ten thousand acknowledged invalidations, in four
/// processes, while the server is flushed, stopped, killed and restarted, workers are killed, and
/// the network cuts, swallows and delays.
#[test]
fn ten_thousand_invalidations_among_all_faults_and_nothing_stale() {
    let _turn = turn();
    let mut scene = Scene::new();
    let mut run = Run::over(Pantry::One(url(&scene.proxy.address())));
    run.pause = Duration::from_millis(1);
    run.hire_many(4);
    run.settle();
    let start = Instant::now();
    let mut number = 0;
    while run.heard() < INVALIDATIONS && start.elapsed() < TIME {
        pass(Duration::from_millis(700));
        scene.happen(number, &mut run);
        number += 1;
    }
    let outcome = run.end("all faults");
    say(&format!(
        "{number} faults; stale reads after an acknowledged invalidation: {}",
        outcome.verdict.breaches(Law::Fresh)
    ));
    outcome.assert_lawful();
    assert!(outcome.verdict.figures.acknowledged >= INVALIDATIONS);
}

/// See [`Run::require_a_stale_read`].
#[test]
fn without_the_compare_of_the_lease_the_same_run_is_stale() {
    let _turn = turn();
    let server = Server::start();
    let run = Run::over(Pantry::Unsound(server.url()));
    run.require_a_stale_read("without the compare of the lease");
}
