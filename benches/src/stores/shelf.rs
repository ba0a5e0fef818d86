//! Every store that there is, with a cache over it.

use crate::server::Server;
use larder::backends::{Backend, File, Memcached, Memory, Moka, Null, Redis};
use larder::{Cache, Result};
use std::any::Any;
use std::io;
use std::path::PathBuf;

/// A store with a cache over it.
pub(super) struct Shelf {
    pub(super) name: &'static str,
    pub(super) cache: Cache,
    /// Whether it keeps anything.
    pub(super) keeps: bool,
    /// What it is in, which ends when this is dropped.
    #[allow(dead_code, reason = "only to be dropped")]
    place: Box<dyn Any>,
}

/// Every store that can be had, and what to say of the others.
pub(super) fn all() -> (Vec<Shelf>, Vec<String>) {
    let folder = Folder(std::env::temp_dir().join(format!("larder-bench-{}", std::process::id())));
    let file = File::open(&folder.0);
    let mut shelves = vec![
        Shelf::new("Null", Ok(Null), Box::new(())),
        Shelf::new("Memory", Ok(Memory::new(200_000)), Box::new(())),
        Shelf::new("Moka", Ok(Moka::new(200_000)), Box::new(())),
        Shelf::new("File", file, Box::new(folder)),
    ];
    shelves[0].keeps = false;
    let mut absent = Vec::new();
    let mut add = |name, server: io::Result<Server>, open: fn(&Server) -> Shelf| match server {
        Ok(server) => {
            let mut shelf = open(&server);
            shelf.place = Box::new(server);
            shelves.push(shelf);
        }
        Err(error) => absent.push(format!("Left out: {name} did not start: {error}.")),
    };
    add("redis-server", Server::redis(), |server| {
        Shelf::new("Redis", Redis::connect(server.url()).wait(), Box::new(()))
    });
    add("memcached", Server::memcached(), |server| {
        let url = format!("memcache://{}", server.address());
        Shelf::new("Memcached", Memcached::connect(url).wait(), Box::new(()))
    });
    (shelves, absent)
}

impl Shelf {
    fn new(name: &'static str, store: Result<impl Backend>, place: Box<dyn Any>) -> Self {
        let builder = Cache::builder().backend(store.expect("it opens"));
        let cache = builder.key_prefix("larder:").build();
        Self {
            name,
            cache: cache.expect("the configuration is right"),
            keeps: true,
            place,
        }
    }
}

/// A folder, removed when it is dropped.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
