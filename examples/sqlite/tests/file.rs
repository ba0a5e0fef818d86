//! What is in the file, and what happens when it fails.

mod folder;

use std::path::Path;
use std::time::Duration;

use folder::Folder;
use larder::{Cache, Clock, ErrorKind};
use larder_example_sqlite::Sqlite;
use rusqlite::Connection;

fn cache(file: &Path, clock: &Clock) -> Cache {
    let store = Sqlite::with_clock(file, clock.clone()).expect("the file can be opened");
    let cache = Cache::builder().backend(store).key_prefix("test:");
    cache.build().expect("it has a prefix")
}

fn rows(file: &Path) -> i64 {
    let tables = "SELECT (SELECT count(*) FROM entry) + (SELECT count(*) FROM lease)
        + (SELECT count(*) FROM version)";
    let file = Connection::open(file).expect("the file is there");
    let count = file.query_row(tables, [], |row| row.get(0));
    count.expect("the tables are there")
}

fn change(file: &Path, sql: &str) {
    let file = Connection::open(file).expect("the file is there");
    file.execute_batch(sql).expect("the tables are there");
}

#[test]
fn nothing_is_left_behind_for_ever() -> larder::Result<()> {
    let (folder, clock) = (Folder::new(), Clock::manual());
    let file = folder.file();
    let cache = cache(&file, &clock);
    for number in 0..100 {
        let key = format!("k{number}");
        cache.set(&key, &number, 60).wait()?;
        drop(cache.get_or_compute(&key, 60, std::future::pending::<i32>()));
        cache.invalidate_tag(&key).wait()?;
    }
    assert!(rows(&file) > 100);
    clock.advance(Duration::from_secs(3 * 60 * 60));
    for _ in 0..20 {
        cache.set("last", &1, 60).wait()?;
    }
    assert_eq!(
        rows(&file),
        2,
        "the last entry, and the version of everything"
    );
    Ok(())
}

#[test]
fn a_damaged_entry_is_a_miss() -> larder::Result<()> {
    let (folder, clock) = (Folder::new(), Clock::manual());
    let file = folder.file();
    let cache = cache(&file, &clock);
    for damaged in [
        "substr(frame, 1, length(frame) - 1)",
        "zeroblob(length(frame))",
        "x''",
    ] {
        cache.set("k", &"text".to_owned(), 60).wait()?;
        change(&file, &format!("UPDATE entry SET frame = {damaged}"));
        assert_eq!(cache.get::<String>("k").wait()?, None);
    }
    Ok(())
}

#[test]
fn without_its_tables_functions_answer_and_invalidations_say_so() {
    let (folder, clock) = (Folder::new(), Clock::manual());
    let file = folder.file();
    let cache = cache(&file, &clock);
    change(&file, "DROP TABLE entry; DROP TABLE version");
    assert_eq!(cache.get_or_compute_with("k", 60, || 7).wait(), 7);
    let error = cache.get::<i32>("k").wait().expect_err("no table");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let error = cache.delete("k").wait().expect_err("no table");
    assert_eq!(error.kind(), ErrorKind::NotAcknowledged);
    let error = cache.clear().wait().expect_err("no table");
    assert_eq!(error.kind(), ErrorKind::NotAcknowledged);
}

#[test]
fn a_file_that_is_none_is_an_error_that_says_why() {
    let folder = Folder::new();
    let file = folder.file();
    std::fs::write(&file, "no database, ".repeat(100)).expect("it can be written");
    let error = Sqlite::open(&file).expect_err("no database");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let source = std::error::Error::source(&error).expect("SQLite's own");
    assert!(source.to_string().contains("file is not a database"));
}

#[cfg(unix)]
#[test]
fn nobody_else_reads_the_files() -> larder::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let (folder, clock) = (Folder::new(), Clock::manual());
    let file = folder.file();
    let cache = cache(&file, &clock);
    cache.set("k", &1, 60).wait()?;
    for end in ["", "-wal", "-shm"] {
        let path = format!("{}{end}", file.display());
        let rights = std::fs::metadata(path).expect("it is there").permissions();
        assert_eq!(rights.mode() & 0o777, 0o600);
    }
    Ok(())
}
