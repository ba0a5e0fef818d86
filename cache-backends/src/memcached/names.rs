//! What an entry's keys are called in memcached.
//!
//! ```text
//! E  prefix{group}:label:hash          the entry's frame, or the lease of who computes it
//! L  prefix{group}:label:hash:lease    the lease of who computes it anew while the old frame stays
//! V  prefix{group}:v                   the group's version; a key that is its whole group has none
//! A  prefix{all}:a                     everything's version
//! T  prefix{tag:name}:t                a tag's version
//! ```
//!
//! Every server has versions of its own for what lies in it: an entry and all that covers it are read
//! in one round trip, and are lost together when the server is restarted.
//!
//! memcached takes no key over 250 bytes, and no spaces. A name that it would not take is shortened to
//! its beginning and a hash of the whole; then the whole name stands before the frame and is compared.

use std::fmt::Write as _;

use larder_core::key::{Key, KeyHasher};

/// What memcached takes.
const LONGEST: usize = 250;
/// What is kept of a name that is shortened, so that people recognise it.
const BEGINNING: usize = 180;
/// Behind the entry's name.
const LEASE: &str = ":lease";

/// The names of an entry's keys.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) entry: String,
    /// The versions: of the group, of everything, of the tags.
    pub(super) versions: Vec<String>,
    /// Whether the first version is a group's.
    pub(super) grouped: bool,
    /// What stands before a frame under a name that was shortened: the whole name.
    pub(super) guard: Vec<u8>,
}

impl Names {
    pub(super) fn of(key: &Key<'_>) -> Self {
        let text = key.text();
        let entry = name(&text, LONGEST - LEASE.len());
        let group = key.is_grouped().then(|| key.version_text());
        let others = std::iter::once(key.clear_text()).chain(key.tag_texts());
        let versions = group.into_iter().chain(others);
        let guard = if entry == text { String::new() } else { text };
        Self {
            entry,
            versions: versions.map(|text| version_name(&text)).collect(),
            grouped: key.is_grouped(),
            guard: guard.into_bytes(),
        }
    }

    /// The whole name, which says where the entry is.
    pub(super) fn whole(&self) -> &[u8] {
        if self.guard.is_empty() {
            self.entry.as_bytes()
        } else {
            &self.guard
        }
    }

    /// The key beside the entry.
    pub(super) fn lease(&self) -> String {
        format!("{}{LEASE}", self.entry)
    }
}

/// The name of a version.
pub(super) fn version_name(text: &str) -> String {
    name(text, LONGEST)
}

/// A name that memcached takes.
fn name(text: &str, longest: usize) -> String {
    let takes = |byte: u8| (0x21..0x7f).contains(&byte);
    if text.len() <= longest && text.bytes().all(takes) {
        return text.to_owned();
    }
    let mut hasher = KeyHasher::new(0);
    hasher.run(text.as_bytes());
    let kept = text.bytes().take(BEGINNING);
    let mut short: String = kept
        .map(|byte| if takes(byte) { byte.into() } else { '_' })
        .collect();
    write!(short, "#{:032x}", hasher.finish()).ok();
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use larder_core::conformance::Keyring;

    #[test]
    fn names_can_be_read_with_any_client() {
        let keys = Keyring::new("app:");
        let names = Names::of(&keys.member("shop::square", 4).key());
        assert!(names.entry.starts_with("app:{shop::square}:"), "{names:?}");
        assert_eq!(names.versions, ["app:{shop::square}:v", "app:{all}:a"]);
        assert!(names.guard.is_empty());
        let names = Names::of(&keys.manual("k").key());
        assert_eq!(
            (&*names.entry, &*names.lease()),
            ("app:{k}", "app:{k}:lease")
        );
        assert_eq!(names.versions, ["app:{all}:a"]);
    }

    #[test]
    fn a_name_that_is_too_long_or_has_spaces_is_shortened_and_kept_apart() {
        let keys = Keyring::new("app:");
        for text in [
            "with space".to_owned(),
            "ä".to_owned(),
            "x".repeat(241),
            "x".repeat(5_000),
        ] {
            let names = Names::of(&keys.manual(&text).key());
            assert!(names.lease().len() <= LONGEST, "{names:?}");
            assert!(names.entry.bytes().all(|byte| (0x21..0x7f).contains(&byte)));
            assert_eq!(names.guard, format!("app:{{{text}}}").into_bytes());
        }
        let (one, other) = ("x".repeat(400) + "1", "x".repeat(400) + "2");
        let name = |text: &str| Names::of(&keys.manual(text).key()).entry;
        assert_ne!(name(&one), name(&other));
    }
}
