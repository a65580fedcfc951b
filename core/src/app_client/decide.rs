//! What the owner of an app may choose. Pure.

use std::collections::BTreeSet;

use url::{Host, Url};

use super::{
    ADDRESS_CHARS_MAX, Form, INITIALS_CHARS_MAX, PUBLISHER_CHARS_MAX, RATE_PER_MINUTE,
    RATE_PER_MINUTE_MAX, REDIRECTS_MAX, Refusal, Settings,
};
use crate::text;

/// The settings as they are recorded, or why they are not.
pub(super) fn settings(form: Form, settings: &Settings) -> Result<Settings, Refusal> {
    let publisher = text::line(&settings.publisher, PUBLISHER_CHARS_MAX)
        .map_err(|bad| Refusal::BadText("the publisher's name", bad))?;
    let website = settings.website.as_deref().filter(|text| !text.is_empty());
    if website.is_some_and(|website| !is_https(website)) {
        return Err(Refusal::BadWebsite);
    }
    if !is_color(&settings.color) || !are_initials(&settings.initials) {
        return Err(Refusal::BadLogo);
    }
    let redirects = &settings.redirect_uris;
    let different: BTreeSet<&String> = redirects.iter().collect();
    if !(1..=REDIRECTS_MAX).contains(&redirects.len()) || different.len() != redirects.len() {
        return Err(Refusal::BadRedirectCount);
    }
    if !redirects.iter().all(|uri| is_redirect(form, uri)) {
        return Err(Refusal::BadRedirect);
    }
    if settings.scopes.is_empty() {
        return Err(Refusal::NoScopes);
    }
    Ok(Settings {
        publisher,
        website: website.map(ToOwned::to_owned),
        color: settings.color.to_ascii_lowercase(),
        initials: settings.initials.to_uppercase(),
        ..settings.clone()
    })
}

/// Whether a rate may be set: whoever installs an app must be able to rely on the usual one, so only the operator allows more.
pub(super) fn rate(rate: Option<u32>, by_operator: bool) -> Result<(), Refusal> {
    let most = if by_operator {
        RATE_PER_MINUTE_MAX
    } else {
        RATE_PER_MINUTE
    };
    match rate {
        Some(rate) if !(1..=most).contains(&rate) => Err(Refusal::BadRate),
        _ => Ok(()),
    }
}

fn is_color(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn are_initials(text: &str) -> bool {
    (1..=INITIALS_CHARS_MAX).contains(&text.chars().count())
        && text.chars().all(char::is_alphanumeric)
}

/// An address as its own parser would write it, so that no two programs disagree about where it leads.
fn address(text: &str) -> Option<Url> {
    let plain = text.len() <= ADDRESS_CHARS_MAX && text.bytes().all(|b| b.is_ascii_graphic());
    let url = Url::parse(text).ok().filter(|_| plain)?;
    let clean = url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
        && !text.contains(['#', '\\', '"', '<', '>', '`', '\'']);
    // The parser adds the one slash of an address without a path; anything else that it changes is refused.
    let as_written = url.as_str() == text || url.as_str().strip_suffix('/') == Some(text);
    (clean && as_written).then_some(url)
}

fn is_https(text: &str) -> bool {
    address(text).is_some_and(|url| url.scheme() == "https" && url.has_host())
}

fn is_redirect(form: Form, text: &str) -> bool {
    is_https(text)
        || form == Form::Native
            && address(text).is_some_and(|url| {
                let loopback = match url.host() {
                    Some(Host::Ipv4(address)) => address.is_loopback(),
                    Some(Host::Ipv6(address)) => address.is_loopback(),
                    // A name may lead elsewhere (RFC 8252, section 8.3).
                    Some(Host::Domain(_)) | None => false,
                };
                url.scheme() == "http" && loopback
            })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Settings {
        Settings {
            publisher: "Example Press".to_owned(),
            website: Some("https://example.com/".to_owned()),
            color: "#1F6FEB".to_owned(),
            initials: "ex".to_owned(),
            redirect_uris: vec!["https://example.com/callback".to_owned()],
            scopes: "assets:read".parse().expect("scopes"),
        }
    }

    #[test]
    fn settings_are_tidied() {
        let tidy = settings(Form::Web, &good()).expect("good");
        assert_eq!(
            (tidy.color.as_str(), tidy.initials.as_str()),
            ("#1f6feb", "EX")
        );
    }

    #[test]
    fn redirects_are_exact_and_safe() {
        for (form, uri, fits) in [
            (Form::Web, "https://example.com", true),
            (Form::Web, "https://example.com/", true),
            (Form::Web, "https://example.com:8443/a?b=c", true),
            (Form::Web, "http://example.com/", false),
            (Form::Web, "http://127.0.0.1/", false),
            (Form::Web, "https://user@example.com/", false),
            (Form::Web, "https://example.com/#x", false),
            (Form::Web, "https://example.com/a/../b", false),
            (Form::Web, "https://EXAMPLE.com/", false),
            (Form::Web, "https://example.com:443/", false),
            (Form::Web, "https:example.com", false),
            (Form::Web, "https://example.com/a b", false),
            (Form::Web, "https://exämple.com/", false),
            (Form::Web, "javascript:alert(1)", false),
            (Form::Web, "data:text/html,x", false),
            (Form::Web, "/callback", false),
            (Form::Web, "", false),
            (Form::Native, "http://127.0.0.1:49152/callback", true),
            (Form::Native, "http://[::1]:49152/callback", true),
            (Form::Native, "http://localhost/callback", false),
            (Form::Native, "http://127.0.0.1.example.com/", false),
            (Form::Native, "http://10.0.0.1/", false),
            (Form::Native, "com.example.app:/callback", false),
        ] {
            let wanted = Settings {
                redirect_uris: vec![uri.to_owned()],
                ..good()
            };
            assert_eq!(settings(form, &wanted).is_ok(), fits, "{form} {uri}");
        }
        let long = format!("https://example.com/{}", "a".repeat(ADDRESS_CHARS_MAX));
        assert!(!is_redirect(Form::Web, &long));
    }

    #[test]
    fn what_cannot_be_shown_is_refused() {
        let cases = [
            Settings {
                publisher: String::new(),
                ..good()
            },
            Settings {
                website: Some("http://example.com/".to_owned()),
                ..good()
            },
            Settings {
                color: "red".to_owned(),
                ..good()
            },
            Settings {
                color: "#12345g".to_owned(),
                ..good()
            },
            Settings {
                initials: String::new(),
                ..good()
            },
            Settings {
                initials: "ABC".to_owned(),
                ..good()
            },
            Settings {
                initials: "<".to_owned(),
                ..good()
            },
            Settings {
                redirect_uris: Vec::new(),
                ..good()
            },
            Settings {
                redirect_uris: vec!["https://example.com/".to_owned(); 2],
                ..good()
            },
            Settings {
                scopes: super::super::Scopes::default(),
                ..good()
            },
        ];
        for case in cases {
            assert!(settings(Form::Web, &case).is_err(), "{case:?}");
        }
    }

    #[test]
    fn only_the_operator_allows_more() {
        for (wanted, operator, fits) in [
            (None, false, true),
            (Some(120), false, true),
            (Some(121), false, false),
            (Some(0), true, false),
            (Some(6_000), true, true),
            (Some(RATE_PER_MINUTE_MAX + 1), true, false),
        ] {
            assert_eq!(
                rate(wanted, operator).is_ok(),
                fits,
                "{wanted:?} {operator}"
            );
        }
    }
}
