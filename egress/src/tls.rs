//! Whom TLS trusts: the system's roots, read once for all lanes.

use std::sync::Arc;

use rustls::client::Resumption;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_platform_verifier::Verifier;

/// Sessions that one lane remembers, to resume them.
const SESSIONS_MAX: usize = 64;

pub(crate) struct Tls {
    config: ClientConfig,
    pub(crate) has_roots: bool,
}

impl Tls {
    /// Trust as the operating system has it. Where it has none, nobody is trusted, and only hosts that are allowed without TLS are reached.
    pub(crate) fn of_the_system() -> Self {
        let provider = Arc::new(aws_lc_rs::default_provider());
        match Verifier::new(provider.clone()) {
            Ok(verifier) => Self::verified_by(Arc::new(verifier), provider),
            Err(_) => Self {
                config: versions(provider)
                    .with_root_certificates(RootCertStore::empty())
                    .with_no_client_auth(),
                has_roots: false,
            },
        }
    }

    pub(crate) fn verified_by(
        verifier: Arc<dyn ServerCertVerifier>,
        provider: Arc<CryptoProvider>,
    ) -> Self {
        let config = versions(provider)
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        Self {
            config,
            has_roots: true,
        }
    }

    /// The same trust with a memory of its own: a session that two lanes shared would tell a receiver that they are one sender.
    pub(crate) fn for_one_lane(&self) -> ClientConfig {
        let mut config = self.config.clone();
        config.resumption = Resumption::in_memory_sessions(SESSIONS_MAX);
        config
    }
}

fn versions(provider: Arc<CryptoProvider>) -> ConfigBuilder<ClientConfig, WantsVerifier> {
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has suites for TLS 1.2 and 1.3")
}
