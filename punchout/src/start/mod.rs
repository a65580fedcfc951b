//! Going to a shop: the visit is recorded, the supplier is asked for a session, and the browser is told where to go.
//!
//! [`start`] is the whole use-case; the door and the console's button only carry what was wanted to it and the answer back. A person is waiting,
//! so nothing is tried twice: what came to nothing is closed, and a button lets them try again.

pub mod call_up;
pub mod door;
mod refusal;
mod settled;
mod setup;

use habeo_core::access::{Access, Surface};
use habeo_core::id::PunchoutId;
use habeo_core::punchout::Refusal;
use habeo_core::punchout::command::{CloseSession, StartSession, Started};
use habeo_core::store::Tx;
use habeo_core::supplier::{self, Protocol, Supplier};
use habeo_core::time::Timestamp;
use secrecy::SecretString;

use crate::desk::Punchout;
use crate::start::call_up::Form;

pub use refusal::NotStarted;

/// Where the browser goes.
#[derive(Debug)]
pub enum StartPage {
    /// To this address, in the top window.
    Address(String),
    /// To the shop, by a form that the browser posts.
    Form(Form),
}

/// A visit that began.
#[derive(Debug)]
pub struct Visit {
    /// Its id.
    pub session: PunchoutId,
    /// Where the browser goes.
    pub page: StartPage,
    /// Until when a return is taken by itself.
    pub expires_at: Timestamp,
}

/// A supplier as it is needed to go there.
struct Shop {
    supplier: Supplier,
    secret: Option<SecretString>,
}

/// Goes to a supplier's shop in somebody's name.
pub async fn start(
    desk: &Punchout,
    access: &Access,
    wanted: StartSession,
) -> Result<Visit, NotStarted> {
    let shop = shop(desk, access, &wanted).await?;
    let system = Access::system(access.org(), Surface::Web);
    // What has to be said of the person and the cart is looked up first: a visit that cannot be asked for is not begun.
    let brought = match shop.supplier.protocol {
        Protocol::Cxml => Some(setup::brought(desk, access, &wanted, &shop.supplier).await?),
        Protocol::Oci => None,
    };
    let operation = wanted.operation;
    let started = desk.ledger().record(access, wanted).await?;
    let asked = match brought {
        None => call_up::call_up(desk, access, &shop.supplier, &started).await,
        Some(brought) => setup::ask(desk, &system, &shop, (&started, operation), brought).await,
    };
    match asked {
        Ok(page) => Ok(visit(&started, page)),
        Err(why) => {
            let session = started.session;
            desk.ledger()
                .record(&system, CloseSession { session })
                .await?;
            Err(why)
        }
    }
}

fn visit(started: &Started, page: StartPage) -> Visit {
    Visit {
        session: started.session,
        page,
        expires_at: started.expires_at,
    }
}

/// The supplier, and by what we prove ourselves to it. Whether one may buy there is asked again when the visit is recorded.
async fn shop(desk: &Punchout, access: &Access, wanted: &StartSession) -> Result<Shop, NotStarted> {
    let mut tx: Tx = desk.ledger().db().read(access).await?;
    let found = supplier::store::known(&mut tx, access, wanted.supplier).await?;
    let supplier = found.ok_or(NotStarted::Refused(Refusal::UnknownSupplier))?;
    let key = &desk.parts().master_key;
    let secret = supplier::store::ours(&mut tx, access, supplier.id, key).await?;
    if supplier.protocol == Protocol::Cxml && secret.is_none() {
        return Err(NotStarted::NoSecret);
    }
    Ok(Shop { supplier, secret })
}
