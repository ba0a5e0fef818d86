//! A store of one's own: a directory with one file an entry.
//!
//! `cargo run --example own_store`, and its conformance test:
//! `cargo test --example own_store --features conformance`.

use std::io::ErrorKind::NotFound;
use std::path::PathBuf;
use std::time::Duration;
use std::{fs, io, process, thread};

use larder::backends::{Plain, PlainStore};
use larder::{Cache, Error, ErrorKind, Result, memoize};

/// One file an entry. `Plain` brings the rest: frames, expiry, versions, leases.
#[derive(Debug)]
struct Directory(PathBuf);

impl Directory {
    /// Keys are any text; file names are hexadecimal, and the longest keys go into folders.
    fn path(&self, key: &str) -> PathBuf {
        let digits = key.bytes().flat_map(|byte| [byte >> 4, byte & 15]);
        let hex: Vec<_> = digits
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .collect();
        let parts = hex.chunks(200).map(String::from_iter);
        let folder = parts.fold(self.0.clone(), |path, part| path.join(part));
        folder.join("entry")
    }
}

fn unavailable(error: io::Error) -> Error {
    Error::new(ErrorKind::Unavailable, "the directory failed").with_source(error)
}

impl PlainStore for Directory {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        match fs::read(self.path(key)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == NotFound => Ok(None),
            Err(error) => Err(unavailable(error)),
        }
    }

    /// Writes aside and renames, so that a reader never sees half an entry.
    fn set(&self, key: &str, bytes: &[u8], _: Option<Duration>) -> Result<()> {
        let path = self.path(key);
        let aside = path.with_extension(format!("{:?}", thread::current().id()));
        let folder = path.parent().unwrap_or(&self.0);
        fs::create_dir_all(folder).map_err(unavailable)?;
        fs::write(&aside, bytes).map_err(unavailable)?;
        fs::rename(aside, path).map_err(unavailable)
    }

    fn delete(&self, key: &str) -> Result<()> {
        match fs::remove_file(self.path(key)) {
            Err(error) if error.kind() != NotFound => Err(unavailable(error)),
            _ => Ok(()),
        }
    }
}

#[memoize(timeout = 60)]
fn square(n: u64) -> u64 {
    println!("computing the square of {n}");
    n * n
}

fn main() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("larder-own-store-{}", process::id()));
    let backend = Plain::new(Directory(folder.clone()));
    let cache = Cache::builder().backend(backend).key_prefix("example:");
    larder::install(cache.build()?)?;

    println!("{}, and again {}", square(4), square(4));
    delete_memoized_square(4)?;
    println!("forgotten, so {}", square(4));
    println!("{}", larder::installed().stats());
    fs::remove_dir_all(folder).map_err(unavailable)
}

#[cfg(all(test, feature = "conformance"))]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use larder::conformance::Suite;

    use super::{Directory, Plain, fs, process};

    #[test]
    fn the_directory_keeps_the_laws_of_a_store() {
        let root = std::env::temp_dir().join(format!("larder-conformance-{}", process::id()));
        let (folder, next) = (root.clone(), AtomicU32::new(0));
        let make = move |clock| {
            let number = next.fetch_add(1, Ordering::Relaxed).to_string();
            Plain::with_clock(Directory(folder.join(number)), clock)
        };
        Suite::new(make).rounds(20).run();
        fs::remove_dir_all(root).expect("the folder can be removed");
    }
}
