//! The cache that serves what names no other.

use std::sync::OnceLock;

use larder_backends::Memory;
use larder_backends::memory::DEFAULT_ENTRIES;
use larder_core::cache::Cache;
use larder_core::error::{Error, ErrorKind, Result};

static INSTALLED: OnceLock<Cache> = OnceLock::new();

/// Installs the cache that serves every cached function that names no other. Once, by the
/// application, before the first cached call.
///
/// # Errors
///
/// [`Config`](ErrorKind::Config) if a cache is installed already, or if a cached function ran
/// before: the built-in cache served it then, and what that holds would be lost from sight.
///
/// # Examples
///
/// ```
/// use larder::{Cache, backends::Memory};
///
/// let cache = Cache::builder()
///     .backend(Memory::new(50_000))
///     .default_timeout(60)
///     .build()?;
/// larder::install(cache)?;
/// # Ok::<_, larder::Error>(())
/// ```
pub fn install(cache: Cache) -> Result<()> {
    INSTALLED.set(cache).map_err(|_| {
        let what = "a cache is installed already, or a cached function ran before `install`: \
                    call `larder::install` once, first thing in `main`";
        Error::new(ErrorKind::Config, what)
    })
}

/// The installed cache; without one, the built-in cache in this process: 10 000 entries, 300 s.
#[inline]
pub fn installed() -> &'static Cache {
    INSTALLED.get_or_init(built_in)
}

fn built_in() -> Cache {
    let builder = Cache::builder().backend(Memory::new(DEFAULT_ENTRIES));
    builder
        .build()
        .expect("the built-in configuration is right")
}
