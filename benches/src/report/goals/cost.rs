//! Goals for what a user pays.

use super::{BOUNDED, Figures, Goal, Mark, ours_over};

const REDIS: &str = "with Redis";

pub(super) const GOALS: &[Goal] = &[
    Goal {
        about: "build, default",
        must: &[
            Mark::most(
                "× cached",
                |f| ours_over(f, "build", "cached", "default"),
                0.65,
            ),
            Mark::most(
                "lines of tree",
                |f| f.median("tree", "larder", "default"),
                35.0,
            ),
        ],
        aim: &[],
    },
    Goal {
        about: "build, with Redis",
        must: &[
            Mark::most("× cached", |f| ours_over(f, "build", "cached", REDIS), 0.85),
            Mark::most("lines of tree", |f| f.median("tree", "larder", REDIS), 85.0),
        ],
        aim: &[],
    },
    Goal {
        about: "100 functions",
        must: &[
            Mark::most("× cached's extra time", |f| extra(f, "`fn`"), 0.75),
            Mark::most("× cached's, async", |f| extra(f, "`async fn`"), 0.75),
            Mark::most(
                "bytes each",
                |f| f.median("functions-bytes", "larder", "`fn`"),
                1000.0,
            ),
            Mark::most(
                "bytes each, async",
                |f| f.median("functions-bytes", "larder", "`async fn`"),
                1800.0,
            ),
        ],
        aim: &[],
    },
];

fn extra(figures: &Figures, column: &str) -> Option<f64> {
    ours_over(figures, "functions-time", BOUNDED, column)
}
