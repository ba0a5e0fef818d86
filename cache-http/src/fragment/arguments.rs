//! What is written in a call block.

use std::sync::Arc;
use std::time::Duration;

use larder_core::timeout::Timeout;
use minijinja::value::{Kwargs, Value, ValueKind, from_args};
use minijinja::{Error, ErrorKind};

use super::vary::Vary;

/// The arguments of `{% call cached(name, ..vary, timeout=..) %}body{% endcall %}`.
pub(super) struct Arguments {
    pub(super) name: Arc<str>,
    pub(super) vary: Vary,
    pub(super) timeout: Timeout,
    /// What renders the body.
    pub(super) body: Value,
}

impl Arguments {
    pub(super) fn parse(arguments: &[Value]) -> Result<Self, Error> {
        let (values, named) = from_args::<(&[Value], Kwargs)>(arguments)?;
        let body = named.get::<Option<Value>>("caller")?;
        let without = || wrong(format!("a fragment is what stands in a call block: {FORM}"));
        let body = body.ok_or_else(without)?;
        let timeout = timeout(&named)?;
        named.assert_all_used()?;
        let nameless = || {
            let what = format!("a fragment has a name: {FORM}");
            Error::new(ErrorKind::MissingArgument, what)
        };
        let (name, values) = values.split_first().ok_or_else(nameless)?;
        let name = text(name)?;
        Ok(Self {
            vary: Vary::of(&name, values)?,
            name,
            timeout,
            body,
        })
    }
}

const FORM: &str = r#"{% call cached("name", what, it, varies, on, timeout=60) %}...{% endcall %}"#;

/// The name.
fn text(value: &Value) -> Result<Arc<str>, Error> {
    let what = "the name of a fragment (argument 1)";
    match value.kind() {
        ValueKind::Undefined => return Err(undefined(what)),
        ValueKind::String => value.to_str().filter(|name| !name.is_empty()),
        _ => None,
    }
    .ok_or_else(|| wrong(format!("{what} is a text, not {}: {FORM}", shown(value))))
}

fn timeout(named: &Kwargs) -> Result<Timeout, Error> {
    if !named.has("timeout") {
        return Ok(Timeout::Default);
    }
    let what = "the timeout of a fragment";
    let value = named.get::<Value>("timeout")?;
    let seconds = match value.kind() {
        ValueKind::Undefined => return Err(undefined(what)),
        ValueKind::Number => f64::try_from(value.clone()).ok(),
        _ => None,
    };
    let lifetime = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let lifetime = lifetime.filter(|lifetime| !lifetime.is_zero());
    lifetime.map(Timeout::After).ok_or_else(|| {
        let way_out = "leave it out for the cache's default timeout";
        let value = shown(&value);
        wrong(format!(
            "{what} is a number of seconds above 0, not {value}; {way_out}"
        ))
    })
}

/// A number, or what kind of thing it is: an error message is no place for users' data.
fn shown(value: &Value) -> String {
    match value.kind() {
        ValueKind::Number => value.to_string(),
        ValueKind::String if value.is_true() => "a text".to_owned(),
        ValueKind::String => "an empty text".to_owned(),
        kind => kind.to_string(),
    }
}

fn undefined(what: &str) -> Error {
    Error::new(ErrorKind::UndefinedError, format!("{what} is undefined"))
}

fn wrong(what: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, what)
}
