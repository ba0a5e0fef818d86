//! Law: the servers of the tests do what the tests say of them.

mod servers;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, test_kill_process};
use servers::child::Child;
use servers::cluster::RedisCluster;
use servers::folder::Folder;
use servers::proxy::{Proxy, Weather};
use servers::resp::{Address, Answer, Client};
use servers::sentinel::RedisSentinel;
use servers::server::RedisServer;
use servers::{PATIENCE, tls, until};

fn text(answer: &str) -> Answer {
    Answer::Bytes(answer.as_bytes().to_vec())
}

#[test]
fn a_server_answers_and_counts() {
    let server = RedisServer::start();
    server.command(["SET", "a", "1"]);
    server.forget_calls();
    assert_eq!(server.command(["MGET", "a", "b"]).list()[0], text("1"));
    assert_eq!(server.command(["INCR", "a"]), Answer::Int(2));
    assert_eq!((server.calls_of("mget"), server.calls_of("incr")), (1, 1));
    assert_eq!(server.calls_of("get"), 0);
}

#[test]
fn a_killed_server_is_gone_and_comes_back_empty_on_its_port() {
    let mut server = RedisServer::start();
    let port = server.port();
    server.command(["SET", "a", "1"]);
    server.kill9();
    assert!(server.client().is_err());
    server.restart();
    assert_eq!(server.port(), port);
    assert_eq!(server.command(["GET", "a"]), Answer::Nil);
}

#[test]
fn a_durable_server_comes_back_with_everything() {
    let mut server = RedisServer::config().durable().start();
    server.command(["SET", "a", "1"]);
    server.restart();
    assert_eq!(server.command(["GET", "a"]), text("1"));
}

#[test]
fn a_stopped_server_is_silent_until_it_goes_on() {
    let server = RedisServer::start();
    let mut client = server.client().unwrap();
    server.stop();
    let start = Instant::now();
    std::thread::scope(|threads| {
        threads.spawn(|| {
            std::thread::sleep(Duration::from_millis(200));
            server.cont();
        });
        assert_eq!(client.ask(["GET", "a"]).unwrap(), Answer::Nil);
    });
    assert!(start.elapsed() >= Duration::from_millis(200));
}

#[test]
fn a_server_asks_for_passwords() {
    let server = RedisServer::config().password("secret").start();
    assert!(server.url().starts_with("redis://:secret@127.0.0.1:"));
    let mut stranger = Client::connect(&Address::Port(server.port())).unwrap();
    let refused = stranger.ask(["GET", "a"]).unwrap();
    assert!(refused.text().starts_with("NOAUTH"));
    assert_eq!(server.command(["GET", "a"]), Answer::Nil);
}

#[test]
fn a_server_knows_its_users() {
    let server = RedisServer::config().user("app", "secret").start();
    assert!(server.url().starts_with("redis://app:secret@127.0.0.1:"));
    let mut client = server.client().unwrap();
    let welcome = client.ask(["AUTH", "app", "secret"]).unwrap();
    assert_eq!(welcome, Answer::Status("OK".to_owned()));
    let stranger = client.ask(["AUTH", "app", "wrong"]).unwrap();
    assert!(stranger.text().starts_with("WRONGPASS"));
}

#[test]
fn a_server_listens_on_a_socket() {
    let server = RedisServer::config().unix_socket().start();
    assert!(server.url().starts_with("redis+unix:///"));
    assert_eq!(server.command(["PING"]), Answer::Status("PONG".to_owned()));
}

#[test]
fn a_server_speaks_tls() {
    if !tls::is_there() {
        return;
    }
    let server = RedisServer::config().tls().start();
    let port = server.tls_url();
    let port = port.rsplit(':').next().unwrap().trim_end_matches("/0");
    let mut cli = Command::new("redis-cli");
    cli.args(["-p", port, "--tls", "--cacert"]);
    let output = cli.arg(server.certificate()).arg("PING").output().unwrap();
    assert_eq!(output.stdout.trim_ascii(), b"PONG");
}

#[test]
fn a_proxy_passes_and_delays() {
    let server = RedisServer::start();
    let proxy = Proxy::to(server.port());
    let mut client = through(&proxy);
    assert_eq!(client.ask(["INCR", "a"]).unwrap(), Answer::Int(1));
    proxy.turn(Weather::Slow(Duration::from_millis(40)));
    let start = Instant::now();
    assert_eq!(client.ask(["INCR", "a"]).unwrap(), Answer::Int(2));
    assert!(start.elapsed() >= Duration::from_millis(80), "both ways");
    assert_eq!(proxy.accepted(), 1);
}

#[test]
fn a_proxy_cuts_and_comes_back() {
    let server = RedisServer::start();
    let proxy = Proxy::to(server.port());
    let mut client = through(&proxy);
    client.ask(["PING"]).unwrap();
    proxy.turn(Weather::Cut);
    assert!(client.ask(["PING"]).is_err());
    assert!(through(&proxy).ask(["PING"]).is_err());
    proxy.turn(Weather::Clear);
    assert!(through(&proxy).ask(["PING"]).is_ok());
    proxy.cut();
    assert!(through(&proxy).ask(["PING"]).is_ok());
}

#[test]
fn what_a_silent_proxy_swallowed_never_comes_back() {
    let server = RedisServer::start();
    let proxy = Proxy::to(server.port());
    let (mut loser, mut idle) = (through(&proxy), through(&proxy));
    loser.ask(["PING"]).unwrap();
    idle.ask(["PING"]).unwrap();
    proxy.turn(Weather::Silent);
    std::thread::scope(|threads| {
        let asked = threads.spawn(|| loser.ask(["INCR", "a"]).is_err());
        std::thread::sleep(Duration::from_millis(100));
        proxy.turn(Weather::Clear);
        assert_eq!(idle.ask(["GET", "a"]).unwrap(), Answer::Nil);
        proxy.cut();
        assert!(asked.join().unwrap());
    });
}

fn through(proxy: &Proxy) -> Client {
    let url = proxy.url();
    let port = url.rsplit(':').next().unwrap().trim_end_matches("/0");
    Client::connect(&Address::Port(port.parse().unwrap())).unwrap()
}

#[test]
fn a_cluster_deals_its_keys_and_survives_a_master() {
    let mut cluster = RedisCluster::start(1);
    let keys: Vec<_> = (0..20).map(|n| format!("key:{n}")).collect();
    for key in &keys {
        cluster.command(key, &["SET", key, "1"]);
    }
    for master in cluster.masters() {
        assert_ne!(master.command(["DBSIZE"]), Answer::Int(0));
    }
    std::thread::sleep(Duration::from_millis(200)); // replication is asynchronous
    let took = cluster.failover();
    println!("a failover took {took:?}");
    for key in &keys {
        assert_eq!(cluster.command(key, &["GET", key]), text("1"));
    }
}

#[test]
fn sentinels_put_the_replica_in_the_place_of_the_master() {
    let mut all = RedisSentinel::start();
    all.master().command(["SET", "a", "1"]);
    assert_eq!(all.urls().len(), 3);
    std::thread::sleep(Duration::from_millis(200)); // replication is asynchronous
    all.cut_replication();
    all.master().command(["SET", "a", "2"]);
    std::thread::sleep(Duration::from_millis(200));
    let took = all.failover();
    println!("a failover took {took:?}");
    assert_eq!(all.heir().command(["GET", "a"]), text("1"));
}

/// The watchdog's promise, seen from outside: a process that was killed cannot clean up.
#[test]
fn a_process_ends_with_the_one_that_started_it_even_if_it_is_stopped() {
    let folder = Folder::new();
    let exe = std::env::current_exe().unwrap();
    let mut parent = Command::new(exe);
    parent.args(["--exact", "mother_of_a_sleeper", "--nocapture"]);
    parent.env("LARDER_SLEEPER", folder.file("pid"));
    let mut parent = parent.stdout(Stdio::null()).spawn().unwrap();
    until("a sleeper", PATIENCE, || !folder.text("pid").is_empty());
    let pid = folder.text("pid");
    assert!(is_running(&pid));
    parent.kill().unwrap();
    parent.wait().unwrap();
    until("its end", PATIENCE, || !is_running(&pid));
}

/// Not a test: what the test above runs in a process of its own.
#[test]
fn mother_of_a_sleeper() {
    let Some(pid) = std::env::var_os("LARDER_SLEEPER") else {
        return;
    };
    let folder = Folder::new();
    let mut sleep = Command::new("sleep");
    sleep.arg("60");
    let child = Child::start(&sleep, &folder, &folder.file("log"));
    child.stop();
    std::fs::write(pid, child.id().to_string()).unwrap();
    std::thread::sleep(Duration::from_secs(60));
}

/// Its shell has waited for it, so that nothing is left that a signal could reach.
fn is_running(pid: &str) -> bool {
    let pid = Pid::from_raw(pid.parse().unwrap()).unwrap();
    test_kill_process(pid).is_ok()
}
