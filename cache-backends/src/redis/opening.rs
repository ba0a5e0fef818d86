//! Opens connections beside the line: to the server that it leads to, and behind what was sent on it.

use std::pin::pin;
use std::sync::Arc;

use futures_util::future::{Either, select};
use redis::{Connection, ConnectionAddr};

use super::greeting::{is_at, is_at_desk};
use super::lane::{Lane, Socket, connect};
use super::link::Link;
use super::ways::{Place, Ways};

/// Opens one more, beside whoever asks.
pub(super) fn open_desk(link: &Arc<Link>, ways: &Arc<Ways>) {
    let Some(runtime) = link.handle() else {
        return;
    };
    ways.desks.begin();
    let (link, ways) = (Arc::clone(link), Arc::clone(ways));
    runtime.spawn(async move {
        if let Some(connection) = connect_desk(&link, &ways).await {
            ways.desks.put(connection);
        } else {
            ways.desks.give_up();
            link.aside.fail();
        }
    });
}

/// Connects, and makes sure that it is the server that the line leads to.
async fn connect_desk(link: &Arc<Link>, ways: &Arc<Ways>) -> Option<Connection> {
    let client = link.target.client().await?;
    let (settings, server) = (link.settings, ways.server.clone());
    let connected = tokio::task::spawn_blocking(move || {
        let limit = settings.connect_timeout;
        let mut connection = client.get_connection_with_timeout(limit).ok()?;
        let patience = Some(settings.operation_timeout / 2);
        connection.set_read_timeout(patience).ok()?;
        connection.set_write_timeout(patience).ok()?;
        is_at_desk(&mut connection, &server).then_some(connection)
    });
    let connection = connected.await.ok()??;
    ways.is_behind_line().await.then_some(connection)
}

/// Opens a lane and drives it until it is closed, or until the runtime ends.
pub(super) async fn keep_lane(link: Arc<Link>, place: Place) {
    select(pin!(place.ways.closed()), pin!(drive(link, &place))).await;
}

async fn drive(link: Arc<Link>, place: &Place) {
    let lane = open_lane(&link, place).await;
    // What waits here for the end of the runtime does not keep the store.
    let weak = Arc::downgrade(&link);
    drop(link);
    if let Some(lane) = lane {
        place.fill(&lane);
        lane.driven().await;
    }
    if let Some(link) = weak.upgrade() {
        link.aside.fail();
    }
}

/// Connects, and makes sure that it is the server that the line leads to.
async fn open_lane(link: &Arc<Link>, place: &Place) -> Option<Arc<Lane>> {
    let client = link.target.client().await?;
    let info = client.get_connection_info();
    let socket = socket(link, info.addr().clone()).await?;
    let lane = Arc::new(Lane::new(info.redis_settings().clone(), socket).await?);
    let mut connection = lane.connection.clone();
    let checked = async {
        is_at(&mut connection, &place.ways.server).await && place.ways.is_behind_line().await
    };
    let checked = match select(pin!(lane.driven()), pin!(checked)).await {
        Either::Left(((), _)) => false,
        Either::Right((checked, _)) => checked,
    };
    checked.then_some(lane)
}

async fn socket(link: &Link, address: ConnectionAddr) -> Option<Box<dyn Socket>> {
    if !link.settings.callers_sockets {
        return link.handle()?.spawn(connect(address)).await.ok()?;
    }
    // If it panics, not again for a while.
    link.aside.fail();
    connect(address).await
}
