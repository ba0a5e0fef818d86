//! What may be an argument of a key.

use std::fmt::Display;

use serde_core::Serialize;

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

/// Something that can be the label of a key: everything that is `Display`.
///
/// It exists for its error message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the label of a cache key",
    label = "a label is readable in the store, so it must be `Display`",
    note = "write it as text, `key_prefix = format!(\"tenant:{{tenant}}\")`"
)]
pub trait Label: Display {}

#[diagnostic::do_not_recommend]
impl<T: Display + ?Sized> Label for T {}

/// Something that can be a tag: everything that is `Display`.
///
/// It exists for its error message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a tag",
    label = "a tag is text, so it must be `Display`",
    note = "write it as text, `tags = [format!(\"user:{{id}}\")]`"
)]
pub trait TagPart: Display {}

#[diagnostic::do_not_recommend]
impl<T: Display + ?Sized> TagPart for T {}
