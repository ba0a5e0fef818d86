//! The one error of a pass.

use std::fmt::{self, Display};

use serde_core::de;

/// The type does not take what it was offered, or the pass does not answer what it was asked.
#[derive(Debug)]
pub(super) struct Refused;

impl Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("refused while the shape of the type was traced")
    }
}

impl std::error::Error for Refused {}

impl de::Error for Refused {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}
