//! Hits, and nothing but hits, for a profiler: `count CONTENDER KIND HITS`.

use larder_benches::async_hit;
use larder_benches::contender::{Contender, Room, key, named};
use larder_benches::hit::{cached, larder};
use larder_benches::timing::Pass;
use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let [contender, kind, hits] = &words[..] else {
        return ExitCode::from(2);
    };
    let hits = hits.parse().unwrap_or(0);
    let (caches, waiting) = (picked(contender), waiting(contender));
    match (kind.as_str(), caches, waiting) {
        ("number", Some(caches), _) => (caches.number)(&vec![key(0); hits]),
        ("text", Some(caches), _) => (caches.text)(&vec![named(0); hits]),
        ("async", _, Some(waiting)) => waiting(&vec![key(0); hits]),
        _ => return ExitCode::from(2),
    }
    ExitCode::SUCCESS
}

fn picked(contender: &str) -> Option<Contender> {
    match contender {
        "larder" => Some(larder::at(Room::Roomy)),
        "cached" => Some(cached::plain::at(Room::Roomy)),
        "bounded" => Some(cached::bounded::at(Room::Roomy)),
        _ => None,
    }
}

/// The async one whose name begins with the contender's.
fn waiting(contender: &str) -> Option<Pass<u64>> {
    let name = match contender {
        "larder" => "larder, async",
        "bounded" => "cached, size + ttl, async",
        _ => return None,
    };
    let contenders = async_hit::contenders();
    let found = contenders.into_iter().find(|(who, _)| who.name == name);
    found.map(|(_, pass)| pass)
}
