//! The form of an endpoint: what was typed, as it was typed, and what it means.

use std::collections::BTreeSet;

use habeo_bot::engine::OrgNames;
use habeo_core::endpoint::settings::{Filter, PAYLOAD_VERSION};
use habeo_core::endpoint::topic::{self, CHANNELS};
use habeo_core::endpoint::{Endpoint, Owner, Refusal, Settings};
use habeo_core::id::{AppId, UnitId};

use crate::asked::Asked;
use crate::pages::assets::list::Choice;
use crate::pages::sentence;

/// What was typed.
#[derive(Debug, Default)]
pub(super) struct Entered {
    pub url: String,
    pub description: String,
    /// The app's id; empty for a new one.
    pub app: String,
    pub new_app: String,
    pub events: BTreeSet<String>,
    pub units: BTreeSet<String>,
    pub pointer: String,
    pub equals: String,
    pub per_second: String,
    pub at_once: String,
    pub ordered: bool,
    pub thin: bool,
}

/// What is wrong with which field.
pub(super) type Faults = Vec<(&'static str, String)>;

impl Entered {
    pub(super) fn read(fields: Vec<(String, String)>) -> Self {
        let asked = Asked::of(fields);
        let text = |name: &str| asked.one(name).unwrap_or_default().to_owned();
        let all = |name: &str| asked.all(name).map(ToOwned::to_owned).collect();
        Self {
            url: text("url"),
            description: text("description"),
            app: text("app"),
            new_app: text("new_app"),
            events: all("event"),
            units: all("unit"),
            pointer: text("pointer"),
            equals: text("equals"),
            per_second: text("per_second"),
            at_once: text("at_once"),
            ordered: asked.one("ordered").is_some(),
            thin: asked.one("thin").is_some(),
        }
    }

    /// What an endpoint has.
    pub(super) fn of(endpoint: &Endpoint) -> Self {
        let settings = &endpoint.settings;
        let number = |number: Option<u32>| number.map(|n| n.to_string()).unwrap_or_default();
        let filter = settings.filter.as_ref();
        Self {
            url: endpoint.url.clone(),
            description: endpoint.description.clone().unwrap_or_default(),
            app: match endpoint.owner {
                Owner::App(app) => app.to_string(),
                Owner::Install(install) => install.to_string(),
            },
            new_app: String::new(),
            events: settings.events.iter().cloned().collect(),
            units: settings.units.iter().map(ToString::to_string).collect(),
            pointer: filter
                .map(|filter| filter.pointer.clone())
                .unwrap_or_default(),
            equals: filter
                .map(|filter| filter.equals.to_string())
                .unwrap_or_default(),
            per_second: number(settings.per_second),
            at_once: number(settings.at_once),
            ordered: settings.ordered,
            thin: settings.thin,
        }
    }

    /// The settings that are meant, or what cannot be meant. The rest is the ledger's to refuse.
    pub(super) fn settings(&self) -> Result<Settings, Faults> {
        let mut faults = Vec::new();
        let units: Option<Vec<UnitId>> = self.units.iter().map(|unit| unit.parse().ok()).collect();
        if units.is_none() {
            faults.push(("units", "One of the units is none.".to_owned()));
        }
        let filter = match (self.pointer.is_empty(), self.equals.is_empty()) {
            (true, true) => None,
            (false, false) => {
                if let Ok(equals) = serde_json::from_str(&self.equals) {
                    Some(Filter {
                        pointer: self.pointer.clone(),
                        equals,
                    })
                } else {
                    let why = "Write the value as JSON: a text in double quotes, a number, true, false or null.";
                    faults.push(("filter", why.to_owned()));
                    None
                }
            }
            _ => {
                let why = "A filter has both a place and a value.";
                faults.push(("filter", why.to_owned()));
                None
            }
        };
        let number = |text: &str, faults: &mut Faults| {
            if text.is_empty() {
                return None;
            }
            let number = text.parse::<u32>().ok();
            if number.is_none() {
                let why = "Write whole numbers, or leave the fields empty.";
                faults.push(("rate", why.to_owned()));
            }
            number
        };
        let per_second = number(&self.per_second, &mut faults);
        let at_once = number(&self.at_once, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Settings {
            events: self.events.iter().cloned().collect(),
            units: units.unwrap_or_default(),
            filter,
            ordered: self.ordered,
            thin: self.thin,
            per_second,
            at_once,
            version: PAYLOAD_VERSION,
        })
    }
}

/// What a refusal is about, where it is about a field.
pub(super) fn fault(refusal: Refusal) -> Option<Faults> {
    let field = match refusal {
        Refusal::BadUrl => "url",
        Refusal::BadDescription(_) => "description",
        Refusal::BadEvents | Refusal::UnknownEvent => "events",
        Refusal::UnknownUnit | Refusal::TooManyUnits => "units",
        Refusal::BadFilter => "filter",
        Refusal::BadRate => "rate",
        Refusal::UnknownApp => "app",
        _ => return None,
    };
    Some(vec![(field, sentence(&refusal.to_string()))])
}

/// The form with everything that can be chosen in it.
#[derive(Debug)]
pub(super) struct Form {
    pub entered: Entered,
    faults: Faults,
    pub apps: Vec<Choice>,
    pub channels: Vec<Choice>,
    pub records: Vec<Choice>,
    pub names: Vec<(&'static str, Vec<Choice>)>,
    pub units: Vec<Choice>,
}

impl Form {
    pub(super) fn new(
        entered: Entered,
        faults: Faults,
        apps: Vec<(AppId, String)>,
        names: &OrgNames,
    ) -> Self {
        let event = |value: String, label: String| Choice {
            chosen: entered.events.contains(&value),
            value,
            label,
        };
        let mut channels = vec![event(
            "*".to_owned(),
            "Everything that happens to assets, tickets, devices and the licence".to_owned(),
        )];
        for channel in CHANNELS {
            channels.push(event(
                format!("{channel}.*"),
                format!("Everything of {channel}"),
            ));
        }
        let of_channel = |channel: &'static str| {
            let topics = topic::TOPICS.iter();
            let own = topics.filter_map(|one| Some((one.name?, one.about)));
            let own = own.filter(|(name, _)| name.split('.').next() == Some(channel));
            let all = own.map(|(name, about)| event(name.to_owned(), about.to_owned()));
            (channel, all.collect())
        };
        let records = topic::Record::ALL.iter();
        let records = records.map(|one| event(one.to_string(), about(*one).to_owned()));
        let apps = apps.into_iter().map(|(id, label)| {
            let value = id.to_string();
            Choice {
                chosen: value == entered.app,
                value,
                label,
            }
        });
        let mut units: Vec<Choice> = names
            .lists()
            .units
            .iter()
            .map(|unit| {
                let value = unit.id.to_string();
                Choice {
                    chosen: entered.units.contains(&value),
                    value,
                    label: format!("{} ({})", unit.name, unit.code),
                }
            })
            .collect();
        units.sort_by_cached_key(|unit| unit.label.to_lowercase());
        Self {
            apps: apps.collect(),
            channels,
            records: records.collect(),
            names: CHANNELS.into_iter().map(of_channel).collect(),
            units,
            faults,
            entered,
        }
    }

    /// What is wrong with a field.
    pub(super) fn fault(&self, name: &str) -> Option<&str> {
        let found = self.faults.iter().find(|(known, _)| *known == name);
        found.map(|(_, fault)| fault.as_str())
    }
}

const fn about(record: topic::Record) -> &'static str {
    match record {
        topic::Record::Created => "Something entered the record.",
        topic::Record::Updated => "Something about it changed.",
        topic::Record::Deleted => "It was disposed of, or should never have been recorded.",
        topic::Record::BulkCreated => "A file of assets was entered.",
        topic::Record::SchemaUpdated => "There is a new category, model or maker.",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entered(fields: &[(&str, &str)]) -> Entered {
        let fields = fields.iter();
        let fields = fields.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Entered::read(fields.collect())
    }

    #[test]
    fn what_was_typed_means_settings() {
        let typed = entered(&[
            ("event", "asset.*"),
            ("event", "ticket.opened"),
            ("pointer", "/details/kind"),
            ("equals", "\"loan\""),
            ("per_second", "5"),
            ("thin", "yes"),
        ]);
        let settings = typed.settings().expect("it can be meant");
        assert_eq!(settings.events, ["asset.*", "ticket.opened"]);
        assert_eq!(
            settings.filter.map(|filter| filter.equals),
            Some(json!("loan"))
        );
        assert_eq!(
            (settings.per_second, settings.thin, settings.ordered),
            (Some(5), true, false)
        );
    }

    #[test]
    fn what_cannot_be_meant_is_named() {
        for (fields, field) in [
            (vec![("unit", "x")], "units"),
            (vec![("pointer", "/a")], "filter"),
            (vec![("equals", "1")], "filter"),
            (vec![("pointer", "/a"), ("equals", "loan")], "filter"),
            (vec![("per_second", "-1")], "rate"),
            (vec![("at_once", "many")], "rate"),
        ] {
            let faults = entered(&fields).settings().expect_err("it cannot be meant");
            assert_eq!(faults[0].0, field, "{fields:?}");
        }
    }
}
