//! What an app may be permitted: the closed list of scopes, and sets of them.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::store::text_column;

closed_set! {
    /// Something that an app may be permitted.
    Scope {
        /// See assets.
        AssetsRead = "assets:read",
        /// See people.
        PeopleRead = "people:read",
        /// See places.
        SitesRead = "sites:read",
        /// See tickets of help desks.
        TicketsRead = "tickets:read",
        /// See its own webhook subscriptions.
        WebhooksRead = "webhooks:read",
        /// Subscribe to events and end subscriptions.
        WebhooksWrite = "webhooks:write",
    }
}

impl Scope {
    /// What it means, for whoever consents.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::AssetsRead => "See assets, where they are and who holds them",
            Self::PeopleRead => "See people: names, mail addresses and how they belong",
            Self::SitesRead => "See sites and how many assets are there",
            Self::TicketsRead => "See tickets of your help desks and the assets they are about",
            Self::WebhooksRead => "See the webhook subscriptions that it made",
            Self::WebhooksWrite => {
                "Be told of what happens to assets and tickets, by webhooks that it subscribes to"
            }
        }
    }
}

/// What an app has to be permitted to hear of events of this name, or of a channel as `asset.*`. None of what no installed app is ever told: bills,
/// and what is about records of many units together.
#[must_use]
pub fn to_hear(event: &str) -> Option<Scope> {
    if event == NEVER_OF_A_UNIT {
        return None;
    }
    match event.split_once('.')?.0 {
        "asset" | "mdm" => Some(Scope::AssetsRead),
        "ticket" => Some(Scope::TicketsRead),
        _ => None,
    }
}

/// A file of assets is of the organisation and of no unit, so that nothing that is limited to units hears of it.
const NEVER_OF_A_UNIT: &str = "asset.bulk_created";

/// A set of scopes, in the order of the list. As a text it is written as OAuth does: with spaces between.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Scopes(BTreeSet<Scope>);

/// A text that is no set of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a scope is not one of those that exist, is repeated, or is not separated by one space")]
pub struct NotScopes;

impl Scopes {
    /// Whether it permits this.
    #[must_use]
    pub fn has(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether it permits nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether everything in the other set is in this one.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.0.is_superset(&other.0)
    }

    /// What is in both.
    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).copied().collect())
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.iter().map(Scope::as_str).collect();
        f.write_str(&words.join(" "))
    }
}

impl FromStr for Scopes {
    type Err = NotScopes;

    /// Reads what RFC 6749, section 3.3, writes; nothing is no scope.
    fn from_str(text: &str) -> Result<Self, NotScopes> {
        let mut scopes = BTreeSet::new();
        if text.is_empty() {
            return Ok(Self(scopes));
        }
        for word in text.split(' ') {
            let scope = word.parse().map_err(|_| NotScopes)?;
            if !scopes.insert(scope) {
                return Err(NotScopes);
            }
        }
        Ok(Self(scopes))
    }
}

text_column!(Scopes);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_read_as_they_are_written() {
        for (text, written) in [
            ("", ""),
            ("assets:read", "assets:read"),
            ("webhooks:write assets:read", "assets:read webhooks:write"),
        ] {
            let scopes: Scopes = text.parse().expect("scopes");
            assert_eq!(scopes.to_string(), written);
        }
        for bad in [
            " ",
            "assets:read ",
            "assets:read  people:read",
            "assets",
            "Assets:read",
            "assets:read assets:read",
            "assets:read,people:read",
        ] {
            assert_eq!(bad.parse::<Scopes>(), Err(NotScopes), "{bad}");
        }
    }

    #[test]
    fn every_channel_has_a_scope_or_is_never_told() {
        use crate::endpoint::topic;
        let told = |event: &str| to_hear(event).is_some();
        for channel in topic::CHANNELS {
            assert_eq!(
                told(&format!("{channel}.*")),
                channel != "billing",
                "{channel}"
            );
        }
        for name in topic::names() {
            let of_units = !name.starts_with("billing.")
                && !name.starts_with("record.")
                && !name.starts_with("schema.")
                && name != "asset.bulk_created";
            assert_eq!(told(name), of_units, "{name}");
        }
        for other in ["*", "asset", "", "webhook.test"] {
            assert!(!told(other), "{other}");
        }
    }

    #[test]
    fn sets_cover_their_parts() {
        let all: Scopes = Scope::ALL.iter().copied().collect();
        let some: Scopes = "assets:read sites:read".parse().expect("scopes");
        assert!(all.covers(&some) && !some.covers(&all) && some.covers(&Scopes::default()));
        let other: Scopes = "sites:read people:read".parse().expect("scopes");
        assert_eq!(some.within(&other).to_string(), "sites:read");
    }
}
