//! `cargo run --example null`
//!
//! The store that keeps nothing: the same program with its cache switched off, by one URL. For tests, and
//! to see what a cache is worth.

use std::time::{Duration, Instant};

use larder::{Cache, memoize};

/// Slow, and always the same.
#[memoize]
fn answer(question: &str) -> usize {
    std::thread::sleep(Duration::from_millis(100));
    question.len()
}

fn main() -> larder::Result<()> {
    // In production it would be `Cache::from_env()`, and `LARDER_URL` would say which.
    for url in ["memory://", "null://"] {
        let cache = Cache::from_url(url)?;
        let start = Instant::now();
        let answers = larder::scope::with_cache_sync(&cache, || [answer("why"), answer("why")]);
        let took = start.elapsed().as_millis();
        println!(
            "{url:<9} answers {answers:?} in {took} ms; {}",
            cache.stats()
        );
    }
    Ok(())
}
