//! Opening one connection.

use std::sync::Arc;

use super::failure;
use super::line::Down;
use super::link::Link;
use super::wire::Wire;

/// Connects. Of what is lost later the link is told by its number.
pub(super) async fn connect(link: &Arc<Link>, number: u64) -> Result<Wire, Down> {
    let weak = Arc::downgrade(link);
    let on_loss = move || {
        if let Some(link) = weak.upgrade() {
            link.lost(number);
        }
    };
    let connected = link.target.connect(on_loss).await;
    connected.map_err(|error| Down::because(&failure::of_command(error)))
}
