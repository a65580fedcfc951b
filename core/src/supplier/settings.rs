//! What administrators may choose for a supplier. Pure.

use std::collections::BTreeMap;

use url::Url;

use super::{
    Credential, Match, Operation, Protocol, Refusal, Rule, SESSION_HOURS_MAX, Settings, units,
};
use crate::exact::Exact;
use crate::text;

/// The most characters of a numbering, an identity, a maker or a part.
const WORD_CHARS_MAX: usize = 255;
/// The most credentials of a supplier.
const CREDENTIALS_MAX: usize = 20;
/// The most units that a supplier maps.
const UNITS_MAX: usize = 200;
/// The most rules by which its lines are known.
const RULES_MAX: usize = 300;
/// The most characters of an address.
const URL_CHARS_MAX: usize = 2_048;
/// The most bytes of all settings together; an entry of the ledger has to hold them.
const BYTES_MAX: usize = 48 * 1024;
/// The largest tolerance, in percent.
const PERCENT_MAX: u32 = 1_000;

/// The settings as they are kept, or why they cannot be.
pub(super) fn checked(protocol: Protocol, settings: &Settings) -> Result<Settings, Refusal> {
    let mut checked = settings.clone();
    checked.ours = credential(&checked.ours)?;
    checked.theirs = credentials(protocol, &checked.theirs)?;
    checked.setup_url = url(&checked.setup_url)?;
    for optional in [&mut checked.order_url, &mut checked.profile_url] {
        *optional = optional
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(url)
            .transpose()?;
    }
    checked.operations.push(Operation::Create);
    checked.operations.sort_unstable();
    checked.operations.dedup();
    checked.hook_field = hook_field(protocol, checked.hook_field)?;
    checked.units = unit_map(checked.units)?;
    checked.rules = rules(checked.rules)?;
    for tolerance in [checked.tolerance_percent, checked.tolerance_absolute] {
        if tolerance.is_some_and(Exact::is_negative) {
            return Err(Refusal::BadSetting("a tolerance is not negative"));
        }
    }
    if checked
        .tolerance_percent
        .is_some_and(|percent| percent > Exact::whole(PERCENT_MAX))
    {
        return Err(Refusal::BadSetting("a tolerance is at most 1000 percent"));
    }
    checked.currency = currency(&checked.currency).ok_or(Refusal::BadSetting(
        "a currency has three letters, such as USD",
    ))?;
    if !(1..=SESSION_HOURS_MAX).contains(&checked.session_hours) {
        return Err(Refusal::BadSetting("a visit lasts 1 to 72 hours"));
    }
    let bytes = serde_json::to_vec(&checked).map_or(usize::MAX, |bytes| bytes.len());
    if bytes > BYTES_MAX {
        return Err(Refusal::BadSetting("the settings are too long together"));
    }
    Ok(checked)
}

/// A currency in its three letters.
pub(crate) fn currency(text: &str) -> Option<String> {
    let code = text.trim().to_ascii_uppercase();
    (code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase())).then_some(code)
}

/// Whether a price is over another by more than both tolerances let pass; one that was not chosen lets nothing pass by itself.
pub(super) fn is_over(
    (percent, absolute): (Option<Exact>, Option<Exact>),
    price: Exact,
    before: Exact,
) -> bool {
    let Ok(rise) = price.minus(before) else {
        return true;
    };
    if rise.is_zero() || rise.is_negative() {
        return false;
    }
    let within_absolute = absolute.is_some_and(|most| rise <= most);
    let within_percent = percent.is_some_and(|percent| {
        let most = before.times(percent);
        let hundredfold = rise.times(Exact::whole(100));
        matches!((most, hundredfold), (Ok(most), Ok(rise)) if rise <= most)
    });
    !(within_absolute || within_percent)
}

fn credentials(protocol: Protocol, theirs: &[Credential]) -> Result<Vec<Credential>, Refusal> {
    if theirs.len() > CREDENTIALS_MAX || (theirs.is_empty() && protocol == Protocol::Cxml) {
        return Err(Refusal::BadSetting(
            "a supplier has 1 to 20 credentials by which its documents are known",
        ));
    }
    theirs.iter().map(credential).collect()
}

/// A numbering may be empty, because real suppliers have such; an identity may not.
fn credential(given: &Credential) -> Result<Credential, Refusal> {
    let fits = |text: &str, least: usize| {
        (least..=WORD_CHARS_MAX).contains(&text.chars().count())
            && text.chars().all(text::is_printable)
    };
    let (domain, identity) = (given.domain.trim(), given.identity.trim());
    if !fits(domain, 0) || !fits(identity, 1) {
        return Err(Refusal::BadSetting(
            "a credential is a domain of up to 255 characters and an identity of 1 to 255",
        ));
    }
    Ok(Credential {
        domain: domain.to_owned(),
        identity: identity.to_owned(),
    })
}

/// What can be an address at all. Whether it may be reached is asked whenever it is.
fn url(text: &str) -> Result<String, Refusal> {
    const BAD: Refusal =
        Refusal::BadSetting("an address is an absolute one, https, without a user in it");
    let text = text.trim();
    if text.chars().count() > URL_CHARS_MAX {
        return Err(BAD);
    }
    let url = Url::parse(text).map_err(|_| BAD)?;
    let plain = url.username().is_empty() && url.password().is_none() && url.has_host();
    if plain && matches!(url.scheme(), "https" | "http") {
        Ok(text.to_owned())
    } else {
        Err(BAD)
    }
}

fn hook_field(protocol: Protocol, field: Option<String>) -> Result<Option<String>, Refusal> {
    let Some(name) = field.filter(|name| !name.trim().is_empty()) else {
        return Ok((protocol == Protocol::Oci).then(|| "HOOK_URL".to_owned()));
    };
    let name = name.trim();
    if protocol != Protocol::Oci {
        return Err(Refusal::BadSetting("only OCI has a field for the way back"));
    }
    let fits = name.len() <= 100 && name.bytes().all(|b| b.is_ascii_graphic());
    if fits {
        Ok(Some(name.to_owned()))
    } else {
        Err(Refusal::BadSetting(
            "a field's name has up to 100 letters, digits and signs",
        ))
    }
}

fn unit_map(map: BTreeMap<String, Exact>) -> Result<BTreeMap<String, Exact>, Refusal> {
    let map: BTreeMap<String, Exact> = map
        .into_iter()
        .map(|(code, pieces)| (units::folded(&code), pieces))
        .collect();
    let fits = |(code, pieces): (&String, &Exact)| {
        (1..=40).contains(&code.chars().count())
            && code.chars().all(text::is_printable)
            && *pieces > Exact::ZERO
    };
    if map.len() <= UNITS_MAX && map.iter().all(fits) {
        Ok(map)
    } else {
        Err(Refusal::BadSetting(
            "at most 200 units are mapped, each of 1 to 40 characters to more than no pieces",
        ))
    }
}

fn rules(rules: Vec<Rule>) -> Result<Vec<Rule>, Refusal> {
    let word = |text: &str| {
        (1..=WORD_CHARS_MAX).contains(&text.trim().chars().count())
            && text.chars().all(text::is_printable)
    };
    let fits = |rule: &Rule| match &rule.matches {
        Match::Part { manufacturer, part } => word(manufacturer) && word(part),
        Match::Unspsc { prefix } => {
            (2..=8).contains(&prefix.len()) && prefix.bytes().all(|b| b.is_ascii_digit())
        }
    };
    if rules.len() > RULES_MAX || !rules.iter().all(fits) {
        return Err(Refusal::BadSetting(
            "at most 300 rules, each by a maker and a part or by 2 to 8 digits of the UNSPSC",
        ));
    }
    if rules
        .iter()
        .any(|rule| rule.model.is_none() && rule.category.is_none())
    {
        return Err(Refusal::BadSetting("a rule names a product or a category"));
    }
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supplier::Mode;

    fn settings() -> Settings {
        Settings {
            ours: Credential {
                domain: "DUNS".to_owned(),
                identity: "123".to_owned(),
            },
            theirs: vec![Credential {
                domain: "NetworkID".to_owned(),
                identity: "AN01".to_owned(),
            }],
            setup_url: "https://shop.example.com/setup?x=1".to_owned(),
            order_url: Some("  ".to_owned()),
            profile_url: None,
            http_start_page: false,
            repair_entities: false,
            operations: vec![Operation::Edit],
            mode: Mode::Production,
            hook_field: None,
            units: BTreeMap::from([(" bx ".to_owned(), Exact::whole(10))]),
            rules: Vec::new(),
            tolerance_percent: Some(Exact::whole(5)),
            tolerance_absolute: None,
            currency: "usd".to_owned(),
            session_hours: 8,
        }
    }

    fn amount(text: &str) -> Exact {
        Exact::amount(text).expect("an amount")
    }

    #[test]
    fn settings_are_folded() {
        let kept = checked(Protocol::Cxml, &settings()).expect("they are good");
        assert_eq!(kept.operations, [Operation::Create, Operation::Edit]);
        assert_eq!(
            (kept.currency.as_str(), kept.order_url.as_deref()),
            ("USD", None)
        );
        assert_eq!(kept.pieces("Bx"), Some(Exact::whole(10)));
        assert_eq!(kept.pieces("CS"), None);
        assert_eq!(checked(Protocol::Cxml, &kept), Ok(kept));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        type Spoil = fn(&mut Settings);
        let spoilt: [Spoil; 14] = [
            |it| it.theirs.clear(),
            |it| it.ours.identity = "  ".to_owned(),
            |it| it.setup_url = "shop.example.com".to_owned(),
            |it| it.setup_url = "https://user:word@shop.example.com".to_owned(),
            |it| it.order_url = Some("javascript:alert(1)".to_owned()),
            |it| it.setup_url = format!("https://shop.example.com/{}", "a".repeat(2_048)),
            |it| it.session_hours = 0,
            |it| it.session_hours = 73,
            |it| it.currency = "US".to_owned(),
            |it| it.units = BTreeMap::from([("BX".to_owned(), Exact::ZERO)]),
            |it| it.tolerance_absolute = Some(Exact::amount("-1").expect("an amount")),
            |it| it.tolerance_percent = Some(Exact::whole(1_001)),
            |it| it.hook_field = Some("HOOK_URL".to_owned()),
            |it| {
                it.rules = vec![Rule {
                    matches: Match::Unspsc {
                        prefix: "4321".to_owned(),
                    },
                    model: None,
                    category: None,
                }];
            },
        ];
        for (place, spoil) in spoilt.into_iter().enumerate() {
            let mut settings = settings();
            spoil(&mut settings);
            assert!(checked(Protocol::Cxml, &settings).is_err(), "{place}");
        }
    }

    /// Percent and absolute, price, the one before, and whether it is over.
    #[test]
    fn a_rise_is_let_pass_by_either_tolerance() {
        for (percent, absolute, price, before, over) in [
            (None, None, "10.00", "10.00", false),
            (None, None, "9.99", "10.00", false),
            (None, None, "10.01", "10.00", true),
            (Some("5"), None, "10.50", "10.00", false),
            (Some("5"), None, "10.51", "10.00", true),
            (Some("5"), Some("1"), "10.51", "10.00", false),
            (Some("5"), Some("1"), "11.01", "10.00", true),
            (None, Some("1"), "11", "10", false),
            (Some("5"), None, "1", "0", true),
        ] {
            let tolerance = (percent.map(amount), absolute.map(amount));
            assert_eq!(
                is_over(tolerance, amount(price), amount(before)),
                over,
                "{percent:?} {absolute:?} {price} {before}"
            );
        }
    }

    #[test]
    fn credentials_are_compared_as_suppliers_write_them() {
        let one = |domain: &str, identity: &str| Credential {
            domain: domain.to_owned(),
            identity: identity.to_owned(),
        };
        assert!(one("NetworkId", " AN01 ").is(&one(" NETWORKID", "AN01")));
        assert!(!one("NetworkId", "an01").is(&one("NetworkId", "AN01")));
    }
}
