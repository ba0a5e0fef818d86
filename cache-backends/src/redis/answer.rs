//! Reading the server's answers.

use larder_core::backend::Versions;
use larder_core::error::Result;
use redis::Value;

use super::failure::nonsense;

/// Several strings, of which some may be absent; a single one counts as several.
pub(super) fn many(value: Value) -> Result<Vec<Option<Vec<u8>>>> {
    match value {
        Value::Array(values) => values.into_iter().map(one).collect(),
        other => Ok(vec![one(other)?]),
    }
}

fn one(value: Value) -> Result<Option<Vec<u8>>> {
    match value {
        Value::Nil => Ok(None),
        Value::BulkString(bytes) => Ok(Some(bytes)),
        Value::SimpleString(text) => Ok(Some(text.into_bytes())),
        _ => Err(nonsense()),
    }
}

/// A string.
pub(super) fn text(value: Value) -> Result<Vec<u8>> {
    one(value)?.ok_or_else(nonsense)
}

/// A string of letters or digits.
pub(super) fn word(value: Value) -> Result<String> {
    String::from_utf8(text(value)?).map_err(|_| nonsense())
}

/// A whole number.
pub(super) fn integer(value: &Value) -> Result<i64> {
    match value {
        Value::Int(number) => Ok(*number),
        _ => Err(nonsense()),
    }
}

/// The bytes of an entry, and the versions in force, which come behind them.
#[allow(clippy::type_complexity)] // two answers in one
pub(super) fn entry(value: Value, grouped: bool) -> Result<(Option<Vec<u8>>, Option<Versions>)> {
    let Value::Array(values) = value else {
        return Err(nonsense());
    };
    let mut values = values.into_iter();
    let frame = one(values.next().ok_or_else(nonsense)?)?;
    let versions = versions(values.map(|value| one(value).ok()?), grouped);
    Ok((frame, versions))
}

/// The versions that keys hold: of the group if there is one, of everything, of the tags; nothing if
/// one is absent.
pub(super) fn versions(
    found: impl IntoIterator<Item = Option<Vec<u8>>>,
    grouped: bool,
) -> Option<Versions> {
    let mut found = found.into_iter().map(|bytes| version(&bytes?));
    let group = if grouped { found.next()?? } else { 0 };
    let all = found.next()??;
    let mut tags = 0;
    for tag in found {
        tags ^= tag?;
    }
    Some(Versions { group, all, tags })
}

/// The versions of which the first come as a frame has them, and the others one by one.
pub(super) fn seen(near: &[u8], far: Vec<Option<Vec<u8>>>) -> Result<Versions> {
    let near = near.chunks(16).map(|bytes| Some(bytes.to_vec()));
    versions(near.chain(far), true).ok_or_else(nonsense)
}

fn version(bytes: &[u8]) -> Option<u128> {
    Some(u128::from_le_bytes(bytes.try_into().ok()?))
}
