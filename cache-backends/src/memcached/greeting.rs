//! What is said first on a new connection.

use std::future::poll_fn;

use larder_core::error::ErrorKind;

use super::down::Down;
use super::pipe::CLOSED;
use super::socket::Socket;

/// What a server says of itself.
#[derive(Debug, PartialEq)]
pub(super) struct Greeting {
    /// The largest item, in bytes.
    pub(super) largest: usize,
}

/// The meta protocol came with it.
const OLDEST: (u32, u32) = (1, 6);
/// The largest item where a server does not say: memcached's own limit if nobody sets another.
const USUAL: usize = 1 << 20;
/// Settings are shorter.
const LONGEST: usize = 64 << 10;

/// Asks for the version and the settings.
pub(super) async fn greet(socket: &Socket) -> Result<Greeting, Down> {
    let lost = |error: std::io::Error| Down::lost(&error);
    let asked = b"version\r\nstats settings\r\n";
    if socket.write(asked).map_err(lost)? != Some(asked.len()) {
        return Err(Down::new(
            ErrorKind::Unavailable,
            "a new connection takes nothing",
        ));
    }
    let mut said = Vec::new();
    let mut room = [0; 4 << 10];
    while !is_whole(&said) {
        match socket.read(&mut room).map_err(lost)? {
            None => poll_fn(|context| socket.poll_readable(context)).await,
            Some(0) => {
                return Err(Down::new(ErrorKind::Unavailable, CLOSED));
            }
            Some(bytes) => said.extend_from_slice(&room[..bytes]),
        }
        if said.len() > LONGEST {
            return Err(Down::confused("a greeting without an end"));
        }
    }
    judge(&String::from_utf8_lossy(&said))
}

/// Whether both answers are there, or one that is none.
fn is_whole(said: &[u8]) -> bool {
    let mut lines = said.split_inclusive(|byte| *byte == b'\n');
    let ends = |line: &[u8]| {
        let line = line.strip_suffix(b"\r\n").unwrap_or_default();
        line == b"END" || line.starts_with(b"ERROR") || line.starts_with(b"CLIENT_ERROR")
    };
    let first = |line: &[u8]| line.ends_with(b"\n") && !line.starts_with(b"VERSION ");
    lines.next().is_some_and(first) || lines.any(ends)
}

/// Whether it will do.
fn judge(said: &str) -> Result<Greeting, Down> {
    let mut lines = said.lines();
    let first = lines.next().unwrap_or_default();
    let Some(version) = first.strip_prefix("VERSION ") else {
        return Err(Down::new(ErrorKind::Config, refusal(first)));
    };
    let mut numbers = version
        .split('.')
        .map_while(|part| part.parse::<u32>().ok());
    let version_is = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if version_is < OLDEST {
        let reason = format!("version {version} is too old: 1.6 or later is needed");
        return Err(Down::new(ErrorKind::Config, reason));
    }
    let setting = |name: &str| {
        let mut settings = said.lines().filter_map(|line| line.strip_prefix("STAT "));
        settings.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
    };
    if setting("cas_enabled") == Some("no") {
        let reason = "it runs without cas (`-C`), which leases need";
        return Err(Down::new(ErrorKind::Config, reason));
    }
    let largest = setting("item_size_max").and_then(|bytes| bytes.parse().ok());
    Ok(Greeting {
        largest: largest.unwrap_or(USUAL),
    })
}

/// What to say of a server that does not tell its version.
fn refusal(first: &str) -> String {
    if first.contains("unauthenticated") {
        return "it wants a user and a password, which this store does not know how to give"
            .to_owned();
    }
    format!("what answers is no memcached: `{}`", first.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_known_by_what_it_says() {
        let said = "VERSION 1.6.18\r\nSTAT cas_enabled yes\r\nSTAT item_size_max 2048\r\nEND\r\n";
        assert!(is_whole(said.as_bytes()));
        assert!(!is_whole(&said.as_bytes()[..said.len() - 1]));
        assert!(is_whole(b"-ERR unknown command 'version'\r\n"));
        assert_eq!(judge(said).unwrap().largest, 2048);
        let proxy = "VERSION 1.6.9-proxy\r\nERROR\r\n";
        assert!(is_whole(proxy.as_bytes()));
        assert_eq!(judge(proxy).unwrap().largest, USUAL);
    }

    #[test]
    fn a_server_that_will_not_do_is_refused_with_the_reason() {
        for (said, reason) in [
            ("VERSION 1.5.22\r\nEND\r\n", "too old"),
            (
                "VERSION 1.6.2\r\nSTAT cas_enabled no\r\nEND\r\n",
                "without cas",
            ),
            ("CLIENT_ERROR unauthenticated\r\n", "a password"),
            ("HTTP/1.1 400 Bad Request\r\n", "no memcached"),
        ] {
            let down = judge(said).unwrap_err();
            assert_eq!(down.kind, ErrorKind::Config);
            assert!(down.reason.contains(reason), "{}", down.reason);
        }
    }
}
