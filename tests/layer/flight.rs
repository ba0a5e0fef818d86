//! One request computes for all that come meanwhile, unless its response is for itself only.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use http::{Response, StatusCode};
use larder::Cache;
use larder::http::CacheLayer;
use tokio::task::JoinHandle;
use tower::{Layer as _, ServiceExt as _};

use super::client::{App, Seen, request, text, with};
use super::frames::Frames;
use super::gate::{Gate, comes, settle};
use crate::common::{self, Runs};

const MANY: u64 = 64;

/// A service of which every run waits at a gate.
struct Scene {
    cache: Cache,
    app: App,
    gate: Gate,
    /// How many are at the gate.
    inside: Arc<AtomicU64>,
}

impl Scene {
    fn new(
        layer: impl FnOnce(CacheLayer) -> CacheLayer,
        answer: impl Fn(u64) -> Response<Body> + Clone + Send + Sync + 'static,
    ) -> Self {
        let cache = common::cache();
        let (gate, inside) = (Gate::new(), Arc::new(AtomicU64::new(0)));
        let (held, at) = (gate.clone(), Arc::clone(&inside));
        let layer = layer(CacheLayer::new().cache(&cache).timeout(60));
        let app = App::slow(&layer, move |_, run| {
            let (held, at, answer) = (held.clone(), Arc::clone(&at), answer.clone());
            async move {
                at.fetch_add(1, Ordering::SeqCst);
                held.pass(run).await;
                at.fetch_sub(1, Ordering::SeqCst);
                answer(run)
            }
        });
        Self {
            cache,
            app,
            gate,
            inside,
        }
    }

    fn start(&self, headers: &'static [(&str, &str)]) -> JoinHandle<Seen> {
        let app = self.app.clone();
        tokio::spawn(async move { app.get_with("/", headers).await })
    }

    async fn runs(&self, runs: u64) {
        comes("runs", || self.app.runs() >= runs).await;
    }

    async fn wait(&self, calls: u64) {
        comes("waits", || self.cache.stats().waits >= calls).await;
    }

    /// One that computes, and others that wait for it.
    async fn crowd(&self) -> Vec<JoinHandle<Seen>> {
        let mut crowd = vec![self.start(&[])];
        self.runs(1).await;
        crowd.extend((1..MANY).map(|_| self.start(&[])));
        self.wait(MANY - 1).await;
        assert_eq!(self.app.runs(), 1);
        crowd
    }
}

async fn all(crowd: Vec<JoinHandle<Seen>>) -> Vec<Seen> {
    let mut seen = Vec::new();
    for one in crowd {
        seen.push(one.await.expect("no panic"));
    }
    seen
}

#[tokio::test]
async fn one_request_computes_for_all_that_come_meanwhile() {
    let scene = Scene::new(|layer| layer, |run| text(format!("run {run}")));
    let crowd = scene.crowd().await;
    scene.gate.open(1);
    let seen = all(crowd).await;
    assert!(seen.iter().all(|seen| seen.text() == "run 1"));
    assert_eq!(seen.iter().filter(|seen| !seen.is_hit()).count(), 1);
    assert_eq!(scene.app.runs(), 1);
}

#[tokio::test]
async fn a_client_that_hangs_up_hands_over_to_one_that_waits() {
    let scene = Scene::new(|layer| layer, |run| text(format!("run {run}")));
    let mut crowd = scene.crowd().await;
    crowd.remove(0).abort();
    scene.runs(2).await;
    scene.gate.open(2);
    let seen = all(crowd).await;
    assert!(seen.iter().all(|seen| seen.text() == "run 2"));
    assert_eq!(scene.app.runs(), 2);
    assert!(scene.app.get("/").await.is_hit());
}

#[tokio::test]
async fn a_service_that_panics_poisons_nobody() {
    let scene = Scene::new(
        |layer| layer,
        |run| {
            assert_ne!(run, 1, "the first run fails");
            text(format!("run {run}"))
        },
    );
    let mut crowd = scene.crowd().await;
    scene.gate.open(1);
    scene.gate.open(2);
    assert!(crowd.remove(0).await.is_err());
    let seen = all(crowd).await;
    assert!(seen.iter().all(|seen| seen.text() == "run 2"));
}

/// Checks that many requests at once get a response each, and do not stand in a row for it.
async fn each_for_itself(
    layer: impl FnOnce(CacheLayer) -> CacheLayer,
    answer: impl Fn(u64) -> Response<Body> + Clone + Send + Sync + 'static,
) {
    let scene = Scene::new(layer, answer);
    let crowd = scene.crowd().await;
    // The first two may be waited for: nobody knows yet.
    scene.gate.open(1);
    scene.runs(2).await;
    scene.gate.open(2);
    comes("all at once", || {
        scene.inside.load(Ordering::SeqCst) >= MANY - 2
    })
    .await;
    scene.gate.open_for_all();
    let mut bodies: Vec<_> = all(crowd).await.into_iter().map(|seen| seen.body).collect();
    bodies.sort();
    bodies.dedup();
    assert_eq!(bodies.len() as u64, MANY);
    assert_eq!(scene.app.runs(), MANY);
    assert!(!scene.app.get("/").await.is_hit());
}

#[tokio::test]
async fn what_is_for_one_user_is_handed_to_nobody_else() {
    each_for_itself(
        |layer| layer,
        |run| with(&[("set-cookie", "a=b")], format!("run {run}")),
    )
    .await;
}

#[tokio::test]
async fn an_error_is_handed_to_nobody_else() {
    let error = |run| {
        let mut response = text(format!("run {run}"));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    };
    each_for_itself(|layer| layer, error).await;
}

#[tokio::test]
async fn what_the_layer_does_not_want_is_handed_to_nobody_else() {
    each_for_itself(
        |layer| layer.cache_if(|_| false),
        |run| text(format!("run {run}")),
    )
    .await;
}

#[tokio::test]
async fn what_is_too_long_or_endless_or_stale_is_handed_to_nobody_else() {
    each_for_itself(|layer| layer.max_body(3), |run| text(format!("run {run}"))).await;
    let stream = |run: u64| {
        let body: &'static str = Box::leak(format!("run {run}").into_boxed_str());
        text(Body::new(Frames::streaming(&[body])))
    };
    each_for_itself(|layer| layer, stream).await;
    let broken = |run: u64| {
        let body: &'static str = Box::leak(format!("run {run}").into_boxed_str());
        text(Body::new(Frames::of(&[body]).broken()))
    };
    each_for_itself(|layer| layer, broken).await;
    let stale = |run| with(&[("cache-control", "max-age=0")], format!("run {run}"));
    each_for_itself(|layer| layer, stale).await;
}

#[tokio::test]
async fn nobody_waits_for_what_was_not_kept_the_last_time() {
    let scene = Scene::new(
        |layer| layer,
        |run| match run {
            1 => with(&[("cache-control", "no-store")], "run 1"),
            _ => text(format!("run {run}")),
        },
    );
    scene.gate.open(1);
    scene.app.get("/").await;
    let crowd: Vec<_> = (0..MANY).map(|_| scene.start(&[])).collect();
    comes("all at once", || {
        scene.inside.load(Ordering::SeqCst) == MANY
    })
    .await;
    scene.gate.open_for_all();
    all(crowd).await;
    // Now something was kept: one computes again.
    scene.cache.clear().await.unwrap();
    let before = scene.app.runs();
    let crowd: Vec<_> = (0..MANY).map(|_| scene.start(&[])).collect();
    all(crowd).await;
    assert_eq!(scene.app.runs(), before + 1);
}

#[tokio::test]
async fn an_error_of_the_service_is_paid_twice_at_most() {
    let (runs, gate) = (Arc::new(Runs::new()), Gate::new());
    let cache = common::cache();
    let (counted, held) = (Arc::clone(&runs), gate.clone());
    let service = tower::service_fn(move |_: http::Request<Body>| {
        let (run, held) = (counted.count(), held.clone());
        async move {
            held.pass(run).await;
            Err::<Response<Body>, u64>(run)
        }
    });
    let service = CacheLayer::new().cache(&cache).layer(service);
    let start = || {
        let service = service.clone();
        tokio::spawn(async move { service.oneshot(request("GET", "/", &[])).await.err() })
    };
    let mut crowd = vec![start()];
    comes("a run", || runs.so_far() == 1).await;
    crowd.extend((1..MANY).map(|_| start()));
    comes("waits", || cache.stats().waits >= MANY - 1).await;
    gate.open(1);
    comes("another run", || runs.so_far() >= 2).await;
    gate.open(2);
    comes("all runs", || runs.so_far() == MANY).await;
    gate.open_for_all();
    let mut errors = Vec::new();
    for one in crowd {
        errors.push(one.await.unwrap().expect("an error"));
    }
    errors.sort_unstable();
    assert_eq!(errors, (1..=MANY).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_client_that_hangs_up_during_the_body_hands_over() {
    let cache = common::cache();
    let gate = Gate::new();
    let held = gate.clone();
    let app = App::new(&CacheLayer::new().cache(&cache), move |_, run| {
        let held = held.clone();
        let late = futures::stream::once(async move {
            held.pass(run).await;
            Ok::<_, std::io::Error>(http_body::Frame::data(bytes::Bytes::from("late")))
        });
        let late = http_body_util::StreamBody::new(Box::pin(late));
        text(Body::new(super::frames::Sized::new(late, 4)))
    });
    let start = || {
        let app = app.clone();
        tokio::spawn(async move { app.get("/").await })
    };
    let first = start();
    comes("a run", || app.runs() == 1).await;
    let crowd: Vec<_> = (1..MANY).map(|_| start()).collect();
    comes("waits", || cache.stats().waits >= MANY - 1).await;
    first.abort();
    comes("another run", || app.runs() == 2).await;
    gate.open_for_all();
    assert!(all(crowd).await.iter().all(|seen| seen.text() == "late"));
    assert_eq!(app.runs(), 2);
}

#[tokio::test]
async fn who_wants_a_new_response_does_not_get_one_that_was_begun_before() {
    let scene = Scene::new(|layer| layer, |run| text(format!("run {run}")));
    let early = scene.start(&[]);
    scene.runs(1).await;
    let anew = scene.start(&[("cache-control", "no-cache")]);
    scene.runs(2).await;
    scene.gate.open(2);
    assert_eq!(anew.await.unwrap().text(), "run 2");
    assert_eq!(scene.app.get("/").await.text(), "run 2");
    scene.gate.open(1);
    early.await.unwrap();
    // What was begun before does not come in its place.
    assert_eq!(scene.app.get("/").await.text(), "run 2");
}

#[tokio::test]
async fn requests_with_other_keys_do_not_wait() {
    let scene = Scene::new(
        |layer| layer.vary(["accept"]),
        |run| text(format!("run {run}")),
    );
    let crowd = [
        scene.start(&[]),
        scene.start(&[("accept", "a")]),
        scene.start(&[("accept", "b")]),
    ];
    comes("all at once", || scene.inside.load(Ordering::SeqCst) == 3).await;
    settle().await;
    assert_eq!(scene.cache.stats().waits, 0);
    scene.gate.open_for_all();
    all(crowd.into()).await;
}

#[tokio::test]
async fn requests_that_go_past_the_cache_do_not_wait() {
    let scene = Scene::new(|layer| layer, |run| text(format!("run {run}")));
    let mut crowd = scene.crowd().await;
    crowd.push(scene.start(&[("cookie", "me")]));
    crowd.push(scene.start(&[("cache-control", "no-store")]));
    crowd.push(scene.start(&[("range", "bytes=0-1")]));
    comes("all at once", || scene.inside.load(Ordering::SeqCst) == 4).await;
    scene.gate.open_for_all();
    let seen = all(crowd).await;
    assert_eq!(
        seen.iter().filter(|seen| seen.text() == "run 1").count() as u64,
        MANY
    );
}

#[tokio::test]
async fn whoever_leads_each_gets_what_he_asked_for() {
    type Headers = &'static [(&'static str, &'static str)];
    let asks: [(&str, Headers); 3] = [
        ("GET", &[("if-none-match", "*")]),
        ("GET", &[("cache-control", "max-age=60")]),
        ("GET", &[]),
    ];
    for first in 0..asks.len() {
        let scene = Scene::new(|layer| layer, |run| text(format!("run {run}")));
        let start = |(method, headers): (&'static str, Headers)| {
            let app = scene.app.clone();
            tokio::spawn(async move { app.ask(request(method, "/", headers)).await })
        };
        let mut crowd = Vec::new();
        for number in 0..asks.len() {
            crowd.push(start(asks[(first + number) % asks.len()]));
            scene.runs(1).await;
        }
        scene.wait(2).await;
        scene.gate.open(1);
        let mut seen = all(crowd).await;
        seen.rotate_right(first);
        assert_eq!((seen[0].text(), seen[0].status.as_u16()), ("", 304));
        assert_eq!((seen[1].text(), seen[2].text()), ("run 1", "run 1"));
        assert_eq!(scene.app.runs(), 1);
    }
}

/// A service that may be called only when it has said that it is ready.
struct Strict {
    is_ready: bool,
    runs: Arc<Runs>,
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        let runs = Arc::clone(&self.runs);
        Self {
            is_ready: false,
            runs,
        }
    }
}

impl tower::Service<http::Request<Body>> for Strict {
    type Response = Response<Body>;
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<Response<Body>, Self::Error>>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Self::Error>> {
        self.is_ready = true;
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http::Request<Body>) -> Self::Future {
        assert!(
            std::mem::take(&mut self.is_ready),
            "it was not asked whether it is ready"
        );
        std::future::ready(Ok(text(format!("run {}", self.runs.count()))))
    }
}

#[tokio::test]
async fn a_service_is_called_only_when_it_is_ready() {
    let runs = Arc::new(Runs::new());
    let strict = Strict {
        is_ready: false,
        runs: Arc::clone(&runs),
    };
    let mut service = CacheLayer::new().cache(&common::cache()).layer(strict);
    let headers: [&[(&str, &str)]; 4] = [
        &[],
        &[],
        &[("cookie", "a")],
        &[("cache-control", "no-cache")],
    ];
    for headers in headers {
        // The very same service, again and again.
        let service = service.ready().await.unwrap();
        let response = tower::Service::call(service, request("GET", "/", headers)).await;
        assert!(Seen::of(response.unwrap()).await.text().starts_with("run"));
    }
    assert_eq!(runs.so_far(), 3);
}
