//! Conditional reads: a strong entity tag from the bytes of the representation, and 304 for whoever has them already.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poem::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, IntoEndpoint, IntoResponse, Request, Response, Result};
use sha2::{Digest, Sha256};

/// How many bytes of the digest make the tag.
const TAG_BYTES: usize = 16;

/// The strong entity tag of a representation, quotes included.
///
/// It depends on the bytes alone, not on who asks, so that a new token of the same session still gets its 304.
#[must_use]
pub fn entity_tag(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(&digest[..TAG_BYTES]))
}

/// Whether the request says that it has the representation with this tag already (RFC 9110 section 13.1.2).
#[must_use]
pub fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// Gives the successful JSON answers of an endpoint a tag, and answers 304 without a body where it is known.
pub fn conditional<E: IntoEndpoint>(endpoint: E) -> impl Endpoint<Output = Response> {
    Conditional {
        endpoint: endpoint.into_endpoint(),
    }
}

struct Conditional<E> {
    endpoint: E,
}

impl<E: Endpoint> Endpoint for Conditional<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let head = request.method() == Method::HEAD;
        if !head && request.method() != Method::GET {
            return self
                .endpoint
                .call(request)
                .await
                .map(IntoResponse::into_response);
        }
        // The router answers HEAD with an empty body, whose tag would be another one.
        request.set_method(Method::GET);
        let asked = request.headers().clone();
        let response = self.endpoint.call(request).await?.into_response();
        if response.status() != StatusCode::OK || !is_json(&response) {
            return Ok(without_body_if(head, response));
        }
        tagged(&asked, response)
            .await
            .map(|response| without_body_if(head, response))
    }
}

async fn tagged(asked: &HeaderMap, response: Response) -> Result<Response> {
    let (mut parts, body) = response.into_parts();
    let bytes = body.into_bytes().await?;
    let tag = entity_tag(&bytes);
    let known = is_known(asked, &tag);
    if let Ok(value) = HeaderValue::try_from(tag) {
        parts.headers.insert(header::ETAG, value);
    }
    if known {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        return Ok(Response::from_parts(parts, ().into()));
    }
    Ok(Response::from_parts(parts, bytes.into()))
}

fn is_json(response: &Response) -> bool {
    response
        .content_type()
        .is_some_and(|media_type| media_type.starts_with("application/json"))
}

fn without_body_if(head: bool, mut response: Response) -> Response {
    if head {
        response.set_body(());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem::test::TestClient;
    use poem::web::Json;
    use poem::{Route, get, handler};

    #[handler]
    fn thing() -> Json<serde_json::Value> {
        Json(serde_json::json!({"a": 1}))
    }

    #[tokio::test]
    async fn who_has_it_gets_no_body() {
        let client = TestClient::new(conditional(Route::new().at("/", get(thing))));
        let first = client.get("/").send().await;
        let tag = first.0.header("etag").expect("a tag").to_owned();
        assert_eq!(tag, entity_tag(br#"{"a":1}"#));
        for known in [tag.clone(), format!("\"other\", W/{tag}"), "*".to_owned()] {
            let again = client.get("/").header("if-none-match", known).send().await;
            again.assert_status(StatusCode::NOT_MODIFIED);
            again.assert_header("etag", &tag);
            again.assert_text("").await;
        }
        let other = client
            .get("/")
            .header("if-none-match", "\"x\"")
            .send()
            .await;
        other.assert_status_is_ok();
        let head = client.head("/").send().await;
        head.assert_header("etag", &tag);
        head.assert_text("").await;
    }
}
