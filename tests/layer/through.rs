//! What comes through a layer is what the service sent, kept or not.

use axum::body::Body;
use http::header::{HeaderName, HeaderValue};
use http::{Response, StatusCode};
use larder::http::CacheLayer;

use super::client::{App, Seen, ask, layer, request, text, with};

/// A response with everything that may get lost.
fn rich(extra: Option<(&'static str, &'static str)>) -> Response<Body> {
    let body: Vec<u8> = (0..=255).cycle().take(5000).collect();
    let mut response = text(body);
    *response.status_mut() = StatusCode::NON_AUTHORITATIVE_INFORMATION;
    let headers: [(&str, &[u8]); 11] = [
        ("content-type", b"application/octet-stream"),
        ("link", b"</a>; rel=preload"),
        ("x-many", b"second"),
        ("link", b"</b>; rel=preload"),
        ("x-many", b"first"),
        ("x-many", b"second"),
        ("x-latin", b"caf\xe9"),
        ("x-utf8", "j\u{fc}rgen \u{1f980}".as_bytes()),
        ("x-empty", b""),
        ("etag", b"\"strong\""),
        ("date", b"Sat, 01 Jan 2000 00:00:00 GMT"),
    ];
    for (name, value) in headers {
        let value = HeaderValue::from_bytes(value).unwrap();
        response
            .headers_mut()
            .append(HeaderName::from_static(name), value);
    }
    if let Some((name, value)) = extra {
        let value = HeaderValue::from_static(value);
        response
            .headers_mut()
            .append(HeaderName::from_static(name), value);
    }
    response
}

/// Checks that a response has come through whole.
async fn is_whole(seen: &Seen, extra: Option<(&'static str, &'static str)>) {
    let sent = Seen::of(rich(extra)).await;
    assert_eq!(seen.status, sent.status);
    assert_eq!(seen.body, sent.body);
    let mut expected = sent.own_headers();
    if seen.headers.contains_key("content-length") {
        assert_eq!(seen.header("content-length"), "5000");
        expected.push(("content-length".into(), b"5000".to_vec()));
        expected.sort_by(|a, b| a.0.cmp(&b.0));
    }
    assert_eq!(seen.own_headers(), expected);
}

#[tokio::test]
async fn a_hit_is_what_the_service_sent() {
    let app = App::new(&layer(), |_, _| rich(None));
    for is_hit in [false, true, true] {
        let seen = app.get("/").await;
        assert_eq!(seen.is_hit(), is_hit);
        is_whole(&seen, None).await;
    }
}

#[tokio::test]
async fn what_is_not_kept_is_what_the_service_sent() {
    let extras = [
        ("set-cookie", "a=b; path=/"),
        ("cache-control", "no-store"),
        ("cache-control", "private=\"x\""),
        ("vary", "*"),
        ("connection", "x-latin, close"),
    ];
    for extra in extras {
        let layer = layer().max_body(if extra.0 == "connection" { 9 } else { 9000 });
        let app = App::new(&layer, move |_, _| rich(Some(extra)));
        for _ in 0..2 {
            let seen = app.get("/").await;
            assert!(!seen.is_hit());
            is_whole(&seen, Some(extra)).await;
        }
    }
}

#[tokio::test]
async fn what_goes_past_is_what_the_service_sent_and_the_request_is_what_the_client_sent() {
    let app = App::slow(&layer(), |request, _| async {
        let (head, body) = request.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        assert_eq!(head.headers["if-none-match"], "\"strong\"");
        assert_eq!(head.headers["if-modified-since"], "now");
        assert_eq!(&body[..], b"question");
        rich(None)
    });
    for method in ["POST", "GET", "HEAD"] {
        let mut request = request(
            method,
            "/",
            &[
                ("if-none-match", "\"strong\""),
                ("if-modified-since", "now"),
            ],
        );
        *request.body_mut() = Body::from("question");
        let seen = app.ask(request).await;
        assert_eq!(seen.header("x-cache"), "");
        is_whole(&seen, None).await;
    }
}

#[tokio::test]
async fn what_the_layer_refuses_is_what_the_service_sent() {
    let app = App::new(&layer().cache_if(|_| false), |_, _| rich(None));
    for _ in 0..2 {
        let seen = app.get("/").await;
        assert!(!seen.is_hit());
        is_whole(&seen, None).await;
    }
}

#[tokio::test]
async fn headers_of_one_connection_are_not_kept() {
    let app = App::new(&layer(), |_, _| {
        let headers = [
            ("connection", "close, X-Foo"),
            ("connection", "x-bar"),
            ("keep-alive", "timeout=5"),
            ("proxy-authenticate", "Basic"),
            ("proxy-connection", "close"),
            ("te", "trailers"),
            ("trailer", "x-sum"),
            ("upgrade", "h2c"),
            ("x-foo", "1"),
            ("x-bar", "2"),
            ("x-kept", "3"),
        ];
        with(&headers, "body")
    });
    app.get("/").await;
    let seen = app.get("/").await;
    let names: Vec<_> = seen
        .own_headers()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["content-length", "etag", "x-kept"]);
}

#[tokio::test]
async fn headers_of_another_connection_do_not_spoil_what_is_sent_once() {
    let app = App::new(&layer(), |_, _| {
        with(
            &[("x-cache", "HIT"), ("cache-status", "inner; hit")],
            "body",
        )
    });
    assert_eq!(app.get("/").await.header("x-cache"), "MISS");
    let seen = app.get("/").await;
    assert_eq!(seen.values("x-cache"), [b"HIT"]);
    assert_eq!(seen.values("cache-status"), [b"larder; hit".to_vec()]);
}

#[tokio::test]
async fn a_made_response_says_of_all_caches_how_it_came_about() {
    let app = App::new(&layer(), |_, _| {
        with(&[("cache-status", "inner; hit")], "b")
    });
    let said = app.get("/").await.values("cache-status");
    assert_eq!(said, [b"inner; hit".to_vec(), b"larder; fwd=miss".to_vec()]);
}

#[tokio::test]
async fn a_made_response_says_how_old_it_is() {
    let app = App::new(&layer(), |_, _| {
        with(&[("age", "50"), ("cache-control", "max-age=60")], "body")
    });
    assert_eq!(app.get("/").await.header("age"), "50");
}

#[tokio::test]
async fn a_response_that_is_stale_already_says_so() {
    let app = App::new(&layer(), |_, _| {
        with(&[("age", "90"), ("cache-control", "max-age=60")], "body")
    });
    let seen = app.get("/").await;
    assert_eq!(
        seen.header("cache-status"),
        "larder; fwd=miss; detail=stale"
    );
    assert_eq!(seen.header("age"), "90");
}

#[tokio::test]
async fn an_error_of_the_service_passes_through_and_is_not_kept() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use tower::{Layer as _, ServiceExt as _};

    #[derive(Debug, PartialEq)]
    struct Broken(u64);

    let runs = Arc::new(AtomicU64::new(0));
    let service = layer().layer(tower::service_fn(move |_: http::Request<Body>| {
        let run = runs.fetch_add(1, Ordering::SeqCst);
        async move {
            if run < 3 {
                Err(Broken(run))
            } else {
                Ok(text("whole"))
            }
        }
    }));
    for run in 0..3 {
        let answer = service.clone().oneshot(request("GET", "/", &[])).await;
        assert_eq!(answer.err(), Some(Broken(run)));
    }
    assert!(!ask(&service, request("GET", "/", &[])).await.is_hit());
    assert!(ask(&service, request("GET", "/", &[])).await.is_hit());
}

#[tokio::test]
async fn a_request_that_is_refused_by_unless_neither_reads_nor_keeps() {
    let layer: CacheLayer = layer().unless(|parts| parts.headers.contains_key("x-admin"));
    let app = App::counting(&layer);
    let admin = [("x-admin", "1")];
    assert_eq!(app.get_with("/", &admin).await.text(), "run 1");
    assert_eq!(app.get("/").await.text(), "run 2");
    let seen = app.get_with("/", &admin).await;
    assert_eq!(seen.text(), "run 3");
    assert_eq!(seen.header("cache-status"), "larder; fwd=bypass");
    assert_eq!(app.get("/").await.text(), "run 2");
}
