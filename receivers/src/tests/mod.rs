//! Letters as vendors write them, through the door and read: documents composed from what their makers say of them.

mod freshservice;
mod hostile;
mod intune;
mod jamf;
mod jira;
mod kandji;
mod proofs;
mod servicenow;
mod templates;

use std::collections::BTreeMap;

use habeo_core::connection::{Proof, Provider, Settings};
use habeo_core::time::Timestamp;
use habeo_core::{device, ticket};
use poem::http::{HeaderMap, HeaderName, Method};
use secrecy::SecretString;

use crate::admit::{Admitted, Turned, admit, open};
use crate::letter::{Item, Letter, Opened, Unreadable};
use crate::{itsm, mdm};

macro_rules! document {
    ($path:literal) => {
        include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/documents/",
            $path
        ))
    };
}
pub(crate) use document;

/// When letters of the tests come in: 2026-01-05.
const RECEIVED_AT: Timestamp = Timestamp::from_seconds(1_767_571_200);

/// A request that comes in, as it is put together.
struct Post {
    method: Method,
    headers: HeaderMap,
    query: Vec<(String, String)>,
    body: Vec<u8>,
    settings: Settings,
    received_at: Timestamp,
}

impl Post {
    fn json(body: impl Into<Vec<u8>>) -> Self {
        Self::of("application/json; charset=utf-8", body)
    }

    fn xml(body: impl Into<Vec<u8>>) -> Self {
        Self::of("text/xml", body)
    }

    fn of(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let post = Self {
            method: Method::POST,
            headers: HeaderMap::new(),
            query: Vec::new(),
            body: body.into(),
            settings: settings(),
            received_at: RECEIVED_AT,
        };
        post.header("content-type", content_type)
    }

    fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a name of a header");
        self.headers
            .append(name, value.parse().expect("a value of a header"));
        self
    }

    /// As the server decodes it.
    fn query(mut self, query: &str) -> Self {
        self.query = serde_urlencoded::from_str(query).expect("a query");
        self
    }

    fn proof(mut self, proof: Proof) -> Self {
        self.settings.proof = proof;
        self
    }

    fn letter(&self) -> Letter<'_> {
        Letter {
            method: &self.method,
            headers: &self.headers,
            query: &self.query,
            body: &self.body,
            settings: &self.settings,
            received_at: self.received_at,
        }
    }

    fn admitted(&self, provider: Provider, secrets: &[SecretString]) -> Result<Admitted, Turned> {
        admit(provider, secrets, &self.letter())
    }

    fn opened(&self, provider: Provider) -> Result<Vec<Item>, Unreadable> {
        match open(provider, &self.letter())? {
            Opened::Items(items) => Ok(items),
            Opened::Handshake(_) => panic!("a handshake is no report"),
        }
    }

    /// The only item.
    fn item(&self, provider: Provider) -> Item {
        let mut items = self.opened(provider).expect("a letter");
        assert_eq!(items.len(), 1, "one item");
        items.remove(0)
    }

    /// What its items report of devices, as they are read after they were stored.
    fn devices(&self, provider: Provider) -> Vec<device::report::Report> {
        let read = |item: &Item| mdm::read(provider, &self.settings, &item.body, self.received_at);
        let items = self.opened(provider).expect("a letter");
        let interesting = items.iter().filter(|item| item.ignored.is_none());
        interesting
            .flat_map(|item| read(item).expect("a report"))
            .collect()
    }

    /// What the only item reports of a ticket.
    fn ticket(&self, provider: Provider) -> ticket::report::Report {
        let item = self.item(provider);
        let mut read =
            itsm::read(provider, &self.settings, &item.body, self.received_at).expect("a report");
        assert_eq!(read.len(), 1, "one report");
        read.remove(0)
    }
}

fn settings() -> Settings {
    Settings {
        proof: Proof::Header {
            header: "Authorization".to_owned(),
            prefix: "Bearer ".to_owned(),
        },
        event_grid: false,
        asset_field: None,
        tags_in_titles: false,
        statuses: BTreeMap::new(),
        priorities: BTreeMap::new(),
    }
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a point in time")
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "what it is compared with may be none"
)]
fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}
