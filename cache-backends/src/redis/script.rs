//! The scripts, called by their hash, and what is sent to the server.

use std::sync::OnceLock;

use redis::{Cmd, Script};

/// What runs in the server in one step.
#[derive(Debug)]
pub(super) struct Lua {
    text: &'static str,
    hash: OnceLock<String>,
}

macro_rules! scripts {
    ($($name:ident = $file:literal;)+) => {
        $(pub(super) static $name: Lua = Lua {
            text: concat!(include_str!("scripts/versions.lua"), include_str!($file)),
            hash: OnceLock::new(),
        };)+

        /// All of them, to be loaded when a connection opens.
        pub(super) static ALL: &[&Lua] = &[$(&$name),+];
    };
}

scripts! {
    ACQUIRE = "scripts/acquire.lua";
    STORE = "scripts/store.lua";
    EXTEND = "scripts/extend.lua";
    RELEASE = "scripts/release.lua";
    FORGET = "scripts/forget.lua";
    WRITE = "scripts/write.lua";
    ADD = "scripts/add.lua";
    INCR = "scripts/incr.lua";
    TTL = "scripts/ttl.lua";
    VERSION = "scripts/version.lua";
    OUTLIVE = "scripts/outlive.lua";
}

impl Lua {
    /// The command that makes the server know the script.
    pub(super) fn load(&self) -> Cmd {
        let mut command = redis::cmd("SCRIPT");
        command.arg("LOAD").arg(self.text);
        command
    }

    fn hash(&self) -> &str {
        let hash = || Script::new(self.text).get_hash().to_owned();
        self.hash.get_or_init(hash)
    }
}

/// A command, as often as it has to be sent.
#[derive(Debug)]
pub(super) enum Call {
    Plain(Cmd, String),
    Script(Invocation),
}

/// A script with its keys and arguments.
#[derive(Debug)]
pub(super) struct Invocation {
    script: &'static Lua,
    keys: Vec<String>,
    arguments: Vec<Vec<u8>>,
}

impl Call {
    /// Reads several keys, of one slot.
    pub(super) fn mget<'k>(keys: impl IntoIterator<Item = &'k String>) -> Self {
        let mut command = redis::cmd("MGET");
        let mut route = None;
        for key in keys {
            route.get_or_insert(key);
            command.arg(key);
        }
        Self::Plain(command, route.cloned().unwrap_or_default())
    }

    /// A command with one key.
    pub(super) fn plain(name: &str, key: &str) -> Self {
        let mut command = redis::cmd(name);
        command.arg(key);
        Self::Plain(command, key.to_owned())
    }

    /// Runs a script.
    pub(super) fn script<'k>(
        script: &'static Lua,
        keys: impl IntoIterator<Item = &'k String>,
    ) -> Self {
        Self::Script(Invocation {
            script,
            keys: keys.into_iter().cloned().collect(),
            arguments: Vec::new(),
        })
    }

    /// Adds an argument to a script.
    pub(super) fn arg(mut self, argument: impl Into<Vec<u8>>) -> Self {
        if let Self::Script(invocation) = &mut self {
            invocation.arguments.push(argument.into());
        }
        self
    }

    /// Adds a number to a script's arguments.
    pub(super) fn number(self, number: impl Into<i128>) -> Self {
        self.arg(number.into().to_string())
    }

    /// Adds yes or no to a script's arguments.
    pub(super) fn flag(self, flag: bool) -> Self {
        self.arg(if flag { "1" } else { "0" })
    }

    /// A key that says to which server it goes.
    pub(super) fn route(&self) -> &str {
        match self {
            Self::Plain(_, route) => route,
            Self::Script(invocation) => invocation.keys.first().map_or("", String::as_str),
        }
    }

    /// The command, short: by the script's hash.
    pub(super) fn command(&self) -> Cmd {
        match self {
            Self::Plain(command, _) => command.clone(),
            Self::Script(invocation) => invocation.call("EVALSHA", invocation.script.hash()),
        }
    }

    /// Makes the command for a server that does not know the script (any more); it does afterwards.
    pub(super) fn in_full(&self) -> Option<impl FnOnce() -> Cmd> {
        match self {
            Self::Plain(..) => None,
            Self::Script(invocation) => Some(|| invocation.call("EVAL", invocation.script.text)),
        }
    }
}

impl Invocation {
    fn call(&self, name: &str, script: &str) -> Cmd {
        let mut command = redis::cmd(name);
        command.arg(script).arg(self.keys.len());
        command.arg(&self.keys).arg(&self.arguments);
        command
    }
}
