//! The first minute: `cargo run --example quickstart`. Nothing to install.

use larder::memoize;

#[memoize(timeout = 60)]
fn square(n: u64) -> u64 {
    println!("computing {n}");
    n * n
}
struct A;
impl A {
    #[memoize(skip(self))]
    async fn load(&self, x: &str) -> Result<String, std::num::ParseIntError> {
        let n: u64 = x.parse()?;
        if n == 7 {
            return Ok("seven".into());
        }
        Ok(x.to_owned())
    }
}

fn main() -> larder::Result<()> {
    println!("{}", square(4));
    println!("{}", square(4));
    println!("{}", delete_memoized_square(4)?);
    println!("{}", square(4));
    delete_all_memoized_square()?;
    println!("{}", square(4));
    println!("{:?}", memoized_square(4));
    println!("{:?}", A::memoized_load("12"));
    println!("{}", larder::installed().stats());
    Ok(())
}
