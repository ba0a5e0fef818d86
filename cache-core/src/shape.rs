//! The shape of a type: what its `Deserialize` asks for, in which order.
//!
//! Bytes without names, as postcard writes them, are read rightly by a type that asks for the same
//! things in the same order, and by others wrongly, and silently. So a type is asked what it asks
//! for: its `Deserialize` runs against a deserializer that has no bytes, writes the questions down
//! and answers them with plausible values. One pass is not enough. It sees one variant of an enum;
//! for each of the others there is a pass that repeats what led to the enum, and takes this one.
//! And a type may refuse a value: then the pass is repeated with another. The fingerprint is the
//! hash of what all the passes wrote down.
//!
//! Names of Rust types only tell what was met before, so that a type inside of itself comes to an
//! end. They are not part of the hash: a type may move to another module. That is different for a
//! type of which something stays unseen.
//!
//! The idea is that of the crate `serde-reflection`, which makes a schema for other languages, and
//! an error of what it cannot see.

mod choice;
mod descent;
mod known;
mod met;
mod offers;
mod pass;
mod refused;
mod script;
mod tape;
#[cfg(test)]
mod tests;
mod tracer;

use std::any::type_name;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_core::de::DeserializeOwned;
use xxhash_rust::xxh64::xxh64;

use self::met::Met;
use self::pass::Pass;
use self::refused::Refused;
use self::script::{Branch, Script};
use self::tracer::Tracer;

pub(crate) use self::known::fingerprint;

/// The shape of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    /// Types of one shape share it.
    fingerprint: u64,
    /// Whether all of the type was seen. If not, its name is part of the fingerprint.
    whole: bool,
}

/// Finds the shape of a type, by running its `Deserialize`: once for each variant of each enum.
fn shape<T: DeserializeOwned>() -> Shape {
    let mut trace = Trace::new();
    trace.run(&|pass| T::deserialize(Tracer::new(pass)).map(drop));
    trace.finish(type_name::<T>())
}

/// The shape of a type that cannot be asked now: its name.
fn shape_by_name<T>() -> Shape {
    let mut trace = Trace::new();
    trace.met.give_up();
    trace.finish(type_name::<T>())
}

/// Runs the `Deserialize` of a type.
type Visit<'a> = &'a dyn Fn(&mut Pass<'_>) -> Result<(), Refused>;

/// A type that is being asked.
struct Trace {
    met: Met,
    /// The passes to make.
    todo: VecDeque<Branch>,
    /// The checksums of the tapes, one after the other.
    sums: Vec<u8>,
}

impl Trace {
    fn new() -> Self {
        Self {
            met: Met::new(),
            todo: VecDeque::new(),
            sums: Vec::new(),
        }
    }

    fn run(&mut self, visit: Visit<'_>) {
        self.follow(Script::default(), visit);
        while let Some(branch) = self.todo.pop_front()
            && !self.met.has_given_up()
        {
            self.follow(branch.script(), visit);
        }
    }

    /// Makes one pass: anew, as long as something is refused and there is something else to offer.
    fn follow(&mut self, mut script: Script, visit: Visit<'_>) {
        loop {
            let mut pass = Pass::new(&mut self.met, script);
            attempt(&mut pass, visit);
            if !pass.is_to_be_repeated() {
                let (tape, branches) = pass.close();
                let sum = xxh64(tape.bytes(), 0);
                self.sums.extend(sum.to_le_bytes());
                self.todo.extend(branches);
                return;
            }
            script = pass.into_script();
        }
    }

    fn finish(&self, name: &str) -> Shape {
        let whole = self.met.is_whole();
        let name = if whole { "" } else { name };
        let seen = xxh64(&self.sums, whole.into());
        Shape {
            fingerprint: xxh64(name.as_bytes(), seen),
            whole,
        }
    }
}

/// Runs the user's code. A panic in there must not cost a call its value: it ends the passes, so
/// that what it leaves behind is only read.
fn attempt(pass: &mut Pass<'_>, visit: Visit<'_>) {
    if catch_unwind(AssertUnwindSafe(|| pass.run(visit))).is_err() {
        pass.give_up();
    }
}
