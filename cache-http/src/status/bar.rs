//! The bar beside a ratio.

use std::fmt;

use super::figure::{Figure, Value};

/// A bar, as wide as a ratio. It says nothing that the number beside it does not say.
pub(super) struct Bar<'a>(pub(super) &'a Figure);

impl fmt::Display for Bar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Value::Ratio(ratio) = self.0.value else {
            return Ok(());
        };
        write!(
            f,
            "<svg class=\"bar\" data-bar=\"{}\" aria-hidden=\"true\" preserveAspectRatio=\"none\" \
             viewBox=\"0 0 1 1\"><rect width=\"{}\" height=\"1\"/></svg>",
            self.0.key,
            ratio.unwrap_or_default()
        )
    }
}
