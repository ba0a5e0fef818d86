//! Fragments of templates are rendered once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use larder_backends::Memory;
use larder_core::cache::Cache;
use larder_core::clock::Clock;
use larder_core::error::ErrorKind as CacheErrorKind;
use larder_core::scope;
use larder_core::timeout::Ttl;
use larder_http::{delete_fragment, fragments};
use minijinja::value::{Enumerator, Object, Serde, Value};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, args, context};

/// An environment with a cache of its own; `rendered()` counts, and answers how often it was called.
struct Site {
    cache: Cache,
    clock: Clock,
    env: Environment<'static>,
}

impl Site {
    fn new() -> Self {
        let clock = Clock::manual();
        let store = Memory::builder().clock(clock.clone()).build().unwrap();
        let cache = Cache::builder()
            .backend(store)
            .default_timeout(60)
            .build()
            .unwrap();
        let mut env = Environment::new();
        let rendered = AtomicU64::new(0);
        env.add_function("rendered", move || {
            rendered.fetch_add(1, Ordering::SeqCst) + 1
        });
        env.add_function("cached", fragments(cache.clone()));
        Self { cache, clock, env }
    }

    fn html(&self, template: &str, context: Value) -> Result<String, Error> {
        self.env.render_named_str("page.html", template, context)
    }

    fn text(&self, template: &str, context: Value) -> Result<String, Error> {
        self.env.render_named_str("page.txt", template, context)
    }

    /// The `rendered()` of a fragment that varies on `arguments`.
    fn of(&self, arguments: &str, context: Value) -> String {
        let template = format!(
            r#"{{% call cached("part", {arguments}) %}}{{{{ rendered() }}}}{{% endcall %}}"#
        );
        self.html(&template, context).unwrap()
    }

    /// What is said of a fragment that varies on `arguments`.
    fn refusal(&self, arguments: &str, context: Value) -> Error {
        let template =
            format!("{{% call cached({arguments}) %}}{{{{ rendered() }}}}{{% endcall %}}");
        let error = self.html(&template, context).unwrap_err();
        assert_eq!(self.cache.stats().stores, 0);
        error
    }
}

fn detail(error: &Error) -> &str {
    error.detail().unwrap_or_default()
}

const SIDEBAR: &str =
    r#"{% call cached("sidebar", id) %}<b>{{ name }}</b>{{ rendered() }}{% endcall %}"#;

#[test]
fn a_body_is_rendered_once_for_each_name_and_arguments() {
    let site = Site::new();
    let ann = || {
        site.html(SIDEBAR, context!(id => 7, name => "Ann"))
            .unwrap()
    };
    assert_eq!(ann(), "<b>Ann</b>1");
    assert_eq!(ann(), "<b>Ann</b>1");
    let bob = site
        .html(SIDEBAR, context!(id => 8, name => "Bob"))
        .unwrap();
    assert_eq!(bob, "<b>Bob</b>2");
    let other = SIDEBAR.replace("sidebar", "header");
    assert_eq!(
        site.html(&other, context!(id => 7, name => "Ann")).unwrap(),
        "<b>Ann</b>3"
    );
    assert_eq!(ann(), "<b>Ann</b>1");
}

#[test]
fn a_fragment_may_vary_on_nothing_and_lives_for_the_default_timeout() {
    let site = Site::new();
    let template = r#"{% call cached("footer") %}{{ rendered() }}{% endcall %}"#;
    assert_eq!(site.html(template, context!()).unwrap(), "1");
    let key = site.cache.fragment_key("footer", &()).unwrap();
    assert_eq!(
        site.cache.ttl(&key).wait().unwrap(),
        Ttl::Remaining(Duration::from_secs(60))
    );
    assert_eq!(site.html(template, context!()).unwrap(), "1");
    assert!(
        delete_fragment(&site.cache, "footer", args!())
            .wait()
            .unwrap()
    );
    assert_eq!(site.html(template, context!()).unwrap(), "2");
}

#[test]
fn a_fragment_is_rendered_again_after_its_timeout() {
    let site = Site::new();
    for (timeout, millis) in [("300", 300_000), ("1.5", 1_500), ("minute", 60_000)] {
        let arguments = format!("'{timeout}', timeout={timeout}");
        let part = || site.of(&arguments, context!(minute => 60_u8));
        let first = part();
        site.clock.advance(Duration::from_millis(millis - 1));
        assert_eq!(part(), first);
        site.clock.advance(Duration::from_millis(1));
        assert_ne!(part(), first);
    }
}

#[test]
fn a_timeout_that_is_none_is_an_error() {
    let site = Site::new();
    for timeout in [
        "0", "-1", "0.0", "-0.5", "1e30", "'60'", "true", "none", "[60]", "nan",
    ] {
        let arguments = format!("'part', timeout={timeout}");
        let error = site.refusal(&arguments, context!(nan => f64::NAN));
        assert!(
            detail(&error)
                .starts_with("the timeout of a fragment is a number of seconds above 0, not "),
            "{error}"
        );
    }
    let error = site.refusal("'part', timeout=missing", context!());
    assert_eq!(error.kind(), ErrorKind::UndefinedError);
    assert_eq!(detail(&error), "the timeout of a fragment is undefined");
}

#[test]
fn a_deleted_fragment_is_rendered_again() {
    let site = Site::new();
    let part = || site.of("id, 'en'", context!(id => 7_u32));
    assert_eq!((part(), part()), ("1".to_owned(), "1".to_owned()));
    assert!(
        !delete_fragment(&site.cache, "part", args!(8_u32, "en"))
            .wait()
            .unwrap()
    );
    assert!(
        !delete_fragment(&site.cache, "other", args!(7_u32, "en"))
            .wait()
            .unwrap()
    );
    assert_eq!(part(), "1");
    assert!(
        delete_fragment(&site.cache, "part", args!(7_u32, "en"))
            .wait()
            .unwrap()
    );
    assert_eq!(part(), "2");
}

#[test]
fn a_fragment_is_deleted_however_it_was_escaped() {
    let site = Site::new();
    let render = |name| {
        site.env
            .render_named_str(name, SIDEBAR, context!(id => 7, name => "Ann"))
            .unwrap()
    };
    let names = ["page.html", "page.txt", "page.json"];
    let before = names.map(render);
    assert_eq!(names.map(render), before);
    assert!(
        delete_fragment(&site.cache, "sidebar", args!(7))
            .wait()
            .unwrap()
    );
    let after = names.map(render);
    for (before, after) in before.iter().zip(after) {
        assert_ne!(*before, after);
    }
}

#[test]
fn arguments_that_a_template_would_refuse_cannot_be_deleted() {
    let site = Site::new();
    let error = delete_fragment(&site.cache, "part", args!(Value::UNDEFINED))
        .wait()
        .unwrap_err();
    assert_eq!(error.kind(), CacheErrorKind::Encode);
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        source.contains("cannot cache the fragment `part`: argument 2 is undefined"),
        "{source}"
    );
}

#[test]
fn a_fragment_is_an_entry_that_rust_can_name() {
    let site = Site::new();
    let context = || {
        context! {
            id => 7_u32, big => u64::MAX, half => 0.5, yes => true, nothing => (), ids => vec![1_u8, 2],
            map => BTreeMap::from([("a", 1)]), huge => u128::MAX, low => i128::MIN,
            some => Some(3), absent => None::<i32>,
        }
    };
    let cache = &site.cache;
    let keys = [
        ("id", cache.fragment_key("part", &(7_i64,))),
        ("id, 'en'", cache.fragment_key("part", &(7_i64, "en"))),
        ("1, 2", cache.fragment_key("part", &[1_i64, 2])),
        ("'a', 'b'", cache.fragment_key("part", &["a", "b"])),
        ("big", cache.fragment_key("part", &(u64::MAX,))),
        ("huge", cache.fragment_key("part", &(u128::MAX,))),
        ("low", cache.fragment_key("part", &(i128::MIN,))),
        ("half", cache.fragment_key("part", &(0.5_f64,))),
        ("yes", cache.fragment_key("part", &(true,))),
        ("nothing", cache.fragment_key("part", &(None::<i64>,))),
        ("absent", cache.fragment_key("part", &(None::<i64>,))),
        ("some", cache.fragment_key("part", &(3_i64,))),
        ("ids", cache.fragment_key("part", &(vec![1_i64, 2],))),
        (
            "[[]]",
            cache.fragment_key("part", &(vec![Vec::<i64>::new()],)),
        ),
        (
            "map",
            cache.fragment_key("part", &(BTreeMap::from([("a", 1_i64)]),)),
        ),
    ];
    for (arguments, key) in keys {
        let key = key.unwrap();
        assert!(!cache.has(&key).wait().unwrap(), "{arguments}");
        let rendered = site.of(arguments, context());
        assert_eq!(
            cache.get::<String>(&key).wait().unwrap(),
            Some(rendered),
            "{arguments}"
        );
        assert!(cache.delete(&key).wait().unwrap());
    }
}

#[test]
fn a_template_and_rust_share_a_fragment() {
    let site = Site::new();
    let key = |id: u32| (i64::from(id), "en");
    let rust = || {
        site.cache
            .fragment("part", &key(7), 60, || "<i>rust</i>".to_owned())
            .wait()
            .unwrap()
    };
    assert_eq!(site.of("7, 'en'", context!()), "1");
    assert_eq!(rust(), "1");
    assert!(
        delete_fragment(&site.cache, "part", args!(7, "en"))
            .wait()
            .unwrap()
    );
    assert_eq!(rust(), "<i>rust</i>");
    assert_eq!(site.of("7, 'en'", context!()), "<i>rust</i>");
}

#[test]
fn an_integer_is_the_same_whatever_its_type_was() {
    let site = Site::new();
    for id in [
        Value::from(7_u8),
        Value::from(7_i8),
        Value::from(7_u64),
        Value::from(7_i64),
        Value::from(7_u128),
        Value::from(7_i128),
        Value::from(7_usize),
    ] {
        assert_eq!(site.of("id", context!(id)), "1");
    }
    assert_eq!(site.of("3 + 4", context!()), "1");
}

#[test]
fn no_two_argument_lists_share_a_fragment() {
    let site = Site::new();
    let lists = [
        "'ab', 'c'",
        "'a', 'bc'",
        "'abc'",
        "1, 2",
        "[1, 2]",
        "12",
        "'12'",
        "none",
        "''",
        "false",
        "0",
        "0.0",
        "[]",
        "{}",
        "[[]]",
        "[none]",
        "none, none",
        "'none'",
        "{'a': 1}",
        "{'a': 2}",
        "{'b': 1}",
        "['a', 1]",
        "'a'|safe",
        "'a'",
    ];
    let rendered = |list: &&str| site.of(list, context!());
    let first: Vec<_> = lists.iter().map(rendered).collect();
    let expected: Vec<_> = (1..=lists.len()).map(|n| n.to_string()).collect();
    assert_eq!(first, expected);
    assert_eq!(lists.iter().map(rendered).collect::<Vec<_>>(), first);
}

#[test]
fn a_map_is_the_same_in_any_order() {
    let site = Site::new();
    assert_eq!(site.of("{'a': 1, 'b': [2]}", context!()), "1");
    assert_eq!(site.of("{'b': [2], 'a': 1}", context!()), "1");
    assert_eq!(
        site.of("map", context!(map => context!(b => vec![2], a => 1))),
        "1"
    );
}

#[test]
fn an_undefined_argument_is_an_error_that_names_it() {
    let site = Site::new();
    let user = || context!(user => context!(id => 7));
    let error = site.refusal("'sidebar', 1, user.idd", user());
    assert_eq!(error.kind(), ErrorKind::UndefinedError);
    let expected =
        "cannot cache the fragment `sidebar`: argument 3 is undefined; `none` is allowed";
    assert_eq!(detail(&error), expected);
    assert_eq!(error.line(), Some(1));

    for inside in ["[user.idd]", "{'id': user.idd}", "[[1, user.idd]]"] {
        let error = site.refusal(&format!("'sidebar', {inside}"), user());
        assert!(
            detail(&error).contains("something in argument 2 is undefined"),
            "{error}"
        );
    }
    let error = site.refusal("user.name", user());
    assert_eq!(
        detail(&error),
        "the name of a fragment (argument 1) is undefined"
    );
}

#[test]
fn an_undefined_argument_is_an_error_however_lenient_the_environment_is() {
    for behavior in [
        UndefinedBehavior::Lenient,
        UndefinedBehavior::Chainable,
        UndefinedBehavior::Strict,
    ] {
        let mut site = Site::new();
        site.env.set_undefined_behavior(behavior);
        let error = site.refusal("'sidebar', user.idd", context!(user => context!(id => 7)));
        assert_eq!(error.kind(), ErrorKind::UndefinedError);
    }
}

/// An object that does not say what is in it.
#[derive(Debug)]
struct Session(u64);

impl Object for Session {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        (key.as_str() == Some("id")).then(|| Value::from(self.0))
    }
}

/// An object that says what attributes its type has, but perhaps not all.
#[derive(Debug)]
struct Account(u64);

impl Object for Account {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "id" => Some(Value::from(self.0)),
            "kind" => Some(Value::from("account")),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["kind"])
    }
}

#[test]
fn an_argument_that_is_not_data_is_an_error() {
    let site = Site::new();
    let context = || {
        context! {
            session => Value::from_object(Session(1)),
            account => Value::from_object(Account(1)),
            function => Value::from_function(|| 1),
        }
    };
    for what in [
        "session",
        "account",
        "function",
        "cached",
        "rendered",
        "[session]",
        "{'a': function}",
    ] {
        let error = site.refusal(&format!("'part', {what}"), context());
        assert!(
            detail(&error).contains("argument 2 is not data; give what identifies it"),
            "{what}: {error}"
        );
    }
    assert_eq!(site.of("session.id, account.id", context()), "1");
}

#[test]
fn a_macro_and_a_loop_are_not_data() {
    let site = Site::new();
    for (before, what, after) in [
        ("{% macro part() %}{% endmacro %}", "part", ""),
        ("{% for id in [1] %}", "loop", "{% endfor %}"),
    ] {
        let template = format!("{before}{{% call cached('part', {what}) %}}{{% endcall %}}{after}");
        let error = site.html(&template, context!()).unwrap_err();
        assert!(detail(&error).contains("argument 2 is not data"), "{error}");
    }
}

#[test]
fn an_iterator_is_an_error_with_the_way_out() {
    let site = Site::new();
    let error = site.refusal("'part', range(3)", context!());
    assert!(
        detail(&error).ends_with("argument 2 is an iterator; make a list of it, with `|list`"),
        "{error}"
    );
    assert_eq!(site.of("range(3)|list", context!()), "1");
    assert_eq!(site.of("[0, 1, 2]", context!()), "1");
}

#[test]
fn a_value_that_holds_itself_is_an_error() {
    let site = Site::new();
    let template =
        "{% set ns = namespace() %}{% set ns.ns = ns %}{% call cached('part', ns) %}{% endcall %}";
    let error = site.html(template, context!()).unwrap_err();
    assert!(
        detail(&error).ends_with("something in argument 2 is nested too deep"),
        "{error}"
    );
}

#[test]
fn an_unknown_named_argument_is_an_error() {
    let site = Site::new();
    let error = site.refusal("'part', timeuot=60", context!());
    assert_eq!(error.kind(), ErrorKind::TooManyArguments);
    assert_eq!(detail(&error), "unknown keyword argument 'timeuot'");
}

#[test]
fn a_fragment_without_a_name_is_an_error() {
    let site = Site::new();
    let error = site.refusal("", context!());
    assert!(
        detail(&error).starts_with("a fragment has a name: {% call cached("),
        "{error}"
    );
    for name in ["7", "none", "''", "['a']"] {
        let error = site.refusal(name, context!());
        assert!(
            detail(&error).starts_with("the name of a fragment (argument 1) is a text, not "),
            "{error}"
        );
    }
}

#[test]
fn a_call_without_a_block_is_an_error_that_shows_the_form() {
    let site = Site::new();
    for template in [
        "{{ cached('part', 7) }}",
        "{{ cached('part', caller=none) }}",
    ] {
        let error = site.html(template, context!()).unwrap_err();
        let expected = concat!(
            "a fragment is what stands in a call block: ",
            r#"{% call cached("name", what, it, varies, on, timeout=60) %}...{% endcall %}"#,
        );
        assert_eq!(detail(&error), expected);
    }
}

#[test]
fn a_body_that_fails_is_not_kept() {
    let site = Site::new();
    let template = r#"{% call cached("part") %}{{ rendered() }}{{ 1 // divisor }}{% endcall %}"#;
    let error = site.html(template, context!(divisor => 0)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidOperation);
    assert_eq!(site.cache.stats().stores, 0);
    assert_eq!(site.html(template, context!(divisor => 1)).unwrap(), "21");
    assert_eq!(site.html(template, context!(divisor => 0)).unwrap(), "21");
}

#[test]
fn what_was_rendered_as_text_is_never_html() {
    let site = Site::new();
    let template = r#"{% call cached("part", id) %}{{ name }}{% endcall %}"#;
    let context = || context!(id => 7, name => "<script>");
    for _ in 0..2 {
        assert_eq!(site.text(template, context()).unwrap(), "<script>");
        assert_eq!(site.html(template, context()).unwrap(), "&lt;script&gt;");
        let off = format!(
            "{{% autoescape false %}}{{% set part %}}{template}{{% endset %}}{{% endautoescape %}}{{{{ part }}}}"
        );
        assert_eq!(site.html(&off, context()).unwrap(), "&lt;script&gt;");
    }
    assert_eq!(site.cache.stats().stores, 2);
}

#[test]
fn a_fragment_is_a_safe_string_only_where_the_template_escapes() {
    let site = Site::new();
    let template = concat!(
        r#"{% macro body() %}<b>{{ name }}</b>{% endmacro %}"#,
        r#"{% set part = cached("part", caller=body) %}{{ part is safe }} {{ part }}"#,
    );
    for _ in 0..2 {
        let context = || context!(name => "&");
        assert_eq!(site.html(template, context()).unwrap(), "True <b>&amp;</b>");
        assert_eq!(site.text(template, context()).unwrap(), "False <b>&</b>");
    }
}

#[test]
fn a_caller_that_is_no_block_is_escaped() {
    let mut site = Site::new();
    site.env.add_function("raw", || "<b>");
    let template = r#"{{ cached("part", caller=raw) }}"#;
    for _ in 0..2 {
        assert_eq!(site.html(template, context!()).unwrap(), "&lt;b&gt;");
        assert_eq!(site.text(template, context!()).unwrap(), "<b>");
    }
}

#[test]
fn a_way_to_escape_that_cannot_be_deleted_is_refused() {
    let mut site = Site::new();
    site.env
        .set_auto_escape_callback(|_| minijinja::AutoEscape::Custom("tex".into()));
    let error = site.refusal("'part'", context!());
    assert_eq!(
        detail(&error),
        "a fragment cannot be kept under the auto-escape mode Custom(\"tex\")"
    );
}

#[test]
fn the_same_text_marked_as_safe_is_another_argument() {
    let site = Site::new();
    let template = r#"{% call cached("part", title) %}{{ title }}{% endcall %}"#;
    let safe = Value::from_safe_string("<b>".to_owned());
    assert_eq!(site.html(template, context!(title => safe)).unwrap(), "<b>");
    assert_eq!(
        site.html(template, context!(title => "<b>")).unwrap(),
        "&lt;b&gt;"
    );
}

#[test]
fn fragments_may_stand_in_fragments() {
    let site = Site::new();
    let template = concat!(
        r#"{% call cached("outer") %}{{ rendered() }}"#,
        r#"{% for id in [1, 2, 1] %}{% call cached("inner", id) %}"#,
        r#"({{ id }}:{{ rendered() }}){% endcall %}{% endfor %}"#,
        r#"{% endcall %}"#,
    );
    let page = || site.html(template, context!()).unwrap();
    assert_eq!(page(), "1(1:2)(2:3)(1:2)");
    assert_eq!(page(), "1(1:2)(2:3)(1:2)");
    assert!(
        delete_fragment(&site.cache, "outer", args!())
            .wait()
            .unwrap()
    );
    assert_eq!(page(), "4(1:2)(2:3)(1:2)");
}

#[test]
fn a_fragment_may_render_itself_with_other_arguments() {
    let site = Site::new();
    let template = concat!(
        r#"{% macro tree(node) %}{% call cached("tree", node) %}<{{ node }}"#,
        r#"{% if node > 0 %}{{ tree(node - 1) }}{% endif %}>{% endcall %}{% endmacro %}"#,
        "{{ tree(3) }}",
    );
    assert_eq!(site.html(template, context!()).unwrap(), "<3<2<1<0>>>>");
    assert_eq!(site.html(template, context!()).unwrap(), "<3<2<1<0>>>>");
    assert_eq!(site.cache.stats().misses, 4);
}

#[test]
fn a_body_sees_the_variables_around_it() {
    let site = Site::new();
    let template = concat!(
        r#"{% set greeting = "hello" %}{% for user in users %}"#,
        r#"{% call cached("greeting", user.id) %}"#,
        r#"{{ greeting }} {{ user.name }}{{ loop.index }};{% endcall %}{% endfor %}"#,
    );
    let user = |id, name: &str| context!(id, name);
    let users = vec![user(1, "Ann"), user(2, "Bob")];
    assert_eq!(
        site.html(template, context!(users)).unwrap(),
        "hello Ann1;hello Bob2;"
    );
}

#[test]
fn threads_that_ask_at_once_wait_for_one_of_them() {
    const THREADS: usize = 8;
    let mut site = Site::new();
    let (cache, all) = (site.cache.clone(), Barrier::new(THREADS));
    let waiting = cache.clone();
    site.env.add_function("until_all_wait", move || {
        while waiting.stats().waits < THREADS as u64 - 1 {
            std::thread::yield_now();
        }
        ""
    });
    let template =
        r#"{% call cached("part") %}{{ until_all_wait() }}{{ rendered() }}{% endcall %}"#;
    std::thread::scope(|threads| {
        for _ in 0..THREADS {
            threads.spawn(|| {
                all.wait();
                assert_eq!(site.html(template, context!()).unwrap(), "1");
            });
        }
    });
    assert_eq!(cache.stats().stores, 1);
}

#[test]
fn a_fragment_obeys_scopes() {
    let site = Site::new();
    let part = || site.of("7", context!());
    assert_eq!(part(), "1");
    assert_eq!(scope::bypass_sync(part), "2");
    assert_eq!(part(), "1");
    assert_eq!(scope::refresh_sync(part), "3");
    assert_eq!(part(), "3");
}

#[test]
fn a_fragment_deleted_while_it_is_rendered_is_not_kept() {
    let mut site = Site::new();
    let cache = site.cache.clone();
    site.env.add_function("rename", move || {
        delete_fragment(&cache, "sidebar", args!(7)).wait().unwrap();
        ""
    });
    let template = r#"{% call cached("sidebar", 7) %}{{ rendered() }}{{ rename() }}{% endcall %}"#;
    assert_eq!(site.html(template, context!()).unwrap(), "1");
    assert_eq!(site.html(template, context!()).unwrap(), "2");
    assert_eq!(site.cache.stats().stale_prevented, 2);
}

#[test]
fn a_struct_can_be_an_argument() {
    #[derive(Clone, serde::Serialize)]
    struct Filter {
        language: &'static str,
        pages: Vec<u32>,
    }
    let site = Site::new();
    let filter = Filter {
        language: "en",
        pages: vec![1, 2],
    };
    let value = || Value::from(Serde(filter.clone()));
    assert_eq!(site.of("filter", context!(filter => value())), "1");
    assert_eq!(site.of("filter", context!(filter => value())), "1");
    assert_eq!(
        site.of("{'language': 'en', 'pages': [1, 2]}", context!()),
        "1"
    );
    assert!(
        delete_fragment(&site.cache, "part", args!(value()))
            .wait()
            .unwrap()
    );
    assert_eq!(site.of("filter", context!(filter => value())), "2");
}
