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
        let body = body
            .ok_or_else(|| wrong(format!("a fragment is what stands in a call block: {FORM}")))?;
        let timeout = timeout(&named)?;
        named.assert_all_used()?;
        let (name, values) = match values.split_first() {
            Some((name, values)) => (named_by(name)?, values),
            None => {
                return Err(Error::new(
                    ErrorKind::MissingArgument,
                    format!("a fragment has a name: {FORM}"),
                ));
            }
        };
        let vary = Vary::of(&name, values)?;
        Ok(Self {
            name,
            vary,
            timeout,
            body,
        })
    }
}

const FORM: &str = r#"{% call cached("name", what, it, varies, on, timeout=60) %}...{% endcall %}"#;

fn named_by(value: &Value) -> Result<Arc<str>, Error> {
    match value.kind() {
        ValueKind::String => value.to_str().filter(|name| !name.is_empty()),
        ValueKind::Undefined => {
            let what = "the name of a fragment (argument 1) is undefined";
            return Err(Error::new(ErrorKind::UndefinedError, what));
        }
        _ => None,
    }
    .ok_or_else(|| {
        wrong(format!(
            "the name of a fragment (argument 1) is a text, not {value:?}: {FORM}"
        ))
    })
}

fn timeout(named: &Kwargs) -> Result<Timeout, Error> {
    if !named.has("timeout") {
        return Ok(Timeout::Default);
    }
    let value = named.get::<Value>("timeout")?;
    let seconds = match value.kind() {
        ValueKind::Undefined => {
            let what = "the timeout of a fragment is undefined";
            return Err(Error::new(ErrorKind::UndefinedError, what));
        }
        ValueKind::Number => f64::try_from(value.clone()).ok(),
        _ => None,
    };
    let lifetime = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let lifetime = lifetime.filter(|lifetime| !lifetime.is_zero());
    lifetime.map(Timeout::After).ok_or_else(|| {
        let way_out = "leave it out for the cache's default timeout";
        wrong(format!(
            "the timeout of a fragment is a number of seconds above 0, not {value:?}; {way_out}"
        ))
    })
}

fn wrong(what: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, what)
}
