//! What a history shows.

use std::fmt;

use super::figures::Figures;

/// What must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Law {
    /// Fresh after invalidate: for everybody, once it is acknowledged.
    Fresh,
    /// An invalidation holds at once in its own process, acknowledged or not.
    Own,
    /// One computation of a key at a time.
    Exclusive,
    /// A value is what was computed under its key.
    Right,
    /// An error reaches nobody but the call whose body failed.
    Errors,
    /// Every call ends.
    Ends,
    /// Who is left at the end caches, and is heard.
    Recovered,
}

/// A law that was broken, and how.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) law: Law,
    pub(crate) story: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.law, self.story)
    }
}

/// What was found, and in how much.
#[derive(Default)]
pub(crate) struct Verdict {
    pub(crate) findings: Vec<Finding>,
    pub(crate) figures: Figures,
}

/// So many findings are told; the rest are counted.
const TOLD: usize = 8;

impl Verdict {
    pub(super) fn find(&mut self, law: Law, story: String) {
        self.findings.push(Finding { law, story });
    }

    /// How often a law was broken.
    pub(crate) fn breaches(&self, law: Law) -> usize {
        let of_law = |finding: &&Finding| finding.law == law;
        self.findings.iter().filter(of_law).count()
    }

    /// Fails if a law was broken.
    #[track_caller]
    pub(crate) fn assert_lawful(&self) {
        assert!(self.findings.is_empty(), "{self}");
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.figures)?;
        if self.findings.is_empty() {
            return Ok(());
        }
        write!(f, "\n{} findings", self.findings.len())?;
        for finding in self.findings.iter().take(TOLD) {
            write!(f, "\n  {finding}")?;
        }
        Ok(())
    }
}
