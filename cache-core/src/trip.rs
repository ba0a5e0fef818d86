//! The way of a call that was no hit in process, without its types: it is compiled once, for all functions.

use std::time::Instant;

use crate::ambient::{self, Change};
use crate::engine::Engine;
use crate::errand::{Errand, Turn};
use crate::error::Result;
use crate::flight::FlightMode;
use crate::key::Key;
use crate::lead::Lead;
use crate::observer::EventKind;
use crate::plan::{Lives, Verdict};
use crate::reply::Reply;
use crate::request::Ready;
use crate::value::Kept;
use crate::wait::wait;

/// The types of a call, as its trip sees them. The output stays here.
pub(crate) trait Course {
    /// Makes the output of what was kept, unless it is not what the function keeps, or the hook, if it is to
    /// be asked, finds it stale.
    fn take(&mut self, kept: &Kept, ask: bool) -> Taken;

    /// Makes the output that stands for nothing, if there is one.
    fn take_nothing(&mut self) -> bool;

    /// Runs the body of a function without `async`.
    fn compute(&mut self);

    /// Decides what becomes of what was computed.
    fn judge(&self, lives: &Lives) -> Verdict;
}

/// What came of what was kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is the output.
    Used,
    /// The hook found it stale.
    Stale,
    /// It is not what the function keeps.
    Foreign,
}

/// What is known of the store after the first look.
pub(crate) enum Look<'a> {
    /// Its answer comes later.
    Later(Reply<'a, Result<Option<Kept>>>),
    /// There is nothing.
    Missed,
    /// There is something that will not do, or that does not count.
    Rejected(Option<Kept>),
    /// It could not be asked.
    Down,
}

impl Look<'_> {
    /// What a store in this process said; nothing of one that has not answered.
    pub(crate) fn settled(self) -> Option<Look<'static>> {
        match self {
            Self::Later(_) => None,
            Self::Missed => Some(Look::Missed),
            Self::Rejected(kept) => Some(Look::Rejected(kept)),
            Self::Down => Some(Look::Down),
        }
    }
}

/// One call on its way.
pub(crate) struct Trip<'a> {
    errand: Errand<'a>,
    lives: Lives,
    look: Option<Look<'a>>,
    asked: bool,
}

/// Something that may be the end of a trip.
#[allow(clippy::large_enum_variant)] // made once a miss, and taken apart at once
pub(crate) enum Offer<'a> {
    /// The store's answer to the first look.
    Answer(Result<Option<Kept>>),
    /// The turn of the call.
    Turn(Turn<'a>),
    /// The call is made by the computation of its own key.
    Nested,
}

/// The end of a trip.
#[allow(clippy::large_enum_variant)] // as above
pub(crate) enum End<'a> {
    /// There is an output.
    Arrived,
    /// The body is to be run.
    Compute(Run<'a>),
}

/// A run of the body.
pub(crate) struct Run<'a> {
    lead: Option<Lead<'a>>,
    change: Option<Change>,
    started: Instant,
}

impl<'a> Trip<'a> {
    pub(crate) fn new(ready: &'a Ready<'a>, mode: FlightMode, look: Look<'a>) -> Self {
        Self {
            errand: Errand::new(&ready.engine, ready.key(), mode, ready.anew),
            lives: ready.lives(),
            look: Some(look),
            asked: false,
        }
    }

    /// Goes on to the next offer.
    pub(crate) async fn next(&mut self) -> Offer<'a> {
        match self.look.take() {
            Some(Look::Later(reply)) => return Offer::Answer(reply.await),
            Some(look) => {
                self.start(look);
                if ambient::leads(self.errand.lead_id()) {
                    return Offer::Nested;
                }
            }
            None => {}
        }
        Offer::Turn(self.errand.turn().await)
    }

    /// Takes an offer, if it is an end.
    pub(crate) fn consider(
        &mut self,
        offer: Offer<'a>,
        course: &mut dyn Course,
    ) -> Option<End<'a>> {
        let taken = match offer {
            Offer::Answer(answer) => return self.answered(answer, course),
            Offer::Nested => return Some(End::Compute(self.run(None, false))),
            Offer::Turn(Turn::Lead(lead)) => return Some(End::Compute(self.run(Some(lead), true))),
            Offer::Turn(Turn::Alone) => return Some(End::Compute(self.run(None, true))),
            Offer::Turn(Turn::Hit(kept)) => {
                // The hook is asked once a call.
                let ask = !std::mem::replace(&mut self.asked, true);
                let taken = self.take(&kept, ask, course);
                taken.ok_or(Some(kept))
            }
            Offer::Turn(Turn::Share(object)) => {
                let taken = self.take(&Kept::Object(object), false, course);
                taken.ok_or(None)
            }
            Offer::Turn(Turn::Nothing) => course.take_nothing().then_some(()).ok_or(None),
        };
        match taken {
            Ok(()) => Some(End::Arrived),
            Err(kept) => {
                self.errand.reject(kept);
                None
            }
        }
    }

    /// Nothing was found.
    fn start(&mut self, look: Look<'a>) {
        match look {
            Look::Rejected(kept) => {
                self.asked = true;
                self.errand.reject(kept);
            }
            Look::Down => self.errand.give_up_the_store(),
            Look::Later(_) | Look::Missed => {}
        }
        self.errand.note(EventKind::Miss);
    }

    /// Uses what the store answered to the first look.
    fn answered(
        &mut self,
        answer: Result<Option<Kept>>,
        course: &mut dyn Course,
    ) -> Option<End<'a>> {
        match accept(self.errand.engine, &self.errand.key, course, answer) {
            Ok(()) => Some(End::Arrived),
            Err(look) => {
                self.look = Some(look);
                None
            }
        }
    }

    fn take(&self, kept: &Kept, ask: bool, course: &mut dyn Course) -> Option<()> {
        let taken = course.take(kept, ask);
        if taken == Taken::Foreign {
            self.errand.note(EventKind::Error);
        }
        (taken == Taken::Used).then_some(())
    }

    fn run(&self, lead: Option<Lead<'a>>, first: bool) -> Run<'a> {
        let change = first.then(|| Change::Lead(self.errand.lead_id()));
        let started = Instant::now();
        Run {
            lead,
            change,
            started,
        }
    }
}

impl Run<'_> {
    /// What holds while the body runs: a call to the same key inside runs through.
    pub(crate) fn change(&self) -> Option<Change> {
        self.change.clone()
    }

    /// What is to become of what came of the body: who leads nobody, keeps nothing.
    pub(crate) fn judged(&self, trip: &Trip<'_>, course: &dyn Course) -> Option<Verdict> {
        let lead = self.lead.as_ref()?;
        lead.note_computed(self.started.elapsed());
        Some(course.judge(&trip.lives))
    }

    /// Stores it and hands it out.
    pub(crate) async fn land(self, verdict: Option<Verdict>) {
        if let (Some(lead), Some(verdict)) = (self.lead, verdict) {
            lead.land(verdict).await;
        }
    }
}

/// Uses what the store answered, unless it is not what the function keeps or the hook finds it
/// stale.
pub(crate) fn accept<'a>(
    engine: &Engine,
    key: &Key<'_>,
    course: &mut dyn Course,
    answer: Result<Option<Kept>>,
) -> Result<(), Look<'a>> {
    match answer {
        Ok(Some(kept)) => match course.take(&kept, true) {
            Taken::Used => {
                engine.note(EventKind::Hit, key);
                Ok(())
            }
            Taken::Stale => Err(Look::Rejected(Some(kept))),
            Taken::Foreign => {
                engine.note(EventKind::Error, key);
                Err(Look::Rejected(Some(kept)))
            }
        },
        Ok(None) => Err(Look::Missed),
        Err(error) => {
            engine.note_error(key, &error);
            Err(if error.is_outage() {
                Look::Down
            } else {
                Look::Missed
            })
        }
    }
}

/// The whole trip of a function without `async`: blocks the thread.
pub(crate) fn travel(mut trip: Trip<'_>, course: &mut dyn Course) {
    wait(async {
        loop {
            let offer = trip.next().await;
            match trip.consider(offer, course) {
                None => {}
                Some(End::Arrived) => return,
                Some(End::Compute(run)) => {
                    match run.change() {
                        Some(change) => ambient::within_sync(change, || course.compute()),
                        None => course.compute(),
                    }
                    let verdict = run.judged(&trip, course);
                    return run.land(verdict).await;
                }
            }
        }
    });
}
