//! Two processes share one cache: one computes for both, and what one invalidates the other does not see
//! again. What the examples of the shared stores show.

#[allow(dead_code)] // each example takes what it needs
mod servers;

use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use larder::{Cache, memoize};

#[allow(unused_imports)] // each example takes what it needs
pub(crate) use servers::{Servers, free_port, until, until_open};

/// What can go wrong in an example.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Where the prices are: the source of truth, a folder that both processes read.
static PRICES: OnceLock<PathBuf> = OnceLock::new();

/// What an article costs. It is slow to find out.
#[memoize(timeout = 60)]
fn price(article: &str) -> String {
    thread::sleep(Duration::from_millis(500));
    let prices = PRICES.get().expect("main says where they are");
    let price = fs::read_to_string(prices.join(article)).expect("it has a price");
    println!(
        "   {:<6}  computes: it reads that {article} costs {price}",
        name()
    );
    price
}

/// Runs the demonstration: `serve` starts servers in a folder, if `LARDER_URL` does not say where there
/// are some, and `connect` makes the cache of a process over them.
pub(crate) fn run(
    serve: fn(&Path) -> Result<Servers>,
    connect: fn(&str) -> Result<Cache>,
) -> Result<()> {
    if let Some(folder) = env::var_os("EXAMPLE_PRICES") {
        return second(folder.into(), connect);
    }
    let folder = env::temp_dir().join(format!("larder-example-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let servers = match env::var("LARDER_URL") {
        Ok(url) => Ok(Servers::at(url)),
        Err(_) => serve(&folder),
    };
    let ended = servers.and_then(|servers| first(&folder, &servers.url, connect));
    fs::remove_dir_all(&folder)?;
    ended
}

/// The same prefix on the same server is the same cache, in every process.
fn start(prices: PathBuf, cache: Cache) -> Result<()> {
    PRICES.set(prices).map_err(|_| "main runs once")?;
    Ok(larder::install(cache)?)
}

/// What the first process does.
fn first(folder: &Path, url: &str, connect: fn(&str) -> Result<Cache>) -> Result<()> {
    fs::write(folder.join("tea"), "3")?;
    start(folder.into(), connect(url)?)?;
    delete_all_memoized_price()?;
    let mut second = Second::start(folder, url)?;

    println!("1. Both processes ask at once: one computes for both\n");
    second.ask()?;
    ask();
    second.wait()?;

    println!("\n2. The price changes, and the first process invalidates it\n");
    fs::write(folder.join("tea"), "5")?;
    let forgotten = delete_memoized_price("tea")?;
    println!("   first   forgets the price; there was one: {forgotten}");

    println!("\n3. The second process does not see the old price again\n");
    second.ask()?;
    second.wait()?;
    ask();
    Ok(())
}

/// What the second process does: it asks whenever the first one says so.
fn second(prices: PathBuf, connect: fn(&str) -> Result<Cache>) -> Result<()> {
    start(prices, connect(&env::var("LARDER_URL")?)?)?;
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
    println!(
        "   {:<6}  knows after {:>4} ms that tea costs {price}",
        name(),
        start.elapsed().as_millis()
    );
}

fn name() -> &'static str {
    match env::var_os("EXAMPLE_PRICES") {
        Some(_) => "second",
        None => "first",
    }
}

/// The second process, as the first one has it.
struct Second {
    process: Child,
    says: BufReader<std::process::ChildStdout>,
}

impl Second {
    fn start(folder: &Path, url: &str) -> Result<Self> {
        let mut process = Command::new(env::current_exe()?)
            .env("EXAMPLE_PRICES", folder)
            .env("LARDER_URL", url)
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
