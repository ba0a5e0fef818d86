//! Functions that a cache cannot stand in for.

use std::borrow::Cow;
use std::pin::Pin;

use larder::memoize;

#[memoize]
const fn constant(n: u64) -> u64 {
    n
}

#[memoize]
fn changes(n: &mut u64) -> u64 {
    *n += 1;
    *n
}

#[memoize(skip(n))]
fn changes_inside(n: Option<&mut u64>) -> u64 {
    n.map_or(0, |n| *n)
}

struct Counter(u64);

impl Counter {
    #[memoize]
    fn count(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }

    #[memoize]
    fn pinned(self: Pin<&mut Self>) -> u64 {
        self.0
    }
}

#[memoize]
fn unnamed(n: u64) -> impl Iterator<Item = u64> {
    0..n
}

#[memoize]
fn unnamed_inside(n: u64) -> Option<Box<impl Fn() -> u64>> {
    Some(Box::new(move || n))
}

#[memoize]
fn borrowed(text: &str) -> &str {
    text
}

#[memoize]
fn borrowed_inside<'a>(text: &'a str) -> Result<Vec<&'a str>, String> {
    Ok(vec![text])
}

#[memoize]
fn perhaps_borrowed(text: &str) -> Cow<'_, str> {
    text.into()
}

struct Token<'a>(&'a str);

#[memoize(local)]
fn of_a_type_that_borrows<'a>(text: &'a str) -> Option<Token<'a>> {
    Some(Token(text))
}

#[memoize]
fn of_the_program(n: u64) -> Option<&'static str> {
    (n == 1).then_some("one")
}

#[memoize]
fn never(n: u64) -> ! {
    panic!("{n}")
}

fn main() {}
