//! All laws.

use super::law::Law;
use super::{
    contests, extending, invalidation, keys, leases, lifetimes, races, sharing, tags, user_code,
    values,
};

/// All chapters, in the order in which a store should get them right.
pub(super) fn all() -> impl Iterator<Item = &'static Law> {
    let chapters = [
        leases::LAWS,
        extending::LAWS,
        invalidation::LAWS,
        tags::LAWS,
        contests::LAWS,
        values::LAWS,
        lifetimes::LAWS,
        keys::LAWS,
        user_code::LAWS,
        races::LAWS,
        sharing::LAWS,
    ];
    chapters.into_iter().flatten()
}
