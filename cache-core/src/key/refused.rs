//! The error of the encoding.

use std::fmt::{self, Display};

use serde_core::ser;

/// An argument's own `Serialize` said no.
#[derive(Debug)]
pub(super) struct Refused(pub(super) String);

impl Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl ser::Error for Refused {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// The end of writing a value.
pub(super) type Done = Result<(), Refused>;
