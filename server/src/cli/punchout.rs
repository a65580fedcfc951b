//! `habeo punchout simulate`: a supplier to try buying with, before there is a contract with one.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use habeo_core::random::{Random as _, SystemRandom};
use habeo_punchout::simulator::{Encoding, PORT, Quirk, Running, Settings, Simulator};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::terminal::{Out, say};
use crate::signal::Signals;

/// Where the simulator listens unless told otherwise.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), PORT);

/// What can be done about suppliers' shops.
#[derive(Debug, Subcommand)]
pub enum Punchout {
    /// Be a small supplier until asked to stop: a shop, a back office, both protocols.
    Simulate(Box<Simulate>),
    /// Print what the simulated supplier can be told to do wrong.
    Quirks,
}

/// How the simulated supplier is to be.
#[derive(Debug, Args)]
pub struct Simulate {
    /// Where it listens. Whoever reaches it may use it.
    #[arg(long, value_name = "ADDRESS", default_value_t = LISTEN)]
    listen: SocketAddr,
    /// How browsers reach it, where that is another address.
    #[arg(long, value_name = "URL")]
    public_url: Option<Url>,
    /// Where Habeo takes confirmations, shipments and invoices; its back office asks for it, too.
    #[arg(long, value_name = "URL")]
    documents: Option<Url>,
    /// How carts travel through the browser.
    #[arg(long, value_enum, default_value_t)]
    carts: Carts,
    /// Something that it does wrong (`habeo punchout quirks` prints all); may be given several times.
    #[arg(long, value_name = "WORD")]
    quirk: Vec<Quirk>,
    /// Seconds until it answers a document.
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=600))]
    delay: u64,
}

/// How carts travel through the browser.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Carts {
    /// As the field cXML-urlencoded.
    #[default]
    Urlencoded,
    /// As the field cXML-base64.
    Base64,
}

impl Punchout {
    pub async fn run(self, out: Out<'_>) -> anyhow::Result<()> {
        match self {
            Self::Simulate(wanted) => wanted.run(out).await,
            Self::Quirks => {
                for quirk in Quirk::ALL {
                    say(out, &format!("{:22}{}", quirk.word(), quirk.story()));
                }
                Ok(())
            }
        }
    }
}

impl Simulate {
    async fn run(self, out: Out<'_>) -> anyhow::Result<()> {
        let running = Simulator::start(self.settings()).await?;
        // Whoever has read the address may ask for the end.
        let mut signals = Signals::listen();
        guide(&running, out);
        signals.next().await;
        Ok(())
    }

    fn settings(self) -> Settings {
        let encoding = match self.carts {
            Carts::Urlencoded => Encoding::Urlencoded,
            Carts::Base64 => Encoding::Base64,
        };
        let usual = Settings::default();
        Settings {
            listen: self.listen,
            public_url: self.public_url,
            documents: self.documents,
            encoding,
            delay: Duration::from_secs(self.delay),
            secret_from_buyer: secret(),
            secret_to_buyer: secret(),
            oci: (usual.oci.0.clone(), secret()),
            ..usual.quirks(self.quirk)
        }
    }
}

/// A secret for the life of this process.
fn secret() -> SecretString {
    use base64::Engine as _;
    let mut bytes = [0; 18];
    SystemRandom.fill(&mut bytes);
    SecretString::from(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
}

/// What to enter in Habeo.
fn guide(running: &Running, out: Out<'_>) {
    let settings = running.settings();
    let authority = running
        .url()
        .split_once("://")
        .map_or("", |(_, authority)| authority);
    say(
        out,
        &format!("A simulated supplier answers at {}", running.url()),
    );
    say(out, "");
    say(out, "Enter in Habeo, as a supplier of the protocol cXML:");
    for (name, value) in [
        ("address", running.documents_url()),
        (
            "supplier",
            format!("{} {}", settings.supplier.domain, settings.supplier.name),
        ),
        (
            "buyer (us)",
            format!("{} {}", settings.buyer.domain, settings.buyer.name),
        ),
        (
            "secret, us to them",
            settings.secret_from_buyer.expose_secret().to_owned(),
        ),
        (
            "secret, them to us",
            settings.secret_to_buyer.expose_secret().to_owned(),
        ),
    ] {
        say(out, &format!("  {name:20}{value}"));
    }
    say(out, "");
    say(out, "Or as a supplier of the protocol OCI:");
    for (name, value) in [
        ("address", running.oci_url()),
        ("USERNAME", settings.oci.0.clone()),
        ("PASSWORD", settings.oci.1.expose_secret().to_owned()),
    ] {
        say(out, &format!("  {name:20}{value}"));
    }
    say(out, "");
    say(
        out,
        &format!(
            "Habeo reaches private addresses only where it is told to: HABEO_ALLOW_PRIVATE_HOSTS={authority}"
        ),
    );
    say(
        out,
        &format!(
            "Orders, and what Habeo is told of them: {}",
            running.office_url()
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is printed is all that somebody needs to connect it.
    #[tokio::test]
    async fn the_guide_says_what_to_enter() {
        let running = Simulator::start(Settings::default()).await.expect("a port");
        let mut out = Vec::new();
        guide(&running, &mut out);
        let text = String::from_utf8(out).expect("text");
        let authority = running.url().trim_start_matches("http://");
        for part in [
            &running.documents_url(),
            &running.oci_url(),
            &running.office_url(),
            "DUNS 080000017",
            "NetworkID WESTMARK",
            "buyer-to-larkmoor",
            "larkmoor-to-buyer",
            &format!("HABEO_ALLOW_PRIVATE_HOSTS={authority}"),
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[tokio::test]
    async fn every_quirk_has_a_line() {
        let mut out = Vec::new();
        Punchout::Quirks.run(&mut out).await.expect("printed");
        let text = String::from_utf8(out).expect("text");
        assert_eq!(text.lines().count(), Quirk::ALL.len());
        assert!(text.contains("latin-1"), "{text}");
    }
}
