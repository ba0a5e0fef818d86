//! The implementation of a trait has no room for siblings.

use larder::memoize;
use std::pin::Pin;

trait Shape {
    fn area(&self, n: u64) -> u64;
}

impl Shape for () {
    #[memoize(skip(self))]
    fn area(&self, n: u64) -> u64 {
        n
    }
}

trait Load {
    fn load<'life0, 'async_trait>(
        &'life0 self,
        n: u64,
    ) -> Pin<Box<dyn Future<Output = u64> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait;
}

impl Load for () {
    // As `#[async_trait]` writes it.
    #[memoize(skip(self), timeout = 0)]
    fn load<'life0, 'async_trait>(
        &'life0 self,
        n: u64,
    ) -> Pin<Box<dyn Future<Output = u64> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move { n })
    }
}

fn main() {}
