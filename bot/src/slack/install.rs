//! Installing the app: from an administrator's wish to a connected workspace, and back.
//!
//! The console calls these, for they need its session: the routes of an installation are a browser's, not Slack's.

use std::sync::Arc;
use std::time::Duration;

use habeo_core::access::Access;
use habeo_core::id::{InstallId, OrgId};
use habeo_core::install::command::{BeginInstall, Connect, TakeState};
use habeo_core::install::{self, Install, Platform, Workspace};
use habeo_core::ledger::RecordError;
use habeo_core::store::StoreError;
use secrecy::SecretString;
use url::Url;

use super::Slack;
use super::inbound::is_id;
use super::oauth::Granted;
use super::web::{Caller, DEADLINE, Voice, WebError};

/// Where Slack sends the browser back to, below our own address.
pub const CALLBACK_PATH: &str = "/slack/oauth/callback";

const PATIENCE: Duration = Duration::from_secs(5);
/// A code of Slack's is far shorter.
const CODE_BYTES_MAX: usize = 512;

/// What the browser brought back.
#[derive(Debug)]
pub struct Callback {
    /// What is exchanged for tokens.
    pub code: Option<SecretString>,
    /// What we gave along.
    pub state: SecretString,
    /// Why there is no code.
    pub error: Option<String>,
}

/// A workspace that is connected now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// Its installation.
    pub install: InstallId,
    /// What it calls itself.
    pub name: String,
    /// Whether it is a whole organisation of workspaces. Then the app is in none of them until its administrator adds it.
    pub org_wide: bool,
}

/// Why there is no installation. The texts are for the administrator.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// They changed their mind at Slack.
    #[error("the installation was cancelled in Slack")]
    Denied,
    /// Slack gave no tokens.
    #[error("Slack did not complete the installation; begin it again")]
    Slack(#[source] WebError),
    /// A rule of ours says no.
    #[error(transparent)]
    Refused(#[from] install::Refusal),
    /// The address of Slack is not one.
    #[error("the configured address of Slack is not an address")]
    Misconfigured,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<RecordError<install::Refusal>> for InstallError {
    fn from(error: RecordError<install::Refusal>) -> Self {
        match error {
            RecordError::Refused(refusal) => Self::Refused(refusal),
            RecordError::Store(error) => Self::Store(error),
        }
    }
}

/// Begins an installation: where to send the administrator's browser.
pub async fn authorize_url(
    slack: &Slack,
    access: &Access,
    cookie_hash: Vec<u8>,
) -> Result<Url, InstallError> {
    let begin = BeginInstall {
        platform: Platform::Slack,
        cookie_hash,
    };
    let state = slack.ledger().record(access, begin).await?;
    let scopes = crate::manifest::slack::scopes();
    slack
        .app()
        .authorize_url(&scopes, &redirect_uri(slack), &state)
        .ok_or(InstallError::Misconfigured)
}

/// Completes an installation with what the browser brought back. The state is taken first, whatever else came: it works once.
pub async fn complete(
    slack: &Slack,
    access: &Access,
    callback: Callback,
    cookie_hash: Vec<u8>,
) -> Result<Installed, InstallError> {
    let take = TakeState {
        platform: Platform::Slack,
        state: callback.state,
        cookie_hash,
    };
    slack.ledger().record(access, take).await?;
    let code = match (callback.error.as_deref(), callback.code) {
        (None, Some(code)) if is_code(&code) => code,
        (Some("access_denied"), _) => return Err(InstallError::Denied),
        (error, _) => return Err(refused(error.unwrap_or("no_code"))),
    };
    let redirect_uri = redirect_uri(slack);
    let exchange = slack.app().exchange(slack.web(), &code, &redirect_uri);
    let granted = exchange.await.map_err(failed)?;
    connect(slack, access, &granted).await
}

/// Tells Slack, as far as it listens, that an installation ends from our side.
pub async fn tell_removed(slack: &Slack, org: OrgId, install: &Install) {
    let caller = slack.caller(org, install, PATIENCE);
    if let Err(error) = slack.web().revoke(&caller).await {
        tracing::info!(install.id = %install.id, %error, "Slack was not told that an installation ended");
    }
}

async fn connect(
    slack: &Slack,
    access: &Access,
    granted: &Granted,
) -> Result<Installed, InstallError> {
    let place = granted.place().filter(|place| is_id(&place.id));
    let place = place.ok_or_else(|| refused("no_workspace"))?;
    let caller = Caller {
        org: access.org(),
        workspace: place.id.clone(),
        voice: Voice::Token(granted.access_token.clone()),
        patience: PATIENCE,
        deadline: DEADLINE,
    };
    let identity = slack.web().auth_test(&caller).await.map_err(failed)?;
    let bot_user = granted.bot_user_id.clone().or(identity.user_id);
    let name = place.name.clone().or(identity.team);
    let name = name.unwrap_or_else(|| place.id.clone());
    let connect = Connect {
        workspace: Workspace {
            platform: Platform::Slack,
            key: place.id.clone(),
        },
        name: name.clone(),
        bot_user: bot_user.ok_or_else(|| refused("no_bot_user"))?,
        app_id: granted.app_id.clone(),
        scopes: granted.scopes(),
        tokens: Some(granted.tokens(slack.ledger().clock().now())),
        pending: false,
        master_key: Arc::clone(slack.master_key()),
    };
    // Where the workspace is another organisation's, the token is not taken back: the app has one there, and it would be theirs.
    let install = slack.ledger().record(access, connect).await?;
    Ok(Installed {
        install,
        name,
        org_wide: granted.is_enterprise_install == Some(true),
    })
}

fn redirect_uri(slack: &Slack) -> String {
    slack.address(CALLBACK_PATH)
}

fn is_code(code: &SecretString) -> bool {
    use secrecy::ExposeSecret as _;
    (1..=CODE_BYTES_MAX).contains(&code.expose_secret().len())
}

/// What Slack said goes to the log, by its word; the browser is told that it did not work.
fn failed(error: WebError) -> InstallError {
    tracing::warn!(%error, "Slack did not complete an installation");
    InstallError::Slack(error)
}

fn refused(code: &str) -> InstallError {
    failed(WebError::refused("oauth.v2.authorize", code))
}
