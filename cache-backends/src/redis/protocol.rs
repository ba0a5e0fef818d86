//! The protocol: what is sent for each operation of a store, and what the answers mean.
//!
//! In one server every operation is one command. In a cluster the versions of everything and of
//! tags are in other slots than the entry: they are read side by side with it, always before the
//! body runs, and once more when it is stored. (See
//! `docs/design/0005-freshness-in-a-shared-store.md`.)

mod forget;
mod lease;
mod read;
mod write;

use std::sync::Arc;
use std::time::Duration;

use larder_core::error::Result;
use larder_core::reply::Reply;
use redis::Value;

use super::link::Link;
use super::script::{self, Call};
use super::version::{LIFE, fresh};

pub(super) use forget::{forget, forget_versions};
pub(super) use lease::{acquire, extend, release, store};
pub(super) use read::{read, read_many, read_one, ttl};
pub(super) use write::{add, incr, write_many};

/// A command under way.
type Sent = Reply<'static, Result<Value>>;

/// Reads a version.
fn read_version(link: &Arc<Link>, key: &String) -> Sent {
    send_now(link, Call::mget([key]))
}

/// Reads a version, and makes it if there is none.
fn make_version(link: &Arc<Link>, key: &String, life: Option<i64>) -> Sent {
    let call = Call::script(&script::VERSION, [key]);
    let call = call.arg(fresh(1)).number(LIFE);
    send_now(
        link,
        match life {
            Some(life) => call.number(life),
            None => call,
        },
    )
}

/// Reads a version and sees to it that it outlives what is written under it.
fn keep_version(link: &Arc<Link>, key: &String, life: i64) -> Sent {
    send_now(link, Call::script(&script::OUTLIVE, [key]).number(life))
}

/// Sends a command side by side with others.
fn send_now(link: &Arc<Link>, call: Call) -> Sent {
    let sender = Arc::clone(link);
    link.start(async move { sender.send(call).await })
}

/// How long an entry lives, in milliseconds; -1 has no end. Redis takes no 0.
fn life(link: &Link, ttl: Option<Duration>) -> i64 {
    let longest = link.settings.max_timeout;
    match ttl {
        Some(ttl) => millis(ttl.min(longest)).max(1),
        None if longest == Duration::MAX => -1,
        None => millis(longest),
    }
}

fn millis(duration: Duration) -> i64 {
    let millis = larder_core::clock::millis(duration);
    i64::try_from(millis).map_or(LONGEST, |millis| millis.min(LONGEST))
}

/// What Redis can count: a moment in milliseconds that is still ahead in some 100 000 years.
const LONGEST: i64 = 1 << 51;
