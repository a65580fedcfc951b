//! The token of an installation: fresh before it is used, fetched anew when Slack says that it is over, given up when it is dead.

use std::sync::Arc;

use habeo_core::access::{Access, Surface};
use habeo_core::id::{InstallId, OrgId};
use habeo_core::install::Tokens;
use habeo_core::install::rotate::{RotateError, Rotation, Wanted};
use habeo_core::ledger::Ledger;
use habeo_core::time::SECOND_MICROS;
use secrecy::SecretString;

use super::oauth::App;
use super::web::{Web, WebError};

/// A token is fetched anew when it holds for less than this.
pub const FRESH_FOR_MICROS: i64 = 2 * 60 * 60 * SECOND_MICROS;

/// Keeps the tokens of every installation. Cloning gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Keeper {
    ledger: Ledger,
    rotation: Rotation,
    app: Arc<App>,
}

impl Keeper {
    /// A keeper of the tokens that this app was granted.
    #[must_use]
    pub fn new(ledger: Ledger, rotation: Rotation, app: Arc<App>) -> Self {
        Self {
            ledger,
            rotation,
            app,
        }
    }

    /// A token that holds for a while. While Slack gives no new one, the old one will do as long as it holds.
    pub(super) async fn token(
        &self,
        web: &Web,
        org: OrgId,
        install: InstallId,
    ) -> Result<SecretString, WebError> {
        let fresh = self
            .tokens(web, org, install, Wanted::HoldFor(FRESH_FOR_MICROS))
            .await;
        match fresh {
            Err(error) if !error.is_token_dead() => self
                .tokens(web, org, install, Wanted::HoldFor(0))
                .await
                .map_err(|_| error),
            fresh => fresh,
        }
    }

    /// Another token than the one that Slack has just called expired.
    pub(super) async fn other(
        &self,
        web: &Web,
        org: OrgId,
        install: InstallId,
        expired: SecretString,
    ) -> Result<SecretString, WebError> {
        self.tokens(web, org, install, Wanted::OtherThan(expired))
            .await
    }

    /// Notes that only installing again helps, unless another token than the one that was used is in its place by now.
    pub(super) async fn give_up(
        &self,
        org: OrgId,
        install: InstallId,
        used: &SecretString,
        error: &WebError,
    ) {
        let system = Access::system(org, Surface::Slack);
        let told = error.to_string();
        if let Err(error) = self.rotation.give_up(&system, install, used, told).await {
            tracing::error!(org.id = %org, install.id = %install, %error, "a dead token could not be noted");
        }
    }

    async fn tokens(
        &self,
        web: &Web,
        org: OrgId,
        install: InstallId,
        wanted: Wanted,
    ) -> Result<SecretString, WebError> {
        let system = Access::system(org, Surface::Slack);
        let (app, web, clock) = (
            Arc::clone(&self.app),
            web.clone(),
            self.ledger.shared_clock(),
        );
        let fetch = |old: Tokens| async move {
            let fetched = async {
                let refresh = old
                    .refresh
                    .as_ref()
                    .ok_or(WebError::Token("it expires and cannot be fetched anew"))?;
                let granted = app.refresh(&web, refresh).await?;
                Ok(granted.tokens(clock.now()))
            };
            let fetched: Result<Tokens, WebError> = fetched.await;
            fetched.map_err(|error| (old.access, error))
        };
        match self.rotation.tokens(&system, install, wanted, fetch).await {
            Ok(tokens) => Ok(tokens.access),
            Err(RotateError::Fetch((old, error))) => {
                if error.is_token_dead() {
                    self.give_up(org, install, &old, &error).await;
                }
                Err(error)
            }
            Err(RotateError::None | RotateError::Refused(_)) => {
                Err(WebError::Token("there is none"))
            }
            Err(RotateError::TooLong) => Err(WebError::Token("fetching it took too long")),
            Err(RotateError::Store(error)) => {
                tracing::error!(org.id = %org, install.id = %install, %error, "a token could not be read or kept");
                Err(WebError::Token("it could not be read"))
            }
        }
    }
}
