//! Law: what a layer promises holds for all processes that share a store. Two caches over one Redis are
//! two processes.

mod common;
mod servers;

mod layer {
    pub(crate) mod client;
    pub(crate) mod gate;
}

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use axum::body::Body;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use larder::Cache;
use larder::backends::Redis;
use larder::http::CacheLayer;
use tokio::task::JoinHandle;

use common::{HANG, Runs, until};
use layer::client::{App, Seen, request, text, with};
use layer::gate::Gate;
use servers::patient::cache;
use servers::server::RedisServer;

static SERVER: LazyLock<RedisServer> = LazyLock::new(RedisServer::start);

/// One process.
struct Process {
    cache: Cache,
    layer: CacheLayer,
    app: App,
}

impl Process {
    fn new(
        prefix: &str,
        answer: impl Fn(http::Request<Body>, u64) -> Answered + Clone + Send + Sync + 'static,
    ) -> Self {
        let cache = cache(&SERVER, prefix);
        let layer = CacheLayer::new().cache(&cache).timeout(60);
        let app = App::slow(&layer, answer);
        Self { cache, layer, app }
    }

    /// Answers at once.
    fn quick(
        prefix: &str,
        answer: impl Fn(u64) -> Response<Body> + Clone + Send + Sync + 'static,
    ) -> Self {
        Self::new(prefix, move |_, run| {
            let response = answer(run);
            Box::pin(async move { response })
        })
    }

    fn start(&self, target: &'static str, headers: &'static [(&str, &str)]) -> JoinHandle<Seen> {
        let app = self.app.clone();
        tokio::spawn(async move { app.get_with(target, headers).await })
    }

    /// Waits until so many responses are in the store.
    fn stored(&self, stores: u64) {
        until(|| self.cache.stats().stores >= stores);
    }

    fn runs(&self) -> u64 {
        self.app.runs()
    }
}

type Answered = std::pin::Pin<Box<dyn Future<Output = Response<Body>> + Send>>;

/// What nobody waits for longer than he should.
async fn soon<T>(what: impl Future<Output = T>) -> T {
    let within = tokio::time::timeout(HANG, what).await;
    within.expect("it hangs")
}

async fn all(tasks: Vec<JoinHandle<Seen>>) -> Vec<Seen> {
    let mut seen = Vec::new();
    for task in tasks {
        seen.push(soon(task).await.expect("no panic"));
    }
    seen
}

fn rich() -> Response<Body> {
    let body: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
    let mut response = text(body);
    *response.status_mut() = StatusCode::CREATED;
    let headers: [(&'static str, &[u8]); 6] = [
        ("x-many", b"second"),
        ("x-many", b"first"),
        ("x-latin", b"caf\xe9"),
        ("x-empty", b""),
        ("x-many", b"second"),
        ("content-type", b"application/octet-stream"),
    ];
    for (name, value) in headers {
        let value = HeaderValue::from_bytes(value).unwrap();
        response
            .headers_mut()
            .append(HeaderName::from_static(name), value);
    }
    response
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_keeps_another_answers_with_to_the_byte() {
    let (one, two) = (
        Process::quick("a:", |_| rich()),
        Process::quick("a:", |_| rich()),
    );
    let made = one.app.get("/").await;
    one.stored(1);
    let kept = two.app.get("/").await;
    assert!(kept.is_hit());
    assert_eq!(
        (made.status, kept.status),
        (StatusCode::CREATED, StatusCode::CREATED)
    );
    assert_eq!(made.body, kept.body);
    assert_eq!(made.own_headers(), kept.own_headers());
    assert_eq!(kept.values("x-many"), [&b"second"[..], b"first", b"second"]);
    let known = [("if-none-match", made.header("etag"))];
    let unchanged = two.app.get_with("/", &known).await;
    assert_eq!((unchanged.status.as_u16(), unchanged.body.len()), (304, 0));
    let head = two.app.ask(request("HEAD", "/", &[])).await;
    assert_eq!(head.header("content-length"), (1 << 20).to_string());
    assert_eq!(two.runs(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalidation_holds_in_every_process() {
    let run = |run| text(format!("run {run}"));
    let (one, two) = (Process::quick("b:", run), Process::quick("b:", run));
    let targets = ["/a", "/a?x=1", "/a/b", "/a/b/c?y", "/ab", "/"];
    let cases: [(&str, [bool; 6]); 5] = [
        ("/a", [true, true, false, false, false, false]),
        ("/a/*", [true, true, true, true, false, false]),
        ("/a/b", [false, false, true, false, false, false]),
        ("/*", [true; 6]),
        ("/", [false, false, false, false, false, true]),
    ];
    for (scope, covered) in cases {
        for target in targets {
            one.app.get(target).await;
            while !two.app.get(target).await.is_hit() {}
        }
        two.layer.invalidate(scope).await.unwrap();
        for (target, covered) in targets.into_iter().zip(covered) {
            assert_eq!(
                one.app.get(target).await.is_hit(),
                !covered,
                "{scope} {target}"
            );
        }
    }
}

/// Two processes of which the runs read a source and wait at a gate.
struct Pair {
    source: Arc<AtomicU64>,
    runs: Arc<Runs>,
    gate: Gate,
    one: Process,
    two: Process,
}

impl Pair {
    fn new(prefix: &str) -> Self {
        let (source, gate) = (Arc::new(AtomicU64::new(1)), Gate::new());
        let runs = Arc::new(Runs::new());
        let process = || {
            let (source, gate) = (Arc::clone(&source), gate.clone());
            let runs = Arc::clone(&runs);
            Process::new(prefix, move |request, _| {
                let (value, run) = (source.load(Ordering::SeqCst), runs.count());
                let gate = gate.clone();
                Box::pin(async move {
                    gate.pass(run).await;
                    let is_private = request.headers().contains_key("x-private");
                    let headers: &[_] = if is_private {
                        &[("set-cookie", "a")]
                    } else {
                        &[]
                    };
                    with(headers, format!("value {value} run {run}"))
                })
            })
        };
        let (one, two) = (process(), process());
        Self {
            source,
            runs,
            gate,
            one,
            two,
        }
    }

    async fn change(&self, by: &Process) {
        self.source.fetch_add(1, Ordering::SeqCst);
        by.layer.invalidate("/a").await.unwrap();
    }

    /// Checks that both processes answer with what is in force.
    async fn is_fresh(&self) {
        self.gate.open_for_all();
        for _ in 0..3 {
            for process in [&self.one, &self.two] {
                let seen = soon(process.app.get("/a")).await;
                assert!(seen.text().starts_with("value 2"), "{}", seen.text());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_makes_while_another_invalidates_is_not_kept() {
    let pair = Pair::new("c:");
    let early = pair.one.start("/a", &[]);
    pair.runs.wait_for(1);
    pair.change(&pair.two).await;
    let late = pair.two.start("/a", &[]);
    pair.runs.wait_for(2);
    pair.gate.open(2);
    assert_eq!(soon(late).await.unwrap().text(), "value 2 run 2");
    pair.gate.open(1);
    soon(early).await.unwrap();
    pair.is_fresh().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_begun_first_and_ends_first_is_not_kept_either() {
    let pair = Pair::new("d:");
    let early = pair.one.start("/a", &[]);
    pair.runs.wait_for(1);
    pair.change(&pair.two).await;
    pair.gate.open(1);
    soon(early).await.unwrap();
    pair.is_fresh().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_without_waiting_is_not_kept_while_another_invalidates() {
    let pair = Pair::new("e:");
    pair.gate.open(1);
    pair.one.app.get_with("/a", &[("x-private", "1")]).await;
    let early = vec![pair.one.start("/a", &[]), pair.one.start("/a", &[])];
    pair.runs.wait_for(3);
    pair.change(&pair.two).await;
    pair.gate.open(2);
    pair.gate.open(3);
    all(early).await;
    pair.is_fresh().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_response_that_a_client_asked_for_is_one_for_all_processes() {
    let pair = Pair::new("f:");
    pair.gate.open_for_all();
    pair.one.app.get("/a").await;
    pair.one.stored(1);
    assert_eq!(pair.two.app.get("/a").await.text(), "value 1 run 1");
    let anew = [("cache-control", "no-cache")];
    assert_eq!(
        pair.two.app.get_with("/a", &anew).await.text(),
        "value 1 run 2"
    );
    pair.two.stored(1);
    assert_eq!(pair.one.app.get("/a").await.text(), "value 1 run 2");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_computes_for_all_processes() {
    let pair = Pair::new("g:");
    let mut crowd: Vec<_> = (0..32).map(|_| pair.one.start("/a", &[])).collect();
    pair.runs.wait_for(1);
    crowd.extend((0..32).map(|_| pair.two.start("/a", &[])));
    until(|| pair.two.cache.stats().waits >= 32);
    assert_eq!(pair.runs.so_far(), 1);
    pair.gate.open(1);
    let seen = all(crowd).await;
    assert!(seen.iter().all(|seen| seen.text() == "value 1 run 1"));
    assert_eq!(pair.runs.so_far(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_hands_over_to_another_process() {
    let pair = Pair::new("h:");
    let first = pair.one.start("/a", &[]);
    pair.runs.wait_for(1);
    let second = pair.two.start("/a", &[]);
    until(|| pair.two.cache.stats().waits >= 1);
    first.abort();
    pair.runs.wait_for(2);
    pair.gate.open(2);
    assert_eq!(soon(second).await.unwrap().text(), "value 1 run 2");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_one_user_is_handed_to_nobody_in_another_process() {
    let pair = Pair::new("i:");
    let private: &[_] = &[("x-private", "1")];
    let mut crowd: Vec<_> = (0..32).map(|_| pair.one.start("/a", private)).collect();
    pair.runs.wait_for(1);
    crowd.extend((0..32).map(|_| pair.two.start("/a", private)));
    until(|| pair.two.cache.stats().waits >= 32);
    pair.gate.open_for_all();
    let mut bodies: Vec<_> = all(crowd).await.into_iter().map(|seen| seen.body).collect();
    bodies.sort();
    bodies.dedup();
    assert_eq!(bodies.len(), 64);
    // From now on nobody waits at all, in either.
    let before = pair.runs.so_far();
    all(vec![
        pair.one.start("/a", private),
        pair.two.start("/a", private),
    ])
    .await;
    assert_eq!(pair.runs.so_far(), before + 2);
}

/// One who asks again and again; checks that nothing is older than what is known to be in force.
async fn reader(app: App, floor: Arc<AtomicU64>, number: u64) {
    for round in 0..120 {
        let known = floor.load(Ordering::SeqCst);
        let target = ["/a", "/a?x", "/a?y"][usize::try_from((round + number) % 3).unwrap()];
        let headers: &[_] = match (round * 7 + number) % 9 {
            0 => &[("cache-control", "no-cache")],
            1 => &[("x-private", "1")],
            _ => &[],
        };
        let seen = soon(app.get_with(target, headers)).await;
        let value = seen.text().split(' ').nth(1).unwrap();
        let value: u64 = value.parse().unwrap();
        assert!(value >= known, "value {value} after {known}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_many_rounds_nobody_in_either_process_is_served_what_was_made_before() {
    let pair = Pair::new("j:");
    pair.gate.open_for_all();
    let floor = Arc::new(AtomicU64::new(0));
    let readers: Vec<_> = (0..6)
        .map(|number| {
            let process = if number % 2 == 0 {
                &pair.one
            } else {
                &pair.two
            };
            tokio::spawn(reader(process.app.clone(), Arc::clone(&floor), number))
        })
        .collect();
    let mut round = 0;
    while !readers.iter().all(JoinHandle::is_finished) || round < 200 {
        round += 1;
        let value = pair.source.fetch_add(1, Ordering::SeqCst) + 1;
        let by = if round % 2 == 0 { &pair.one } else { &pair.two };
        let scope = ["/a", "/a/*", "/*"][round % 3];
        by.layer.invalidate(scope).await.unwrap();
        floor.store(value, Ordering::SeqCst);
    }
    for reader in readers {
        reader.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_of_any_text_is_a_key_of_the_store() {
    let process = Process::quick("k:", |run| text(format!("run {run}")));
    let long = "/long".repeat(500);
    let paths = [
        "/{a}", "/}{", "/a:b", "/*", "/%00", "/%0d%0a", "/\"", "//", &long,
    ];
    for (number, path) in (1..).zip(paths) {
        assert!(!process.app.get(path).await.is_hit());
        process.stored(number);
        assert!(process.app.get(path).await.is_hit(), "{path}");
        process.layer.invalidate("/nothing").await.unwrap();
        assert!(process.app.get(path).await.is_hit(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_store_a_layer_answers_all_the_same() {
    let server = RedisServer::start();
    let cache = Cache::builder()
        .backend(Redis::builder(server.url()).connect().wait().unwrap())
        .key_prefix("l:")
        .build()
        .unwrap();
    let layer = CacheLayer::new().cache(&cache);
    let app = App::new(&layer, |_, _| rich());
    app.get("/").await;
    until(|| cache.stats().stores >= 1);
    drop(server);
    for _ in 0..5 {
        let seen = soon(app.get("/")).await;
        assert_eq!(
            (seen.status, seen.body.len()),
            (StatusCode::CREATED, 1 << 20)
        );
        let head = soon(app.ask(request("HEAD", "/", &[]))).await;
        assert_eq!(head.header("content-length"), (1 << 20).to_string());
    }
    assert!(soon(async { layer.invalidate("/").await }).await.is_err());
}
