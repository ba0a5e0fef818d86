//! Responses that are written wrong.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse};
use larder::{cached, memoize};

#[memoize]
async fn by_memoize() -> impl IntoResponse {
    Html("page")
}

#[cached]
async fn no_response() -> impl Iterator<Item = u8> {
    [1_u8].into_iter()
}

#[cached]
async fn opaque_error() -> Result<Html<String>, impl IntoResponse> {
    Err(StatusCode::NOT_FOUND)
}

fn main() {}
