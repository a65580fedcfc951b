use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::reply::{Act, Button, ChoiceOf, Field, FieldKind, Form, FormKind, Home, Section, Style};

fn drawn(parts: Vec<Part>, buttons: Vec<Button>) -> Value {
    let reply = Reply {
        text: "plain".to_owned(),
        parts,
        buttons,
        private: true,
    };
    serde_json::to_value(message(&reply)).expect("a message is JSON")
}

fn row_of(title: &str, buttons: usize) -> Row {
    Row {
        title: title.to_owned(),
        detail: "in stock".to_owned(),
        url: None,
        buttons: vec![Button::press("History", "p".to_owned()); buttons],
    }
}

#[test]
fn an_answer_in_parts_becomes_blocks() {
    let parts = vec![
        Part::Heading("Ada & co".to_owned()),
        Part::Text(vec![
            Span::Plain("Hand ".to_owned()),
            Span::Strong("WMK-1".to_owned()),
            Span::Link {
                label: "over <here>".to_owned(),
                url: "https://hb.example/a?b=1&c=2|3".to_owned(),
            },
        ]),
        Part::Facts(vec![("Unit".to_owned(), "R&D".to_owned())]),
        Part::Changes(vec![Change {
            subject: "WMK-1 holder".to_owned(),
            before: String::new(),
            after: "<!channel>".to_owned(),
        }]),
        Part::Note("Expires".to_owned()),
    ];
    let confirm = Button::press("Confirm", "c1".to_owned()).styled(Style::Primary);
    assert_eq!(
        drawn(parts, vec![confirm])["blocks"],
        json!([
            {"type": "header", "text": {"type": "plain_text", "text": "Ada & co", "emoji": false}},
            {"type": "section", "text": {"type": "mrkdwn", "verbatim": true,
                "text": "Hand *WMK-1*<https://hb.example/a?b=1&amp;c=2%7C3|over &lt;here&gt;>"}},
            {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Unit*\nR&amp;D", "verbatim": true}]},
            {"type": "section", "text": {"type": "mrkdwn", "text": "*WMK-1 holder*\n– → &lt;!channel&gt;", "verbatim": true}},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "Expires", "verbatim": true}]},
            {"type": "actions", "elements": [{"type": "button", "action_id": "press:0", "value": "c1", "style": "primary",
                "text": {"type": "plain_text", "text": "Confirm", "emoji": false}}]},
        ])
    );
}

#[test]
fn sixty_rows_stay_within_fifty_blocks_and_say_what_is_missing() {
    for buttons in [0, 1, 2] {
        let rows = (0..60)
            .map(|n| row_of(&format!("WMK-{n}"), buttons))
            .collect();
        let more = vec![Button::press("More", "m".to_owned())];
        let drawn = drawn(vec![Part::Rows(rows)], more);
        let blocks = drawn["blocks"].as_array().expect("blocks");
        assert!(
            blocks.len() <= MESSAGE_BLOCKS_MAX,
            "{buttons}: {}",
            blocks.len()
        );
        assert_eq!(blocks.last().expect("a block")["type"], "actions");
        let told = drawn.to_string().contains("more left out");
        assert_eq!(told, buttons > 0, "{buttons}");
    }
}

#[test]
fn long_texts_are_cut_where_slack_would_refuse_them() {
    let long = "&<é".repeat(1_000);
    let drawn = drawn(
        vec![
            Part::Heading(long.clone()),
            Part::Text(vec![Span::Plain(long.clone())]),
            Part::Facts(vec![(long.clone(), long.clone()); 12]),
            Part::Rows(vec![
                Row {
                    title: long.clone(),
                    detail: long.clone(),
                    ..Row::default()
                };
                20
            ]),
            Part::Note(long.clone()),
        ],
        vec![
            Button::press(long.clone(), "p".to_owned()),
            Button::press("Empty", String::new()),
        ],
    );
    let blocks = drawn["blocks"].as_array().expect("blocks");
    for block in blocks {
        let letters = block["text"]["text"]
            .as_str()
            .map_or(0, |text| text.chars().count());
        assert!(letters <= SECTION_LETTERS_MAX, "{letters}");
        for field in block["fields"].as_array().into_iter().flatten() {
            let letters = field["text"].as_str().expect("a text").chars().count();
            assert!(letters <= FIELD_LETTERS_MAX, "{letters}");
        }
    }
    let buttons = blocks.last().expect("the buttons")["elements"]
        .as_array()
        .expect("elements");
    assert_eq!(
        buttons.len(),
        1,
        "a button that carries nothing would be refused"
    );
}

#[test]
fn ids_are_unique_and_addresses_are_those_of_the_web() {
    let open = |url: &str| Button::open("Open", url.to_owned());
    let rows = vec![
        Row {
            buttons: vec![open("https://a.example"), open("javascript:1")],
            ..row_of("A", 0)
        },
        row_of("B", 3),
    ];
    let drawn = drawn(
        vec![Part::Rows(rows)],
        vec![Button::press("C", "c".to_owned())],
    );
    let text = drawn.to_string();
    for id in ["open:0", "press:1", "press:2", "press:3", "press:4"] {
        assert_eq!(text.matches(&format!("\"{id}\"")).count(), 1, "{id}");
    }
    assert!(!text.contains("javascript"));
    assert_eq!(link("x", "ftp://a.example"), "x");
    assert_eq!(bold("a*b"), "a*b");
}

#[test]
fn a_button_that_opens_a_form_carries_it_there_and_back() {
    let given = BTreeMap::from([("asset".to_owned(), "a1".to_owned())]);
    let text = Carried::write(FormKind::Move, &given, 2_000);
    assert_eq!(Carried::read(&text), Some((FormKind::Move, given)));
    let much = BTreeMap::from([("note".to_owned(), "x".repeat(3_000))]);
    let text = Carried::write(FormKind::Move, &much, 2_000);
    assert_eq!(
        Carried::read(&text),
        Some((FormKind::Move, BTreeMap::new()))
    );
    assert_eq!(Carried::read("{\"form\":\"other\"}"), None);
    assert_eq!(Carried::read("nothing"), None);
    let button = Button {
        label: "Move".to_owned(),
        act: Act::Form(FormKind::Move, BTreeMap::new()),
        style: Style::Danger,
    };
    assert!(
        drawn(Vec::new(), vec![button])
            .to_string()
            .contains("form:0")
    );
}

#[test]
fn a_form_becomes_a_dialog_and_its_state_the_values() {
    let field = |name, kind, value: Option<&str>| Field {
        name,
        label: "Label".to_owned(),
        kind,
        required: name == "asset",
        value: value.map(str::to_owned),
        hint: None,
    };
    let form = Form {
        kind: FormKind::Move,
        title: "Move something somewhere else".to_owned(),
        submit: "Review".to_owned(),
        fields: vec![
            field("asset", FieldKind::Lookup(ChoiceOf::Asset), Some("a1")),
            field("on", FieldKind::Day, None),
            field("why", FieldKind::Text, Some("")),
            field("none", FieldKind::Choice(Vec::new()), None),
        ],
    };
    let given = BTreeMap::from([("unit".to_owned(), "u1".to_owned())]);
    let called = BTreeMap::from([("asset", "WMK-1".to_owned())]);
    let view = form_view(&ShownForm {
        form: &form,
        given: &given,
        called: &called,
    });
    let view = serde_json::to_value(view).expect("a view is JSON");
    assert_eq!(view["callback_id"], "form:move");
    assert_eq!(view["title"]["text"], "Move something somewher…");
    assert_eq!(view["blocks"].as_array().expect("blocks").len(), 3);
    assert_eq!(view["blocks"][0]["element"]["action_id"], "lookup:asset");
    assert_eq!(
        view["blocks"][0]["element"]["initial_option"]["text"]["text"],
        "WMK-1"
    );
    let state = json!({"values": {"asset": {"lookup:asset": {"selected_option": {"value": "a2"}}}, "unit": {"entered": {"value": null}}}});
    let state = serde_json::from_value(state).expect("a state");
    let (kind, given) =
        Carried::read(view["private_metadata"].as_str().expect("metadata")).expect("ours");
    assert_eq!(kind, FormKind::Move);
    assert_eq!(
        values(given, &state),
        BTreeMap::from([("asset".to_owned(), "a2".to_owned())])
    );
}

#[test]
fn a_home_of_any_size_is_a_page() {
    let section = |rows| Section {
        title: "Mine".to_owned(),
        empty: "Nothing.".to_owned(),
        rows,
    };
    let home = Home {
        title: "Hello".to_owned(),
        sections: vec![
            section(Vec::new()),
            section((0..90).map(|_| row_of("A", 2)).collect()),
        ],
        buttons: Vec::new(),
    };
    let view = serde_json::to_value(home_view(&home)).expect("a view is JSON");
    let blocks = view["blocks"].as_array().expect("blocks");
    assert!(blocks.len() <= 100, "{}", blocks.len());
    assert!(view.to_string().contains("more left out"));
    assert!(view.to_string().contains("Nothing."));
}

fn proposal(changes: Vec<Change>, names: Vec<String>) -> Value {
    let parts = vec![
        Part::Heading("Make this change?".to_owned()),
        Part::Names(names),
        Part::Changes(changes),
        Part::Note("Nothing has happened yet.".to_owned()),
    ];
    let confirm = Button::press("Confirm", "c:1".to_owned());
    let reply = Reply::new(parts, vec![confirm]);
    serde_json::to_value(message(&reply)).expect("a message is JSON")
}

fn change_of(n: usize, after: &str) -> Change {
    Change {
        subject: format!("WMK-{n}: note"),
        before: "none".to_owned(),
        after: after.to_owned(),
    }
}

fn texts(message: &Value) -> String {
    let blocks = message["blocks"].as_array().expect("blocks");
    assert!(blocks.len() <= MESSAGE_BLOCKS_MAX, "{}", blocks.len());
    let texts = blocks
        .iter()
        .filter_map(|block| block["text"]["text"].as_str());
    texts
        .inspect(|text| assert!(text.chars().count() <= SECTION_LETTERS_MAX))
        .collect()
}

#[test]
fn what_changes_is_shown_whole_and_can_be_confirmed() {
    let changes = (0..300).map(|n| change_of(n, "in stock")).collect();
    let names: Vec<String> = (0..100)
        .map(|n| format!("Projector number {n} of the hall"))
        .collect();
    let many = proposal(changes, names.clone());
    let seen = texts(&many);
    for n in 0..300 {
        assert!(
            seen.contains(&format!("WMK-{n}: note*\nnone → in stock")),
            "{n}"
        );
    }
    assert!(seen.contains(&names.join(", ")));
    assert!(many.to_string().contains("\"c:1\""));
    // Every letter is written with five: 2,000 of them are shown over several blocks.
    let long = "&".repeat(2_000);
    let note = proposal(vec![change_of(1, &long)], Vec::new());
    assert_eq!(texts(&note).matches("&amp;").count(), 2_000);
    assert!(note.to_string().contains("\"c:1\""));
}

#[test]
fn what_cannot_be_shown_whole_cannot_be_confirmed() {
    let long = "x".repeat(2_900);
    let changes = (0..60).map(|n| change_of(n, &long)).collect();
    let drawn = proposal(changes, Vec::new());
    assert!(!drawn.to_string().contains("c:1"), "nothing can be pressed");
    assert_eq!(texts(&drawn), TOO_LONG);
}
