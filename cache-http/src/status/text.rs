//! A text inside HTML.

use std::fmt::{self, Write as _};

/// Writes a text so that HTML reads it as that text, between tags and in quotes.
pub(super) struct Text<'a>(pub(super) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for char in self.0.chars() {
            match char {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                char => f.write_char(char)?,
            }
        }
        Ok(())
    }
}

/// Writes a function's path. Lines break before `::`, and if that is not enough after `_`. (`page.js`
/// writes it the same way.)
pub(super) struct Path<'a>(pub(super) &'a str);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, part) in self.0.split("::").enumerate() {
            f.write_str(if at == 0 { "<span>" } else { "<span>::" })?;
            for word in part.split_inclusive('_') {
                let gap = if word.ends_with('_') { "<wbr>" } else { "" };
                write!(f, "{}{gap}", Text(word))?;
            }
            f.write_str("</span>")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Path, Text};

    #[test]
    fn a_text_stays_a_text() {
        let text = Text("Repo<u8>::load & \"'").to_string();
        assert_eq!(text, "Repo&lt;u8&gt;::load &amp; &quot;&#39;");
    }

    #[test]
    fn a_path_breaks_between_its_parts_first() {
        let path = Path("my_shop::Repo<a::B>::load").to_string();
        let parts = [
            "<span>my_<wbr>shop</span>",
            "<span>::Repo&lt;a</span>",
            "<span>::B&gt;</span>",
            "<span>::load</span>",
        ];
        assert_eq!(path, parts.concat());
        assert_eq!(Path("<b>").to_string(), "<span>&lt;b&gt;</span>");
    }
}
