//! What changes something must come from our own pages: checked before any handler, for every unsafe method.

use std::sync::Arc;

use habeo_core::store::StoreError;
use poem::http::{HeaderMap, Method, StatusCode, header};
use poem::{Endpoint, IntoResponse as _, Request, Response};
use url::Url;

use crate::Console;
use crate::page::{Notice, sentence};
use crate::pages;

/// Refuses an unsafe request that another site's page has sent. Reading is nobody's secret: it changes nothing.
pub(crate) async fn guard<E: Endpoint>(next: Arc<E>, request: Request) -> poem::Result<Response> {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    if !safe {
        let ours = match request.data::<Console>() {
            Some(console) => is_ours(request.headers(), &console.parts().public_url),
            None => false,
        };
        if !ours {
            return Ok(sentence(
                StatusCode::FORBIDDEN,
                "This form was not sent by a page of this server. Open the page again and repeat what you did.",
            ));
        }
    }
    let console = request.data::<Console>().cloned();
    match next.call(request).await {
        Ok(response) => Ok(response.into_response()),
        // Extractors refuse with whole pages; the edge would make a problem document of any other error.
        Err(error) if error.is_from_response() => Ok(error.into_response()),
        Err(error) => Ok(failed(console.as_ref(), &error)),
    }
}

/// A page in place of a problem document: people read it.
fn failed(console: Option<&Console>, error: &poem::Error) -> Response {
    if let Some(read_only @ StoreError::ReadOnly) = error.downcast_ref::<StoreError>() {
        let text = pages::sentence(&read_only.to_string());
        let (status, heading) = (StatusCode::FORBIDDEN, "Nothing was changed");
        return match console {
            Some(console) => Notice::new(console, status, heading, text).into_response(),
            None => sentence(status, heading),
        };
    }
    let status = error.status();
    if status.is_server_error() {
        tracing::error!(%error, "a page of the console failed");
    }
    let (heading, text) = match status {
        StatusCode::NOT_FOUND => (
            "There is no such page",
            "The address may be mistyped, or what it named is not visible to you.",
        ),
        StatusCode::METHOD_NOT_ALLOWED
        | StatusCode::BAD_REQUEST
        | StatusCode::UNSUPPORTED_MEDIA_TYPE => (
            "That cannot be read",
            "The request is not one that a page of this server sends. Open the page again and repeat what you did.",
        ),
        _ => (
            "Something failed on our side",
            "Nothing was changed. Try again in a moment; if it stays so, tell your administrator.",
        ),
    };
    match console {
        Some(console) => Notice::new(console, status, heading, text).into_response(),
        None => sentence(status, text),
    }
}

/// Browsers say where a request comes from. One that does not (or something that is none) has to name our origin.
fn is_ours(headers: &HeaderMap, public_url: &Url) -> bool {
    let only = |name| {
        let mut values = headers.get_all(name).iter();
        let value = values.next().and_then(|value| value.to_str().ok());
        (value, values.next().is_none())
    };
    match only(header::HeaderName::from_static("sec-fetch-site")) {
        (Some(site), true) => site == "same-origin",
        (None, _) => match only(header::ORIGIN) {
            (Some(origin), true) => {
                Url::parse(origin).is_ok_and(|origin| origin.origin() == public_url.origin())
            }
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use poem::http::{HeaderMap, HeaderName, HeaderValue};
    use url::Url;

    use super::is_ours;

    #[test]
    fn only_our_own_pages_send_forms() {
        let public = Url::parse("https://habeo.example.edu").expect("an address");
        let cases = [
            (vec![("sec-fetch-site", "same-origin")], true),
            (
                vec![
                    ("sec-fetch-site", "same-origin"),
                    ("origin", "https://evil.example"),
                ],
                true,
            ),
            (vec![("sec-fetch-site", "same-site")], false),
            (
                vec![
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "https://habeo.example.edu"),
                ],
                false,
            ),
            (vec![("sec-fetch-site", "none")], false),
            (
                vec![
                    ("sec-fetch-site", "same-origin"),
                    ("sec-fetch-site", "cross-site"),
                ],
                false,
            ),
            (vec![("origin", "https://habeo.example.edu")], true),
            (vec![("origin", "https://habeo.example.edu:444")], false),
            (vec![("origin", "http://habeo.example.edu")], false),
            (vec![("origin", "null")], false),
            (vec![], false),
        ];
        for (lines, ours) in cases {
            let mut headers = HeaderMap::new();
            for (name, value) in &lines {
                headers.append(
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                );
            }
            assert_eq!(is_ours(&headers, &public), ours, "{lines:?}");
        }
    }
}
