//! Law 6 of `Backend` for tags, which cut across groups.

use super::bench::Bench;
use super::invalidation::{require_absent_after, require_moved, versions};
use super::law::laws;
use super::verdict::same;

laws! { Invalidation:
    Keeping an_invalidated_tag_is_not_read_again,
    Keeping an_invalidated_tag_does_not_store,
}

fn an_invalidated_tag_is_not_read_again(bench: &Bench) {
    let desk = bench.desk();
    let red = desk.keys.tagged("f", 1, &["red"]);
    let both = desk.keys.tagged("g", 1, &["blue", "red"]);
    let blue = desk.keys.tagged("f", 2, &["blue"]);
    let none = desk.keys.member("red", 3);
    let all = [&red, &both, &blue, &none];
    for round in 0..3 {
        for key in all {
            desk.delete(key);
            desk.keep(key, round);
        }
        desk.invalidate_tag("red");
        require_absent_after(&desk, &red);
        require_absent_after(&desk, &both);
        for key in [&blue, &none] {
            let what = "`read` of what does not have the tag that was invalidated";
            same(&desk.read(key), &Some(round), what, versions(&desk));
        }
        desk.invalidate_tag("a tag that nobody has");
        desk.invalidate_tag("blue");
        require_absent_after(&desk, &blue);
        same(
            &desk.read(&none),
            &Some(round),
            "`read` of what has no tags",
            versions(&desk),
        );
    }
}

fn an_invalidated_tag_does_not_store(bench: &Bench) {
    let desk = bench.desk();
    for tags in [&["red"][..], &["blue", "red"], &["red", "violet"]] {
        let key = desk.keys.tagged("f", 1, tags);
        let lease = desk.lease(&key);
        desk.invalidate_tag("red");
        require_moved(&desk, &key, desk.store(&key, lease, 1));
        desk.keep(&key, 2);
        desk.delete(&key);
    }
}
