//! Law: for every combination of attribute arguments, the key that a delete computes is the key
//! that the call computes.
#![allow(clippy::needless_pass_by_value)] // what a function takes is what is tested

mod common;

use common::Runs;
use larder::Entry;

/// What is asked of one function, with one argument set and with another.
struct Function<'a> {
    runs: &'a Runs,
    call: &'a dyn Fn() -> String,
    other: &'a dyn Fn() -> String,
    delete: &'a dyn Fn() -> larder::Result<bool>,
    entry: &'a dyn Fn() -> Entry<String>,
    delete_all: &'a dyn Fn() -> larder::Result<()>,
}

impl Function<'_> {
    fn agrees(&self) {
        assert!(!(self.delete)().unwrap(), "nothing was kept yet");
        let value = (self.call)();
        assert_eq!((self.call)(), value);
        assert_eq!(self.runs.so_far(), 1, "the second call hits");
        (self.other)();
        assert_eq!(self.runs.so_far(), 2, "other arguments are another entry");
        assert_eq!(self.kept(), Some(value));
        assert!((self.delete)().unwrap(), "the delete finds the entry");
        assert_eq!(self.kept(), None);
        (self.other)();
        assert_eq!(self.runs.so_far(), 2, "the other entry is still there");
        (self.call)();
        assert_eq!(self.runs.so_far(), 3, "the deleted one is not");
        self.forgets_everything();
    }

    fn forgets_everything(&self) {
        assert!((self.entry)().delete().wait().unwrap());
        assert!(!(self.delete)().unwrap());
        (self.call)();
        (self.delete_all)().unwrap();
        assert_eq!(self.kept(), None);
        (self.call)();
        (self.other)();
        assert_eq!(self.runs.so_far(), 6, "all entries were forgotten");
    }

    fn kept(&self) -> Option<String> {
        (self.entry)().get().wait().unwrap()
    }
}

/// One function under many attributes: each in a module, with a cache of its own.
macro_rules! matrix {
    ($shape:ident, [$($extra:tt)*], $function:tt, $call:expr, $other:expr, $delete:expr, $entry:expr) => {
        mod $shape {
            matrix!(@each [$($extra)*] $function, $call, $other, $delete, $entry,
                alone: [],
                version: [version = 2],
                version_of_body: [version = auto],
                name: [name = "shop::f"],
                name_and_version: [name = "shop::f", version = 7],
                prefix: [key_prefix = "page"],
                prefix_and_version: [key_prefix = "page", version = 2],
                prefix_and_name: [key_prefix = "page", name = "shop::f"],
                prefix_name_version: [key_prefix = "page", name = "shop::f", version = auto],
                local: [local],
                local_prefix: [local, key_prefix = "page"],
                local_name_version: [local, name = "shop::f", version = 3],
                timed: [timeout = "1h 30m", jitter = 0.5],
                forever: [timeout = never, flight = none],
                hooked: [cache_if = |v| !v.is_empty(), is_stale = |v| v.is_empty(), flight = process],
            );
        }
    };
    (@each $extra:tt $function:tt, $call:expr, $other:expr, $delete:expr, $entry:expr,
        $($test:ident: $args:tt,)*) => {
        $(matrix!(@one $test $args $extra $function, $call, $other, $delete, $entry);)*
    };
    (@one $test:ident [$($args:tt)*] [$($extra:tt)*] {$($function:tt)*},
        $call:expr, $other:expr, $delete:expr, $entry:expr) => {
        mod $test {
            use crate::common::{self, Runs};
            #[allow(unused_imports)]
            use crate::{Wrapped, User, Db};
            use larder::{Cache, memoize};
            use std::sync::LazyLock;

            static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
            static RUNS: Runs = Runs::new();

            #[memoize(cache = CACHE, $($extra)* $($args)*)]
            $($function)*

            #[test]
            fn agrees() {
                crate::Function {
                    runs: &RUNS,
                    call: &|| $call,
                    other: &|| $other,
                    delete: &|| $delete,
                    entry: &|| $entry,
                    delete_all: &|| delete_all_memoized_f(),
                }
                .agrees();
            }
        }
    };
}

/// What cannot be part of a key.
pub(crate) struct Db;

pub(crate) struct Wrapped<T>(pub(crate) T);

#[derive(serde::Serialize)]
pub(crate) struct User {
    pub(crate) id: u64,
    pub(crate) name: String,
}

matrix!(
    all_arguments,
    [],
    {
        fn f(a: u64, b: &str, c: Option<Vec<u8>>) -> String {
            RUNS.count();
            format!("{a} {b} {c:?}")
        }
    },
    f(1, "x", None),
    f(1, "y", None),
    delete_memoized_f(1, "x", None),
    memoized_f(1, "x", None)
);

matrix!(
    skipped_first,
    [skip(db),],
    {
        fn f(db: &Db, a: u64, b: String) -> String {
            let Db = db;
            RUNS.count();
            format!("{a} {b}")
        }
    },
    f(&Db, 1, "x".into()),
    f(&Db, 2, "x".into()),
    delete_memoized_f(1, "x".into()),
    memoized_f(1, "x".into())
);

matrix!(
    skipped_in_between,
    [skip(db, trace),],
    {
        fn f(a: u64, db: &Db, b: &[u8], trace: u64) -> String {
            let Db = db;
            RUNS.count();
            let _ = trace;
            format!("{a} {b:?}")
        }
    },
    f(1, &Db, &[1], RUNS.so_far()),
    f(1, &Db, &[2], 0),
    delete_memoized_f(1, &[1]),
    memoized_f(1, &[1])
);

matrix!(
    chosen_key,
    [key = (user.id, tenant.to_lowercase()),],
    {
        fn f(db: &Db, user: &User, tenant: &str) -> String {
            let Db = db;
            RUNS.count();
            format!("{} {} {tenant}", user.id, user.name)
        }
    },
    f(
        &Db,
        &User {
            id: 1,
            name: "a".into()
        },
        "T"
    ),
    f(
        &Db,
        &User {
            id: 2,
            name: "a".into()
        },
        "t"
    ),
    delete_memoized_f(
        &User {
            id: 1,
            name: "b".into()
        },
        "t"
    ),
    memoized_f(
        &User {
            id: 1,
            name: "c".into()
        },
        "T"
    )
);

matrix!(
    single_key,
    [key = user.id + 1,],
    {
        fn f(user: User, ignored: f32) -> String {
            RUNS.count();
            let _ = ignored;
            user.id.to_string()
        }
    },
    f(
        User {
            id: 1,
            name: "a".into()
        },
        1.0
    ),
    f(
        User {
            id: 2,
            name: "a".into()
        },
        1.0
    ),
    delete_memoized_f(User {
        id: 1,
        name: String::new()
    }),
    memoized_f(User {
        id: 1,
        name: String::new()
    })
);

matrix!(
    patterns,
    [],
    {
        fn f(
            Wrapped(a): Wrapped<u64>,
            (mut b, [c, _]): (u64, [u8; 2]),
            User { id, name: ref text }: User,
            _: Db,
            &d: &u8,
        ) -> String {
            RUNS.count();
            b += 1;
            format!("{a} {b} {c} {id} {text} {d}")
        }
    },
    f(
        Wrapped(1),
        (2, [3, 4]),
        User {
            id: 5,
            name: "x".into()
        },
        Db,
        &6
    ),
    f(
        Wrapped(1),
        (2, [3, 4]),
        User {
            id: 5,
            name: "x".into()
        },
        Db,
        &7
    ),
    delete_memoized_f(
        Wrapped(1),
        (2, [3, 9]),
        User {
            id: 5,
            name: "x".into()
        },
        &6
    ),
    memoized_f(
        Wrapped(1),
        (2, [3, 0]),
        User {
            id: 5,
            name: "x".into()
        },
        &6
    )
);

matrix!(
    skipped_part_of_a_pattern,
    [skip(b),],
    {
        fn f((a, b): (u64, u64), Wrapped(_): Wrapped<Db>) -> String {
            RUNS.count();
            let _ = b;
            a.to_string()
        }
    },
    f((1, 2), Wrapped(Db)),
    f((2, 2), Wrapped(Db)),
    delete_memoized_f((1, 3)),
    memoized_f((1, 4))
);

matrix!(
    generic,
    [],
    {
        fn f<T: serde::Serialize + std::fmt::Debug + PartialEq + ?Sized, const N: usize>(
            a: &T,
            b: &[u8],
        ) -> String {
            RUNS.count();
            format!("{a:?} {b:?} {N}")
        }
    },
    f::<str, 1>("x", &[1]),
    f::<str, 2>("x", &[1]),
    delete_memoized_f::<str, 1>("x", &[1]),
    memoized_f::<str, 1>("x", &[1])
);

matrix!(
    impl_trait,
    [skip(log),],
    {
        fn f(a: impl serde::Serialize + std::fmt::Debug, log: impl Fn(&str)) -> String {
            RUNS.count();
            log("run");
            format!("{a:?}")
        }
    },
    f(1_u8, |_| ()),
    f(1_u16, |_| ()),
    delete_memoized_f(1_u8),
    memoized_f(1_u8)
);

matrix!(
    mutable,
    [],
    {
        fn f(mut a: u64, mut b: String) -> String {
            RUNS.count();
            a += 1;
            b.push('!');
            format!("{a} {b}")
        }
    },
    f(1, "x".into()),
    f(2, "x".into()),
    delete_memoized_f(1, "x".into()),
    memoized_f(1, "x".into())
);

/// The same with a label, which takes the place of a literal prefix.
macro_rules! labels {
    ($($test:ident: [$($args:tt)*] {$($function:tt)*} $call:expr, $other:expr, $delete:expr, $entry:expr;)*) => {
        $(matrix!(@one $test [$($args)*] [] {$($function)*}, $call, $other, $delete, $entry);)*
    };
}

labels! {
    label_over_a_parameter: [key_prefix = format!("tenant:{tenant}")] {
        fn f(tenant: u32, n: u64) -> String {
            RUNS.count();
            format!("{tenant} {n}")
        }
    } f(1, 2), f(2, 2), delete_memoized_f(1, 2), memoized_f(1, 2);

    label_over_a_skipped_parameter: [key_prefix = format!("tenant:{}", tenant.id), skip(tenant)] {
        fn f(n: u64, tenant: &User) -> String {
            RUNS.count();
            format!("{} {n}", tenant.id)
        }
    }
        f(1, &User { id: 1, name: "a".into() }),
        f(1, &User { id: 2, name: "a".into() }),
        delete_memoized_f(1, &User { id: 1, name: "b".into() }),
        memoized_f(1, &User { id: 1, name: "c".into() });

    label_and_key: [key_prefix = format!("{tenant:>4}"), key = n / 10, version = 1] {
        fn f(tenant: &str, n: u64, other: &str) -> String {
            RUNS.count();
            format!("{tenant} {} {}", n / 10, other.len())
        }
    } f("a", 11, "x"), f("b", 11, "x"), delete_memoized_f("a", 12), memoized_f("a", 19);

    label_is_a_text: [key_prefix = tenant] {
        fn f(tenant: &str, n: u64) -> String {
            RUNS.count();
            format!("{tenant} {n}")
        }
    } f("a", 1), f("b", 1), delete_memoized_f("a", 1), memoized_f("a", 1);

    label_is_an_owned_text: [key_prefix = tenant.clone(), name = "labelled"] {
        fn f(tenant: String, n: u64) -> String {
            RUNS.count();
            format!("{tenant} {n}")
        }
    } f("a".into(), 1), f("b".into(), 1), delete_memoized_f("a".into(), 1), memoized_f("a".into(), 1);

    label_alone: [key_prefix = format!("tenant:{tenant}"), skip(tenant)] {
        fn f(tenant: u32) -> String {
            RUNS.count();
            tenant.to_string()
        }
    } f(1), f(2), delete_memoized_f(1), memoized_f(1);
}

mod methods {
    use super::common;
    use larder::{Cache, memoize};
    use serde::Serialize;
    use std::sync::Arc;

    #[derive(Serialize)]
    pub(crate) struct Shop {
        id: u64,
        #[serde(skip)]
        cache: Option<Cache>,
    }

    impl Shop {
        fn new(id: u64) -> Self {
            let cache = Some(common::cache());
            Self { id, cache }
        }

        fn cache(&self) -> &Cache {
            self.cache.as_ref().expect("made by `new`")
        }

        #[memoize(cache = self.cache())]
        fn price(&self, item: u64) -> u64 {
            self.id * 100 + item
        }

        #[memoize(cache = self.cache(), skip(self))]
        fn list(&self, item: u64) -> u64 {
            item
        }

        #[memoize(cache = self.cache(), key = (self.id, item))]
        async fn stock(&self, item: u64, noise: f32) -> u64 {
            let _ = noise;
            self.id + item
        }

        #[memoize(cache = self.cache(), skip(self), key_prefix = format!("shop:{}", self.id))]
        fn shared(self: &Arc<Self>, item: u64) -> u64 {
            item
        }
    }

    #[test]
    fn a_delete_takes_self_if_the_key_or_the_cache_does() {
        let shop = Shop::new(1);
        assert_eq!((shop.price(5), shop.list(5)), (105, 5));
        assert!(shop.delete_memoized_price(5).unwrap());
        assert!(shop.delete_memoized_list(5).unwrap());
        shop.price(5);
        shop.delete_all_memoized_price().unwrap();
        assert!(!shop.delete_memoized_price(5).unwrap());
        let shop = Arc::new(shop);
        assert_eq!(shop.shared(3), 3);
        assert!(shop.delete_memoized_shared(3).unwrap());
        assert!(shop.memoized_shared(3).key().unwrap().contains("}:shop:1:"));
    }

    #[tokio::test]
    async fn an_async_method_has_async_siblings() {
        let shop = Shop::new(1);
        assert_eq!(shop.stock(5, 0.5).await, 6);
        assert_eq!(shop.memoized_stock(5).get().await.unwrap(), Some(6));
        assert!(shop.delete_memoized_stock(5).await.unwrap());
        shop.delete_all_memoized_stock().await.unwrap();
        assert_eq!(shop.memoized_stock(5).get().await.unwrap(), None);
    }

    pub(crate) struct Plain;

    impl Plain {
        #[memoize(skip(self, cache), cache = cache)]
        fn skipped(&self, cache: &Cache, item: u64) -> u64 {
            let Self = self;
            let _ = cache;
            item
        }
    }

    #[test]
    fn a_delete_takes_no_self_if_it_is_skipped() {
        let cache = common::cache();
        assert_eq!(Plain.skipped(&cache, 5), 5);
        assert!(Plain::delete_memoized_skipped(&cache, 5).unwrap());
        Plain::delete_all_memoized_skipped(&cache).unwrap();
    }
}

#[test]
fn a_raw_parameter_in_a_label_is_a_parameter_of_the_delete() {
    static CACHE: std::sync::LazyLock<larder::Cache> = std::sync::LazyLock::new(common::cache);
    #[allow(clippy::uninlined_format_args)] // a raw name cannot stand in the string
    #[larder::memoize(cache = CACHE, skip(r#type), key_prefix = format!("{}", r#type))]
    fn of(r#type: u64, n: u64) -> u64 {
        r#type + n
    }
    assert_eq!(of(1, 2), 3);
    assert!(delete_memoized_of(1, 2).unwrap());
}

#[test]
fn an_argument_that_cannot_be_encoded_is_an_error_of_the_delete_only() {
    struct Broken;
    impl serde::Serialize for Broken {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("broken"))
        }
    }
    static CACHE: std::sync::LazyLock<larder::Cache> = std::sync::LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    #[larder::memoize(cache = CACHE)]
    fn of(broken: &Broken) -> u64 {
        let Broken = broken;
        RUNS.count()
    }
    assert_eq!(
        (of(&Broken), of(&Broken)),
        (1, 2),
        "runs as if it were not cached"
    );
    let kind = delete_memoized_of(&Broken).unwrap_err().kind();
    assert_eq!(kind, larder::ErrorKind::Encode);
    assert_eq!(memoized_of(&Broken).key().unwrap_err().kind(), kind);
    assert_eq!(memoized_of(&Broken).get().wait().unwrap_err().kind(), kind);
    assert_eq!(
        memoized_of(&Broken).put(&1, 60).wait().unwrap_err().kind(),
        kind
    );
    assert_eq!(memoized_of(&Broken).ttl().wait().unwrap_err().kind(), kind);
    assert_eq!(CACHE.stats().errors, 2);
}
