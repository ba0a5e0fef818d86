//! The figure to publish: stale reads after an acknowledged invalidation.

use std::fs::{self, File, OpenOptions};
use std::time::{Duration, Instant};

use crate::Scene;
use crate::directory::files;
use crate::history::verdict::Law;
use crate::run::{pass, say, turn};

/// So many invalidations are acknowledged while all that happens.
const INVALIDATIONS: u64 = 10_000;
/// As long as there are not so many, it goes on, but for no longer than this.
const TIME: Duration = Duration::from_secs(100);

impl Scene {
    /// The next fault; between two there is time for the workers to recover.
    fn happen(&mut self, number: usize) {
        match number % 5 {
            0 => drop(fs::remove_dir_all(self.directory.join("entries"))),
            1 => self.replace(),
            2 => self.stop_one(),
            3 => self.hold_locks(),
            _ => self.truncate(number),
        }
    }

    /// A worker is killed, and another one starts.
    fn replace(&mut self) {
        let oldest = self.run.oldest();
        self.run.kill(oldest);
        self.run.hire();
    }

    fn stop_one(&self) {
        let worker = self.run.worker(self.run.oldest());
        worker.stop();
        pass(Duration::from_millis(300));
        worker.cont();
    }

    fn hold_locks(&self) {
        let files = files(&self.directory);
        let locks = files.iter().filter(|path| path.ends_with("lock"));
        let locks: Vec<_> = locks.filter_map(|path| File::open(path).ok()).collect();
        for lock in &locks {
            lock.lock().expect("a lock");
        }
        pass(Duration::from_millis(200));
    }

    fn truncate(&self, number: usize) {
        for path in files(&self.directory).iter().skip(number % 3).step_by(3) {
            let file = OpenOptions::new().write(true).open(path);
            file.and_then(|file| file.set_len(10)).ok();
        }
    }
}

/// **Holds**: no stale read among at least ten thousand acknowledged invalidations, in four processes, while
/// the directory is emptied, workers are killed and stopped, locks are held and files are truncated.
#[test]
fn ten_thousand_invalidations_among_all_faults_and_nothing_stale() {
    let _turn = turn();
    let mut scene = Scene::new();
    scene.run.pause = Duration::from_millis(1);
    scene.run.hire_many(4);
    scene.run.settle();
    let start = Instant::now();
    let mut number = 0;
    while scene.run.heard() < INVALIDATIONS && start.elapsed() < TIME {
        pass(Duration::from_millis(150));
        scene.happen(number);
        number += 1;
    }
    let outcome = scene.run.end("files: all faults");
    say(&format!(
        "{number} faults; stale reads after an acknowledged invalidation: {}",
        outcome.verdict.breaches(Law::Fresh)
    ));
    outcome.assert_lawful();
    assert!(outcome.verdict.figures.acknowledged >= INVALIDATIONS);
}
