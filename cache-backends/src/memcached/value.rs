//! Values on their way into a server.

use std::time::Duration;

use larder_core::backend::Versions;
use larder_core::error::Result;
use larder_core::value::Item;

use super::failure;
use super::moment::{end, now};
use super::place::Place;
use crate::payload::{Framed, stamp};

impl Place {
    /// What a computed value is kept as; nothing if it is too large.
    pub(super) fn value(
        &self,
        item: &Item,
        versions: Versions,
        ttl: Option<Duration>,
    ) -> Result<Option<Vec<u8>>> {
        let limits = self.link.settings.limits;
        let Framed::Frame(mut frame) = limits.frame(item, versions, end(ttl))? else {
            return Ok(None);
        };
        stamp(&mut frame, versions, now());
        let value = [&*self.names.guard, &frame].concat();
        Ok(self.server().takes(value.len()).then_some(value))
    }

    /// The frame of a value that is set by hand; one that is too large is an error.
    pub(super) fn frame_of_set(&self, item: &Item, ttl: Option<Duration>) -> Result<Vec<u8>> {
        let limits = self.link.settings.limits;
        let frame = limits.frame_of_set(item, end(ttl))?;
        let bytes = self.names.guard.len() + frame.len();
        if self.server().takes(bytes) {
            return Ok(frame);
        }
        Err(failure::too_large(bytes, self.server().largest()))
    }
}
