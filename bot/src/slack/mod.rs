//! Habeo in Slack: what Slack sends is proved, taken in and answered; what Habeo says is drawn as Slack shows it.
//!
//! Four doors ([`door`]) let signed requests in. Events are stored and answered at once, and worked off from the inbox ([`event`]). Commands,
//! buttons and dialogs cannot be sent again by Slack, so they are answered while it waits, or where they said the answer goes. Whoever asks is
//! found out first (`who`); without a person behind them they are shown the way to link themselves, and nothing else.

pub mod block;
pub mod card;
mod circle;
mod command;
pub mod courier;
mod dialog;
pub mod door;
pub mod event;
pub mod home;
pub mod inbound;
pub mod install;
mod interaction;
mod keeper;
mod oauth;
mod options;
mod press;
pub mod settings;
pub mod signature;
pub mod text;
mod unfurl;
pub mod web;
mod who;
mod workspace;

use std::sync::Arc;
use std::time::Duration;

use habeo_core::id::{InstallId, OrgId};
use habeo_core::install::Install;
use habeo_core::install::rotate::Rotation;
use habeo_core::ledger::Ledger;
use habeo_core::secret::MasterKey;

use crate::Common;
use crate::asker::Askers;
use crate::engine::Engine;
use crate::lately::Lately;
use circle::Circles;
use keeper::Keeper;
use oauth::App;
use settings::Settings;
use web::{Caller, Voice, Web};

/// Under what name events stand in the inbox.
pub const SOURCE: &str = "slack";

/// The Slack app of this installation. Cloning gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Slack(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    common: Common,
    settings: Settings,
    web: Web,
    app: Arc<App>,
    keeper: Keeper,
    heard: Lately<InstallId>,
    circles: Circles,
}

impl Slack {
    /// The app as it was set up.
    #[must_use]
    pub fn new(common: Common, settings: &Settings) -> Self {
        let parts = common.parts();
        let app = Arc::new(App::of(settings));
        let rotation = Rotation::new(parts.ledger.clone(), Arc::clone(&parts.master_key));
        Self(Arc::new(Inner {
            web: Web::new(
                parts.egress.clone(),
                &settings.api_base,
                &settings.hooks_base,
            ),
            keeper: Keeper::new(parts.ledger.clone(), rotation, Arc::clone(&app)),
            heard: Lately::default(),
            circles: Circles::default(),
            settings: settings.clone(),
            app,
            common,
        }))
    }

    fn settings(&self) -> &Settings {
        &self.0.settings
    }

    fn common(&self) -> &Common {
        &self.0.common
    }

    fn ledger(&self) -> &Ledger {
        &self.0.common.parts().ledger
    }

    fn engine(&self) -> &Engine {
        &self.0.common.parts().engine
    }

    fn askers(&self) -> &Askers {
        self.0.common.askers()
    }

    fn master_key(&self) -> &Arc<MasterKey> {
        &self.0.common.parts().master_key
    }

    fn web(&self) -> &Web {
        &self.0.web
    }

    fn app(&self) -> &App {
        &self.0.app
    }

    fn heard(&self) -> &Lately<InstallId> {
        &self.0.heard
    }

    fn circles(&self) -> &Circles {
        &self.0.circles
    }

    fn address(&self, path: &str) -> String {
        self.0.common.address(path)
    }

    /// Calls in the name of an installation.
    fn caller(&self, org: OrgId, install: &Install, patience: Duration) -> Caller {
        Caller {
            org,
            workspace: install.workspace.key.clone(),
            voice: Voice::Install(install.id, self.0.keeper.clone()),
            patience,
            deadline: web::DEADLINE,
        }
    }
}
