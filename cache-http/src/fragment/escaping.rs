//! How the template escapes around a fragment.

use larder_core::cache::Cache;
use larder_core::error::{self, ErrorKind as CacheErrorKind};
use minijinja::value::Value;
use minijinja::{AutoEscape, Error, ErrorKind, State};
use serde::{Serialize, Serializer};

use super::vary::Vary;

/// How the template escapes: part of the key, so that text is never inserted as HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escaping {
    Html,
    Text,
    Json,
}

impl Escaping {
    /// All there are: a fragment is deleted in all of them.
    pub(super) const ALL: [Self; 3] = [Self::Html, Self::Text, Self::Json];

    /// What is in force where the fragment stands.
    pub(super) fn of(state: &State<'_, '_>) -> Result<Self, Error> {
        match state.auto_escape() {
            AutoEscape::Html => Ok(Self::Html),
            AutoEscape::None => Ok(Self::Text),
            // A variant only if somebody asks minijinja for it.
            other => match format!("{other:?}").as_str() {
                "Json" => Ok(Self::Json),
                other => {
                    let what =
                        format!("a fragment cannot be kept under the auto-escape mode {other}");
                    Err(Error::new(ErrorKind::InvalidOperation, what))
                }
            },
        }
    }

    pub(super) fn key(self, cache: &Cache, name: &str, vary: &Vary) -> error::Result<String> {
        cache.fragment_key(name, &Escaped(self, vary))
    }

    /// The text of what a body answered, as it may stand in the template.
    pub(super) fn escape(self, body: Value, state: &mut State<'_, '_>) -> Result<String, Error> {
        match body.as_str() {
            Some(text) if body.is_safe() || self == Self::Text => Ok(text.to_owned()),
            // Not from a call block, but from a function that was given as `caller`.
            _ => state.format(body),
        }
    }

    /// What goes into the template.
    pub(super) fn mark(self, rendered: String) -> Value {
        match self {
            Self::Text => Value::from(rendered),
            Self::Html | Self::Json => Value::from_safe_string(rendered),
        }
    }
}

/// There is no key, for a reason that a template would be told.
pub(super) fn no_key(error: Error) -> error::Error {
    error::Error::new(CacheErrorKind::Encode, "cannot make the key of a fragment")
        .with_source(error)
}

/// HTML is the usual case, whose key users can make. What wraps the others is nothing that a template can
/// vary on.
struct Escaped<'a>(Escaping, &'a Vary);

impl Serialize for Escaped<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Escaping::Html => self.1.serialize(serializer),
            Escaping::Text => serializer.serialize_newtype_struct("Text", self.1),
            Escaping::Json => serializer.serialize_newtype_struct("Json", self.1),
        }
    }
}
