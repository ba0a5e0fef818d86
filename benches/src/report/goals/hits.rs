//! Goals in this process.

use super::{BOUNDED, Figures, Goal, Mark, ZIPF, ZIPF_2, ours_over, ours_over_best, worse};

const FROZEN: &str = "limit: frozen table, fast hash, clone";
const HOT: &str = "one key, 1 thread";
const HOT_2: &str = "one key, 2 threads";

pub(super) const GOALS: &[Goal] = &[
    Goal {
        about: "hit `u64`, 1 thread",
        must: &[Mark::most(
            "× cached, size + ttl",
            |f| ours_over(f, "hit-u64", BOUNDED, ZIPF),
            0.5,
        )],
        aim: &[
            Mark::most("× cached", |f| ours_over(f, "hit-u64", "cached", ZIPF), 0.5),
            Mark::most(
                "× the limit",
                |f| ours_over(f, "hit-u64", FROZEN, ZIPF),
                2.0,
            ),
        ],
    },
    Goal {
        about: "hit string, 1 thread",
        must: &[Mark::most(
            "× cached, size + ttl",
            |f| ours_over(f, "hit-string", BOUNDED, ZIPF),
            0.6,
        )],
        aim: &[
            Mark::most(
                "× cached",
                |f| ours_over(f, "hit-string", "cached", ZIPF),
                0.9,
            ),
            Mark::most(
                "× the limit",
                |f| ours_over(f, "hit-string", FROZEN, ZIPF),
                1.3,
            ),
        ],
    },
    Goal {
        about: "2 threads, one key and many (the worse)",
        must: &[
            Mark::most("× own time for 1", two_over_one, 1.2),
            Mark::most("× best bounded peer with a timeout", two_over_best, 0.3),
        ],
        aim: &[Mark::most("× own time for 1", two_over_one, 1.05)],
    },
    Goal {
        about: "95 % hits with eviction, 2 threads",
        must: &[Mark::most(
            "× best bounded peer with a timeout",
            |f| ours_over_best(f, "evict", "`u64`"),
            0.6,
        )],
        aim: &[Mark::most(
            "× quick_cache",
            |f| ours_over(f, "evict", "quick_cache", "`u64`"),
            1.0,
        )],
    },
    Goal {
        about: "`Arc` of 4 KiB",
        must: &[Mark::most(
            "× cached, size + ttl",
            |f| ours_over(f, "hit-arc", BOUNDED, ZIPF),
            0.6,
        )],
        aim: &[Mark::most(
            "× cached",
            |f| ours_over(f, "hit-arc", "cached", ZIPF),
            0.95,
        )],
    },
    Goal {
        about: "async hit",
        must: &[
            Mark::most("ns over a plain hit", async_extra, 10.0),
            Mark::most(
                "allocations",
                |f| f.median("allocations", "larder, async", "`async`, `u64`"),
                0.0,
            ),
        ],
        aim: &[Mark::most("ns over a plain hit", async_extra, 3.0)],
    },
    Goal {
        about: "miss, single flight on",
        must: &[
            Mark::most("ns for the flight", flight, 60.0),
            Mark::most(
                "× cached by_key",
                |f| ours_over(f, "miss", BY_KEY, "not async"),
                1.2,
            ),
        ],
        aim: &[
            Mark::most("ns for the flight", flight, 40.0),
            Mark::most(
                "× cached by_key",
                |f| ours_over(f, "miss", BY_KEY, "not async"),
                1.1,
            ),
            Mark::most(
                "× cached by_key, async",
                |f| ours_over(f, "miss", BY_KEY, "async"),
                0.5,
            ),
        ],
    },
    Goal {
        about: "64 tasks on one missing key, two threads",
        must: &[Mark::most(
            "× quick_cache",
            |f| crowd(f, "quick_cache, `get_or_insert`"),
            1.2,
        )],
        aim: &[Mark::most(
            "× 64 bare runs",
            |f| crowd(f, "64 bare runs of the body"),
            0.9,
        )],
    },
    Goal {
        about: "memory an entry, 10 000",
        must: &[
            Mark::most(
                "bytes, `u64`",
                |f| f.median("memory", "larder", NUMBERS),
                80.0,
            ),
            Mark::most(
                "bytes, 32 B string",
                |f| f.median("memory", "larder", TEXTS),
                140.0,
            ),
        ],
        aim: &[
            Mark::most(
                "bytes, `u64`",
                |f| f.median("memory", "larder", NUMBERS),
                48.0,
            ),
            Mark::most(
                "bytes, 32 B string",
                |f| f.median("memory", "larder", TEXTS),
                118.0,
            ),
        ],
    },
    Goal {
        about: "bound and policy",
        must: &[
            Mark::most("% of the bound at rest", fullest, 101.0),
            Mark::most("points below moka, worst trace", below_moka, 2.0),
        ],
        aim: &[Mark::most(
            "points below moka, worst trace",
            below_moka,
            0.0,
        )],
    },
];

const BY_KEY: &str = "cached, size + ttl, by_key";
const NUMBERS: &str = "`u64` → `u64`, 10 000";
const TEXTS: &str = "`u64, &str` → 32 B `String`, 10 000";

fn two_over_one(figures: &Figures) -> Option<f64> {
    two_by_one(figures, "larder")
}

/// What two threads cost a table that is never written: so much they cost on this machine.
pub(super) fn two_over_one_frozen(figures: &Figures) -> Option<f64> {
    two_by_one(figures, FROZEN)
}

fn two_by_one(figures: &Figures, line: &str) -> Option<f64> {
    let ratio = |two, one| {
        let time = |column| figures.median("hit-u64", line, column);
        Some(time(two)? / time(one)?)
    };
    worse(ratio(HOT_2, HOT), ratio(ZIPF_2, ZIPF))
}

fn two_over_best(figures: &Figures) -> Option<f64> {
    let ratio = |column| ours_over_best(figures, "hit-u64", column);
    worse(ratio(HOT_2), ratio(ZIPF_2))
}

fn async_extra(figures: &Figures) -> Option<f64> {
    let time = |line| figures.median("async-hit", line, ZIPF);
    Some(time("larder, async")? - time("larder, not async")?)
}

fn flight(figures: &Figures) -> Option<f64> {
    let time = |line| figures.median("miss", line, "not async");
    Some(time("larder")? - time("larder, `flight = none`")?)
}

fn crowd(figures: &Figures, other: &str) -> Option<f64> {
    ours_over(figures, "crowd", other, "two threads")
}

fn fullest(figures: &Figures) -> Option<f64> {
    let table = figures.table("bound")?;
    let full = |column: &String| table.median("larder", column);
    table.columns.iter().filter_map(full).reduce(f64::max)
}

/// The line of the policy.
const ALONE: &str = "larder, the store alone";

/// How many points larder's hit ratio lies below moka's at the worst; above is negative.
fn below_moka(figures: &Figures) -> Option<f64> {
    let tables = ["ratio-1000", "ratio-10000"]
        .into_iter()
        .filter_map(|id| figures.table(id));
    let below = tables.flat_map(|table| {
        let below =
            |column: &String| Some(table.median("moka", column)? - table.median(ALONE, column)?);
        table.columns.iter().filter_map(below).collect::<Vec<_>>()
    });
    below.reduce(f64::max)
}
