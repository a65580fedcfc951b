//! Digests of a workspace: which channel is told what changed in which unit, and when.

use habeo_core::chat_conversation::{self, Open};
use habeo_core::digest::command::{Refusal, Subscribe, Unsubscribe};
use habeo_core::digest::{self, Cadence, Digest};
use habeo_core::id::{DigestId, InstallId, UnitId};
use habeo_core::install::{self, Install, Platform};
use habeo_core::ledger::RecordError;
use habeo_core::org;
use habeo_core::store::{StoreResult, Tx};
use habeo_core::unit::{self, Unit};
use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{IntoResponse as _, Response, Result, handler};
use serde::Deserialize;

use super::super::{absent, failed, sentence};
use super::show::{Faults, Part, page, parse};
use crate::Console;
use crate::page::see_other;
use crate::visitor::{SignedIn, Submitted};

/// The hour that the form proposes.
const MORNING: u8 = 8;
/// What stands before the name of a unit for each unit above it.
const INDENT: &str = "\u{2003}";

/// What the form says; what was entered last, where it was refused.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Entered {
    #[serde(default)]
    pub channel: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    cadence: String,
    #[serde(default)]
    hour: String,
}

impl Default for Entered {
    fn default() -> Self {
        Self {
            channel: String::new(),
            unit: String::new(),
            cadence: Cadence::Daily.to_string(),
            hour: MORNING.to_string(),
        }
    }
}

/// The part of a workspace's page that is about digests.
#[derive(Debug)]
pub(super) struct Digests {
    pub rows: Vec<Row>,
    /// The channels that can be chosen; none where the service does not tell of them, and one is named instead.
    pub channels: Vec<Choice>,
    pub by_name: bool,
    pub units: Vec<Choice>,
    pub cadences: Vec<Choice>,
    pub hours: Vec<Choice>,
    pub timezone: String,
    pub entered: Entered,
}

/// A digest that is sent.
#[derive(Debug)]
pub(super) struct Row {
    pub id: String,
    pub channel: String,
    pub unit: String,
    pub when: String,
}

/// One line of a list to choose from.
#[derive(Debug)]
pub(super) struct Choice {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

/// Reads what the page shows.
pub(super) async fn read(
    tx: &mut Tx,
    visitor: &SignedIn,
    install: &Install,
    entered: Entered,
) -> StoreResult<Digests> {
    let access = visitor.access();
    let digests = digest::store::of_install(tx, access, install.id).await?;
    let known = chat_conversation::store::shared(tx, access, install.id).await?;
    let units = unit::store::all(tx, access).await?;
    let rows = digests
        .iter()
        .map(|digest| row(digest, &known, &units))
        .collect();
    let hours = (0..24).map(|hour: u8| Choice {
        value: hour.to_string(),
        label: format!("{hour:02}:00"),
        chosen: entered.hour == hour.to_string(),
    });
    let cadences = [Cadence::Daily, Cadence::Weekly].map(|cadence| Choice {
        value: cadence.to_string(),
        label: word(cadence).to_owned(),
        chosen: entered.cadence == cadence.to_string(),
    });
    Ok(Digests {
        rows,
        channels: known.iter().map(|open| choice(open, &entered)).collect(),
        by_name: install.workspace.platform == Platform::Slack,
        units: tree(&units, &entered.unit),
        cadences: cadences.into(),
        hours: hours.collect(),
        timezone: org::store::own(tx, access).await?.timezone,
        entered,
    })
}

fn row(digest: &Digest, known: &[Open], units: &[Unit]) -> Row {
    let open = known.iter().find(|open| open.conversation == digest.chat);
    let unit = units.iter().find(|unit| unit.id == digest.unit);
    let when = match digest.cadence {
        Cadence::Daily => "every day",
        Cadence::Weekly => "every Monday",
    };
    Row {
        id: digest.id.to_string(),
        channel: open.map_or_else(|| digest.chat.clone(), name),
        unit: unit.map(|unit| unit.name.clone()).unwrap_or_default(),
        when: format!("{when} at {:02}:00", digest.local_hour),
    }
}

/// What a channel is called; where the service never said it, what it is known by.
fn name(open: &Open) -> String {
    let name = open.name.clone();
    name.unwrap_or_else(|| format!("{} {}", word_of(open), open.conversation))
}

const fn word_of(open: &Open) -> &'static str {
    match open.kind {
        chat_conversation::Kind::Channel => "Channel",
        chat_conversation::Kind::Group => "Group chat",
        chat_conversation::Kind::Personal => "Conversation",
    }
}

const fn word(cadence: Cadence) -> &'static str {
    match cadence {
        Cadence::Daily => "Every day",
        Cadence::Weekly => "Every Monday",
    }
}

fn choice(open: &Open, entered: &Entered) -> Choice {
    Choice {
        value: open.conversation.clone(),
        label: name(open),
        chosen: open.conversation == entered.channel,
    }
}

/// The units as a list in the order of the tree, each indented by what is above it.
fn tree(units: &[Unit], chosen: &str) -> Vec<Choice> {
    fn below(units: &[Unit], parent: Option<UnitId>, chosen: &str, into: &mut Vec<Choice>) {
        for unit in units.iter().filter(|unit| unit.parent_id == parent) {
            let depth = usize::try_from(unit.depth).unwrap_or_default();
            let value = unit.id.to_string();
            into.push(Choice {
                label: format!("{}{}", INDENT.repeat(depth), unit.name),
                chosen: value == chosen,
                value,
            });
            below(units, Some(unit.id), chosen, into);
        }
    }
    let mut lines = Vec::with_capacity(units.len());
    below(units, None, chosen, &mut lines);
    lines
}

/// Lets a channel be told.
#[handler]
pub(crate) async fn subscribe(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(entered): Submitted<Entered>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let id = parse(&id)?;
    let ledger = &console.parts().ledger;
    let access = visitor.access();
    let mut tx = ledger.db().read(access).await.map_err(failed)?;
    let install = install::store::by_id(&mut tx, access, id).await;
    let install = install.map_err(failed)?.ok_or_else(absent)?;
    drop(tx);
    let command = match command(&install, &entered) {
        Ok(command) => command,
        Err(fault) => return again(console, &visitor, id, entered, fault.to_owned()).await,
    };
    match ledger.record(access, command).await {
        Ok(_) => Ok(see_other(&format!(
            "/admin/integrations/{id}?said=subscribed"
        ))),
        Err(RecordError::Refused(refusal)) => {
            let fault = sentence(&refusal.to_string());
            again(console, &visitor, id, entered, fault).await
        }
        Err(RecordError::Store(error)) => Err(failed(error)),
    }
}

/// What the form asks for, where each of its fields says something.
fn command(install: &Install, entered: &Entered) -> std::result::Result<Subscribe, &'static str> {
    let channel = entered.channel.trim();
    let chat = match install.workspace.platform {
        Platform::Slack => slack_channel(channel).ok_or(
            "That is no channel of Slack: give its id, such as C0123ABCD, or the link that “Copy link” gives.",
        )?,
        Platform::Teams => Some(channel)
            .filter(|channel| !channel.is_empty())
            .ok_or("Choose a channel.")?,
    };
    Ok(Subscribe {
        install: install.id,
        chat: chat.to_owned(),
        unit: entered.unit.parse().map_err(|_| "Choose a unit.")?,
        cadence: entered.cadence.parse().map_err(|_| "Choose how often.")?,
        local_hour: entered.hour.parse().map_err(|_| "Choose an hour.")?,
    })
}

/// A channel's id, as it is or within the link to it. A channel can be called anew, and its id stays.
fn slack_channel(text: &str) -> Option<&str> {
    let id = match text.split_once("/archives/") {
        Some((_, behind)) => behind.split(['/', '?', '#']).next()?,
        None => text,
    };
    let plain = id
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let fits = (9..=64).contains(&id.len()) && matches!(id.as_bytes()[0], b'C' | b'G');
    (plain && fits).then_some(id)
}

/// Ends a digest of this workspace.
#[handler]
pub(crate) async fn end(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path((id, digest)): Path<(String, String)>,
    Submitted(_): Submitted<super::super::Nothing>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let id = parse(&id)?;
    let digest: DigestId = digest.parse().map_err(|_| absent())?;
    let ledger = &console.parts().ledger;
    let access = visitor.access();
    let mut tx = ledger.db().read(access).await.map_err(failed)?;
    let digests = digest::store::of_install(&mut tx, access, id).await;
    drop(tx);
    if !digests
        .map_err(failed)?
        .iter()
        .any(|known| known.id == digest)
    {
        return Err(absent());
    }
    match ledger.record(access, Unsubscribe { digest }).await {
        Ok(()) => Ok(see_other(&format!(
            "/admin/integrations/{id}?said=unsubscribed"
        ))),
        Err(RecordError::Refused(Refusal::Unknown)) => Err(absent()),
        Err(RecordError::Refused(refusal)) => {
            let fault = sentence(&refusal.to_string());
            again(console, &visitor, id, Entered::default(), fault).await
        }
        Err(RecordError::Store(error)) => Err(failed(error)),
    }
}

/// The page once more, with what was entered and what is wrong with it.
async fn again(
    console: &Console,
    visitor: &SignedIn,
    id: InstallId,
    entered: Entered,
    fault: String,
) -> Result<Response> {
    let faults = Faults {
        digest: Some(fault),
        entered,
        ..Faults::default()
    };
    let response = page(console, visitor, id, &Part::default(), faults).await?;
    Ok(response
        .with_status(StatusCode::UNPROCESSABLE_ENTITY)
        .into_response())
}

#[cfg(test)]
mod tests {
    use super::slack_channel;

    #[test]
    fn a_channel_is_named_by_its_id_or_its_link() {
        for (text, id) in [
            ("C0123ABCD", Some("C0123ABCD")),
            ("G0123ABCD", Some("G0123ABCD")),
            (
                "https://westmark.slack.com/archives/C0123ABCD",
                Some("C0123ABCD"),
            ),
            (
                "https://westmark.slack.com/archives/C0123ABCD/p1700000000000100?thread_ts=1",
                Some("C0123ABCD"),
            ),
            ("#it-ops", None),
            ("D0123ABCD", None),
            ("U0123ABCD", None),
            ("c0123abcd", None),
            ("C01", None),
            ("", None),
            ("https://westmark.slack.com/archives/", None),
        ] {
            assert_eq!(slack_channel(text), id, "{text}");
        }
    }
}
