//! How a run is printed.

use std::fmt;

use crate::command::{Claim, Command, Parcel, To};
use crate::step::Step;

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deliver(parcel) => write!(f, "{parcel}"),
            Self::Resend(parcel) => write!(f, "Resend({parcel})"),
            other => write!(f, "{other:?}"),
        }
    }
}

impl fmt::Display for Parcel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.command.name();
        match self.to {
            To::Nobody => write!(f, "[{name}, late]"),
            to => write!(f, "[{name} of {to:?}]"),
        }
    }
}

impl Command {
    fn name(self) -> &'static str {
        match self {
            Self::Acquire { claim, .. } => match claim {
                Claim::Polite => "acquire",
                Claim::PastEntry => "acquire past the entry",
                Claim::Steal => "steal",
            },
            Self::SeeAll { .. } => "see all",
            Self::Store { .. } => "store",
            Self::ProveAll { .. } => "prove all",
            Self::Put { .. } => "put",
            Self::PutCompared { .. } => "put compared",
            Self::Release { .. } => "release",
            Self::Extend { .. } => "extend",
            Self::Invalidate { .. } => "invalidate",
        }
    }
}
