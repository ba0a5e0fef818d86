//! The network between a client and a server.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// What the network does to what is sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Weather {
    /// Passes it on.
    Clear,
    /// Closes every connection, and each new one at once.
    Cut,
    /// Swallows it, and nobody is told: connections are half-open. A connection that has lost
    /// something stays silent for good, as its bytes do not come back.
    Silent,
    /// Passes each piece on after so long, and up to twice as long under load.
    Slow(Duration),
}

/// A port that leads to another one, through weather.
pub(crate) struct Proxy {
    port: u16,
    net: Arc<Net>,
}

struct Net {
    upstream: u16,
    weather: Mutex<Weather>,
    open: Mutex<Vec<TcpStream>>,
    accepted: AtomicU64,
    trips: AtomicU64,
    closed: AtomicBool,
}

impl Proxy {
    /// Leads to a port of this machine.
    pub(crate) fn to(upstream: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let net = Arc::new(Net {
            upstream,
            weather: Mutex::new(Weather::Clear),
            open: Mutex::default(),
            accepted: AtomicU64::new(0),
            trips: AtomicU64::new(0),
            closed: AtomicBool::new(false),
        });
        let behind = Arc::clone(&net);
        thread::spawn(move || behind.accept(&listener));
        Self { port, net }
    }

    /// `host:port`.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// How a Redis behind it is reached.
    pub(crate) fn url(&self) -> String {
        format!("redis://{}/0", self.address())
    }

    /// How often something was sent after an answer had come: round trips, where one client asks at a
    /// time.
    pub(crate) fn trips(&self) -> u64 {
        self.net.trips.load(SeqCst)
    }

    /// Changes the weather, for connections that are there and for new ones.
    pub(crate) fn turn(&self, weather: Weather) {
        *lock(&self.net.weather) = weather;
        if weather == Weather::Cut {
            self.cut();
        }
    }

    /// Closes every connection; new ones pass.
    pub(crate) fn cut(&self) {
        for stream in lock(&self.net.open).drain(..) {
            stream.shutdown(Shutdown::Both).ok();
        }
    }

    /// How many connections there have been.
    pub(crate) fn accepted(&self) -> u64 {
        self.net.accepted.load(SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.net.closed.store(true, SeqCst);
        self.turn(Weather::Cut);
        // Who waits for a connection has to get one to see that it is over.
        TcpStream::connect(("127.0.0.1", self.port)).ok();
    }
}

impl Net {
    fn accept(self: Arc<Self>, listener: &TcpListener) {
        for client in listener.incoming() {
            if self.closed.load(SeqCst) {
                return;
            }
            self.accepted.fetch_add(1, SeqCst);
            // A server that is down closes the connection: the client is dropped here.
            client.and_then(|client| self.join(&client)).ok();
        }
    }

    fn join(self: &Arc<Self>, client: &TcpStream) -> io::Result<()> {
        if self.weather() == Weather::Cut {
            return Ok(());
        }
        let server = TcpStream::connect(("127.0.0.1", self.upstream))?;
        let lost = Arc::new(AtomicBool::new(false));
        let asked = Arc::new(AtomicBool::new(false));
        for (from, to, asks) in [(client, &server, true), (&server, client, false)] {
            from.set_nodelay(true)?;
            lock(&self.open).push(from.try_clone()?);
            let (from, to) = (from.try_clone()?, to.try_clone()?);
            let (net, lost, asked) = (Arc::clone(self), Arc::clone(&lost), Arc::clone(&asked));
            thread::spawn(move || {
                let count = || {
                    if asked.swap(asks, SeqCst) != asks && asks {
                        net.trips.fetch_add(1, SeqCst);
                    }
                };
                net.pump(from, to, &lost, count);
            });
        }
        Ok(())
    }

    fn pump(&self, mut from: TcpStream, mut to: TcpStream, lost: &AtomicBool, count: impl Fn()) {
        let mut bytes = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = from.read(&mut bytes) {
            count();
            if let Weather::Slow(delay) = self.weather() {
                thread::sleep(delay);
            }
            if self.weather() == Weather::Silent {
                lost.store(true, SeqCst);
            }
            if !lost.load(SeqCst) && to.write_all(&bytes[..length]).is_err() {
                break;
            }
        }
        from.shutdown(Shutdown::Both).ok();
        to.shutdown(Shutdown::Both).ok();
    }

    fn weather(&self) -> Weather {
        *lock(&self.weather)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
