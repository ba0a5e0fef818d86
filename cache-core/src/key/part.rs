//! What may be an argument of a key.

use serde::Serialize;

/// Something that can be part of a cache key: everything that is `Serialize`.
///
/// It exists for its error message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of a cache key",
    label = "this argument is part of the key, so it must be `Serialize`",
    note = "leave it out of the key with `skip(...)`",
    note = "or say what the key is made of with `key = (...)`",
    note = "or make it `Serialize`: `#[derive(serde::Serialize)]`"
)]
pub trait KeyPart: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> KeyPart for T {}

/// Something that can be the label of a key: everything that turns into a `String`.
///
/// It exists for its error message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the label of a cache key",
    label = "a label is text",
    note = "write it as text, `key_prefix = format!(\"tenant:{{tenant}}\")`"
)]
pub trait Label: Into<String> {}

#[diagnostic::do_not_recommend]
impl<T: Into<String>> Label for T {}
