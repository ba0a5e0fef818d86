//! What nobody may read.

use larder::backends::Redis;

use crate::bench::cache;
use crate::kind::url;
use crate::servers::port;

#[test]
fn a_password_is_in_no_error_and_in_no_debug_text() {
    let url = url(&format!("app:hunter2@127.0.0.1:{}", port::free()));
    let error = Redis::connect(&url).wait().unwrap_err();
    let lazy = Redis::lazy(&url).unwrap();
    let all = format!("{error} {error:?} {lazy:?} {:?}", cache(&url));
    assert!(!all.contains("hunter2"), "{all}");
}
