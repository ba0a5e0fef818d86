//! What two requests have to have in common to share a response.

use axum::Router;
use axum::body::Body;
use axum::extract::{OriginalUri, RawQuery, Request};
use axum::middleware::{Next, from_fn};
use axum::routing::get;
use http::Uri;
use larder::http::CacheLayer;
use tower::Layer as _;

use super::client::{App, ask, layer, request, text};
use crate::common;

/// Whether a layer gives two targets one response.
async fn shares(first: &str, second: &str) -> bool {
    let app = App::counting(&layer());
    let (first, second) = (request("GET", first, &[]), request("GET", second, &[]));
    app.shares(first, second).await
}

/// Whether a layer gives requests with these headers one response.
async fn alike(layer: &CacheLayer, first: &[(&str, &str)], second: &[(&str, &str)]) -> bool {
    let app = App::counting(layer);
    let (first, second) = (request("GET", "/", first), request("GET", "/", second));
    app.shares(first, second).await
}

#[tokio::test]
async fn the_same_request_is_answered_once() {
    let app = App::counting(&layer());
    let made = app.get("/a?b=1").await;
    assert_eq!((made.text(), made.header("x-cache")), ("run 1", "MISS"));
    let kept = app.get("/a?b=1").await;
    assert_eq!((kept.text(), kept.header("x-cache")), ("run 1", "HIT"));
    assert_eq!(kept.header("cache-status"), "larder; hit");
    assert_eq!(app.runs(), 1);
}

#[tokio::test]
async fn paths_are_told_apart_byte_by_byte() {
    let other = [
        ("/a", "/b"),
        ("/a", "/A"),
        ("/a", "/a/"),
        ("/a", "//a"),
        ("/a/b", "/a//b"),
        ("/a/b", "/a/./b"),
        ("/b", "/a/../b"),
        ("/a/b", "/a%2Fb"),
        ("/a%2fb", "/a%2Fb"),
        ("/a", "/%61"),
        ("/a?b", "/a%3Fb"),
        ("/a", "/a;v=1"),
        ("/", "//"),
    ];
    for (first, second) in other {
        assert!(!shares(first, second).await, "{first} {second}");
    }
}

#[tokio::test]
async fn queries_are_sorted_by_name_and_repeats_keep_their_order() {
    assert!(shares("/a?x=1&y=2", "/a?y=2&x=1").await);
    assert!(shares("/a?x=1&y=2&x=3", "/a?y=2&x=1&x=3").await);
    let other = [
        ("/a", "/a?x"),
        ("/a?x", "/a?x="),
        ("/a?x=1", "/a?x=2"),
        ("/a?x=1", "/a?X=1"),
        ("/a?x=1&x=2", "/a?x=2&x=1"),
        ("/a?x=1&x=1", "/a?x=1"),
        ("/a?x=1&y=2", "/a?x=1%26y=2"),
        ("/a?x=1&y=2", "/a?x=1;y=2"),
        ("/a?x=1&y=2", "/a?x=2&y=1"),
        ("/a?x=a=b", "/a?x=a&b"),
        ("/a?x=1", "/a/x=1"),
    ];
    for (first, second) in other {
        assert!(!shares(first, second).await, "{first} {second}");
    }
}

#[tokio::test]
async fn an_empty_query_is_no_query() {
    assert!(shares("/a", "/a?").await);
    assert!(shares("/a?x=1", "/a?&x=1&&").await);
}

#[tokio::test]
async fn repeats_of_a_name_in_two_encodings_keep_their_order() {
    // A handler reads `a` as [1, 2] and as [2, 1].
    assert!(!shares("/a?%61=1&a=2", "/a?a=2&%61=1").await);
}

#[tokio::test]
async fn hosts_are_told_apart_but_for_their_case() {
    let host = |host: &'static str| request("GET", "/a", &[("host", host)]);
    let app = App::counting(&layer());
    assert!(!app.shares(host("a.example"), host("b.example")).await);
    assert!(app.shares(host("c.example"), host("C.Example")).await);
    assert!(!app.shares(host("d.example"), host("d.example:80")).await);
    assert!(!app.shares(host("e.example"), host("e.example.")).await);
    assert!(
        !app.shares(host("f.example"), request("GET", "/a", &[]))
            .await
    );
    let authority = || request("GET", "http://g.example/a", &[]);
    assert!(app.shares(authority(), host("g.example")).await);
    let user = || request("GET", "http://me@g.example/a", &[]);
    assert!(!app.shares(user(), host("g.example")).await);
}

#[tokio::test]
async fn get_and_head_share_and_other_methods_do_not() {
    let app = App::new(&layer(), |request, run| {
        text(format!("{} {run}", request.method()))
    });
    assert_eq!(app.get("/a").await.text(), "GET 1");
    for (run, method) in (2..).zip(["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "QUERY", "get"]) {
        let seen = app.ask(request(method, "/a", &[])).await;
        assert_eq!(seen.text(), format!("{method} {run}"));
        assert_eq!(seen.header("x-cache"), "");
        assert_eq!(seen.header("cache-status"), "larder; fwd=method");
    }
    // What may have changed it, has made it forgotten.
    assert_eq!(app.get("/a").await.text(), "GET 9");
    assert_eq!(
        app.ask(request("HEAD", "/a", &[])).await.header("x-cache"),
        "HIT"
    );
}

#[tokio::test]
async fn a_varied_header_is_in_the_key_value_by_value() {
    let layer = || layer().vary(["X-Tenant", "accept-language"]);
    let same: [[&[(&str, &str)]; 2]; 3] = [
        [&[("x-tenant", "a")], &[("X-TENANT", "a")]],
        [&[("x-other", "a")], &[("x-other", "b")]],
        [
            &[("x-tenant", "a"), ("accept-language", "de")],
            &[("accept-language", "de"), ("x-tenant", "a")],
        ],
    ];
    for [first, second] in same {
        assert!(alike(&layer(), first, second).await, "{first:?} {second:?}");
    }
    let other: [[&[(&str, &str)]; 2]; 9] = [
        [&[], &[("x-tenant", "")]],
        [&[("x-tenant", "a")], &[("x-tenant", "b")]],
        [&[("x-tenant", "a")], &[("x-tenant", "A")]],
        [&[("x-tenant", "a")], &[("accept-language", "a")]],
        [
            &[("x-tenant", "a")],
            &[("x-tenant", "a"), ("x-tenant", "a")],
        ],
        [
            &[("x-tenant", "a, b")],
            &[("x-tenant", "a"), ("x-tenant", "b")],
        ],
        [
            &[("x-tenant", "a"), ("x-tenant", "b")],
            &[("x-tenant", "b"), ("x-tenant", "a")],
        ],
        [&[("x-tenant", "")], &[("x-tenant", ""), ("x-tenant", "")]],
        [
            &[("accept-language", "de"), ("x-tenant", "")],
            &[("accept-language", "de")],
        ],
    ];
    for [first, second] in other {
        assert!(
            !alike(&layer(), first, second).await,
            "{first:?} {second:?}"
        );
    }
}

#[tokio::test]
async fn no_header_value_imitates_another() {
    let layer = || layer().vary(["x-a", "x-b"]);
    let with = |name: &str, value: &[u8]| {
        let mut request = request("GET", "/", &[]);
        let name = http::HeaderName::try_from(name).unwrap();
        let value = http::HeaderValue::from_bytes(value).unwrap();
        request.headers_mut().append(name, value);
        request
    };
    let values: [&[u8]; 10] = [
        b"",
        b"\\n",
        b"\\nx-b: 1",
        b"\xff",
        b"\\xff",
        b"\\\\xff",
        b"\t",
        b"\\t",
        b"\"",
        b"\\\"",
    ];
    let app = App::counting(&layer());
    for name in ["x-a", "x-b"] {
        for value in values {
            let seen = app.ask(with(name, value)).await;
            assert!(!seen.is_hit(), "{name} {value:?}");
        }
    }
    for name in ["x-a", "x-b"] {
        for value in values {
            let seen = app.ask(with(name, value)).await;
            assert!(seen.is_hit(), "{name} {value:?}");
        }
    }
}

/// A key as the request says it in `x-key`, for tests only.
fn said(parts: &http::request::Parts) -> String {
    let key = parts.headers.get("x-key");
    key.map_or_else(String::new, |key| {
        key.to_str().unwrap().replace("<br>", "\n")
    })
}

#[tokio::test]
async fn a_key_of_ones_own_replaces_the_host_and_the_query() {
    let app = App::counting(&layer().key(said));
    let first = request("GET", "http://a.example/a?x=1", &[("x-key", "one")]);
    let second = request("GET", "http://b.example/a?y=2", &[("x-key", "one")]);
    assert!(app.shares(first, second).await);
    let other = request("GET", "http://a.example/a?x=1", &[("x-key", "two")]);
    assert!(!app.ask(other).await.is_hit());
}

#[tokio::test]
async fn a_key_of_ones_own_imitates_neither_headers_nor_requests() {
    let cache = common::cache();
    let plain = || CacheLayer::new().cache(&cache);
    let keyed = App::counting(&plain().vary(["x-a"]).key(said));
    let bare = App::counting(&plain().key(said));
    let usual = App::counting(&plain());
    let varied = App::counting(&plain().vary(["x-a"]));
    let mut seen = Vec::new();
    seen.push(usual.get("/p?q").await);
    seen.push(varied.get_with("/p?q", &[("x-a", "1")]).await);
    for key in [
        "",
        "/p<br>q",
        "<br>/p<br>q",
        "<br>/p<br>q<br>x-a: 1",
        "x-a: 1<br><br>",
        "x-a",
    ] {
        seen.push(bare.get_with("/p?q", &[("x-key", key)]).await);
        seen.push(keyed.get_with("/p?q", &[("x-key", key)]).await);
        let headers = [("x-key", key), ("x-a", "1")];
        seen.push(keyed.get_with("/p?q", &headers).await);
    }
    assert!(seen.iter().all(|seen| !seen.is_hit()));
}

#[tokio::test]
async fn layers_over_one_cache_share_what_they_keep_of_the_same_request() {
    let cache = common::cache();
    let layer = || CacheLayer::new().cache(&cache);
    let (one, two) = (App::counting(&layer()), App::counting(&layer()));
    one.get("/a").await;
    assert!(two.get("/a").await.is_hit());
    let named = App::counting(&layer().name("other"));
    assert!(!named.get("/a").await.is_hit());
    assert!(named.get("/a").await.is_hit());
    let varied = App::counting(&layer().vary(["accept"]));
    assert!(!varied.get("/a").await.is_hit());
    let elsewhere = App::counting(&super::client::layer());
    assert!(!elsewhere.get("/a").await.is_hit());
}

/// Answers with the path as it sees it.
async fn inner(request: Request) -> String {
    format!("{}", request.uri())
}

#[tokio::test]
async fn nested_routers_with_one_inner_path_are_told_apart() {
    async fn of(OriginalUri(uri): OriginalUri) -> String {
        uri.to_string()
    }
    let layer = layer();
    let inside = || Router::new().route("/x", get(of).layer(layer.clone()));
    let deep = Router::new().nest("/one", inside()).nest("/two", inside());
    let app = Router::new().nest("/a", deep.clone()).nest("/b", deep);
    for _ in 0..2 {
        for path in ["/a/one/x", "/a/two/x", "/b/one/x", "/b/two/x"] {
            let seen = ask(&app, request("GET", path, &[])).await;
            assert_eq!(seen.text(), path);
        }
    }
    let seen = ask(&app, request("GET", "/a/one/x", &[])).await;
    assert!(seen.is_hit());
}

#[tokio::test]
async fn a_service_nested_twice_is_told_apart() {
    let service = || {
        layer().layer(tower::service_fn(|request: Request| async move {
            Ok::<_, std::convert::Infallible>(text(inner(request).await))
        }))
    };
    let service = service();
    let app = Router::new()
        .nest_service("/a", service.clone())
        .nest_service("/b", service);
    assert!(!ask(&app, request("GET", "/a/x", &[])).await.is_hit());
    assert!(!ask(&app, request("GET", "/b/x", &[])).await.is_hit());
    assert!(ask(&app, request("GET", "/b/x", &[])).await.is_hit());
}

#[tokio::test]
async fn a_uri_rewritten_behind_the_router_is_in_the_key() {
    async fn by_tenant(mut request: Request, next: Next) -> axum::response::Response {
        let tenant = request.headers()["x-tenant"].to_str().unwrap();
        *request.uri_mut() = Uri::try_from(format!("/{tenant}")).unwrap();
        next.run(request).await
    }
    let app = Router::new()
        .route("/", get(inner).layer(layer()))
        .layer(from_fn(by_tenant));
    for tenant in ["one", "two"] {
        let seen = ask(&app, request("GET", "/", &[("x-tenant", tenant)])).await;
        assert_eq!(seen.text(), format!("/{tenant}"));
    }
}

#[tokio::test]
async fn requests_that_a_handler_makes_of_its_own_are_told_apart() {
    let items = Router::new().route("/item/{id}", get(inner).layer(layer()));
    let page = move |request: Request| async move {
        let (parts, _) = request.into_parts();
        let mut page = String::new();
        for path in ["/item/1", "/item/2"] {
            let mut parts = parts.clone();
            parts.uri = Uri::from_static(path);
            let request = Request::from_parts(parts, Body::empty());
            page += ask(&items, request).await.text();
        }
        page
    };
    let app = Router::new().route("/page", get(page));
    let seen = ask(&app, request("GET", "/page", &[])).await;
    assert_eq!(seen.text(), "/item/1/item/2");
}

#[tokio::test]
async fn routes_and_their_parameters_are_told_apart() {
    async fn of(OriginalUri(uri): OriginalUri, RawQuery(query): RawQuery) -> String {
        format!("{} {query:?}", uri.path())
    }
    let app = Router::new()
        .route("/a/{id}", get(of))
        .route("/b/{*rest}", get(of))
        .layer(layer());
    for _ in 0..2 {
        for path in ["/a/1", "/a/2", "/b/1", "/b/1/2", "/b/1//2"] {
            let seen = ask(&app, request("GET", path, &[])).await;
            assert_eq!(seen.text(), format!("{path} None"));
        }
    }
}
