//! Systems that report in, each by the bytes its product sends, through the real routes to the ledger and back out through the API.

mod devices;
mod doors;
mod tickets;

use habeo_core::access::Role;
use habeo_tests::app::{Answer, TestApp};
use habeo_tests::builders::{College, Member};
use serde_json::Value;

/// A document of a vendor, composed for the tests of the readers.
macro_rules! document {
    ($name:literal) => {
        include_str!(concat!("../../../receivers/tests/documents/", $name))
    };
}
use document;

/// A college, its server, and somebody who sees everything.
async fn world(db: &habeo_tests::database::TestDb) -> (College, TestApp, Member) {
    let college = College::found(db).await;
    let app = TestApp::over(db).await;
    let roles = [(Role::OrgAdmin, college.units.root)];
    let admin = college
        .member("Ada Admin", college.units.root, &roles)
        .await;
    (college, app, admin)
}

/// What a scan says.
async fn scanned(app: &TestApp, by: &Member, code: &str) -> Answer {
    app.get(&format!("/api/v1/scan/{code}")).by(by).send().await
}

/// What an answer says became of a letter.
#[track_caller]
fn became(answer: &Answer) -> (u16, String) {
    let said: Value = answer.json();
    let status = said["status"].as_str().unwrap_or_default();
    (answer.status.as_u16(), status.to_owned())
}

fn is(status: u16, word: &str) -> (u16, String) {
    (status, word.to_owned())
}
