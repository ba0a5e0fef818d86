//! Waiting for a flight.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::patience::Patience;
use super::{Arrival, Flight, Flights, vacate};
use crate::sync::lock;

/// Who waits for a flight.
pub(crate) struct Seat<'a> {
    flights: &'a Flights,
    flight: Arc<Flight>,
    number: u32,
    seated: bool,
    /// The flight knows whom to wake.
    is_known: bool,
    patience: Patience,
}

impl<'a> Seat<'a> {
    pub(super) fn new(flights: &'a Flights, flight: Arc<Flight>, number: u32) -> Self {
        Self {
            flights,
            flight,
            number,
            seated: true,
            is_known: false,
            patience: Patience::default(),
        }
    }

    /// Waits until the flight lands, or until it falls to this follower, but not past `limit`.
    ///
    /// A dropped seat leaves the flight; whoever else waits does not notice.
    pub(crate) fn poll(&mut self, limit: Duration, context: &mut Context<'_>) -> Poll<Arrival<'a>> {
        let mut cabin = lock(&self.flight.cabin);
        if let Some(landing) = &cabin.landing {
            if self.number >= landing.proof {
                // This follower came too late for it.
                drop(cabin);
                self.change_flights();
                return self.poll(limit, context);
            }
            self.seated = false;
            return Poll::Ready(Arrival::Landed(landing.outcome.clone()));
        }
        if !cabin.led && cabin.heir.is_none_or(|heir| heir == self.number) {
            cabin.led = true;
            cabin.heir = None;
            let watch = cabin.leave(self.number);
            drop(cabin);
            self.seated = false;
            watch.into_iter().for_each(std::task::Waker::wake);
            let pilot = self.flights.pilot(Arc::clone(&self.flight));
            return Poll::Ready(Arrival::Lead(pilot));
        }
        let since = self.patience.since();
        let watches = cabin.register(self.is_known, self.number, since, context.waker());
        drop(cabin);
        self.is_known = true;
        if watches || self.patience.has_timer() {
            return self.patience.poll(limit, context).map(|()| Arrival::Late);
        }
        Poll::Pending
    }

    /// Leaves the flight; answers whether this follower was still in it.
    fn leave(&mut self) -> bool {
        self.change_flights();
        let (flight, number) = (Arc::clone(&self.flight), self.number);
        let (mut left, mut watch) = (true, None);
        vacate(self.flights, &flight, |cabin| {
            let landing = cabin.landing.as_ref();
            // It has landed in this moment, and this follower sits in the next one.
            left = landing.is_none_or(|landing| number < landing.proof);
            watch = cabin.leave(number);
            !cabin.led && cabin.landing.is_none() && cabin.heir.is_none_or(|heir| heir == number)
        });
        watch.into_iter().for_each(std::task::Waker::wake);
        left
    }

    /// Goes on to the next flight, where this follower sits already, if he came too late for this
    /// one.
    fn change_flights(&mut self) {
        while let Some(next) = self.next() {
            self.flight = next;
            self.is_known = false;
        }
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
