//! `HEAD` is a `GET` of which only the head is sent.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::HeaderMap;
use tower::Layer as _;

use super::client::{App, ask, layer, request, text, with};
use super::frames::Frames;

#[tokio::test]
async fn head_is_answered_by_a_kept_get() {
    let app = App::counting(&layer());
    let whole = app.get("/").await;
    let seen = app.ask(request("HEAD", "/", &[])).await;
    assert_eq!((seen.is_hit(), seen.body.len()), (true, 0));
    assert_eq!(seen.header("content-length"), "5");
    assert_eq!(seen.own_headers(), whole.own_headers());
    assert_eq!(app.runs(), 1);
}

#[tokio::test]
async fn head_on_a_miss_is_asked_as_head_and_keeps_nothing() {
    let app = App::new(&layer(), |request, run| {
        text(format!("{} {run}", request.method()))
    });
    let seen = app.ask(request("HEAD", "/", &[])).await;
    assert_eq!((seen.header("x-cache"), seen.body.len()), ("MISS", 0));
    assert_eq!(seen.header("content-length"), "6");
    let seen = app.get("/").await;
    assert_eq!((seen.text(), seen.is_hit()), ("GET 2", false));
    assert!(app.ask(request("HEAD", "/", &[])).await.is_hit());
}

#[tokio::test]
async fn head_sends_no_body_of_what_is_not_kept() {
    let bodies: [fn() -> Frames; 4] = [
        || Frames::streaming(&["a"]),
        || Frames::of(&["abcdefghij"]),
        || Frames::of(&["a"]).trailed(HeaderMap::new()),
        || Frames::of(&["a"]).broken(),
    ];
    for body in bodies {
        let app = App::new(&layer().max_body(5), move |_, _| text(Body::new(body())));
        let seen = app.ask(request("HEAD", "/", &[])).await;
        assert!(seen.body.is_empty() && seen.trailers.is_none() && !seen.broken);
    }
    let long = App::new(&layer().max_body(5), |_, _| text("abcdefghij"));
    let seen = long.ask(request("HEAD", "/", &[])).await;
    assert_eq!(seen.header("content-length"), "10");
    let refused = App::new(&layer(), |_, _| with(&[("set-cookie", "a")], "abc"));
    let seen = refused.ask(request("HEAD", "/", &[])).await;
    assert_eq!((seen.header("content-length"), seen.body.len()), ("3", 0));
}

#[tokio::test]
async fn head_that_goes_past_the_cache_stays_head() {
    let app = App::new(&layer(), |request, _| text(request.method().to_string()));
    let seen = app.ask(request("HEAD", "/", &[("cookie", "a")])).await;
    // The server in front cuts it off.
    assert_eq!(seen.text(), "HEAD");
    assert_eq!(app.get("/").await.text(), "GET");
}

#[tokio::test]
async fn head_through_a_router_is_right_wherever_the_layer_is() {
    let hello = || async { "hello" };
    let inside = Router::new().route("/", get(hello).layer(layer()));
    let around = layer().layer(Router::new().route("/", get(hello)));
    for first in ["HEAD", "GET"] {
        let path = format!("/?{first}");
        let inside = &inside;
        let seen = ask(inside, request(first, &path, &[])).await;
        assert_eq!(seen.header("content-length"), "5");
        assert_eq!(
            ask(inside, request("GET", &path, &[])).await.text(),
            "hello"
        );
        let seen = ask(inside, request("HEAD", &path, &[])).await;
        assert_eq!((seen.header("content-length"), seen.body.len()), ("5", 0));
        ask(&around, request(first, &path, &[])).await;
        assert_eq!(
            ask(&around, request("GET", &path, &[])).await.text(),
            "hello"
        );
        let seen = ask(&around, request("HEAD", &path, &[])).await;
        assert_eq!((seen.header("content-length"), seen.body.len()), ("5", 0));
    }
}

#[tokio::test]
async fn a_route_of_its_own_for_head_does_not_answer_get() {
    // As the docs of axum have it: GET routes serve HEAD, unless there is a route for it.
    let route = get(|| async { "hello" }).head(|| async { [("x-head", "1")] });
    let app = Router::new().route("/", route).layer(layer());
    ask(&app, request("HEAD", "/", &[])).await;
    assert_eq!(ask(&app, request("GET", "/", &[])).await.text(), "hello");
}
