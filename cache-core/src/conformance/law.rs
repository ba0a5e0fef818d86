//! What a law is.

use super::bench::Bench;
use super::chapter::{Chapter, Need};

/// One law: a function that panics when the law is broken.
pub(super) struct Law {
    pub(super) name: &'static str,
    pub(super) chapter: Chapter,
    pub(super) needs: Need,
    pub(super) check: fn(&Bench),
}

/// Makes the table of a chapter; a law is called what its function is called.
macro_rules! laws {
    ($chapter:ident: $($needs:ident $law:ident,)+) => {
        pub(super) const LAWS: &[$crate::conformance::law::Law] = &[$(
            $crate::conformance::law::Law {
                name: stringify!($law),
                chapter: $crate::conformance::chapter::Chapter::$chapter,
                needs: $crate::conformance::chapter::Need::$needs,
                check: $law,
            },
        )+];
    };
}
pub(super) use laws;
