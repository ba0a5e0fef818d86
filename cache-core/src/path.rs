//! The path of a function, read off the type name of a closure inside it.

/// Makes the path of a function called `name` of the type name of a closure inside it, or inside
/// one of its siblings.
///
/// `shop::Repo<u8>::delete_memoized_load<u16>::{{closure}}` and `load` give `shop::Repo<u8>::load`:
/// the generic arguments of the type stay, the function's own go.
pub(crate) fn function(closure: &str, name: &str) -> String {
    let mut path = closure;
    while let Some(outer) = path.strip_suffix("::{{closure}}") {
        path = outer;
    }
    let parent = match last_separator(path) {
        Some(end) => &path[..end],
        None => "",
    };
    format!("{parent}::{name}").replace("{{closure}}", "closure")
}

/// The generic arguments in a path, `<u8>` of `shop::Repo<u8>::load`: what tells instances apart
/// when the path itself is replaced.
pub(crate) fn outer_generics(path: &str) -> String {
    let inside = levels(path).filter(|(_, level, _)| *level > 0);
    inside.map(|(_, _, char)| char).collect()
}

/// The last `::` outside of angle brackets.
fn last_separator(path: &str) -> Option<usize> {
    let outside = levels(path).filter(|(_, level, _)| *level == 0);
    outside
        .filter(|(at, _, _)| path[*at..].starts_with("::"))
        .map(|(at, _, _)| at)
        .last()
}

/// Every character with its place and the angle brackets around it; brackets count as inside. The
/// arrow of a function type is no bracket.
fn levels(path: &str) -> impl Iterator<Item = (usize, usize, char)> {
    let mut level = 0_usize;
    let mut last = ' ';
    path.char_indices().map(move |(at, char)| {
        let closes = char == '>' && last != '-';
        last = char;
        if char == '<' {
            level += 1;
        }
        let here = level;
        if closes {
            level = level.saturating_sub(1);
        }
        (at, here, char)
    })
}

#[cfg(test)]
mod tests {
    use super::{function, outer_generics};

    #[test]
    fn a_path_is_read_off_a_closure() {
        let cases = [
            ("shop::square::{{closure}}", "shop::square"),
            (
                "shop::delete_memoized_square::{{closure}}::{{closure}}",
                "shop::square",
            ),
            (
                "shop::Foo<u8>::m<u16>::{{closure}}",
                "shop::Foo<u8>::square",
            ),
            (
                "<a::Foo<&str> as a::Tr>::z::{{closure}}",
                "<a::Foo<&str> as a::Tr>::square",
            ),
            (
                "a::main::{{closure}}::incl::{{closure}}",
                "a::main::closure::square",
            ),
            (
                "a::g<3, i32, a::main::{{closure}}>::{{closure}}",
                "a::square",
            ),
            (
                "a::Foo<fn(u8) -> b::C>::m<fn() -> d::E>::{{closure}}",
                "a::Foo<fn(u8) -> b::C>::square",
            ),
        ];
        for (closure, path) in cases {
            assert_eq!(function(closure, "square"), path);
        }
    }

    #[test]
    fn generic_arguments_of_the_type_are_found() {
        assert_eq!(outer_generics("shop::Repo<u8>::load"), "<u8>");
        assert_eq!(outer_generics("shop::load"), "");
        assert_eq!(
            outer_generics("a::F<fn(u8) -> C<u8>>::m"),
            "<fn(u8) -> C<u8>>"
        );
    }
}
