//! `habeo connection settings`: what the form of a connection's page can change, as options.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use anyhow::{Context as _, ensure};
use clap::Args;
use habeo_core::connection::Settings;
use habeo_core::connection::command::{Configure, Rename};
use habeo_core::ticket::{Priority, Status};

use super::{Desk, One, ProofOptions};
use crate::cli::terminal::{Out, say};

/// Other settings. What is not said stays as it is; without any option they are printed.
#[derive(Debug, Args)]
pub struct Change {
    #[command(flatten)]
    pub(super) one: One,
    /// What people call it.
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    proof: ProofOptions,
    /// Intune: whether Azure Event Grid may validate the address.
    #[arg(long, value_name = "TRUE|FALSE")]
    event_grid: Option<bool>,
    /// Help desks: the field that names the asset, such as `customfield_10057`; '' for none.
    #[arg(long, value_name = "FIELD")]
    asset_field: Option<String>,
    /// Help desks: whether tags are looked for in titles.
    #[arg(long, value_name = "TRUE|FALSE")]
    tags_in_titles: Option<bool>,
    /// Help desks: what a status of the site means, such as `waiting for parts=on_hold`; `waiting for parts=` forgets it. As often as needed.
    #[arg(long = "status", value_name = "WORD=STATUS")]
    statuses: Vec<String>,
    /// Help desks: what a priority of the site means, likewise.
    #[arg(long = "priority", value_name = "WORD=PRIORITY")]
    priorities: Vec<String>,
}

impl Desk<'_> {
    /// Changes what was said, and prints what holds from then on.
    pub(super) async fn settings(&self, change: Change, out: Out<'_>) -> anyhow::Result<()> {
        let connection = change.one.connection;
        let known = self.find(connection).await?;
        let name = change.name.clone();
        let settings = change.of(known.settings.clone())?;
        let ledger = &self.node.ledger;
        // Settings first: should a rule refuse them, the name is as it was.
        if settings != known.settings {
            let configure = Configure {
                connection,
                settings,
            };
            ledger.record(&self.access, configure).await?;
        }
        if let Some(name) = name {
            let rename = Rename { connection, name };
            ledger.record(&self.access, rename).await?;
        }
        let now = self.find(connection).await?;
        let settings = serde_json::to_string(&now.settings)?;
        say(out, &format!("name        {}", now.name));
        say(out, &format!("settings    {settings}"));
        Ok(())
    }
}

impl Change {
    fn of(self, known: Settings) -> anyhow::Result<Settings> {
        let mut settings = known;
        if let Some(proof) = self.proof.chosen()? {
            settings.proof = proof;
        }
        settings.event_grid = self.event_grid.unwrap_or(settings.event_grid);
        settings.tags_in_titles = self.tags_in_titles.unwrap_or(settings.tags_in_titles);
        settings.asset_field = match self.asset_field {
            Some(field) => Some(field).filter(|field| !field.trim().is_empty()),
            None => settings.asset_field,
        };
        map(&mut settings.statuses, &self.statuses, Status::ALL)?;
        map(&mut settings.priorities, &self.priorities, Priority::ALL)?;
        Ok(settings)
    }
}

/// Adds, changes and forgets words.
fn map<T: FromStr + Copy + Display>(
    words: &mut BTreeMap<String, T>,
    said: &[String],
    all: &[T],
) -> anyhow::Result<()> {
    for said in said {
        let (word, meaning) = said.rsplit_once('=').with_context(|| {
            format!("{said} has no equals sign between the word and its meaning")
        })?;
        let (word, meaning) = (word.trim().to_lowercase(), meaning.trim().to_lowercase());
        if meaning.is_empty() {
            ensure!(words.remove(&word).is_some(), "{word} has no meaning yet");
            continue;
        }
        let meaning = meaning.parse().ok().with_context(|| {
            let all: Vec<String> = all.iter().map(ToString::to_string).collect();
            format!("{meaning} is none of {}", all.join(", "))
        })?;
        words.insert(word, meaning);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_added_changed_and_forgotten() {
        let mut words = BTreeMap::new();
        let mut say = |said: &[&str]| {
            let said: Vec<String> = said.iter().map(|one| (*one).to_owned()).collect();
            map(&mut words, &said, Status::ALL).map(|()| words.clone())
        };
        let one = say(&["Waiting For Parts = on_hold", "6=open"]).expect("two words");
        assert_eq!(one.get("waiting for parts"), Some(&Status::OnHold));
        let other = say(&["6=", "waiting for parts=In_Progress"]).expect("one is forgotten");
        assert_eq!(
            other,
            [("waiting for parts".to_owned(), Status::InProgress)].into()
        );
        for bad in ["6=", "x", "x=opened"] {
            assert!(say(&[bad]).is_err(), "{bad}");
        }
    }
}
