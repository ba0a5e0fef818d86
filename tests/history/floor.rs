//! Below which moment nothing may have been computed.

use std::collections::HashMap;

use super::record::Id;
use super::scope::{Keyspace, Scope};

/// The latest invalidation, by its beginning: what it covers was computed since.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Floor {
    pub(super) begin: u64,
    pub(super) invalidation: Id,
}

/// The floors of all scopes.
#[derive(Default)]
pub(super) struct Floors(HashMap<Scope, Floor>);

impl Floors {
    pub(super) fn raise(&mut self, scope: Scope, floor: Floor) {
        let present = self.0.entry(scope).or_insert(floor);
        if floor.begin > present.begin {
            *present = floor;
        }
    }

    /// The highest floor under a key.
    pub(super) fn of(&self, keys: &Keyspace, key: u32) -> Option<Floor> {
        let scopes = keys.scopes(key).into_iter();
        let floors = scopes.filter_map(|scope| self.0.get(&scope).copied());
        floors.max_by_key(|floor| floor.begin)
    }
}
