//! Goals in Redis.

use super::{Figures, Goal, Mark, ours_over, over};

const STORE: &str = "cached, Redis store";
const TASKS: &str = "64 tasks on one thread";

pub(super) const GOALS: &[Goal] = &[
    Goal {
        about: "Redis: hit, 1 task, p50",
        must: &[Mark::most(
            "× a bare `MGET`",
            |f| over_limit(f, "redis-latency", "p50"),
            1.2,
        )],
        aim: &[Mark::most(
            "× a bare `MGET`",
            |f| over_limit(f, "redis-latency", "p50"),
            1.03,
        )],
    },
    Goal {
        about: "Redis: 64 tasks, calls a second",
        must: &[
            Mark::least(
                "× a bare `MGET`",
                |f| over_limit(f, "redis-throughput", TASKS),
                0.85,
            ),
            Mark::least(
                "× cached",
                |f| ours_over(f, "redis-throughput", STORE, TASKS),
                1.0,
            ),
        ],
        aim: &[Mark::least(
            "× a bare `MGET`",
            |f| over_limit(f, "redis-throughput", TASKS),
            0.95,
        )],
    },
    Goal {
        about: "Redis: not async, 1 thread",
        must: &[Mark::most(
            "× cached",
            |f| ours_over(f, "redis-sync", STORE, "1 thread"),
            0.7,
        )],
        aim: &[],
    },
    Goal {
        about: "Redis: while it is down",
        must: &[
            Mark::most(
                "µs a call",
                |f| f.median("redis-down", "larder", "after 20 calls"),
                20.0,
            ),
            Mark::most(
                "ms to the first hit",
                |f| f.median("redis-recovery", "larder", "until a hit"),
                1000.0,
            ),
        ],
        aim: &[],
    },
];

/// larder's figure over that of the bare client.
fn over_limit(figures: &Figures, id: &str, column: &str) -> Option<f64> {
    ours_over(figures, id, limit(figures, id)?, column)
}

/// The same of calls with their callers' sockets.
pub(super) fn lent_over_limit(figures: &Figures) -> Option<f64> {
    let (id, lent) = ("redis-throughput", "larder, `callers_sockets`");
    over(figures, id, lent, limit(figures, id)?, TASKS)
}

/// The line of the bare client.
fn limit<'f>(figures: &'f Figures, id: &str) -> Option<&'f str> {
    let lines = &figures.table(id)?.lines;
    let limit = lines.iter().find(|line| line.has.is_none())?;
    Some(&limit.name)
}
