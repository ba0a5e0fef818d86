//! What generated code calls. Not for people: it changes without notice.

pub use larder_core::all_entries::AllEntries;
pub use larder_core::call::{call, call_async};
pub use larder_core::entry::Entry;
pub use larder_core::flight::FlightMode;
pub use larder_core::kind::{Keep, Skip};
pub use larder_core::parts::Parts;
pub use larder_core::plan::Plan;
pub use larder_core::probe::{Probe, ViaFallible, ViaPlain};
pub use larder_core::request::{Before, Request};
pub use larder_core::site::{NOT_GENERIC, Place, Site, Spec};
pub use larder_core::timeout::{Timeout, timeout};
pub use std::any::{type_name, type_name_of_val};
pub use std::boxed::Box;
pub use std::format;
pub use std::string::String;
pub use std::time::Duration;

use larder_backends::Memory;
use larder_backends::memory::DEFAULT_ENTRIES;
use larder_core::backend::Backend;

pub use crate::installed::installed;

/// The in-process store of `local` functions beside a store that needs bytes.
pub fn memory() -> Box<dyn Backend> {
    Box::new(Memory::new(DEFAULT_ENTRIES))
}

#[cfg(feature = "axum")]
pub use larder_http::class::{Chosen, Classified};
#[cfg(feature = "axum")]
pub use larder_http::handler::{kind_of, respond, respond_async, taken};
#[cfg(feature = "axum")]
pub use larder_http::{__class as class, __class_of_response as class_of_response};
