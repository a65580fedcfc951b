//! What an address of ours leads to, shown below it: neutral facts only, for everybody in the channel reads them.

use std::collections::BTreeMap;

use super::Slack;
use super::block::{Block, Message};
use super::card;
use super::event::{PATIENCE, Trouble};
use super::inbound::{Envelope, LinkShared};
use super::text::escape;
use super::who::Sender;
use super::workspace::{Spot, Workspace, is_direct};
use crate::asker::AskerError;
use crate::engine::Place;

/// As many addresses of one message are shown.
const LINKS_MAX: usize = 5;
/// What stands for the channel while a message is being written.
const COMPOSER: &str = "COMPOSER";
const URL_BYTES_MAX: usize = 2_000;

impl Slack {
    /// Shows what the addresses in a message lead to, as far as whoever shares them may see it. Where answers are for their askers alone, or
    /// anybody of another organisation reads along, nothing is shown.
    pub(super) async fn unfurl(
        &self,
        workspace: &Workspace,
        envelope: &Envelope,
        shared: &LinkShared,
        key: &str,
    ) -> Result<(), Trouble> {
        let (Some(user), Some(id), Some(source)) =
            (&shared.user, &shared.unfurl_id, &shared.source)
        else {
            return Ok(());
        };
        if envelope.is_ext_shared_channel || !workspace.shares() {
            return Ok(());
        }
        // While a message is being written, nobody but its writer sees what it shows.
        let in_channel = !is_direct(&shared.channel) && shared.channel != COMPOSER;
        if in_channel && !self.is_among_ourselves(workspace, &shared.channel).await {
            return Ok(());
        }
        let sender = Sender {
            user,
            name: "",
            is_foreign: false,
            request_id: key,
        };
        let known = match self.known(workspace, sender).await {
            Ok(Some(known)) => known,
            Ok(None) | Err(AskerError::Link(_)) => return Ok(()),
            Err(AskerError::Store(error)) => return Err(error.into()),
        };
        let spot = Spot {
            channel: &shared.channel,
            thread: None,
            user,
            place: Place::Shared,
        };
        let asker = workspace.asker(&known, &spot);
        let mut unfurls: BTreeMap<String, Message> = BTreeMap::new();
        for link in shared.links.iter().take(LINKS_MAX) {
            if link.url.len() > URL_BYTES_MAX {
                continue;
            }
            // The address comes escaped, and goes back exactly as it came.
            let url = link.url.replace("&amp;", "&");
            if let Some(row) = self.engine().unfurl(&asker, &url).await? {
                let shown = Message {
                    text: escape(&row.title),
                    blocks: vec![Block::section(&card::row(&row))],
                };
                unfurls.insert(link.url.clone(), shown);
            }
        }
        if unfurls.is_empty() {
            return Ok(());
        }
        let caller = workspace.caller(self, PATIENCE);
        Ok(self.web().unfurl(&caller, id, source, &unfurls).await?)
    }
}
