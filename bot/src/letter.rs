//! What a parcel of the outbox becomes in any chat: a reply, and to whom it goes.

use habeo_core::id::InstallId;
use habeo_core::notice::present::{Present, present};
use habeo_core::outbox::{Leased, Outcome};

use crate::bot::Common;
use crate::notice;
use crate::purchase;
use crate::reply::Reply;

/// To whom a notice goes.
#[derive(Debug)]
pub(crate) enum To {
    /// Somebody, in the conversation they have with us alone.
    User(String),
    /// All who read a channel.
    Channel(String),
}

/// A notice, ready to be sent.
#[derive(Debug)]
pub(crate) struct Letter {
    /// Through which installation.
    pub install: InstallId,
    /// To whom.
    pub to: To,
    /// What it says.
    pub reply: Reply,
}

impl Letter {
    /// What is to be sent; or what became of the parcel where there is nothing to send.
    pub async fn of(common: &Common, parcel: &Leased) -> Result<Self, Outcome> {
        let parts = common.parts();
        match present(parts.ledger.db(), &parts.sessions, parcel).await {
            Ok(Present::ToPerson(told)) => Ok(Self {
                install: told.linked.install,
                reply: notice::to_person(&told, |path| common.address(path)),
                to: To::User(told.linked.user),
            }),
            Ok(Present::ToAdministrator(told)) => Ok(Self {
                install: told.linked.install,
                reply: notice::to_administrator(&told, |path| common.address(path)),
                to: To::User(told.linked.user),
            }),
            Ok(Present::OfEndpoint(told)) => Ok(Self {
                install: told.linked.install,
                reply: notice::of_endpoint(&told, |path| common.address(path)),
                to: To::User(told.linked.user),
            }),
            Ok(Present::ToApprover(told)) => Ok(Self {
                install: told.linked.install,
                reply: notice::to_approver(&told, |path| common.address(path)),
                to: To::User(told.linked.user),
            }),
            Ok(Present::OfPurchase(told)) => Ok(Self {
                install: told.linked.install,
                reply: purchase::of_purchase(&told, |path| common.address(path)),
                to: To::User(told.linked.user),
            }),
            Ok(Present::ToChannel(told)) => Ok(Self {
                install: told.digest.install,
                reply: notice::to_channel(&told),
                to: To::Channel(told.digest.chat),
            }),
            // No parcel for a phone is given to a courier of a chat.
            Ok(Present::ToPhone(_)) => Err(Outcome::Dead {
                why: "the parcel is for a phone".to_owned(),
            }),
            Ok(Present::Obsolete(why)) => Err(Outcome::Obsolete {
                why: why.to_owned(),
            }),
            Err(error) => Err(again(error.to_string())),
        }
    }
}

/// Later, when the outbox thinks best.
pub(crate) const fn again(why: String) -> Outcome {
    Outcome::Again { after: None, why }
}
