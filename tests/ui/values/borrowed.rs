//! A value that borrows, where only the compiler can see it.

use std::borrow::Cow;

use larder::memoize;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Token<'a>(Cow<'a, str>);

impl<'a> Token<'a> {
    #[memoize]
    fn shared(text: &'a str) -> Self {
        Token(text.into())
    }

    #[memoize(local)]
    fn local(text: &'a str) -> Option<Self> {
        Some(Token(text.into()))
    }
}

fn main() {}
