//! The settings of the push service.

use secrecy::ExposeSecret as _;
use url::Url;

use super::Expo;

impl Expo {
    /// What is no address, or no token.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let is_address = Url::parse(&self.base_url).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.path() == "/"
                && url.query().is_none()
                && url.fragment().is_none()
        });
        if !is_address || self.base_url.ends_with('/') {
            return Err(
                "HABEO_EXPO_BASE_URL is an address such as https://exp.host, without a path or a slash at the end",
            );
        }
        // As it goes into a header: visible characters, and no space that would end it.
        let is_token = |token: &secrecy::SecretString| {
            let text = token.expose_secret();
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())
        };
        if !self.access_token.as_ref().is_none_or(is_token) {
            return Err(
                "HABEO_EXPO_ACCESS_TOKEN is empty or has characters that no token has; without one, leave it out",
            );
        }
        Ok(())
    }
}
