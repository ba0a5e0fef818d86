//! cargo run --example web --features web
//!
//! A small web application and its cache, in memory. With `LARDER_URL=redis://127.0.0.1:6379/0?prefix=web_v1:`
//! several of them share one; `PORT=3001` starts a second one. What to try, in another terminal:
//!
//! ```text
//! curl -i localhost:3000/                       made; again within 30 s: x-cache: HIT, and its age
//! curl localhost:3000/delete-homepage-cache     forgets the homepage, by its name
//! curl localhost:3000/square/12                 slow; again: at once
//! curl -i localhost:3000/slow_data/7            a response, kept for 60 s by the 7
//! curl localhost:3000/user/ann                  slow; again: at once
//! curl localhost:3000/user/ann -d 'likes tea'   writes, and forgets ann and no other
//! curl localhost:3000/fib/90                    how often the cache helped
//! curl localhost:3000/board/ann                 a page whose sidebar is kept, for each user
//! curl -i 'localhost:3000/report?b=2&a=1'       kept by the layer: a=1&b=2 is the same; has an etag
//! curl localhost:3000/clear-cache               forgets everything
//! open  http://localhost:3000/cache             what the cache does, as it does it
//! redis-cli --scan --pattern 'web_v1:*'         the keys, if they are in Redis
//! ```

use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;
use std::{env, fs, io};

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse};
use axum::routing::{Router, get};
use larder::backends::Memory;
use larder::http::{CacheLayer, fragments, status};
use larder::{Cache, cached, memoize};
use minijinja::{Environment, context};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

type Result<T, E = Failure> = std::result::Result<T, E>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    larder::install(cache()?)?;
    let users = Users::open()?;
    let port = env::var("PORT").unwrap_or_else(|_| "3000".to_owned());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app(users)).await?;
    Ok(())
}

/// In memory, or where `LARDER_URL` says.
fn cache() -> larder::Result<Cache> {
    if env::var_os("LARDER_URL").is_some() {
        return Cache::from_env();
    }
    let builder = Cache::builder().backend(Memory::new(10_000));
    builder.key_prefix("web_v1:").build()
}

fn app(users: Users) -> Router {
    let layer = CacheLayer::new().timeout(60).vary(["accept-language"]);
    Router::new()
        .route("/", get(home))
        .route("/delete-homepage-cache", get(delete_homepage_cache))
        .route("/square/{n}", get(show_square))
        .route("/slow_data/{id}", get(slow_data))
        .route("/user/{name}", get(show_user).post(write_user))
        .route("/fib/{n}", get(show_fib))
        .route("/board/{name}", get(board))
        .route("/report", get(report).layer(layer))
        .route("/clear-cache", get(clear_cache))
        // It shows what the application is made of: yours would be behind a login.
        .nest("/cache", status(larder::installed().clone()))
        .with_state(users)
}

/// Kept for 30 s, under the very key `homepage`.
#[cached(timeout = 30, key_prefix = "homepage")]
async fn home() -> Html<String> {
    sleep(Duration::from_millis(500)).await;
    Html("<h1>Welcome</h1><p>Made with much work, half a second of it.</p>".to_owned())
}

/// A `GET`, so that a browser can try it. Yours would be a `POST`.
async fn delete_homepage_cache() -> Result<String> {
    let deleted = larder::installed().delete("homepage").await?;
    Ok(format!("the homepage was cached: {deleted}\n"))
}

/// A helper function: any argument, any value.
#[memoize(timeout = 60)]
async fn square(n: u64) -> u64 {
    sleep(Duration::from_secs(1)).await;
    n.saturating_mul(n)
}

async fn show_square(Path(n): Path<u64>) -> String {
    format!("{}\n", square(n).await)
}

#[derive(Serialize)]
struct SlowData {
    id: u64,
    text: &'static str,
}

/// A handler: its response is kept, by what its extractors bound.
#[cached(timeout = 60)]
async fn slow_data(Path(id): Path<u64>) -> Json<SlowData> {
    sleep(Duration::from_secs(1)).await;
    let text = "it took a second to find this";
    Json(SlowData { id, text })
}

/// An error is not kept: a user who is written a moment later is found. Where users are stored, is no part
/// of the key.
#[memoize(timeout = 300, skip(users))]
async fn about(users: &Users, name: &str) -> Result<String> {
    sleep(Duration::from_millis(500)).await;
    users.read(name)
}

async fn show_user(State(users): State<Users>, Path(name): Path<String>) -> Result<String> {
    Ok(about(&users, &name).await? + "\n")
}

/// First the write, then the invalidation: who asks after it gets what was written, in every process.
async fn write_user(
    State(users): State<Users>,
    Path(name): Path<String>,
    text: String,
) -> Result<StatusCode> {
    users.write(&name, &text)?;
    delete_memoized_about(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Each number is computed once: `fib(90)` takes 91 computations, not 2^90.
#[memoize(timeout = 60, name = "fib")]
fn fib(n: u64) -> u64 {
    match n {
        0 | 1 => n,
        n => fib(n - 1) + fib(n - 2),
    }
}

async fn show_fib(Path(n): Path<u64>) -> Result<String> {
    if n > 93 {
        return Err(Failure::new(
            StatusCode::BAD_REQUEST,
            "up to 93: a u64 ends there",
        ));
    }
    let counts = || {
        larder::installed()
            .stats()
            .function("fib")
            .cloned()
            .unwrap_or_default()
    };
    let before = counts();
    // A function without async waits for a store that is elsewhere, on a thread that may wait.
    let fib = spawn_blocking(move || fib(n)).await?;
    let after = counts();
    let (helped, computed) = (
        after.hits - before.hits,
        after.computations - before.computations,
    );
    Ok(format!(
        "fib({n}) = {fib}: the cache helped {helped} times, {computed} numbers were computed\n"
    ))
}

/// A page with a part that is kept for each user: the sidebar is rendered once in five minutes.
static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    templates.add_function("cached", fragments(larder::installed().clone()));
    templates.add_function("long_work", long_work);
    let page = include_str!("board.html");
    templates
        .add_template("board.html", page)
        .expect("a right template");
    templates
});

fn long_work() -> &'static str {
    std::thread::sleep(Duration::from_millis(500));
    "made with much work"
}

async fn board(Path(name): Path<String>) -> Result<Html<String>> {
    let render = move || {
        let template = TEMPLATES.get_template("board.html")?;
        template.render(context! { user => name })
    };
    Ok(Html(spawn_blocking(render).await??))
}

/// Nothing here knows of a cache: the layer keeps it by its path, query and language.
async fn report() -> &'static str {
    sleep(Duration::from_secs(1)).await;
    "a long report\n"
}

/// As above, a `GET` to be tried.
async fn clear_cache() -> Result<&'static str> {
    larder::installed().clear().await?;
    Ok("the cache is empty\n")
}

/// What the application knows of its users: a folder, one file a user.
#[derive(Clone)]
struct Users(PathBuf);

impl Users {
    fn open() -> io::Result<Self> {
        let folder = env::var_os("WEB_USERS").map(PathBuf::from);
        let folder = folder.unwrap_or_else(|| env::temp_dir().join("larder-web-users"));
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    fn file(&self, name: &str) -> Result<PathBuf> {
        let is_plain = !name.is_empty() && name.chars().all(char::is_alphanumeric);
        let wrong = || {
            Failure::new(
                StatusCode::BAD_REQUEST,
                "a name is made of letters and digits",
            )
        };
        is_plain.then(|| self.0.join(name)).ok_or_else(wrong)
    }

    fn read(&self, name: &str) -> Result<String> {
        fs::read_to_string(self.file(name)?).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Failure::new(StatusCode::NOT_FOUND, "nobody of that name"),
            _ => error.into(),
        })
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        Ok(fs::write(self.file(name)?, text)?)
    }
}

/// What a client is told of an error.
#[derive(Debug)]
struct Failure(StatusCode, String);

impl Failure {
    fn new(status: StatusCode, text: &str) -> Self {
        Self(status, text.to_owned())
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        eprintln!("{error}");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "something went wrong here",
        )
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> axum::response::Response {
        (self.0, self.1 + "\n").into_response()
    }
}
