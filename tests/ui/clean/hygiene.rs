//! Names that the attribute uses itself, or that stand for something else where it is used.

#![deny(warnings)]

use larder::*;

/// Hides the names of the prelude and of ours.
mod hidden {
    #![allow(dead_code)]

    pub(super) struct Ok;
    pub(super) struct Some;
    pub(super) struct None;
    pub(super) struct Err;
    pub(super) struct Option;
    pub(super) struct Result;
    pub(super) struct String;
    pub(super) struct Vec;
    pub(super) struct Box;
    pub(super) struct Place;
    pub(super) struct Request;
    pub(super) struct Site;
    pub(super) mod larder {}
    pub(super) mod std {}
    pub(super) mod core {}
    pub(super) mod __private {}

    #[::larder::memoize(timeout = 60, cache_none, cache_err = 5, local, key_prefix = "hidden")]
    pub(super) fn hidden(n: u64) -> ::std::result::Result<::std::option::Option<u64>, u8> {
        ::std::result::Result::Ok(::std::option::Option::Some(n))
    }

    #[::larder::memoize]
    pub(super) async fn hidden_later(n: u64) -> u64 {
        n
    }
}

/// Methods of everything, with the names of ours.
trait Everything {
    fn kind(self) -> u8;
    fn shared(self) -> u8;
    fn local(self) -> u8;
    fn part(self, _: u8) -> u8;
    fn delete(self) -> u8;
    fn wait(self) -> u8;
    fn timeout(self, _: u8) -> u8;
}

impl<T> Everything for T {
    fn kind(self) -> u8 {
        1
    }
    fn shared(self) -> u8 {
        1
    }
    fn local(self) -> u8 {
        1
    }
    fn part(self, _: u8) -> u8 {
        1
    }
    fn delete(self) -> u8 {
        1
    }
    fn wait(self) -> u8 {
        1
    }
    fn timeout(self, _: u8) -> u8 {
        1
    }
}

#[memoize(timeout = 60, cache_if = |value| *value > request)]
fn one(request: u64, plan: u64, body: u64, parts: u64, keeping: u64) -> u64 {
    request + plan + body + parts + keeping
}

#[memoize(key = (parts, request), timeout = |value| *value + entry, is_stale = |output: &u64| *output == entry)]
async fn two(parts: u64, request: u64, entry: u64, output: u64, cache: u64) -> u64 {
    parts + request + entry + output + cache
}

#[memoize]
#[allow(non_snake_case)]
fn three(SITE: u64, __request: u64, __SITE: u64, __parts: u64, __hooks: u64, __body: u64) -> u64 {
    SITE + __request + __SITE + __parts + __hooks + __body
}

#[memoize(unless = value == r#type, key_prefix = format!("{value}:{type}"))]
fn r#match(value: u64, r#type: u64) -> u64 {
    value + r#type
}

#[test]
fn nothing_that_the_attribute_writes_is_in_the_way() -> Result<()> {
    assert_eq!(one(1, 2, 3, 4, 5), 15);
    assert!(delete_memoized_one(1, 2, 3, 4, 5)?);
    assert_eq!(three(1, 2, 3, 4, 5, 6), 21);
    assert!(delete_memoized_three(1, 2, 3, 4, 5, 6)?);
    assert_eq!(r#match(1, 2), 3);
    assert!(delete_memoized_match(1, 2)?);
    assert_eq!(hidden::hidden(4), Ok(Some(4)));
    assert!(hidden::delete_memoized_hidden(4)?);
    drop((two(1, 2, 3, 4, 5), hidden::hidden_later(1)));
    let all = [
        1.kind(),
        1.shared(),
        1.local(),
        1.part(1),
        1.delete(),
        1.timeout(1),
    ];
    assert_eq!(all, [Everything::wait(1); 6]);
    Ok(())
}
