//! Where a server listens.

use std::fmt;
use std::path::PathBuf;

use larder_core::error::{Error, ErrorKind, Result};

/// The port of memcached.
const PORT: u16 = 11_211;

/// Where a server listens.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// A host's name or number with a port.
    Host(String),
    /// A socket in the file system.
    Socket(PathBuf),
}

impl Address {
    /// Reads `host`, `host:port`, `[::1]:port`, or the path of a socket.
    pub(super) fn parse(text: &str) -> Result<Self> {
        if text.starts_with('/') {
            return Ok(Self::Socket(text.into()));
        }
        if text.contains('@') {
            // Not repeated: there may be a password in it.
            return Err(config(
                "memcached is asked without a user and a password: this store does not know how to give them",
            ));
        }
        let wrong = || {
            config(format!(
                "`{text}` is no server: write `host:port`, `[address]:port` or the path of a socket"
            ))
        };
        let bare = text
            .strip_prefix('[')
            .map_or(!text.contains(':'), |rest| rest.ends_with(']'));
        let whole = if bare {
            format!("{text}:{PORT}")
        } else {
            text.to_owned()
        };
        let (host, port) = whole.rsplit_once(':').ok_or_else(wrong)?;
        let inner = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let is_host = match inner {
            Some(number) => number.parse::<std::net::Ipv6Addr>().is_ok(),
            None => {
                !host.is_empty()
                    && host
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
            }
        };
        if !is_host || port.parse::<u16>().map_or(true, |port| port == 0) {
            return Err(wrong());
        }
        Ok(Self::Host(whole.to_ascii_lowercase()))
    }
}

/// The servers in a URL.
pub(crate) fn servers_of(url: &str) -> Result<Vec<String>> {
    let wrong = "a memcached URL names its servers: `memcache://host:port,host:port`";
    let rest = url
        .strip_prefix("memcache://")
        .filter(|rest| !rest.is_empty());
    let rest = rest.ok_or_else(|| config(wrong))?;
    if rest.contains('?') {
        return Err(config(
            "options in a memcached URL are for `Cache::from_url`: use the builder here",
        ));
    }
    let servers = if rest.starts_with('/') {
        rest
    } else {
        rest.trim_end_matches('/')
    };
    Ok(servers.split(',').map(str::to_owned).collect())
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(host) => f.write_str(host),
            Self::Socket(path) => path.display().fmt(f),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn config(what: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Config, what)
}

#[cfg(test)]
mod tests {
    use super::Address;

    fn read(text: &str) -> Option<String> {
        Address::parse(text).ok().map(|address| address.to_string())
    }

    #[test]
    fn an_address_is_the_same_however_it_is_written() {
        for (text, address) in [
            ("cache1", "cache1:11211"),
            ("Cache1:11211", "cache1:11211"),
            ("127.0.0.1:1", "127.0.0.1:1"),
            ("[::1]", "[::1]:11211"),
            ("[::1]:7", "[::1]:7"),
            ("/run/memcached.sock", "/run/memcached.sock"),
        ] {
            assert_eq!(read(text).as_deref(), Some(address));
        }
    }

    #[test]
    fn what_is_no_address_is_an_error() {
        for text in [
            "", ":1", "a:", "a:0", "a:70000", "a b", "::1", "[x]:1", "u:p@a:1", "a/b",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn no_error_shows_a_password() {
        let error = Address::parse("me:secret@host:1").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"));
    }
}
