//! One number on the page.

use std::fmt;

use super::human;

/// A number, by how it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    /// So many.
    Count(u64),
    /// So long.
    Seconds(Option<f64>),
    /// Such a part, from 0 to 1.
    Ratio(Option<f64>),
}

/// A number on the page, with what `page.js` needs to bring it up to date: the name of its field in
/// the JSON, how it is written, and the number itself.
pub(super) struct Figure {
    pub(super) key: &'static str,
    pub(super) value: Value,
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, number, text) = match self.value {
            Value::Count(count) => ("count", Some(count.to_string()), Some(human::count(count))),
            Value::Seconds(value) => (
                "seconds",
                value.map(|v| v.to_string()),
                value.map(human::seconds),
            ),
            Value::Ratio(value) => (
                "ratio",
                value.map(|v| v.to_string()),
                value.map(human::ratio),
            ),
        };
        let (key, number) = (self.key, number.unwrap_or_default());
        let text = text.as_deref().unwrap_or("–");
        write!(
            f,
            "<span data-key=\"{key}\" data-kind=\"{kind}\" data-value=\"{number}\">{text}</span>"
        )
    }
}
