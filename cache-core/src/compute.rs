//! Computing under a manual key: the same engine as the attributes'.

use serde_core::Serialize;

use crate::cache::Cache;
use crate::call::{call, call_async};
use crate::error::Result;
use crate::key::KeyHasher;
use crate::kind::{Fallible, Plain, Shareable, Skip};
use crate::plan::Plan;
use crate::probe::Found;
use crate::reply::Reply;
use crate::request::Request;
use crate::timeout::Timeout;
use crate::value::Value;

impl Cache {
    /// Answers the value under a key, or computes and keeps it.
    ///
    /// The same engine as the attributes': callers of one key wait for one of them, and a value
    /// computed before an invalidation is not kept after it. The future is run only on a miss.
    ///
    /// # Cancel safety
    ///
    /// Dropping the reply hands the computation over to a caller that waits for it.
    pub fn get_or_compute<'a, T: Value>(
        &'a self,
        key: impl AsRef<str>,
        timeout: impl Into<Timeout>,
        future: impl Future<Output = T> + Send + 'a,
    ) -> Reply<'a, T> {
        self.compute::<Plain<T>>(key.as_ref(), timeout.into(), future)
    }

    /// Answers the value under a key, or computes and keeps it, unless the computation fails. See
    /// [`get_or_compute`](Cache::get_or_compute).
    ///
    /// # Errors
    ///
    /// The computation's own, which is not kept.
    pub fn try_get_or_compute<'a, T: Value, E: Send + 'a>(
        &'a self,
        key: impl AsRef<str>,
        timeout: impl Into<Timeout>,
        future: impl Future<Output = Result<T, E>> + Send + 'a,
    ) -> Reply<'a, Result<T, E>> {
        self.compute::<Fallible<Plain<T>, E, Skip>>(key.as_ref(), timeout.into(), future)
    }

    /// Answers the value under a key, or computes it with a closure and keeps it. See
    /// [`get_or_compute`](Cache::get_or_compute).
    pub fn get_or_compute_with<'a, T: Value>(
        &'a self,
        key: impl AsRef<str>,
        timeout: impl Into<Timeout>,
        closure: impl FnOnce() -> T + Send + 'a,
    ) -> Reply<'a, T> {
        self.compute_with::<Plain<T>>(key.as_ref(), timeout.into(), closure)
    }

    /// Answers the value under a key, or computes it with a closure and keeps it, unless the
    /// closure fails. See [`get_or_compute`](Cache::get_or_compute).
    ///
    /// # Errors
    ///
    /// The closure's own, which is not kept.
    pub fn try_get_or_compute_with<'a, T: Value, E: Send + 'a>(
        &'a self,
        key: impl AsRef<str>,
        timeout: impl Into<Timeout>,
        closure: impl FnOnce() -> Result<T, E> + Send + 'a,
    ) -> Reply<'a, Result<T, E>> {
        self.compute_with::<Fallible<Plain<T>, E, Skip>>(key.as_ref(), timeout.into(), closure)
    }

    /// Answers a part of a page, or renders and keeps it.
    ///
    /// The key is made of the name and of everything in `vary_on`, injectively: no two
    /// combinations share a part.
    ///
    /// # Errors
    ///
    /// [`Encode`](crate::error::ErrorKind::Encode) if `vary_on` cannot be encoded.
    pub fn fragment<'a>(
        &'a self,
        name: &str,
        vary_on: &(impl Serialize + ?Sized),
        timeout: impl Into<Timeout>,
        closure: impl FnOnce() -> String + Send + 'a,
    ) -> Reply<'a, Result<String>> {
        match self.fragment_key(name, vary_on) {
            Ok(key) => self.get_or_compute_with(key, timeout, closure).map(Ok),
            Err(error) => Reply::now(Err(error)),
        }
    }

    /// The key of a fragment, to delete it by: `name:hash`.
    ///
    /// # Errors
    ///
    /// [`Encode`](crate::error::ErrorKind::Encode) if `vary_on` cannot be encoded.
    pub fn fragment_key(&self, name: &str, vary_on: &(impl Serialize + ?Sized)) -> Result<String> {
        let mut hasher = KeyHasher::new(self.engine().realm.seed());
        hasher.text("fragment");
        hasher.text(name);
        hasher.part(vary_on)?;
        Ok(format!("{name}:{:032x}", hasher.finish()))
    }

    /// Answers the value under a key, or computes it on this thread: for closures that cannot leave
    /// it.
    #[doc(hidden)]
    pub fn compute_here<T: Value, E>(
        &self,
        key: &str,
        timeout: Timeout,
        closure: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let mut request = Request::manual(self.engine(), key);
        let plan = Plan::new(Found::<Fallible<Plain<T>, E, Skip>>::new().shared()).timeout(timeout);
        call(&mut request, &plan, closure)
    }

    fn compute<'a, K>(
        &'a self,
        key: &str,
        timeout: Timeout,
        future: impl Future<Output = K::Output> + Send + 'a,
    ) -> Reply<'a, K::Output>
    where
        K: Shareable<Value: Value, Fault: Value, Output: Send> + 'a,
    {
        // The scope is that of whoever waits for the reply, so it is asked then.
        let key = key.to_owned();
        Reply::later(async move {
            let mut request = Request::manual(self.engine(), &key);
            let plan = Plan::new(Found::<K>::new().shared()).timeout(timeout);
            call_async(&mut request, plan, future).await
        })
    }

    fn compute_with<'a, K>(
        &'a self,
        key: &str,
        timeout: Timeout,
        closure: impl FnOnce() -> K::Output + Send + 'a,
    ) -> Reply<'a, K::Output>
    where
        K: Shareable<Value: Value, Fault: Value, Output: Send> + 'a,
    {
        self.compute::<K>(key, timeout, async move { closure() })
    }
}
