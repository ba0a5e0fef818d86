//! How one function wants to be cached: its kind, its timeouts, its hooks.

use std::time::Duration;

use crate::flight::FlightMode;
use crate::keeping::Keeping;
use crate::kind::{Kind, View};
use crate::random::fraction;
use crate::remembering::Remembering;
use crate::timeout::{IntoTimeout, Timeout};
use crate::value::{Item, Kept, Object};

/// A question to the user about a value.
pub trait Question<V, A> {
    /// Whether there is anybody to ask.
    const ASKED: bool;

    /// The answer; nothing if it was not asked.
    fn ask(&self, value: &V) -> Option<A>;
}

/// What is not asked.
#[derive(Clone, Copy)]
pub struct Unasked;

impl<V, A> Question<V, A> for Unasked {
    const ASKED: bool = false;

    #[inline]
    fn ask(&self, _: &V) -> Option<A> {
        None
    }
}

impl<V, A, F: Fn(&V) -> A> Question<V, A> for F {
    const ASKED: bool = true;

    #[inline]
    fn ask(&self, value: &V) -> Option<A> {
        Some(self(value))
    }
}

/// Everything that an attribute says about what happens after the key is known.
///
/// `T`, `C` and `S` are the hooks `timeout`, `cache_if` and `is_stale`.
pub struct Plan<K: Kind, T = Unasked, C = Unasked, S = Unasked> {
    keeping: Keeping<K>,
    common: Common,
    timeout_of: T,
    cache_if: C,
    is_stale: S,
}

/// The part that knows no types.
#[derive(Clone, Copy)]
struct Common {
    timeout: Timeout,
    none_timeout: Option<Timeout>,
    error_timeout: Timeout,
    jitter: Option<f64>,
    flight: FlightMode,
}

impl<K: Kind> Plan<K> {
    /// A plan without wishes.
    pub fn new(keeping: Keeping<K>) -> Self {
        Self {
            keeping,
            common: Common {
                timeout: Timeout::Default,
                none_timeout: None,
                error_timeout: Timeout::Default,
                jitter: None,
                flight: FlightMode::Global,
            },
            timeout_of: Unasked,
            cache_if: Unasked,
            is_stale: Unasked,
        }
    }
}

impl<K: Kind, T, C, S> Plan<K, T, C, S> {
    /// How long a value lives.
    pub fn timeout(mut self, timeout: impl IntoTimeout) -> Self {
        self.common.timeout = timeout.into();
        self
    }

    /// How long a `None` lives, if not as long as a value.
    pub fn none_timeout(mut self, timeout: impl IntoTimeout) -> Self {
        self.common.none_timeout = Some(timeout.into());
        self
    }

    /// How long an `Err` lives, which is kept.
    pub fn error_timeout(mut self, timeout: impl IntoTimeout) -> Self {
        self.common.error_timeout = timeout.into();
        self
    }

    /// By which part of itself a timeout may be shorter.
    pub fn jitter(mut self, fraction: f64) -> Self {
        self.common.jitter = Some(fraction);
        self
    }

    /// Who waits for whom.
    pub fn flight(mut self, flight: FlightMode) -> Self {
        self.common.flight = flight;
        self
    }

    /// How long a value lives, asked of the value.
    pub fn timeout_of<H: Fn(&K::Value) -> Option<Timeout>>(self, hook: H) -> Plan<K, H, C, S> {
        Plan {
            keeping: self.keeping,
            common: self.common,
            timeout_of: hook,
            cache_if: self.cache_if,
            is_stale: self.is_stale,
        }
    }

    /// Whether a value is kept.
    pub fn cache_if<H: Fn(&K::Value) -> bool>(self, hook: H) -> Plan<K, T, H, S> {
        Plan {
            keeping: self.keeping,
            common: self.common,
            timeout_of: self.timeout_of,
            cache_if: hook,
            is_stale: self.is_stale,
        }
    }

    /// Whether a kept value will not do.
    pub fn is_stale<H: Fn(&K::Value) -> bool>(self, hook: H) -> Plan<K, T, C, H> {
        Plan {
            keeping: self.keeping,
            common: self.common,
            timeout_of: self.timeout_of,
            cache_if: self.cache_if,
            is_stale: hook,
        }
    }
}

/// The hooks of a plan, as one bound.
pub trait Hooks<K: Kind> {
    /// Who waits for whom.
    fn flight_mode(&self) -> FlightMode;

    /// Takes what was kept, if it is what this function keeps.
    fn open(&self, kept: &Kept) -> Option<K::Kept>;

    /// How hits are remembered.
    fn remembering(&self) -> Remembering<K::Kept>;

    /// Whether there is a hook that may find what was kept stale.
    fn asks_for_stale(&self) -> bool;

    /// Asks whether what was kept will not do.
    fn finds_stale(&self, kept: &K::Kept) -> bool;

    /// Decides what becomes of an output.
    fn judge(&self, output: &K::Output, lives: &Lives) -> Verdict;
}

/// What a cache says about lifetimes.
pub struct Lives {
    /// How long a value lives by default; `None` is for ever.
    pub default: Option<Duration>,
    /// Whether the store is shared, and timeouts are spread.
    pub shared: bool,
}

/// What came of a computation.
pub enum Verdict {
    /// A value to keep, for so long.
    Keep(Item, Option<Duration>),
    /// An error to keep, for so long, unless there is a value.
    KeepError(Item, Option<Duration>),
    /// A value that is not kept, but good for those who wait.
    Share(Object),
    /// `None`, which is not kept.
    Nothing,
    /// An error, which is not kept.
    Fail,
    /// Something that is for its caller only.
    Private,
}

/// On shared stores timeouts are spread by a tenth, so that what was made together does not
/// expire together in every process.
const SHARED_JITTER: f64 = 0.1;

impl<K, T, C, S> Hooks<K> for Plan<K, T, C, S>
where
    K: Kind,
    T: Question<K::Value, Option<Timeout>>,
    C: Question<K::Value, bool>,
    S: Question<K::Value, bool>,
{
    fn flight_mode(&self) -> FlightMode {
        self.common.flight
    }

    #[inline]
    fn open(&self, kept: &Kept) -> Option<K::Kept> {
        (self.keeping.ways().open)(kept)
    }

    #[inline]
    fn remembering(&self) -> Remembering<K::Kept> {
        self.keeping.ways().remembering
    }

    #[inline]
    fn asks_for_stale(&self) -> bool {
        S::ASKED
    }

    #[inline]
    fn finds_stale(&self, kept: &K::Kept) -> bool {
        let asked = K::value(kept).and_then(|value| self.is_stale.ask(value));
        asked.unwrap_or(false)
    }

    fn judge(&self, output: &K::Output, lives: &Lives) -> Verdict {
        let view = K::view(output);
        let (keep, timeout) = match view {
            View::Value(value) => (
                self.cache_if.ask(value).unwrap_or(true),
                self.timeout_of
                    .ask(value)
                    .flatten()
                    .unwrap_or(self.common.timeout),
            ),
            View::Nothing => (
                true,
                self.common.none_timeout.unwrap_or(self.common.timeout),
            ),
            View::Error => (true, self.common.error_timeout),
            View::Private => return Verdict::Private,
        };
        let Some(item) = (self.keeping.ways().keep)(output) else {
            return match view {
                View::Nothing => Verdict::Nothing,
                View::Value(_) | View::Error | View::Private => Verdict::Fail,
            };
        };
        let verdict = self.common.verdict(item, keep, timeout, lives);
        match (view, verdict) {
            (View::Error, Verdict::Keep(item, ttl)) => Verdict::KeepError(item, ttl),
            (View::Value(_), Verdict::Share(_)) if !K::SHARES_UNKEPT => Verdict::Private,
            (_, verdict) => verdict,
        }
    }
}

impl Common {
    fn verdict(&self, item: Item, keep: bool, timeout: Timeout, lives: &Lives) -> Verdict {
        let ttl = timeout.resolve(lives.default);
        if !keep || ttl.is_some_and(|ttl| ttl.is_zero()) {
            return Verdict::Share(item.into_object());
        }
        let spread = if lives.shared { SHARED_JITTER } else { 0.0 };
        let spread = self.jitter.unwrap_or(spread);
        Verdict::Keep(item, ttl.map(|ttl| jittered(ttl, spread)))
    }
}

/// Shortens a ttl by a random part, at most `spread` of it.
fn jittered(ttl: Duration, spread: f64) -> Duration {
    if spread <= 0.0 {
        return ttl;
    }
    let factor = 1.0 - spread.min(1.0) * fraction();
    Duration::try_from_secs_f64(ttl.as_secs_f64() * factor).unwrap_or(ttl)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_only_shortens_and_spreads() {
        let ttl = Duration::from_secs(100);
        let spread: Vec<_> = (0..200).map(|_| jittered(ttl, 0.1)).collect();
        assert!(spread.iter().all(|t| *t <= ttl && t.as_secs_f64() >= 89.9));
        assert!(spread.iter().any(|t| *t != spread[0]));
        assert_eq!(jittered(ttl, 0.0), ttl);
        assert_eq!(jittered(Duration::MAX, 0.0), Duration::MAX);
        let _clamped = jittered(Duration::MAX, 0.5);
    }
}
