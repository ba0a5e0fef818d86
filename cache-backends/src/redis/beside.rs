//! What is read beside the line, and what is written ahead of that.

use std::future::poll_fn;
use std::sync::Arc;

use larder_core::error::Result;
use larder_core::reply::Reply;
use larder_core::wait::blocks;
use redis::{Cmd, Value};
use tokio::runtime::Handle;

use super::ahead::Write;
use super::lane::Lane;
use super::link::Link;
use super::opening::{keep_lane, open_desk};
use super::script::Call;

impl Link {
    /// Sends a command that only reads an entry.
    pub(super) async fn read(self: &Arc<Self>, entry: u128, command: Cmd) -> Result<Value> {
        match self.read_aside(entry, &command).await {
            Some(answer) => Ok(answer),
            // In a box: who reads beside the line should not carry the room for it.
            None => Box::pin(self.send(Call::Plain(command, String::new()))).await,
        }
    }

    /// Reads beside the line; nothing if there is no way, or if it failed.
    async fn read_aside(self: &Arc<Self>, entry: u128, command: &Cmd) -> Option<Value> {
        if !self.ahead.is_clear(entry) {
            return None;
        }
        if poll_fn(|context| blocks(context.waker()).into()).await {
            return self.read_at_desk(command);
        }
        let lane = self.lane()?;
        let _ticket = lane.traffic.start();
        self.traffic.rouse();
        lane.ask(command).await
    }

    fn read_at_desk(self: &Arc<Self>, command: &Cmd) -> Option<Value> {
        let ways = self.aside.ways()?;
        let Some(connection) = ways.desks.take() else {
            if ways.desks.has_room() && self.aside.is_worth_it() {
                open_desk(self, &ways);
            }
            return None;
        };
        let answer = ways.desks.ask(connection, command);
        if answer.is_none() {
            self.aside.fail();
            self.doubt();
        }
        answer
    }

    /// The lane of the runtime that this is polled on.
    fn lane(self: &Arc<Self>) -> Option<Arc<Lane>> {
        let runtime = Handle::try_current().ok()?;
        let ways = self.aside.read();
        let ways = ways.as_ref()?;
        match ways.lane_of(runtime.id()) {
            Some(lane) => lane,
            None if self.aside.is_worth_it() => {
                if let Some(place) = ways.reserve(runtime.id()) {
                    runtime.spawn(keep_lane(Arc::clone(self), place));
                }
                None
            }
            None => None,
        }
    }

    /// The runtime of this store, if it has been started.
    pub(super) fn handle(&self) -> Option<&Handle> {
        self.runtime.get()?.as_ref()
    }

    /// Has the session ask the server for a sign of life.
    fn doubt(&self) {
        self.aside.doubt();
        self.traffic.attention.notify_one();
    }

    /// Starts work that goes on whether or not anybody waits for it. Until it is over, this entry,
    /// or any, is read on the line.
    pub(super) fn start_ahead<T: Send + 'static>(
        self: &Arc<Self>,
        entry: Option<u128>,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Reply<'static, Result<T>> {
        let write = Write::new(&self.ahead, entry);
        self.start(async move {
            let _write = write;
            work.await
        })
    }
}
