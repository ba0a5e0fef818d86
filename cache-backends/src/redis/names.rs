//! What an entry's keys are called in Redis.
//!
//! ```text
//! E  prefix{group}:label:hash          the entry's frame
//! L  prefix{group}:label:hash:lease    the lease's token
//! V  prefix{group}:v                   the group's version; a key that is its whole group has none
//! A  prefix{all}:a                     everything's version
//! T  prefix{tag:name}:t                a tag's version
//! ```
//!
//! In a cluster the braces say which slot a key is in. A group is spread over 16 buckets there,
//! `{group/b}`, and everything's version over 16 copies, `{all/b}`, so that no slot is hot.

use std::borrow::Cow;

use larder_core::backend::Scope;
use larder_core::key::Key;

/// Where the keys of one entry may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// All in one server.
    Single,
    /// In the slots of a cluster.
    #[cfg_attr(not(feature = "redis-cluster"), allow(dead_code))]
    // the names stay in one place
    Cluster,
}

/// The names of an entry's keys.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) entry: String,
    pub(super) lease: String,
    /// The version keys that a script may read together with the entry.
    pub(super) near: Vec<String>,
    /// Those that are in other slots.
    pub(super) far: Vec<String>,
    pub(super) grouped: bool,
}

const BUCKETS: u128 = 16;

impl Layout {
    /// The names of an entry's keys.
    pub(super) fn names(self, key: &Key<'_>) -> Names {
        let bucket = key.id() % BUCKETS;
        let entry = self.entry(key, bucket);
        let group = key
            .is_grouped()
            .then(|| self.group(key.prefix(), key.group(), bucket));
        let all = self.all(&key.clear_text(), bucket);
        let others = std::iter::once(all).chain(key.tag_texts());
        let (near, far) = match self {
            Self::Single => (group.into_iter().chain(others).collect(), Vec::new()),
            Self::Cluster => (group.into_iter().collect(), others.collect()),
        };
        Names {
            lease: format!("{entry}:lease"),
            entry,
            near,
            far,
            grouped: key.is_grouped(),
        }
    }

    /// The version keys whose loss invalidates a scope; entries have none.
    pub(super) fn versions(self, scope: &Scope<'_>) -> Vec<String> {
        let buckets = match self {
            Self::Single => 0..1,
            Self::Cluster => 0..BUCKETS,
        };
        match scope {
            Scope::Entries(_) => Vec::new(),
            Scope::Group(realm, group) => buckets
                .map(|bucket| self.group(realm.prefix(), group.name(), bucket))
                .collect(),
            Scope::Tag(realm, name) => vec![realm.tag_text(name)],
            Scope::All(realm) => buckets
                .map(|bucket| self.all(&realm.clear_text(), bucket))
                .collect(),
        }
    }

    fn entry(self, key: &Key<'_>, bucket: u128) -> String {
        match self {
            Self::Cluster if key.is_grouped() => {
                let text = key.text();
                let (before, name) = (key.prefix().len() + 1, key.group());
                let rest = &text[before + name.len()..];
                format!("{}{{{}/{bucket}{rest}", key.prefix(), in_braces(name))
            }
            Self::Cluster => format!("{}{{{}}}", key.prefix(), in_braces(key.group())),
            Self::Single => key.text(),
        }
    }

    fn group(self, prefix: &str, group: &str, bucket: u128) -> String {
        match self {
            Self::Single => format!("{prefix}{{{group}}}:v"),
            Self::Cluster => format!("{prefix}{{{}/{bucket}}}:v", in_braces(group)),
        }
    }

    /// Everything's version, of which `clear_text` is the name in one server.
    fn all(self, clear_text: &str, bucket: u128) -> String {
        match self {
            Self::Single => clear_text.to_owned(),
            Self::Cluster => clear_text.replace("{all}", &format!("{{all/{bucket}}}")),
        }
    }
}

/// A name as a hash tag: Redis takes none that is empty.
fn in_braces(name: &str) -> Cow<'_, str> {
    if name.is_empty() || name.starts_with('}') {
        Cow::Owned(format!("/{name}"))
    } else {
        Cow::Borrowed(name)
    }
}

impl Names {
    /// Everything's version. The first of the far ones, or, near, behind the group's.
    pub(super) fn all(&self) -> &str {
        let near = self.near.get(usize::from(self.grouped));
        near.or(self.far.first()).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::{Layout, Names};
    use larder_core::conformance::Keyring;

    fn shown(names: &Names) -> Vec<&str> {
        let first = [&names.entry, &names.lease].into_iter();
        let keys = first.chain(&names.near).chain(&names.far);
        keys.map(String::as_str).collect()
    }

    fn hash_tag(key: &str) -> Option<&str> {
        Some(key.split_once('{')?.1.split_once('}')?.0)
    }

    #[test]
    fn in_one_server_all_keys_are_read_together() {
        let keys = Keyring::new("app:");
        let names = Layout::Single.names(&keys.tagged("shop::square", 4, &["b", "a"]).key());
        let entry = names.entry.clone();
        assert!(entry.starts_with("app:{shop::square}:") && entry.len() == 19 + 32);
        let lease = format!("{entry}:lease");
        let expected = [
            &entry,
            &lease,
            "app:{shop::square}:v",
            "app:{all}:a",
            "app:{tag:a}:t",
            "app:{tag:b}:t",
        ];
        assert_eq!(shown(&names), expected);
        assert_eq!(names.all(), "app:{all}:a");
    }

    #[test]
    fn a_manual_key_has_no_version_of_a_group() {
        let keys = Keyring::new("app:");
        let names = Layout::Single.names(&keys.manual("home").key());
        let expected = ["app:{home}", "app:{home}:lease", "app:{all}:a"];
        assert_eq!(shown(&names), expected);
        assert_eq!(names.all(), "app:{all}:a");
    }

    #[test]
    fn in_a_cluster_what_a_script_reads_is_in_one_slot() {
        let keys = Keyring::new("app:");
        for argument in 0..100 {
            let key = keys.tagged("shop::square", argument, &["a"]);
            let names = Layout::Cluster.names(&key.key());
            let tag = hash_tag(&names.entry).unwrap();
            let bucket: u8 = tag.strip_prefix("shop::square/").unwrap().parse().unwrap();
            assert!(bucket < 16);
            assert_eq!(hash_tag(&names.lease), Some(tag));
            assert_eq!(names.near, [format!("app:{{shop::square/{bucket}}}:v")]);
            let all = format!("app:{{all/{bucket}}}:a");
            assert_eq!(names.far, [all.clone(), "app:{tag:a}:t".to_owned()]);
            assert_eq!(names.all(), all);
        }
    }

    #[test]
    fn in_a_cluster_no_hash_tag_is_empty() {
        let keys = Keyring::new("app:");
        for name in ["", "}x", "a}b"] {
            for key in [keys.manual(name), keys.member(name, 1)] {
                let names = Layout::Cluster.names(&key.key());
                let tag = hash_tag(&names.entry).unwrap();
                assert!(!tag.is_empty(), "{names:?}");
                let near = names.near.iter().chain([&names.lease]);
                assert!(near.into_iter().all(|key| hash_tag(key) == Some(tag)));
            }
        }
    }

    #[test]
    fn in_a_cluster_an_invalidation_deletes_every_bucket() {
        let keys = Keyring::new("app:");
        let group = keys.group("g");
        for (scope, first) in [
            (keys.group_scope(&group), "app:{g/0}:v"),
            (keys.everything(), "app:{all/0}:a"),
        ] {
            let versions = Layout::Cluster.versions(&scope);
            assert_eq!((versions.len(), &*versions[0]), (16, first));
        }
        let tag = keys.tag_scope("t");
        assert_eq!(Layout::Cluster.versions(&tag), ["app:{tag:t}:t"]);
    }
}
