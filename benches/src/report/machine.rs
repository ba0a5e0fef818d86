//! The machine, as far as it matters.

use std::{fs, thread};

/// Says what it has, without its name or a path of it.
pub(super) fn machine() -> String {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let model = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = model
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("", |model| model.trim_start_matches([' ', '\t', ':']));
    let model = if model.is_empty() {
        ""
    } else {
        &format!(" ({model})")
    };
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    format!("{cores} cores{model}, {os} on {arch}")
}
