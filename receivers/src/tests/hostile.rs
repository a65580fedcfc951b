//! Bytes that nobody meant: they are refused with a reason, never with a panic, and what is taken in is bounded.

use habeo_core::connection::Provider;
use proptest::prelude::*;

use super::{Post, document};
use crate::letter::Opened;
use crate::text::KEY_CHARS_MAX;
use crate::{admit, itsm, mdm};

const ALL: &[Provider] = Provider::ALL;

/// Opens and reads what comes; what was opened and not ignored can be read.
fn swallow(provider: Provider, post: &Post) {
    let Ok(Opened::Items(items)) = admit::open(provider, &post.letter()) else {
        return;
    };
    for item in items {
        assert!(
            item.key.len() <= KEY_CHARS_MAX && item.key.bytes().all(|byte| byte.is_ascii_graphic()),
            "{}",
            item.key
        );
        let readable = match provider {
            Provider::Jamf | Provider::Intune | Provider::Kandji => {
                mdm::read(provider, &post.settings, &item.body, post.received_at)
                    .map(|reports| reports.len())
            }
            Provider::ServiceNow | Provider::Freshservice | Provider::Jira => {
                itsm::read(provider, &post.settings, &item.body, post.received_at)
                    .map(|reports| reports.len())
            }
        };
        if item.ignored.is_none() {
            assert_eq!(readable, Ok(1), "{provider} {}", item.kind);
        }
    }
}

fn everywhere(body: &[u8]) {
    for provider in ALL {
        let mut post = Post::json(body);
        post.headers.clear();
        swallow(*provider, &post);
    }
}

const DOCUMENTS: [&[u8]; 20] = [
    document!("jamf/computer-added.json"),
    document!("jamf/computer-added.xml"),
    document!("jamf/check-in-login.json"),
    document!("jamf/mobile-enrolled.json"),
    document!("jamf/mobile-unenrolled.xml"),
    document!("jamf/assigned.json"),
    document!("intune/connector.json"),
    document!("intune/device-list.json"),
    document!("intune/notifications.json"),
    document!("intune/records.json"),
    document!("kandji/enrolled.json"),
    document!("kandji/details.json"),
    document!("kandji/list.json"),
    document!("servicenow/rule.json"),
    document!("servicenow/display.json"),
    document!("freshservice/simple.xml"),
    document!("freshservice/simple.form"),
    document!("freshservice/ticket.json"),
    document!("jira/issue-updated.json"),
    document!("jira/automation.json"),
];

#[test]
fn every_beginning_of_every_document_is_survived() {
    for document in DOCUMENTS {
        for end in 0..document.len() {
            for provider in ALL {
                let mut post = Post::json(&document[..end]);
                post.headers.clear();
                swallow(*provider, &post);
            }
        }
    }
}

#[test]
fn bombs_are_bounded() {
    let deep = format!("{}1{}", r#"{"event":"#.repeat(100_000), "}".repeat(100_000));
    let wide = format!("[{}1]", "1,".repeat(500_000));
    let laughs = "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><JSSEvent>&b;</JSSEvent>";
    let nested = "<JSSEvent>".repeat(200_000);
    let magic = r#"{"$serde_json::private::RawValue":"{\"a\":1}","webhook":{"webhookEvent":"ComputerAdded"}}"#;
    for body in [deep.as_str(), wide.as_str(), laughs, nested.as_str(), magic] {
        everywhere(body.as_bytes());
    }
    assert!(Post::xml(laughs).opened(Provider::Jamf).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// No byte string makes any vendor's reader panic.
    #[test]
    fn no_bytes_break_a_reader(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        everywhere(&bytes);
    }

    /// Nor does a document in which something was changed, cut out or doubled.
    #[test]
    fn no_altered_document_breaks_a_reader(
        which in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
        length in 0_usize..40,
        instead in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..6),
            Just(b"null".to_vec()), Just(b"[]".to_vec()), Just(b"{}".to_vec()), Just(b"-1".to_vec()), Just(b"1e999".to_vec()),
            Just(b"\"\\u0000\"".to_vec()), Just("\"\u{202E}\u{1F4A3}\"".as_bytes().to_vec()), Just(b"<a>".to_vec()), Just(b"&#x1;".to_vec()),
        ],
    ) {
        let mut bytes = DOCUMENTS[which.index(DOCUMENTS.len())].to_vec();
        let from = from.index(bytes.len());
        let to = (from + length).min(bytes.len());
        bytes.splice(from..to, instead);
        everywhere(&bytes);
    }
}
