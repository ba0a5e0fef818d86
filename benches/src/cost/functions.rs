//! What an annotated function adds: time to a debug rebuild, bytes to a stripped release.

use super::scratch::Scratch;
use super::{CACHED, Dependency, LARDER, MEMOIZE, who};
use crate::effort::Effort;
use crate::lane::{Lane, interleave};
use crate::stats::Cell;
use crate::table::{Table, Who};
use std::fmt::Write;

/// Functions that both programs have, so that what the first one brings along is not counted.
const FEW: usize = 10;
const HUNDRED: usize = 100;

/// A way to annotate a function.
#[derive(Clone, Copy, Debug)]
struct Kind {
    dependency: Dependency,
    attribute: &'static str,
    name: &'static str,
    /// `async ` or nothing.
    keyword: &'static str,
}

impl Kind {
    const fn new(
        dependency: Dependency,
        attribute: &'static str,
        name: &'static str,
        keyword: &'static str,
    ) -> Self {
        Self {
            dependency,
            attribute,
            name,
            keyword,
        }
    }
}

const BOUNDED: &str = "#[cached::macros::cached(max_size = 1000, ttl_secs = 60)]";
const OURS: &str = "#[larder::memoize(timeout = 60)]";
const SHARED: &str = "#[memoize::memoize(SharedCache, Capacity: 1000, TimeToLive: std::time::Duration::from_secs(60))]";

const PLAIN: &[Kind] = &[
    Kind::new(LARDER, OURS, "larder", ""),
    Kind::new(CACHED, BOUNDED, "cached, size + ttl", ""),
    Kind::new(MEMOIZE, SHARED, "memoize, shared, capacity + ttl", ""),
];

const ASYNC: &[Kind] = &[
    Kind::new(LARDER, OURS, "larder", "async "),
    Kind::new(CACHED, BOUNDED, "cached, size + ttl", "async "),
];

/// Measures 100 functions more.
pub fn measure(effort: Effort) -> Vec<Table> {
    let title = "100 annotated functions: extra time of a debug rebuild";
    let mut times = Table::new("functions-time", title, "s");
    let title = "A stripped release, for each annotated function";
    let mut sizes = Table::new("functions-bytes", title, "bytes").note("`opt-level` 3, no LTO.");
    for (column, kinds) in [("`fn`", PLAIN), ("`async fn`", ASYNC)] {
        let project = |kind: &Kind| {
            let name = format!("{}{}", kind.keyword, kind.name);
            let project = Scratch::new(&name, kind.dependency.lines, &program(kind, FEW));
            (*kind, project.expect("a project is written"))
        };
        let projects: Vec<_> = kinds.iter().map(project).collect();
        let lanes = projects.iter().map(lane).collect();
        times.add(column, interleave(lanes, effort.pick(1, 7)));
        sizes.add(column, projects.iter().map(bytes).collect());
    }
    vec![times, sizes]
}

/// The time with many functions, less the time with few.
fn lane((kind, project): &(Kind, Scratch)) -> Lane<'_> {
    let time = |functions| {
        let written = project.write(&program(kind, functions));
        written
            .and_then(|()| project.build(&[]))
            .expect("it builds")
    };
    time(FEW);
    Lane::new(who(kind.name), move || {
        let few = time(FEW);
        time(FEW + HUNDRED) - few
    })
}

#[allow(clippy::cast_precision_loss, reason = "a few megabytes")]
fn bytes((kind, project): &(Kind, Scratch)) -> (Who, Cell) {
    let size = |functions| {
        let written = project.write(&program(kind, functions));
        written
            .and_then(|()| project.build(&["--release"]))
            .expect("it builds");
        project.released().expect("it was built") as f64
    };
    let few = size(FEW);
    let many = size(FEW + HUNDRED);
    (who(kind.name), Cell::exact((many - few) / HUNDRED as f64))
}

/// A program with so many functions, all of them called.
fn program(kind: &Kind, functions: usize) -> String {
    let mut text = String::from("#![allow(dead_code, unused)]\n");
    let (attribute, keyword) = (kind.attribute, kind.keyword);
    for number in 0..functions {
        let _ = writeln!(
            text,
            "{attribute}\n{keyword}fn f{number}(n: u64, name: String) -> String {{\n    \
             format!(\"{{name}} {{}}\", n + {number})\n}}"
        );
    }
    text.push_str("fn main() {\n    let n = std::env::args().count() as u64;\n");
    for number in 0..functions {
        let call = format!("f{number}(n, \"a\".to_owned())");
        let _ = match keyword {
            "" => writeln!(text, "    println!(\"{{}}\", {call});"),
            _ => writeln!(
                text,
                "    drive(Box::pin(async move {{ println!(\"{{}}\", {call}.await) }}));"
            ),
        };
    }
    text.push_str("}\n");
    if !keyword.is_empty() {
        text.push_str(DRIVE);
    }
    text
}

/// The smallest executor.
const DRIVE: &str = "\
fn drive(mut work: std::pin::Pin<Box<dyn Future<Output = ()>>>) {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    while work.as_mut().poll(&mut context).is_pending() {}
}
";
