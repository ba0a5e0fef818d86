//! A function with mistakes is still there, and so are its siblings: nothing else breaks.

use larder::memoize;

#[memoize(timeout = 0)]
fn square(n: u64) -> u64 {
    n * n
}

#[memoize(nothing)]
async fn load(n: u64) -> Result<String, std::fmt::Error> {
    Ok(n.to_string())
}

struct Repo;

impl Repo {
    #[memoize(skip(db))]
    fn find(&self, n: u64) -> Option<u64> {
        Some(n)
    }
}

async fn user() -> larder::Result<()> {
    let _: u64 = square(2);
    let _: bool = delete_memoized_square(2)?;
    delete_all_memoized_square()?;
    let _: larder::Entry<u64> = memoized_square(2);
    let _: Result<String, std::fmt::Error> = load(2).await;
    let _: bool = delete_memoized_load(2).await?;
    let _: Option<u64> = Repo.find(2);
    Ok(())
}

fn main() {}
