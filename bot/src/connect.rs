//! Connecting workspaces, as the console does it: begun in a browser, finished in the same, whichever the chat service.

use habeo_core::access::Access;
use habeo_core::id::InstallId;
use habeo_core::install::command::Disconnect;
use habeo_core::install::{self, EndReason, Platform, Status};
use habeo_core::ledger::RecordError;
use habeo_core::page::Limit;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::Bot;
use crate::slack::install::{Callback, InstallError};
use crate::teams;

/// How many people's own pages are cleared before a workspace is disconnected; beyond that, the service takes them away with the app.
const PAGES: Limit = Limit::WALK;

/// How far a workspace is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connected {
    /// It is connected.
    Ready,
    /// There is another step at the service.
    GoOn(Url),
}

/// Why a workspace is not connected, in words for the administrator.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The operator has not set the service up.
    #[error("the server's settings name no app of this service yet")]
    NotSetUp,
    /// The way back lacks what it has to bring.
    #[error("the service sent back something else than was asked for; begin again")]
    Incomplete,
    /// Slack, or a rule about it, says no.
    #[error(transparent)]
    Slack(#[from] InstallError),
    /// Microsoft, or a rule about it, says no.
    #[error(transparent)]
    Teams(#[from] teams::install::InstallError),
}

impl Bot {
    /// Begins to connect a workspace: where the browser goes next. `cookie` is the browser's own, to which the way back is tied.
    pub async fn begin(
        &self,
        access: &Access,
        platform: Platform,
        cookie: &str,
    ) -> Result<Url, Refusal> {
        match (platform, self.slack(), self.teams()) {
            (Platform::Slack, Some(slack), _) => {
                let url = crate::slack::install::authorize_url(slack, access, hash(cookie));
                Ok(url.await?)
            }
            (Platform::Teams, _, Some(teams)) => {
                let url = teams::install::consent_url(teams, access, hash(cookie));
                Ok(url.await?)
            }
            _ => Err(Refusal::NotSetUp),
        }
    }

    /// Goes on with what the browser brought back in its query.
    pub async fn finish(
        &self,
        access: &Access,
        platform: Platform,
        cookie: &str,
        query: &[(String, String)],
    ) -> Result<Connected, Refusal> {
        match (platform, self.slack(), self.teams()) {
            (Platform::Slack, Some(slack), _) => {
                let callback = Callback {
                    code: value(query, "code").map(SecretString::from),
                    state: value(query, "state").ok_or(Refusal::Incomplete)?.into(),
                    error: value(query, "error"),
                };
                let complete =
                    crate::slack::install::complete(slack, access, callback, hash(cookie));
                complete.await?;
                Ok(Connected::Ready)
            }
            (Platform::Teams, _, Some(teams)) => {
                let callback = teams::install::Callback {
                    state: value(query, "state").ok_or(Refusal::Incomplete)?.into(),
                    error: value(query, "error"),
                    tenant: value(query, "tenant"),
                    admin_consent: value(query, "admin_consent"),
                    code: value(query, "code").map(SecretString::from),
                };
                let complete = teams::install::complete(teams, access, callback, hash(cookie));
                Ok(match complete.await? {
                    teams::install::Step::Connected(_) => Connected::Ready,
                    teams::install::Step::SignIn(url) => Connected::GoOn(url),
                })
            }
            _ => Err(Refusal::NotSetUp),
        }
    }

    /// Disconnects a workspace, here and, as far as it can be reached, at the service.
    pub async fn disconnect(
        &self,
        access: &Access,
        id: InstallId,
    ) -> Result<(), RecordError<install::Refusal>> {
        let ledger = &self.common().parts().ledger;
        let mut tx = ledger.db().read(access).await?;
        let install = install::store::by_id(&mut tx, access, id).await?;
        let linked = install::store::linked_people(&mut tx, access, id, 0, PAGES).await?;
        drop(tx);
        if let (Some(install), Some(slack)) = (&install, self.slack())
            && install.workspace.platform == Platform::Slack
            && install.status != Status::Ended
            && install::command::may_manage(access)
        {
            // While it still may speak there: what people see without asking is not to stay as it was.
            let users = linked.rows.into_iter().map(|person| person.user).collect();
            slack.clear_homes(access.org(), install, users).await;
            crate::slack::install::tell_removed(slack, access.org(), install).await;
        }
        let end = Disconnect {
            install: id,
            reason: EndReason::Removed,
        };
        ledger.record(access, end).await
    }
}

/// The value of a parameter that is there exactly once.
fn value(query: &[(String, String)], name: &str) -> Option<String> {
    let mut values = query.iter().filter(|(given, _)| given == name);
    let (_, value) = values.next()?;
    values.next().is_none().then(|| value.clone())
}

fn hash(cookie: &str) -> Vec<u8> {
    Sha256::digest(cookie.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_counts_when_it_is_there_once() {
        let query = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        assert_eq!(
            value(&query(&[("state", "a"), ("code", "b")]), "state").as_deref(),
            Some("a")
        );
        assert_eq!(
            value(&query(&[("state", "a"), ("state", "b")]), "state"),
            None
        );
        assert_eq!(value(&query(&[]), "state"), None);
    }
}
