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
    note = "or derive `serde::Serialize` for `{Self}`"
)]
pub trait KeyPart: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> KeyPart for T {}
