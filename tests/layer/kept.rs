//! Which responses are kept, and which are not.

use std::convert::Infallible;

use axum::body::Body;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::SizeHint;
use http_body_util::{Empty, Full};
use tower::Layer as _;

use super::client::{App, Seen, ask, layer, request, text, with};
use super::frames::Frames;

/// Asks twice for what has these headers: whether it was kept, and why not.
async fn is_kept(headers: &'static [(&str, &str)]) -> (bool, String) {
    let app = App::new(&layer(), move |_, run| with(headers, format!("run {run}")));
    let first = app.get("/").await;
    assert_eq!(first.header("x-cache"), "MISS");
    let second = app.get("/").await;
    assert_eq!(second.is_hit(), app.runs() == 1);
    let detail = first.header("cache-status").split("detail=").nth(1);
    (second.is_hit(), detail.unwrap_or_default().to_owned())
}

/// Asks twice for such a body.
async fn is_body_kept(layer: larder::http::CacheLayer, body: fn() -> Frames) -> (Seen, Seen) {
    let app = App::new(&layer, move |_, _| text(Body::new(body())));
    (app.get("/").await, app.get("/").await)
}

#[tokio::test]
async fn successes_are_kept_and_no_other_status() {
    for code in (200..600).chain([999]) {
        let app = App::new(&layer(), move |_, run| {
            let mut response = text(format!("run {run}"));
            *response.status_mut() = StatusCode::from_u16(code).unwrap();
            response
        });
        let first = app.get("/").await;
        let second = app.get("/").await;
        assert_eq!(first.status.as_u16(), code);
        assert_eq!(second.status.as_u16(), code);
        let may_be = (200..300).contains(&code) && code != 206;
        assert_eq!(second.is_hit(), may_be, "{code}");
        if code != 204 {
            assert_eq!(second.text() == "run 1", may_be, "{code}");
        }
    }
}

#[tokio::test]
async fn what_says_that_it_is_for_one_user_is_not_kept() {
    let cases: [(&'static [(&str, &str)], &str); 17] = [
        (&[("set-cookie", "a=b")], "set-cookie"),
        (&[("set-cookie", "")], "set-cookie"),
        (&[("cache-control", "no-store")], "no-store"),
        (&[("cache-control", "NO-STORE")], "no-store"),
        (&[("cache-control", "max-age=60,no-store")], "no-store"),
        (&[("cache-control", "public, no-store=1")], "no-store"),
        (&[("cache-control", "private")], "private"),
        (&[("cache-control", "private=\"x\"")], "private"),
        (
            &[("cache-control", "private=\"x, y\", max-age=5")],
            "private",
        ),
        (&[("cache-control", "private=x")], "private"),
        (&[("cache-control", "private , max-age=5")], "private"),
        (&[("cache-control", "no-cache")], "no-cache"),
        (&[("cache-control", "no-cache=\"set-cookie\"")], "no-cache"),
        (
            &[("cache-control", "public"), ("cache-control", "private")],
            "private",
        ),
        (
            &[
                ("cache-control", "max-age=9"),
                ("cache-control", ""),
                ("cache-control", "\tno-store "),
            ],
            "no-store",
        ),
        (
            &[("cache-control", "public, max-age=60, private, max-age=5")],
            "private",
        ),
        (
            &[
                ("set-cookie", "a=b"),
                ("cache-control", "public, max-age=60"),
            ],
            "set-cookie",
        ),
    ];
    for (headers, reason) in cases {
        assert_eq!(
            is_kept(headers).await,
            (false, reason.to_owned()),
            "{headers:?}"
        );
    }
}

#[tokio::test]
async fn what_only_looks_like_a_prohibition_is_kept() {
    let cases: [&'static [(&str, &str)]; 6] = [
        &[("cache-control", "public")],
        &[("cache-control", "ext=\"no-store, private\"")],
        &[("cache-control", "x-no-store, privately")],
        &[(
            "cache-control",
            "must-revalidate, proxy-revalidate, immutable",
        )],
        &[("x-cache-control", "no-store")],
        &[("cache-control", ",,, ,")],
    ];
    for headers in cases {
        assert_eq!(is_kept(headers).await, (true, String::new()), "{headers:?}");
    }
}

#[tokio::test]
async fn a_prohibition_behind_an_open_quote_counts() {
    assert!(
        !is_kept(&[("cache-control", "max-age=\"60, no-store")])
            .await
            .0
    );
    assert!(!is_kept(&[("cache-control", "ext=\"a, private, b")]).await.0);
}

#[tokio::test]
async fn what_has_expired_already_is_not_kept() {
    assert!(!is_kept(&[("expires", "0")]).await.0);
    assert!(
        !is_kept(&[("expires", "Thu, 01 Jan 1970 00:00:00 GMT")])
            .await
            .0
    );
}

#[tokio::test]
async fn an_expiry_does_not_count_beside_a_max_age() {
    assert!(
        is_kept(&[("expires", "0"), ("cache-control", "max-age=60")])
            .await
            .0
    );
}

#[tokio::test]
async fn what_depends_on_a_header_that_is_not_in_the_key_is_not_kept() {
    let cases: [&'static [(&str, &str)]; 8] = [
        &[("vary", "*")],
        &[("vary", "accept")],
        &[("vary", "x-keyed, *")],
        &[("vary", "x-keyed, accept")],
        &[("vary", "x-keyed"), ("vary", "accept")],
        &[("vary", "x-keyed"), ("vary", "x-keyed ,\tCookie")],
        &[("vary", "x-keyed;accept")],
        &[("vary", "\"x-keyed\"")],
    ];
    let layer = || layer().vary(["x-keyed"]);
    for headers in cases {
        let app = App::new(&layer(), move |_, _| with(headers, "body"));
        let seen = (app.get("/").await, app.get("/").await);
        assert_eq!(
            seen.0.header("cache-status"),
            "larder; fwd=miss; detail=vary"
        );
        assert!(!seen.1.is_hit(), "{headers:?}");
        assert_eq!(seen.1.values("vary").len(), headers.len(), "{headers:?}");
    }
    let odd = App::new(&layer(), |_, _| {
        let mut response = text("body");
        let name = http::HeaderValue::from_bytes(b"x-keyed\xff").unwrap();
        response.headers_mut().insert("vary", name);
        response
    });
    odd.get("/").await;
    assert!(!odd.get("/").await.is_hit());
    let star = App::new(&layer().vary(["*"]), |_, _| with(&[("vary", "*")], "body"));
    star.get("/").await;
    assert!(!star.get("/").await.is_hit());
}

#[tokio::test]
async fn what_depends_on_keyed_headers_only_is_kept() {
    let cases: [&'static [(&str, &str)]; 4] = [
        &[("vary", "X-Keyed")],
        &[("vary", "x-keyed, X-KEYED,,")],
        &[("vary", "")],
        &[("vary", "x-keyed"), ("vary", "x-other")],
    ];
    for headers in cases {
        let app = App::new(&layer().vary(["x-keyed", "x-other"]), move |_, _| {
            with(headers, "body")
        });
        app.get("/").await;
        assert!(app.get("/").await.is_hit(), "{headers:?}");
    }
}

#[tokio::test]
async fn responses_name_the_keyed_headers_once() {
    let app = App::new(&layer().vary(["x-b", "x-a"]), |_, _| {
        with(&[("vary", "X-B")], "body")
    });
    for _ in 0..2 {
        let seen = app.get("/").await;
        assert_eq!(seen.values("vary"), [b"X-B".to_vec(), b"x-a".to_vec()]);
    }
}

#[tokio::test]
async fn a_stream_is_not_kept() {
    let (first, second) = is_body_kept(layer(), || Frames::streaming(&["a", "b"])).await;
    for seen in [first, second] {
        assert_eq!(
            seen.header("cache-status"),
            "larder; fwd=miss; detail=streaming"
        );
        assert_eq!((seen.text(), seen.broken), ("ab", false));
    }
    let mut vague = SizeHint::new();
    vague.set_lower(2);
    vague.set_upper(3);
    let app = App::new(&layer(), move |_, _| {
        text(Body::new(Frames::saying(vague, &["a", "b"])))
    });
    assert_eq!(app.get("/").await.text(), "ab");
    assert!(!app.get("/").await.is_hit());
}

#[tokio::test]
async fn trailers_reach_the_client_and_are_not_kept() {
    let body = || {
        let mut trailers = HeaderMap::new();
        trailers.append("x-sum", "1".parse().unwrap());
        trailers.append("x-sum", "2".parse().unwrap());
        Frames::of(&["ab", "c"]).trailed(trailers)
    };
    let (first, second) = is_body_kept(layer(), body).await;
    for seen in [first, second] {
        assert_eq!(seen.text(), "abc");
        let trailers = seen.trailers.expect("trailers");
        assert_eq!(trailers.get_all("x-sum").iter().count(), 2);
    }
}

#[tokio::test]
async fn a_body_as_long_as_the_limit_is_kept_and_one_byte_more_is_not() {
    let limit = || layer().max_body(6);
    let (_, kept) = is_body_kept(limit(), || Frames::of(&["abc", "", "def"])).await;
    assert_eq!((kept.is_hit(), kept.text()), (true, "abcdef"));
    assert_eq!(kept.header("content-length"), "6");
    let (first, second) = is_body_kept(limit(), || Frames::of(&["abc", "defg"])).await;
    assert_eq!(
        first.header("cache-status"),
        "larder; fwd=miss; detail=too-large"
    );
    assert_eq!((second.is_hit(), second.text()), (false, "abcdefg"));
    let (_, empty) = is_body_kept(layer().max_body(0), || Frames::of(&[])).await;
    assert!(empty.is_hit());
    let (_, one) = is_body_kept(layer().max_body(0), || Frames::of(&["a"])).await;
    assert_eq!((one.is_hit(), one.text()), (false, "a"));
}

#[tokio::test]
async fn the_limit_is_a_mebibyte_unless_set() {
    for (length, is_kept) in [(1 << 20, true), ((1 << 20) + 1, false)] {
        let app = App::new(&layer(), move |_, _| text(vec![7; length]));
        app.get("/").await;
        let seen = app.get("/").await;
        assert_eq!((seen.is_hit(), seen.body.len()), (is_kept, length));
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_does_so_for_the_client_and_is_not_kept() {
    let bodies: [fn() -> Frames; 3] = [
        || Frames::saying(SizeHint::with_exact(9), &["ab", "c"]).broken(),
        || Frames::of(&["abc"]).broken(),
        || Frames::streaming(&["abc"]).broken(),
    ];
    for body in bodies {
        let (first, second) = is_body_kept(layer(), body).await;
        for seen in [first, second] {
            assert_eq!((seen.text(), seen.broken), ("abc", true));
            assert!(!seen.is_hit());
        }
    }
    let nothing = || Frames::saying(SizeHint::with_exact(9), &[]).broken();
    let (_, second) = is_body_kept(layer(), nothing).await;
    assert!(second.broken && !second.is_hit());
}

#[tokio::test]
async fn a_body_that_outgrows_the_limit_that_it_promised_to_keep_is_not_kept() {
    let body = || Frames::saying(SizeHint::with_exact(3), &["ab", "cde", "f", "g"]);
    let (first, second) = is_body_kept(layer().max_body(4), body).await;
    for seen in [first, second] {
        assert_eq!((seen.text(), seen.is_hit()), ("abcdefg", false));
    }
}

#[tokio::test]
async fn a_body_that_ends_too_early_is_not_kept() {
    let body = || Frames::saying(SizeHint::with_exact(9), &["abc"]);
    let (first, second) = is_body_kept(layer(), body).await;
    assert_ne!(first.header("content-length"), "3");
    assert!(!second.is_hit());
}

#[tokio::test]
async fn a_body_that_ends_too_late_is_not_kept() {
    let body = || Frames::saying(SizeHint::with_exact(3), &["abc", "def"]);
    let (_, second) = is_body_kept(layer(), body).await;
    assert!(!second.is_hit());
}

#[tokio::test]
async fn a_body_that_is_shorter_than_its_content_length_is_not_kept() {
    let app = App::new(&layer(), |_, _| with(&[("content-length", "9")], "abc"));
    assert_eq!(app.get("/").await.header("content-length"), "9");
    assert!(!app.get("/").await.is_hit());
}

#[tokio::test]
async fn empty_bodies_are_kept() {
    let app = App::new(&layer(), |_, _| text(Body::empty()));
    app.get("/").await;
    let seen = app.get("/").await;
    assert_eq!((seen.is_hit(), seen.body.len()), (true, 0));
    assert_eq!(seen.header("content-length"), "0");
}

#[tokio::test]
async fn what_has_no_content_has_no_content_length() {
    let app = App::new(&layer(), |_, _| {
        let mut response = text(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        response
    });
    for is_hit in [false, true] {
        let seen = app.get("/").await;
        assert_eq!((seen.status.as_u16(), seen.is_hit()), (204, is_hit));
        assert!(!seen.headers.contains_key("content-length"));
    }
}

#[tokio::test]
async fn what_has_no_content_has_no_content_length_for_head_either() {
    let app = App::new(&layer(), |_, _| {
        let mut response = text(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        response
    });
    let seen = app.ask(request("HEAD", "/", &[])).await;
    assert!(!seen.headers.contains_key("content-length"));
}

#[tokio::test]
async fn services_and_bodies_of_any_type_will_do() {
    let service = tower::service_fn(|_: Request<Body>| async {
        Ok::<_, Infallible>(Response::new(Full::<bytes::Bytes>::from("full")))
    });
    let full = layer().layer(service);
    assert!(!ask(&full, request("GET", "/", &[])).await.is_hit());
    assert_eq!(ask(&full, request("GET", "/", &[])).await.text(), "full");
    let service = tower::service_fn(|_: Request<Body>| async {
        Ok::<_, Infallible>(Response::new(Empty::<bytes::Bytes>::new()))
    });
    let empty = layer().layer(service);
    assert!(!ask(&empty, request("GET", "/", &[])).await.is_hit());
    assert!(ask(&empty, request("GET", "/", &[])).await.is_hit());
}

#[tokio::test]
async fn the_layer_is_asked_which_responses_it_keeps_and_of_none_that_may_not_be() {
    let layer = layer().cache_if(|response| {
        assert_ne!(response.status(), 500, "it is not asked of an error");
        response.body().starts_with(b"keep") && response.headers().contains_key("x-keep")
    });
    let app = App::new(&layer, |request, run| {
        let (status, body) = match request.uri().path() {
            "/error" => (500, "keep"),
            "/keep" => (200, "keep"),
            _ => (200, "other"),
        };
        let builder = Response::builder().status(status).header("x-keep", "1");
        builder.body(format!("{body} {run}").into()).unwrap()
    });
    for path in ["/error", "/other"] {
        app.get(path).await;
        assert!(!app.get(path).await.is_hit());
    }
    let seen = app.get("/other").await;
    assert_eq!(
        seen.header("cache-status"),
        "larder; fwd=miss; detail=cache-if"
    );
    app.get("/keep").await;
    assert!(app.get("/keep").await.is_hit());
}
