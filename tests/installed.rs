//! Law: what names no cache is served by the installed one; without one, by the built-in one.
//!
//! The only file that touches the process default. Each test runs in a process of its own: this
//! test binary again, told which part to play.

use std::process::Command;

use larder::backends::Memory;
use larder::{Cache, ErrorKind, Ttl, memoize};

#[memoize]
fn double(n: u64) -> u64 {
    n * 2
}

fn part() -> Option<String> {
    std::env::var("LARDER_TEST_PART").ok()
}

/// Plays a part in a process of its own.
fn play(part: &str, url: Option<&str>) {
    let mut command = Command::new(std::env::current_exe().expect("a test binary"));
    command
        .args(["--exact", part, "--nocapture", "--test-threads=1"])
        .env("LARDER_TEST_PART", part)
        .env_remove("LARDER_URL");
    if let Some(url) = url {
        command.env("LARDER_URL", url);
    }
    let output = command.output().expect("the test binary runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{errors}");
    assert!(text.contains("1 passed"), "{text}");
}

/// In a process of its own: `true` says to go on.
fn alone(name: &str, url: Option<&str>) -> bool {
    let here = part().as_deref() == Some(name);
    if !here {
        play(name, url);
    }
    here
}

#[test]
fn without_configuration_there_is_a_bounded_cache() {
    if !alone("without_configuration_there_is_a_bounded_cache", None) {
        return;
    }
    assert_eq!((double(2), double(2)), (4, 4));
    let installed = larder::installed();
    assert_eq!((installed.stats().hits, installed.stats().misses), (1, 1));
    let Ttl::Remaining(left) = memoized_double(2).ttl().wait().unwrap() else {
        panic!("it expires");
    };
    assert!((299..=300).contains(&left.as_secs()), "{left:?}");
    assert!(format!("{installed:?}").contains("10000"), "{installed:?}");
    assert!(delete_memoized_double(2).unwrap());
    delete_all_memoized_double().unwrap();
    assert!(std::ptr::eq(larder::installed(), installed));
}

#[test]
fn the_installed_cache_serves() {
    if !alone("the_installed_cache_serves", None) {
        return;
    }
    let builder = Cache::builder()
        .backend(Memory::new(10))
        .key_prefix("mine:");
    let cache = builder.default_timeout(7).build().unwrap();
    larder::install(cache.clone()).unwrap();
    assert_eq!((double(2), double(2)), (4, 4));
    assert_eq!(cache.stats().hits, 1);
    let key = memoized_double(2).key().unwrap();
    assert!(key.starts_with("mine:{installed::double}:"), "{key}");
}

#[test]
fn a_second_installation_is_an_error() {
    if !alone("a_second_installation_is_an_error", None) {
        return;
    }
    let first = Cache::from_url("memory://?prefix=first:").unwrap();
    let second = Cache::from_url("memory://?prefix=second:").unwrap();
    larder::install(first).unwrap();
    let error = larder::install(second).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("already"), "{error}");
    assert!(format!("{:?}", larder::installed()).contains("first:"));
}

#[test]
fn an_installation_after_the_first_call_is_an_error() {
    if !alone("an_installation_after_the_first_call_is_an_error", None) {
        return;
    }
    double(1);
    let cache = Cache::from_url("memory://").unwrap();
    assert_eq!(
        larder::install(cache).unwrap_err().kind(),
        ErrorKind::Config
    );
    assert_eq!(double(1), 2);
}

#[test]
fn a_scope_asks_for_no_installed_cache() {
    if !alone("a_scope_asks_for_no_installed_cache", None) {
        return;
    }
    let scoped = Cache::from_url("memory://").unwrap();
    assert_eq!(larder::scope::with_cache_sync(&scoped, || double(1)), 2);
    assert_eq!(larder::scope::bypass_sync(|| double(1)), 2);
    assert_eq!(scoped.stats().misses, 1);
    assert_eq!(larder::installed().stats().misses, 0);
}

#[test]
fn after_scoped_calls_a_cache_can_still_be_installed() {
    let scoped = Cache::from_url("memory://").unwrap();
    assert_eq!(larder::scope::with_cache_sync(&scoped, || double(1)), 2);
    assert_eq!(larder::scope::bypass_sync(|| double(1)), 2);
    larder::install(Cache::from_url("memory://").unwrap()).expect("none was needed so far");
}

#[test]
fn the_environment_makes_a_cache() {
    let url = "memory://?prefix=env:&timeout=5";
    if !alone("the_environment_makes_a_cache", Some(url)) {
        return;
    }
    let cache = Cache::from_env().unwrap();
    assert!(format!("{cache:?}").contains("env:"));
    larder::install(cache).unwrap();
    double(1);
    assert!(
        matches!(memoized_double(1).ttl().wait().unwrap(), Ttl::Remaining(left) if left.as_secs() <= 5)
    );
}

#[test]
fn an_empty_environment_is_an_error() {
    if !alone("an_empty_environment_is_an_error", None) {
        return;
    }
    let error = Cache::from_env().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("LARDER_URL"), "{error}");
}

#[test]
fn a_bad_environment_is_an_error_without_its_password() {
    let url = "memory://user:hunter2@host";
    if !alone(
        "a_bad_environment_is_an_error_without_its_password",
        Some(url),
    ) {
        return;
    }
    let error = Cache::from_env().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(
        !format!("{error} {error:?}").contains("hunter2"),
        "{error:?}"
    );
}
