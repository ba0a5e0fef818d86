//! Faults of the processes that share a directory.

use std::time::Duration;

use crate::Scene;
use crate::pantry::Pantry;
use crate::run::{pass, turn};

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// **Holds**, with everything claimed: fresh, and one computation of a key at a time across processes.
#[test]
fn without_a_fault_every_law_holds() {
    let _turn = turn();
    let scene = Scene::new();
    scene.run.require_every_law("files: no fault");
}

/// See [`Run::require_a_stale_read`](crate::run::Run::require_a_stale_read).
#[test]
fn without_the_compare_of_the_lease_the_same_run_is_stale() {
    let _turn = turn();
    let scene = Scene::over(Pantry::UnsoundFile);
    let name = "files: without the compare of the lease";
    scene.run.require_a_stale_read(name);
}

/// **Holds.** The system frees the locks of a dead process; its leases end with it, and what it had
/// written aside is never put in its place.
#[test]
fn a_worker_that_is_killed_leaves_nothing_stale_behind() {
    let _turn = turn();
    let mut scene = Scene::of(3);
    for _ in 0..12 {
        pass(millis(250));
        let oldest = scene.run.oldest();
        scene.run.kill(oldest);
        scene.run.hire();
    }
    let outcome = scene.run.end("files: 12 workers killed");
    outcome.assert_lawful();
    assert_eq!(outcome.verdict.figures.processes, 15);
}

/// **Holds.** Its leases expire while it is stopped, others compute and are invalidated; when it goes on,
/// what it had computed is refused. If it is stopped with a lock held, others go on without what is
/// locked, and their invalidations say so. (One computation at a time is not claimed: a lease has expired.)
#[test]
fn a_worker_that_is_stopped_for_longer_than_its_leases_stores_nothing_old() {
    let _turn = turn();
    let mut scene = Scene::new();
    // Slow bodies, so that it is stopped in the middle of some.
    scene.run.slowness = millis(30);
    scene.run.hire_many(3);
    scene.run.slowness = Duration::ZERO;
    let slow = scene.run.hire();
    scene.run.settle();
    pass(millis(700));
    scene.run.worker(slow).stop();
    pass(millis(6_000));
    scene.run.worker(slow).cont();
    scene
        .run
        .end("files: worker stopped for 6 s")
        .assert_lawful();
}

/// **Holds.** Stopped again and again at whatever step it is: in the middle of some it holds a lock, and
/// whoever needs it gives up.
#[test]
fn a_worker_that_is_stopped_at_any_step_hangs_nobody() {
    let _turn = turn();
    let scene = Scene::of(3);
    let victim = scene.run.oldest();
    for stop in 0..60 {
        pass(millis(10 + stop % 7));
        scene.run.worker(victim).stop();
        pass(millis(30 + stop % 5 * 10));
        scene.run.worker(victim).cont();
    }
    scene
        .run
        .end("files: worker stopped 60 times")
        .assert_lawful();
}

/// **Holds**, and every invalidation is made: where nothing can be written, what is there is removed, and
/// nothing is kept.
#[test]
fn a_worker_without_space_keeps_nothing_and_forgets_all_the_same() {
    let _turn = turn();
    let mut scene = Scene::of(2);
    scene.run.hire_without_space();
    scene.run.settle();
    pass(millis(2_500));
    let outcome = scene.run.end("files: disk full for one of three");
    outcome.assert_lawful();
    assert!(outcome.totals.errors > 0, "it found space");
    // A third of all invalidations are its own; on a busy machine a lock may take too long for a few.
    let figures = &outcome.verdict.figures;
    assert!(
        figures.unacknowledged * 20 < figures.acknowledged,
        "{figures}"
    );
}
