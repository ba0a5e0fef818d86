//! A client, and services of which it sees the responses.
#![allow(dead_code)] // every test file takes what it needs

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use larder::http::{CacheLayer, CachedBody};
use tower::util::BoxCloneSyncService;
use tower::{Layer as _, Service, ServiceExt as _};

use crate::common::{self, Runs};

/// A layer over a cache of its own.
pub(crate) fn layer() -> CacheLayer {
    CacheLayer::new().cache(&common::cache()).timeout(60)
}

/// What a client sees of a response.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) trailers: Option<HeaderMap>,
    /// The body broke off.
    pub(crate) broken: bool,
}

impl Seen {
    pub(crate) async fn of<B>(response: Response<B>) -> Self
    where
        B: http_body::Body<Data = Bytes> + Unpin,
    {
        let (head, mut body) = response.into_parts();
        let (mut read, mut trailers, mut broken) = (Vec::new(), None, false);
        while let Some(frame) = body.frame().await {
            match frame.map(http_body::Frame::into_data) {
                Ok(Ok(data)) => read.extend_from_slice(&data),
                Ok(Err(frame)) => trailers = frame.into_trailers().ok(),
                Err(_) => broken = true,
            }
        }
        Self {
            status: head.status,
            headers: head.headers,
            body: read.into(),
            trailers,
            broken,
        }
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a text")
    }

    /// A header, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("a text"))
    }

    pub(crate) fn is_hit(&self) -> bool {
        self.header("x-cache") == "HIT"
    }

    /// The values of a header, in order.
    pub(crate) fn values(&self, name: &str) -> Vec<Vec<u8>> {
        let values = self.headers.get_all(name).iter();
        values.map(|value| value.as_bytes().to_vec()).collect()
    }

    /// The headers that the cache did not write, sorted by name; those of one name in their order.
    pub(crate) fn own_headers(&self) -> Vec<(String, Vec<u8>)> {
        let ours = ["x-cache", "cache-status", "age"];
        let pairs = self.headers.iter();
        let mut pairs: Vec<_> = pairs
            .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
            .filter(|(name, _)| !ours.contains(&name.as_str()))
            .collect();
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        pairs
    }
}

/// Asks any service.
pub(crate) async fn ask<S, B>(service: &S, request: Request<Body>) -> Seen
where
    S: Service<Request<Body>, Response = Response<B>> + Clone,
    S::Error: std::fmt::Debug,
    B: http_body::Body<Data = Bytes> + Unpin,
{
    let response = service.clone().oneshot(request).await;
    Seen::of(response.expect("no error of the service")).await
}

/// A request without a body.
pub(crate) fn request(method: &str, target: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let builder = Request::builder().method(method).uri(target);
    let builder = headers.iter().fold(builder, |builder, (name, value)| {
        builder.header(*name, *value)
    });
    builder.body(Body::empty()).expect("a right request")
}

type Inner = BoxCloneSyncService<Request<Body>, Response<CachedBody<Body>>, Infallible>;

/// A service behind a layer, which counts how often it runs.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) service: Inner,
    runs: Arc<Runs>,
}

impl App {
    /// A service that answers by what it is asked, and by the number of its run.
    pub(crate) fn new(
        layer: &CacheLayer,
        answer: impl Fn(&Request<Body>, u64) -> Response<Body> + Clone + Send + Sync + 'static,
    ) -> Self {
        Self::slow(layer, move |request, run| {
            let response = answer(&request, run);
            async move { response }
        })
    }

    /// The same, with a future.
    pub(crate) fn slow<F>(
        layer: &CacheLayer,
        answer: impl Fn(Request<Body>, u64) -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        let runs = Arc::new(Runs::new());
        let counted = Arc::clone(&runs);
        let service = tower::service_fn(move |request| {
            let made = answer(request, counted.count());
            async move { Ok::<_, Infallible>(made.await) }
        });
        let service = BoxCloneSyncService::new(layer.layer(service));
        Self { service, runs }
    }

    /// One that answers `run 1`, `run 2` and so on.
    pub(crate) fn counting(layer: &CacheLayer) -> Self {
        Self::new(layer, |_, run| text(format!("run {run}")))
    }

    pub(crate) async fn ask(&self, request: Request<Body>) -> Seen {
        ask(&self.service, request).await
    }

    pub(crate) async fn get(&self, target: &str) -> Seen {
        self.ask(request("GET", target, &[])).await
    }

    pub(crate) async fn get_with(&self, target: &str, headers: &[(&str, &str)]) -> Seen {
        self.ask(request("GET", target, headers)).await
    }

    pub(crate) fn runs(&self) -> u64 {
        self.runs.so_far()
    }

    pub(crate) fn wait_for(&self, runs: u64) {
        self.runs.wait_for(runs);
    }

    /// Whether the second of two requests is answered with what was made for the first.
    pub(crate) async fn shares(&self, first: Request<Body>, second: Request<Body>) -> bool {
        let first = self.ask(first).await;
        let second = self.ask(second).await;
        first.body == second.body && second.is_hit()
    }
}

/// A response with a text.
pub(crate) fn text(body: impl Into<Body>) -> Response<Body> {
    Response::new(body.into())
}

/// A response with headers.
pub(crate) fn with(headers: &[(&str, &str)], body: impl Into<Body>) -> Response<Body> {
    let builder = headers
        .iter()
        .fold(Response::builder(), |builder, (name, value)| {
            builder.header(*name, *value)
        });
    builder.body(body.into()).expect("a right response")
}
