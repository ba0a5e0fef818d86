//! What the guide shows is what is here: each of its blocks that is not a test of its own stands in the
//! example, line by line.

const GUIDE: &str = include_str!("../../../docs/guide/11-your-own-store.md");

const SOURCES: [&str; 5] = [
    include_str!("../src/database.rs"),
    include_str!("../src/protocol.rs"),
    include_str!("../src/rows.rs"),
    include_str!("../src/store.rs"),
    include_str!("conformance.rs"),
];

/// The whole lines of a text, without their indentation.
fn flush(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    format!("\n{}\n", lines.join("\n"))
}

/// The blocks in one language.
fn blocks(language: &str) -> Vec<&'static str> {
    let opening = format!("```{language}\n");
    let blocks = GUIDE.split(&opening).skip(1);
    blocks.filter_map(|rest| rest.split("```").next()).collect()
}

#[track_caller]
fn assert_shown(block: &str, is_in: impl Fn(&str, &str) -> bool) {
    let shown = SOURCES
        .iter()
        .any(|source| is_in(&flush(source), &flush(block)));
    assert!(shown, "not in the example:\n{block}");
}

#[test]
fn its_rust_is_the_examples() {
    let blocks = blocks("rust,ignore");
    assert!(blocks.len() > 10);
    for block in blocks {
        assert_shown(block, |source, block| source.contains(block));
    }
}

/// A statement stands between quotes.
#[test]
fn its_sql_is_the_examples() {
    let blocks = blocks("sql");
    assert!(blocks.len() > 1);
    for block in blocks {
        assert_shown(block, |source, block| source.contains(block.trim()));
    }
}
