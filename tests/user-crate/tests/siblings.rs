//! Law: a strict crate under which larder has another name sees the same functions.

use std::sync::Arc;

use pantry::{Cache, backends::Memory};
use user_crate::shop::Shelf;
use user_crate::{Load, NotFound, Repo, User};

/// Polls a future that is ready at once.
fn now<F: Future>(future: F) -> F::Output {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => panic!("it waits for something"),
    }
}

#[test]
fn the_siblings_are_public() {
    assert_eq!((user_crate::square(4), user_crate::square(4)), (16, 16));
    assert_eq!(
        user_crate::memoized_square(4).get().wait().unwrap(),
        Some(16)
    );
    assert!(user_crate::delete_memoized_square(4).unwrap());
    user_crate::delete_all_memoized_square().unwrap();
    assert_eq!(now(user_crate::home()), "home");
    assert!(now(user_crate::CACHE.delete("homepage")).unwrap());
    assert_eq!(user_crate::parse(" 7 "), Ok(7));
    assert!(user_crate::delete_memoized_parse(" 7 ").unwrap());
    assert_eq!(user_crate::find(&[1, 2], 2), Some(1));
    assert_eq!(now(user_crate::join("a", "b".into())), "ab");
    assert!(now(user_crate::delete_memoized_join("a", "b".into())).unwrap());
    assert_eq!(user_crate::describe("x", |_| ()), "\"x\"");
    assert!(user_crate::delete_memoized_describe("x").unwrap());
    assert_eq!(user_crate::total((1, 2), vec![3], 0), 6);
    assert!(user_crate::delete_memoized_total((1, 2), vec![3], 0).unwrap());
    user_crate::note("x");
    now(user_crate::pause());
    assert_eq!(user_crate::first::<2>("abc"), "ab");
    assert_eq!(user_crate::private(1), 3);
}

#[test]
fn methods_have_siblings_too() {
    let cache = Cache::builder().backend(Memory::new(100)).build().unwrap();
    let repo = Arc::new(Repo::new(cache, "t".into()));
    let user = User {
        id: 1,
        name: "t1".into(),
    };
    assert_eq!(now(repo.load(1)), Ok(user));
    assert_eq!(now(repo.load(0)), Err(NotFound(0)));
    assert!(now(repo.delete_memoized_load(1)).unwrap());
    assert!(
        now(repo.delete_memoized_load(0)).unwrap(),
        "the error was kept"
    );
    now(repo.delete_all_memoized_load()).unwrap();
    assert_eq!(
        (repo.count(), repo.number(1), now(repo.text(1))),
        (1, 2, "1".into())
    );
    assert!(repo.delete_memoized_count().unwrap());
    assert_eq!(
        (Shelf::<u8>::fill(2), Shelf::<u8>::count(3)),
        (vec![0, 0], 3)
    );
    assert!(Shelf::<u8>::delete_memoized_fill(2).unwrap());
}

#[test]
fn handlers_answer_responses_and_values_stay_values() {
    use axum::extract::{Path, State};
    use user_crate::pages::{self, App};

    let word = |response: axum::response::Response| response.headers()["x-cache"].clone();
    assert_eq!(word(now(pages::product(Path(7)))), "MISS");
    assert_eq!(word(now(pages::product(Path(7)))), "HIT");
    assert!(now(pages::delete_memoized_product(Path(7))).unwrap());
    let page = || now(pages::page(State(App), Path("a".to_owned())));
    assert_eq!(word(page().unwrap()), "MISS");
    assert_eq!(word(page().unwrap()), "HIT");
    assert!(now(pages::delete_memoized_page(Path("a".to_owned()))).unwrap());
    assert_eq!(word(now(pages::anything())), "MISS");
    let kept = now(pages::memoized_anything().get()).unwrap();
    assert_eq!(kept.unwrap().status(), 201);
    assert_eq!(word(now(pages::something(Path(1))).unwrap()), "MISS");
    assert_eq!(now(pages::something(Path(0))).unwrap_err(), 404);
    assert_eq!(pages::greeting("x"), pages::greeting("x"));
    assert_eq!(word(pages::hello()), "MISS");
}
