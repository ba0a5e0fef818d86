//! Tags: groups of entries across functions, known by name.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::stamp::{Floor, Stamp};

/// One tag of one cache: entries that are invalidated together.
///
/// It lives as long as an entry, a computation or a key has it. An entry without its tags cannot
/// be, so a floor is never forgotten while it matters.
pub struct Tag {
    name: Box<str>,
    floor: Floor,
}

impl Tag {
    /// The tag's name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The tags of an entry; mostly there are none.
#[derive(Clone, Default)]
pub struct Tags(Option<Arc<[Arc<Tag>]>>);

impl Tags {
    /// No tags.
    pub const NONE: Self = Self(None);

    /// Whether what has these tags and this stamp is still in force: no tag was invalidated in
    /// this process since.
    #[inline]
    pub fn admit(&self, stamp: Stamp) -> bool {
        self.0.is_none() || self.iter().all(|tag| tag.floor.admits(stamp))
    }

    /// The tags, one by one.
    pub fn iter(&self) -> impl Iterator<Item = &Tag> {
        self.0.iter().flat_map(|tags| tags.iter()).map(|tag| &**tag)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl fmt::Debug for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(Tag::name)).finish()
    }
}

/// The tags of one cache, by name.
#[derive(Default)]
pub(crate) struct TagTable(Mutex<Known>);

#[derive(Default)]
struct Known {
    tags: HashMap<Box<str>, Weak<Tag>>,
    /// The highest floor of any tag: where a tag starts, so that one that was invalidated, forgotten
    /// and made again admits nothing from before.
    floor: u64,
    /// The number of tags at which those that nobody has any more are swept out.
    sweep_at: usize,
}

/// A table so small is not swept.
const SMALL: usize = 64;

impl TagTable {
    /// The tags of those names, in the order of the names, each once.
    #[inline]
    pub(crate) fn find(&self, names: Vec<String>) -> Tags {
        if names.is_empty() {
            return Tags::NONE;
        }
        self.find_some(names)
    }

    fn find_some(&self, mut names: Vec<String>) -> Tags {
        names.sort_unstable();
        names.dedup();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Tags(Some(
            names.into_iter().map(|name| known.tag(name)).collect(),
        ))
    }

    /// Voids what has the tag and a stamp below the floor.
    pub(crate) fn raise(&self, name: &str, floor: u64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.floor = known.floor.max(floor);
        if let Some(tag) = known.tags.get(name).and_then(Weak::upgrade) {
            tag.floor.raise(floor);
        }
    }
}

impl Known {
    fn tag(&mut self, name: String) -> Arc<Tag> {
        if let Some(tag) = self.tags.get(&*name).and_then(Weak::upgrade) {
            return tag;
        }
        if self.tags.len() >= self.sweep_at.max(SMALL) {
            self.tags.retain(|_, tag| tag.strong_count() > 0);
            self.sweep_at = self.tags.len() * 2;
        }
        let name = name.into_boxed_str();
        let tag = Arc::new(Tag {
            name: name.clone(),
            floor: Floor::at(self.floor),
        });
        self.tags.insert(name, Arc::downgrade(&tag));
        tag
    }
}

#[cfg(test)]
mod tests {
    use super::TagTable;
    use crate::stamp::Stamp;

    #[test]
    fn a_raised_tag_voids_what_was_stamped_before() {
        let table = TagTable::default();
        let tags = table.find(vec!["b".into(), "a".into(), "b".into()]);
        assert_eq!(format!("{tags:?}"), r#"["a", "b"]"#);
        table.raise("b", 5);
        assert!(!tags.admit(Stamp::from_bits(4)));
        assert!(tags.admit(Stamp::from_bits(5)));
    }

    #[test]
    fn short_lived_tags_do_not_leak() {
        let table = TagTable::default();
        for number in 0..100_000 {
            drop(table.find(vec![format!("order:{number}")]));
        }
        assert!(table.0.lock().unwrap().tags.len() <= super::SMALL * 2);
    }
}
