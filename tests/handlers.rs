//! Law: `#[cached]` on a handler keeps its response, if that may be kept.

mod common;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use larder::http::StoredResponse;
use larder::{Cache, cached, scope};
use serde::{Deserialize, Serialize};

use common::Runs;

/// What a client would see of a response.
async fn read(response: Response) -> (StatusCode, String, String) {
    let word = response.headers().get("x-cache");
    let word = word.map_or("", |word| word.to_str().unwrap()).to_owned();
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await;
    (
        status,
        String::from_utf8(body.unwrap().into()).unwrap(),
        word,
    )
}

async fn body(response: Response) -> String {
    read(response).await.1
}

async fn word(response: Response) -> String {
    read(response).await.2
}

/// Runs a test in a cache of its own.
async fn alone<F: Future>(test: F) -> F::Output {
    // Boxed: in a test there are many futures, one inside of the other.
    scope::with_cache(&common::cache(), Box::pin(test)).await
}

#[derive(Clone, Serialize, Deserialize)]
struct Slow {
    id: u64,
    run: u64,
}

#[tokio::test]
async fn a_response_is_kept_by_what_the_extractors_bound() {
    static RUNS: Runs = Runs::new();

    #[cached(timeout = 60)]
    async fn slow_data(Path(item_id): Path<u64>) -> Json<Slow> {
        Json(Slow {
            id: item_id,
            run: RUNS.count(),
        })
    }

    alone(async {
        let made = read(slow_data(Path(1)).await).await;
        assert_eq!(
            made,
            (StatusCode::OK, r#"{"id":1,"run":1}"#.into(), "MISS".into())
        );
        let kept = read(slow_data(Path(1)).await).await;
        assert_eq!(
            kept,
            (StatusCode::OK, r#"{"id":1,"run":1}"#.into(), "HIT".into())
        );
        assert_eq!(body(slow_data(Path(2)).await).await, r#"{"id":2,"run":2}"#);
        assert!(delete_memoized_slow_data(Path(1)).await.unwrap());
        assert_eq!(body(slow_data(Path(1)).await).await, r#"{"id":1,"run":3}"#);
        delete_all_memoized_slow_data().await.unwrap();
        assert_eq!(body(slow_data(Path(2)).await).await, r#"{"id":2,"run":4}"#);
    })
    .await;
}

#[tokio::test]
async fn whatever_is_a_response_is_kept_as_one() {
    #[cached]
    async fn html() -> Html<&'static str> {
        Html("<p>")
    }
    #[cached]
    async fn text() -> &'static str {
        "text"
    }
    #[cached]
    async fn tuple() -> (StatusCode, [(&'static str, &'static str); 1], String) {
        (StatusCode::CREATED, [("x-made", "yes")], "made".into())
    }
    #[cached]
    async fn opaque() -> impl IntoResponse {
        (StatusCode::ACCEPTED, Html("opaque"))
    }
    #[cached]
    async fn response() -> Response {
        Body::from("response").into_response()
    }
    #[cached]
    fn sync() -> Html<String> {
        Html("sync".into())
    }

    alone(async {
        for _ in 0..2 {
            assert_eq!(body(html().await).await, "<p>");
            assert_eq!(body(text().await).await, "text");
            let made = tuple().await;
            assert_eq!(made.headers()["x-made"], "yes");
            assert_eq!(read(made).await.0, StatusCode::CREATED);
            assert_eq!(read(opaque().await).await.0, StatusCode::ACCEPTED);
            assert_eq!(body(response().await).await, "response");
            assert_eq!(body(sync()).await, "sync");
        }
        assert_eq!(word(html().await).await, "HIT");
        assert_eq!(word(opaque().await).await, "HIT");
        assert_eq!(word(sync()).await, "HIT");
    })
    .await;
}

#[tokio::test]
async fn an_error_passes_through_and_is_not_kept() {
    static RUNS: Runs = Runs::new();

    #[derive(Debug, PartialEq)]
    struct Missing(u64);

    type Found<T> = Result<T, Missing>;

    #[cached]
    async fn opaque(Path(id): Path<u64>) -> Result<impl IntoResponse, Missing> {
        let run = RUNS.count();
        if run < 3 {
            Err(Missing(id))?;
        }
        Ok(Html(format!("{id} {run}")))
    }
    #[cached]
    async fn aliased(Path(id): Path<u64>) -> Found<Json<u64>> {
        if id == 0 {
            Err(Missing(0))
        } else {
            Ok(Json(id))
        }
    }

    alone(async {
        assert_eq!(opaque(Path(7)).await.unwrap_err(), Missing(7));
        assert_eq!(opaque(Path(7)).await.unwrap_err(), Missing(7));
        assert_eq!(body(opaque(Path(7)).await.unwrap()).await, "7 3");
        assert_eq!(body(opaque(Path(7)).await.unwrap()).await, "7 3");
        assert_eq!(aliased(Path(0)).await.unwrap_err(), Missing(0));
        assert_eq!(word(aliased(Path(1)).await.unwrap()).await, "MISS");
        assert_eq!(word(aliased(Path(1)).await.unwrap()).await, "HIT");
    })
    .await;
}

#[tokio::test]
async fn what_can_be_kept_as_a_value_stays_one() {
    #[cached(key_prefix = "greeting")]
    async fn greeting() -> String {
        "hello".into()
    }
    #[cached]
    async fn slow(id: u64) -> Slow {
        Slow { id, run: 0 }
    }
    #[cached]
    async fn fallible(id: u64) -> Result<Slow, StatusCode> {
        Ok(Slow { id, run: 0 })
    }

    let cache = common::cache();
    scope::with_cache(&cache, async {
        let text: String = greeting().await;
        assert_eq!(cache.get::<String>("greeting").await.unwrap(), Some(text));
        let value: Slow = slow(7).await;
        assert_eq!(memoized_slow(7).get().await.unwrap().unwrap().id, value.id);
        let value: Result<Slow, StatusCode> = fallible(7).await;
        assert_eq!(value.unwrap().id, 7);
    })
    .await;
}

/// How a response looks, and why it is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
enum Look {
    Status(u16),
    Header(&'static str, &'static str),
    Long(usize),
    Stream,
}

fn look(look: Look) -> Response {
    let text = "text".to_owned();
    match look {
        Look::Status(status) => (StatusCode::from_u16(status).unwrap(), text).into_response(),
        Look::Header(name, value) => ([(name, value)], text).into_response(),
        Look::Long(length) => "x".repeat(length).into_response(),
        Look::Stream => {
            let chunks = ["te", "xt"].map(Ok::<_, std::convert::Infallible>);
            Body::from_stream(futures::stream::iter(chunks)).into_response()
        }
    }
}

#[tokio::test]
async fn what_is_not_for_everybody_passes_through_whole() {
    static RUNS: Runs = Runs::new();

    #[cached]
    async fn page(shape: Look) -> Response {
        RUNS.count();
        look(shape)
    }

    let cases = [
        (Look::Status(206), "status"),
        (Look::Status(301), "status"),
        (Look::Status(404), "status"),
        (Look::Status(500), "status"),
        (Look::Header("set-cookie", "a=b"), "set-cookie"),
        (Look::Header("cache-control", "no-store"), "no-store"),
        (
            Look::Header("cache-control", "max-age=5, Private"),
            "private",
        ),
        (Look::Header("vary", "*"), "vary"),
        (Look::Long((1 << 20) + 1), "too-large"),
        (Look::Stream, "streaming"),
    ];
    alone(async {
        for (shape, reason) in cases {
            let before = RUNS.so_far();
            for _ in 0..2 {
                let passed = page(shape).await;
                let status = passed.headers()["cache-status"].clone();
                assert_eq!(status, format!("larder; fwd=miss; detail={reason}"));
                assert_eq!(read(passed).await.1, body(look(shape)).await);
            }
            assert_eq!(RUNS.so_far() - before, 2, "{shape:?}");
        }
        for shape in [Look::Long(1 << 20), Look::Long(0), Look::Status(204)] {
            assert_eq!(word(page(shape).await).await, "MISS", "{shape:?}");
            assert_eq!(word(page(shape).await).await, "HIT", "{shape:?}");
        }
        let kept = Look::Header("cache-control", "no-cache, max-age=5");
        assert_eq!(word(page(kept).await).await, "MISS");
        assert_eq!(
            page(kept).await.headers()["cache-control"],
            "no-cache, max-age=5"
        );
    })
    .await;
}

/// Sixteen callers of one key: all of them are inside before the first one answers.
#[tokio::test(flavor = "multi_thread")]
async fn a_response_for_one_user_is_handed_to_nobody_who_waits() {
    static RUNS: Runs = Runs::new();

    #[cached]
    async fn session() -> ([(&'static str, String); 1], String) {
        let run = RUNS.count();
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        ([("set-cookie", format!("session={run}"))], run.to_string())
    }

    let cache = common::cache();
    let callers: Vec<_> = (0..16)
        .map(|_| {
            let cache = cache.clone();
            tokio::spawn(async move { scope::with_cache(&cache, session()).await })
        })
        .collect();
    let mut seen = std::collections::BTreeSet::new();
    for caller in callers {
        let response = caller.await.unwrap();
        let cookie = response.headers()["set-cookie"].clone();
        let text = body(response).await;
        assert_eq!(cookie, format!("session={text}"));
        assert!(seen.insert(text), "handed out twice");
    }
    assert_eq!(RUNS.so_far(), 16);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cache_if_refuses_is_handed_to_nobody_either() {
    static RUNS: Runs = Runs::new();

    #[cached(cache_if = |response: &StoredResponse| response.headers().contains_key("x-public"))]
    async fn private() -> Html<String> {
        let run = RUNS.count();
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        Html(run.to_string())
    }

    let cache = common::cache();
    let calls = (0..8).map(|_| scope::with_cache(&cache, private()));
    let answers = futures::future::join_all(calls).await;
    let mut seen = std::collections::BTreeSet::new();
    for answer in answers {
        assert!(seen.insert(body(answer).await), "handed out twice");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_callers_get_one_response() {
    static RUNS: Runs = Runs::new();

    #[cached]
    async fn report(Path(id): Path<u64>) -> Json<Slow> {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        Json(Slow {
            id,
            run: RUNS.count(),
        })
    }

    let cache = common::cache();
    let calls = (0..64).map(|_| scope::with_cache(&cache, report(Path(7))));
    for answer in futures::future::join_all(calls).await {
        assert_eq!(body(answer).await, r#"{"id":7,"run":1}"#);
    }
}

#[tokio::test]
async fn hooks_and_arguments_work_on_responses() {
    static RUNS: Runs = Runs::new();

    #[derive(Clone)]
    struct App {
        cache: Cache,
    }

    #[cached(
        cache = app.cache,
        skip(app),
        tags = [format!("shop:{}", shop.0)],
        unless = force.is_some(),
        timeout = |response: &StoredResponse| if response.body().len() > 3 { 60 } else { 0 },
    )]
    async fn page(
        State(app): State<App>,
        shop: Query2,
        Query(force): Query<Option<String>>,
    ) -> Html<String> {
        let _ = (&app.cache, force);
        Html(format!("{} {}", shop.0, RUNS.count()))
    }

    #[derive(Clone, Serialize)]
    struct Query2(u64);

    let app = App {
        cache: common::cache(),
    };
    let ask = |shop, force| page(State(app.clone()), Query2(shop), Query(force));
    assert_eq!(body(ask(10, None).await).await, "10 1");
    assert_eq!(body(ask(10, None).await).await, "10 1");
    assert_eq!(body(ask(10, Some("yes".into())).await).await, "10 2");
    app.cache.invalidate_tag("shop:10").await.unwrap();
    assert_eq!(body(ask(10, None).await).await, "10 3");
    assert_eq!(body(ask(1, None).await).await, "1 4");
    assert_eq!(body(ask(1, None).await).await, "1 5", "too short to keep");
}

#[tokio::test]
async fn an_entry_holds_the_response() {
    #[cached(timeout = 60)]
    async fn page(Path(id): Path<u64>) -> Result<(StatusCode, Html<String>), StatusCode> {
        Ok((StatusCode::CREATED, Html(id.to_string())))
    }

    alone(async {
        assert!(memoized_page(Path(1)).get().await.unwrap().is_none());
        page(Path(1)).await.unwrap();
        let kept = memoized_page(Path(1))
            .get()
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        assert_eq!(
            (kept.status(), &kept.body()[..]),
            (StatusCode::CREATED, &b"1"[..])
        );
        let written = Response::builder()
            .header("x-by", "hand")
            .body("two")
            .unwrap();
        let written = Ok(StoredResponse::new(written));
        memoized_page(Path(2)).put(&written, 60).await.unwrap();
        let response = page(Path(2)).await.unwrap();
        assert_eq!(
            (&response.headers()["x-by"], &response.headers()["x-cache"]),
            (
                &HeaderValue::from_static("hand"),
                &HeaderValue::from_static("HIT"),
            )
        );
        assert_eq!(body(response).await, "two");
    })
    .await;
}

#[tokio::test]
async fn scopes_hold_for_handlers() {
    static RUNS: Runs = Runs::new();

    #[cached]
    async fn page() -> Html<String> {
        Html(RUNS.count().to_string())
    }

    alone(async {
        assert_eq!(body(page().await).await, "1");
        assert_eq!(body(scope::bypass(page()).await).await, "2");
        assert_eq!(body(page().await).await, "1");
        assert_eq!(body(scope::refresh(page()).await).await, "3");
        assert_eq!(body(page().await).await, "3");
    })
    .await;
}

#[tokio::test]
async fn a_response_comes_back_as_it_went_in() {
    #[cached]
    async fn page() -> Response {
        Response::builder()
            .status(StatusCode::NON_AUTHORITATIVE_INFORMATION)
            .header("x-many", "one")
            .header("x-many", "two")
            .header("x-odd", HeaderValue::from_bytes(b"caf\xe9").unwrap())
            .header("connection", "close, x-hop")
            .header("x-hop", "this connection only")
            .header("transfer-encoding", "chunked")
            .header("x-cache", "HIT from elsewhere")
            .header("age", "40")
            .body(Body::from(Bytes::from_static(b"\x00\xff body")))
            .unwrap()
    }

    alone(async {
        page().await;
        let kept = page().await;
        assert_eq!(kept.status(), 203);
        let many: Vec<_> = kept.headers().get_all("x-many").iter().collect();
        assert_eq!(many, ["one", "two"]);
        assert_eq!(kept.headers()["x-odd"].as_bytes(), b"caf\xe9");
        for gone in ["connection", "x-hop", "transfer-encoding"] {
            assert!(!kept.headers().contains_key(gone), "{gone}");
        }
        assert_eq!(kept.headers()["x-cache"], "HIT");
        assert!(
            kept.headers()["age"]
                .to_str()
                .unwrap()
                .parse::<u64>()
                .unwrap()
                >= 40
        );
        assert_eq!(kept.headers()["content-length"], "7");
        let bytes = axum::body::to_bytes(kept.into_body(), 100).await.unwrap();
        assert_eq!(&bytes[..], b"\x00\xff body");
    })
    .await;
}

/// What a store of bytes gives back.
#[tokio::test]
async fn a_response_survives_being_bytes() {
    #[cached]
    async fn page() -> Response {
        let headers = [("x-a", "1"), ("content-type", "text/plain")];
        (StatusCode::CREATED, headers, "text").into_response()
    }

    let shelf = common::shelf::Shelf::default();
    let cache = || shelf.cache("t:");
    scope::with_cache(&cache(), async { page().await }).await;
    let kept = scope::with_cache(&cache(), async { page().await }).await;
    assert_eq!(kept.headers()["x-cache"], "HIT");
    assert_eq!(
        (kept.status(), &kept.headers()["x-a"]),
        (StatusCode::CREATED, &"1".parse().unwrap())
    );
    assert_eq!(body(kept).await, "text");
}

#[tokio::test]
async fn a_route_with_state_takes_a_cached_handler() {
    use tower::ServiceExt as _;

    #[cached(skip(greeting))]
    async fn page(State(greeting): State<String>, Path(name): Path<String>) -> impl IntoResponse {
        Html(format!("{greeting} {name}"))
    }
    async fn redirected() -> Redirect {
        Redirect::to("/hello/ann")
    }

    let app: axum::Router = axum::Router::new()
        .route("/hello/{name}", axum::routing::get(page))
        .route("/", axum::routing::get(redirected))
        .with_state("hello".to_owned());
    let ask = || {
        let request = axum::http::Request::get("/hello/ann").body(Body::empty());
        app.clone().oneshot(request.unwrap())
    };
    alone(async {
        assert_eq!(word(ask().await.unwrap()).await, "MISS");
        let kept = read(ask().await.unwrap()).await;
        assert_eq!(kept, (StatusCode::OK, "hello ann".into(), "HIT".into()));
    })
    .await;
}

/// Every shape of a handler can be a route: what is only called by hand compiles more easily.
#[tokio::test]
#[allow(clippy::too_many_lines)] // shapes, one by one
async fn every_shape_of_a_response_can_be_a_route() {
    use axum::routing::get;
    use tower::ServiceExt as _;

    type Alias<T> = Result<T, (StatusCode, &'static str)>;

    #[cached]
    async fn a() -> &'static str {
        "a"
    }
    #[cached]
    async fn b() -> Html<&'static str> {
        Html("b")
    }
    #[cached]
    async fn c() -> impl IntoResponse {
        (StatusCode::OK, [("x-c", "c")], "c")
    }
    #[cached]
    async fn d() -> Result<&'static str, StatusCode> {
        Ok("d")
    }
    #[cached]
    async fn e() -> axum::response::Result<Html<&'static str>> {
        Ok(Html("e"))
    }
    #[cached]
    async fn f() -> Result<impl IntoResponse, (StatusCode, &'static str)> {
        Ok("f")
    }
    #[cached]
    async fn g() -> Alias<impl IntoResponse> {
        Ok("g")
    }
    #[cached]
    async fn h() -> Json<impl Serialize> {
        Json("h")
    }
    #[cached(local)]
    async fn i() -> (StatusCode, [(&'static str, String); 1], String) {
        (StatusCode::OK, [("x-i", "i".into())], "i".into())
    }
    #[cached]
    async fn j() -> ([(String, String); 1], String) {
        ([("x-j".into(), "j".into())], "j".into())
    }

    let app: axum::Router = axum::Router::new()
        .route("/a", get(a))
        .route("/b", get(b))
        .route("/c", get(c))
        .route("/d", get(d))
        .route("/e", get(e))
        .route("/f", get(f))
        .route("/g", get(g))
        .route("/h", get(h))
        .route("/i", get(i))
        .route("/j", get(j));
    alone(async {
        for name in 'a'..='j' {
            for expected in ["MISS", "HIT"] {
                let request = axum::http::Request::get(format!("/{name}"));
                let request = request.body(Body::empty()).unwrap();
                let (status, text, word) = read(app.clone().oneshot(request).await.unwrap()).await;
                assert_eq!((status, &*word), (StatusCode::OK, expected), "{name}");
                assert_eq!(text.trim_matches('"'), name.to_string());
            }
        }
    })
    .await;
}

/// What could be kept as it is, but has headers in it, goes by the rules of responses.
#[tokio::test]
async fn a_tuple_with_a_cookie_is_not_kept() {
    static RUNS: Runs = Runs::new();

    #[cached]
    async fn plain() -> ([(String, String); 1], String) {
        let run = RUNS.count();
        ([("set-cookie".into(), format!("s={run}"))], run.to_string())
    }
    #[cached]
    async fn fallible() -> Result<([(String, String); 1], String), StatusCode> {
        Ok((
            [("set-cookie".into(), "s".into())],
            RUNS.count().to_string(),
        ))
    }
    #[cached(local)]
    async fn local() -> (StatusCode, String) {
        (StatusCode::INTERNAL_SERVER_ERROR, RUNS.count().to_string())
    }

    alone(async {
        assert_ne!(body(plain().await).await, body(plain().await).await);
        let (one, other) = (fallible().await.unwrap(), fallible().await.unwrap());
        assert_ne!(body(one).await, body(other).await);
        assert_ne!(body(local().await).await, body(local().await).await);
    })
    .await;
}

/// An error that looks like a success is an error all the same, through an alias too.
#[tokio::test]
async fn an_error_with_status_200_is_not_kept() {
    static RUNS: Runs = Runs::new();

    type ApiResult<T> = Result<T, String>;

    #[cached]
    async fn page() -> ApiResult<impl IntoResponse> {
        match RUNS.count() {
            1 => Err("error".to_owned()),
            run => Ok(run.to_string()),
        }
    }

    alone(async {
        assert_eq!(page().await.unwrap_err(), "error");
        assert_eq!(body(page().await.unwrap()).await, "2");
        assert_eq!(body(page().await.unwrap()).await, "2");
    })
    .await;
}

#[tokio::test]
async fn a_response_says_why_it_was_made() {
    #[cached(unless = past, refresh = anew)]
    async fn page(past: bool, anew: bool) -> Html<String> {
        Html(format!("{past} {anew}"))
    }

    alone(async {
        let past = page(true, false).await;
        assert_eq!(past.headers()["cache-status"], "larder; fwd=bypass");
        assert!(!past.headers().contains_key("x-cache"));
        let anew = page(false, true).await;
        assert_eq!(anew.headers()["cache-status"], "larder; fwd=request");
        assert_eq!(anew.headers()["x-cache"], "MISS");
    })
    .await;
}
