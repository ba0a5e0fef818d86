//! The protocol: how many actors follow which rules, and what may go wrong.

use std::fmt;

use crate::fault::Fault;
use crate::invalidator::Kind;
use crate::rule::{Rule, Rules};

/// One call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Call {
    /// The process in which it is made.
    pub(crate) process: usize,
    /// Whether it computes whatever is kept.
    pub(crate) refresh: bool,
}

/// A bounded number of actors, and the rules that they follow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Protocol {
    /// Whether everything's version is on another server than the rest.
    pub(crate) cluster: bool,
    /// The calls, in no order.
    pub(crate) calls: &'static [Call],
    /// The invalidations, in no order, and who is in the same process.
    pub(crate) invalidations: &'static [(Call, Kind)],
    /// What may go wrong, each once.
    pub(crate) faults: &'static [Fault],
    /// The rules.
    pub(crate) rules: Rules,
}

/// A call in the first process.
pub(crate) const A: Call = Call::of(0);
/// A call in the second process.
pub(crate) const B: Call = Call::of(1);
/// A call in the third process.
pub(crate) const C: Call = Call::of(2);
/// A call in the first process that computes whatever is kept.
pub(crate) const REFRESH: Call = Call {
    process: 0,
    refresh: true,
};

impl Call {
    const fn of(process: usize) -> Self {
        let refresh = false;
        Self { process, refresh }
    }
}

/// The protocol on one server: these calls and invalidations, and what may go wrong.
pub(crate) fn single(
    calls: &'static [Call],
    invalidations: &'static [(Call, Kind)],
    faults: &'static [Fault],
) -> Protocol {
    Protocol {
        cluster: false,
        calls,
        invalidations,
        faults,
        rules: Rules::without(&[]),
    }
}

/// The protocol in a cluster.
pub(crate) fn cluster(
    calls: &'static [Call],
    invalidations: &'static [(Call, Kind)],
    faults: &'static [Fault],
) -> Protocol {
    let single = single(calls, invalidations, faults);
    let cluster = true;
    Protocol { cluster, ..single }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let process = ["A", "B", "C"][self.process];
        f.write_str(process)?;
        f.write_str(if self.refresh { "!" } else { "" })
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.cluster { "cluster, " } else { "" })?;
        f.write_str("callers ")?;
        for call in self.calls {
            write!(f, "{call}")?;
        }
        for (call, kind) in self.invalidations {
            write!(f, ", {call} invalidates {kind:?}")?;
        }
        write!(f, ", {:?}, {:?}", self.faults, self.rules)
    }
}

impl Protocol {
    /// The protocol without those rules.
    pub(crate) fn without(self, rules: &'static [Rule]) -> Self {
        let rules = Rules::without(rules);
        Self { rules, ..self }
    }

    /// The process in which a call is made.
    pub(crate) fn process_of(&self, caller: usize) -> usize {
        self.calls[caller].process
    }

    /// Tells whether the rule is in force.
    pub(crate) fn holds(&self, rule: Rule) -> bool {
        self.rules.hold(rule)
    }

    /// Tells whether that can go wrong at all.
    pub(crate) fn suffers(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    /// Tells whether there is such an invalidation.
    pub(crate) fn invalidates(&self, kind: Kind) -> bool {
        self.invalidations.iter().any(|(_, of)| *of == kind)
    }
}
