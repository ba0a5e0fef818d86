//! cargo run --example redis --features redis
//!
//! Two processes share one cache: one computes for both, and what one invalidates the other does not
//! see again. With `LARDER_URL=redis://host:port` they use that server; without, the first one starts
//! a `redis-server` of its own, which ends with it.

use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use larder::{Cache, backends::Redis, memoize};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

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

fn main() -> Result<()> {
    if let Some(folder) = env::var_os("EXAMPLE_PRICES") {
        return second(folder.into());
    }
    let folder = env::temp_dir().join(format!("larder-example-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let server = Server::find_or_start(&folder)?;
    let ended = first(&folder, &server.url);
    drop(server);
    fs::remove_dir_all(&folder)?;
    ended
}

/// The same prefix on the same server is the same cache, in every process.
fn start(prices: PathBuf, url: &str) -> Result<()> {
    PRICES.set(prices).map_err(|_| "main runs once")?;
    let cache = Cache::builder()
        .backend(Redis::connect(url).wait()?)
        .key_prefix("example:")
        .build()?;
    Ok(larder::install(cache)?)
}

/// What the first process does.
fn first(folder: &Path, url: &str) -> Result<()> {
    fs::write(folder.join("tea"), "3")?;
    start(folder.into(), url)?;
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
fn second(prices: PathBuf) -> Result<()> {
    start(prices, &env::var("LARDER_URL")?)?;
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

/// A Redis server: the user's, or one of our own on a socket.
struct Server {
    url: String,
    own: Option<Child>,
}

impl Server {
    fn find_or_start(folder: &Path) -> Result<Self> {
        if let Ok(url) = env::var("LARDER_URL") {
            return Ok(Self { url, own: None });
        }
        let socket = folder.join("redis.sock");
        let own = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--unixsocket"])
            .arg(&socket)
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| {
                format!("redis-server did not start ({error}): install it, or set LARDER_URL")
            })?;
        let started = Instant::now();
        while !socket.exists() && started.elapsed() < Duration::from_secs(10) {
            thread::sleep(Duration::from_millis(10));
        }
        let url = format!("redis+unix://{}", socket.display());
        Ok(Self {
            url,
            own: Some(own),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(own) = &mut self.own {
            own.kill().ok();
            own.wait().ok();
        }
    }
}
