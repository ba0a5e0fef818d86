//! Ports that stay free.

use std::net::TcpListener;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// Below the range from which the system takes the ports of outgoing connections: one of those
/// would sit on the port of a server that was killed, before it is restarted.
const FIRST: u16 = 10_000;
const MANY: u16 = 12_000;
/// A node of a cluster talks to the others on its port plus this.
pub(crate) const BUS: u16 = 10_000;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// Finds a port on which nobody listens, nor on its bus port.
pub(crate) fn free() -> u16 {
    let start = process::id().wrapping_mul(97);
    for _ in 0..MANY {
        let offset = start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % u32::from(MANY);
        let port = FIRST + u16::try_from(offset).expect("less than MANY");
        if is_free(port) && is_free(port + BUS) {
            return port;
        }
    }
    panic!("no port is free");
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}
