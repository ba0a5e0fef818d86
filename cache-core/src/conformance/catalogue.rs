//! All laws.

use super::law::Law;
use super::{
    contests, extending, invalidation, keys, leases, lifetimes, processes, races, sharing, tags,
    user_code, values,
};

/// All chapters, in the order in which a store should get them right.
pub(super) fn all() -> impl Iterator<Item = &'static Law> {
    let chapters = [
        leases::LAWS,
        extending::LAWS,
        invalidation::LAWS,
        tags::LAWS,
        contests::LAWS,
        values::LAWS,
        lifetimes::LAWS,
        keys::LAWS,
        user_code::LAWS,
        races::LAWS,
        sharing::LAWS,
        processes::LAWS,
    ];
    chapters.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::all;

    #[test]
    fn the_documentation_lists_every_law_under_its_chapter() {
        let mut listed = Vec::new();
        let mut chapter = "";
        for line in include_str!("laws.md").lines() {
            if let Some(rest) = line.strip_prefix("**[`") {
                chapter = rest.split_once('`').map_or(rest, |(name, _)| name);
            } else if let Some(law) = line.strip_prefix("* ") {
                listed.push(format!("{chapter}: {law}"));
            }
        }
        let mut laws: Vec<_> = all()
            .map(|law| format!("{:?}: `{}`", law.chapter, law.name))
            .collect();
        listed.sort();
        laws.sort();
        assert_eq!(listed, laws);
    }
}
