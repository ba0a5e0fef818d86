//! Handlers, as a strict user writes them.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse};
use pantry::cached;

use crate::CACHE;

/// What the application holds.
#[derive(Clone, Default)]
pub struct App;

/// A page with an alias for a type.
pub type Page<T = String> = Result<Html<T>, StatusCode>;

/// Shows a product.
#[cached(crate = pantry, cache = CACHE, timeout = 60)]
pub async fn product(Path(id): Path<u64>) -> Json<u64> {
    std::future::ready(Json(id)).await
}

/// Shows a page.
///
/// # Errors
///
/// If there is none.
#[cached(crate = pantry, cache = CACHE, skip(app), cache_if = |response| response.status() == 200)]
pub async fn page(State(app): State<App>, Path(name): Path<String>) -> Page {
    let App = app;
    if name.is_empty() {
        return Err(StatusCode::NOT_FOUND);
    }
    Ok(Html(std::future::ready(name).await))
}

/// Shows anything.
#[cached(crate = pantry, cache = CACHE, key_prefix = "anything")]
pub async fn anything() -> impl IntoResponse {
    (StatusCode::CREATED, std::future::ready("anything").await)
}

/// Shows anything, unless there is nothing.
///
/// # Errors
///
/// If there is nothing.
#[cached(crate = pantry, cache = CACHE, key = (id))]
pub async fn something(Path(id): Path<u64>) -> Result<impl IntoResponse, StatusCode> {
    let found = std::future::ready((id > 0).then_some("something")).await;
    Ok(Html(found.ok_or(StatusCode::NOT_FOUND)?))
}

/// Keeps what can be kept as it is.
#[cached(crate = pantry, cache = CACHE, timeout = never)]
#[must_use]
pub fn greeting(name: &str) -> crate::shop::Greeting {
    crate::shop::Greeting(name.to_owned())
}

/// Says hello.
#[cached(crate = pantry, cache = CACHE)]
#[must_use]
pub fn hello() -> &'static str {
    "hello"
}
