//! Invalidating: entries with their leases, or the versions that cover them.

use std::sync::Arc;

use larder_core::error::Result;

use super::super::answer::integer;
use super::super::link::Link;
use super::super::names::Names;
use super::super::script::{self, Call};
use super::{Sent, send_now};

/// Deletes entries with their leases; answers how many were in force.
pub(in super::super) async fn forget(link: Arc<Link>, entries: Vec<Names>) -> Result<u64> {
    let batches: Vec<&[Names]> = if link.is_cluster() {
        entries.chunks(1).collect()
    } else {
        vec![&entries]
    };
    let sent: Vec<_> = batches
        .into_iter()
        .map(|batch| forget_batch(&link, batch))
        .collect();
    let mut count = 0;
    for sent in sent {
        count += integer(&sent.await?)?.unsigned_abs();
    }
    Ok(count)
}

fn forget_batch(link: &Arc<Link>, entries: &[Names]) -> Sent {
    let keys = entries
        .iter()
        .flat_map(|names| [&names.entry, &names.lease].into_iter().chain(&names.near));
    let call = entries
        .iter()
        .fold(Call::script(&script::FORGET, keys), |call, names| {
            call.number(names.near.len() as u64).flag(names.grouped)
        });
    send_now(link, call)
}

/// Deletes versions: what was written under them is in force no more.
pub(in super::super) async fn forget_versions(link: Arc<Link>, keys: Vec<String>) -> Result<u64> {
    let sent: Vec<_> = keys
        .iter()
        .map(|key| send_now(&link, Call::plain("UNLINK", key)))
        .collect();
    for sent in sent {
        sent.await?;
    }
    Ok(0)
}
