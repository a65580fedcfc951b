//! Lists as tables: who asks for one, and how it leaves.

use std::io;

use bytes::Bytes;
use futures_util::Stream;
use poem::http::{HeaderMap, header};
use poem::{Body, Response};

/// The media type of tables.
pub const CSV: &str = "text/csv; charset=utf-8";

/// Whether a table is preferred to JSON. Who says nothing, or takes anything, gets JSON.
#[must_use]
pub fn wants_csv(headers: &HeaderMap) -> bool {
    let weight = |wanted: &str| {
        headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|range| weight_of(range, wanted))
            .max()
            .unwrap_or(0)
    };
    weight("text/csv") > weight("application/json")
}

/// The weight in thousandths that a range gives a media type it names exactly.
fn weight_of(range: &str, wanted: &str) -> Option<u32> {
    let mut parts = range.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case(wanted) {
        return None;
    }
    let q = parts.find_map(|part| part.strip_prefix("q="));
    Some(q.map_or(1_000, thousandths))
}

fn thousandths(q: &str) -> u32 {
    let (whole, fraction) = q.split_once('.').unwrap_or((q, ""));
    let digits: String = format!("{fraction:0<3}").chars().take(3).collect();
    let fraction: u32 = digits.parse().unwrap_or(0);
    if whole == "1" { 1_000 } else { fraction }
}

/// Answers a table under a name; its bytes follow as they come.
#[must_use]
pub fn answer(
    file_name: &str,
    bytes: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
) -> Response {
    Response::builder()
        .content_type(CSV)
        .header(
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{file_name}\""),
        )
        .header(header::VARY, "Accept")
        .body(Body::from_bytes_stream(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem::http::HeaderValue;

    #[test]
    fn a_table_comes_only_to_who_prefers_one() {
        for (accept, expected) in [
            ("text/csv", true),
            ("TEXT/CSV; charset=utf-8", true),
            ("text/csv, */*;q=0.1", true),
            ("text/csv;q=0.5, application/json;q=0.4", true),
            ("text/csv;q=0.4, application/json", false),
            ("text/csv;q=0", false),
            ("text/csv, application/json", false),
            ("*/*", false),
            ("text/*", false),
            ("", false),
            (";;;,,q=", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(
                header::ACCEPT,
                HeaderValue::from_str(accept).expect("a header"),
            );
            assert_eq!(wants_csv(&headers), expected, "{accept}");
        }
        assert!(!wants_csv(&HeaderMap::new()));
    }
}
