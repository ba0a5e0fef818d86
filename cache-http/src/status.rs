//! The status page: what a cache did since it was built, for people and for programs.

mod accept;
mod bar;
mod base;
mod column;
mod figure;
mod figures;
mod human;
mod page;
mod report;
mod row;
#[cfg(test)]
mod tests;
mod text;
mod tiles;

use std::future::ready;

use axum::Router;
use axum::extract::OriginalUri;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use larder_core::cache::Cache;

use accept::prefers_json;
use base::Base;
use page::Page;
use report::Report;

/// Makes a router with a page that shows what a cache did since it was built.
///
/// ```
/// use axum::Router;
/// use tower_service::Service as _;
/// # use axum::{body::Body, http::Request};
/// # use larder_core::{cache::Cache, wait::wait};
/// # let cache = Cache::builder().backend(larder_backends::Memory::new(100)).build()?;
///
/// let mut app: Router = Router::new().nest("/cache", larder_http::status(cache));
///
/// let request = Request::get("/cache").body(Body::empty())?;
/// let response = wait(app.call(request))?;
/// assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
///
/// let request = Request::get("/cache/status.json").body(Body::empty())?;
/// let response = wait(app.call(request))?;
/// assert_eq!(response.headers()["content-type"], "application/json");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// **Who may see it.** The page shows the names of functions, how often they are called, and the
/// store as its `Debug` has it: an address and a key prefix, but no key, no value, and of larder's
/// own stores no credential. That is nothing for the public: mount it behind the application's own
/// authentication, or on an internal port.
///
/// # Routes
///
/// Mount it with [`nest`](Router::nest), or [`merge`](Router::merge) it into a router that has
/// these routes free.
///
/// | route | answers |
/// |---|---|
/// | `/` | the page; the JSON, if the request's `accept` prefers `application/json` to `text/html` |
/// | `/status.json` | the JSON |
/// | `/status.css`, `/status.js` | what the page loads, and nothing else from anywhere |
///
/// The page needs no JavaScript. With it, the figures follow every 2 s and the table can be sorted.
/// Nothing is stored on the way (`cache-control: no-store`). Links are relative to the last part of
/// the path as the application sees it, so a proxy may take parts off the front of a path, but not
/// change its end.
///
/// # The JSON
///
/// | field | is |
/// |---|---|
/// | `store` | the prefix, the store and the default timeout, for people: not stable |
/// | `in_flight` | computations under way that callers can join |
/// | `totals` | the figures of everything |
/// | `by_hand` | the figures of manual keys and fragments: `totals` less all functions |
/// | `functions` | for each function, by name: `name` and its figures |
///
/// Figures are since the cache was built, in this process only. Those that are `null` are not
/// known.
///
/// | figure | is |
/// |---|---|
/// | `hits` | calls answered with a kept value |
/// | `misses` | calls that found nothing to answer with |
/// | `hit_ratio` | the part of the calls that were hits, from 0 to 1; `null` without a call |
/// | `computations` | bodies that ran to their end on a miss, to be kept |
/// | `compute_seconds` | the time that these took together, in seconds |
/// | `mean_compute_seconds` | the time that one of them took, in seconds; `null` without one |
/// | `saved_seconds` | the time that hits saved, in seconds: an estimate, in which each hit counts as the mean computation of its function; always `null` in `by_hand` |
/// | `stores` | values kept |
/// | `waits` | calls that waited for another caller's computation |
/// | `stale_prevented` | values that were computed before an invalidation and arrived after it, and were refused |
/// | `refused` | values that the store did not keep, because they are too large for it |
/// | `degraded` | calls that computed without the store, because it was out of reach |
/// | `errors` | operations of the store that failed, and what could not be encoded or decoded |
pub fn status<S>(cache: Cache) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let same = cache.clone();
    let index =
        move |uri: OriginalUri, headers: HeaderMap| ready(index(&cache, uri.path(), &headers));
    Router::new()
        .route("/", get(index))
        .route("/status.json", get(move || ready(json(&same))))
        .route("/status.css", get(|| ready(answer(CSS, STYLE))))
        .route("/status.js", get(|| ready(answer(JS, SCRIPT))))
}

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

const STYLE: &str = concat!(
    include_str!("status/page.css"),
    include_str!("status/tiles.css"),
    include_str!("status/table.css"),
);
const SCRIPT: &str = include_str!("status/page.js");

/// The page may load its own style, script and figures. The icon is in the page.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
     img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What every answer says.
const GUARDS: [(HeaderName, &str); 5] = [
    (CACHE_CONTROL, "no-store"),
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    // One of them depends on it.
    (VARY, "accept"),
];

fn index(cache: &Cache, path: &str, headers: &HeaderMap) -> Response {
    if prefers_json(headers) {
        return json(cache);
    }
    let (report, base) = (Report::of(cache), Base::of(path));
    answer(HTML, Page::new(&report, base).to_string())
}

fn json(cache: &Cache) -> Response {
    match serde_json::to_string(&Report::of(cache)) {
        Ok(text) => answer(JSON, text),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn answer(kind: &'static str, body: impl IntoResponse) -> Response {
    ([(CONTENT_TYPE, kind)], GUARDS, body).into_response()
}
