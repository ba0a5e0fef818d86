//! Makes the stores known to `Cache::from_url`.

use larder_core::backend::Backend;
use larder_core::error::Result;
use larder_core::url::{OpenStore, StoreUrl, Stores};

/// Marks the one implementation.
pub struct Facade;

impl OpenStore<Facade> for Stores {
    fn open(url: &mut StoreUrl) -> Result<Box<dyn Backend>> {
        larder_backends::open(url)
    }
}
