//! Law: nobody gets what was made for another, and nobody decides what others get.
//!
//! The ways in which one user's response could reach another, or in which somebody could poison what
//! others get, and what becomes of each. *Keyed*: the two have different keys. *Refused*: the response
//! is not kept, or the request goes past the cache. *Yours*: the layer cannot know; what to write stands
//! beside it. Tests that are not here are named with their file in `tests/layer`.
//!
//! Who asks:
//!
//! * `authorization`, `cookie`, `proxy-authorization`: refused; keyed if named in `vary`.
//! * `x-api-key`, `x-user` and other signs of a person: **yours**. `.vary(["x-api-key"])`, or
//!   `.unless(|parts| parts.headers.contains_key("x-api-key"))`, or ask for them outside of the layer.
//! * A token in the query or the path: keyed.
//! * An address, a client certificate, a user that a middleware found (extensions): **yours**.
//!   `.unless(|parts| parts.extensions.get::<User>().is_some())`.
//! * A check of rights inside of the layer is not asked on a hit: **yours**. Put it outside.
//!
//! What is asked for:
//!
//! * The host, its port, its user: keyed. Its case: one key.
//! * A host in the target and another in `host`, in HTTP/1.1 (absolute form) and HTTP/2
//!   (`:authority`); two `host` headers: **not refused, see the ignored tests**.
//! * The scheme: **not keyed, see the ignored test**.
//! * `//`, `/./`, `/../`, `%2F`, case, a slash at the end, long paths: keyed, byte by byte.
//! * Queries: keyed. Names in another encoding: see `key.rs`. `?` and no query: one key.
//! * Inner paths of nested routers: keyed by the whole path. A path that is rewritten: see `key.rs`.
//! * `x-forwarded-host`, `x-forwarded-proto`, `x-original-url`, `accept`, `origin`, `user-agent` and
//!   every other header: **yours**, `.vary([..])`; refused if the response says so in its `vary`.
//! * `x-http-method-override`: **yours**, override methods outside of the layer.
//! * A body in a `GET`: refused. `HEAD`: asked as a `GET`; a route of its own: see `head.rs`.
//! * Ranges, conditions: refused, or hidden from the service, so that neither 206 nor 304 is kept.
//! * `connection: x-foo` in a request: changes nothing, the header counts.
//! * Values with separators, odd bytes, names of other headers: keyed injectively, `key.rs`.
//! * Two requests with one hash: the text of the request is kept and compared. (Not to be shown from
//!   outside: nobody has two such requests.)
//! * `key` of one's own: **yours**, all that the response depends on has to be in it.
//! * Two services over one cache with the same hosts and paths: **yours**, `.name(..)`.
//!
//! What is answered:
//!
//! * `set-cookie`, `private`, `no-store`, `no-cache`, `vary`: refused, even if `connection` names them.
//! * Errors, redirects, parts, streams, bodies that break off: refused. A body that is shorter than it
//!   said: see `kept.rs`.
//! * A greeting by name without any of these: **yours**, `cache-control: private` or `.cache_if(..)`.
//! * `access-control-allow-origin` of the one who asked: refused with `vary: origin`, else **yours**.
//! * What is refused, to those who wait for it: each asks for himself.
//! * A line break in what the client sent: no header can have one.
//! * Extensions of a response: not kept.
//!
//! What else:
//!
//! * A second `.vary(..)`, `.unless(..)` or `.cache_if(..)`: takes the place of the first, **see the
//!   ignored tests**.
//! * `no-cache` by anyone makes a response anew: it costs, but poisons nothing, since what is made is
//!   made of the same key. `.request_directives(false)`.
//! * `#[cached]` handlers: extractors are in the key unless skipped; to skip one is **yours**.
//! * `x-cache` and `age` say whether somebody asked before: **yours**, remove them further out.

mod common;

mod layer {
    pub(crate) mod client;
    pub(crate) mod gate;
}

use std::collections::HashMap;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, Request};
use axum::http::HeaderMap;
use axum::response::Html;
use axum::routing::get;
use http::{HeaderName, HeaderValue};
use larder::http::CacheLayer;
use larder::{cached, scope};

use layer::client::{App, Seen, ask, layer, request, text, with};
use layer::gate::{Gate, comes};

/// Answers with a header of the request: what a page does that greets its user or links to itself.
fn echo(layer: &CacheLayer, name: &'static str) -> App {
    App::new(layer, move |request, _| text(said(request.headers(), name)))
}

/// The values of a header.
fn said(headers: &HeaderMap, name: &str) -> String {
    let values = headers.get_all(name).iter();
    let values: Vec<_> = values.map(|value| value.to_str().unwrap()).collect();
    values.join("+")
}

/// Checks that everybody sees himself, whoever asked before.
async fn everybody_sees_himself(app: &App, name: &str) {
    for value in ["alice", "mallory", "alice", "bob", "mallory"] {
        assert_eq!(app.get_with("/", &[(name, value)]).await.text(), value);
    }
    assert_eq!(app.get("/").await.text(), "");
}

#[tokio::test]
async fn who_shows_who_he_is_sees_his_own() {
    for name in ["authorization", "cookie", "proxy-authorization"] {
        let past = echo(&layer(), name);
        everybody_sees_himself(&past, name).await;
        assert_eq!(past.runs(), 6);
        let keyed = echo(&layer().vary([name]), name);
        everybody_sees_himself(&keyed, name).await;
        assert_eq!(keyed.runs(), 4);
    }
}

#[tokio::test]
async fn who_is_known_by_a_header_of_another_name_has_to_be_keyed_or_to_go_past() {
    for name in [
        "x-api-key",
        "x-user",
        "x-forwarded-for",
        "x-ssl-client-cert",
    ] {
        everybody_sees_himself(&echo(&layer().vary([name]), name), name).await;
        let unless = layer().unless(move |parts| parts.headers.contains_key(name));
        everybody_sees_himself(&echo(&unless, name), name).await;
    }
}

#[tokio::test]
async fn who_is_known_by_an_extension_has_to_go_past() {
    #[derive(Clone)]
    struct User(&'static str);

    let layer = layer().unless(|parts| parts.extensions.get::<User>().is_some());
    let app = App::new(&layer, |request, _| {
        text(
            request
                .extensions()
                .get::<User>()
                .map_or("nobody", |user| user.0),
        )
    });
    for user in ["alice", "mallory", "alice"] {
        let mut asked = request("GET", "/", &[]);
        asked.extensions_mut().insert(User(user));
        assert_eq!(app.ask(asked).await.text(), user);
        assert_eq!(app.get("/").await.text(), "nobody");
    }
}

#[tokio::test]
async fn a_token_in_the_target_is_in_the_key() {
    let app = App::new(&layer(), |request, _| text(request.uri().to_string()));
    for target in [
        "/me?token=a",
        "/me?token=b",
        "/me/a",
        "/me/b",
        "/me?token=a&token=b",
    ] {
        assert_eq!(app.get(target).await.text(), target);
    }
}

#[tokio::test]
async fn hosts_are_in_the_key_however_they_are_said() {
    let app = echo(&layer(), "host");
    for host in [
        "shop.example",
        "evil.example",
        "shop.example:81",
        "shop.example.",
    ] {
        assert_eq!(app.get_with("/", &[("host", host)]).await.text(), host);
    }
    let seen = app.get_with("/", &[("host", "SHOP.example")]).await;
    assert_eq!(seen.text(), "shop.example");
}

/// Somebody asks with his own request first; checks that the others see themselves.
async fn is_not_poisoned(app: &App, poison: http::Request<Body>) {
    app.ask(poison).await;
    let shop = [("host", "shop.example")];
    assert_eq!(app.get_with("/", &shop).await.text(), "shop.example");
    let mut at_host = request("GET", "http://shop.example/", &shop);
    *at_host.version_mut() = http::Version::HTTP_2;
    assert_eq!(app.ask(at_host).await.text(), "shop.example");
}

#[tokio::test]
async fn a_host_header_that_contradicts_the_target_poisons_nobody() {
    let evil = [("host", "evil.example")];
    let app = echo(&layer(), "host");
    is_not_poisoned(&app, request("GET", "http://shop.example/", &evil)).await;
}

#[tokio::test]
async fn a_host_header_that_contradicts_the_authority_poisons_nobody() {
    let evil = [("host", "evil.example")];
    let app = echo(&layer(), "host");
    let mut poison = request("GET", "https://shop.example/", &evil);
    *poison.version_mut() = http::Version::HTTP_2;
    is_not_poisoned(&app, poison).await;
}

#[tokio::test]
async fn a_second_host_header_poisons_nobody() {
    let both = [("host", "shop.example"), ("host", "evil.example")];
    let app = echo(&layer(), "host");
    is_not_poisoned(&app, request("GET", "/", &both)).await;
}

#[tokio::test]
async fn schemes_are_told_apart() {
    let app = App::new(&layer(), |request, _| text(request.uri().to_string()));
    for target in [
        "http://a.example/",
        "https://a.example/",
        "evil://a.example/",
    ] {
        assert_eq!(app.get(target).await.text(), target);
    }
}

#[tokio::test]
async fn paths_are_in_the_key_byte_by_byte_however_long() {
    let long = "/a".repeat(400);
    let app = App::new(&layer(), |request, _| text(request.uri().path().to_owned()));
    let paths = [
        "/me".to_owned(),
        "//me".to_owned(),
        "/./me".to_owned(),
        "/x/../me".to_owned(),
        "/me/".to_owned(),
        "/ME".to_owned(),
        "/%6de".to_owned(),
        "/me%2f".to_owned(),
        "/me%00".to_owned(),
        "/me;x".to_owned(),
        "/me.css".to_owned(),
        "/me/x.css".to_owned(),
        "/me%2Fx.css".to_owned(),
        "/me%3Fx".to_owned(),
        "/me%23x".to_owned(),
        long.clone(),
        format!("{long}/b"),
        format!("{long}/c"),
    ];
    for path in &paths {
        assert_eq!(app.get(path).await.text(), path);
    }
    for path in &paths {
        let seen = app.get(path).await;
        assert_eq!((seen.text(), seen.is_hit()), (&**path, true));
    }
}

#[tokio::test]
async fn a_header_that_a_response_depends_on_is_keyed_or_refused_or_yours() {
    let names = [
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-original-url",
        "x-rewrite-url",
        "forwarded",
        "accept",
        "accept-encoding",
        "origin",
        "referer",
        "user-agent",
        "x-http-method-override",
    ];
    for name in names {
        everybody_sees_himself(&echo(&layer().vary([name]), name), name).await;
        let saying = App::new(&layer(), move |request, _| {
            with(&[("vary", name)], said(request.headers(), name))
        });
        everybody_sees_himself(&saying, name).await;
        // Yours: a layer cannot know what a service reads.
        let silent = echo(&layer(), name);
        silent.get_with("/", &[(name, "mallory")]).await;
        assert_eq!(silent.get("/").await.text(), "mallory");
    }
}

#[tokio::test]
async fn headers_named_in_two_calls_are_all_in_the_key() {
    let layer = layer().vary(["x-tenant"]).vary(["accept-language"]);
    everybody_sees_himself(&echo(&layer, "x-tenant"), "x-tenant").await;
}

#[tokio::test]
async fn requests_named_in_two_calls_all_go_past() {
    let has =
        |name: &'static str| move |parts: &http::request::Parts| parts.headers.contains_key(name);
    let layer = layer().unless(has("x-user")).unless(has("x-admin"));
    everybody_sees_himself(&echo(&layer, "x-user"), "x-user").await;
}

#[tokio::test]
async fn responses_refused_in_two_calls_are_all_refused() {
    let layer = layer()
        .cache_if(|response| !response.headers().contains_key("x-user"))
        .cache_if(|response| !response.body().is_empty());
    let app = App::new(&layer, |_, run| {
        with(&[("x-user", "1")], format!("run {run}"))
    });
    app.get("/").await;
    assert!(!app.get("/").await.is_hit());
}

#[tokio::test]
async fn an_origin_that_is_allowed_is_allowed_to_nobody_else() {
    let app = App::new(&layer(), |request, _| {
        let origin = said(request.headers(), "origin");
        let headers = [
            ("access-control-allow-origin", &*origin),
            ("vary", "Origin"),
        ];
        with(&headers, "body")
    });
    for origin in ["https://evil.example", "https://shop.example", "null"] {
        let seen = app.get_with("/", &[("origin", origin)]).await;
        assert_eq!(seen.header("access-control-allow-origin"), origin);
    }
}

#[tokio::test]
async fn a_header_that_the_connection_names_counts_like_any_other() {
    let keyed = echo(&layer().vary(["x-tenant"]), "x-tenant");
    let hidden = [("connection", "x-tenant"), ("x-tenant", "mallory")];
    assert_eq!(keyed.get_with("/", &hidden).await.text(), "mallory");
    assert_eq!(keyed.get("/").await.text(), "");
    let past = echo(&layer(), "cookie");
    let hidden = [("connection", "cookie"), ("cookie", "mallory")];
    assert_eq!(past.get_with("/", &hidden).await.text(), "mallory");
    assert_eq!(past.get("/").await.text(), "");
}

#[tokio::test]
async fn a_prohibition_that_the_connection_names_counts_like_any_other() {
    let cases: [[(&str, &str); 2]; 4] = [
        [("connection", "set-cookie"), ("set-cookie", "session=1")],
        [
            ("connection", "cache-control"),
            ("cache-control", "private"),
        ],
        [
            ("connection", "cache-control"),
            ("cache-control", "no-store"),
        ],
        [("connection", "vary"), ("vary", "x-user")],
    ];
    for headers in cases {
        let app = App::new(&layer(), move |_, run| with(&headers, format!("run {run}")));
        assert_eq!(app.get("/").await.text(), "run 1");
        assert_eq!(app.get("/").await.text(), "run 2", "{headers:?}");
    }
}

#[tokio::test]
async fn other_methods_and_bodies_decide_nothing() {
    let app = App::slow(&layer(), |request: Request, _| async move {
        let method = request.method().to_string();
        let body = axum::body::to_bytes(request.into_body(), 99).await.unwrap();
        text(format!("{method} {}", String::from_utf8_lossy(&body)))
    });
    for method in [
        "POST", "PUT", "get", "Get", "OPTIONS", "PURGE", "BAN", "GETX",
    ] {
        app.ask(request(method, "/", &[])).await;
    }
    let mut poison = request("GET", "/", &[]);
    *poison.body_mut() = Body::from("poison");
    app.ask(poison).await;
    assert_eq!(app.get("/").await.text(), "GET ");
}

#[tokio::test]
async fn parts_and_conditions_decide_nothing() {
    let app = App::new(&layer(), |request, _| {
        let headers = request.headers();
        let status = if headers.contains_key("range") {
            206
        } else if headers.contains_key("if-none-match") || headers.contains_key("if-modified-since")
        {
            304
        } else if headers.contains_key("if-match") || headers.contains_key("if-unmodified-since") {
            412
        } else {
            200
        };
        let mut response = text(if status == 200 { "whole" } else { "" });
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
        response
    });
    let asked = [
        ("range", "bytes=0-0"),
        ("if-none-match", "\"x\""),
        ("if-none-match", "*"),
        ("if-modified-since", "Sat, 01 Jan 2050 00:00:00 GMT"),
        ("if-match", "\"x\""),
        ("if-unmodified-since", "Sat, 01 Jan 2000 00:00:00 GMT"),
    ];
    for (number, header) in asked.into_iter().enumerate() {
        let target = format!("/{number}");
        for method in ["GET", "HEAD"] {
            app.ask(request(method, &target, &[header])).await;
        }
        let seen = app.get(&target).await;
        assert_eq!((seen.status.as_u16(), seen.text()), (200, "whole"));
    }
}

#[tokio::test]
async fn nobody_gets_what_another_was_refused() {
    const USERS: u64 = 64;
    for headers in [
        [("set-cookie", "session=1")],
        [("cache-control", "private")],
        [("cache-control", "no-store")],
        [("vary", "x-user")],
    ] {
        let gate = Gate::new();
        let held = gate.clone();
        let app = App::slow(&layer(), move |request, run| {
            let held = held.clone();
            async move {
                held.pass(run).await;
                with(&headers, said(request.headers(), "x-user"))
            }
        });
        let crowd: Vec<_> = (0..USERS)
            .map(|user| {
                let app = app.clone();
                let user = user.to_string();
                tokio::spawn(async move {
                    let seen = app.get_with("/", &[("x-user", &user)]).await;
                    assert_eq!(seen.text(), user);
                })
            })
            .collect();
        comes("a run", || app.runs() == 1).await;
        gate.open_for_all();
        for one in crowd {
            one.await.unwrap();
        }
        assert_eq!(app.runs(), USERS);
    }
}

#[tokio::test]
async fn what_cache_if_refuses_is_for_its_user_only() {
    let layer = layer().cache_if(|response| !response.headers().contains_key("x-user"));
    let app = App::new(&layer, |request, _| {
        let user = said(request.headers(), "x-user");
        match &*user {
            "" => text("nobody"),
            user => with(&[("x-user", user)], user.to_owned()),
        }
    });
    for user in ["alice", "mallory"] {
        assert_eq!(app.get_with("/", &[("x-user", user)]).await.text(), user);
    }
    assert_eq!(app.get("/").await.text(), "nobody");
}

#[tokio::test]
async fn an_error_that_somebody_provokes_is_for_him_only() {
    let app = App::new(&layer(), |request, _| {
        let is_odd = request.headers().contains_key("x-odd");
        let mut response = text(if is_odd { "error" } else { "fine" });
        if is_odd {
            *response.status_mut() = http::StatusCode::BAD_REQUEST;
        }
        response
    });
    assert_eq!(app.get_with("/", &[("x-odd", "1")]).await.text(), "error");
    assert_eq!(app.get("/").await.text(), "fine");
    let odd = [("x-odd", "1"), ("cache-control", "no-cache")];
    assert_eq!(app.get_with("/", &odd).await.text(), "error");
    assert_eq!(app.get("/").await.text(), "fine");
}

#[tokio::test]
async fn a_line_break_gets_into_no_header() {
    let app = App::new(&layer().vary(["x-a"]), |_, _| text("body"));
    let target = "/a%0d%0aset-cookie:%20x=1?b%0d%0ax-evil:1";
    let seen: Vec<Seen> = vec![app.get(target).await, app.get(target).await];
    for seen in seen {
        let names: Vec<_> = seen.headers.keys().map(HeaderName::as_str).collect();
        assert!(!names.contains(&"set-cookie") && !names.contains(&"x-evil"));
    }
    assert!(HeaderValue::from_bytes(b"a\r\nset-cookie: x=1").is_err());
}

#[tokio::test]
async fn what_a_client_says_in_headers_of_the_cache_counts_nothing() {
    let app = App::counting(&layer());
    let headers = [
        ("x-cache", "HIT"),
        ("cache-status", "larder; hit"),
        ("age", "9999"),
        ("vary", "*"),
        ("set-cookie", "a=b"),
        ("etag", "\"x\""),
        ("surrogate-control", "no-store"),
    ];
    let seen = app.get_with("/", &headers).await;
    assert_eq!((seen.text(), seen.header("x-cache")), ("run 1", "MISS"));
    assert!(app.get("/").await.is_hit());
}

#[tokio::test]
async fn a_new_response_that_anyone_asks_for_is_made_of_the_same_key() {
    let app = App::new(&layer().vary(["x-tenant"]), |request, run| {
        text(format!("{} {run}", said(request.headers(), "x-tenant")))
    });
    app.get_with("/", &[("x-tenant", "a")]).await;
    let anew = [("x-tenant", "b"), ("cache-control", "no-cache")];
    assert_eq!(app.get_with("/", &anew).await.text(), "b 2");
    assert_eq!(app.get_with("/", &[("x-tenant", "a")]).await.text(), "a 1");
}

#[tokio::test]
async fn two_services_over_one_cache_need_two_names() {
    let cache = common::cache();
    let layer = || CacheLayer::new().cache(&cache);
    let admin = App::new(&layer().name("admin"), |_, _| text("secret"));
    let public = App::new(&layer(), |_, _| text("public"));
    let host = [("host", "admin.example")];
    assert_eq!(admin.get_with("/status", &host).await.text(), "secret");
    assert_eq!(public.get_with("/status", &host).await.text(), "public");
    // Yours: with one name it is one cache, and who asks chooses the host.
    let same = App::new(&layer(), |_, _| text("secret"));
    assert_eq!(same.get_with("/status", &host).await.text(), "public");
}

#[tokio::test]
async fn keys_of_ones_own_on_two_routes_do_not_meet() {
    // What everybody writes: the number is enough for a key.
    let id = |parts: &http::request::Parts| {
        let path = parts.uri.path();
        path.rsplit('/').next().unwrap_or_default().to_owned()
    };
    let layer = layer().key(id);
    let app = Router::new()
        .route(
            "/order/{id}",
            get(|| async { "order" }).layer(layer.clone()),
        )
        .route("/profile/{id}", get(|| async { "profile" }).layer(layer));
    assert_eq!(
        ask(&app, request("GET", "/order/7", &[])).await.text(),
        "order"
    );
    assert_eq!(
        ask(&app, request("GET", "/profile/7", &[])).await.text(),
        "profile"
    );
}

#[tokio::test]
async fn extensions_of_a_response_are_not_kept() {
    #[derive(Clone)]
    struct Session;

    let app = App::new(&layer(), |_, _| {
        let mut response = text("body");
        response.extensions_mut().insert(Session);
        response
    });
    app.get("/").await;
    let asked = request("GET", "/", &[]);
    let kept = tower::ServiceExt::oneshot(app.service.clone(), asked)
        .await
        .unwrap();
    assert!(kept.extensions().get::<Session>().is_none());
}

type Search = Query<HashMap<String, String>>;

#[cached(timeout = 60)]
async fn greeting(Path(name): Path<String>, Query(search): Search) -> Html<String> {
    Html(format!("{name} {search:?}"))
}

#[cached(timeout = 60, skip(headers))]
async fn skipping(Path(name): Path<String>, headers: HeaderMap) -> Html<String> {
    Html(format!("{name} {}", said(&headers, "x-user")))
}

#[cached(timeout = 60, key = (name.clone(), said(&headers, "x-user")))]
async fn naming(Path(name): Path<String>, headers: HeaderMap) -> Html<String> {
    Html(format!("{name} {}", said(&headers, "x-user")))
}

#[tokio::test]
async fn a_cached_handler_is_keyed_by_what_it_does_not_skip() {
    let app = Router::new()
        .route("/greeting/{name}", get(greeting))
        .route("/skipping/{name}", get(skipping))
        .route("/naming/{name}", get(naming));
    let seen = async |path: &str, user: &str| {
        let seen = ask(&app, request("GET", path, &[("x-user", user)])).await;
        seen.text().to_owned()
    };
    scope::with_cache(&common::cache(), async {
        for path in [
            "/greeting/a",
            "/greeting/b",
            "/greeting/a?x=1",
            "/greeting/a?x=2",
        ] {
            let shown = seen(path, "").await;
            assert!(shown.starts_with(&path[10..11]), "{shown}");
            assert_eq!(shown.contains('"'), path.contains('?'), "{shown}");
        }
        assert_ne!(
            seen("/greeting/a?x=1", "").await,
            seen("/greeting/a?x=2", "").await
        );
        assert_eq!(seen("/naming/a", "alice").await, "a alice");
        assert_eq!(seen("/naming/a", "mallory").await, "a mallory");
        // Yours: it was skipped.
        assert_eq!(seen("/skipping/a", "mallory").await, "a mallory");
        assert_eq!(seen("/skipping/a", "alice").await, "a mallory");
    })
    .await;
}
