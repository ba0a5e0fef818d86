//! Invalidating by hand: entries, tags, everything.

use crate::background;
use crate::cache::{Cache, borrowed};
use crate::error::Result;
use crate::reply::Reply;

impl Cache {
    /// Deletes an entry; answers whether there was one. A computation of the key that is under way
    /// does not bring it back.
    ///
    /// # Errors
    ///
    /// [`NotAcknowledged`](crate::error::ErrorKind::NotAcknowledged) if the store did not confirm
    /// it. In this process it has happened.
    pub fn delete(&self, key: impl AsRef<str>) -> Reply<'_, Result<bool>> {
        let key = self.key(key);
        let reply = self.engine().forget(&[key.key()]);
        reply.map(|count| count.map(|count| count > 0))
    }

    /// Deletes entries in one round trip; answers how many there were.
    ///
    /// # Errors
    ///
    /// As for [`delete`](Cache::delete).
    pub fn delete_many<S: AsRef<str>>(
        &self,
        keys: impl IntoIterator<Item = S>,
    ) -> Reply<'_, Result<u64>> {
        let keys = self.keys(keys);
        self.engine().forget(&borrowed(&keys))
    }

    /// Forgets every entry with a tag: O(1), whatever the number of entries. A computation with the
    /// tag that is under way does not bring its entry back.
    ///
    /// # Errors
    ///
    /// As for [`delete`](Cache::delete).
    pub fn invalidate_tag(&self, tag: impl AsRef<str>) -> Reply<'_, Result<()>> {
        self.engine().forget_tag(tag.as_ref())
    }

    /// The same, for who does not hold the handle for so long.
    #[doc(hidden)]
    pub fn into_invalidated_tag(self, tag: String) -> Reply<'static, Result<()>> {
        background::see_through(async move { self.engine().forget_tag(&tag).await })
    }

    /// Forgets everything that this cache keeps, and only that: O(1), whatever the number of
    /// entries.
    ///
    /// # Errors
    ///
    /// As for [`delete`](Cache::delete).
    pub fn clear(&self) -> Reply<'_, Result<()>> {
        self.engine().forget_all()
    }
}
