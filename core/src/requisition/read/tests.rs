use std::collections::BTreeMap;

use super::*;
use crate::punchout::cart::{Bundle, Classification, PriceBasis, Text};
use crate::supplier::{Credential, Match, Mode, Operation, Rule};

fn credential(identity: &str) -> Credential {
    Credential {
        domain: "DUNS".to_owned(),
        identity: identity.to_owned(),
    }
}

fn settings() -> Settings {
    Settings {
        ours: credential("us"),
        theirs: vec![credential("them")],
        setup_url: "https://shop.example.com".to_owned(),
        order_url: None,
        profile_url: None,
        http_start_page: false,
        repair_entities: false,
        operations: vec![Operation::Create],
        mode: Mode::Production,
        hook_field: None,
        units: BTreeMap::from([("BX".to_owned(), Exact::whole(30))]),
        rules: Vec::new(),
        tolerance_percent: None,
        tolerance_absolute: None,
        currency: "USD".to_owned(),
        session_hours: 8,
    }
}

fn money(amount: &str) -> Money {
    Money {
        amount: amount.to_owned(),
        currency: "usd".to_owned(),
    }
}

fn line(part: &str, quantity: &str, price: &str) -> SentLine {
    SentLine {
        sent: Sent {
            quantity: quantity.to_owned(),
            unit: "EA".to_owned(),
            part: part.to_owned(),
            price: money(price),
            ..Sent::default()
        },
        raw: format!("<ItemIn>{part}</ItemIn>"),
        warnings: Vec::new(),
    }
}

fn cart(lines: Vec<SentLine>) -> Cart {
    Cart {
        lines,
        ..Cart::default()
    }
}

fn good(cart: &Cart) -> Read {
    read(cart, &settings(), "en").expect("a good cart")
}

fn codes(warnings: &[Warning]) -> Vec<&str> {
    warnings
        .iter()
        .map(|warning| warning.code.as_str())
        .collect()
}

#[test]
fn amounts_are_exact() {
    let read = good(&cart(vec![
        line("A", "3", "1149.00"),
        line("B", "0.333333", "0.000003"),
    ]));
    let amounts: Vec<String> = read.by_currency["USD"]
        .iter()
        .map(|line| line.stored.amount.to_string())
        .collect();
    assert_eq!(amounts, ["3447.00", "0.000000999999"]);
}

/// Every line at fault is named with its code; one of them is enough to refuse the cart.
#[test]
fn whatever_would_be_guessed_is_named() {
    let mut euro = line("A", "1", "1");
    euro.sent.price.currency = "€".to_owned();
    let mut basis = line("A", "1", "1");
    basis.sent.basis = Some(PriceBasis {
        quantity: "0".to_owned(),
        factor: "1".to_owned(),
        unit: None,
    });
    let mut rest = line("A", "1", "1");
    rest.sent.aux = Some("x".repeat(2_049));
    let given = cart(vec![
        line("A", "1,000", "1"),
        line("A", "-1", "1"),
        line("A", "1", "1,149"),
        euro,
        line(" ", "1", "1"),
        basis,
        rest,
        line("A\u{202E}", "1", "1"),
        line("A", "999999999999", "999999999999.999999"),
        line("A", "1", "1"),
    ]);
    let faults = read(&given, &settings(), "en").expect_err("faults");
    let named: Vec<(usize, &str)> = faults.iter().map(|it| (it.line, it.code)).collect();
    assert_eq!(
        named,
        [
            (1, "bad_quantity"),
            (2, "bad_quantity"),
            (3, "bad_amount"),
            (4, "bad_currency"),
            (5, "missing_element"),
            (6, "bad_amount"),
            (7, "limit_exceeded"),
            (8, "illegal_character"),
            (9, "bad_amount"),
        ]
    );
    assert!(
        faults[0]
            .to_string()
            .contains("line 1: the quantity is \"1,000\""),
        "{}",
        faults[0]
    );
}

#[test]
fn faults_and_lines_have_bounds() {
    let bad = cart(vec![line("A", "x", "1"); 200]);
    assert_eq!(
        read(&bad, &settings(), "en").expect_err("faults").len(),
        LineFault::TOLD_MAX
    );
    let long = cart(vec![line("A", "1", "1"); LINES_MAX + 1]);
    let faults = read(&long, &settings(), "en").expect_err("too many");
    assert_eq!((faults.len(), faults[0].code), (1, "limit_exceeded"));
}

#[test]
fn a_line_that_orders_none_is_left_out() {
    let read = good(&cart(vec![line("A", "0.000", "1"), line("B", "1", "1")]));
    assert_eq!(codes(&read.warnings), ["line_dropped_zero_quantity"]);
    assert_eq!(read.by_currency["USD"].len(), 1);
}

/// Three hundred pieces at a price for a box of thirty cost ten boxes.
#[test]
fn a_price_for_more_than_one_is_reckoned_by_its_basis() {
    let mut boxes = line("A", "300", "9.99");
    boxes.sent.basis = Some(PriceBasis {
        quantity: "1".to_owned(),
        factor: "0.0333333".to_owned(),
        unit: Some("BX".to_owned()),
    });
    let mut hundred = line("B", "5", "12.50");
    hundred.sent.basis = Some(PriceBasis {
        quantity: "100".to_owned(),
        factor: "1".to_owned(),
        unit: None,
    });
    let read = good(&cart(vec![boxes, hundred]));
    let lines = &read.by_currency["USD"];
    assert_eq!(lines[0].stored.amount.to_places(2).to_string(), "99.90");
    assert_eq!(lines[1].stored.amount.to_string(), "0.625");
    assert_eq!(codes(&lines[0].warnings), ["price_basis_used"]);
}

#[test]
fn a_unit_that_nobody_knows_is_no_piece() {
    let mut unknown = line("A", "2", "1");
    unknown.sent.unit = "100/BX".to_owned();
    let mut boxes = line("B", "2", "1");
    boxes.sent.unit = "bx".to_owned();
    let read = good(&cart(vec![unknown, boxes]));
    let lines = &read.by_currency["USD"];
    assert_eq!(
        (lines[0].stored.pieces, codes(&lines[0].warnings)),
        (None, vec!["unknown_unit"])
    );
    assert_eq!(lines[1].stored.pieces, Some(Exact::whole(30)));
}

#[test]
fn each_currency_is_a_requisition_of_its_own() {
    let mut euro = line("B", "1", "1");
    euro.sent.price.currency = "EUR".to_owned();
    let read = good(&cart(vec![line("A", "1", "1"), euro, line("C", "1", "1")]));
    let currencies: Vec<(&str, usize)> = read
        .by_currency
        .iter()
        .map(|(currency, lines)| (currency.as_str(), lines.len()))
        .collect();
    assert_eq!(currencies, [("EUR", 1), ("USD", 2)]);
    assert_eq!(
        codes(&read.by_currency["EUR"][0].warnings),
        ["currency_differs"]
    );
}

/// The sum that the supplier sends, and whether it is one of those that suppliers mean.
#[test]
fn the_total_is_compared_and_never_believed() {
    for (total, warns) in [
        ("30.00", false),
        ("35.00", false),
        ("32.00", false),
        ("37.00", false),
        ("30.02", false),
        ("30.03", true),
        ("10.00", true),
    ] {
        let mut cart = cart(vec![line("A", "1", "10"), line("B", "2", "10")]);
        cart.total = Some(money(total));
        cart.shipping = Some(money("5"));
        cart.tax = Some(money("2"));
        assert_eq!(
            codes(&good(&cart).warnings) == ["total_mismatch"],
            warns,
            "{total}"
        );
    }
    let mut unreadable = cart(vec![line("A", "1", "10")]);
    unreadable.total = Some(money("ten"));
    assert!(good(&unreadable).warnings.is_empty());
}

#[test]
fn the_price_of_a_bundle_counts_once() {
    let part = |number: &str, parent: Option<&str>, level: Option<&str>| {
        let mut one = line(number, "1", "10");
        one.sent.line = Some(number.to_owned());
        one.sent.bundle = Bundle {
            parent: parent.map(ToOwned::to_owned),
            item_type: None,
            price_level: level.map(ToOwned::to_owned),
        };
        one
    };
    for (level, expected, warns) in [
        (Some("groupLevel"), ["10", "0", "0"], false),
        (Some("itemLevel"), ["0", "10", "10"], false),
        (None, ["10", "0", "0"], true),
    ] {
        let lines = vec![
            part("1", None, level),
            part("2", Some("1"), None),
            part("3", Some("1"), None),
        ];
        let read = good(&cart(lines));
        let lines = &read.by_currency["USD"];
        let amounts: Vec<String> = lines
            .iter()
            .map(|it| it.stored.amount.to_string())
            .collect();
        assert_eq!(amounts, expected, "{level:?}");
        assert_eq!(
            codes(&lines[0].warnings) == ["mixed_price_basis"],
            warns,
            "{level:?}"
        );
    }
    // Lines that belong to each other in a circle end nothing.
    let circle = cart(vec![
        part("1", Some("2"), Some("groupLevel")),
        part("2", Some("1"), None),
    ]);
    assert_eq!(good(&circle).by_currency["USD"].len(), 2);
}

#[test]
fn what_it_is_comes_in_the_readers_language() {
    let text = |lang: &str, text: &str| Text {
        lang: lang.to_owned(),
        text: text.to_owned(),
        short: None,
    };
    let mut one = line("A", "1", "1");
    one.sent.descriptions = vec![
        text("de", "Rechner"),
        text("en_US", "Laptop"),
        text("fr-CA", "Portable"),
    ];
    for (lang, expected) in [
        ("de-AT", "Rechner"),
        ("fr", "Portable"),
        ("en-GB", "Laptop"),
        ("it", "Laptop"),
    ] {
        let read = read(&cart(vec![one.clone()]), &settings(), lang).expect("a good cart");
        assert_eq!(
            read.by_currency["USD"][0].stored.description, expected,
            "{lang}"
        );
    }
    one.sent.descriptions = vec![Text {
        lang: String::new(),
        text: "  ".to_owned(),
        short: Some(" Short ".to_owned()),
    }];
    assert_eq!(
        good(&cart(vec![one.clone()])).by_currency["USD"][0]
            .stored
            .description,
        "Short"
    );
    one.sent.descriptions.clear();
    assert_eq!(
        good(&cart(vec![one])).by_currency["USD"][0]
            .stored
            .description,
        "A"
    );
}

#[test]
fn codes_of_the_unspsc_are_not_guessed() {
    for (domain, code, expected) in [
        ("UNSPSC", "43211503", Some("43211503")),
        ("unspsc", "43.21.15.03", Some("43211503")),
        ("SPSC", "UNSPSC 43211503", Some("43211503")),
        ("UNSPSC", "4321150301", Some("43211503")),
        ("UNSPSC", "0", None),
        ("UNSPSC", "unknown", None),
        ("UNSPSC", "4006381333931", None),
        ("eCl@ss", "19010103", None),
    ] {
        let mut one = line("A", "1", "1");
        one.sent.classifications = vec![Classification {
            domain: domain.to_owned(),
            code: code.to_owned(),
        }];
        let read = good(&cart(vec![one]));
        let line = &read.by_currency["USD"][0];
        assert_eq!(line.stored.unspsc.as_deref(), expected, "{domain} {code}");
        assert_eq!(
            codes(&line.warnings).is_empty(),
            expected.is_some(),
            "{domain} {code}"
        );
    }
}

#[test]
fn products_are_known_by_rules() {
    let model = crate::id::ModelId::from_uuid(uuid::Uuid::from_u128(1));
    let category = crate::id::CategoryId::from_uuid(uuid::Uuid::from_u128(2));
    let mut settings = settings();
    settings.rules = vec![
        Rule {
            matches: Match::Part {
                manufacturer: "Example Computers".to_owned(),
                part: "20X1-S0AB00".to_owned(),
            },
            model: Some(model),
            category: None,
        },
        Rule {
            matches: Match::Unspsc {
                prefix: "4321".to_owned(),
            },
            model: None,
            category: Some(category),
        },
    ];
    let mut known = line("A", "1", "1");
    known.sent.manufacturer = Some("EXAMPLE COMPUTERS".to_owned());
    known.sent.manufacturer_part = Some("20x1 s0ab00".to_owned());
    let mut sort = line("B", "1", "1");
    sort.sent.classifications = vec![Classification {
        domain: "UNSPSC".to_owned(),
        code: "43211503".to_owned(),
    }];
    let read = read(
        &cart(vec![known, sort, line("C", "1", "1")]),
        &settings,
        "en",
    )
    .expect("a good cart");
    let found: Vec<_> = read.by_currency["USD"]
        .iter()
        .map(|line| (line.stored.model, line.stored.category))
        .collect();
    assert_eq!(
        found,
        [(Some(model), None), (None, Some(category)), (None, None)]
    );
}

#[test]
fn addresses_that_are_none_of_the_web_are_dropped() {
    for (url, kept) in [
        ("https://shop.example.com/a?b=1", true),
        ("javascript:alert(1)", false),
        ("dne", false),
        ("/relative", false),
    ] {
        let mut one = line("A", "1", "1");
        one.sent.url = Some(url.to_owned());
        let read = good(&cart(vec![one]));
        assert_eq!(
            read.by_currency["USD"][0].stored.url.is_some(),
            kept,
            "{url}"
        );
    }
}

#[test]
fn what_is_odd_is_said() {
    let mut given = cart(vec![line("A", "1", "1"), line("A", "1", "1")]);
    given.from = vec![credential("somebody else")];
    let read = good(&given);
    assert_eq!(codes(&read.warnings), ["header_mismatch"]);
    assert_eq!(
        codes(&read.by_currency["USD"][1].warnings),
        ["duplicate_line_identity"]
    );
}
