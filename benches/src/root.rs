//! Where the workspace is.

use std::path::Path;

/// The workspace's root, where this was built.
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}
