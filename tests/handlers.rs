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
    scope::with_cache(&common::cache(), test).await
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
