//! The guide, `docs/guide`: every block is a test, compiled only for `cargo test --doc`.

#[doc = include_str!("../docs/guide/01-first-minute.md")]
mod first_minute {}

#[doc = include_str!("../docs/guide/02-attributes.md")]
mod attributes {}

#[doc = include_str!("../docs/guide/03-keys.md")]
mod keys {}

#[doc = include_str!("../docs/guide/04-invalidation.md")]
mod invalidation {}

#[doc = include_str!("../docs/guide/05-testing-your-code.md")]
mod testing_your_code {}

#[cfg(feature = "redis")]
#[doc = include_str!("../docs/guide/06-redis.md")]
mod redis {}

#[cfg(feature = "axum")]
#[doc = include_str!("../docs/guide/07-http.md")]
mod http {}

#[doc = include_str!("../docs/guide/08-from-flask-caching.md")]
mod from_flask_caching {}

#[cfg(feature = "memcached")]
#[doc = include_str!("../docs/guide/09-memcached.md")]
mod memcached {}

#[cfg(feature = "file")]
#[doc = include_str!("../docs/guide/10-files.md")]
mod files {}

#[doc = include_str!("../docs/guide/11-your-own-store.md")]
mod your_own_store {}

#[doc = include_str!("../docs/guide/12-choosing-a-store.md")]
mod choosing_a_store {}
