//! What the files of an entry are called.

use std::ffi::OsStr;

use larder_core::backend::Scope;
use larder_core::key::{Key, KeyHasher};

use super::record::Kind;

/// The text of a key or of a version, and the number that stands for it in a path: no text of a user is
/// ever part of one.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) hash: u128,
}

/// So many folders the files are spread over.
pub(super) const SHARDS: usize = 64;

impl Name {
    pub(super) fn of(text: String) -> Self {
        let mut hasher = KeyHasher::new(0);
        hasher.text(&text);
        let hash = hasher.finish();
        Self { text, hash }
    }

    /// The folder of its files.
    pub(super) fn shard(&self) -> usize {
        (self.hash >> 122) as usize
    }

    /// Its file of that kind.
    pub(super) fn file(&self, kind: Kind) -> String {
        format!("{:032x}{}", self.hash, ending(kind))
    }
}

/// What a store needs of a key.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) entry: Name,
    pub(super) group: Option<Name>,
    pub(super) all: Name,
    pub(super) tags: Vec<Name>,
}

impl Names {
    pub(super) fn of(key: &Key<'_>) -> Self {
        Self {
            entry: Name::of(key.text()),
            group: key.is_grouped().then(|| Name::of(key.version_text())),
            all: Name::of(key.clear_text()),
            tags: key.tag_texts().map(Name::of).collect(),
        }
    }
}

/// The version that an invalidation moves; entries have none.
pub(super) fn version_of(scope: &Scope<'_>) -> Option<Name> {
    scope.version_text().map(Name::of)
}

/// What a file in one of our folders is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Ours(Kind),
    /// Written aside by the store of this number.
    Aside(u64),
}

impl Found {
    /// Nothing, if the name is none that we give.
    pub(super) fn of(file: &OsStr) -> Option<Self> {
        let file = file.to_str()?;
        if let Some(rest) = file.strip_suffix(ASIDE) {
            let (owner, number) = rest.split_once('-')?;
            let ours = is_hex(owner, 16) && !number.is_empty() && is_hex(number, number.len());
            return ours
                .then(|| u64::from_str_radix(owner, 16).ok())?
                .map(Self::Aside);
        }
        let kinds = [Kind::Version, Kind::Entry];
        let kind = kinds.into_iter().find(|kind| {
            file.strip_suffix(ending(*kind))
                .is_some_and(|hash| is_hex(hash, 32))
        });
        kind.map(Self::Ours)
    }
}

/// What is written aside is called.
pub(super) fn aside(owner: u64, number: u64) -> String {
    format!("{owner:016x}-{number:x}{ASIDE}")
}

const ASIDE: &str = ".tmp";

fn ending(kind: Kind) -> &'static str {
    match kind {
        Kind::Entry => "",
        Kind::Version => ".version",
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == length && text.bytes().all(hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_again_and_a_foreign_one_is_not() {
        let name = Name::of("../../etc/passwd".into());
        for kind in [Kind::Entry, Kind::Version] {
            let file = name.file(kind);
            assert!(!file.contains(['/', '.']) || kind != Kind::Entry);
            assert_eq!(Found::of(OsStr::new(&file)), Some(Found::Ours(kind)));
        }
        let written = aside(7, 30);
        assert_eq!(Found::of(OsStr::new(&written)), Some(Found::Aside(7)));
        let upper = name.file(Kind::Entry).to_uppercase() + "F";
        for foreign in [
            "lock",
            "notes.txt",
            "a-b.tmp",
            "1.tmp",
            "",
            ".version",
            &upper,
        ] {
            assert_eq!(Found::of(OsStr::new(foreign)), None, "{foreign}");
        }
    }

    #[test]
    fn golden_names() {
        let name = Name::of("my_app_v1:{homepage}".into());
        assert_eq!(name.file(Kind::Entry), "ed50d6346038af62dc06ca440acaf59a");
    }
}
