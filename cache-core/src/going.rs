//! An asynchronous call that found nothing: everything but its body, so that it is compiled once for all of
//! them.

use crate::ambient::Change;
use crate::kind::Kind;
use crate::look::Look;
use crate::plan::Hooks;
use crate::ready::Ready;
use crate::trip::{End, Run, Trip};
use crate::typed::{Elsewhere, Typed};

/// A call on its way.
pub(crate) struct Going<'a, K: Kind, H> {
    trip: Trip<'a>,
    typed: Typed<'a, K, H, Elsewhere>,
}

impl<'a, K: Kind, H: Hooks<K>> Going<'a, K, H> {
    #[inline(never)]
    pub(crate) fn new(ready: &Ready<'a>, hooks: &'a H, look: Look<'a>) -> Self {
        Self {
            trip: Trip::new(ready, hooks.flight_mode(), look),
            typed: Typed::new(hooks, Elsewhere),
        }
    }

    /// Goes on until the body is to be run, or until there is an [output](Self::output).
    pub(crate) async fn seek(&mut self) -> Option<Run> {
        loop {
            let offer = self.trip.next().await;
            match self.trip.consider(offer, &mut self.typed) {
                None => {}
                Some(End::Arrived) => return None,
                Some(End::Compute(run)) => return Some(run),
            }
        }
    }

    /// What holds while the body runs.
    pub(crate) fn change(&self, run: &Run) -> Option<Change> {
        run.change(&self.trip)
    }

    /// Stores what came of the body, and hands it out to all who wait for it.
    pub(crate) fn land(
        &mut self,
        run: &Run,
        output: K::Output,
    ) -> impl Future<Output = K::Output> + use<'_, 'a, K, H> {
        let Self { trip, typed } = self;
        typed.output = Some(output);
        let verdict = run.judged(trip, typed);
        let landed = trip.land(verdict);
        async move {
            landed.await;
            typed.take_output()
        }
    }

    pub(crate) fn output(&mut self) -> K::Output {
        self.typed.take_output()
    }
}
