//! The form of a registered app: what was entered, and what the rules make of it.

use std::collections::BTreeMap;

use habeo_core::app_client::{Scope, Settings};
use serde::Deserialize;

/// What was entered, by the names of the fields.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Entered(BTreeMap<String, String>);

impl Entered {
    /// A field; empty where it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }

    /// What the form of a new app begins with.
    pub fn fresh() -> Self {
        let usual = [
            ("color", "#1f6feb"),
            ("form", "web"),
            ("proof", "confidential"),
        ];
        Self(
            usual
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        )
    }

    /// What the form of an app that is registered begins with.
    pub fn of(settings: &Settings) -> Self {
        let mut fields = BTreeMap::from([
            ("publisher".to_owned(), settings.publisher.clone()),
            (
                "website".to_owned(),
                settings.website.clone().unwrap_or_default(),
            ),
            ("color".to_owned(), settings.color.clone()),
            ("initials".to_owned(), settings.initials.clone()),
            ("redirects".to_owned(), settings.redirect_uris.join("\n")),
        ]);
        fields.extend(
            settings
                .scopes
                .iter()
                .map(|scope| (field(scope), "yes".to_owned())),
        );
        Self(fields)
    }

    /// What it says of the settings.
    pub fn settings(&self) -> Settings {
        let text = |name| self.get(name).trim().to_owned();
        let lines = self.get("redirects").lines().map(str::trim);
        let chosen = Scope::ALL.iter().copied();
        Settings {
            publisher: text("publisher"),
            website: Some(text("website")).filter(|website| !website.is_empty()),
            color: text("color"),
            initials: text("initials"),
            redirect_uris: lines
                .filter(|line| !line.is_empty())
                .map(ToOwned::to_owned)
                .collect(),
            scopes: chosen
                .filter(|scope| self.0.contains_key(&field(*scope)))
                .collect(),
        }
    }

    /// Each scope: its field, its name, what it means, and whether it was chosen.
    pub fn scopes(&self) -> Vec<(String, &'static str, &'static str, bool)> {
        let all = Scope::ALL.iter();
        all.map(|scope| {
            let field = field(*scope);
            let chosen = self.0.contains_key(&field);
            (field, scope.as_str(), scope.in_words(), chosen)
        })
        .collect()
    }
}

fn field(scope: Scope) -> String {
    format!("scope-{}", scope.as_str().replace(':', "-"))
}
