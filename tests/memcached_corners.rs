//! Corners of the store in memcached: two things at once, something late, a server that is away, a clock that
//! is wrong.

#[path = "memcached_corners/late.rs"]
mod late;
mod servers;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use larder::backends::{Acquired, Backend, Claim, Lease, Memcached, Stored, Token};
use larder::conformance::Keyring;
use larder::{Cache, Ttl};
use servers::memcached::{MemcachedServer, Stored as Raw};
use servers::proxy::{Proxy, Weather};
use servers::{PATIENCE, until};

const PATIENT: Duration = Duration::from_secs(10);

fn store(address: &str) -> Memcached {
    let builder = Memcached::builder([address]).operation_timeout(PATIENT);
    let store = builder.connect_timeout(PATIENT).connect().wait();
    store.expect("the server is there")
}

fn over(memcached: Memcached) -> Cache {
    let builder = Cache::builder().backend(memcached).key_prefix("r:");
    builder.build().expect("a right configuration")
}

fn claim(token: u64, anew: bool) -> Claim {
    Claim {
        token: Token(token),
        anew,
        steal: false,
        lease: Duration::from_secs(5),
    }
}

fn granted(answer: larder::Result<Acquired>) -> Lease {
    match answer.expect("a server that answers") {
        Acquired::Granted(lease) => lease,
        other => panic!("not granted: {other:?}"),
    }
}

fn life(server: &MemcachedServer, key: &str) -> i64 {
    let answer = server.say(&format!("mg {key} t\r\n"), "");
    let left = answer[0].strip_prefix("HD t");
    left.and_then(|left| left.parse().ok()).unwrap_or(0)
}

/// One server of two is away: what lies in the other one is none of its business.
fn one_of_two_is_away(run: impl Fn(&Cache, &str) -> larder::Result<()>) {
    let (one, mut other) = (MemcachedServer::start(), MemcachedServer::start());
    let builder = Memcached::builder([one.address(), other.address()]);
    let builder = builder.operation_timeout(Duration::from_secs(2));
    let cache = over(builder.connect_timeout(PATIENT).connect().wait().unwrap());
    let names: Vec<_> = (0..40).map(|n| format!("n{n}")).collect();
    for name in &names {
        cache.set(name, &1_u64, 600).wait().unwrap();
    }
    let here: Vec<_> = names
        .iter()
        .filter(|name| one.keys().contains(&format!("r:{{{name}}}")))
        .collect();
    assert!(here.len() > 5 && here.len() < 35);
    other.kill9();
    // The store has noticed.
    thread::sleep(Duration::from_millis(600));
    drop(
        cache
            .get::<u64>(names.iter().find(|name| !here.contains(name)).unwrap())
            .wait(),
    );
    thread::sleep(Duration::from_millis(600));
    // One `get` alone shows that the server of these keys is well.
    assert_eq!(cache.get::<u64>(here[0]).wait().unwrap(), Some(1));
    run(&cache, here[0]).unwrap();
}

#[test]
fn a_delete_in_a_server_that_is_well_does_not_fail_because_another_is_away() {
    one_of_two_is_away(|cache, key| cache.delete(key).wait().map(drop));
}

#[test]
fn a_set_in_a_server_that_is_well_does_not_fail_because_another_is_away() {
    one_of_two_is_away(|cache, key| cache.set(key, &2_u64, 600).wait());
}

#[test]
fn get_many_from_a_server_that_is_well_does_not_fail_because_another_is_away() {
    one_of_two_is_away(|cache, key| cache.get_many::<u64, _>([key]).wait().map(drop));
}

/// Law 1: a command starts when it is called. The heart beats while the body ends: `extend` is under way when
/// `store` is called, and the lease is held all the time.
#[test]
fn a_store_while_its_lease_is_being_extended_is_kept() {
    let server = MemcachedServer::start();
    let (mine, others) = (store(&server.address()), store(&server.address()));
    let keys = Keyring::new("r:");
    let key = keys.member("g", 1);
    let lease = granted(mine.acquire(&key.key(), claim(1, false)).wait());
    let extended = mine.extend(&key.key(), lease, Duration::from_secs(5));
    let stored = mine.store(&key.key(), lease, Keyring::item(&7_u64), None);
    assert!(extended.wait().unwrap(), "nobody else had it");
    let stored = stored.wait().unwrap();
    // What is worse: a lease is left that nobody holds, and all others wait for it.
    let next = others.acquire(&key.key(), claim(2, false)).wait().unwrap();
    assert!(
        stored == Stored::Kept && matches!(next, Acquired::Fresh(_)),
        "{stored:?}, then {next:?}"
    );
}

#[test]
fn a_lease_given_back_while_it_is_being_extended_is_free() {
    let server = MemcachedServer::start();
    let (mine, others) = (store(&server.address()), store(&server.address()));
    let keys = Keyring::new("r:");
    let key = keys.member("g", 1);
    let lease = granted(mine.acquire(&key.key(), claim(1, false)).wait());
    let extended = mine.extend(&key.key(), lease, Duration::from_secs(5));
    let released = mine.release(&key.key(), lease);
    extended.wait().unwrap();
    released.wait().unwrap();
    let next = others.acquire(&key.key(), claim(2, false)).wait().unwrap();
    assert!(matches!(next, Acquired::Granted(_)), "{next:?}");
}

/// "A timeout given to one entry ending the life of its neighbours."
#[test]
fn two_stores_at_once_do_not_shorten_the_life_of_their_versions() {
    let server = MemcachedServer::start();
    let store = store(&server.address());
    let keys = Keyring::new("r:");
    let (long, short) = (keys.member("long", 1), keys.member("short", 1));
    let of_long = granted(store.acquire(&long.key(), claim(1, false)).wait());
    let of_short = granted(store.acquire(&short.key(), claim(2, false)).wait());
    let day = Duration::from_secs(86_400);
    let one = store.store(&long.key(), of_long, Keyring::item(&1_u64), Some(7 * day));
    let other = store.store(
        &short.key(),
        of_short,
        Keyring::item(&1_u64),
        Some(day / 72),
    );
    assert_eq!(one.wait().unwrap(), Stored::Kept);
    assert_eq!(other.wait().unwrap(), Stored::Kept);
    thread::sleep(Duration::from_millis(300));
    let left = life(&server, "r:{all}:a");
    assert!(
        left > 7 * 86_400,
        "the entry lives for 604800 s, what it lies under for {left} s"
    );
}

/// What was invalidated without an answer is repeated first; that more comes while it is repeated keeps
/// nobody from using the server.
#[test]
fn a_server_that_is_back_is_found_by_who_invalidates_all_the_time() {
    let server = MemcachedServer::start();
    let proxy = Proxy::to(server.port());
    let cache = over(
        Memcached::builder([proxy.address()])
            .connect()
            .wait()
            .unwrap(),
    );
    cache.set("k", &1_u64, 600).wait().unwrap();
    proxy.turn(Weather::Cut);
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for thread in 0..2 {
            let (cache, over) = (&cache, &over);
            scope.spawn(move || {
                for number in 0.. {
                    if over.load(Ordering::SeqCst) {
                        return;
                    }
                    drop(cache.delete(format!("n{thread}-{number}")).wait());
                    thread::sleep(Duration::from_millis(1));
                }
            });
        }
        thread::sleep(Duration::from_secs(3));
        proxy.turn(Weather::Slow(Duration::from_millis(2)));
        until("the server", PATIENCE, || {
            cache.set("k", &2_u64, 600).wait().is_ok()
        });
        over.store(true, Ordering::SeqCst);
    });
}

/// "A counter that is there keeps its own ttl." The writer's clock is behind ours, or ahead: what he wrote
/// says another end than the server does. (Here the server is told so by hand.)
fn counts_under(ttl: u64, in_server: u64) -> (i64, i64) {
    let server = MemcachedServer::start();
    let cache = over(store(&server.address()));
    cache.incr("n", 5).wait().unwrap();
    cache.delete("n").wait().unwrap();
    cache.set("n", &5_i64, ttl).wait().unwrap();
    let Raw { bytes, flags } = server.get("r:{n}").unwrap();
    let mut stream = TcpStream::connect(server.address()).unwrap();
    write!(
        stream,
        "ms r:{{n}} {} F{flags} T{in_server}\r\n",
        bytes.len()
    )
    .unwrap();
    stream.write_all(&[&bytes[..], b"\r\n"].concat()).unwrap();
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HD\r\n");
    thread::sleep(Duration::from_millis(1_500));
    assert_eq!(cache.get::<i64>("n").wait().unwrap(), Some(5));
    assert_eq!(cache.incr("n", 1).wait().unwrap(), 6);
    (
        life(&server, "r:{n}"),
        cache.get::<i64>("n").wait().unwrap().unwrap_or(0),
    )
}

#[test]
fn a_counter_of_a_process_whose_clock_is_behind_lives_on() {
    let (left, _) = counts_under(1, 300);
    assert!(
        left > 290,
        "the server was told 300 s; after `incr` it is {left} s"
    );
}

#[test]
fn a_counter_of_a_process_whose_clock_is_ahead_does_not_live_longer() {
    let (left, _) = counts_under(3_600, 30);
    assert!(
        left <= 31,
        "the server was told 30 s; after `incr` it is {left} s"
    );
}

#[test]
fn a_ttl_is_no_longer_than_the_server_keeps_the_entry() {
    let server = MemcachedServer::start();
    let cache = over(store(&server.address()));
    cache.set("k", &5_u64, 3_600).wait().unwrap();
    let Raw { bytes, flags } = server.get("r:{k}").unwrap();
    let mut stream = TcpStream::connect(server.address()).unwrap();
    write!(stream, "ms r:{{k}} {} F{flags} T30\r\n", bytes.len()).unwrap();
    stream.write_all(&[&bytes[..], b"\r\n"].concat()).unwrap();
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).unwrap();
    let Ttl::Remaining(left) = cache.ttl("k").wait().unwrap() else {
        panic!("it expires")
    };
    assert!(left <= Duration::from_secs(31), "{left:?}");
}

/// A command has 50 ms, connecting 250: that of the first command does not come off the first budget.
#[test]
fn the_first_invalidation_is_acknowledged_although_connecting_took_a_moment() {
    let server = MemcachedServer::start();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let upstream = server.address();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // As a name server or a handshake would.
            thread::sleep(Duration::from_millis(120));
            let server = TcpStream::connect(&upstream).unwrap();
            server.set_nodelay(true).unwrap();
            client.set_nodelay(true).unwrap();
            for (mut from, mut to) in [
                (client.try_clone().unwrap(), server.try_clone().unwrap()),
                (server, client),
            ] {
                thread::spawn(move || std::io::copy(&mut from, &mut to));
            }
        }
    });
    let cache = over(Memcached::lazy(format!("memcache://{address}")).unwrap());
    let first = cache.clear().wait();
    let second = cache.clear().wait();
    assert!(first.is_ok(), "{first:?}, and then {second:?}");
}

/// A link of 10 MB/s from a server to its client.
fn narrow(server: &MemcachedServer) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let upstream = server.address();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(&upstream).unwrap();
            server.set_nodelay(true).unwrap();
            client.set_nodelay(true).unwrap();
            let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || std::io::copy(&mut from, &mut to));
            let (mut from, mut to) = (server, client);
            thread::spawn(move || {
                let mut bytes = vec![0; 50_000];
                while let Ok(length @ 1..) = from.read(&mut bytes) {
                    thread::sleep(Duration::from_nanos(100 * length as u64));
                    if to.write_all(&bytes[..length]).is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

/// A deletion is a line of some bytes; it does not wait until what it deletes has been transferred.
#[test]
fn a_large_entry_is_deleted_over_a_narrow_link_within_the_budget() {
    let server = MemcachedServer::start();
    let address = narrow(&server);
    let builder = Memcached::builder([address]).compress_above(usize::MAX);
    let cache = over(builder.connect_timeout(PATIENT).connect().wait().unwrap());
    cache.set("k", &vec![7_u8; 1_000_000], 600).wait().unwrap();
    cache.set("small", &7_u8, 600).wait().unwrap();
    assert!(cache.delete("small").wait().unwrap());
    let deleted = cache.delete("k").wait();
    assert!(deleted.is_ok(), "{deleted:?}");
}

#[test]
fn a_counter_that_is_full_says_so() {
    let server = MemcachedServer::start();
    let cache = over(store(&server.address()));
    cache.set("n", &i64::MAX, 600).wait().unwrap();
    let counted = cache.incr("n", 1).wait();
    assert!(counted.is_err(), "{counted:?}");
}

/// A version that was made for a claim lives for 600 seconds, whoever asks under it later. Here 598 of them
/// are over.
#[test]
fn a_version_outlives_the_computation_that_begins_under_it() {
    let server = MemcachedServer::start();
    let store = store(&server.address());
    let keys = Keyring::new("r:");
    let (first, second) = (keys.member("g", 1), keys.member("g", 2));
    let lease = granted(store.acquire(&first.key(), claim(1, false)).wait());
    store.release(&first.key(), lease).wait().unwrap();
    for version in ["r:{g}:v", "r:{all}:a"] {
        assert!(server.say(&format!("mg {version} T2\r\n"), "")[0].starts_with("HD"));
    }
    let lease = granted(store.acquire(&second.key(), claim(2, false)).wait());
    thread::sleep(Duration::from_millis(3_300));
    let stored = store
        .store(&second.key(), lease, Keyring::item(&1_u64), None)
        .wait();
    assert_eq!(stored.unwrap(), Stored::Kept);
}

/// Answers that nobody waits for any more are not piled up: what is asked afterwards is answered.
#[test]
fn answers_that_are_given_up_do_not_hold_up_the_others_for_seconds() {
    let server = MemcachedServer::start();
    let address = narrow(&server);
    let builder = Memcached::builder([address]).compress_above(usize::MAX);
    let cache = over(builder.connect_timeout(PATIENT).connect().wait().unwrap());
    cache.set("k", &vec![7_u8; 1_000_000], 600).wait().unwrap();
    cache.set("small", &7_u8, 600).wait().unwrap();
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let cache = cache.clone();
            thread::spawn(move || {
                let since = Instant::now();
                while since.elapsed() < Duration::from_secs(5) {
                    drop(cache.get::<Vec<u8>>("k").wait());
                }
            })
        })
        .collect();
    for reader in readers {
        reader.join().unwrap();
    }
    // Nobody asks for anything any more.
    let since = Instant::now();
    while cache.get::<u8>("small").wait().is_err() && since.elapsed() < Duration::from_secs(30) {
        thread::sleep(Duration::from_millis(10));
    }
    let took = since.elapsed();
    assert!(
        took < Duration::from_secs(2),
        "{took:?} later nothing was answered yet"
    );
}

static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Ear;

impl log::Log for Ear {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= log::Level::Info
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            SAID.lock().unwrap().push(record.args().to_string());
        }
    }

    fn flush(&self) {}
}

/// What the log says last of a server is true, in the end.
#[test]
fn a_server_that_is_away_for_good_is_not_said_to_answer() {
    static EAR: Ear = Ear;
    log::set_logger(&EAR).unwrap();
    log::set_max_level(log::LevelFilter::Info);
    let mut server = MemcachedServer::start();
    let address = server.address();
    let cache = over(store(&address));
    cache.set("k", &1_u8, 600).wait().unwrap();
    server.kill9();
    thread::sleep(Duration::from_millis(300));
    server.restart();
    while cache.set("k", &1_u8, 600).wait().is_err() {
        thread::sleep(Duration::from_millis(10));
    }
    server.kill9();
    // Longer than what the log is kept quiet for.
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(14) {
        assert!(cache.set("k", &1_u8, 600).wait().is_err());
        thread::sleep(Duration::from_millis(100));
    }
    let said = SAID.lock().unwrap();
    let said: Vec<_> = said.iter().filter(|line| line.contains(&address)).collect();
    assert!(
        !said.last().unwrap().contains("it answers again"),
        "{said:#?}"
    );
}

/// As in the store of files: what the caller does next comes after what he did before, whether or not he has
/// waited for that. A `set` that a later `delete` has overtaken must not come back behind it.
#[test]
fn a_delete_after_a_set_that_nobody_waits_for_has_the_last_word() {
    let server = MemcachedServer::start();
    let cache = over(store(&server.address()));
    let mut left = 0;
    for number in 0..100 {
        let key = format!("k{number}");
        drop(cache.set(&key, &1_u64, 600));
        cache.delete(&key).wait().unwrap();
        thread::sleep(Duration::from_millis(5));
        left += u64::from(cache.get::<u64>(&key).wait().unwrap().is_some());
    }
    assert_eq!(left, 0, "of 100 deletions, all acknowledged");
}
