//! From a fact to the tables that reads use: one match, by which a rebuild is the same work as the first time.

use super::event::{Event, Recorded};
use crate::asset::project::Shelf;
use crate::store::{StoreResult, Tx};
use crate::{
    api_key, app, app_client, app_install, approval, catalogue, chat_link, connection, device,
    digest, endpoint, grant, install, location, notice, order, org, person, punchout, push_device,
    requisition, seat, supplier, ticket, unit,
};

/// Applies one fact. Assets are folded on the shelf, which is written with everything else that was decided together.
pub(crate) async fn apply(
    tx: &mut Tx,
    assets: &mut Shelf,
    recorded: &Recorded,
    event: &Event,
) -> StoreResult<()> {
    match event {
        Event::Org(event) => org::project::apply(tx, recorded, event).await,
        Event::Unit(event) => unit::project::apply(tx, recorded, event).await,
        Event::Location(event) => location::project::apply(tx, recorded, event).await,
        Event::Person(event) => person::project::apply(tx, recorded, event).await,
        Event::Grant(event) => grant::project::apply(tx, recorded, event).await,
        Event::Catalogue(event) => catalogue::project::apply(tx, recorded, event).await,
        Event::Asset(event) => assets.apply(recorded, event),
        Event::PushDevice(event) => push_device::project::apply(tx, recorded, event).await,
        Event::Notice(event) => notice::preference::project::apply(tx, recorded, event).await,
        Event::Digest(event) => digest::project::apply(tx, recorded, event).await,
        Event::Install(event) => install::project::apply(tx, recorded, event).await,
        Event::Device(event) => device::project::apply(tx, recorded, event).await,
        Event::ChatLink(event) => chat_link::project::apply(tx, recorded, event).await,
        Event::Connection(event) => connection::project::apply(tx, recorded, event).await,
        Event::Ticket(event) => ticket::project::apply(tx, recorded, event).await,
        Event::Supplier(event) => supplier::project::apply(tx, recorded, event).await,
        Event::Punchout(event) => punchout::project::apply(tx, recorded, event).await,
        Event::Requisition(event) => requisition::project::apply(tx, recorded, event).await,
        Event::Order(event) => order::project::apply(tx, recorded, event).await,
        Event::Approval(event) => approval::project::apply(tx, recorded, event).await,
        Event::Seat(event) => seat::project::apply(tx, recorded, event).await,
        Event::AppClient(event) => app_client::project::apply(tx, recorded, event).await,
        Event::AppInstall(event) => app_install::project::apply(tx, recorded, event).await,
        Event::App(event) => app::project::apply(tx, recorded, event).await,
        Event::ApiKey(event) => api_key::project::apply(tx, recorded, event).await,
        Event::Endpoint(event) => endpoint::project::apply(tx, recorded, event).await,
        // Nothing that is read later follows from them: how far an import is, and what was proposed, is kept beside the ledger.
        Event::Import(_)
        | Event::Export(_)
        | Event::Auth(_)
        | Event::Confirm(_)
        | Event::Conversation(_)
        | Event::Emitted(_) => Ok(()),
    }
}
