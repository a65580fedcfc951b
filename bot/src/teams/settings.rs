//! What an installation tells of its Teams app. Every address of the vendor can be another one, so that a simulator can stand in.

use secrecy::SecretString;
use url::Url;

/// The tenant of bots that were registered for all tenants, while that was possible.
const EVERY_TENANT: &str = "botframework.com";

/// The app's settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The id of the app, which is its bot's too.
    pub app_id: String,
    /// By what the app proves itself.
    pub credential: Credential,
    /// Where the bot is registered.
    pub registration: Registration,
    /// Where the channel's keys are described.
    pub metadata_url: String,
    /// Who signs the channel's requests.
    pub issuer: String,
    /// Where tokens are given out and people sign in, without a slash at the end.
    pub login_base: String,
    /// For what tokens are asked.
    pub scope: String,
    /// The hosts that messages are sent to.
    pub service_hosts: Vec<ServiceHost>,
}

/// How a bot is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registration {
    /// In one tenant, whose id this is. Colleagues of other tenants are served nevertheless.
    SingleTenant(String),
    /// For all tenants, as was possible until the middle of 2025.
    MultiTenant,
}

impl Registration {
    /// The tenant that gives out the bot's own tokens.
    #[must_use]
    pub fn tenant(&self) -> &str {
        match self {
            Self::SingleTenant(tenant) => tenant,
            Self::MultiTenant => EVERY_TENANT,
        }
    }
}

/// By what the app proves itself at the token endpoint.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A client secret.
    Secret(SecretString),
    /// A certificate with its private key, both as PEM in one text.
    Certificate(SecretString),
}

/// A host that messages may be sent to, with a port where it is not the one of https.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceHost {
    host: String,
    port: Option<u16>,
}

/// A text that names no host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a service host is written as a host, or as host:port, without a scheme")]
pub struct NotAHost;

impl std::str::FromStr for ServiceHost {
    type Err = NotAHost;

    fn from_str(text: &str) -> Result<Self, NotAHost> {
        let url = Url::parse(&format!("https://{text}/")).map_err(|_| NotAHost)?;
        let host = url.host_str().ok_or(NotAHost)?;
        let plain = url.username().is_empty() && url.path() == "/" && url.query().is_none();
        if !plain || !text.to_ascii_lowercase().starts_with(host) {
            return Err(NotAHost);
        }
        Ok(Self {
            host: host.to_owned(),
            port: url.port(),
        })
    }
}

impl ServiceHost {
    /// Whether an address is on this host: by https, or by http where the host is this machine itself and the port is named.
    fn takes(&self, url: &Url) -> bool {
        let loopback = match url.host() {
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            Some(url::Host::Domain(_)) | None => false,
        };
        let scheme =
            url.scheme() == "https" || url.scheme() == "http" && loopback && self.port.is_some();
        scheme && url.host_str() == Some(self.host.as_str()) && url.port() == self.port
    }
}

impl Settings {
    /// The address of a service, if messages may be sent there. Whoever is sent a message is sent the bot's token too, so that a signed
    /// request alone must not choose the host.
    #[must_use]
    pub fn service_url(&self, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok()?;
        let plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        (plain && self.service_hosts.iter().any(|host| host.takes(&url))).then_some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(hosts: &[&str]) -> Settings {
        Settings {
            app_id: "app".to_owned(),
            credential: Credential::Secret(SecretString::from("s")),
            registration: Registration::MultiTenant,
            metadata_url: String::new(),
            issuer: String::new(),
            login_base: String::new(),
            scope: String::new(),
            service_hosts: hosts
                .iter()
                .map(|host| host.parse().expect("a host"))
                .collect(),
        }
    }

    #[test]
    fn messages_go_to_listed_hosts_only() {
        let settings = settings(&["smba.trafficmanager.net", "127.0.0.1:9000"]);
        for good in [
            "https://smba.trafficmanager.net/amer/",
            "https://SMBA.trafficmanager.net/amer",
            "https://smba.trafficmanager.net:443/",
            "http://127.0.0.1:9000/x/",
        ] {
            assert!(settings.service_url(good).is_some(), "{good}");
        }
        for bad in [
            "http://smba.trafficmanager.net/amer/",
            "https://smba.trafficmanager.net.evil.example/",
            "https://smba.trafficmanager.net:444/",
            "https://smba.trafficmanager.net@evil.example/",
            "https://a:b@smba.trafficmanager.net/",
            "https://smba.trafficmanager.net/?x=1",
            "https://evil.example/smba.trafficmanager.net",
            "http://127.0.0.1/",
            "ftp://smba.trafficmanager.net/",
            "smba.trafficmanager.net",
            "",
        ] {
            assert!(settings.service_url(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn hosts_are_hosts() {
        for bad in ["", "https://a.example", "a.example/x", "a b", "u@a.example"] {
            assert!(bad.parse::<ServiceHost>().is_err(), "{bad}");
        }
    }
}
