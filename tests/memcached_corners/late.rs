//! A claim that is on its way while others invalidate and claim.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use larder::backends::{Acquired, Backend, Stored};
use larder::conformance::Keyring;

use crate::servers::memcached::MemcachedServer;
use crate::{claim, granted, store};

/// A link that stops before the next lease that is offered: what comes before it is on its way when `here` is
/// told, and the rest goes on when `on` is told.
fn stops_at_a_lease(
    server: &MemcachedServer,
    armed: &'static AtomicBool,
    here: Sender<()>,
    on: Receiver<()>,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let upstream = server.address();
    thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut server = TcpStream::connect(&upstream).unwrap();
        server.set_nodelay(true).unwrap();
        let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        thread::spawn(move || std::io::copy(&mut from, &mut to));
        let mut bytes = vec![0; 50_000];
        while let Ok(length @ 1..) = client.read(&mut bytes) {
            let bytes = &bytes[..length];
            let lease = bytes.windows(4).rposition(|found| found == b"\nms ");
            let lease = lease.filter(|_| armed.swap(false, Ordering::SeqCst));
            let (first, rest) = bytes.split_at(lease.map_or(length, |at| at + 1));
            server.write_all(first).unwrap();
            if !rest.is_empty() {
                here.send(()).unwrap();
                on.recv().unwrap();
                server.write_all(rest).unwrap();
            }
        }
    });
    address
}

/// Who has read the versions before they moved, and comes after somebody who has seen what moved in, takes
/// neither his lease nor what he has stored.
fn a_claim_that_is_late_takes_nothing(stored: bool) {
    let (tell, here) = channel();
    let (go, on) = channel();
    let armed: &'static AtomicBool = Box::leak(Box::default());
    let server = MemcachedServer::start();
    let late = store(&stops_at_a_lease(&server, armed, tell, on));
    let others = store(&server.address());
    let keys = Keyring::new("r:");
    let key = keys.member("g", 1);
    let old = granted(others.acquire(&key.key(), claim(1, false)).wait());
    armed.store(true, Ordering::SeqCst);
    let claimed = late.acquire(&key.key(), claim(2, false));
    here.recv().unwrap();
    // On the way to a server on this machine; if it takes longer, what was claimed is not late.
    thread::sleep(Duration::from_millis(100));
    others.release(&key.key(), old).wait().unwrap();
    let group = keys.group("g");
    keys.invalidate(&others, &keys.group_scope(&group)).unwrap();
    let new = granted(others.acquire(&key.key(), claim(3, false)).wait());
    if stored {
        let kept = others.store(&key.key(), new, Keyring::item(&7_u64), None);
        assert_eq!(kept.wait().unwrap(), Stored::Kept);
    }
    go.send(()).unwrap();
    match claimed.wait().unwrap() {
        Acquired::Held if !stored => {}
        Acquired::Fresh(_) if stored => {}
        other => panic!("another's, under later versions, was taken: {other:?}"),
    }
}

#[test]
fn a_claim_that_is_late_takes_no_lease_of_those_who_know_more() {
    a_claim_that_is_late_takes_nothing(false);
}

#[test]
fn a_claim_that_is_late_takes_no_entry_of_those_who_know_more() {
    a_claim_that_is_late_takes_nothing(true);
}
