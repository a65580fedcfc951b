//! The pages of connected systems: who sees them, what their forms do, what came in, and waiting for the next letter.

mod browser;
mod deliveries;
mod listening;
mod settings;

use std::sync::Arc;

use habeo_core::access::Role;
use habeo_core::connection::command::NoteRefusal;
use habeo_core::connection::{Connection, Provider, store};
use habeo_core::id::ConnectionId;
use habeo_core::inbox::{About, Arrival, Inbox, Incoming};
use habeo_core::secret::MasterKey;
use habeo_tests::app::Answer;
use habeo_tests::builders::connection::new_connection;
use habeo_tests::builders::{College, Member};
use habeo_tests::database::TestDb;
use habeo_tests::evidence::MASTER_KEY;
use habeo_tests::must;
use habeo_tests::tab::Tab;
use poem::http::StatusCode;
use secrecy::ExposeSecret as _;

/// An id that nothing has.
const UNKNOWN: &str = "01932c5e-7b1a-7c3d-8e4f-000000000001";

fn key() -> Arc<MasterKey> {
    Arc::new(MasterKey::new(MASTER_KEY))
}

fn inbox(db: &TestDb) -> Inbox {
    Inbox::new(db.ledger.clone(), key())
}

async fn admin(college: &College) -> Member {
    let root = college.units.root;
    let roles = [(Role::OrgAdmin, root)];
    college.member("Robin Example", root, &roles).await
}

/// A connection and its secret.
async fn connect(college: &College, provider: Provider, name: &str) -> (ConnectionId, String) {
    let new = new_connection(provider, name, key());
    let (id, secret) = must(college.db.ledger.record(&college.access, new).await);
    (id, secret.expose_secret().to_owned())
}

async fn seen(college: &College, id: ConnectionId) -> Connection {
    let mut tx = college.db.read(&college.access).await;
    let found = must(store::by_id(&mut tx, &college.access, id).await);
    must(found.ok_or("no such connection"))
}

/// The secrets that are accepted, the present one first.
async fn secrets(college: &College, id: ConnectionId) -> Vec<String> {
    let mut tx = college.db.read(&college.access).await;
    let gate = must(store::gate(&mut tx, &college.access, id, &key()).await);
    let secrets = gate.into_iter().flat_map(|gate| gate.secrets);
    secrets
        .map(|secret| secret.expose_secret().to_owned())
        .collect()
}

/// Stores a letter of a connection as its door does.
async fn letter(college: &College, connection: ConnectionId, key: &str, body: &[u8]) -> Arrival {
    let incoming = Incoming {
        org: college.org,
        source: "mdm",
        key,
        lane: None,
        body,
        about: About {
            connection: Some(connection),
            kind: Some("ComputerAdded"),
            ignored: None,
            keep: true,
        },
    };
    must(inbox(&college.db).receive(incoming).await)
}

async fn refuse(college: &College, connection: ConnectionId, reason: &str) {
    let note = NoteRefusal {
        connection,
        status: 401,
        reason: reason.to_owned(),
        bytes: 321,
        times: 3,
    };
    must(college.db.ledger.record(&college.access, note).await);
}

fn path(id: ConnectionId) -> String {
    format!("/admin/connections/{id}")
}

/// A page that is there.
async fn page(tab: &mut Tab<'_>, path: &str) -> String {
    let answer = tab.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    answer.text()
}

#[track_caller]
fn led_to(answer: &Answer, path: &str) {
    let found = (answer.status, answer.header("location"));
    assert_eq!(
        found,
        (StatusCode::SEE_OTHER, Some(path)),
        "{}",
        answer.text()
    );
}

/// What a read-only field of a page holds.
#[track_caller]
fn held(page: &str, id: &str) -> String {
    let behind = page.split_once(&format!("id=\"{id}\" value=\""));
    let value = behind.and_then(|(_, behind)| behind.split_once('"'));
    must(value.ok_or(format!("no {id}: {page}")))
        .0
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}
