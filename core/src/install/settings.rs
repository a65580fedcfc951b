//! What administrators may choose, and what is shown to them of a service's complaints. Pure.

use super::{DOMAINS_MAX, Refusal, Settings};
use crate::text;

/// The most characters of a host name.
const DOMAIN_CHARS_MAX: usize = 253;
/// The most characters of what is kept of an error.
const ERROR_CHARS_MAX: usize = 300;

/// What a service says is shown to administrators: one line of it.
pub(super) fn cut(error: &str) -> String {
    let printable = error
        .chars()
        .map(|c| if text::is_printable(c) { c } else { ' ' });
    printable.take(ERROR_CHARS_MAX).collect()
}

pub(super) fn checked(settings: &Settings) -> Result<Settings, Refusal> {
    let mut domains: Vec<String> = settings
        .trusted_email_domains
        .iter()
        .map(|domain| domain.trim().to_ascii_lowercase())
        .collect();
    domains.sort_unstable();
    domains.dedup();
    if domains.len() > DOMAINS_MAX || !domains.iter().all(|domain| is_domain(domain)) {
        return Err(Refusal::BadDomain);
    }
    Ok(Settings {
        trusted_email_domains: domains,
        share_in_channels: settings.share_in_channels,
    })
}

/// At least two labels of letters, digits and inner hyphens: whoever means every address says none.
fn is_domain(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    text.len() <= DOMAIN_CHARS_MAX
        && labels.len() >= 2
        && labels.iter().all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_host_names() {
        for good in ["example.edu", "mail.example-college.edu", "a.b"] {
            assert!(is_domain(good), "{good}");
        }
        for bad in [
            "",
            "edu",
            "*.edu",
            "@example.edu",
            "a..b",
            "-a.edu",
            "ä.edu",
            ".edu",
        ] {
            assert!(!is_domain(bad), "{bad}");
        }
    }

    #[test]
    fn what_a_service_says_becomes_one_short_line() {
        assert_eq!(cut("token_revoked\r\nx"), "token_revoked  x");
        assert_eq!(cut(&"a".repeat(5_000)).len(), ERROR_CHARS_MAX);
    }
}
