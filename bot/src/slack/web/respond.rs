//! Answering to the address that came with a command or button: a secret of its own, and an address somebody sent us, so only Slack's counts.

use habeo_core::id::OrgId;
use habeo_egress::{EgressError, Lane};
use secrecy::SecretString;
use serde_json::json;
use url::Url;

use super::super::block::Message;
use super::{DEADLINE, Web, WebError};

/// What an answer does with the message that it answers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// It takes its place.
    Original,
    /// It stands below it, for one user to see.
    Nothing,
}

impl Web {
    /// Whether an address is one that Slack gave for an answer: of the configured origin, exactly.
    #[must_use]
    pub fn is_hook(&self, address: &str) -> bool {
        let (Ok(address), Ok(base)) = (Url::parse(address), Url::parse(&self.hooks_base)) else {
            return false;
        };
        address.origin() == base.origin()
            && address.username().is_empty()
            && address.password().is_none()
    }

    /// Answers. Whatever Slack says but yes is final: the address works five times within half an hour.
    pub async fn respond(
        &self,
        org: OrgId,
        address: &str,
        replace: Replace,
        message: &Message,
    ) -> Result<(), WebError> {
        if !self.is_hook(address) {
            return Err(WebError::Elsewhere);
        }
        let target = self.egress.target(address).map_err(EgressError::from)?;
        let body = json!({
            "response_type": "ephemeral",
            "replace_original": replace == Replace::Original,
            "text": message.text,
            "blocks": message.blocks,
        });
        let answer = self
            .egress
            .post(Lane::Organization(org), &target)
            .hiding(&SecretString::from(address.to_owned()))
            .deadline(DEADLINE)
            .cut_long_answer()
            .json(&body)
            .send()
            .await?;
        if answer.is_success() {
            Ok(())
        } else {
            Err(WebError::Status {
                method: "response_url",
                status: answer.status,
            })
        }
    }
}
