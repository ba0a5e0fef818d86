//! Parts of templates that are rendered once: `{% call cached("sidebar", user.id) %}`.

mod arguments;
mod escaping;
mod vary;

use larder_core::cache::Cache;
use larder_core::error::Result;
use larder_core::reply::Reply;
use minijinja::value::{Rest, Value, ValueOrKwargs};
use minijinja::{Error, ErrorKind, State};

use arguments::Arguments;
use escaping::Escaping;
use vary::Vary;

/// Makes a function for minijinja templates that renders what stands in its call block once, and
/// keeps it.
///
/// The first argument is the name of the fragment, the others are what it varies on. `timeout` is
/// in seconds; without it the fragment lives for the cache's default timeout.
///
/// ```
/// use larder_http::fragments;
/// use minijinja::{Environment, context};
///
/// # let store = larder_backends::Memory::new(100);
/// # let cache = larder_core::cache::Cache::builder().backend(store).build()?;
/// let mut env = Environment::new();
/// env.add_function("cached", fragments(cache.clone()));
/// env.add_template("page.html", r#"
///     {% call cached("sidebar", user.id, timeout=300) %}
///         <aside>{{ user.name }}</aside>
///     {% endcall %}
/// "#)?;
///
/// let page = env.get_template("page.html")?;
/// let first = page.render(context!(user => context!(id => 7, name => "Ann")))?;
/// let second = page.render(context!(user => context!(id => 7, name => "Anne")))?;
/// assert_eq!(first, second);
/// assert_eq!(cache.stats().hits, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # What tells fragments apart
///
/// The name, the arguments after it, and whether (and how) the template escapes: what was rendered
/// as text is never taken for HTML. Nothing else: not the template that the block stands in, and
/// not the variables that it uses. What its text depends on must be an argument. What the body does
/// besides rendering happens when it is rendered, not when a kept text is inserted.
///
/// Arguments are data: `none`, booleans, numbers, strings, bytes, lists and maps of such. An integer is
/// the same however it came into the template; 2 and 2.0 are two things, and so are a string and
/// the same string marked as safe. An *undefined* argument is an error: `user.idd` for `user.id`
/// would show the sidebar of the first user to all. So are iterators (make a list with `|list`),
/// functions, macros, and objects that do not say what is in them.
///
/// # Forgetting a fragment
///
/// [`delete_fragment`], with the same name and arguments.
///
/// # Errors
///
/// The function fails if the body does, with the body's error, and keeps nothing; and if its
/// arguments are wrong; and under an auto-escape mode of your own. It never fails because of the
/// cache: when the store fails, the body is rendered.
///
/// # Blocking
///
/// Templates are rendered without async, so the function blocks its thread while a remote store
/// answers, and while another thread renders the same fragment. In async code render where blocking
/// is allowed, as in `tokio::task::spawn_blocking`, or keep fragments in process.
pub fn fragments(
    cache: Cache,
) -> impl Fn(&mut State<'_, '_>, Rest<ValueOrKwargs>) -> Result<Value, Error> + Send + Sync + 'static
{
    move |state, arguments| {
        let arguments = Arguments::parse(&arguments.into_values())?;
        let escaping = Escaping::of(state)?;
        let key = escaping.key(&cache, &arguments.name, &arguments.vary);
        let key = key.map_err(|error| {
            let what = "cannot make the key of a fragment";
            Error::new(ErrorKind::BadSerialization, what).with_source(error)
        })?;
        let rendered = cache.compute_here(&key, arguments.timeout, || {
            let body = arguments.body.call(state, &[])?;
            escaping.escape(body, state)
        })?;
        Ok(escaping.mark(rendered))
    }
}

/// Forgets a fragment that [`fragments`] keeps; answers whether there was one.
///
/// `vary_on` is what the call block has after the name, in the same order. `minijinja::args!` turns
/// numbers, strings, options and lists into it; `minijinja::value::Serde` what is `Serialize`.
/// The fragment is forgotten however it was escaped.
///
/// ```
/// use larder_http::delete_fragment;
/// use minijinja::args;
///
/// # let store = larder_backends::Memory::new(100);
/// # let cache = larder_core::cache::Cache::builder().backend(store).build()?;
/// # let user_id = 7_u32;
/// // {% call cached("sidebar", user.id) %}...{% endcall %}
/// delete_fragment(&cache, "sidebar", args!(user_id)).wait()?;
/// # Ok::<(), larder_core::error::Error>(())
/// ```
///
/// # Without minijinja
///
/// A fragment of an HTML template is an entry like any other, under
/// `cache.fragment_key("sidebar", &vary_on)`: what [`Cache::fragment`] keeps with the same `vary_on`
/// is the same fragment. There the types matter. `vary_on` is a tuple or an array, `()` if there is
/// nothing; in it an integer is an `i64` (`u64` if it does not fit, then `i128`, then `u128`), a
/// number with a point an `f64`, a string a `str` or `String`, `none` an `Option` that is `None`, a
/// list a `Vec` or a slice, a map a map.
///
/// ```
/// # use larder_http::delete_fragment;
/// # let store = larder_backends::Memory::new(100);
/// # let cache = larder_core::cache::Cache::builder().backend(store).build()?;
/// let user_id: u32 = 7;
/// let key = cache.fragment_key("sidebar", &(i64::from(user_id), "en"))?;
/// cache.set(&key, &"<aside>Ann</aside>".to_owned(), 60).wait()?;
/// assert!(delete_fragment(&cache, "sidebar", minijinja::args!(user_id, "en")).wait()?);
/// # Ok::<(), larder_core::error::Error>(())
/// ```
///
/// # Errors
///
/// [`Encode`](larder_core::error::ErrorKind::Encode) if `vary_on` would be an error in a template;
/// otherwise as for [`Cache::delete`].
pub fn delete_fragment<'a>(
    cache: &'a Cache,
    name: &str,
    vary_on: &[Value],
) -> Reply<'a, Result<bool>> {
    match keys(cache, name, vary_on) {
        Ok(keys) => cache.delete_many(keys).map(|count| Ok(count? > 0)),
        Err(error) => Reply::now(Err(error)),
    }
}

fn keys(cache: &Cache, name: &str, vary_on: &[Value]) -> Result<Vec<String>> {
    let vary = Vary::of(name, vary_on).map_err(escaping::no_key)?;
    let key = |escaping: Escaping| escaping.key(cache, name, &vary);
    Escaping::ALL.into_iter().map(key).collect()
}
