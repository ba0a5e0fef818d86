//! What went wrong, in larder's words, and when it is said in the log.

use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use larder_core::error::{Error, ErrorKind, Result};

/// The error of an operation on a file.
pub(super) fn of_file(what: &str, error: io::Error) -> Error {
    Error::new(kind(&error), format!("{what}: {error}")).with_source(error)
}

/// A full disk refuses; anything else may be over in a moment.
fn kind(error: &io::Error) -> ErrorKind {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            ErrorKind::Refused
        }
        _ => ErrorKind::Unavailable,
    }
}

/// The error of a directory that cannot be used.
pub(super) fn of_directory(path: &Path, why: impl Into<io::Error>) -> Error {
    let error = why.into();
    let what = format!("{} cannot be a store of files: {error}", path.display());
    Error::new(ErrorKind::Config, what).with_source(error)
}

/// A configuration that makes no sense.
pub(super) fn config(what: &'static str) -> Error {
    Error::new(ErrorKind::Config, what)
}

/// Another process holds a lock for too long.
pub(super) fn locked(path: &Path) -> Error {
    let what = format!(
        "{} is locked by another process, which does not let go",
        path.display()
    );
    Error::new(ErrorKind::Timeout, what)
}

/// An invalidation that may not have taken effect.
pub(super) fn not_acknowledged(error: Error) -> Error {
    let what = format!("an invalidation was not made in the files: {error}");
    Error::new(ErrorKind::NotAcknowledged, what).with_source(error)
}

/// Work that panicked has no answer.
pub(super) fn panicked() -> Error {
    Error::new(ErrorKind::Unavailable, "the store of files panicked")
}

/// Whether writing works, as it was said in the log.
#[derive(Default)]
pub(super) struct Health(Mutex<Said>);

#[derive(Default)]
struct Said {
    failing: bool,
    /// When it was last said that it fails.
    last: Option<Instant>,
}

/// Between two lines that say that it fails.
const PAUSE: Duration = Duration::from_secs(60);

/// What is worth a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    Fails,
    Works,
}

impl Health {
    /// Notes what a writing command came to: once it is said that they fail, once that they work again.
    pub(super) fn note<T>(&self, answer: &Result<T>) {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let news = said.hear(answer);
        drop(said);
        match (news, answer) {
            (Some(News::Fails), Err(error)) => {
                log::warn!("files: {error}: calls go on without them");
            }
            (Some(News::Works), _) => log::info!("files: they can be written again"),
            _ => {}
        }
    }
}

impl Said {
    fn hear<T>(&mut self, answer: &Result<T>) -> Option<News> {
        let lately = self.last.is_some_and(|last| last.elapsed() < PAUSE);
        match answer {
            Ok(_) => std::mem::take(&mut self.failing).then_some(News::Works),
            Err(error) if is_outage(error) && !self.failing && !lately => {
                self.failing = true;
                self.last = Some(Instant::now());
                Some(News::Fails)
            }
            Err(_) => None,
        }
    }
}

fn is_outage(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Timeout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_said_once_and_its_end_once() {
        let mut said = Said::default();
        let failed = || -> Result<()> { Err(locked(Path::new("lock"))) };
        assert_eq!(said.hear(&Ok(())), None);
        assert_eq!(said.hear(&failed()), Some(News::Fails));
        assert_eq!(said.hear(&failed()), None);
        assert_eq!(said.hear(&Ok(())), Some(News::Works));
        assert_eq!(said.hear(&Ok(())), None);
        assert_eq!(said.hear(&failed()), None, "within the same minute");
    }

    #[test]
    fn a_full_disk_refuses_and_is_no_outage() {
        let full = of_file("cannot write", io::ErrorKind::StorageFull.into());
        assert_eq!(full.kind(), ErrorKind::Refused);
        assert_eq!(Said::default().hear::<()>(&Err(full)), None);
    }
}
