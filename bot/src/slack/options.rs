//! Options for what somebody is typing into a select: of what they may see, and nothing for whoever is not known.

use poem::Response;
use poem::http::StatusCode;
use serde::Serialize;
use tokio::time::timeout;

use super::Slack;
use super::block::{Choice, OPTIONS_MAX};
use super::card;
use super::door::{IN_TIME, empty, json, unreadable};
use super::inbound::Interaction;
use super::who::Sender;
use super::workspace::Spot;
use crate::asker::AskerError;
use crate::engine::Place;

#[derive(Serialize, Default)]
struct Options {
    options: Vec<Choice>,
}

impl Slack {
    /// Takes a request for options in. That they cannot be read is no empty list: Slack says so where the answer is none.
    pub(super) async fn take_options(&self, body: &[u8]) -> Response {
        let Some(wanted) = Interaction::read(body) else {
            return unreadable();
        };
        match timeout(IN_TIME, self.options(&wanted)).await {
            Ok(Ok(options)) => json(&Options { options }),
            Ok(Err(error)) => {
                tracing::error!(%error, "options could not be read");
                empty(StatusCode::SERVICE_UNAVAILABLE)
            }
            Err(_) => {
                tracing::warn!("options were not read in time");
                empty(StatusCode::SERVICE_UNAVAILABLE)
            }
        }
    }

    async fn options(&self, wanted: &Interaction) -> Result<Vec<Choice>, AskerError> {
        let Some(of) = card::lookup_named(&wanted.action_id) else {
            return Ok(Vec::new());
        };
        let origin = wanted.origin();
        let Some(workspace) = self.workspace(&origin).await? else {
            return Ok(Vec::new());
        };
        let sender = Sender {
            user: &wanted.user.id,
            name: &wanted.user.name,
            is_foreign: workspace.is_foreign(&origin, wanted.user.team_id.as_deref()),
            request_id: "options",
        };
        let Some(known) = self.known(&workspace, sender).await? else {
            return Ok(Vec::new());
        };
        let spot = Spot {
            channel: "view",
            thread: None,
            user: &wanted.user.id,
            place: Place::Private,
        };
        let asker = workspace.asker(&known, &spot);
        let choices = self.engine().choices(&asker, of, &wanted.value).await?;
        Ok(choices
            .iter()
            .filter_map(card::option)
            .take(OPTIONS_MAX)
            .collect())
    }
}
