//! The locks of the folders: what must be one step, in all processes, happens under one.
//!
//! They are advisory locks of the system, which frees them when a process ends, however it ends. One that is
//! stopped in the middle of a step holds its lock: who waits gives up after a while, and for a moment after
//! that nobody waits at all.
//!
//! Many who want one lock are no process that was stopped. The file begins with two numbers. The one changes
//! with each who locks it: while it does, who waits goes on. The other says that somebody waits: who comes
//! then, most often the one who has just let go, leaves it to him.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use larder_core::error::Result;
use larder_core::random::random;

use super::disk::{create, is_same, present};
use super::failure;
use super::folder::Folder;
use super::names::SHARDS;

/// The locks of one store.
pub(super) struct Locks {
    shards: Vec<Mutex<Past>>,
    /// How long a lock is waited for whose holder stays the same.
    patience: Duration,
}

/// What happened at one lock.
#[derive(Clone, Copy, Default)]
struct Past {
    /// When it was last waited for in vain.
    blown: Seen,
    /// When it was last looked at.
    last: Seen,
}

/// A moment, and whose turn it was.
type Seen = Option<(Instant, Turn)>;

/// Changes with each who locks a folder.
type Turn = [u8; 8];

/// What stands before the register. It may be anything where it could not be written.
#[derive(Clone, Copy, Default)]
struct Sign {
    turn: Turn,
    wanted: [u8; 8],
}

/// So many bytes it has.
pub(super) const SIGN: usize = 16;
const WANTED: [u8; 8] = *b"waiting ";
/// Who leaves a lock to others gives all of them time to look.
const COURTESY: Duration = Duration::from_millis(2);

/// After a lock was waited for in vain nobody waits for it so long.
const PAUSE: Duration = Duration::from_millis(200);
const FIRST: Duration = Duration::from_micros(50);
const LONGEST: Duration = Duration::from_millis(1);
/// So many times the patience is waited for a lock at most, however often its holder changes.
const MOST: u32 = 20;
/// So many times if the holder has only just got it: a disk that is busy holds somebody up for longer than
/// that, and who hangs there was not stopped.
const STALL: u32 = 8;
/// What was seen so long ago says nothing of who holds a lock now.
const LATELY: Duration = Duration::from_secs(1);

/// A lock that is held; the system frees it with the file, the process's own threads come after that.
pub(super) struct Held<'a> {
    pub(super) file: File,
    pub(super) path: PathBuf,
    _inside: MutexGuard<'a, Past>,
}

impl Locks {
    pub(super) fn new(patience: Duration) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { shards, patience }
    }

    /// Locks a folder of files, which is made if there is none.
    pub(super) fn lock(&self, folder: &Folder, shard: usize) -> Result<Held<'_>> {
        let mut inside = self.shards[shard]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut wait = Wait::new(self.patience, *inside);
        let cannot = |error| failure::of_file("cannot lock a folder of entries", error);
        loop {
            let path = make_lock(folder, shard).map_err(cannot)?;
            let Some(file) = open(&path).map_err(cannot)? else {
                continue;
            };
            wait.give_way(&file);
            if !wait.is_granted(&file).map_err(cannot)? {
                *inside = wait.past();
                return Err(failure::locked(&path));
            }
            if is_at(&file, &path).map_err(cannot)? {
                *inside = Past::of(take_turn(&file));
                return Ok(Held {
                    file,
                    path,
                    _inside: inside,
                });
            }
        }
    }
}

impl Past {
    /// Of a lock that was just taken.
    fn of(turn: Turn) -> Self {
        let last = Some((Instant::now(), turn));
        Self { last, blown: None }
    }

    fn is_blown(&self) -> bool {
        let blown = self.blown;
        blown.is_some_and(|(since, _)| since.elapsed() < PAUSE)
    }
}

/// One wait for a lock.
struct Wait {
    patience: Duration,
    past: Past,
    /// When it is over, whoever holds the lock.
    end: Instant,
    /// Since when it has been whose turn.
    current: Seen,
    /// Whether the lock went from one to another of late.
    moves: bool,
    /// Whether it was the same one's turn for too long.
    stuck: bool,
}

impl Wait {
    fn new(patience: Duration, past: Past) -> Self {
        Self {
            patience,
            past,
            end: Instant::now() + patience * MOST,
            current: None,
            moves: false,
            stuck: false,
        }
    }

    /// Leaves a lock to those who wait for it, who only look from time to time.
    fn give_way(&self, file: &File) {
        if !self.past.is_blown() && sign(file).wanted == WANTED {
            sleep(COURTESY.min(self.patience));
        }
    }

    /// Waits for a lock; answers whether it is held.
    fn is_granted(&mut self, file: &File) -> io::Result<bool> {
        let mut pause = FIRST;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(true),
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) => {}
            }
            let sign = sign(file);
            if self.is_in_vain(sign.turn) {
                return Ok(false);
            }
            if sign.wanted != WANTED {
                write_sign(file, 8, &WANTED);
            }
            sleep(pause);
            pause = LONGEST.min(pause * 2);
        }
    }

    /// Whether the same one has held it for too long.
    fn is_in_vain(&mut self, turn: Turn) -> bool {
        let now = Instant::now();
        let since = match self.current {
            Some((since, last)) if last == turn => since,
            before => {
                let lately = |(at, _): &(Instant, Turn)| now.duration_since(*at) < LATELY;
                let before = before.or(self.past.last.filter(lately));
                self.moves |= before.is_some_and(|(_, last)| last != turn);
                now
            }
        };
        self.current = Some((since, turn));
        let patience = self.patience * if self.moves { STALL } else { 1 };
        self.stuck = now >= since + patience;
        let same = self.past.blown.is_some_and(|(_, last)| last == turn);
        self.stuck || now >= self.end || same && self.past.is_blown()
    }

    /// What is known after it was in vain. The first time counts, so that somebody tries again some time;
    /// and that others were quicker does not.
    fn past(&self) -> Past {
        let now = self.current.map(|(_, turn)| (Instant::now(), turn));
        let is_turn = |turn: Turn| now.is_some_and(|(_, current)| current == turn);
        let before = self.past.blown.filter(|_| self.past.is_blown());
        let before = before.filter(|(_, turn)| is_turn(*turn));
        Past {
            blown: before.or(now.filter(|_| self.stuck)),
            last: self.current,
        }
    }
}

/// It is read while it may be written: what counts is whether it is another. Where it cannot be read, it is
/// always the same.
fn sign(mut file: &File) -> Sign {
    let mut sign = Sign::default();
    let read = file.rewind().and_then(|()| {
        file.read_exact(&mut sign.turn)?;
        file.read_exact(&mut sign.wanted)
    });
    read.map_or_else(|_| Sign::default(), |()| sign)
}

/// Says that it is another's turn, for whom nobody waits yet.
fn take_turn(file: &File) -> Turn {
    let turn = random().to_le_bytes();
    write_sign(file, 0, &[turn, Turn::default()].concat());
    turn
}

/// Who waits is only less patient where it cannot be written.
fn write_sign(mut file: &File, at: u64, bytes: &[u8]) {
    let at = file.seek(SeekFrom::Start(at));
    at.and_then(|_| file.write_all(bytes)).ok();
}

/// The lock of a folder, to look into without locking it; nothing if there is none.
pub(super) fn unlocked(folder: &Folder, shard: usize) -> io::Result<Option<File>> {
    match folder.shard(shard)? {
        Some(path) => open(&path.join(LOCK)),
        None => Ok(None),
    }
}

const LOCK: &str = "lock";

fn make_lock(folder: &Folder, shard: usize) -> io::Result<PathBuf> {
    let path = folder.make_shard(shard)?.join(LOCK);
    if present(fs::symlink_metadata(&path))?.is_some() {
        return Ok(path);
    }
    match create(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            folder.look_again();
            create(&folder.make_shard(shard)?.join(LOCK))?;
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => drop(made?),
    }
    Ok(path)
}

/// Opens what is a file, and no link that leads elsewhere; nothing if it is gone.
fn open(path: &Path) -> io::Result<Option<File>> {
    match present(fs::symlink_metadata(path))? {
        None => Ok(None),
        Some(found) if !found.is_file() => Err(io::ErrorKind::InvalidInput.into()),
        Some(_) => present(OpenOptions::new().read(true).write(true).open(path)),
    }
}

/// Whether a lock is still the one that others find, and not of a folder that was removed.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let there = present(fs::symlink_metadata(path))?;
    let here = file.metadata()?;
    Ok(there.is_some_and(|there| is_same(&there, &here)))
}
