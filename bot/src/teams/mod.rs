//! Habeo in Microsoft Teams: what the channel sends is proved, taken in and answered; what Habeo says is drawn as Teams shows it.
//!
//! One door ([`door`]) lets in what the vendor signed for this app ([`gate`]). Messages and installations are stored and answered at once, and
//! worked off from the inbox ([`work`]). Invocations (`invoke`) are answered while the channel waits. Whoever asks is found out first
//! (`who`); without a person behind them they are shown the way to link themselves, and nothing else. Where others read along, an answer
//! travels sealed and opens for its asker only ([`card`]).

pub mod activity;
pub mod app_token;
pub mod card;
pub mod connector;
pub mod courier;
pub mod door;
pub mod gate;
pub mod install;
mod invoke;
pub mod mention;
mod present;
mod roster;
pub mod settings;
mod tenant;
mod who;
pub mod work;

use std::sync::Arc;

use habeo_core::id::InstallId;
use habeo_core::ledger::Ledger;

use crate::Common;
use crate::asker::Askers;
use crate::engine::Engine;
use crate::lately::Lately;
use app_token::AppTokens;
use card::Sealer;
use connector::Connector;
use gate::Gate;
use install::SignIn;
use roster::Rosters;
pub use settings::Settings;

/// Under what name activities stand in the inbox.
pub const SOURCE: &str = "teams";

/// The Teams app of this installation. Cloning gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Teams(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    common: Common,
    settings: Arc<Settings>,
    gate: Option<Gate>,
    tokens: Arc<AppTokens>,
    connector: Connector,
    sealer: Sealer,
    sign_in: Option<SignIn>,
    rosters: Rosters,
    heard: Lately<InstallId>,
    turned_away: Lately<String>,
}

impl Teams {
    /// The app as it was set up.
    #[must_use]
    pub fn new(common: Common, settings: &Settings) -> Self {
        let parts = common.parts();
        let (clock, random) = (parts.ledger.shared_clock(), parts.ledger.shared_random());
        let settings = Arc::new(settings.clone());
        let gate = Gate::new(Arc::clone(&settings), Arc::clone(&clock));
        let gate = gate.inspect_err(|error| {
            tracing::error!(%error, "the address of the channel's keys cannot be used: nothing is let in");
        });
        let sign_in = SignIn::new(&settings, Arc::clone(&clock)).inspect_err(|error| {
            tracing::error!(%error, "the address of sign-in cannot be used: no tenant can be connected");
        });
        let tokens = Arc::new(AppTokens::new(
            Arc::clone(&settings),
            parts.egress.clone(),
            Arc::clone(&clock),
            Arc::clone(&random),
        ));
        Self(Arc::new(Inner {
            gate: gate.ok(),
            sign_in: sign_in.ok(),
            connector: Connector::new(
                Arc::clone(&settings),
                parts.egress.clone(),
                Arc::clone(&tokens),
            ),
            sealer: Sealer::new(Arc::clone(&parts.master_key), random, clock),
            rosters: Rosters::default(),
            heard: Lately::default(),
            turned_away: Lately::default(),
            tokens,
            settings,
            common,
        }))
    }

    /// How it was set up.
    #[must_use]
    pub fn settings(&self) -> &Settings {
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

    /// The way back to the channel.
    #[must_use]
    pub fn connector(&self) -> &Connector {
        &self.0.connector
    }

    fn sealer(&self) -> &Sealer {
        &self.0.sealer
    }

    fn rosters(&self) -> &Rosters {
        &self.0.rosters
    }

    fn address(&self, path: &str) -> String {
        self.0.common.address(path)
    }
}
