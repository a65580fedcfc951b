//! What the vendors are told of the apps, against the program that answers for it.

use std::collections::BTreeSet;

use habeo_bot::manifest::{BaseUrl, slack, teams};
use habeo_bot::slack::door as slack_door;
use habeo_bot::teams::door as teams_door;
use habeo_tests::app::TestApp;
use habeo_tests::builders::College;
use habeo_tests::slack::Slack;
use habeo_tests::teams::Simulator;
use habeo_tests::{both_engines, must};
use poem::http::{Method, StatusCode};
use serde_json::Value;

const BASE: &str = "https://habeo.example.edu";

/// The paths of every address of ours in a manifest.
fn paths(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            if let Some(path) = text.strip_prefix(BASE) {
                let path = if path.is_empty() { "/" } else { path };
                found.insert(path.to_owned());
            }
        }
        Value::Array(items) => items.iter().for_each(|item| paths(item, found)),
        Value::Object(members) => members.values().for_each(|member| paths(member, found)),
        _ => {}
    }
}

both_engines! {
    /// Every address that a manifest names is a door of the program: somebody answers there, and what is not signed is refused.
    async fn every_address_is_a_door(db: TestDb) {
        College::found(&db).await;
        let (slack_sim, teams_sim) = (Slack::start().await, Simulator::start().await);
        let mut settings = slack_sim.settings();
        settings.retain(|(name, _)| *name != "HABEO_ALLOW_PRIVATE_HOSTS");
        settings.extend(teams_sim.settings());
        let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let app = TestApp::configured(&db, &settings).await;
        let base = must(BaseUrl::parse(BASE));
        let mut named = BTreeSet::new();
        paths(&slack::render(&base), &mut named);
        let id = "11111111-2222-3333-4444-555555555555";
        paths(&must(teams::App::new(base, id, None)).manifest(), &mut named);
        for door in slack_door::PATHS {
            assert!(named.contains(door), "Slack is not told of {door}");
        }
        named.insert(teams_door::PATH.to_owned());
        for path in &named {
            let is_signed = slack_door::PATHS.contains(&path.as_str()) || path == teams_door::PATH;
            let method = if is_signed { Method::POST } else { Method::GET };
            let answer = app.request(method, path).send().await;
            assert_ne!(answer.status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(is_signed, answer.status == StatusCode::UNAUTHORIZED, "{path}: {}", answer.status);
        }
        assert_eq!(app.request(Method::GET, "/slack/nowhere").send().await.status, StatusCode::NOT_FOUND);
    }
}
