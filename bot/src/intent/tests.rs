//! What holds for every question and every intent, whoever wrote it.

use std::io::Write as _;

use habeo_core::id::{CategoryId, LocationId, ModelId, UnitId};
use habeo_core::location::LocationKind;
use habeo_core::time::Day;
use proptest::prelude::*;
use uuid::Uuid;

use super::vocabulary::{CategoryName, Lists, ModelName, PlaceName, UnitName};
use super::*;

fn vocabulary() -> Vocabulary {
    let unit = |id: u128, name: &str, code: &str| UnitName {
        id: UnitId::from_uuid(Uuid::from_u128(id)),
        name: name.to_owned(),
        code: code.to_owned(),
        aliases: Vec::new(),
    };
    Vocabulary::build(&Lists {
        units: vec![unit(1, "Biology", "BIO"), unit(2, "Chemistry", "CHE")],
        categories: vec![CategoryName {
            id: CategoryId::from_uuid(Uuid::from_u128(3)),
            name: "Laptops".to_owned(),
            code: "laptop".to_owned(),
        }],
        ..Lists::default()
    })
}

fn today() -> Day {
    "2026-06-17".parse().expect("a day")
}

fn reading(question: &str) -> Reading {
    read(question, &vocabulary().whole(), &Context::new(), today())
}

#[test]
fn a_unit_out_of_sight_is_a_word_like_any_other() {
    let vocabulary = vocabulary();
    let sees = |unit: UnitId| unit.uuid() == Uuid::from_u128(1);
    let view = vocabulary.seen_by(&sees);
    let ask = |question: &str| {
        read(question, &view, &Context::new(), today())
            .intent
            .to_string()
    };
    assert_eq!(
        ask("laptops in Biology"),
        "find category=Laptops unit=Biology"
    );
    assert_eq!(
        ask("laptops in Chemistry"),
        "find category=Laptops word=Chemistry"
    );
}

#[test]
fn an_intent_survives_json_and_strangers_do_not_enter() {
    let question = "laptops in Biology bought before 2021 that are missing";
    let intent = reading(question).intent;
    let json = serde_json::to_string(&intent).expect("an intent is JSON");
    assert_eq!(
        serde_json::from_str::<Intent>(&json).expect("its own JSON"),
        intent
    );
    for bad in [
        r#"{"find": {"filter": {"owner": "x"}}}"#,
        r#"{"find": {"filter": {}, "limit": 5}}"#,
        r#"{"about": {"asset": {"row": 0}, "aspect": "whole"}}"#,
        r#"{"about": {"asset": {"code": "a\u0000b"}, "aspect": "whole"}}"#,
        r#"{"drop": {}}"#,
    ] {
        assert!(serde_json::from_str::<Intent>(bad).is_err(), "{bad}");
    }
}

#[test]
fn lists_and_phrases_of_json_have_bounds() {
    let words: Vec<String> = (0..=bounds::LIST_MAX)
        .map(|number| format!("w{number}"))
        .collect();
    let many = serde_json::json!({"find": {"filter": {"words": words}}});
    assert!(serde_json::from_value::<Intent>(many).is_err());
    let long = serde_json::json!({"find": {"filter": {"words": ["x".repeat(bounds::PHRASE_CHARS_MAX + 1)]}}});
    assert!(serde_json::from_value::<Intent>(long).is_err());
}

#[test]
fn intents_are_said_in_plain_english() {
    for (question, words) in [
        (
            "laptops in biology in repair",
            "Laptops of Biology that are in repair",
        ),
        (
            "how many laptops by department",
            "How many Laptops there are, by unit",
        ),
        ("who has 4217", "Who has 4217"),
        ("give 4217 to Ana Ruiz", "Hand 4217 out to Ana Ruiz"),
    ] {
        assert_eq!(reading(question).intent.in_words(), words, "{question}");
    }
}

#[test]
fn what_is_too_long_is_not_read() {
    for hostile in [
        "a".repeat(10_000),
        "? ".repeat(5_000),
        "laptops ".repeat(1_250),
        "\u{202E}\u{0}".repeat(2_000),
    ] {
        let intent = reading(&hostile).intent;
        assert!(
            matches!(intent, Intent::Unclear(Doubt::TooLong)),
            "{intent}"
        );
    }
}

#[test]
fn a_question_is_never_a_change() {
    for question in [
        "has anyone returned 4217",
        "anyone lost 4217",
        "are we moving 4217 to Biology",
        "is Ana returning 4217",
        "do you know if 4217 was stolen",
        "check whether 4217 was returned",
        "what am I returning this week",
        "which laptops can I lend out",
        "can I hand out 4217 to Ana Ruiz",
        "stop moving 4217 to Biology",
        "I would return 4217 if I could",
        "it is possible to return 4217",
        "remind me to return 4217",
        "Omar says he lost 4217",
        "I am not returning 4217",
    ] {
        let intent = reading(question).intent;
        assert!(!matches!(intent, Intent::Write(_)), "{question}: {intent}");
    }
    for statement in [
        "I'm returning 4217",
        "I just returned 4217",
        "loan 4217 to Biology",
    ] {
        let intent = reading(statement).intent;
        assert!(matches!(intent, Intent::Write(_)), "{statement}: {intent}");
    }
}

#[test]
fn a_condition_without_a_noun_narrows_the_last_list() {
    let vocabulary = vocabulary();
    let last = reading("laptops in biology").intent;
    let context = Context::after(last, 5);
    for (question, found) in [
        (
            "older than 5 years",
            "find category=Laptops unit=Biology window=bought:..2021-06-17",
        ),
        (
            "without an owner",
            "find category=Laptops unit=Biology holder=nobody",
        ),
        (
            "highest price first",
            "find category=Laptops unit=Biology sort=-cost",
        ),
        (
            "what is missing in chemistry",
            "find unit=Chemistry state=missing",
        ),
    ] {
        let intent = read(question, &vocabulary.whole(), &context, today()).intent;
        assert_eq!(intent.to_string(), found, "{question}");
    }
}

#[test]
fn a_doubt_offers_complete_meanings_and_no_more_than_three() {
    let reading = reading("asign 4217 to Ana Ruiz");
    assert_eq!(reading.sureness, Sureness::Unsure);
    assert!(
        !reading.alternatives.is_empty() && reading.alternatives.len() <= bounds::ALTERNATIVES_MAX
    );
}

/// Prints how long a question takes with the names of a large university; slow machines are no failure.
#[test]
fn a_large_university_is_read() {
    let mut lists = Lists::default();
    let id = |number: u128| Uuid::from_u128(number);
    let site = LocationId::from_uuid(id(1));
    let place = |number: u128, parent, kind, code: String, name: String| PlaceName {
        id: LocationId::from_uuid(id(number)),
        name,
        code,
        parent,
        kind,
    };
    lists.places.push(place(
        1,
        None,
        LocationKind::Campus,
        "MAIN".to_owned(),
        "Main Campus".to_owned(),
    ));
    for building in 0..200_u128 {
        let own = LocationId::from_uuid(id(10 + building));
        let name = format!("{} Hall", word(building));
        lists.places.push(place(
            10 + building,
            Some(site),
            LocationKind::Building,
            format!("MAIN-B{building}"),
            name,
        ));
        for room in 0..100_u128 {
            let code = format!("B{building}-{}", 100 + room);
            lists.places.push(place(
                1_000 + building * 100 + room,
                Some(own),
                LocationKind::Room,
                code,
                format!("Office {}", 100 + room),
            ));
        }
    }
    for unit in 0..2_000_u128 {
        let name = format!("{} and {}", word(unit), word(unit * 7 + 3));
        lists.units.push(UnitName {
            id: UnitId::from_uuid(id(100_000 + unit)),
            name,
            code: format!("U{unit}"),
            aliases: Vec::new(),
        });
    }
    let category = CategoryId::from_uuid(id(3));
    lists.categories.push(CategoryName {
        id: category,
        name: "Laptops".to_owned(),
        code: "laptop".to_owned(),
    });
    for model in 0..5_000_u128 {
        let name = format!("{} {} Gen {}", word(model / 50), model % 50, model % 7);
        lists.models.push(ModelName {
            id: ModelId::from_uuid(id(200_000 + model)),
            name,
            number: Some(format!("N{model}")),
            maker: None,
            category,
        });
    }
    let started = std::time::Instant::now();
    let vocabulary = Vocabulary::build(&lists);
    let built = started.elapsed();
    let questions = [
        "how many laptops are missing in room 104 of Babo Hall",
        "what does maria kellar have in kozu hall that is overdue",
        "move WMK-004217-S to Babo Hall 150",
        "which buldings have the most laptops bought before 2021",
    ];
    let started = std::time::Instant::now();
    for question in questions {
        let reading = read(question, &vocabulary.whole(), &Context::new(), today());
        assert!(
            !matches!(reading.intent, Intent::Unclear(Doubt::NotUnderstood)),
            "{question}"
        );
    }
    let each = started.elapsed() / u32::try_from(questions.len()).expect("a few");
    let _ = writeln!(
        std::io::stderr(),
        "built in {built:?}, a question read in {each:?}"
    );
}

/// An invented word.
fn word(number: u128) -> String {
    let mut text = String::new();
    let mut rest = number + 41;
    while rest > 0 {
        let (consonant, vowel) = (
            usize::try_from(rest % 16).unwrap_or(0),
            usize::try_from(rest / 16 % 5).unwrap_or(0),
        );
        text.push(char::from(b"BDFGKLMNPRSTVWXZ"[consonant]));
        text.push(char::from(b"aeiou"[vowel]));
        rest /= 80;
    }
    text
}

proptest! {
    /// Whatever is typed, it is read without a panic, its intent survives JSON, and the pieces lie within the question.
    #[test]
    fn anything_can_be_asked(question in "\\PC{0,120}|[ a-z0-9'\"?.,:#-]{0,200}|(give|move|who|has|4217|to|biology|until|friday|it|the|of|note|:|'s| ){0,40}", rows in 0u16..4) {
        let vocabulary = vocabulary();
        let last = read("laptops in biology", &vocabulary.whole(), &Context::new(), today()).intent;
        for context in [Context::new(), Context::after(last, rows)] {
            let reading = read(&question, &vocabulary.whole(), &context, today());
            let json = serde_json::to_string(&reading.intent).expect("an intent is JSON");
            prop_assert_eq!(serde_json::from_str::<Intent>(&json).expect("its own JSON"), reading.intent.clone());
            prop_assert!(!reading.intent.to_string().is_empty() && !reading.intent.in_words().is_empty());
            prop_assert!(reading.alternatives.len() <= bounds::ALTERNATIVES_MAX);
            for piece in &reading.understood {
                prop_assert!(question.get(piece.from..piece.until).is_some());
            }
        }
    }
}
