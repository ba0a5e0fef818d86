//! cargo run -p larder-example-sqlite
//!
//! Two processes share one cache, an SQLite file: one computes for both, and what one invalidates the
//! other does not see again. The file is in a folder that is removed at the end.

use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use larder::{Cache, memoize};
use larder_example_sqlite::Sqlite;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Where the prices are, the source of truth, and the cache beside them. Both processes use it.
static FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// What the second process is told the folder by.
const SECOND: &str = "EXAMPLE_FOLDER";

/// What an article costs. It is slow to find out.
#[memoize(timeout = 60)]
fn price(article: &str) -> String {
    thread::sleep(Duration::from_millis(500));
    let folder = FOLDER.get().expect("main says where the prices are");
    let price = fs::read_to_string(folder.join(article)).expect("it has a price");
    let name = name();
    println!("   {name:<6}  computes: it reads that {article} costs {price}");
    price
}

fn main() -> Result<()> {
    if let Some(folder) = env::var_os(SECOND) {
        return second(folder.into());
    }
    let folder = env::temp_dir().join(format!("larder-sqlite-example-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let ended = first(&folder);
    fs::remove_dir_all(&folder)?;
    ended
}

/// The same prefix in the same file is the same cache, in every process.
fn start(folder: PathBuf) -> Result<()> {
    let store = Sqlite::open(folder.join("cache.db"))?;
    let cache = Cache::builder().backend(store).key_prefix("example:");
    larder::install(cache.build()?)?;
    FOLDER.set(folder).map_err(|_| "main runs once".into())
}

/// What the first process does.
fn first(folder: &Path) -> Result<()> {
    fs::write(folder.join("tea"), "3")?;
    start(folder.into())?;
    let mut second = Second::start(folder)?;

    println!("1. Both processes ask at once: one computes for both\n");
    second.ask()?;
    ask();
    second.wait()?;

    println!("\n2. The price changes, and the first process invalidates it\n");
    fs::write(folder.join("tea"), "5")?;
    let forgotten = delete_memoized_price("tea")?;
    println!("   first   forgets the price; there was one: {forgotten}");

    println!("\n3. Neither process sees the old price again\n");
    second.ask()?;
    second.wait()?;
    ask();
    Ok(())
}

/// What the second process does: it asks whenever the first one says so.
fn second(folder: PathBuf) -> Result<()> {
    start(folder)?;
    println!("ready");
    for line in io::stdin().lines() {
        line?;
        ask();
        println!("asked");
    }
    Ok(())
}

/// Asks for the price, and says how long it took.
fn ask() {
    let start = Instant::now();
    let price = price("tea");
    let (name, took) = (name(), start.elapsed().as_millis());
    println!("   {name:<6}  knows after {took:>4} ms that tea costs {price}");
}

fn name() -> &'static str {
    match env::var_os(SECOND) {
        Some(_) => "second",
        None => "first",
    }
}

/// The second process, as the first one has it.
struct Second {
    process: Child,
    says: BufReader<ChildStdout>,
}

impl Second {
    fn start(folder: &Path) -> Result<Self> {
        let mut process = Command::new(env::current_exe()?)
            .env(SECOND, folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let says = process.stdout.take().ok_or("it has an output")?;
        let mut second = Self {
            process,
            says: BufReader::new(says),
        };
        second.hear("ready")?;
        Ok(second)
    }

    fn ask(&mut self) -> Result<()> {
        let mut input = self.process.stdin.as_ref().ok_or("it has an input")?;
        Ok(writeln!(input, "ask")?)
    }

    fn wait(&mut self) -> Result<()> {
        self.hear("asked")
    }

    /// Shows what it says until it says a word.
    fn hear(&mut self, word: &str) -> Result<()> {
        loop {
            let mut line = String::new();
            if self.says.read_line(&mut line)? == 0 {
                return Err("the second process ended".into());
            }
            if line.trim() == word {
                return Ok(());
            }
            print!("{line}");
        }
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
