//! Several processes on one file: what they count is not lost, and what one invalidates is served by
//! none.

mod folder;

use std::path::Path;
use std::process::{Child, Command};
use std::{env, thread};

use folder::Folder;
use larder::{Cache, Timeout};
use larder_example_sqlite::Sqlite;

const PROCESSES: i64 = 3;
const ROUNDS: i64 = 100;

/// What the other processes are told the file by.
const FILE: &str = "TEST_FILE";

fn cache(file: impl AsRef<Path>) -> larder::Result<Cache> {
    let store = Sqlite::open(file)?;
    Cache::builder().backend(store).key_prefix("test:").build()
}

fn read(cache: &Cache, counter: &str) -> larder::Result<i64> {
    Ok(cache.get(counter).wait()?.unwrap_or_default())
}

/// Starts this very program again, to run one of the tests that do nothing without a file.
fn start(test: &str, file: &Path) -> Child {
    let program = env::current_exe().expect("it runs");
    let mut command = Command::new(program);
    command.args(["--exact", test, "--nocapture"]);
    command.env(FILE, file).spawn().expect("it starts again")
}

fn start_all(test: &str, file: &Path) -> Vec<Child> {
    (0..PROCESSES).map(|_| start(test, file)).collect()
}

fn wait(children: Vec<Child>) {
    for mut child in children {
        assert!(child.wait().expect("it runs").success());
    }
}

#[test]
fn processes_that_start_together_count_together() -> larder::Result<()> {
    let folder = Folder::new();
    let file = folder.file();
    wait(start_all("one_that_counts", &file));
    assert_eq!(read(&cache(&file)?, "count")?, PROCESSES * ROUNDS);
    Ok(())
}

#[test]
fn one_that_counts() -> larder::Result<()> {
    let Some(file) = env::var_os(FILE) else {
        return Ok(());
    };
    let cache = cache(file)?;
    (0..ROUNDS).try_for_each(|_| cache.incr("count", 1).wait().map(drop))
}

/// The source is a counter. Whoever calls when its change has been announced gets no older value.
#[test]
fn what_one_process_invalidates_no_process_serves() -> larder::Result<()> {
    let folder = Folder::new();
    let file = folder.file();
    let cache = cache(&file)?;
    let children = start_all("one_that_calls", &file);
    for round in 1..=ROUNDS {
        cache.set("source", &round, Timeout::Never).wait()?;
        cache.delete("page").wait()?;
        cache.set("announced", &round, Timeout::Never).wait()?;
    }
    wait(children);
    Ok(())
}

#[test]
fn one_that_calls() -> larder::Result<()> {
    let Some(file) = env::var_os(FILE) else {
        return Ok(());
    };
    let cache = cache(file)?;
    let compute = || {
        let seen = read(&cache, "source");
        thread::yield_now(); // time to become stale
        seen
    };
    loop {
        let announced = read(&cache, "announced")?;
        let page = cache.try_get_or_compute_with("page", 60, compute).wait()?;
        assert!(page >= announced, "{page} after {announced}");
        if announced == ROUNDS {
            return Ok(());
        }
    }
}
