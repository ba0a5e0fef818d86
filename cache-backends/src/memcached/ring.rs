//! Which server has an entry: rendezvous hashing.
//!
//! Every process comes to the same answer from the same list, in whatever order; a server more or
//! less moves only the entries that are or were its own. Source: Thaler and Ravishankar, *Using
//! name-based mappings to increase hit rates*, 1998.

use larder_core::key::KeyHasher;

/// The servers, by what their addresses hash to.
#[derive(Debug)]
pub(super) struct Ring(Vec<u128>);

impl Ring {
    pub(super) fn new(addresses: impl Iterator<Item = impl ToString>) -> Self {
        let seeds = addresses.map(|address| {
            let mut hasher = KeyHasher::new(0);
            hasher.run(address.to_string().as_bytes());
            hasher.finish()
        });
        Self(seeds.collect())
    }

    /// The server of an entry.
    pub(super) fn server(&self, entry: &[u8]) -> usize {
        if self.0.len() == 1 {
            return 0;
        }
        let score = |seed: &u128| {
            let mut hasher = KeyHasher::new(*seed);
            hasher.run(entry);
            hasher.finish()
        };
        let servers = 0..self.0.len();
        let best = servers.max_by_key(|server| score(&self.0[*server]));
        best.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Ring;

    const SERVERS: [&str; 4] = ["a:1", "b:1", "c:1", "d:1"];

    fn place<'a>(servers: &[&'a str], entry: u32) -> &'a str {
        servers[Ring::new(servers.iter()).server(entry.to_string().as_bytes())]
    }

    #[test]
    fn a_server_less_moves_only_its_own_entries() {
        let three = [SERVERS[3], SERVERS[0], SERVERS[1]];
        for entry in 0..1_000 {
            let (before, after) = (place(&SERVERS, entry), place(&three, entry));
            assert!(before == after || before == SERVERS[2]);
        }
    }

    #[test]
    fn entries_are_spread_evenly() {
        for server in SERVERS {
            let own = (0..4_000).filter(|entry| place(&SERVERS, *entry) == server);
            let own = own.count();
            assert!((800..1_200).contains(&own), "{server} has {own} of 4000");
        }
    }

    /// Processes that were built at different times share their servers.
    #[test]
    fn places_never_change() {
        let places: String = (0..24).map(|entry| place(&SERVERS, entry)).collect();
        let places = places.replace(":1", "");
        assert_eq!(places, "acddccdbccbcdadcaccdabac");
    }
}
