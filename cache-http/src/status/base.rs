//! What the page's links start with.

use std::fmt;

use super::text::Text;

/// What relative links start with on a page at some path: `./cache/` at `/ops/cache`, and `./` at
/// `/ops/cache/`.
///
/// A browser resolves a link against the folder of a page, and a nested router's page has none of
/// its own: `/cache` is a file in `/`. What stands before the last part is left to the browser, who
/// may know more of it than the application behind a proxy.
#[derive(Clone, Copy)]
pub(super) struct Base<'a>(&'a str);

impl<'a> Base<'a> {
    /// The base of the page at a path.
    pub(super) fn of(path: &'a str) -> Self {
        let last = path.rsplit('/').next();
        Self(last.unwrap_or_default())
    }
}

/// Writes it into HTML. The dot keeps a colon in the path from being read as the end of a scheme.
impl fmt::Display for Base<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            "" => f.write_str("./"),
            last => write!(f, "./{}/", Text(last)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Base;

    #[test]
    fn links_start_at_the_last_part_of_the_path() {
        let cases = [
            ("/cache", "./cache/"),
            ("/ops/cache", "./cache/"),
            ("/cache/", "./"),
            ("/", "./"),
            ("//evil", "./evil/"),
            ("/a:b", "./a:b/"),
            ("/a\"b", "./a&quot;b/"),
        ];
        for (path, base) in cases {
            assert_eq!(Base::of(path).to_string(), base, "{path}");
        }
    }
}
