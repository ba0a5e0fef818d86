//! The command of a hit in one server: written at once, without its keys as strings.

use std::io::{self, Write};

use larder_core::key::Key;
use redis::{Cmd, RedisWrite as _};

/// The command that reads an entry and the versions that it may have been written under: those that
/// [`Layout::Single`](super::names::Layout::Single) names, in that order.
pub(super) fn mget(key: &Key<'_>) -> Cmd {
    let tags = key.tags().iter().count();
    let each = key.prefix().len() + key.group().len() + 48;
    let mut command = Cmd::with_capacity(4 + tags, each * (3 + tags));
    command.arg("MGET");
    // Nothing that is written to memory fails.
    let _written = entry(key, command.writer_for_next_arg());
    if key.is_grouped() {
        let parts = [key.prefix(), "{", key.group(), "}:v"];
        let _written = join(parts, command.writer_for_next_arg());
    }
    let parts = [key.prefix(), "{all}:a", "", ""];
    let _written = join(parts, command.writer_for_next_arg());
    for tag in key.tags().iter() {
        let parts = [key.prefix(), "{tag:", tag.name(), "}:t"];
        let _written = join(parts, command.writer_for_next_arg());
    }
    command
}

/// The text of a key.
fn entry(key: &Key<'_>, mut into: impl Write) -> io::Result<()> {
    join([key.prefix(), "{", key.group(), "}"], &mut into)?;
    if let Some(label) = key.label() {
        join([":", label, "", ""], &mut into)?;
    }
    match key.hash() {
        Some(hash) => into.write_all(&digits(hash)),
        None => Ok(()),
    }
}

/// A colon and 32 digits: `:{hash:032x}`, which is made for each hit.
fn digits(hash: u128) -> [u8; 33] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [b':'; 33];
    let (pairs, _) = text[1..].as_chunks_mut::<2>();
    for (pair, byte) in pairs.iter_mut().zip(hash.to_be_bytes()) {
        *pair = [byte >> 4, byte & 15].map(|digit| DIGITS[usize::from(digit)]);
    }
    text
}

fn join(parts: [&str; 4], mut into: impl Write) -> io::Result<()> {
    let mut parts = parts.iter();
    parts.try_for_each(|part| into.write_all(part.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::mget;
    use crate::redis::names::Layout;
    use crate::redis::script::Call;
    use larder_core::conformance::Keyring;
    use larder_core::key::Key;

    fn same(key: &Key<'_>) {
        let names = Layout::Single.names(key);
        let keys = std::iter::once(&names.entry).chain(&names.near);
        let expected = Call::mget(keys).command().get_packed_command();
        assert_eq!(mget(key).get_packed_command(), expected);
    }

    #[test]
    fn it_asks_for_the_keys_by_their_names() {
        let keys = Keyring::new("app:");
        same(&keys.manual("home").key());
        same(&keys.member("shop::square", 4).key());
        same(&keys.tagged("shop::square", 4, &["b", "a"]).key());
    }
}
