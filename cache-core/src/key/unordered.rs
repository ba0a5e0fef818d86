//! Maps and sets in the encoding: their order does not matter.

use serde_core::ser::{Error as _, Serialize, SerializeMap};

use super::hasher::KeyHasher;
use super::refused::{Done, Refused};
use super::tag::Tag;

/// A map or a set: entries hashed by themselves and added up (Bellare and Micciancio,
/// *`AdHash`*, 1997), with their number.
pub(super) struct Unordered<'a> {
    hasher: &'a mut KeyHasher,
    entry: Option<KeyHasher>,
    sum: u128,
    count: u64,
}

impl<'a> Unordered<'a> {
    pub(super) fn new(hasher: &'a mut KeyHasher, tag: Tag) -> Self {
        hasher.byte(tag as u8);
        Self {
            hasher,
            entry: None,
            sum: 0,
            count: 0,
        }
    }

    fn start<T: Serialize + ?Sized>(&self, part: &T) -> Result<KeyHasher, Refused> {
        let mut hasher = self.hasher.restart();
        hasher.encode(part)?;
        Ok(hasher)
    }

    pub(super) fn add<T: Serialize + ?Sized>(&mut self, element: &T) -> Done {
        let hash = self.start(element)?.finish();
        self.count_in(hash);
        Ok(())
    }

    fn count_in(&mut self, hash: u128) {
        self.sum = self.sum.wrapping_add(hash);
        self.count += 1;
    }
}

impl SerializeMap for Unordered<'_> {
    type Ok = ();
    type Error = Refused;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        self.entry = Some(self.start(key)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        let Some(mut entry) = self.entry.take() else {
            return Err(Refused::custom("a map's value came before its key"));
        };
        entry.encode(value)?;
        self.count_in(entry.finish());
        Ok(())
    }

    fn end(self) -> Done {
        self.hasher.word(self.count);
        self.hasher.bytes(&self.sum.to_le_bytes());
        Ok(())
    }
}

/// Whether a collection's type is a hash set's: `HashSet` and `IndexSet`, of whatever crate.
pub(super) fn is_unordered_set(type_name: &str) -> bool {
    let path = type_name.trim_start_matches('&');
    if path.starts_with('[') {
        return false; // a slice, of sets perhaps
    }
    let name = path.split('<').next().unwrap_or(path);
    name.ends_with("::HashSet") || name.ends_with("::IndexSet")
}
