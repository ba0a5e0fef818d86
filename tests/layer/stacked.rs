//! Layers on layers, clones of layers, layers over cached handlers.

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use larder::http::CacheLayer;
use larder::{Cache, cached};
use tower::Layer as _;

use super::client::{App, ask, layer, request, text, with};
use super::gate::{Gate, comes};
use crate::common::{self, Runs};

/// A layer in the place of a service: what it is asked, it asks one within.
fn within(
    inner: &App,
) -> impl Fn(http::Request<Body>, u64) -> Answered + Clone + Send + Sync + use<> {
    let inner = inner.clone();
    move |request, _| {
        let inner = inner.clone();
        Box::pin(async move {
            let response = tower::ServiceExt::oneshot(inner.service, request).await;
            response.unwrap().map(Body::new)
        })
    }
}

type Answered = std::pin::Pin<Box<dyn Future<Output = Response> + Send>>;

#[tokio::test]
async fn a_layer_on_the_same_layer_is_one() {
    let layer = layer();
    let inner = App::counting(&layer);
    let outer = App::slow(&layer, within(&inner));
    assert_eq!(outer.get("/").await.text(), "run 1");
    assert!(outer.get("/").await.is_hit());
    assert!(inner.get("/").await.is_hit());
    let anew = [("cache-control", "no-cache")];
    assert_eq!(outer.get_with("/", &anew).await.text(), "run 2");
    assert_eq!(outer.get("/").await.text(), "run 2");
    layer.invalidate("/").await.unwrap();
    assert_eq!(outer.get("/").await.text(), "run 3");
    assert_eq!(inner.runs(), 3);
}

#[tokio::test]
async fn a_layer_on_another_keeps_its_own() {
    let (one, two) = (layer().name("one"), layer().name("two"));
    let inner = App::counting(&one);
    let outer = App::slow(&two, within(&inner));
    assert_eq!(outer.get("/").await.text(), "run 1");
    let seen = outer.get("/").await;
    assert_eq!(seen.values("x-cache"), [b"HIT"]);
    assert_eq!(seen.values("etag").len(), 1);
    let anew = [("cache-control", "no-cache")];
    assert_eq!(outer.get_with("/", &anew).await.text(), "run 2");
    assert_eq!(inner.get("/").await.text(), "run 2");
    assert_eq!(
        outer
            .ask(request("HEAD", "/", &[]))
            .await
            .header("content-length"),
        "5"
    );
}

#[tokio::test]
async fn an_outer_layer_keeps_nothing_that_depends_on_what_only_an_inner_one_knows() {
    let cache = common::cache();
    let plain = CacheLayer::new().cache(&cache);
    let inner = App::new(&plain.clone().vary(["accept-language"]), |request, _| {
        let language = request.headers().get("accept-language");
        text(
            language
                .map_or("", |value| value.to_str().unwrap())
                .to_owned(),
        )
    });
    let outer = App::slow(&plain, within(&inner));
    for language in ["de", "fr", "de", "fr"] {
        let seen = outer.get_with("/", &[("accept-language", language)]).await;
        assert_eq!(seen.text(), language);
    }
    assert_eq!(inner.runs(), 2);
}

#[tokio::test]
async fn a_crowd_before_stacked_layers_computes_once_and_does_not_hang() {
    let cache = common::cache();
    let gate = Gate::new();
    let held = gate.clone();
    let layer = CacheLayer::new().cache(&cache);
    let inner = App::slow(&layer, move |_, run| {
        let held = held.clone();
        async move {
            held.pass(run).await;
            text(format!("run {run}"))
        }
    });
    let outer = App::slow(&layer, within(&inner));
    let crowd: Vec<_> = (0..64)
        .map(|_| {
            let outer = outer.clone();
            tokio::spawn(async move { outer.get("/").await })
        })
        .collect();
    comes("waits", || cache.stats().waits >= 63).await;
    gate.open_for_all();
    for one in crowd {
        assert_eq!(one.await.unwrap().text(), "run 1");
    }
}

#[tokio::test]
async fn clones_of_a_layer_are_one_and_learn_from_each_other() {
    let layer = layer();
    let (one, two) = (App::counting(&layer.clone()), App::counting(&layer));
    one.get("/").await;
    assert!(two.get("/").await.is_hit());
    layer.clone().invalidate("/").await.unwrap();
    assert!(!one.get("/").await.is_hit());
    let longer = layer.clone().max_body(1);
    assert!(App::counting(&longer).get("/").await.is_hit());
    assert!(!App::counting(&longer).get("/b").await.is_hit());
    assert!(!App::counting(&longer).get("/b").await.is_hit());
    assert!(format!("{layer:?}").starts_with("CacheLayer"));
}

static CACHE: std::sync::LazyLock<Cache> = std::sync::LazyLock::new(common::cache);
static RUNS: Runs = Runs::new();

#[cached(timeout = 60, cache = CACHE)]
async fn product(Path(id): Path<u64>) -> Html<String> {
    Html(format!("{id} {}", RUNS.count()))
}

#[tokio::test]
async fn a_layer_over_a_cached_handler_keeps_what_that_answers() {
    let layer = layer();
    let app = Router::new()
        .route("/one/{id}", get(product).layer(layer.clone()))
        .route("/two/{id}", get(product));
    let get = async |path: &str, headers| {
        let seen = ask(&app, request("GET", path, headers)).await;
        (seen.text().to_owned(), seen.header("x-cache").to_owned())
    };
    let is = |text: &str, word: &str| (text.to_owned(), word.to_owned());
    assert_eq!(get("/one/7", &[]).await, is("7 1", "MISS"));
    assert_eq!(get("/one/7", &[]).await, is("7 1", "HIT"));
    assert_eq!(get("/two/7", &[]).await, is("7 1", "HIT"));
    let anew = [("cache-control", "no-cache")];
    assert_eq!(get("/one/7", &anew).await, is("7 2", "MISS"));
    assert_eq!(get("/two/7", &[]).await, is("7 2", "HIT"));
    // The handler forgets; its layer has to be told on its own.
    assert!(delete_memoized_product(Path(7)).await.unwrap());
    assert_eq!(get("/one/7", &[]).await, is("7 2", "HIT"));
    layer.invalidate("/one/7").await.unwrap();
    assert_eq!(get("/one/7", &[]).await, is("7 3", "MISS"));
}

#[cached(timeout = 60, cache = CACHE)]
async fn login() -> Response {
    ([("set-cookie", "session=1")], "welcome").into_response()
}

#[tokio::test]
async fn what_a_cached_handler_does_not_keep_its_layer_does_not_either() {
    let app = Router::new().route("/", get(login)).layer(layer());
    for _ in 0..3 {
        let seen = ask(&app, request("GET", "/", &[])).await;
        assert!(!seen.is_hit());
        assert_eq!(seen.header("set-cookie"), "session=1");
    }
}

#[tokio::test]
async fn a_layer_around_a_whole_router_keeps_by_path() {
    let router = Router::new()
        .route("/a", get(|| async { "a" }))
        .route("/b", get(|| async { "b" }).post(|| async { "post" }));
    let app = layer().layer(router);
    for _ in 0..2 {
        assert_eq!(ask(&app, request("GET", "/a", &[])).await.text(), "a");
        assert_eq!(ask(&app, request("GET", "/b", &[])).await.text(), "b");
        assert_eq!(ask(&app, request("POST", "/b", &[])).await.text(), "post");
        assert_eq!(ask(&app, request("GET", "/c", &[])).await.status, 404);
        assert_eq!(ask(&app, request("POST", "/a", &[])).await.status, 405);
    }
    for expected in [false, true] {
        let seen = ask(&app, request("GET", "/b", &[])).await;
        assert_eq!(seen.is_hit(), expected, "the POST has made it forgotten");
    }
}

#[tokio::test]
async fn names_of_layers_may_be_any_text() {
    for name in ["", "http", "a:b", "{a}", "a b", "\u{1f980}"] {
        let app = App::new(&layer().name(name), |_, _| with(&[], "body"));
        app.get("/").await;
        assert!(app.get("/").await.is_hit(), "{name:?}");
    }
}
