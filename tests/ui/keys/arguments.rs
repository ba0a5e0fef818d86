//! An argument that is not `Serialize`: the caret on the parameter, and three ways out.

use larder::memoize;

struct Db;

#[memoize]
fn owned(db: Db, n: u64) -> u64 {
    let _ = db;
    n
}

#[memoize]
fn borrowed(db: &Db, n: u64) -> u64 {
    let _ = db;
    n
}

#[memoize]
async fn asynchronous(db: &Db) -> u64 {
    let _ = db;
    1
}

#[memoize]
fn inside(dbs: Vec<Db>) -> usize {
    dbs.len()
}

#[memoize]
fn pattern((n, db): (u64, Db)) -> u64 {
    let _ = db;
    n
}

#[memoize(key = (n, db))]
fn element(db: &Db, n: u64) -> u64 {
    let _ = db;
    n
}

#[memoize(key = db)]
fn only_element(db: &Db) -> u64 {
    let _ = db;
    1
}

struct Repo {
    db: Db,
}

impl Repo {
    #[memoize]
    fn method(&self, n: u64) -> u64 {
        n
    }

    #[memoize]
    fn by_value(self, n: u64) -> u64 {
        n
    }

    #[memoize(key = (n, self.db))]
    fn field(&self, n: u64) -> u64 {
        let _ = &self.db;
        n
    }
}

fn main() {}
