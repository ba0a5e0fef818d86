//! What requests ask of the cache.

use std::sync::LazyLock;

use axum::body::Body;
use http::Request;
use larder::{memoize, scope};

use super::client::{App, layer, request, text};
use crate::common::{self, Runs};

#[tokio::test]
async fn who_shows_who_he_is_goes_past_the_cache() {
    for name in ["authorization", "cookie", "proxy-authorization"] {
        for value in ["", "me"] {
            let app = App::counting(&layer());
            let personal = [(name, value)];
            assert_eq!(app.get("/").await.text(), "run 1");
            let seen = app.get_with("/", &personal).await;
            assert_eq!((seen.text(), seen.header("x-cache")), ("run 2", ""));
            assert_eq!(seen.header("cache-status"), "larder; fwd=bypass");
            assert_eq!(app.get_with("/", &personal).await.text(), "run 3");
            assert_eq!(app.get("/").await.text(), "run 1");
        }
    }
}

#[tokio::test]
async fn who_is_in_the_key_is_answered_by_his_own() {
    for name in ["authorization", "cookie", "proxy-authorization"] {
        let app = App::counting(&layer().vary([name]));
        assert_eq!(app.get_with("/", &[(name, "me")]).await.text(), "run 1");
        assert_eq!(app.get_with("/", &[(name, "you")]).await.text(), "run 2");
        assert_eq!(app.get("/").await.text(), "run 3");
        let twice = [(name, "me"), (name, "you")];
        assert_eq!(app.get_with("/", &twice).await.text(), "run 4");
        let seen = app.get_with("/", &[(name, "me")]).await;
        assert_eq!((seen.text(), seen.is_hit()), ("run 1", true));
        assert_eq!(seen.header("vary"), name);
    }
}

#[tokio::test]
async fn to_key_one_sign_of_a_person_is_not_to_key_another() {
    let app = App::counting(&layer().vary(["cookie"]));
    let both = [("cookie", "a"), ("authorization", "b")];
    app.get_with("/", &both).await;
    assert_eq!(app.get_with("/", &both).await.text(), "run 2");
}

#[tokio::test]
async fn who_asks_for_a_part_or_on_a_condition_goes_past_the_cache() {
    let headers = [
        ("range", "bytes=0-1"),
        ("if-range", "\"a\""),
        ("if-match", "\"a\""),
        ("if-match", "*"),
        ("if-unmodified-since", "Sat, 01 Jan 2000 00:00:00 GMT"),
        ("upgrade", "websocket"),
    ];
    for header in headers {
        let app = App::new(&layer(), move |request, run| {
            let sent = request.headers().get(header.0);
            text(format!(
                "{run} {}",
                sent.map_or("", |sent| sent.to_str().unwrap())
            ))
        });
        assert_eq!(app.get("/").await.text(), "1 ");
        let seen = app.get_with("/", &[header]).await;
        assert_eq!(seen.text(), format!("2 {}", header.1));
        assert_eq!(app.get("/").await.text(), "1 ");
    }
}

#[tokio::test]
async fn a_get_with_a_body_goes_past_the_cache() {
    let app = App::slow(&layer(), |request: Request<Body>, run| async move {
        let body = axum::body::to_bytes(request.into_body(), 99).await.unwrap();
        text(format!("{run} {}", String::from_utf8_lossy(&body)))
    });
    assert_eq!(app.get("/").await.text(), "1 ");
    for run in [2, 3] {
        let mut asked = request("GET", "/", &[]);
        *asked.body_mut() = Body::from("q");
        assert_eq!(app.ask(asked).await.text(), format!("{run} q"));
    }
    assert_eq!(app.get("/").await.text(), "1 ");
}

#[tokio::test]
async fn no_cache_makes_a_response_anew_and_keeps_it() {
    let spellings: [(&str, &str); 8] = [
        ("cache-control", "no-cache"),
        ("cache-control", "No-Cache"),
        ("cache-control", "max-age=0"),
        ("cache-control", "max-age=\"0\""),
        ("cache-control", "max-age=-5"),
        ("cache-control", "x, max-age=60 , no-cache"),
        ("pragma", "no-cache"),
        ("pragma", "No-Cache"),
    ];
    for header in spellings {
        let app = App::counting(&layer());
        assert_eq!(app.get("/").await.text(), "run 1");
        let seen = app.get_with("/", &[header]).await;
        assert_eq!((seen.text(), seen.is_hit()), ("run 2", false), "{header:?}");
        assert_eq!(seen.header("cache-status"), "larder; fwd=request");
        let seen = app.get("/").await;
        assert_eq!((seen.text(), seen.is_hit()), ("run 2", true), "{header:?}");
    }
}

#[tokio::test]
async fn pragma_does_not_count_beside_cache_control() {
    let app = App::counting(&layer());
    app.get("/").await;
    let headers = [("pragma", "no-cache"), ("cache-control", "max-age=60")];
    assert!(app.get_with("/", &headers).await.is_hit());
}

#[tokio::test]
async fn a_new_response_that_may_not_be_kept_leaves_the_kept_one() {
    let app = App::new(&layer(), |_, run| {
        let mut response = text(format!("run {run}"));
        if run == 2 {
            *response.status_mut() = http::StatusCode::BAD_GATEWAY;
        }
        response
    });
    app.get("/").await;
    let anew = [("cache-control", "no-cache")];
    assert_eq!(app.get_with("/", &anew).await.status, 502);
    assert_eq!(app.get("/").await.text(), "run 1");
}

#[tokio::test]
async fn no_store_goes_past_the_cache() {
    let app = App::counting(&layer());
    let past = [("cache-control", "no-store")];
    assert_eq!(app.get_with("/", &past).await.text(), "run 1");
    assert_eq!(app.get("/").await.text(), "run 2");
    assert_eq!(app.get_with("/", &past).await.text(), "run 3");
    let both = [("cache-control", "no-cache"), ("cache-control", "no-store")];
    assert_eq!(app.get_with("/", &both).await.text(), "run 4");
    assert_eq!(app.get("/").await.text(), "run 2");
}

#[tokio::test]
async fn a_max_age_takes_nothing_that_is_older() {
    let app = App::new(&layer(), |_, run| {
        // What a cache further in has kept for 30 s already, then something new.
        let age = if run == 1 { "30" } else { "0" };
        super::client::with(&[("age", age)], format!("run {run}"))
    });
    app.get("/").await;
    for (said, text) in [
        ("max-age=60", "run 1"),
        ("max-age=3600", "run 1"),
        ("max-stale, min-fresh=1", "run 1"),
        ("max-age=29", "run 2"),
        ("max-age=29", "run 2"),
    ] {
        let seen = app.get_with("/", &[("cache-control", said)]).await;
        assert_eq!(seen.text(), text, "{said}");
    }
    assert_eq!(app.get("/").await.text(), "run 2");
}

#[tokio::test]
async fn a_max_age_beyond_all_numbers_takes_everything() {
    let app = App::counting(&layer());
    app.get("/").await;
    let ages = [("cache-control", "max-age=99999999999999999999")];
    assert!(app.get_with("/", &ages).await.is_hit());
}

#[tokio::test]
async fn what_requests_say_can_be_switched_off() {
    let app = App::counting(&layer().request_directives(false));
    assert_eq!(app.get("/").await.text(), "run 1");
    for header in [
        ("cache-control", "no-cache"),
        ("cache-control", "max-age=0"),
        ("cache-control", "no-store"),
        ("pragma", "no-cache"),
    ] {
        assert!(app.get_with("/", &[header]).await.is_hit(), "{header:?}");
    }
    let app = App::counting(&layer().request_directives(false));
    app.get_with("/", &[("cache-control", "no-store")]).await;
    assert!(app.get("/").await.is_hit());
}

static LOADS: Runs = Runs::new();

#[memoize(timeout = 60)]
async fn load(id: u64) -> u64 {
    id + LOADS.count()
}

static CACHE: LazyLock<larder::Cache> = LazyLock::new(common::cache);

#[tokio::test]
async fn cached_functions_of_which_a_response_is_made_are_made_anew_with_it() {
    let app = App::slow(&layer(), |_, run| async move {
        let loaded = scope::with_cache(&CACHE, load(0)).await;
        text(format!("{run} {loaded}"))
    });
    assert_eq!(app.get("/").await.text(), "1 1");
    assert_eq!(app.get("/other").await.text(), "2 1");
    let anew = [("cache-control", "no-cache")];
    assert_eq!(app.get_with("/", &anew).await.text(), "3 2");
    assert_eq!(app.get("/").await.text(), "3 2");
    assert_eq!(app.get("/third").await.text(), "4 2");
    let past = [("cache-control", "no-store")];
    assert_eq!(app.get_with("/", &past).await.text(), "5 2");
}

#[tokio::test]
async fn a_scope_around_a_request_holds_for_the_layer() {
    let app = App::counting(&layer());
    app.get("/").await;
    let seen = scope::bypass(app.get("/")).await;
    assert_eq!(seen.text(), "run 2");
    assert_eq!(app.get("/").await.text(), "run 1");
    assert_eq!(scope::refresh(app.get("/")).await.text(), "run 3");
    assert_eq!(app.get("/").await.text(), "run 3");
}
