//! Content codings: whether a client takes an answer compressed.

use poem::http::{HeaderMap, header};

/// Whether the client takes gzip: named or by `*`, and not with a weight of zero. The word itself outranks the star.
pub(crate) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let mut star = false;
    for coding in list(headers, header::ACCEPT_ENCODING) {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight =
            parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let wanted =
            weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|weight| weight > 0.0));
        if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
            return wanted;
        }
        star |= name == "*" && wanted;
    }
    star
}

/// The members of a header that is a list, over all lines of it.
fn list(headers: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    let lines = headers
        .get_all(name)
        .into_iter()
        .filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|member| !member.is_empty())
}

#[cfg(test)]
mod tests {
    use poem::http::{HeaderMap, header};

    use super::accepts_gzip;

    #[test]
    fn gzip_is_sent_only_to_those_who_take_it() {
        let cases = [
            ("gzip", true),
            ("br, GZIP;q=0.2", true),
            ("*", true),
            ("*;q=0", false),
            ("gzip;q=0, *", false),
            ("gzip; q=0.000", false),
            ("gzip;q=x", false),
            ("br", false),
            ("", false),
        ];
        for (line, expected) in cases {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, line.parse().unwrap())]);
            assert_eq!(accepts_gzip(&headers), expected, "{line}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }
}
