//! How long a response lives.

use std::time::Duration;

use larder::http::CacheLayer;
use larder::{Cache, Timeout};

use super::client::{App, with};
use crate::common::{Timed, timed};

/// Whether a response with these headers is still there after so many milliseconds.
async fn lives(
    layer: impl FnOnce(CacheLayer) -> CacheLayer,
    headers: &'static [(&str, &str)],
    millis: u64,
) -> bool {
    let time: Timed = timed();
    let layer = layer(CacheLayer::new().cache(&time.cache));
    let app = App::new(&layer, move |_, run| with(headers, format!("run {run}")));
    app.get("/").await;
    time.pass(millis);
    app.get("/").await.is_hit()
}

const DAY: u64 = 86_400_000;

#[tokio::test]
async fn a_response_lives_for_the_timeout_of_its_layer() {
    assert!(lives(|layer| layer.timeout(60), &[], 59_999).await);
    assert!(!lives(|layer| layer.timeout(60), &[], 60_000).await);
    let short = Duration::from_millis(150);
    assert!(lives(move |layer| layer.timeout(short), &[], 149).await);
    assert!(!lives(move |layer| layer.timeout(short), &[], 150).await);
    assert!(lives(|layer| layer.timeout(Timeout::Never), &[], 1000 * DAY).await);
    assert!(!lives(|layer| layer.timeout(0), &[], 0).await);
    let endless = Duration::MAX;
    assert!(lives(move |layer| layer.timeout(endless), &[], 1000 * DAY).await);
}

#[tokio::test]
async fn without_a_timeout_the_one_of_the_cache_counts() {
    assert!(lives(|layer| layer, &[], 299_999).await);
    assert!(!lives(|layer| layer, &[], 300_001).await);
}

#[tokio::test]
async fn a_hit_does_not_make_it_live_longer() {
    let time = timed();
    let app = App::counting(&CacheLayer::new().cache(&time.cache).timeout(60));
    app.get("/").await;
    for _ in 0..59 {
        time.pass(1000);
        assert!(app.get("/").await.is_hit());
    }
    time.pass(1000);
    assert_eq!(app.get("/").await.text(), "run 2");
}

#[tokio::test]
async fn a_response_lives_no_longer_than_it_says() {
    let cases: [(&'static [(&str, &str)], u64); 8] = [
        (&[("cache-control", "max-age=5")], 5000),
        (&[("cache-control", "MAX-AGE=\"5\"")], 5000),
        (&[("cache-control", "s-maxage=5, max-age=50")], 5000),
        (&[("cache-control", "max-age=5, s-maxage=50")], 50_000),
        (
            &[
                ("cache-control", "max-age=50"),
                ("cache-control", "s-maxage=5"),
            ],
            5000,
        ),
        (&[("cache-control", "max-age=3600")], 60_000),
        (&[("cache-control", "max-age=20"), ("age", "15")], 5000),
        (&[("cache-control", "max-age=3600"), ("age", "3595")], 5000),
    ];
    for (headers, millis) in cases {
        // The clock on the wall goes on meanwhile.
        assert!(
            lives(|layer| layer.timeout(60), headers, millis - 3000).await,
            "{headers:?}"
        );
        assert!(
            !lives(|layer| layer.timeout(60), headers, millis).await,
            "{headers:?}"
        );
    }
    let never = |layer: CacheLayer| layer.timeout(Timeout::Never);
    assert!(lives(never, &[("cache-control", "max-age=60")], 50_000).await);
    assert!(!lives(never, &[("cache-control", "max-age=60")], 60_000).await);
    assert!(lives(|layer| layer, &[("cache-control", "max-age=60")], 50_000).await);
    assert!(!lives(|layer| layer, &[("cache-control", "max-age=60")], 60_000).await);
}

#[tokio::test]
async fn what_says_that_it_is_stale_already_is_not_kept() {
    let cases: [&'static [(&str, &str)]; 7] = [
        &[("cache-control", "max-age=0")],
        &[("cache-control", "s-maxage=0, max-age=60")],
        &[("cache-control", "max-age=soon")],
        &[("cache-control", "max-age=-1")],
        &[("cache-control", "max-age=")],
        &[("cache-control", "max-age=60"), ("age", "60")],
        &[("cache-control", "max-age=60"), ("age", "99999999999")],
    ];
    for headers in cases {
        for timeout in [Timeout::Default, Timeout::Never, Timeout::from(60)] {
            assert!(
                !lives(move |layer| layer.timeout(timeout), headers, 0).await,
                "{headers:?}"
            );
        }
    }
}

#[tokio::test]
async fn of_two_lifetimes_the_first_or_none_counts() {
    let twice = &[("cache-control", "max-age=0, max-age=60")];
    assert!(!lives(|layer| layer.timeout(60), twice, 0).await);
    let lines = &[
        ("cache-control", "max-age=5"),
        ("cache-control", "max-age=60"),
    ];
    assert!(!lives(|layer| layer.timeout(60), lines, 10_000).await);
}

#[tokio::test]
async fn a_lifetime_beyond_all_numbers_is_a_long_one() {
    let endless = &[("cache-control", "max-age=99999999999999999999")];
    assert!(lives(|layer| layer.timeout(60), endless, 0).await);
}

#[tokio::test]
async fn the_age_of_a_cache_further_in_is_counted() {
    let time = timed();
    let layer = CacheLayer::new().cache(&time.cache);
    let app = App::new(&layer, |_, _| with(&[("age", "100")], "body"));
    app.get("/").await;
    let age: u64 = app.get("/").await.header("age").parse().unwrap();
    assert!((100..160).contains(&age), "{age}");
    let app = App::new(&layer.clone().name("odd"), |_, _| {
        with(&[("age", "old")], "body")
    });
    app.get("/").await;
    let age: u64 = app.get("/").await.header("age").parse().unwrap();
    assert!(age < 60, "{age}");
}

#[tokio::test]
async fn what_is_cleared_is_gone() {
    let cache: Cache = crate::common::cache();
    let app = App::counting(&CacheLayer::new().cache(&cache));
    app.get("/").await;
    cache.clear().await.unwrap();
    assert_eq!(app.get("/").await.text(), "run 2");
}
