//! What is rendered keeps within what the vendors publish, and contradicts nothing of itself.

use std::collections::BTreeSet;
use std::io::{Cursor, Read};

use serde_json::Value;
use zip::ZipArchive;

use super::teams::{App, COLOR, OUTLINE};
use super::{BaseUrl, Refusal, slack};

const BOT: &str = "11111111-2222-3333-4444-555555555555";

fn base() -> BaseUrl {
    BaseUrl::parse("https://habeo.example.edu").expect("an address")
}

fn app() -> App {
    App::new(base(), BOT, None).expect("a bot")
}

/// Everything in which a manifest leaves the published limits.
fn faults(limits: &str, manifest: &Value) -> Vec<String> {
    let limits: Value = serde_json::from_str(limits).expect("the limits are JSON");
    jsonschema::validator_for(&limits)
        .expect("the limits are a schema")
        .iter_errors(manifest)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

/// Every text of a manifest.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

fn list<'a>(manifest: &'a Value, pointer: &str) -> BTreeSet<&'a str> {
    let items = manifest.pointer(pointer).and_then(Value::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

#[test]
fn slack_manifest_keeps_within_the_published_limits() {
    let manifest = slack::render(&base());
    assert_eq!(
        faults(include_str!("limits/slack.json"), &manifest),
        [""; 0]
    );
}

#[test]
fn teams_manifest_keeps_within_the_published_limits() {
    let manifest = app().manifest();
    assert_eq!(
        faults(include_str!("limits/teams.json"), &manifest),
        [""; 0]
    );
}

/// The limits would notice: a member that does not exist, a text that is too long.
#[test]
fn limits_are_limits() {
    let mut manifest = slack::render(&base());
    manifest["settings"]["surprise"] = true.into();
    manifest["display_information"]["name"] = "n".repeat(36).into();
    assert_eq!(
        faults(include_str!("limits/slack.json"), &manifest).len(),
        2
    );
    let mut manifest = app().manifest();
    manifest["bots"][0]["surprise"] = true.into();
    manifest["name"]["short"] = "n".repeat(31).into();
    assert_eq!(
        faults(include_str!("limits/teams.json"), &manifest).len(),
        2
    );
}

#[test]
fn no_placeholder_is_left() {
    for manifest in [slack::render(&base()), app().manifest()] {
        for text in texts(&manifest) {
            assert!(!text.contains("{{") && !text.contains("}}"), "{text}");
        }
    }
}

/// Slack accepts a manifest whose events need a permission that is not asked for, and then never sends them.
#[test]
fn every_slack_event_has_the_permission_it_needs() {
    let manifest = slack::render(&base());
    let events = list(&manifest, "/settings/event_subscriptions/bot_events");
    let scopes = list(&manifest, "/oauth_config/scopes/bot");
    let needs = [
        ("app_mention", "app_mentions:read"),
        ("message.im", "im:history"),
        ("link_shared", "links:read"),
    ];
    let free = [
        "app_home_opened",
        "app_uninstalled",
        "team_access_granted",
        "team_access_revoked",
        "tokens_revoked",
    ];
    for event in &events {
        let need = needs.iter().find(|(name, _)| name == event);
        match need {
            Some((_, scope)) => assert!(scopes.contains(scope), "{event} needs {scope}"),
            None => assert!(free.contains(event), "{event} is not known"),
        }
    }
    assert_eq!(scopes, slack::scopes().iter().map(String::as_str).collect());
}

#[test]
fn teams_package_is_three_files_at_the_root_and_always_the_same() {
    let package = app().package();
    assert_eq!(package, app().package());
    let mut archive = ZipArchive::new(Cursor::new(&package)).expect("a zip");
    let names: Vec<String> = archive
        .file_names()
        .map(|name| name.expect("a name").into_owned())
        .collect();
    assert_eq!(names.len(), 3, "{names:?}");
    let mut read = |name: &str| {
        let mut bytes = Vec::new();
        let mut file = archive.by_name(name).expect(name);
        file.read_to_end(&mut bytes).expect(name);
        bytes
    };
    let manifest: Value = serde_json::from_slice(&read("manifest.json")).expect("JSON");
    assert_eq!(manifest, app().manifest());
    assert_eq!(read("color.png"), COLOR);
    assert_eq!(read("outline.png"), OUTLINE);
}

/// Width and height are in the first chunk of a PNG (RFC 2083, section 4.1.1).
#[test]
fn icons_have_the_sizes_that_teams_wants() {
    for (icon, side) in [(COLOR, 192_u32), (OUTLINE, 32)] {
        assert_eq!(&icon[..8], b"\x89PNG\r\n\x1a\n");
        assert_eq!(icon[16..20], side.to_be_bytes());
        assert_eq!(icon[20..24], side.to_be_bytes());
    }
}

#[test]
fn an_app_may_have_another_id_than_its_bot() {
    let other = "7d0c2a52-8c0c-4c3e-9f3e-0c1f1c9d2b10";
    let manifest = App::new(base(), BOT, Some(other))
        .expect("an app")
        .manifest();
    assert_eq!(manifest["id"], other);
    assert_eq!(manifest["bots"][0]["botId"], BOT);
    assert_eq!(App::new(base(), "not a guid", None), Err(Refusal::BadId));
    assert_eq!(
        App::new(base(), BOT, Some("{{bot_id}}")),
        Err(Refusal::BadId)
    );
}

#[test]
fn an_address_that_vendors_cannot_call_is_refused() {
    for bad in [
        "",
        "habeo.example.edu",
        "http://habeo.example.edu",
        "https://habeo.example.edu/path",
        "https://habeo.example.edu/?a=b",
        "https://habeo.example.edu/#there",
        "https://somebody@habeo.example.edu",
        "https://somebody:secret@habeo.example.edu",
    ] {
        assert_eq!(BaseUrl::parse(bad), Err(Refusal::BadBaseUrl), "{bad}");
    }
}

#[test]
fn a_slash_at_the_end_and_capitals_change_nothing() {
    let base = BaseUrl::parse("https://Habeo.Example.EDU/").expect("an address");
    assert_eq!(base.as_str(), "https://habeo.example.edu");
    assert_eq!(base.host(), "habeo.example.edu");
    let port = BaseUrl::parse("https://habeo.example.edu:8443").expect("an address");
    assert_eq!(port.as_str(), "https://habeo.example.edu:8443");
}
