//! Law: the example application does what its first lines say, over real sockets, in memory and with two
//! instances that share one cache in Redis.
#![cfg(unix)]

mod servers;
#[path = "web_app/town.rs"]
mod town;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::thread;

use town::{Answer, Town};

/// One law, in memory and on Redis.
macro_rules! laws {
    ($($law:ident)*) => {
        mod in_memory {
            $(
                #[test]
                fn $law() {
                    super::$law(&super::Town::in_memory());
                }
            )*
        }
        mod on_redis {
            $(
                #[test]
                fn $law() {
                    super::$law(&super::Town::on_redis());
                }
            )*
        }
    };
}

laws! {
    the_homepage_is_kept_and_deleted_by_its_name
    a_slow_helper_runs_once
    a_handler_is_kept_by_what_its_extractor_bound
    who_asks_after_a_write_gets_what_was_written
    who_is_not_there_is_asked_for_again
    each_number_is_computed_once
    a_sidebar_is_kept_for_each_user
    the_layer_keeps_a_report_by_its_query_and_language
    a_head_and_a_known_tag_get_no_body
    a_cleared_cache_is_empty_for_everybody
    many_connections_see_one_computation_a_key
    the_status_page_shows_what_happened
}

fn the_homepage_is_kept_and_deleted_by_its_name(town: &Town) {
    let made = town.first().get("/");
    assert_eq!((made.status, made.word()), (200, "MISS"));
    for app in town.every() {
        let kept = app.get("/");
        assert_eq!((kept.word(), &kept.body), ("HIT", &made.body));
        assert!(kept.header("age").parse::<u64>().unwrap() < 30);
    }
    let deleted = town.last().get("/delete-homepage-cache").body;
    assert_eq!(deleted, "the homepage was cached: true\n");
    assert_eq!(town.first().get("/").word(), "MISS");
    // A response is there before the store has it.
    servers::until("its key is there", servers::PATIENCE, || {
        let keys = town.keys();
        keys.is_none_or(|keys| keys.contains("web_v1:{homepage}"))
    });
}

fn a_slow_helper_runs_once(town: &Town) {
    for app in town.every().chain(town.every()) {
        assert_eq!(app.get("/square/12").body, "144\n");
    }
    assert_eq!(town.computations("web::square"), 1);
}

fn a_handler_is_kept_by_what_its_extractor_bound(town: &Town) {
    let made = town.first().get("/slow_data/7");
    let kept = town.last().get("/slow_data/7");
    assert_eq!((made.word(), kept.word()), ("MISS", "HIT"));
    assert_eq!(made.body, kept.body);
    assert_eq!(made.header("content-type"), kept.header("content-type"));
    assert!(town.first().get("/slow_data/8").body.contains("\"id\":8"));
    assert_eq!(town.first().get("/slow_data/x").status, 400);
}

fn who_asks_after_a_write_gets_what_was_written(town: &Town) {
    for round in 0..6 {
        let text = format!("likes tea {round}");
        let (here, there) = (town.first(), town.last());
        assert_eq!(here.post("/user/ann", &text).status, 204);
        assert_eq!(there.get("/user/ann").body, format!("{text}\n"));
        assert_eq!(here.get("/user/ann").body, format!("{text}\n"));
    }
    assert_eq!(town.computations("web::about"), 6);
}

fn who_is_not_there_is_asked_for_again(town: &Town) {
    assert_eq!(town.first().get("/user/bob").status, 404);
    assert_eq!(town.first().post("/user/bob", "is new").status, 204);
    assert_eq!(town.last().get("/user/bob").body, "is new\n");
    assert_eq!(town.first().get("/user/..%2Fbob").status, 400);
}

fn each_number_is_computed_once(town: &Town) {
    let first = town.first().get("/fib/90").body;
    assert!(
        first.starts_with("fib(90) = 2880067194370816120: "),
        "{first}"
    );
    assert!(
        first.ends_with("helped 88 times, 91 numbers were computed\n"),
        "{first}"
    );
    let again = town.last().get("/fib/91").body;
    assert!(
        again.ends_with("helped 2 times, 1 numbers were computed\n"),
        "{again}"
    );
    assert_eq!(town.first().get("/fib/94").status, 400);
}

fn a_sidebar_is_kept_for_each_user(town: &Town) {
    for _ in 0..3 {
        for name in ["ann", "b%3Cb%3E"] {
            let page = town.first().get(&format!("/board/{name}")).body;
            let name = name.replace("%3C", "&lt;").replace("%3E", "&gt;");
            assert!(
                page.contains(&format!("What is new for {name}: made with much work")),
                "{page}"
            );
        }
    }
    assert_eq!(town.first().status()["by_hand"]["computations"], 2);
}

fn the_layer_keeps_a_report_by_its_query_and_language(town: &Town) {
    let (here, there) = (town.first(), town.last());
    assert_eq!(here.get("/report?b=2&a=1").word(), "MISS");
    assert_eq!(there.get("/report?a=1&b=2").word(), "HIT");
    let german = [("accept-language", "de")];
    assert_eq!(there.ask("GET", "/report?a=1&b=2", &german).word(), "MISS");
    assert_eq!(here.ask("GET", "/report?a=1&b=2", &german).word(), "HIT");
    for personal in [("cookie", "who=ann"), ("authorization", "Bearer ann")] {
        let answer = here.ask("GET", "/report?a=1&b=2", &[personal]);
        assert_eq!(
            (answer.word(), answer.header("cache-status")),
            ("", "larder; fwd=bypass")
        );
    }
    assert_eq!(town.computations("http"), 2);
}

fn a_head_and_a_known_tag_get_no_body(town: &Town) {
    let made = town.first().get("/report");
    let tag = made.header("etag");
    let head = town.last().ask("HEAD", "/report", &[]);
    assert_eq!((head.status, head.word(), &*head.body), (200, "HIT", ""));
    assert_eq!(head.header("content-length"), made.body.len().to_string());
    let known = town.last().ask("GET", "/report", &[("if-none-match", tag)]);
    assert_eq!(
        (known.status, &*known.body, known.header("etag")),
        (304, "", tag)
    );
}

fn a_cleared_cache_is_empty_for_everybody(town: &Town) {
    let paths = ["/", "/slow_data/1", "/report"];
    let words = |app: &town::App| paths.map(|path| app.get(path).word().to_owned());
    assert_eq!(words(town.first()), ["MISS"; 3]);
    assert_eq!(words(town.last()), ["HIT"; 3]);
    assert_eq!(town.last().get("/clear-cache").status, 200);
    assert_eq!(words(town.first()), ["MISS"; 3]);
}

/// 64 connections, all keys at once.
fn many_connections_see_one_computation_a_key(town: &Town) {
    const CONNECTIONS: usize = 64;
    const ROUNDS: usize = 50;
    let paths: Vec<String> = (0..4)
        .flat_map(|n| {
            [
                format!("/slow_data/{n}"),
                format!("/report?n={n}"),
                format!("/square/{n}"),
            ]
        })
        .collect();
    let bodies: Vec<Mutex<BTreeSet<String>>> = paths.iter().map(|_| Mutex::default()).collect();
    let ask_all = |connection: usize| {
        let app = town.by_number(connection).connected();
        for round in 0..ROUNDS {
            let path = (connection + round) % paths.len();
            let Answer { status, body, .. } = app.get(&paths[path]);
            assert_eq!(status, 200, "{body}");
            bodies[path].lock().unwrap().insert(body);
        }
    };
    thread::scope(|threads| {
        for connection in 0..CONNECTIONS {
            let ask_all = &ask_all;
            threads.spawn(move || ask_all(connection));
        }
    });
    for (path, bodies) in paths.iter().zip(&bodies) {
        let bodies = bodies.lock().unwrap();
        assert_eq!(bodies.len(), 1, "{path}: {bodies:?}");
        let right = match path.rsplit_once(['/', '=']).unwrap() {
            ("/slow_data", id) => format!("{{\"id\":{id},"),
            ("/square", n) => format!("{}\n", n.parse::<u64>().unwrap().pow(2)),
            _ => "a long report\n".to_owned(),
        };
        assert!(
            bodies.first().unwrap().starts_with(&right),
            "{path}: {bodies:?}"
        );
    }
    for function in ["web::slow_data", "http", "web::square"] {
        assert_eq!(town.computations(function), 4, "{function}");
    }
}

fn the_status_page_shows_what_happened(town: &Town) {
    let app = town.first();
    app.get("/");
    app.get("/");
    let page = app.ask("GET", "/cache", &[("accept", "text/html")]);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.body.contains("homepage"));
    let home = app.function("homepage");
    assert_eq!((&home["hits"], &home["misses"]), (&1.into(), &1.into()));
    assert!(home["saved_seconds"].as_f64().unwrap() > 0.4);
    assert!(!page.body.contains(":secret@"));
}
