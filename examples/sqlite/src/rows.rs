//! What one transaction reads and writes: entries, leases, and the versions that cover them.

use std::time::Duration;

use larder::Result as Answer;
use larder::backends::{Codec, Frame, Item, Kept, Key, NEVER, Versions};
use rusqlite::{OptionalExtension, Params, Result, Row, Transaction, params};

/// The end of what does not end.
pub(crate) const FOREVER: i64 = i64::MAX;

/// For so long a version outlives what was written under it, in milliseconds: one that ended before
/// its entries would make them misses.
const OUTLIVES: i64 = 60 * 60 * 1_000;

/// So many rows of a table are swept by each write: more than it adds.
const SWEPT: u32 = 8;

/// The rows, at one moment of one transaction.
pub(crate) struct Rows<'a> {
    pub(crate) transaction: &'a Transaction<'a>,
    /// Milliseconds since the Unix epoch.
    pub(crate) now: i64,
}

/// An entry that is in force.
pub(crate) struct Entry {
    pub(crate) kept: Kept,
    pub(crate) expires: i64,
}

/// A value's bytes.
pub(crate) struct Encoded {
    payload: Vec<u8>,
    fingerprint: u64,
}

impl Encoded {
    /// Runs the user's `Serialize`: to be done before a transaction begins, never inside.
    pub(crate) fn of(item: &Item) -> Answer<Self> {
        let mut payload = Vec::new();
        item.encode(&mut payload)?;
        let fingerprint = item.fingerprint()?;
        Ok(Self {
            payload,
            fingerprint,
        })
    }
}

impl Rows<'_> {
    /// The entry that is in force: not expired, whole, and under the versions that are there now.
    pub(crate) fn entry(&self, key: &Key<'_>) -> Result<Option<Entry>> {
        let sql = "SELECT frame, expires FROM entry WHERE key = ?1 AND expires > ?2";
        let mut find = self.transaction.prepare_cached(sql)?;
        let found = find.query_row(params![key.text(), self.now], |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?))
        });
        let Some((bytes, expires)) = found.optional()? else {
            return Ok(None);
        };
        let Some(frame) = Frame::decode(&bytes) else {
            return Ok(None); // damaged, or not ours
        };
        if self.versions(key)? != Some(frame.versions) {
            return Ok(None); // invalidated
        }
        let kept = Kept::Bytes {
            bytes: frame.payload.to_vec(),
            fingerprint: frame.fingerprint,
        };
        Ok(Some(Entry { kept, expires }))
    }

    /// Writes an entry under the versions that its computation has seen.
    pub(crate) fn write(
        &self,
        key: &Key<'_>,
        value: &Encoded,
        seen: Versions,
        expires: i64,
    ) -> Result<()> {
        let frame = Frame {
            codec: Codec::Postcard,
            compressed: false,
            created: self.now.cast_unsigned(),
            versions: seen,
            expires: NEVER, // left to the row
            fingerprint: value.fingerprint,
            payload: &value.payload,
        };
        let sql = "INSERT OR REPLACE INTO entry (key, frame, expires) VALUES (?1, ?2, ?3)";
        self.execute(sql, params![key.text(), frame.encode(), expires])?;
        Ok(())
    }

    /// The versions that cover a key. Without one of them there are none: absent is a miss, never
    /// zero.
    fn versions(&self, key: &Key<'_>) -> Result<Option<Versions>> {
        let sql = "SELECT value FROM version WHERE name = ?1";
        let mut find = self.transaction.prepare_cached(sql)?;
        gather(key, |name| find.query_row([name], number)).optional()
    }

    /// The same, made where they are absent: at random, because a counter that was lost would start
    /// again, and what was written under its old numbers would come back.
    pub(crate) fn make_versions(&self, key: &Key<'_>, expires: i64) -> Result<Versions> {
        let sql = "INSERT INTO version (name, value, expires) VALUES (?1, randomblob(16), ?2)
            ON CONFLICT (name) DO UPDATE SET expires = max(expires, excluded.expires)
            RETURNING value";
        let mut make = self.transaction.prepare_cached(sql)?;
        let expires = expires.saturating_add(OUTLIVES);
        gather(key, |name| make.query_row(params![name, expires], number))
    }

    /// Runs a statement; answers how many rows it has changed.
    pub(crate) fn execute(&self, sql: &str, row: impl Params) -> Result<usize> {
        self.transaction.prepare_cached(sql)?.execute(row)
    }

    /// When something ends that lives for so long from now on.
    pub(crate) fn end(&self, ttl: Option<Duration>) -> i64 {
        let Some(ttl) = ttl else { return FOREVER };
        let millis = i64::try_from(ttl.as_nanos().div_ceil(1_000_000));
        self.now.saturating_add(millis.unwrap_or(FOREVER))
    }

    /// Removes some of what has ended, so that nothing is left behind for ever and no write has to
    /// remove everything.
    pub(crate) fn sweep(&self) -> Result<()> {
        for sql in [
            "DELETE FROM entry WHERE key IN
                (SELECT key FROM entry WHERE expires <= ?1 LIMIT ?2)",
            "DELETE FROM lease WHERE key IN
                (SELECT key FROM lease WHERE expires <= ?1 LIMIT ?2)",
            "DELETE FROM version WHERE name IN
                (SELECT name FROM version WHERE expires <= ?1 LIMIT ?2)",
        ] {
            self.execute(sql, params![self.now, SWEPT])?;
        }
        Ok(())
    }
}

/// The versions that cover a key, each asked for by its name.
fn gather(key: &Key<'_>, mut version: impl FnMut(String) -> Result<u128>) -> Result<Versions> {
    let group = if key.is_grouped() {
        version(key.version_text())?
    } else {
        0 // a manual key is its whole group
    };
    let all = version(key.clear_text())?;
    let mut tags = 0;
    for name in key.tag_texts() {
        tags ^= version(name)?;
    }
    Ok(Versions { group, all, tags })
}

fn number(row: &Row<'_>) -> Result<u128> {
    row.get(0).map(u128::from_be_bytes)
}
