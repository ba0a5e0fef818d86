//! A clean debug build of a program that does nothing but depend.

use super::scratch::Scratch;
use super::{Dependency, LARDER, MEMOIZE, exact, who};
use crate::effort::Effort;
use crate::lane::{Lane, interleave};
use crate::table::Table;

const MAIN: &str = "fn main() {\n    println!(\"hello\");\n}\n";

const PLAIN: [Dependency; 4] = [
    LARDER,
    Dependency {
        name: "cached",
        lines: "cached = \"4.1\"",
    },
    MEMOIZE,
    Dependency {
        name: "moka",
        lines: "moka = { version = \"0.12\", features = [\"sync\"] }",
    },
];

const SHARED: [Dependency; 2] = [
    Dependency {
        name: "larder",
        lines: "larder = { path = \"LARDER\", features = [\"redis\"] }",
    },
    Dependency {
        name: "cached",
        lines: "cached = { version = \"4.1\", features = [\"redis_tokio\"] }",
    },
];

/// Measures builds, and counts the lines of dependency trees.
pub fn measure(effort: Effort) -> Vec<Table> {
    let title = "Clean debug build of a hello world";
    let mut times = Table::new("build", title, "s");
    let mut trees = Table::new("tree", "Lines of `cargo tree -e normal`", "lines");
    for (column, dependencies) in [("default", &PLAIN[..]), ("with Redis", &SHARED[..])] {
        let project = |dependency: &Dependency| {
            let project = Scratch::new(dependency.name, dependency.lines, MAIN);
            (dependency.name, project.expect("a project is written"))
        };
        let projects: Vec<_> = dependencies.iter().map(project).collect();
        #[allow(clippy::cast_precision_loss, reason = "hundreds")]
        let count = |(name, project): &(&str, Scratch)| {
            exact(name, project.lines().expect("cargo draws a tree") as f64)
        };
        trees.add(column, projects.iter().map(count).collect());
        let lanes = projects.iter().map(lane).collect();
        times.add(column, interleave(lanes, effort.pick(1, 5)));
    }
    vec![times, trees]
}

fn lane<'a>((name, project): &'a (&str, Scratch)) -> Lane<'a> {
    Lane::new(who(name), || {
        project.clean().expect("what was built goes");
        project.build(&[]).expect("it builds")
    })
}
