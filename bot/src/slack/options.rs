//! Options for what somebody is typing into a select: of what they may see, and nothing for whoever is not known.

use std::time::Duration;

use poem::Response;
use serde::Serialize;
use tokio::time::timeout;

use super::Slack;
use super::block::{Choice, OPTIONS_MAX};
use super::card;
use super::door::{json, unreadable};
use super::inbound::Interaction;
use super::who::Sender;
use super::workspace::Spot;
use crate::engine::Place;

/// Slack waits three seconds.
const IN_TIME: Duration = Duration::from_millis(2_500);

#[derive(Serialize, Default)]
struct Options {
    options: Vec<Choice>,
}

impl Slack {
    /// Takes a request for options in.
    pub(super) async fn take_options(&self, body: &[u8]) -> Response {
        let Some(wanted) = Interaction::read(body) else {
            return unreadable();
        };
        let options = timeout(IN_TIME, self.options(&wanted)).await;
        json(&Options {
            options: options.ok().flatten().unwrap_or_default(),
        })
    }

    async fn options(&self, wanted: &Interaction) -> Option<Vec<Choice>> {
        let of = card::lookup_named(&wanted.action_id)?;
        let origin = wanted.origin();
        let workspace = self.workspace(&origin).await.ok()??;
        let sender = Sender {
            user: &wanted.user.id,
            name: &wanted.user.name,
            is_foreign: workspace.is_foreign(&origin, wanted.user.team_id.as_deref()),
            request_id: "options",
        };
        let known = self.known(&workspace, sender).await.ok()??;
        let spot = Spot {
            channel: "view",
            thread: None,
            user: &wanted.user.id,
            place: Place::Private,
        };
        let asker = workspace.asker(&known, &spot);
        let choices = self.engine().choices(&asker, of, &wanted.value).await;
        Some(
            choices
                .iter()
                .filter_map(card::option)
                .take(OPTIONS_MAX)
                .collect(),
        )
    }
}
