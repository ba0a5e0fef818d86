//! The router, called without a server.

use std::convert::Infallible;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, Response, StatusCode};
use larder_backends::Memory;
use larder_core::cache::Cache;
use larder_core::counters::{FunctionStats, Stats};
use larder_core::wait::wait;
use serde_json::Value;
use tower_service::Service as _;

use super::base::Base;
use super::page::Page;
use super::report::Report;
use super::status;

fn cache() -> Cache {
    let builder = Cache::builder().backend(Memory::new(100));
    builder.key_prefix("shop<1>:").build().unwrap()
}

fn nested() -> Router {
    Router::new().nest("/cache", status(cache()))
}

fn ask(mut app: Router, method: Method, path: &str, accept: &str) -> Response<Body> {
    let request = Request::builder().method(method).uri(path);
    let request = request.header("accept", accept).body(Body::empty());
    let answer: Result<_, Infallible> = wait(app.call(request.unwrap()));
    answer.unwrap()
}

fn get(app: Router, path: &str) -> Response<Body> {
    ask(app, Method::GET, path, "text/html")
}

fn text(response: Response<Body>) -> String {
    let bytes = wait(to_bytes(response.into_body(), usize::MAX)).unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn kind(response: &Response<Body>) -> &str {
    response.headers()["content-type"].to_str().unwrap()
}

/// A page over counts, as at `/cache`.
fn page(stats: &Stats) -> String {
    let report = Report::new(stats, 3, "prefix: \"shop:\"");
    Page::new(&report, Base::of("/cache")).to_string()
}

fn stats_of(name: &str) -> Stats {
    let mut function = FunctionStats::default();
    function.name = name.to_owned();
    (function.hits, function.misses) = (1_234_567, 1);
    let mut stats = Stats::default();
    (stats.hits, stats.misses) = (1_234_569, 1);
    stats.functions = vec![function];
    stats
}

#[test]
fn each_route_answers_what_it_says() {
    let cases = [
        ("/cache", "text/html; charset=utf-8"),
        ("/cache/status.json", "application/json"),
        ("/cache/status.css", "text/css; charset=utf-8"),
        ("/cache/status.js", "text/javascript; charset=utf-8"),
    ];
    for (path, expected) in cases {
        let response = get(nested(), path);
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(kind(&response), expected);
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        assert_eq!(response.headers()["referrer-policy"], "no-referrer");
        let policy = response.headers()["content-security-policy"].to_str();
        let policy = policy.unwrap();
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}

#[test]
fn the_page_is_json_for_who_prefers_it() {
    let json = ask(nested(), Method::GET, "/cache", "application/json");
    assert_eq!(kind(&json), "application/json");
    assert_eq!(json.headers()["vary"], "accept");
    let browser = "text/html,application/xhtml+xml,*/*;q=0.8";
    let page = ask(nested(), Method::GET, "/cache/status.json", browser);
    assert_eq!(kind(&page), "application/json");
}

#[test]
fn a_head_has_no_body() {
    for path in ["/cache", "/cache/status.json"] {
        let head = ask(nested(), Method::HEAD, path, "*/*");
        assert_eq!(head.status(), StatusCode::OK);
        assert_eq!(head.headers()["cache-control"], "no-store");
        assert_eq!(text(head), "");
    }
}

#[test]
fn nothing_is_changed_by_a_request() {
    let post = ask(nested(), Method::POST, "/cache", "*/*");
    assert_eq!(post.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn links_lead_to_the_routes_wherever_it_is_mounted() {
    let at = |app: Router, path: &str| text(get(app, path));
    assert!(at(nested(), "/cache").contains("href=\"./cache/status.css\""));
    let deep = Router::new().nest("/ops", nested());
    assert!(at(deep, "/ops/cache").contains("src=\"./cache/status.js\""));
    let slash = Router::new().nest("/cache/", status(cache()));
    assert!(at(slash, "/cache/").contains("href=\"./status.css\""));
    let merged = Router::new().merge(status(cache()));
    assert!(at(merged, "/").contains("href=\"./status.json\""));
}

#[test]
fn a_router_with_state_takes_it() {
    let app = Router::new().nest("/cache", status(cache()));
    let app: Router = app.with_state(7_u8);
    assert_eq!(get(app, "/cache").status(), StatusCode::OK);
}

#[test]
fn the_json_counts_what_the_cache_did() {
    let cache = cache();
    for _ in 0..4 {
        wait(cache.get_or_compute_with("motd", 60, || 1_u8));
    }
    let app = Router::new().nest("/cache", status(cache));
    let json: Value = serde_json::from_str(&text(get(app, "/cache/status.json"))).unwrap();
    assert_eq!(json["totals"]["hits"], 3);
    assert_eq!(json["by_hand"]["computations"], 1);
    assert_eq!(json["by_hand"]["hit_ratio"], 0.75);
    assert_eq!(json["by_hand"]["saved_seconds"], Value::Null);
    assert_eq!(json["in_flight"], 0);
    assert_eq!(json["functions"], Value::Array(Vec::new()));
    let store = json["store"].as_str().unwrap();
    assert!(store.starts_with("prefix: \"shop<1>:\", "), "{store}");
}

#[test]
fn a_function_has_its_figures_beside_its_name() {
    let report = Report::new(&stats_of("shop::load"), 3, "");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["functions"][0]["name"], "shop::load");
    assert_eq!(json["functions"][0]["hits"], 1_234_567);
    assert_eq!(json["functions"][0]["saved_seconds"], 0.0);
    assert_eq!(json["by_hand"]["hits"], 2);
}

#[test]
fn what_comes_from_the_cache_is_text() {
    let page = page(&stats_of("<script>&'\"::{{closure}}::{hits}"));
    assert!(!page.contains("<script>&"));
    assert!(page.contains("data-name=\"&lt;script&gt;&amp;&#39;&quot;::{{closure}}::{hits}\""));
    assert!(page.contains("prefix: &quot;shop:&quot;"));
    assert!(page.contains("1\u{202f}234\u{202f}567"));
}

#[test]
fn the_page_needs_nothing_inline() {
    let page = page(&stats_of("shop::load"));
    for inline in ["<style", "style=", "<script>", " onclick", "javascript:"] {
        assert!(!page.contains(inline), "{inline}");
    }
}

#[test]
fn a_cache_that_did_nothing_says_so() {
    let blank = page(&Stats::default());
    assert!(blank.contains("id=\"empty\">"));
    assert!(blank.contains("tabindex=\"0\" hidden>"));
    let used = page(&stats_of("shop::load"));
    assert!(used.contains("id=\"empty\" hidden>"));
    assert!(used.contains("tabindex=\"0\">"));
}
