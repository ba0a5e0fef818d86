//! The example application, running: once in memory, or twice with one cache in Redis.

use std::collections::BTreeSet;
use std::env;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::servers::child::Child;
use crate::servers::folder::Folder;
use crate::servers::resp::Answer as Reply;
use crate::servers::server::RedisServer;
use crate::servers::{PATIENCE, until};

/// Instances side by side.
pub(crate) struct Town {
    apps: Vec<App>,
    server: Option<RedisServer>,
    _users: Folder,
}

/// One instance, and a connection to it.
pub(crate) struct App {
    url: String,
    agent: ureq::Agent,
    /// Whoever has connected anew does not own it.
    _running: Option<(Child, Folder)>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: ureq::http::HeaderMap,
    pub(crate) body: String,
}

impl Town {
    pub(crate) fn in_memory() -> Self {
        let users = Folder::new();
        Self {
            apps: vec![App::start(&users, None)],
            server: None,
            _users: users,
        }
    }

    pub(crate) fn on_redis() -> Self {
        let users = Folder::new();
        let server = RedisServer::start();
        let url = format!("{}?prefix=web_v1:", server.url());
        Self {
            apps: (0..2).map(|_| App::start(&users, Some(&url))).collect(),
            server: Some(server),
            _users: users,
        }
    }

    pub(crate) fn first(&self) -> &App {
        &self.apps[0]
    }

    pub(crate) fn last(&self) -> &App {
        self.by_number(self.apps.len() - 1)
    }

    pub(crate) fn every(&self) -> impl Iterator<Item = &App> {
        self.apps.iter()
    }

    pub(crate) fn by_number(&self, number: usize) -> &App {
        &self.apps[number % self.apps.len()]
    }

    /// How often a function was computed, in all instances.
    pub(crate) fn computations(&self, function: &str) -> u64 {
        let of = |app: &App| app.function(function)["computations"].as_u64();
        self.every().filter_map(of).sum()
    }

    /// What `redis-cli --scan` would show.
    pub(crate) fn keys(&self) -> Option<BTreeSet<String>> {
        let server = self.server.as_ref()?;
        let keys = server.command(["KEYS", "*"]).list();
        Some(keys.iter().map(Reply::text).collect())
    }
}

impl App {
    fn start(users: &Folder, url: Option<&str>) -> Self {
        let folder = Folder::new();
        let log = folder.file("log");
        let mut program = Command::new(program());
        program.env("PORT", "0").env("WEB_USERS", users.path());
        program.envs(url.map(|url| ("LARDER_URL", url)));
        let child = Child::start(&program, &folder, &log);
        let mut address = None;
        until("the application listens", PATIENCE, || {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            let line = said
                .lines()
                .find_map(|line| line.strip_prefix("listening on "));
            address = line.map(str::to_owned);
            said.ends_with('\n') && address.is_some()
        });
        Self {
            url: address.expect("it listens"),
            agent: agent(),
            _running: Some((child, folder)),
        }
    }

    /// The same instance, over a connection of its own.
    pub(crate) fn connected(&self) -> Self {
        Self {
            url: self.url.clone(),
            agent: agent(),
            _running: None,
        }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[])
    }

    pub(crate) fn post(&self, path: &str, text: &str) -> Answer {
        let request = self.agent.post(format!("{}{path}", self.url));
        Answer::of(request.send(text).expect("an answer"))
    }

    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let builder = ureq::http::Request::builder().method(method);
        let builder = builder.uri(format!("{}{path}", self.url));
        // As a proxy before them would say: instances differ in their ports, and the host is in the key.
        let builder = builder.header("host", "larder.test");
        let builder = headers
            .iter()
            .fold(builder, |b, (name, value)| b.header(*name, *value));
        let request = builder.body(()).expect("a right request");
        Answer::of(self.agent.run(request).expect("an answer"))
    }

    /// What it says of a function.
    pub(crate) fn function(&self, name: &str) -> Value {
        let status = self.status();
        let mut functions = status["functions"].as_array().unwrap().iter();
        let function = functions.find(|function| function["name"] == name);
        function.cloned().unwrap_or_default()
    }

    /// The figures of the status page.
    pub(crate) fn status(&self) -> Value {
        let body = self.get("/cache/status.json").body;
        serde_json::from_str(&body).expect("figures")
    }
}

impl Answer {
    fn of(mut response: ureq::http::Response<ureq::Body>) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.body_mut().read_to_string().expect("a text"),
        }
    }

    /// What `x-cache` says.
    pub(crate) fn word(&self) -> &str {
        self.header("x-cache")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("a text"))
    }
}

/// A client that takes every status for an answer.
fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder();
    config.http_status_as_error(false).build().into()
}

/// The example, where the tests' own program is.
fn program() -> PathBuf {
    let own = env::current_exe().expect("a program");
    let target = own.ancestors().nth(2).expect("a target folder");
    let program = target.join("examples/web");
    assert!(
        program.exists(),
        "build it first: cargo build -p larder-examples --example web --features web"
    );
    program
}
