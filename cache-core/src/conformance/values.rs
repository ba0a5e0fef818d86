//! What users see: values come back as they went in.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Debug;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Bound;
use std::time::Duration;

use super::bench::Bench;
use super::law::laws;
use super::verdict::{answered, require, same};
use crate::cache::Cache;
use crate::timeout::Timeout;
use crate::value::Value;

laws! { Values:
    Any what_was_never_kept_is_not_there,
    Nothing a_store_that_keeps_nothing_answers_nothing,
    Keeping whole_numbers_come_back,
    Keeping floats_come_back_bit_by_bit,
    Keeping truths_and_the_empty_value_come_back,
    Keeping any_text_comes_back,
    Keeping bytes_come_back,
    Keeping nested_structs_and_enums_come_back,
    Keeping maps_come_back,
    Keeping a_large_value_comes_back,
    Keeping any_text_is_a_key,
    Keeping a_value_of_another_type_is_a_counted_miss,
    Keeping a_later_value_replaces_an_earlier_one,
}

const AS_IT_WENT_IN: &str = "keep the object as it is, or all the bytes of `Item::encode` with \
                             `Item::fingerprint`, and hand out exactly those";

fn what_was_never_kept_is_not_there(bench: &Bench) {
    let (cache, _) = bench.cache();
    let advice = "what is not there is `None`, not an error";
    let got = answered(cache.get::<u64>("k").wait(), "get");
    same(&got, &None, "`get` of a new key", advice);
    let got = answered(cache.get_many::<u64, _>(["a", "b", "c"]).wait(), "get_many");
    same(&got, &vec![None; 3], "`get_many` of new keys", advice);
}

fn a_store_that_keeps_nothing_answers_nothing(bench: &Bench) {
    let (cache, _) = bench.cache();
    answered(cache.set("k", &1, 60).wait(), "set");
    answered(cache.incr("k", 1).wait(), "incr");
    cache.get_or_compute_with("k", 60, || 1).wait();
    let advice = "a store that keeps nothing reads nothing, whatever was written";
    let got = answered(cache.get::<i64>("k").wait(), "get");
    same(&got, &None, "`get` after `set`", advice);
    let got = answered(cache.has("k").wait(), "has");
    same(&got, &false, "`has` after `set`", advice);
}

/// Sends a value on every way into the store and out of it.
#[track_caller]
fn travels<T: Value + Debug>(cache: &Cache, value: &T, is_same: impl Fn(&T, &T) -> bool) {
    answered(cache.set("set", value, 60).wait(), "set");
    answered(cache.delete("added").wait(), "delete");
    answered(cache.add("added", value, 60).wait(), "add");
    answered(cache.delete("computed").wait(), "delete");
    let compute = || value.clone();
    cache.get_or_compute_with("computed", 60, compute).wait();
    let keys = ["set", "added", "computed"];
    let many = answered(cache.get_many::<T, _>(keys).wait(), "get_many");
    for (key, many) in keys.into_iter().zip(many) {
        let one = answered(cache.get::<T>(key).wait(), "get");
        for (how, got) in [("get", one), ("get_many", many)] {
            require(
                got.as_ref().is_some_and(|got| is_same(got, value)),
                format_args!(
                    "`{how}` of {key:?} answered {} for {}",
                    brief(&got),
                    brief(value)
                ),
                AS_IT_WENT_IN,
            );
        }
    }
}

/// A value for a message.
fn brief(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}... ({} bytes)", &text[..end], text.len()),
        None => text,
    }
}

#[track_caller]
fn travel<T: Value + Debug + PartialEq>(cache: &Cache, values: impl IntoIterator<Item = T>) {
    for value in values {
        travels(cache, &value, T::eq);
    }
}

fn whole_numbers_come_back(bench: &Bench) {
    let (cache, _) = bench.cache();
    travel(&cache, [0_u8, 1, u8::MAX]);
    travel(&cache, [i8::MIN, -1, i8::MAX]);
    travel(&cache, [u16::MAX]);
    travel(&cache, [i16::MIN]);
    travel(&cache, [u32::MAX]);
    travel(&cache, [i32::MIN]);
    travel(&cache, [0, u64::MAX]);
    travel(&cache, [i64::MIN, -1, i64::MAX]);
    travel(&cache, [u128::MAX]);
    travel(&cache, [i128::MIN]);
    travel(&cache, [usize::MAX]);
    travel(&cache, [isize::MIN]);
}

fn floats_come_back_bit_by_bit(bench: &Bench) {
    let (cache, _) = bench.cache();
    let signalling = f64::from_bits(0x7ff0_0000_0000_0001);
    let doubles = [
        0.0,
        -0.0,
        1.5e-310,
        f64::MAX,
        f64::NEG_INFINITY,
        f64::NAN,
        -f64::NAN,
        signalling,
    ];
    for value in doubles {
        travels(&cache, &value, |a, b| a.to_bits() == b.to_bits());
    }
    for value in [-0.0_f32, f32::MIN_POSITIVE, f32::INFINITY, f32::NAN] {
        travels(&cache, &value, |a, b| a.to_bits() == b.to_bits());
    }
}

fn truths_and_the_empty_value_come_back(bench: &Bench) {
    let (cache, _) = bench.cache();
    travel(&cache, [true, false]);
    travel(&cache, [()]);
    travel(&cache, [None, Some(0_u8)]);
    travel(&cache, [None, Some(None), Some(Some(()))]);
    travel(&cache, [Vec::<u64>::new()]);
    travel(&cache, [String::new()]);
}

fn any_text_comes_back(bench: &Bench) {
    let (cache, _) = bench.cache();
    travel(&cache, TEXTS.map(str::to_owned));
    travel(&cache, ['\0', 'ß', '\u{10ffff}']);
}

const TEXTS: [&str; 12] = [
    "plain",
    " leading and trailing ",
    "line\r\nline\ttab",
    "nul\0nul",
    "quotes \" ' ` and \\ back/slash",
    "Größe, 尺寸, حجم, גודל",
    "👩‍👩‍👧‍👦 e\u{301}",
    "{braces} and: colons:: {}",
    "../../etc/passwd",
    "%2e%2e%2f%00",
    "*?[a-z]",
    "\u{feff}byte order mark",
];

fn bytes_come_back(bench: &Bench) {
    let (cache, _) = bench.cache();
    travel(
        &cache,
        [
            (0..=u8::MAX).collect::<Vec<_>>(),
            vec![0; 1_000],
            vec![255; 1_000],
        ],
    );
}

fn nested_structs_and_enums_come_back(bench: &Bench) {
    type Nested = Result<(Vec<Option<String>>, [u16; 3]), (IpAddr, Duration)>;
    let (cache, _) = bench.cache();
    let good: Nested = Ok((vec![Some("a".into()), None, Some(String::new())], [1, 2, 3]));
    let v6 = IpAddr::V6(Ipv6Addr::LOCALHOST);
    let bad: Nested = Err((v6, Duration::new(7, 999_999_999)));
    travel(&cache, [good, bad]);
    travel(&cache, [IpAddr::V4(Ipv4Addr::BROADCAST), v6]);
    travel(
        &cache,
        [
            (Bound::Included(1), 2..5),
            (Bound::Excluded(-1), 7..9),
            (Bound::Unbounded, 0..0),
        ],
    );
    travel(
        &cache,
        [Box::new((1_u8, (2_u64, (3_i8, ((), "four".to_owned())))))],
    );
}

fn maps_come_back(bench: &Bench) {
    let (cache, _) = bench.cache();
    let pairs = TEXTS.map(|text| (text.to_owned(), vec![text.len()]));
    travel(&cache, [HashMap::from(pairs.clone()), HashMap::new()]);
    travel(&cache, [BTreeMap::from(pairs)]);
    let inner = BTreeMap::from([(1_u8, BTreeSet::from([1_i64, -1]))]);
    travel(&cache, [BTreeMap::from([((1, 2), inner)])]);
}

/// The largest value that the store promises to keep, with room for the frame around it.
fn a_large_value_comes_back(bench: &Bench) {
    let (cache, _) = bench.cache();
    let length = bench.largest().saturating_sub(1024);
    let line = "0123456789 åäö\n";
    let text = line.repeat(length / line.len());
    answered(cache.set("large", &text, 60).wait(), "set");
    let got = answered(cache.get::<String>("large").wait(), "get");
    require(
        got.as_ref() == Some(&text),
        format_args!(
            "`get` answered {} for {} bytes",
            sized(got.as_ref()),
            text.len()
        ),
        "keep it whole, or say what the largest value is: `Suite::largest_value`",
    );
}

fn sized(got: Option<&String>) -> String {
    got.map_or("nothing".into(), |got| format!("{} other bytes", got.len()))
}

fn any_text_is_a_key(bench: &Bench) {
    let (cache, _) = bench.cache();
    let long = "k".repeat(1_000);
    let mut keys: Vec<String> = TEXTS.map(str::to_owned).into();
    keys.extend([String::new(), long.clone(), long + "k"]);
    keys.extend(["a", "A", "a ", "a:b", "a:", "all", "v", "."].map(str::to_owned));
    for (number, key) in keys.iter().enumerate() {
        answered(cache.set(key, &number, 60).wait(), "set");
    }
    for (number, key) in keys.iter().enumerate() {
        let got = answered(cache.get::<usize>(key).wait(), "get");
        require(
            got == Some(number),
            format_args!("`get({})` answered {got:?}, not {number}", brief(key)),
            "keys are any text: encode what the store cannot hold, injectively, and hash what is \
             too long; or look entries up by `Key::id`",
        );
    }
}

fn a_value_of_another_type_is_a_counted_miss(bench: &Bench) {
    let (cache, _) = bench.cache();
    answered(cache.set("k", &7_u64, 60).wait(), "set");
    let advice = "never turn bytes of one type into a value of another: hand out the fingerprint \
                  that came in with them";
    let got = answered(cache.get::<String>("k").wait(), "get");
    same(&got, &None, "`get` of another type", advice);
    let got = answered(cache.get::<i64>("k").wait(), "get");
    same(&got, &None, "`get` of a type of the same size", advice);
    let stats = cache.stats();
    let counted = (stats.hits, stats.misses, stats.errors);
    same(&counted, &(0, 2, 2), "hits, misses and errors", advice);
    let computed = cache.get_or_compute_with("k", Timeout::Default, || "text".to_owned());
    same(
        &computed.wait(),
        &"text".to_owned(),
        "a computation",
        advice,
    );
    let got = answered(cache.get::<String>("k").wait(), "get");
    same(
        &got.as_deref(),
        &Some("text"),
        "`get` of the new type",
        advice,
    );
}

fn a_later_value_replaces_an_earlier_one(bench: &Bench) {
    let (cache, _) = bench.cache();
    let advice = "a write replaces whatever there is, whatever its length or type";
    for text in ["long text, long text, long text", "short", ""] {
        answered(cache.set("k", &text.to_owned(), 60).wait(), "set");
        let got = answered(cache.get::<String>("k").wait(), "get");
        same(&got.as_deref(), &Some(text), "`get`", advice);
    }
    answered(cache.set("k", &7, 60).wait(), "set");
    let got = answered(cache.get("k").wait(), "get");
    same(&got, &Some(7), "`get` after another type", advice);
}
