//! Law: the key of a call is the same in every process, on every platform, in every build.
//!
//! A change here makes every deployed cache cold: change the encoding only on purpose.
#![allow(clippy::needless_pass_by_value)] // what a function takes is what is tested

mod common;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use larder::backends::Memory;
use larder::{Cache, cached, memoize, scope};
use serde::Serialize;

static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);

fn prefixed(prefix: &str, seed: [u8; 16]) -> Cache {
    Cache::builder()
        .backend(Memory::new(100))
        .key_prefix(prefix)
        .hash_seed(seed)
        .build()
        .expect("a right configuration")
}

#[derive(Serialize)]
struct Filter {
    name: String,
    limits: (u8, Option<u16>),
}

#[derive(Serialize)]
enum Order {
    Up,
    By(u8),
    Range { from: i32, to: i32 },
}

#[memoize(cache = CACHE)]
fn nothing() -> u64 {
    0
}

#[memoize(cache = CACHE)]
fn square(n: u64) -> u64 {
    n * n
}

#[memoize(cache = CACHE)]
fn texts(a: &str, b: String) -> usize {
    a.len() + b.len()
}

#[memoize(cache = CACHE)]
fn numbers(a: i8, b: u128, c: f32, d: f64, e: char, f: bool, g: usize) -> u64 {
    let _ = (a, b, c, d, e, f, g);
    0
}

#[memoize(cache = CACHE)]
fn compounds(filter: &Filter, orders: &[Order], unit: (), pair: (u8, u8)) -> u64 {
    let _ = (filter, orders, unit, pair);
    0
}

#[memoize(cache = CACHE)]
fn collections(
    map: HashMap<u8, String>,
    set: HashSet<u16>,
    tree: BTreeMap<String, Vec<Option<bool>>>,
) -> u64 {
    let _ = (map, set, tree);
    0
}

#[memoize(cache = CACHE, key = (a + b, c.as_str()))]
fn chosen(a: u32, b: u32, c: String) -> u64 {
    u64::from(a + b) + c.len() as u64
}

#[memoize(cache = CACHE, skip(secret))]
fn skipping(secret: &str, n: u64) -> u64 {
    n + secret.len() as u64
}

#[memoize(cache = CACHE, key_prefix = format!("tenant:{tenant}"))]
fn labelled(tenant: u32, n: u64) -> u64 {
    n + u64::from(tenant)
}

#[memoize(cache = CACHE, name = "shop::price")]
fn named(n: u64) -> u64 {
    n
}

#[memoize(cache = CACHE, version = 3)]
fn versioned(n: u64) -> u64 {
    n
}

#[cached(cache = CACHE, key_prefix = "homepage")]
fn home() -> String {
    "home".into()
}

#[cached(cache = CACHE, key_prefix = "pages")]
fn page(n: u64) -> String {
    n.to_string()
}

#[memoize(cache = CACHE)]
fn generic<T: Default>(n: u64) -> u64 {
    let _ = T::default();
    n
}

struct Shop<const N: usize>;

impl<const N: usize> Shop<N> {
    #[memoize(cache = CACHE)]
    async fn price(n: u64) -> u64 {
        n + N as u64
    }
}

fn all() -> Vec<String> {
    let filter = Filter {
        name: "größe".into(),
        limits: (1, Some(2)),
    };
    let orders = [Order::Up, Order::By(1), Order::Range { from: -1, to: 1 }];
    let map = HashMap::from([(1, "a".to_owned()), (2, "b".to_owned())]);
    let set = HashSet::from([1, 2, 3]);
    let tree = BTreeMap::from([("x".to_owned(), vec![None, Some(true)])]);
    let keys = [
        memoized_nothing().key(),
        memoized_square(4).key(),
        memoized_texts("ab", "c".into()).key(),
        memoized_numbers(-1, 2, 0.5, -0.0, 'ß', true, 7).key(),
        memoized_compounds(&filter, &orders, (), (1, 2)).key(),
        memoized_collections(map, set, tree).key(),
        memoized_chosen(1, 2, "x".into()).key(),
        memoized_skipping(4).key(),
        memoized_labelled(7, 4).key(),
        memoized_named(4).key(),
        memoized_versioned(4).key(),
        memoized_home().key(),
        memoized_page(4).key(),
        memoized_generic::<u8>(4).key(),
        memoized_generic::<Option<u8>>(4).key(),
        Shop::<3>::memoized_price(4).key(),
    ];
    keys.map(Result::unwrap).into()
}

#[test]
fn golden_keys_without_a_prefix() {
    let golden = [
        "{golden_keys::nothing}:57f4849fa470d7c3591b4233400e6332",
        "{golden_keys::square}:082c05963a8a39b9486c98005dba1e53",
        "{golden_keys::texts}:a8529daf695adbabc683c1af3804a9bb",
        "{golden_keys::numbers}:a491b862320e2f6706807e2c1945a862",
        "{golden_keys::compounds}:c7665a0c02dd87bb6212d618c33015d3",
        "{golden_keys::collections}:b803a29be03bd6dfc24af3fbccdc5719",
        "{golden_keys::chosen}:19c6fdfe4545acc9ba9456656c7f2c0e",
        "{golden_keys::skipping}:9acc1c91e1d17ebea251c0f276e3ed9f",
        "{golden_keys::labelled}:tenant:7:9e5533dcc0d5e2ed19c21efc31f072be",
        "{shop::price}:5d25c03421a113c74da8b04b4d7ac43b",
        "{golden_keys::versioned}:aa943cd01db43f9023f7a8f72940f411",
        "{homepage}",
        "{pages}:c800157ce32c1f625b95fbb6c3986845",
        "{golden_keys::generic}:a0cce59c82b1be7d19abe3238261ed93",
        "{golden_keys::generic}:02b98d8a812a57dbbf3dcfa90020430c",
        "{golden_keys::Shop<3>::price}:0e6121b3788a433da0c59995bc7e0ecf",
    ];
    assert_eq!(all(), golden);
}

#[test]
fn golden_keys_with_a_prefix_and_a_seed() {
    let cache = prefixed("my_app_v1:", *b"0123456789abcdef");
    let golden = [
        "my_app_v1:{golden_keys::nothing}:205072994ad3a46ae97c1dd39a3cf228",
        "my_app_v1:{golden_keys::square}:db5dd6bb57a3061ef0fe0f2a3fd1b3b4",
        "my_app_v1:{golden_keys::texts}:9add21142fd0631c84516967932237c6",
        "my_app_v1:{golden_keys::numbers}:2fb299c3f98eb06c202994fd7b5c4b84",
        "my_app_v1:{golden_keys::compounds}:fd633830337780a06c6b3b5207e7ae83",
        "my_app_v1:{golden_keys::collections}:a710be80d792ec31429e2b782afce75e",
        "my_app_v1:{golden_keys::chosen}:1b539c9fc631611afe7aeecdd07c8390",
        "my_app_v1:{golden_keys::skipping}:fcaa8b1567b30ff362874c298353434b",
        "my_app_v1:{golden_keys::labelled}:tenant:7:a76ecb84be7f1e9052fe784a4e7b4756",
        "my_app_v1:{shop::price}:c9c2def45a3c32d98a80fb575ad24e92",
        "my_app_v1:{golden_keys::versioned}:b6996868a0ef780dc1dee4e5f7d19cde",
        "my_app_v1:{homepage}",
        "my_app_v1:{pages}:d42e20427539b28113d5ccf2e4a3856b",
        "my_app_v1:{golden_keys::generic}:bd640a54da04f31333f9845282e989d0",
        "my_app_v1:{golden_keys::generic}:fb53145d8298ac3eeb0edaefbacc28f7",
        "my_app_v1:{golden_keys::Shop<3>::price}:2408e637d1f25ecf3f0b2bbb524ed8fb",
    ];
    assert_eq!(scope::with_cache_sync(&cache, all), golden);
}

#[test]
fn a_prefix_changes_nothing_but_the_beginning() {
    let cache = prefixed("other:", [0; 16]);
    let expected: Vec<_> = all().iter().map(|key| format!("other:{key}")).collect();
    assert_eq!(scope::with_cache_sync(&cache, all), expected);
}

#[test]
fn a_seed_changes_every_hash_and_no_name() {
    let cache = prefixed("", [7; 16]);
    let seeded = scope::with_cache_sync(&cache, all);
    for (plain, seeded) in all().iter().zip(&seeded) {
        match (plain.rsplit_once("}:"), seeded.rsplit_once("}:")) {
            (Some(plain), Some(seeded)) => {
                assert_eq!(plain.0, seeded.0);
                assert_ne!(plain.1, seeded.1);
            }
            _ => assert_eq!((&**plain, &**seeded), ("{homepage}", "{homepage}")),
        }
    }
}

#[test]
fn what_a_literal_prefix_names_is_addressed_by_its_name() {
    let cache = common::cache();
    scope::with_cache_sync(&cache, || {
        assert_eq!(memoized_home().key().unwrap(), "{homepage}");
        assert_eq!(cache.get::<String>("homepage").wait().unwrap(), None);
        home();
        assert_eq!(
            cache.get::<String>("homepage").wait().unwrap(),
            Some("home".into())
        );
        assert!(cache.delete("homepage").wait().unwrap());
        assert_eq!(memoized_home().get().wait().unwrap(), None);
        cache
            .set("homepage", &"by hand".to_owned(), 60)
            .wait()
            .unwrap();
        assert_eq!(home(), "by hand");
        assert!(delete_memoized_home().unwrap());
        assert!(!cache.has("homepage").wait().unwrap());
        home();
        delete_all_memoized_home().unwrap();
        assert!(!cache.has("homepage").wait().unwrap());
    });
}

#[test]
fn auto_versions_follow_the_body() {
    mod before {
        #[larder::memoize(cache = super::CACHE, name = "auto", version = auto)]
        pub(crate) fn of(n: u64) -> u64 {
            n + 1
        }
    }
    mod after {
        #[larder::memoize(cache = super::CACHE, name = "auto", version = auto)]
        pub(crate) fn of(n: u64) -> u64 {
            n + 2
        }
    }
    mod relaid {
        #[larder::memoize(cache = super::CACHE, name = "auto", version = auto)]
        pub(crate) fn of(n: u64) -> u64 {
            // A comment, and another layout.
            n + 1
        }
    }
    let keys = [
        before::memoized_of(1),
        after::memoized_of(1),
        relaid::memoized_of(1),
    ];
    let keys = keys.map(|entry| entry.key().unwrap());
    assert_ne!(keys[0], keys[1]);
    assert_eq!(keys[0], keys[2]);
    assert_eq!((before::of(1), after::of(1), relaid::of(1)), (2, 3, 2));
}
