//! Whose turn it is at a lock, and waiting for it.
//!
//! Many who want one lock are no process that was stopped. The file of a lock begins with two numbers. The one
//! changes with each who locks it: while it does, who waits goes on. The other says that somebody waits: who
//! comes then, most often the one who has just let go, leaves it to him.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::thread::sleep;
use std::time::{Duration, Instant};

use larder_core::random::random;

/// What happened at one lock.
#[derive(Clone, Copy, Default)]
pub(super) struct Past {
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

impl Past {
    /// Of a lock that was just taken.
    pub(super) fn of(turn: Turn) -> Self {
        let last = Some((Instant::now(), turn));
        Self { last, blown: None }
    }

    fn is_blown(&self) -> bool {
        let blown = self.blown;
        blown.is_some_and(|(since, _)| since.elapsed() < PAUSE)
    }
}

/// One wait for a lock.
pub(super) struct Wait {
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
    pub(super) fn new(patience: Duration, past: Past) -> Self {
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
    pub(super) fn give_way(&self, file: &File) {
        if !self.past.is_blown() && sign(file).wanted == WANTED {
            sleep(COURTESY.min(self.patience));
        }
    }

    /// Waits for a lock; answers whether it is held.
    pub(super) fn is_granted(&mut self, file: &File) -> io::Result<bool> {
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
    pub(super) fn past(&self) -> Past {
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
pub(super) fn take_turn(file: &File) -> Turn {
    let turn = random().to_le_bytes();
    write_sign(file, 0, &[turn, Turn::default()].concat());
    turn
}

/// Who waits is only less patient where it cannot be written.
fn write_sign(mut file: &File, at: u64, bytes: &[u8]) {
    let at = file.seek(SeekFrom::Start(at));
    at.and_then(|_| file.write_all(bytes)).ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);
    const OURS: Turn = [1; 8];
    const OTHERS: Turn = [2; 8];

    #[test]
    fn who_is_stuck_is_not_waited_for_again_until_the_turn_passes() {
        let mut first = Wait::new(Duration::ZERO, Past::default());
        assert!(first.is_in_vain(OTHERS));
        let mut next = Wait::new(PATIENCE, first.past());
        assert!(next.is_in_vain(OTHERS));
        let mut next = Wait::new(PATIENCE, next.past());
        assert!(!next.is_in_vain(OURS));
    }

    #[test]
    fn a_lock_that_moves_is_waited_for_longer() {
        let mut still = Wait::new(PATIENCE, Past::of(OURS));
        assert!(!still.is_in_vain(OURS) && !still.moves);
        assert!(!still.is_in_vain(OTHERS) && still.moves);
        let mut moved = Wait::new(PATIENCE, Past::of(OURS));
        assert!(!moved.is_in_vain(OTHERS) && moved.moves);
    }

    #[test]
    fn who_was_slower_than_others_waits_again() {
        let mut slow = Wait::new(PATIENCE, Past::of(OURS));
        slow.end = Instant::now();
        assert!(slow.is_in_vain(OTHERS));
        assert!(!Wait::new(PATIENCE, slow.past()).is_in_vain(OTHERS));
    }
}
