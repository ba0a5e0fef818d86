//! The first minute with larder. Nothing to install, nothing to set up:
//!
//! ```text
//! cargo run --example quickstart
//! ```

use std::thread;
use std::time::{Duration, Instant};

use larder::memoize;

/// Counts the primes below a number, the slow way.
#[memoize(timeout = 60)]
fn primes_below(limit: u64) -> u64 {
    let is_prime = |n: &u64| {
        (2..*n)
            .take_while(|d| d * d <= *n)
            .all(|d| !n.is_multiple_of(d))
    };
    (2..limit).filter(is_prime).count() as u64
}

/// What an article costs. The price list is the source of truth, and it changes.
#[memoize(timeout = "1h", skip(list))]
fn price(list: &PriceList, article: &str) -> Option<u64> {
    thread::sleep(Duration::from_millis(200)); // a slow database
    list.0
        .iter()
        .find(|(name, _)| *name == article)
        .map(|(_, price)| *price)
}

struct PriceList(Vec<(&'static str, u64)>);

fn main() -> larder::Result<()> {
    println!("1. A function that is computed once\n");
    timed("primes_below(2_000_000), a miss", || {
        primes_below(2_000_000)
    });
    timed("primes_below(2_000_000), a hit ", || {
        primes_below(2_000_000)
    });
    timed("primes_below(10), other arguments", || primes_below(10));

    println!("\n2. An invalidation, and nobody sees the old value again\n");
    let mut list = PriceList(vec![("tea", 3), ("coffee", 4)]);
    timed("price of tea, a miss", || price(&list, "tea"));
    timed("price of tea, a hit ", || price(&list, "tea"));
    list.0[0].1 = 5;
    let forgotten = delete_memoized_price("tea")?;
    println!("   the price of tea is 5 now; forgotten: {forgotten}");
    timed("price of tea, a miss", || price(&list, "tea"));

    println!("\n3. Sixteen callers at once, one computation\n");
    delete_all_memoized_price()?;
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| assert_eq!(price(&list, "coffee"), Some(4)));
        }
    });
    println!(
        "   sixteen threads had the price of coffee in {:.0?}",
        start.elapsed()
    );

    println!("\n4. What the cache did\n");
    let stats = larder::installed().stats();
    for function in &stats.functions {
        println!(
            "   {:26} {:2} hits {:2} misses {:2} waits {:2} stores",
            function.name, function.hits, function.misses, function.waits, function.stores
        );
    }
    println!(
        "\n   the key of the price of tea: {}",
        memoized_price("tea").key()?
    );
    Ok(())
}

fn timed<T: std::fmt::Debug>(what: &str, call: impl FnOnce() -> T) {
    let start = Instant::now();
    let answer = call();
    println!("   {what}: {answer:?} in {:.1?}", start.elapsed());
}
