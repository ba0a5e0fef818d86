//! Making an answer of what the service behind the layer responds.

use bytes::Bytes;
use http::Response;
use http::header::{HeaderName, HeaderValue, VARY};
use http_body::Body;

use crate::answer::Answer;
use crate::keepable::{Reason, refusal_of_layer, varies};
use crate::layer::asked::Asked;
use crate::layer::known;
use crate::layer::policy::Policy;
use crate::stored::StoredResponse;

/// Makes an answer of what the inner service responds.
pub(crate) async fn make<R: Body<Data = Bytes>, E>(
    policy: &Policy,
    asked: &Asked,
    response: impl Future<Output = Result<Response<R>, E>>,
) -> Result<Answer<R>, E> {
    let (head, body) = response.await?.into_parts();
    let refusal = refusal_of_layer(&head, &policy.vary);
    let response = Response::from_parts(head, body);
    let seal = |mut response: Response<Bytes>| {
        known::ensure_tag(&mut response);
        add_vary(&mut response, &policy.vary);
        StoredResponse::answering(&asked.target, response)
    };
    let answer = Answer::of(response, policy.max_body, refusal, seal).await;
    let answer = answer.unless(|response| {
        let is_stale = policy
            .own_lifetime(response)
            .is_some_and(|left| left.is_zero());
        if is_stale {
            Some(Reason::Stale)
        } else {
            policy.refuses(response).then_some(Reason::Refused)
        }
    });
    match &answer {
        Answer::Passed(_) => policy.passing.note(&asked.target),
        Answer::Made(..) | Answer::Kept(_) => policy.passing.forget(&asked.target),
    }
    Ok(answer)
}

/// Names what the response depends on, for caches further out.
fn add_vary<B>(response: &mut Response<B>, names: &[HeaderName]) {
    let said = varies(response.headers());
    for name in names {
        let is_there = said
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name.as_str()));
        if !is_there {
            response
                .headers_mut()
                .append(VARY, HeaderValue::from(name.clone()));
        }
    }
}
