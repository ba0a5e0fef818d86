//! Who has the response already is told so.

use http::{Response, StatusCode};

use super::client::{App, Seen, layer, request, text, with};
use super::frames::Frames;

fn has(tag: &str) -> [(&str, &str); 1] {
    [("if-none-match", tag)]
}

/// Checks that a response says that nothing has changed, and nothing about a body.
fn is_unchanged(seen: &Seen) {
    assert_eq!(seen.status, StatusCode::NOT_MODIFIED);
    assert!(seen.body.is_empty());
    let about_the_body = [
        "content-length",
        "content-type",
        "content-language",
        "content-encoding",
    ];
    for name in about_the_body {
        assert!(!seen.headers.contains_key(name), "{name}");
    }
}

/// A service with a tag of its own.
fn tagged(tag: &'static str) -> App {
    App::new(&layer().vary(["accept"]), move |request, run| {
        assert!(!request.headers().contains_key("if-none-match"));
        assert!(!request.headers().contains_key("if-modified-since"));
        let headers = [
            ("etag", tag),
            ("content-type", "text/plain"),
            ("content-language", "de"),
            ("cache-control", "max-age=30"),
            ("last-modified", "Sat, 01 Jan 2000 00:00:00 GMT"),
        ];
        with(&headers, format!("run {run}"))
    })
}

#[tokio::test]
async fn who_has_a_kept_response_is_told_so() {
    let app = tagged("\"v1\"");
    assert_eq!(app.get("/").await.header("etag"), "\"v1\"");
    let seen = app.get_with("/", &has("\"v1\"")).await;
    is_unchanged(&seen);
    assert!(seen.is_hit());
    for (name, value) in [
        ("etag", "\"v1\""),
        ("cache-control", "max-age=30"),
        ("vary", "accept"),
        ("age", "0"),
    ] {
        assert_eq!(seen.header(name), value);
    }
    let whole = app.get("/").await;
    assert_eq!((whole.status.as_u16(), whole.text()), (200, "run 1"));
    assert_eq!(whole.header("content-type"), "text/plain");
}

#[tokio::test]
async fn who_has_a_response_that_is_made_now_is_told_so_and_it_is_kept_whole() {
    let app = tagged("\"v1\"");
    let seen = app.get_with("/", &has("\"v1\"")).await;
    is_unchanged(&seen);
    assert_eq!(
        (seen.header("x-cache"), seen.header("vary")),
        ("MISS", "accept")
    );
    let seen = app.get("/").await;
    assert_eq!((seen.text(), seen.is_hit()), ("run 1", true));
}

#[tokio::test]
async fn a_response_without_a_tag_gets_one_by_its_body() {
    let app = App::new(&layer(), |request, _| text(request.uri().path().to_owned()));
    let tag = app.get("/a?1").await.header("etag").to_owned();
    assert!(tag.starts_with("W/\""));
    assert_eq!(app.get("/a?1").await.header("etag"), tag);
    assert_eq!(app.get("/a?2").await.header("etag"), tag);
    assert_ne!(app.get("/b").await.header("etag"), tag);
    is_unchanged(&app.get_with("/a?1", &has(&tag)).await);
    is_unchanged(&app.get_with("/a?3", &has(&tag)).await);
    assert_eq!(app.get_with("/b", &has(&tag)).await.status, 200);
}

#[tokio::test]
async fn tags_are_compared_weakly_one_by_one() {
    for of_the_service in ["\"a,b\"", "W/\"a,b\""] {
        let app = tagged(of_the_service);
        let known = [
            "*",
            " * ",
            "\"a,b\"",
            "W/\"a,b\"",
            "\"x\", \"a,b\"",
            "\"x\",W/\"a,b\"",
            "\t\"a,b\" ",
            ", ,\"a,b\"",
            "\"\", \"a,b\"",
        ];
        for tags in known {
            is_unchanged(&app.get_with("/", &has(tags)).await);
        }
        let unknown = [
            "",
            "\"a\"",
            "\"b\"",
            "\"a\", \"b\"",
            "a,b",
            "\"a,b",
            "\"A,B\"",
            "\"*\"",
            "\"x\"a,b\"",
            "w/\"a,b\"",
        ];
        for tags in unknown {
            assert_eq!(app.get_with("/", &has(tags)).await.status, 200, "{tags}");
        }
        let lines = [("if-none-match", "\"x\""), ("if-none-match", "\"a,b\"")];
        is_unchanged(&app.get_with("/", &lines).await);
    }
}

#[tokio::test]
async fn a_date_counts_alone_and_not_beside_a_tag() {
    let app = tagged("\"v1\"");
    let date = ("if-modified-since", "Sat, 01 Jan 2000 00:00:00 GMT");
    is_unchanged(&app.get_with("/", &[date]).await);
    let earlier = ("if-modified-since", "Fri, 31 Dec 1999 00:00:00 GMT");
    assert_eq!(app.get_with("/", &[earlier]).await.status, 200);
    let other = [date, ("if-none-match", "\"v2\"")];
    assert_eq!(app.get_with("/", &other).await.status, 200);
    let same = [date, ("if-none-match", "\"v1\"")];
    is_unchanged(&app.get_with("/", &same).await);
}

#[tokio::test]
async fn an_error_is_never_unchanged() {
    let app = App::new(&layer(), |_, _| {
        let builder = Response::builder().status(404).header("etag", "\"v1\"");
        builder.body("gone".into()).unwrap()
    });
    for tags in ["*", "\"v1\""] {
        let seen = app.get_with("/", &has(tags)).await;
        assert_eq!((seen.status.as_u16(), seen.text()), (404, "gone"));
    }
}

#[tokio::test]
async fn what_is_not_kept_can_be_unchanged_as_well() {
    let app = App::new(&layer(), |request, _| {
        assert!(!request.headers().contains_key("if-none-match"));
        let body = axum::body::Body::new(Frames::streaming(&["a"]));
        with(&[("etag", "\"v1\"")], body)
    });
    let seen = app.get_with("/", &has("\"v1\"")).await;
    is_unchanged(&seen);
    assert_eq!(
        seen.header("cache-status"),
        "larder; fwd=miss; detail=streaming"
    );
    assert_eq!(app.get_with("/", &has("\"v2\"")).await.text(), "a");
}

#[tokio::test]
async fn an_answer_of_the_service_that_nothing_has_changed_is_never_kept() {
    let app = App::new(&layer(), |_, run| {
        let mut response = text("");
        if run == 1 {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        response
    });
    assert_eq!(app.get("/").await.status, 304);
    assert_eq!(app.get("/").await.status, 200);
}

#[tokio::test]
async fn a_new_response_is_compared_and_not_the_kept_one() {
    let app = App::new(&layer(), |_, run| text(format!("run {run}")));
    let first = app.get("/").await.header("etag").to_owned();
    let headers = [("if-none-match", &*first), ("cache-control", "no-cache")];
    let seen = app.get_with("/", &headers).await;
    assert_eq!((seen.status.as_u16(), seen.text()), (200, "run 2"));
}

#[tokio::test]
async fn head_is_told_so_too() {
    let app = tagged("\"v1\"");
    for _ in 0..2 {
        is_unchanged(&app.ask(request("HEAD", "/", &has("\"v1\""))).await);
    }
    assert_eq!(app.get("/").await.text(), "run 3");
    is_unchanged(&app.ask(request("HEAD", "/", &has("\"v1\""))).await);
    assert_eq!(app.get("/").await.text(), "run 3");
}

#[tokio::test]
async fn a_changed_type_of_the_same_body_is_a_change() {
    let app = App::new(&layer(), |_, run| {
        let of_kind = if run == 1 { "text/plain" } else { "text/html" };
        with(&[("content-type", of_kind)], "<p>")
    });
    let first = app.get("/").await.header("etag").to_owned();
    let headers = [("if-none-match", &*first), ("cache-control", "no-cache")];
    assert_eq!(app.get_with("/", &headers).await.status, 200);
}
