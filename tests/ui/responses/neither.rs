//! What is neither a value nor a response.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Html;
use larder::cached;

struct Neither;

#[cached]
async fn neither() -> Neither {
    Neither
}

#[cached]
async fn fallible() -> Result<Neither, StatusCode> {
    Ok(Neither)
}

#[cached]
async fn headers(headers: HeaderMap) -> Html<String> {
    Html(format!("{headers:?}"))
}

#[cached(cache_none)]
async fn none() -> Html<String> {
    Html(String::new())
}

#[cached(cache_if = |response| response.is_good())]
async fn hook() -> Html<String> {
    Html(String::new())
}

fn main() {}
