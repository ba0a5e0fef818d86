//! The way of a call that was no hit in process, without its types: it is compiled once, for all functions.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::ambient::{self, Change};
use crate::counters::Timer;
use crate::engine::Engine;
use crate::errand::{Errand, Turn};
use crate::error::Result;
use crate::flight::FlightMode;
use crate::key::Key;
use crate::look::Look;
use crate::observer::EventKind;
use crate::plan::{Lives, Verdict};
use crate::ready::Ready;
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

/// One call on its way.
pub(crate) struct Trip<'a> {
    errand: Errand<'a>,
    lives: Lives,
    look: Option<Look<'a>>,
    asked: bool,
}

/// Something that may be the end of a trip.
pub(crate) enum Offer {
    /// The store's answer to the first look.
    Answer(Result<Option<Kept>>),
    /// The turn of the call.
    Turn(Turn),
    /// The call is made by the computation of its own key.
    Nested,
}

/// The end of a trip.
pub(crate) enum End {
    /// There is an output.
    Arrived,
    /// The body is to be run.
    Compute(Run),
}

/// A run of the body.
pub(crate) struct Run {
    /// Whether the key is not computed already, further out.
    first: bool,
    /// Whether others wait for what comes of it, or the store does.
    leads: bool,
    timer: Timer,
}

impl<'a> Trip<'a> {
    #[inline]
    pub(crate) fn new(ready: &Ready<'a>, mode: FlightMode, look: Look<'a>) -> Self {
        Self {
            errand: Errand::new(ready.engine, ready.key, mode, ready.anew),
            lives: ready.lives(),
            look: Some(look),
            asked: false,
        }
    }

    /// Goes on to the next offer.
    pub(crate) fn next(&mut self) -> impl Future<Output = Offer> {
        poll_fn(|context| self.poll(context))
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Offer> {
        if let Some(Look::Later(reply)) = &mut self.look {
            let answer = ready!(Pin::new(reply).poll(context));
            self.look = None;
            return Poll::Ready(Offer::Answer(answer));
        }
        if let Some(look) = self.look.take() {
            self.start(look);
            if ambient::leads(self.errand.lead.id()) {
                return Poll::Ready(Offer::Nested);
            }
        }
        self.errand.poll(context).map(Offer::Turn)
    }

    /// Takes an offer, if it is an end.
    pub(crate) fn consider(&mut self, offer: Offer, course: &mut dyn Course) -> Option<End> {
        let taken = match offer {
            Offer::Answer(answer) => return self.answered(answer, course),
            Offer::Nested => return Some(End::Compute(self.run(false, false))),
            Offer::Turn(Turn::Lead) => return Some(End::Compute(self.run(true, true))),
            Offer::Turn(Turn::Alone) => return Some(End::Compute(self.run(true, false))),
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
    fn answered(&mut self, answer: Result<Option<Kept>>, course: &mut dyn Course) -> Option<End> {
        match accept(
            self.errand.lead.engine,
            &self.errand.lead.key,
            course,
            answer,
        ) {
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

    fn run(&self, first: bool, leads: bool) -> Run {
        let lead = &self.errand.lead;
        Run {
            first,
            leads,
            timer: lead.key.counters().start_timer(),
        }
    }

    /// Stores what came of the body and hands it out: at once, or while it is waited for.
    pub(crate) fn land(&mut self, verdict: Option<Verdict>) -> impl Future<Output = ()> {
        let rest = verdict.and_then(|verdict| self.errand.lead.land(verdict));
        async {
            if let Some(rest) = rest {
                rest.await;
            }
        }
    }
}

impl Run {
    /// What holds while the body runs: a call to the same key inside runs through.
    pub(crate) fn change(&self, trip: &Trip<'_>) -> Option<Change> {
        self.first.then(|| Change::Lead(trip.errand.lead.id()))
    }

    /// What is to become of what came of the body: who leads nobody, keeps nothing.
    pub(crate) fn judged(&self, trip: &Trip<'_>, course: &dyn Course) -> Option<Verdict> {
        if !self.leads {
            return None;
        }
        trip.errand.lead.key.counters().computed(&self.timer);
        Some(course.judge(&trip.lives))
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

/// The whole trip of a function without `async`: blocks the thread while there is something to wait for.
pub(crate) fn travel(mut trip: Trip<'_>, course: &mut dyn Course) {
    loop {
        let offer = wait(trip.next());
        match trip.consider(offer, course) {
            None => {}
            Some(End::Arrived) => return,
            Some(End::Compute(run)) => {
                match run.change(&trip) {
                    Some(change) => ambient::within_sync(change, || course.compute()),
                    None => course.compute(),
                }
                let verdict = run.judged(&trip, course);
                // Inside the wait: a store may do what it has to do on this thread.
                return wait(async { trip.land(verdict).await });
            }
        }
    }
}
