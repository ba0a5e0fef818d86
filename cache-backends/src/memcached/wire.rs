//! The meta protocol: commands on their way to a server, and answers on their way back.
//!
//! memcached answers in order, so that commands are sent in rows and answers need no number. Source:
//! *Protocol*, the file `doc/protocol.txt` of memcached, "Meta Commands".

use std::fmt::Write as _;

/// Commands in a row, which one server runs one after the other.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) bytes: Vec<u8>,
    /// So many answers there will be.
    pub(super) answers: usize,
    /// Who waits has to know, as long as there is somebody to tell.
    pub(super) insists: bool,
}

/// What is to lie under a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Put<'a> {
    pub(super) value: &'a [u8],
    /// What the value is: the 32 bits that a client may keep beside it.
    pub(super) flags: u32,
    /// When it is to be forgotten, as the protocol says it; 0 is never.
    pub(super) expires: u32,
}

impl Batch {
    /// Reads a key: its value, flags, cas and seconds to live.
    pub(super) fn get(&mut self, key: &str) {
        self.line(format_args!("mg {key} v f c t"));
    }

    /// Reads a key's flags and cas, and lets it live until another moment.
    pub(super) fn touch(&mut self, key: &str, expires: u32) {
        self.line(format_args!("mg {key} f c T{expires}"));
    }

    /// Reads a key's flags and cas.
    pub(super) fn look(&mut self, key: &str) {
        self.line(format_args!("mg {key} f c"));
    }

    /// Writes a key, whatever is there; answers its cas.
    pub(super) fn set(&mut self, key: &str, put: Put<'_>) {
        self.put(key, put, format_args!(""));
    }

    /// Writes a key if nothing is there; answers its cas.
    pub(super) fn add(&mut self, key: &str, put: Put<'_>) {
        self.put(key, put, format_args!(" ME"));
    }

    /// Writes a key if nobody has written or deleted it since it had this cas; answers the next one.
    pub(super) fn swap(&mut self, key: &str, put: Put<'_>, cas: u64) {
        self.put(key, put, format_args!(" C{cas}"));
    }

    /// Deletes a key, of which somebody has to know.
    pub(super) fn delete(&mut self, key: &str) {
        self.insists = true;
        self.line(format_args!("md {key}"));
    }

    /// Deletes keys, one after the other.
    pub(super) fn delete_all(&mut self, keys: &[String]) {
        for key in keys {
            self.delete(key);
        }
    }

    /// Reads keys, one after the other.
    pub(super) fn get_all(&mut self, keys: &[String]) {
        for key in keys {
            self.get(key);
        }
    }

    /// Deletes a key if it still has this cas.
    pub(super) fn delete_if(&mut self, key: &str, cas: u64) {
        self.line(format_args!("md {key} C{cas}"));
    }

    /// Puts other commands behind these.
    pub(super) fn append(&mut self, mut other: Self) {
        self.bytes.append(&mut other.bytes);
        self.answers += other.answers;
        self.insists |= other.insists;
    }

    fn put(&mut self, key: &str, put: Put<'_>, how: std::fmt::Arguments<'_>) {
        let (length, flags, expires) = (put.value.len(), put.flags, put.expires);
        self.line(format_args!("ms {key} {length} F{flags} T{expires} c{how}"));
        self.bytes.extend_from_slice(put.value);
        self.bytes.extend_from_slice(b"\r\n");
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        let mut text = String::new();
        write!(text, "{line}\r\n").ok();
        self.bytes.extend_from_slice(text.as_bytes());
        self.answers += 1;
    }
}

/// What the server answers to one command.
#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    /// What lies under the key.
    Found(Found),
    /// It is done; what was written has this cas.
    Done(u64),
    /// Nothing lies under the key.
    Absent,
    /// Something else lies under the key: nothing was written or deleted.
    Exists,
    /// The server does not take it: too large, or it has no room.
    Refused(String),
}

/// What lies under a key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Found {
    pub(super) value: Vec<u8>,
    pub(super) flags: u32,
    pub(super) cas: u64,
    /// Seconds to live; -1 has no end.
    pub(super) left: i64,
}

/// What came from a server, of which the last answer may not be whole yet.
#[derive(Debug, Default)]
pub(super) struct Answers {
    bytes: Vec<u8>,
    start: usize,
}

/// What no server says: the connection is of no use any more.
#[derive(Debug, PartialEq)]
pub(super) struct Nonsense(pub(super) String);

impl Answers {
    /// Adds what came.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        if self.start > self.bytes.len() / 2 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Takes the next answer, if it is whole.
    pub(super) fn take(&mut self) -> Result<Option<Answer>, Nonsense> {
        let rest = &self.bytes[self.start..];
        let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") else {
            return match rest.len() {
                ..LONGEST_LINE => Ok(None),
                _ => Err(Nonsense("a line without an end".to_owned())),
            };
        };
        let line = String::from_utf8_lossy(&rest[..end]);
        let after = &rest[end + 2..];
        let (answer, length) = match line.strip_prefix("VA ") {
            None => (read(&line)?, 0),
            Some(line) => match read_value(line, after)? {
                Some(value) => value,
                None => return Ok(None),
            },
        };
        self.start += end + 2 + length;
        Ok(Some(answer))
    }
}

/// The lines of memcached are shorter.
const LONGEST_LINE: usize = 2_048;

/// An answer without a value.
fn read(line: &str) -> Result<Answer, Nonsense> {
    let (code, rest) = line.split_once(' ').unwrap_or((line, ""));
    Ok(match code {
        "HD" => {
            let found = flags_of(rest)?;
            Answer::Done(found.cas)
        }
        "EN" | "NF" => Answer::Absent,
        "NS" | "EX" => Answer::Exists,
        "SERVER_ERROR" => Answer::Refused(rest.to_owned()),
        _ => return Err(Nonsense(line.to_owned())),
    })
}

/// A value, whose bytes come behind its line, and how many those are with their end; nothing if they
/// are not all here.
fn read_value(line: &str, after: &[u8]) -> Result<Option<(Answer, usize)>, Nonsense> {
    let (length, flags) = line.split_once(' ').unwrap_or((line, ""));
    let length: usize = number(length)?;
    let Some((value, end)) = after.split_at_checked(length) else {
        return Ok(None);
    };
    match end {
        [b'\r', b'\n', ..] => {}
        [] | [b'\r'] => return Ok(None),
        _ => return Err(Nonsense("a value without an end".to_owned())),
    }
    let mut found = flags_of(flags)?;
    found.value = value.to_vec();
    Ok(Some((Answer::Found(found), length + 2)))
}

/// The flags of an answer: a letter and a number each.
fn flags_of(flags: &str) -> Result<Found, Nonsense> {
    let mut found = Found::default();
    for flag in flags.split(' ').filter(|flag| !flag.is_empty()) {
        let (letter, value) = flag.split_at_checked(1).unwrap_or((flag, ""));
        match letter {
            "f" => found.flags = number(value)?,
            "c" => found.cas = number(value)?,
            "t" => found.left = number(value)?,
            _ => {}
        }
    }
    Ok(found)
}

fn number<N: std::str::FromStr>(text: &str) -> Result<N, Nonsense> {
    text.parse().map_err(|_| Nonsense(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8], at_once: usize) -> Result<Vec<Answer>, Nonsense> {
        let mut answers = Answers::default();
        let mut taken = Vec::new();
        for part in bytes.chunks(at_once) {
            answers.feed(part);
            while let Some(answer) = answers.take()? {
                taken.push(answer);
            }
        }
        Ok(taken)
    }

    #[test]
    fn commands_are_written_as_the_protocol_has_them() {
        let mut batch = Batch::default();
        let put = Put {
            value: b"abc",
            flags: 7,
            expires: 60,
        };
        batch.get("k");
        batch.add("k", put);
        batch.swap("k", put, 9);
        batch.delete_if("k", 9);
        let expected =
            "mg k v f c t\r\nms k 3 F7 T60 c ME\r\nabc\r\nms k 3 F7 T60 c C9\r\nabc\r\nmd k C9\r\n";
        assert_eq!(String::from_utf8(batch.bytes).unwrap(), expected);
        assert_eq!(batch.answers, 4);
    }

    #[test]
    fn answers_are_read_wherever_they_are_cut() {
        let bytes = b"VA 4 f7 c5 t-1\r\n\r\n\r\n\r\nHD c12\r\nEN\r\nNS c3\r\nEX\r\nNF\r\nSERVER_ERROR object too large for cache\r\nHD\r\n";
        let found = Found {
            value: b"\r\n\r\n".to_vec(),
            flags: 7,
            cas: 5,
            left: -1,
        };
        let expected = [
            Answer::Found(found),
            Answer::Done(12),
            Answer::Absent,
            Answer::Exists,
            Answer::Exists,
            Answer::Absent,
            Answer::Refused("object too large for cache".to_owned()),
            Answer::Done(0),
        ];
        for at_once in 1..=bytes.len() {
            assert_eq!(all(bytes, at_once).unwrap(), expected, "{at_once} at once");
        }
    }

    #[test]
    fn what_no_server_says_ends_the_connection() {
        for bytes in [
            &b"VA x\r\n"[..],
            b"VA 1 f1\r\nabc\r\n",
            b"CLIENT_ERROR bad data chunk\r\n",
            b"ERROR\r\n",
            b"HD cx\r\n",
            b"+OK\r\n",
        ] {
            assert!(all(bytes, bytes.len()).is_err(), "{bytes:?}");
        }
        assert!(all(&[b'x'; LONGEST_LINE], LONGEST_LINE).is_err());
    }
}
