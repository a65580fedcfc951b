//! Cards as Teams takes them.

use std::sync::Arc;

use habeo_core::id::OrgId;
use habeo_core::random::SeededRandom;
use habeo_core::secret::MasterKey;
use habeo_core::time::{SECOND_MICROS, SetClock, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::reply::{
    Change, Choice, ChoiceOf, Field, FieldError, FieldKind, Form, FormKind, Span, Style,
};

fn confirmation() -> Reply {
    let changes = vec![Change {
        subject: "WMK-1 · holder".to_owned(),
        before: "nobody".to_owned(),
        after: "Ada *Lovelace*".to_owned(),
    }];
    let parts = vec![
        Part::Heading("Hand out WMK-1?".to_owned()),
        Part::Changes(changes),
        Part::Note("Valid for 10 minutes.".to_owned()),
    ];
    let buttons = vec![
        Button::press("Confirm", "confirm:cf_1".to_owned()).styled(Style::Primary),
        Button::press("Cancel", "cancel:cf_1".to_owned()),
    ];
    Reply::new(parts, buttons)
}

#[test]
fn a_confirmation_is_executed_or_submitted_to_the_same_end() {
    let Shown::Card { card, summary } = shown(&confirmation()) else {
        panic!("buttons need a card");
    };
    assert_eq!(
        summary,
        "Hand out WMK-1? WMK-1 · holder: nobody → Ada *Lovelace* Valid for 10 minutes."
    );
    let confirm = &card["body"][4]["actions"][0];
    assert_eq!(
        *confirm,
        json!({
            "type": "Action.Execute", "title": "Confirm", "verb": "press", "style": "positive", "data": {"press": "confirm:cf_1"},
            "fallback": {"type": "Action.Submit", "title": "Confirm", "data": {"verb": "press", "press": "confirm:cf_1"}},
        })
    );
    assert_eq!(card["body"][2]["facts"][1]["value"], r"Ada \*Lovelace\*");
    assert_eq!(card["version"], "1.5");
    let dialog = of_reply(&confirmation(), Medium::Dialog, CARD_BYTES_MAX);
    assert_eq!(dialog["body"][4]["actions"][0]["type"], "Action.Submit");
}

#[test]
fn one_sentence_is_a_plain_text_and_escapes_nothing() {
    let shown = shown(&Reply::sentence("a *b* <c>"));
    assert_eq!(shown, Shown::Text("a *b* <c>".to_owned()));
    assert_eq!(
        shown.message(),
        json!({"type": "message", "textFormat": "plain", "text": "a *b* <c>"})
    );
}

#[test]
fn long_lists_are_cut_and_say_so() {
    let rows: Vec<Row> = (0..25)
        .map(|i| Row {
            title: format!("WMK-{i:06}"),
            detail: "ü".repeat(300),
            url: Some(format!("https://habeo.example.edu/assets/{i}")),
            buttons: vec![Button::press("Note", "n".repeat(1_500))],
        })
        .collect();
    let parts = vec![Part::Rows(rows.clone()), Part::Rows(rows)];
    let card = of_reply(&Reply::new(parts, Vec::new()), Medium::Chat, CARD_BYTES_MAX);
    assert!(bytes(&card) <= CARD_BYTES_MAX);
    let last = card["body"]
        .as_array()
        .and_then(|body| body.last())
        .cloned();
    assert_eq!(
        last.unwrap_or_default()["text"],
        "17 more than fit into this message."
    );
}

#[test]
fn what_would_change_is_shown_whole_or_cannot_be_confirmed() {
    let change = |i: usize| Change {
        subject: format!("WMK-{i} {}", "ü".repeat(290)),
        before: "ü".repeat(300),
        after: "ü".repeat(300),
    };
    let mut reply = confirmation();
    reply.parts = vec![Part::Changes((0..25).map(change).collect())];
    let card = of_reply(&reply, Medium::Chat, CARD_BYTES_MAX);
    assert!(bytes(&card) <= CARD_BYTES_MAX);
    assert!(!card.to_string().contains("confirm:cf_1"), "{card}");
}

#[test]
fn addresses_that_are_none_are_not_opened() {
    let link = |url: &str| Span::Link {
        label: "here".to_owned(),
        url: url.to_owned(),
    };
    let parts = vec![Part::Text(vec![
        link("javascript:alert(1)"),
        link("https://habeo.example.edu"),
    ])];
    let buttons = vec![Button::open("Open", "file:///etc/passwd".to_owned())];
    let card = of_reply(&Reply::new(parts, buttons), Medium::Chat, CARD_BYTES_MAX);
    let body = card["body"].to_string();
    assert!(
        !body.contains("javascript") && !body.contains("passwd"),
        "{body}"
    );
    assert!(body.contains("https://habeo.example.edu"));
}

#[test]
fn a_form_shows_what_is_wrong_beside_its_field() {
    let field = |name, kind, value: Option<&str>| Field {
        name,
        label: name.to_uppercase(),
        kind,
        required: true,
        value: value.map(ToOwned::to_owned),
        hint: None,
    };
    let choices = vec![Choice {
        value: "a".to_owned(),
        label: "A".to_owned(),
    }];
    let filled = Form {
        kind: FormKind::Deploy,
        title: "Hand out".to_owned(),
        submit: "Next".to_owned(),
        fields: vec![
            field("person", FieldKind::Lookup(ChoiceOf::Person), Some("p1")),
            field("kind", FieldKind::Choice(choices), None),
            field("due", FieldKind::Day, Some("2026-12-01")),
        ],
    };
    let errors = [
        FieldError {
            field: "due",
            message: "That day is past.".to_owned(),
        },
        FieldError {
            field: "asset",
            message: "It is held.".to_owned(),
        },
    ];
    let given = [("asset".to_owned(), "x".to_owned())].into();
    let called = [("person", "Ada Lovelace".to_owned())].into();
    let card = form(&filled, &given, &called, &errors);
    let texts: Vec<&Value> = card["body"]
        .as_array()
        .expect("a body")
        .iter()
        .map(|element| &element["type"])
        .collect();
    assert_eq!(
        texts,
        [
            "TextBlock",
            "Input.ChoiceSet",
            "Input.ChoiceSet",
            "Input.Date",
            "TextBlock"
        ]
    );
    assert_eq!(
        card["body"][1]["choices"],
        json!([{"title": "Ada Lovelace", "value": "p1"}])
    );
    assert_eq!(
        card["body"][1]["choices.data"],
        json!({"type": "Data.Query", "dataset": "person"})
    );
    assert_eq!(
        card["actions"][0]["data"],
        json!({"form": "deploy", "given": {"asset": "x"}})
    );
    assert!(!card.to_string().contains("null"));
}

#[test]
fn a_private_answer_among_others_opens_for_its_asker_only_and_for_an_hour() {
    let clock = Arc::new(SetClock::at(Timestamp::from_seconds(1_767_225_600)));
    let random = Arc::new(SeededRandom::new(1));
    let sealer = Sealer::new(Arc::new(MasterKey::new([7; 32])), random, clock.clone());
    let whose = Sealed {
        org: OrgId::from_uuid(Uuid::from_u128(1)),
        conversation: "19:abc@thread.v2",
        user: "aad-priya",
    };
    let card = sealer.card(&whose, "29:priya", Some("Priya"), &confirmation());
    assert!(bytes(&card) <= CARD_BYTES_MAX);
    assert!(!card.to_string().contains("Lovelace"));
    assert_eq!(card["refresh"]["userIds"], json!(["29:priya"]));
    let content = card
        .pointer("/refresh/action/data/sealed")
        .and_then(Value::as_str)
        .expect("what is sealed");
    let opened = sealer.open(&whose, content).expect("its asker");
    assert_eq!(
        opened,
        of_reply(&confirmation(), Medium::Chat, CARD_BYTES_MAX)
    );
    for other in [
        Sealed {
            user: "aad-ravi",
            ..whose
        },
        Sealed {
            conversation: "19:other@thread.v2",
            ..whose
        },
        Sealed {
            org: OrgId::from_uuid(Uuid::from_u128(2)),
            ..whose
        },
    ] {
        assert!(sealer.open(&other, content).is_none());
    }
    assert!(sealer.open(&whose, "AAAA").is_none());
    // In a dialog it can be confirmed too, by the one way of pressing that dialogs know.
    let dialog = element::for_dialog(opened).to_string();
    assert!(dialog.contains("Lovelace") && dialog.contains("Action.Submit"));
    assert!(!dialog.contains("Action.Execute") && !dialog.contains("fallback\""));
    clock.advance_micros(3_600 * SECOND_MICROS);
    assert!(sealer.open(&whose, content).is_none());
}

#[test]
fn many_changes_are_shown_whole_or_not_to_be_confirmed() {
    let change = |n: usize, after: &str| Change {
        subject: format!("WMK-{n:06}: holder"),
        before: "Ada Lovelace".to_owned(),
        after: after.to_owned(),
    };
    let proposal = |changes: Vec<Change>| {
        let names = (0..100).map(|n| format!("WMK-{n:06}")).collect();
        let parts = vec![Part::Names(names), Part::Changes(changes)];
        Reply::new(parts, vec![Button::press("Confirm", "c:1".to_owned())])
    };
    let reply = proposal((0..200).map(|n| change(n, "none")).collect());
    let drawn = of_reply(&reply, Medium::Chat, CARD_BYTES_MAX).to_string();
    for n in 0..200 {
        assert!(
            drawn.contains(&format!("WMK-{n:06}: holder: Ada Lovelace → none")),
            "{n}"
        );
    }
    assert!(drawn.contains("WMK-000099\"") && drawn.contains("Confirm"));
    let long = "x".repeat(2_000);
    let reply = proposal((0..20).map(|n| change(n, &long)).collect());
    let drawn = of_reply(&reply, Medium::Chat, CARD_BYTES_MAX).to_string();
    assert!(
        !drawn.contains("Confirm") && drawn.contains("more than fits"),
        "{drawn}"
    );
}
