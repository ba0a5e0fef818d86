//! What the cached functions compute, and how often they did.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A value that is dear to clone and cheap to share.
pub type Page = Arc<[u8; 4096]>;

/// Second arguments.
pub const NAMES: [&str; 8] = [
    "ada", "barbara", "claude", "donald", "edsger", "frances", "grace", "haskell",
];

static COMPUTED: AtomicU64 = AtomicU64::new(0);

/// How many bodies have run: that a hit is one is seen by this standing still.
pub fn computed() -> u64 {
    COMPUTED.load(Ordering::Relaxed)
}

/// Computes a number.
pub fn number(n: u64) -> u64 {
    COMPUTED.fetch_add(1, Ordering::Relaxed);
    n.wrapping_mul(3)
}

/// Computes 32 bytes of text.
pub fn text(n: u64, name: &str) -> String {
    format!("{name:<12}{:020}", number(n))
}

/// Computes 4 KiB.
#[allow(clippy::cast_possible_truncation, reason = "any byte will do")]
pub fn bytes(n: u64) -> Vec<u8> {
    vec![number(n) as u8; 4096]
}

/// Computes 4 KiB to share.
#[allow(clippy::cast_possible_truncation, reason = "any byte will do")]
pub fn page(n: u64) -> Page {
    Arc::new([number(n) as u8; 4096])
}

/// Computes a number, and lets others run first, as who asks a database does.
pub async fn slow_number(n: u64) -> u64 {
    tokio::task::yield_now().await;
    number(n)
}

#[cfg(test)]
mod tests {
    use super::{NAMES, text};

    #[test]
    fn texts_have_32_bytes() {
        for name in NAMES {
            assert_eq!(text(u64::MAX, name).len(), 32);
        }
    }
}
