//! The form of a supplier's settings: what was entered, and what it means. What is wrong with a value is for core to say.

use std::collections::BTreeMap;

use habeo_core::catalogue::store::NamedCategory;
use habeo_core::exact::Exact;
use habeo_core::supplier::{
    Credential, Match, Mode, Operation, Rule, SESSION_HOURS, Settings, Supplier,
};
use serde::Deserialize;

/// What was entered.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Entered {
    pub name: String,
    pub protocol: String,
    pub our_domain: String,
    pub our_identity: String,
    pub theirs: String,
    pub setup_url: String,
    pub order_url: String,
    pub profile_url: String,
    pub inspect: Option<String>,
    pub edit: Option<String>,
    pub test: Option<String>,
    pub http_start_page: Option<String>,
    pub repair_entities: Option<String>,
    pub hook_field: String,
    pub currency: String,
    pub session_hours: String,
    pub tolerance_percent: String,
    pub tolerance_absolute: String,
    pub units: String,
    pub categories: String,
}

impl Entered {
    /// What the form proposes for a new supplier.
    pub fn usual() -> Self {
        Self {
            protocol: "cxml".to_owned(),
            our_domain: "NetworkID".to_owned(),
            currency: "USD".to_owned(),
            session_hours: SESSION_HOURS.to_string(),
            inspect: Some(String::new()),
            edit: Some(String::new()),
            ..Self::default()
        }
    }

    /// What was chosen, as it is entered.
    pub fn of(supplier: &Supplier, categories: &[NamedCategory]) -> Self {
        let settings = &supplier.settings;
        let chosen = |operation| settings.operations.contains(&operation).then(String::new);
        let exact = |value: Option<Exact>| value.map(|it| it.plain().to_string());
        let theirs = settings.theirs.iter();
        let theirs = theirs.map(|one| format!("{} {}", one.domain, one.identity).trim().to_owned());
        let units = settings.units.iter();
        let units = units.map(|(unit, pieces)| format!("{unit} = {}", pieces.plain()));
        let rules = settings.rules.iter().filter_map(|rule| {
            let Match::Unspsc { prefix } = &rule.matches else {
                return None;
            };
            let named = categories
                .iter()
                .find(|one| Some(one.id) == rule.category)?;
            Some(format!("{prefix} = {}", named.code))
        });
        Self {
            name: supplier.name.clone(),
            protocol: supplier.protocol.to_string(),
            our_domain: settings.ours.domain.clone(),
            our_identity: settings.ours.identity.clone(),
            theirs: theirs.collect::<Vec<_>>().join("\n"),
            setup_url: settings.setup_url.clone(),
            order_url: settings.order_url.clone().unwrap_or_default(),
            profile_url: settings.profile_url.clone().unwrap_or_default(),
            inspect: chosen(Operation::Inspect),
            edit: chosen(Operation::Edit),
            test: (settings.mode == Mode::Test).then(String::new),
            http_start_page: settings.http_start_page.then(String::new),
            repair_entities: settings.repair_entities.then(String::new),
            hook_field: settings.hook_field.clone().unwrap_or_default(),
            currency: settings.currency.clone(),
            session_hours: settings.session_hours.to_string(),
            tolerance_percent: exact(settings.tolerance_percent).unwrap_or_default(),
            tolerance_absolute: exact(settings.tolerance_absolute).unwrap_or_default(),
            units: units.collect::<Vec<_>>().join("\n"),
            categories: rules.collect::<Vec<_>>().join("\n"),
        }
    }

    /// What it means. Rules that the form does not show stay as they were.
    pub fn settings(
        &self,
        before: Option<&Settings>,
        categories: &[NamedCategory],
    ) -> Result<Settings, String> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let mut operations = vec![Operation::Create];
        operations.extend(self.inspect.as_ref().map(|_| Operation::Inspect));
        operations.extend(self.edit.as_ref().map(|_| Operation::Edit));
        let kept = before.map(|settings| settings.rules.iter());
        let kept = kept.into_iter().flatten();
        let kept = kept.filter(|rule| !is_shown(rule));
        let mut rules: Vec<Rule> = kept.cloned().collect();
        rules.extend(self.rules(categories)?);
        Ok(Settings {
            ours: Credential {
                domain: self.our_domain.trim().to_owned(),
                identity: self.our_identity.trim().to_owned(),
            },
            theirs: self.theirs(),
            setup_url: self.setup_url.trim().to_owned(),
            order_url: given(&self.order_url),
            profile_url: given(&self.profile_url),
            http_start_page: self.http_start_page.is_some(),
            repair_entities: self.repair_entities.is_some(),
            operations,
            mode: if self.test.is_some() {
                Mode::Test
            } else {
                Mode::Production
            },
            hook_field: given(&self.hook_field),
            units: self.units()?,
            rules,
            tolerance_percent: tolerance(&self.tolerance_percent)?,
            tolerance_absolute: tolerance(&self.tolerance_absolute)?,
            currency: self.currency.trim().to_owned(),
            session_hours: self
                .session_hours
                .trim()
                .parse()
                .map_err(|_| "A visit lasts 1 to 72 hours.".to_owned())?,
        })
    }

    /// One credential in each line: the numbering, and behind the first space the identity.
    fn theirs(&self) -> Vec<Credential> {
        let lines = self.theirs.lines().map(str::trim);
        lines
            .filter(|line| !line.is_empty())
            .map(|line| {
                let (domain, identity) = line.split_once(char::is_whitespace).unwrap_or(("", line));
                Credential {
                    domain: domain.to_owned(),
                    identity: identity.trim().to_owned(),
                }
            })
            .collect()
    }

    fn units(&self) -> Result<BTreeMap<String, Exact>, String> {
        let pairs = pairs(
            &self.units,
            "a unit, an equals sign and how many pieces it is",
        )?;
        let mut units = BTreeMap::new();
        for (number, unit, pieces) in pairs {
            let pieces = Exact::quantity(pieces)
                .map_err(|_| format!("Line {number} of the units: “{pieces}” is no number."))?;
            units.insert(unit.to_uppercase(), pieces);
        }
        Ok(units)
    }

    fn rules(&self, categories: &[NamedCategory]) -> Result<Vec<Rule>, String> {
        let what = "the first digits of a UNSPSC code, an equals sign and the code of a category";
        let mut rules = Vec::new();
        for (number, prefix, code) in pairs(&self.categories, what)? {
            let named = categories
                .iter()
                .find(|one| one.code.eq_ignore_ascii_case(code));
            let named = named.ok_or_else(|| {
                format!("Line {number} of the categories: there is no category “{code}”.")
            })?;
            rules.push(Rule {
                matches: Match::Unspsc {
                    prefix: prefix.to_owned(),
                },
                model: None,
                category: Some(named.id),
            });
        }
        Ok(rules)
    }
}

/// Whether the form shows a rule.
const fn is_shown(rule: &Rule) -> bool {
    matches!(rule.matches, Match::Unspsc { .. }) && rule.model.is_none() && rule.category.is_some()
}

fn tolerance(text: &str) -> Result<Option<Exact>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let read = Exact::amount(text).map(Some);
    read.map_err(|_| format!("“{text}” is no number; write 5 or 12.50."))
}

/// Lines of `one = other`; what is wrong is told by the number of its line.
fn pairs<'a>(text: &'a str, what: &str) -> Result<Vec<(usize, &'a str, &'a str)>, String> {
    let mut pairs = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        let pair = line.split_once('=');
        let pair = pair.map(|(one, other)| (one.trim(), other.trim()));
        let (one, other) = pair
            .filter(|(one, other)| !one.is_empty() && !other.is_empty())
            .ok_or_else(|| format!("Line {number}: write {what}."))?;
        pairs.push((number, one, other));
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_or_refused_by_their_number() {
        let entered = Entered {
            units: "bx = 10\n\n CS=2.5 ".to_owned(),
            theirs: "DUNS 123456789\n solo \n NetworkID  AN01 ".to_owned(),
            ..Entered::usual()
        };
        let settings = entered.settings(None, &[]).expect("settings");
        let ten = Exact::quantity("10").expect("a number");
        assert_eq!(settings.units.get("BX"), Some(&ten));
        let theirs: Vec<(&str, &str)> = settings
            .theirs
            .iter()
            .map(|one| (one.domain.as_str(), one.identity.as_str()))
            .collect();
        assert_eq!(
            theirs,
            [("DUNS", "123456789"), ("", "solo"), ("NetworkID", "AN01")]
        );
        for (units, fault) in [
            ("BX", "Line 1: write a unit"),
            ("\nBX = ten", "Line 2 of the units: “ten” is no number."),
        ] {
            let entered = Entered {
                units: units.to_owned(),
                ..Entered::usual()
            };
            let told = entered.settings(None, &[]).err().unwrap_or_default();
            assert!(told.starts_with(fault), "{told}");
        }
        let entered = Entered {
            categories: "43 = NONE".to_owned(),
            ..Entered::usual()
        };
        assert!(entered.settings(None, &[]).is_err());
    }
}
