//! The store of a run, as every process makes it for itself.

use std::path::PathBuf;

use larder::Cache;
use larder::backends::Backend;
#[cfg(feature = "file")]
use larder::backends::File;
#[cfg(feature = "memcached")]
use larder::backends::Memcached;
#[cfg(feature = "redis")]
use larder::backends::Redis;

/// How to reach the store.
#[derive(Clone, Debug)]
#[allow(dead_code)] // every test has one of them
pub(crate) enum Pantry {
    /// By its URL, which has no options yet.
    One(String),
    /// One that keeps what comes too late: the negative proof.
    Unsound(String),
    Cluster(Vec<String>),
    /// A master's name, and its sentinels.
    Sentinel(String, Vec<String>),
    /// A directory.
    File(PathBuf),
    /// One in which is kept what comes too late.
    UnsoundFile(PathBuf),
}

impl Pantry {
    /// In one line, for the environment of a process.
    pub(crate) fn write(&self) -> String {
        match self {
            Self::One(url) => format!("one {url}"),
            Self::Unsound(url) => format!("unsound {url}"),
            Self::Cluster(urls) => format!("cluster {}", urls.join(" ")),
            Self::Sentinel(name, urls) => format!("sentinel {name} {}", urls.join(" ")),
            Self::File(path) => format!("file {}", path.display()),
            Self::UnsoundFile(path) => format!("unsound-file {}", path.display()),
        }
    }

    pub(crate) fn read(line: &str) -> Self {
        let mut words = line.split(' ').map(str::to_owned);
        let mut word = || words.next().expect("another word");
        match word().as_str() {
            "one" => Self::One(word()),
            "unsound" => Self::Unsound(word()),
            "cluster" => Self::Cluster(words.collect()),
            "sentinel" => Self::Sentinel(word(), words.collect()),
            "file" => Self::File(word().into()),
            "unsound-file" => Self::UnsoundFile(word().into()),
            other => panic!("no such store: {other}"),
        }
    }

    /// The cache over it. Connects when it is first used.
    pub(crate) fn open(&self) -> Cache {
        match self {
            Self::One(url) => {
                let cache = Cache::from_url(&format!("{url}?prefix=faults:&timeout=600"));
                cache.expect("a right address")
            }
            #[cfg(feature = "memcached")]
            Self::Unsound(url) if url.starts_with("memcache") => {
                let servers = url.trim_start_matches("memcache://").split(',');
                over(Memcached::builder(servers).skip_lease_compare().lazy())
            }
            #[cfg(feature = "redis")]
            Self::Unsound(url) => over(Redis::builder(url.as_str()).skip_lease_compare().lazy()),
            #[cfg(feature = "redis-cluster")]
            Self::Cluster(urls) => over(Redis::cluster(urls.clone()).lazy()),
            #[cfg(feature = "redis-sentinel")]
            Self::Sentinel(name, urls) => over(Redis::sentinel(name.as_str(), urls.clone()).lazy()),
            #[cfg(feature = "file")]
            Self::File(path) => over(File::open(path)),
            #[cfg(feature = "file")]
            Self::UnsoundFile(path) => over(File::builder(path).skip_lease_compare().open()),
            #[allow(unreachable_patterns)] // with all features
            other => panic!("a feature is missing for {other:?}"),
        }
    }
}

/// A cache over a store.
fn over(store: larder::Result<impl Backend>) -> Cache {
    let builder = Cache::builder().key_prefix("faults:").default_timeout(600);
    let builder = builder.backend(store.expect("right addresses"));
    builder.build().expect("a right configuration")
}
