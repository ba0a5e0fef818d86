//! Files and folders as a disk has them: made for their owner only, and no link followed.

use std::fs::{self, File, FileTimes, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The moment that does not come, as a time of a file: filesystems know no later century for certain.
pub(super) const FAR: u64 = 4_102_444_800_000;
/// No file of ours is larger, whatever stands in its place.
const LARGEST: u64 = 1 << 30;
/// A file that was used longer ago is marked as used when it is read.
const USED: Duration = Duration::from_secs(60);

/// What a file takes of a disk, in blocks of 4 KiB.
pub(super) fn blocks(bytes: u64) -> u64 {
    bytes.div_ceil(BLOCK).max(1)
}

pub(super) const BLOCK: u64 = 4096;

/// Until when a file is needed, in milliseconds since the epoch.
pub(super) fn deadline(found: &Metadata) -> u64 {
    let modified = found.modified().unwrap_or(UNIX_EPOCH);
    let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(FAR)
}

/// A file of ours that is not there is nothing, not an error.
pub(super) fn present<T>(answer: io::Result<T>) -> io::Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether two looks, at a file that is open and at one in its place, were at the same file.
#[cfg(unix)]
pub(super) fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
pub(super) fn is_same(one: &Metadata, other: &Metadata) -> bool {
    one.created().ok() == other.created().ok()
}

/// Makes a file that is not there yet, for its owner only.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a folder with those above it, for its owner only.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

pub(super) fn not_a_folder(path: &Path) -> io::Error {
    let what = format!("{} is not a folder", path.display());
    io::Error::new(io::ErrorKind::NotADirectory, what)
}

/// A moment in milliseconds since the epoch, as a time of a file.
pub(super) fn time(deadline: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(deadline.min(FAR))
}

/// Opens a regular file; whatever else stands in its place (a link, a pipe) is not followed.
///
/// What is said of the file is said of the one that is open: by now another may be in its place.
pub(super) fn open_file(path: &Path) -> io::Result<Option<Opened>> {
    let there = present(fs::symlink_metadata(path))?;
    if !there.is_some_and(|there| there.is_file()) {
        return Ok(None);
    }
    let Some(file) = present(File::open(path))? else {
        return Ok(None);
    };
    let found = file.metadata()?;
    let ours = found.is_file() && found.len() <= LARGEST;
    Ok(ours.then_some(Opened { file, found }))
}

/// A file that is open: whatever takes its place, this is what is read.
pub(super) struct Opened {
    file: File,
    pub(super) found: Metadata,
}

impl Opened {
    /// Reads all of it.
    ///
    /// A file of ours is never changed, only replaced: one that is shorter than it was a moment ago is not
    /// whole, and its checksum says so.
    pub(super) fn read(&self) -> io::Result<Vec<u8>> {
        // One more, so that the end is seen by the same read.
        let mut bytes = vec![0; usize::try_from(self.found.len()).unwrap_or(0) + 1];
        let (mut filled, mut file) = (0, &self.file);
        while filled + 1 < bytes.len() {
            match file.read(&mut bytes[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        bytes.truncate(filled);
        mark_used(file, &self.found);
        Ok(bytes)
    }

    /// Reads so many bytes of its beginning and of its end, and nothing between; nothing if it is shorter.
    pub(super) fn read_ends(&self, head: usize, tail: usize) -> io::Result<Option<Vec<u8>>> {
        let least = (head + tail) as u64;
        if self.found.len() < least {
            return Ok(None);
        }
        let (mut bytes, mut file) = (vec![0; head + tail], &self.file);
        file.read_exact(&mut bytes[..head])?;
        file.seek(SeekFrom::Start(self.found.len() - tail as u64))?;
        file.read_exact(&mut bytes[head..])?;
        Ok(Some(bytes))
    }
}

/// Most filesystems note by themselves that a file was read; where they are told not to, we do.
fn mark_used(file: &File, found: &Metadata) {
    let now = SystemTime::now();
    let used = found.accessed().ok();
    let long_ago = used.and_then(|used| now.duration_since(used).ok());
    if long_ago.is_some_and(|long_ago| long_ago > USED) {
        // Who may not write here reads all the same.
        file.set_times(FileTimes::new().set_accessed(now)).ok();
    }
}
