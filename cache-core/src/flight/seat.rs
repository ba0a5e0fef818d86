//! Waiting for a flight.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::{Arrival, Flight, Flights, vacate};
use crate::sync::lock;

/// Who waits for a flight.
pub(crate) struct Seat<'a> {
    pub(super) flights: &'a Flights,
    pub(super) flight: Arc<Flight>,
    pub(super) number: u32,
    pub(super) seated: bool,
}

impl<'a> Seat<'a> {
    /// Waits until the flight lands, or until it falls to this follower, but not past `limit`.
    ///
    /// Dropping the future leaves the flight; whoever else waits does not notice.
    pub(crate) async fn arrival(mut self, limit: Duration) -> Arrival<'a> {
        let mut delay = None;
        poll_fn(move |context| match self.poll(context) {
            Poll::Pending => deadline(&mut delay, limit, context).map(|()| Arrival::Late),
            arrived @ Poll::Ready(_) => arrived,
        })
        .await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Arrival<'a>> {
        let flight = self.change_flights();
        let mut cabin = lock(&flight.cabin);
        if let Some(landing) = &cabin.landing {
            if self.number >= landing.proof {
                // It has landed in this moment, and this follower came too late for it.
                drop(cabin);
                return self.poll(context);
            }
            self.seated = false;
            return Poll::Ready(Arrival::Landed(landing.outcome.clone()));
        }
        if !cabin.led && cabin.heir.is_none_or(|heir| heir == self.number) {
            cabin.led = true;
            cabin.heir = None;
            cabin.leave(self.number);
            self.seated = false;
            return Poll::Ready(Arrival::Lead(self.flights.pilot(Arc::clone(&flight))));
        }
        cabin.register(self.number, context.waker());
        Poll::Pending
    }

    /// Leaves the flight; answers whether this follower was still in it.
    fn leave(&mut self) -> bool {
        let (flight, number) = (self.change_flights(), self.number);
        let mut left = true;
        vacate(self.flights, &flight, |cabin| {
            let landing = cabin.landing.as_ref();
            // It has landed in this moment, and this follower sits in the next one.
            left = landing.is_none_or(|landing| number < landing.proof);
            cabin.leave(number);
            !cabin.led && cabin.landing.is_none() && cabin.heir.is_none_or(|heir| heir == number)
        });
        left
    }

    /// Goes on to the next flight, where this follower sits already, if he came too late for this
    /// one; answers the flight that he is in then.
    fn change_flights(&mut self) -> Arc<Flight> {
        while let Some(next) = self.next() {
            self.flight = next;
        }
        Arc::clone(&self.flight)
    }

    fn next(&self) -> Option<Arc<Flight>> {
        let cabin = lock(&self.flight.cabin);
        let landing = cabin.landing.as_ref()?;
        let late = self.number >= landing.proof;
        landing.next.clone().filter(|_| late)
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        if !self.seated {
            return;
        }
        while !self.leave() {}
    }
}

#[cfg(not(shuttle))]
type Delay = futures_timer::Delay;

#[cfg(not(shuttle))]
fn deadline(delay: &mut Option<Delay>, limit: Duration, context: &mut Context<'_>) -> Poll<()> {
    let delay = delay.get_or_insert_with(|| Delay::new(limit));
    std::pin::Pin::new(delay).poll(context)
}

/// An explored schedule has no time.
#[cfg(shuttle)]
type Delay = ();

#[cfg(shuttle)]
fn deadline(_: &mut Option<Delay>, _: Duration, _: &mut Context<'_>) -> Poll<()> {
    Poll::Pending
}
