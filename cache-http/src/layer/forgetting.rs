//! What responses are forgotten with: the tags of their paths, and those of the layer's own.

use http::StatusCode;
use http::request::Parts;

use crate::layer::paths;
use crate::layer::policy::Policy;
use crate::layer::target;

/// What the response to a request is forgotten with.
pub(crate) fn tags(policy: &Policy, parts: &Parts) -> Vec<String> {
    let paths = target::paths(parts).flat_map(paths::tags);
    let own = policy.tags.iter().flat_map(|tags| tags(parts));
    paths.chain(own).collect()
}

/// What a request may change: its own path, if its method is not one that changes nothing (RFC 9111
/// §4.4).
pub(crate) fn changed_by(parts: &Parts) -> Vec<String> {
    if parts.method.is_safe() {
        return Vec::new();
    }
    target::paths(parts).map(paths::covered).collect()
}

/// Forgets what a request changed, if it was answered with success.
pub(crate) async fn forget(policy: &Policy, changed: Vec<String>, status: StatusCode) {
    if status.is_client_error() || status.is_server_error() {
        return;
    }
    for tag in changed {
        // The cache counts it, and repeats it, if the store does not confirm it.
        drop(policy.serving().into_invalidated_tag(tag).await);
    }
}
