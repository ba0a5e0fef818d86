//! cargo run --example file --features file
//!
//! A command-line tool that keeps what it has made: its second run finds what the first one made, and what
//! one run forgets the next one makes anew. It runs itself three times, and cleans up behind itself.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use larder::{Cache, backends::File, memoize};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// How many words a text has. It is slow to count them.
#[memoize(timeout = "7d")]
fn words(text: &str) -> usize {
    thread::sleep(Duration::from_millis(300));
    text.split_whitespace().count()
}

const TEXT: &str = "keep what you have already made";

fn main() -> Result<()> {
    if let Some(directory) = env::var_os("EXAMPLE_CACHE") {
        return tool(directory.as_ref());
    }
    let directory = env::temp_dir().join(format!("larder-example-{}", std::process::id()));
    let ended = run_thrice(&directory);
    fs::remove_dir_all(&directory)?;
    ended
}

/// What a user types, three times.
fn run_thrice(directory: &Path) -> Result<()> {
    for arguments in [&[][..], &[], &["--forget"]] {
        println!("$ words {}", arguments.join(" "));
        let mut command = Command::new(env::current_exe()?);
        let status = command
            .args(arguments)
            .env("EXAMPLE_CACHE", directory)
            .status()?;
        if !status.success() {
            return Err("the tool failed".into());
        }
    }
    Ok(())
}

/// The tool itself: one process, one answer.
fn tool(directory: &Path) -> Result<()> {
    let cache = Cache::builder()
        .backend(File::open(directory)?)
        .key_prefix("words_v1:")
        .build()?;
    larder::install(cache)?;
    if env::args().any(|argument| argument == "--forget") {
        delete_memoized_words(TEXT)?;
    }
    let start = Instant::now();
    let count = words(TEXT);
    let stats = larder::installed().stats();
    let how = if stats.hits > 0 { "found" } else { "counted" };
    println!("  {count} words, {how} in {:?}", start.elapsed());
    Ok(())
}
