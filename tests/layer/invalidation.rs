//! After an invalidation nobody is served what was made before it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::OriginalUri;
use axum::http::request::Parts;
use axum::routing::get;
use larder::http::CacheLayer;
use larder::{Cache, Timeout};

use super::client::{App, Seen, ask, layer, request, text, with};
use super::gate::{Gate, comes};
use crate::common;

/// Whether an invalidation of one covers what is kept of the other.
async fn covers(scope: &str, target: &str) -> bool {
    let layer = layer();
    let app = App::counting(&layer);
    app.get(target).await;
    assert!(app.get(target).await.is_hit(), "{target}");
    layer.invalidate(scope).await.unwrap();
    !app.get(target).await.is_hit()
}

#[tokio::test]
async fn a_path_is_forgotten_whatever_the_query_and_the_host() {
    let layer = layer().vary(["accept"]);
    let app = App::counting(&layer);
    let requests = || {
        [
            request("GET", "/a", &[]),
            request("GET", "/a?x=1", &[]),
            request("GET", "/a?y=2&x=1", &[]),
            request("GET", "/a", &[("host", "one.example")]),
            request("GET", "http://two.example/a", &[]),
            request("GET", "/a", &[("accept", "text/html")]),
        ]
    };
    for _ in 0..2 {
        for request in requests() {
            app.ask(request).await;
        }
    }
    assert_eq!(app.runs(), 6);
    layer.invalidate("/a").await.unwrap();
    for request in requests() {
        assert!(!app.ask(request).await.is_hit());
    }
    for request in requests() {
        assert!(app.ask(request).await.is_hit());
    }
}

#[tokio::test]
async fn scopes_cover_what_they_say_and_nothing_beside_it() {
    let cases = [
        ("/a", "/a", true),
        ("/a", "/a?", true),
        ("/a?x=1", "/a?y=2", true),
        ("/a#top", "/a", true),
        ("/a", "/ab", false),
        ("/a", "/a/b", false),
        ("/a", "/a/", true),
        ("/a/", "/a", true),
        ("/a/", "/a/", true),
        ("/a", "/A", false),
        ("/a", "/b", false),
        ("/a", "/", false),
        ("/a/*", "/a", true),
        ("/a/*", "/a/", true),
        ("/a/*", "/a?x", true),
        ("/a/*", "/a/b", true),
        ("/a/*", "/a//b", true),
        ("/a/*", "/a/b/c/d/e/f/g/h/i/j?x", true),
        ("/a/*", "/ab", false),
        ("/a/*", "/ab/c", false),
        ("/a/*", "/b/a/c", false),
        ("/a/*", "/", false),
        ("/a/b/*", "/a/c", false),
        ("/a/b/*", "/a", false),
        ("/*", "/", true),
        ("/*", "/a/b/c", true),
        ("/", "/", true),
        ("/", "/?x", true),
        ("/", "/a", false),
        ("//", "/", true),
        ("a", "/a", true),
        ("http://a.example/a?x", "/a", true),
        ("*", "/a/b", true),
    ];
    for (scope, target, expected) in cases {
        assert_eq!(covers(scope, target).await, expected, "{scope} {target}");
    }
}

#[tokio::test]
async fn encodings_hide_nothing() {
    let cases = [
        ("/j\u{fc}rgen", "/j%C3%BCrgen"),
        ("/j%c3%bcrgen", "/j%C3%BCrgen"),
        ("/a%2Fb", "/a%2fb"),
        ("/a b", "/a%20b"),
        ("/%61", "/a"),
        ("/a", "/%61"),
        ("/a/*", "/%61/b"),
        ("/%61/*", "/a/b"),
        ("/a/b", "/a%2Fb"),
        ("/a/*", "/a%2Fb"),
        ("/100%", "/100%25"),
        ("/x%ff", "/x%FF"),
        ("/a/*", "/a/*"),
        ("/a/*", "/a/%2A"),
    ];
    for (scope, target) in cases {
        assert!(covers(scope, target).await, "{scope} {target}");
    }
    // Too much rather than too little.
    assert!(covers("/a%2525", "/a%25").await);
}

#[tokio::test]
async fn a_name_that_looks_like_an_encoding_can_be_forgotten() {
    // What `Path(name)` binds of this target is `x%41`.
    assert!(covers("/user/x%41", "/user/x%2541").await);
}

#[tokio::test]
async fn a_name_with_a_question_mark_can_be_forgotten() {
    assert!(covers("/user/what?", "/user/what%3F").await);
}

#[tokio::test]
async fn a_path_without_its_first_slash_is_no_silent_mistake() {
    let layer = layer();
    let app = App::counting(&layer);
    app.get("/report/7").await;
    let told = layer.invalidate("report/7").await.is_err();
    assert!(told || !app.get("/report/7").await.is_hit());
}

#[tokio::test]
async fn every_layer_over_the_same_cache_forgets() {
    let cache = common::cache();
    let plain = CacheLayer::new().cache(&cache);
    let layers = [
        plain.clone(),
        plain.clone().vary(["accept"]),
        plain.clone().name("other"),
        plain
            .clone()
            .key(|parts| parts.uri.path().len().to_string()),
        plain.clone().timeout(Timeout::Never),
    ];
    for by in &layers {
        for of in &layers {
            let app = App::counting(of);
            app.get("/a").await;
            assert!(app.get("/a").await.is_hit());
            by.invalidate("/a").await.unwrap();
            assert!(!app.get("/a").await.is_hit());
        }
    }
    let app = App::counting(&plain);
    app.get("/a").await;
    layer().invalidate("/a").await.unwrap();
    assert!(
        app.get("/a").await.is_hit(),
        "another cache is another matter"
    );
}

#[tokio::test]
async fn a_nested_path_is_forgotten_by_the_whole_of_it() {
    async fn of(OriginalUri(uri): OriginalUri) -> String {
        uri.to_string()
    }
    let layer = layer();
    let inside = Router::new().route("/x", get(of).layer(layer.clone()));
    let app = Router::new().nest("/a", inside.clone()).nest("/b", inside);
    let is_hit = async |path: &str| ask(&app, request("GET", path, &[])).await.is_hit();
    for path in ["/a/x", "/b/x"] {
        assert!(!is_hit(path).await);
        assert!(is_hit(path).await);
    }
    layer.invalidate("/a/x").await.unwrap();
    assert!(!is_hit("/a/x").await && is_hit("/b/x").await);
    layer.invalidate("/b/*").await.unwrap();
    assert!(is_hit("/a/x").await && !is_hit("/b/x").await);
}

#[tokio::test]
async fn tags_of_ones_own_are_forgotten_with() {
    let cache = common::cache();
    let tags = |request: &Parts| {
        [format!(
            "tenant:{}",
            request.uri.query().unwrap_or_default()
        )]
    };
    let app = App::counting(&CacheLayer::new().cache(&cache).tags(tags));
    for path in ["/a?one", "/b?one", "/a?two"] {
        app.get(path).await;
    }
    cache.invalidate_tag("tenant:one").await.unwrap();
    assert!(app.get("/a?two").await.is_hit());
    assert!(!app.get("/a?one").await.is_hit() && !app.get("/b?one").await.is_hit());
}

#[tokio::test]
async fn a_scope_is_where_it_is_forgotten_too() {
    let (cache, layer) = (common::cache(), layer());
    let app = App::counting(&layer);
    larder::scope::with_cache(&cache, async {
        app.get("/a").await;
        assert!(app.get("/a").await.is_hit());
        layer.invalidate("/a").await.unwrap();
        assert!(!app.get("/a").await.is_hit());
    })
    .await;
}

#[tokio::test]
async fn a_change_through_the_layer_forgets_what_it_changed() {
    for method in ["PUT", "POST", "DELETE", "PATCH"] {
        let app = App::counting(&layer());
        app.get("/a").await;
        assert_eq!(app.ask(request(method, "/a", &[])).await.status, 200);
        assert!(!app.get("/a").await.is_hit(), "{method}");
    }
}

/// A service that reads its source first, and answers when the gate opens.
struct Scene {
    layer: CacheLayer,
    cache: Cache,
    source: Arc<AtomicU64>,
    gate: Gate,
    app: App,
}

impl Scene {
    fn new() -> Self {
        let cache = common::cache();
        let layer = CacheLayer::new().cache(&cache).timeout(60);
        let (source, gate) = (Arc::new(AtomicU64::new(1)), Gate::new());
        let (read, held) = (Arc::clone(&source), gate.clone());
        let app = App::slow(&layer, move |request, run| {
            let (value, held) = (read.load(Ordering::SeqCst), held.clone());
            async move {
                held.pass(run).await;
                let is_private = request.headers().contains_key("x-private");
                let headers: &[_] = if is_private {
                    &[("cache-control", "private")]
                } else {
                    &[]
                };
                with(headers, format!("value {value}"))
            }
        });
        Self {
            layer,
            cache,
            source,
            gate,
            app,
        }
    }

    fn start(&self, request: http::Request<Body>) -> tokio::task::JoinHandle<Seen> {
        let app = self.app.clone();
        tokio::spawn(async move { app.ask(request).await })
    }

    async fn runs(&self, runs: u64) {
        comes("a run", || self.app.runs() >= runs).await;
    }

    async fn change(&self, scope: &str) {
        self.source.fetch_add(1, Ordering::SeqCst);
        self.layer.invalidate(scope).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_made_during_an_invalidation_is_not_kept() {
    let starts = [
        ("GET", vec![]),
        ("HEAD", vec![]),
        ("GET", vec![("cache-control", "no-cache")]),
        ("GET", vec![("cache-control", "max-age=5")]),
    ];
    for scope in ["/a", "/a/*", "/*", "/a?x"] {
        for (method, headers) in &starts {
            let scene = Scene::new();
            let early = scene.start(request(method, "/a", headers));
            scene.runs(1).await;
            scene.change(scope).await;
            scene.gate.open(1);
            early.await.unwrap();
            scene.gate.open_for_all();
            assert_eq!(
                scene.app.get("/a").await.text(),
                "value 2",
                "{method} {scope}"
            );
            assert_eq!(scene.app.get("/a").await.text(), "value 2");
        }
    }
}

#[tokio::test]
async fn who_comes_after_an_invalidation_does_not_wait_for_what_was_begun_before() {
    for order in [[1, 2], [2, 1]] {
        let scene = Scene::new();
        let early = scene.start(request("GET", "/a", &[]));
        scene.runs(1).await;
        scene.change("/a").await;
        let late = scene.start(request("GET", "/a", &[]));
        scene.runs(2).await;
        let mut tasks = [(1, early), (2, late)];
        if order == [2, 1] {
            tasks.reverse();
        }
        for (run, task) in tasks {
            scene.gate.open(run);
            assert_eq!(task.await.unwrap().text(), format!("value {run}"));
        }
        let seen = scene.app.get("/a").await;
        assert_eq!((seen.text(), seen.is_hit()), ("value 2", true));
    }
}

#[tokio::test]
async fn what_is_made_without_waiting_is_not_kept_during_an_invalidation() {
    let scene = Scene::new();
    // From now on nobody waits for anybody here.
    scene.gate.open(1);
    scene.app.get_with("/a", &[("x-private", "1")]).await;
    let early = [
        scene.start(request("GET", "/a", &[])),
        scene.start(request("GET", "/a", &[])),
    ];
    scene.runs(3).await;
    scene.change("/a").await;
    let late = scene.start(request("GET", "/a", &[]));
    scene.runs(4).await;
    scene.gate.open(4);
    assert_eq!(late.await.unwrap().text(), "value 2");
    scene.gate.open_for_all();
    for early in early {
        early.await.unwrap();
    }
    assert_eq!(scene.app.get("/a").await.text(), "value 2");
}

#[tokio::test]
async fn a_body_that_is_read_during_an_invalidation_is_not_kept() {
    let gate = Gate::new();
    let held = gate.clone();
    let layer = layer();
    let app = App::new(&layer, move |_, run| {
        let held = held.clone();
        let late = futures::stream::once(async move {
            held.pass(run).await;
            let data = bytes::Bytes::from(format!("run {run}"));
            Ok::<_, std::io::Error>(http_body::Frame::data(data))
        });
        let late = http_body_util::StreamBody::new(Box::pin(late));
        text(Body::new(super::frames::Sized::new(late, 5)))
    });
    let early = {
        let app = app.clone();
        tokio::spawn(async move { app.get("/a").await })
    };
    comes("a run", || app.runs() == 1).await;
    super::gate::settle().await;
    layer.invalidate("/a").await.unwrap();
    gate.open_for_all();
    assert_eq!(early.await.unwrap().text(), "run 1");
    assert_eq!(app.get("/a").await.text(), "run 2");
}

#[tokio::test]
async fn a_clear_during_the_computation_counts_as_well() {
    let scene = Scene::new();
    let early = scene.start(request("GET", "/a", &[]));
    scene.runs(1).await;
    scene.source.fetch_add(1, Ordering::SeqCst);
    scene.cache.clear().await.unwrap();
    scene.gate.open_for_all();
    early.await.unwrap();
    assert_eq!(scene.app.get("/a").await.text(), "value 2");
}

/// A number that looks like any other.
fn scatter(seed: u64) -> u64 {
    seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23) >> 33
}

/// One who asks again and again; checks that nothing is older than what he knows to be in force.
async fn reader(app: App, floor: Arc<AtomicU64>, number: u64) {
    for round in 0..300 {
        let known = floor.load(Ordering::SeqCst);
        let dice = scatter(number * 1000 + round);
        let target = format!("/a?{}", dice % 3);
        let headers: &[_] = match dice % 7 {
            0 => &[("cache-control", "no-cache")],
            1 => &[("x-private", "1")],
            _ => &[],
        };
        let seen = app.get_with(&target, headers).await;
        let value: u64 = seen.text().parse().unwrap();
        assert!(value >= known, "value {value} after {known}");
        if dice.is_multiple_of(11) {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_many_rounds_nobody_is_served_what_was_made_before() {
    let (source, floor) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let layer = layer();
    let read = Arc::clone(&source);
    let app = App::slow(&layer, move |request, run| {
        let value = read.load(Ordering::SeqCst);
        async move {
            for _ in 0..scatter(run) % 5 {
                tokio::task::yield_now().await;
            }
            let is_private = request.headers().contains_key("x-private");
            let headers: &[_] = if is_private {
                &[("set-cookie", "a")]
            } else {
                &[]
            };
            with(headers, value.to_string())
        }
    });
    let readers: Vec<_> = (0..8)
        .map(|number| tokio::spawn(reader(app.clone(), Arc::clone(&floor), number)))
        .collect();
    let mut round = 0;
    while !readers.iter().all(tokio::task::JoinHandle::is_finished) || round < 300 {
        round += 1;
        let value = source.fetch_add(1, Ordering::SeqCst) + 1;
        let scope = ["/a", "/a/*", "/*"][usize::try_from(round % 3).unwrap()];
        layer.invalidate(scope).await.unwrap();
        floor.store(value, Ordering::SeqCst);
        tokio::task::yield_now().await;
    }
    for reader in readers {
        reader.await.unwrap();
    }
}

#[test]
fn the_argument_may_be_any_text() {
    let layer = layer();
    for path in [
        "",
        "*",
        "/%",
        "/%zz",
        "a\nb",
        "http://host/a",
        "\u{1f980}",
        "/**",
        "?",
    ] {
        layer.invalidate(path).wait().unwrap();
    }
}
