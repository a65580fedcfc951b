//! What the owner of an endpoint chooses.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::topic::{self, Pattern};
use super::{Limits, Refusal};
use crate::id::UnitId;

/// The most patterns of one endpoint.
pub const EVENTS_MAX: usize = 64;
/// The most units of one endpoint.
pub const UNITS_MAX: usize = 100;
/// The most characters of a pointer into an event's data.
pub const POINTER_CHARS_MAX: usize = 200;
/// The most bytes of the value that it is compared with, as JSON.
pub const EQUALS_BYTES_MAX: usize = 1_024;
/// The most requests a second that can be chosen.
pub const PER_SECOND_MAX: u32 = 1_000;
/// The most requests at once that can be chosen.
pub const AT_ONCE_MAX: u32 = 256;
/// The version of payloads that new endpoints are told in.
pub const PAYLOAD_VERSION: u32 = 1;

/// What the owner of an endpoint chooses. No address and no secret is among it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Of what it is told: names of events, `asset.*` for a channel, `*` for everything.
    pub events: Vec<String>,
    /// Only of what concerns these units or what is below them; of everything where there is none.
    #[serde(default)]
    pub units: Vec<UnitId>,
    /// Only of events whose data says this.
    #[serde(default)]
    pub filter: Option<Filter>,
    /// Whether events of one object come one after another: none is sent before the one before was accepted or given up.
    #[serde(default)]
    pub ordered: bool,
    /// Whether it is told of which object only, so that reading what happened stays among what is recorded of reading.
    #[serde(default)]
    pub thin: bool,
    /// The most requests that may be begun in a second, 1 to [`PER_SECOND_MAX`].
    #[serde(default)]
    pub per_second: Option<u32>,
    /// The most requests that may be under way at once, 1 to [`AT_ONCE_MAX`].
    #[serde(default)]
    pub at_once: Option<u32>,
    /// In which version of payloads it is told. It stays when later ones come.
    #[serde(default = "first_version")]
    pub version: u32,
}

const fn first_version() -> u32 {
    PAYLOAD_VERSION
}

/// An equality that an event's data has to meet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Filter {
    /// Where in `data`: a JSON pointer (RFC 6901).
    pub pointer: String,
    /// What is there.
    pub equals: Value,
}

impl Filter {
    /// Whether an event's data meets it.
    #[must_use]
    pub fn is_met(&self, data: &Value) -> bool {
        data.pointer(&self.pointer) == Some(&self.equals)
    }
}

/// Some of what the owner of an endpoint chooses; what is not named stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Amendment {
    /// Of what it is told.
    pub events: Option<Vec<String>>,
    /// Only of what concerns these units; none at all for everything.
    pub units: Option<Vec<UnitId>>,
    /// Whether events of one object come one after another.
    pub ordered: Option<bool>,
    /// Whether it is told of which object only.
    pub thin: Option<bool>,
    /// The most requests in a second; `Some(None)` for no limit of the owner's.
    pub per_second: Option<Option<u32>>,
    /// The most requests at once, likewise.
    pub at_once: Option<Option<u32>>,
}

impl Amendment {
    /// Whether nothing is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is chosen then.
    #[must_use]
    pub fn of(self, before: &Settings) -> Settings {
        let before = before.clone();
        Settings {
            events: self.events.unwrap_or(before.events),
            units: self.units.unwrap_or(before.units),
            ordered: self.ordered.unwrap_or(before.ordered),
            thin: self.thin.unwrap_or(before.thin),
            per_second: self.per_second.unwrap_or(before.per_second),
            at_once: self.at_once.unwrap_or(before.at_once),
            ..before
        }
    }
}

impl Settings {
    /// How many requests the owner allows.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        Limits {
            per_second: self.per_second,
            at_once: self.at_once,
        }
    }

    /// To be told of these, and otherwise as usual.
    #[must_use]
    pub const fn of_events(events: Vec<String>) -> Self {
        Self {
            events,
            units: Vec::new(),
            filter: None,
            ordered: false,
            thin: false,
            per_second: None,
            at_once: None,
            version: PAYLOAD_VERSION,
        }
    }

    /// The settings as they are kept, or why they are not.
    pub(crate) fn checked(&self) -> Result<Self, Refusal> {
        let mut settings = self.clone();
        if settings.events.is_empty() || settings.events.len() > EVENTS_MAX {
            return Err(Refusal::BadEvents);
        }
        if !settings
            .events
            .iter()
            .all(|event| Pattern::parse(event).is_some_and(|pattern| topic::is_known(&pattern)))
        {
            return Err(Refusal::UnknownEvent);
        }
        let mut seen = std::collections::HashSet::new();
        settings.events.retain(|event| seen.insert(event.clone()));
        settings.units.sort_unstable();
        settings.units.dedup();
        if settings.units.len() > UNITS_MAX {
            return Err(Refusal::TooManyUnits);
        }
        if let Some(filter) = &settings.filter {
            let pointer = &filter.pointer;
            let fits = pointer.chars().count() <= POINTER_CHARS_MAX
                && pointer.starts_with('/')
                && filter.equals.to_string().len() <= EQUALS_BYTES_MAX;
            if !fits {
                return Err(Refusal::BadFilter);
            }
        }
        let within = |chosen: Option<u32>, max| chosen.is_none_or(|n| (1..=max).contains(&n));
        if !within(settings.per_second, PER_SECOND_MAX) || !within(settings.at_once, AT_ONCE_MAX) {
            return Err(Refusal::BadRate);
        }
        if settings.version != PAYLOAD_VERSION {
            return Err(Refusal::BadVersion);
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_cannot_be_heard_of_is_refused() {
        let checked = |events: &[&str]| {
            Settings::of_events(events.iter().map(|&event| event.to_owned()).collect()).checked()
        };
        assert!(checked(&["asset.registered", "ticket.*", "record.created"]).is_ok());
        assert!(checked(&["*"]).is_ok());
        for bad in [
            &[][..],
            &["asset.unheard_of"],
            &["asset"],
            &["asset.registered", "nothing.*"],
            &["ASSET.REGISTERED"],
            &[""],
        ] {
            assert!(checked(bad).is_err(), "{bad:?}");
        }
        let twice = checked(&["asset.*", "asset.*"]).expect("known");
        assert_eq!(twice.events, ["asset.*"]);
    }

    #[test]
    fn a_filter_compares_one_value() {
        let filter = |pointer: &str, equals: Value| Filter {
            pointer: pointer.to_owned(),
            equals,
        };
        let data = json!({"details": {"kind": "loan", "n": 3, "a/b": null}});
        assert!(filter("/details/kind", json!("loan")).is_met(&data));
        assert!(filter("/details/n", json!(3)).is_met(&data));
        assert!(filter("/details/a~1b", Value::Null).is_met(&data));
        assert!(!filter("/details/none", Value::Null).is_met(&data));
        assert!(!filter("/details/kind", json!("Loan")).is_met(&data));
    }
}
