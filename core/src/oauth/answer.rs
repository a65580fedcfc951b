//! The answer to an app's request: back where it said, with whatever is said.

use url::Url;

/// The address that a browser is led to: the redirect URI with these pairs, the app's `state` as it came, and who says so (RFC 9207).
///
/// A redirect URI that is none cannot have been registered; then there is nowhere to lead to.
#[must_use]
pub fn address(
    redirect_uri: &str,
    pairs: &[(&str, &str)],
    state: Option<&str>,
    issuer: &str,
) -> Option<String> {
    let mut url = Url::parse(redirect_uri).ok()?;
    let mut query = url.query_pairs_mut();
    query.extend_pairs(pairs);
    if let Some(state) = state {
        query.append_pair("state", state);
    }
    query.append_pair("iss", issuer);
    drop(query);
    Some(url.into())
}

/// How an installation that is reached here names itself as an issuer: its address without the last slash.
#[must_use]
pub fn issuer(public_url: &Url) -> String {
    public_url.as_str().trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_address_had_stays() {
        let led = address(
            "https://example.com/cb?tenant=a%20b",
            &[("code", "hbo_ac_x")],
            Some("a b&c"),
            "https://habeo.example.edu",
        );
        assert_eq!(
            led.as_deref(),
            Some(
                "https://example.com/cb?tenant=a%20b&code=hbo_ac_x&state=a+b%26c&iss=https%3A%2F%2Fhabeo.example.edu"
            )
        );
        assert_eq!(address("nowhere", &[], None, "x"), None);
        let public = Url::parse("https://habeo.example.edu/").expect("an address");
        assert_eq!(issuer(&public), "https://habeo.example.edu");
    }
}
