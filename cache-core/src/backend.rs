//! The trait behind which every store stands, and its words.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Result;
use crate::freshness::{Group, Realm};
use crate::key::Key;
use crate::random::{random, ticket};
use crate::reply::Reply;
use crate::stamp::Stamp;
use crate::timeout::Ttl;
use crate::value::{Item, Kept, Term};

/// A store, stated as laws.
///
/// All methods are required; [`Plain`](crate::plain::Plain) makes a backend of a store that only
/// knows get, set and delete. The laws are tested by `larder::conformance`:
///
/// 1. **A command starts when it is called**, not when its [`Reply`] is polled, and takes effect
///    even if the reply is dropped. (So an invalidation cannot be cancelled half-way.)
/// 2. **What is read was stored and is in force.** [`read`](Backend::read) answers a value that
///    was stored under this key, whose ttl has not passed, and that no invalidation covers.
/// 3. **A lease is exclusive and names its moment.** Of all [`acquire`](Backend::acquire)s of one
///    key, one is granted at a time, unless it steals; what the grant says was *seen* was read
///    before the grant, never after.
/// 4. **Deleting an entry deletes its lease**, in one step; so does writing it.
/// 5. **A store is compared.** [`store`](Backend::store) writes only if the lease is still the
///    holder's and nothing covering the key was invalidated since the grant, and checks and
///    writes in one step. The lease is gone afterwards.
/// 6. **What was invalidated stays invalidated.** When [`invalidate`](Backend::invalidate) has
///    answered `Ok`, nothing that it covers is read again, and no lease that was granted before
///    can store.
/// 7. **Loss costs misses.** A store that forgets (evicts, restarts) never makes an old value
///    come back.
/// 8. **No user code under a lock.** Values are cloned, dropped, encoded and decoded outside.
pub trait Backend: fmt::Debug + Send + Sync + 'static {
    /// Says what kind of store this is.
    fn profile(&self) -> Profile;

    /// Reads one entry.
    fn read<'a>(&'a self, key: &Key<'_>) -> Reply<'a, Result<Option<Kept>>>;

    /// Asks for the right to compute and store an entry.
    fn acquire<'a>(&'a self, key: &Key<'_>, claim: Claim) -> Reply<'a, Result<Acquired>>;

    /// Stores what was computed under a lease, for `ttl` (`None`: for ever).
    fn store<'a>(
        &'a self,
        key: &Key<'_>,
        lease: Lease,
        item: Item,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<Stored>>;

    /// Lets a lease live for so long from now on, if it is still held; answers whether it is. Asked
    /// for while a computation outlives a good part of its lease.
    fn extend<'a>(&'a self, key: &Key<'_>, lease: Lease, by: Duration) -> Reply<'a, Result<bool>>;

    /// Gives a lease back unused. A lease that is no longer held is ignored.
    fn release<'a>(&'a self, key: &Key<'_>, lease: Lease) -> Reply<'a, Result<()>>;

    /// Forgets everything in the scope; answers how many entries there were, for
    /// [`Scope::Entries`] only. One round trip, whatever the number of entries.
    fn invalidate<'a>(&'a self, scope: &Scope<'_>) -> Reply<'a, Result<u64>>;

    /// Reads many entries in one round trip, in the order of the keys.
    fn read_many<'a>(&'a self, keys: &[Key<'_>]) -> Reply<'a, Result<Vec<Option<Kept>>>>;

    /// Writes many entries in one round trip. Leases on them are gone.
    fn write_many<'a>(
        &'a self,
        entries: Vec<(Key<'_>, Item)>,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<()>>;

    /// Writes an entry only if there is none; answers whether it did. Atomic.
    fn add<'a>(
        &'a self,
        key: &Key<'_>,
        item: Item,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<bool>>;

    /// Adds to a counter, an entry of type `i64`, and answers its new value. Atomic. A counter
    /// that is not there starts at 0 and lives for `ttl`; one that is there keeps its own ttl.
    fn incr<'a>(&'a self, key: &Key<'_>, by: i64, ttl: Option<Duration>) -> Reply<'a, Result<i64>>;

    /// For how long what was read just now may be used by who remembers it, without asking again;
    /// nothing if it is another by now, and in a store that others write to.
    fn term(&self, key: &Key<'_>, kept: &Kept) -> Option<Term>;

    /// Says how long an entry still lives.
    fn ttl<'a>(&'a self, key: &Key<'_>) -> Reply<'a, Result<Ttl>>;
}

/// Makes the in-process store that serves `local` functions of a cache whose own store needs bytes.
pub type MakeLocal = fn() -> Box<dyn Backend>;

/// What kind of store a backend is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Whether other processes (or later ones) read and write the same entries. Such a store
    /// needs a `key_prefix`.
    pub shared: bool,
    /// Whether it keeps values as objects. One that needs bytes cannot keep `local` values.
    pub objects: bool,
    /// Whether who remembers a hit may hold the value's own handle for its [term](Term), and a second longer.
    /// Not where the bytes of values are counted: what is evicted is to be gone. Nothing to a store of bytes.
    pub lends: bool,
}

/// A request for a lease.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// The name of the lease, to be compared at [`Backend::store`].
    pub token: Token,
    /// Whatever entry there is will not do: it is not the answer.
    pub anew: bool,
    /// Take the lease whoever holds it, and whatever entry there is.
    pub steal: bool,
    /// For how long a store that outlives its holder honours the lease.
    pub lease: Duration,
}

/// For how long a store honours the lease of a process that died.
pub(crate) const LEASE: Duration = Duration::from_secs(5);

impl Claim {
    /// A claim under a token of its own: in a store that is elsewhere, among all processes.
    pub(crate) fn new(anew: bool, steal: bool, elsewhere: bool) -> Self {
        let token = if elsewhere { random() } else { ticket() };
        Self {
            token: Token(token),
            anew,
            steal,
            lease: LEASE,
        }
    }
}

/// The answer to a [`Claim`].
#[derive(Debug)]
pub enum Acquired {
    /// Compute, then store under this lease.
    Granted(Lease),
    /// There is an entry: use it. Never the answer to a claim that computes anew, or steals.
    Fresh(Kept),
    /// Somebody else computes.
    Held,
}

/// The right to store one entry.
#[derive(Clone, Copy, Debug)]
pub struct Lease {
    /// The claim's token.
    pub token: Token,
    /// What was in force when the lease was granted.
    pub seen: Seen,
}

/// The name of a lease: random, or in a store in this process another each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token(pub u64);

/// What a store saw when it granted a lease, to be compared when the value arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// In this process: the moment. See [`Key::stamp`].
    Stamp(Stamp),
    /// In a shared store: the versions of the group and of everything.
    Versions(Versions),
}

impl Seen {
    /// The stamp of an in-process store.
    pub fn stamp(self) -> Option<Stamp> {
        match self {
            Self::Stamp(stamp) => Some(stamp),
            Self::Versions(_) => None,
        }
    }

    /// The versions of a shared store.
    pub fn versions(self) -> Option<Versions> {
        match self {
            Self::Stamp(_) => None,
            Self::Versions(versions) => Some(versions),
        }
    }
}

/// Random versions, as a shared store keeps them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// The group's; 0 for a manual key, which has none.
    pub group: u128,
    /// Everything's.
    pub all: u128,
    /// The tags', mixed into one number by exclusive or; 0 without tags. (Versions are random, and
    /// a key has each tag once: the mix is as good as all of them.)
    pub tags: u128,
}

/// What became of a value on its way into a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is kept.
    Kept,
    /// The lease was lost: the entry was deleted or written meanwhile. Nothing was written.
    Lost,
    /// The group, or everything, was invalidated meanwhile. Nothing was written.
    Moved,
    /// The store does not keep it: too large, or it keeps nothing. Nothing was written.
    Refused,
}

/// What an invalidation covers.
#[derive(Clone, Debug)]
pub enum Scope<'a> {
    /// These entries.
    Entries(&'a [Key<'a>]),
    /// Every entry of a group.
    Group(&'a Realm, &'a Arc<Group>),
    /// Every entry with a tag.
    Tag(&'a Realm, &'a str),
    /// Every entry of the cache.
    All(&'a Realm),
}

impl Scope<'_> {
    /// The cache that the scope is in; no entries are in none.
    pub fn realm(&self) -> Option<&Realm> {
        match self {
            Self::Entries(keys) => keys.first().map(Key::realm),
            Self::Group(realm, _) | Self::Tag(realm, _) | Self::All(realm) => Some(realm),
        }
    }

    /// The version key that stands for the scope in a shared store; entries have none.
    pub fn version_text(&self) -> Option<String> {
        match self {
            Self::Entries(_) => None,
            Self::Group(realm, group) => Some(format!("{}{{{}}}:v", realm.prefix(), group.name())),
            Self::Tag(realm, name) => Some(realm.tag_text(name)),
            Self::All(realm) => Some(realm.clear_text()),
        }
    }
}
