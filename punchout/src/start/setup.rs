//! Asking a supplier for a session by cXML.

use habeo_core::access::Access;
use habeo_core::id::SupplierId;
use habeo_core::punchout::command::{KeepDocument, StartSession, Started};
use habeo_core::punchout::{self, Direction, Document};
use habeo_core::supplier::command::WithdrawOperation;
use habeo_core::supplier::{Operation, Settings, Supplier};
use habeo_core::{location, person, requisition, unit};
use secrecy::{ExposeSecret as _, SecretString};

use super::settled::settled;
use super::{NotStarted, Shop, StartPage};
use crate::carried::warning;
use crate::cxml::address::{Address, Contact, Text};
use crate::cxml::write::{self, ItemOut, Setup};
use crate::desk::{Punchout, RETURN_PATH};
use crate::exchange::{Exchanged, Letter, exchange};
use crate::fault::Fault;
use crate::kept;
use crate::outgoing::outgoing;
use crate::sendable;

/// What the request says besides: who shops, for whom, where it is to be sent, and the cart that is changed or looked at.
#[derive(Debug, Default)]
pub(super) struct Brought {
    extrinsics: Vec<(String, String)>,
    contact: Option<Contact>,
    ship_to: Option<Address>,
    items: Vec<ItemOut>,
}

/// Looks up what the request has to say, as far as the caller sees it.
pub(super) async fn brought(
    desk: &Punchout,
    access: &Access,
    wanted: &StartSession,
    supplier: &Supplier,
) -> Result<Brought, NotStarted> {
    let now = desk.now();
    let mut tx = desk.ledger().db().read(access).await?;
    let mut brought = Brought::default();
    let (mut place, mut bought_for) = (wanted.location, wanted.unit);
    let mut cost_centre = wanted.cost_centre.clone();
    if let Some(id) = wanted.requisition
        && let Some(found) = requisition::store::by_id(&mut tx, access, id, now).await?
    {
        let lines = requisition::store::with_texts(&mut tx, access, &found).await?;
        brought.items = lines
            .iter()
            .map(sendable::of_cart)
            .collect::<Result<_, _>>()?;
        (place, bought_for) = (found.location, Some(found.unit));
        cost_centre.clone_from(&found.cost_centre);
    }
    let mut say = |name: &str, value: Option<String>| {
        let value = value.filter(|value| !value.trim().is_empty());
        brought
            .extrinsics
            .extend(value.map(|value| (name.to_owned(), value)));
    };
    if let Some(own) = person::store::own(&mut tx, access).await? {
        // The names that suppliers usually look for; nothing is guaranteed on either side.
        say("UniqueName", own.email.clone().or(Some(own.id.to_string())));
        say("UserEmail", own.email.clone());
        say("UserFullName", Some(own.display_name.clone()));
        brought.contact = Some(Contact {
            role: Some("endUser".to_owned()),
            address_id: None,
            name: Text {
                lang: None,
                text: own.display_name,
            },
            emails: own.email.into_iter().collect(),
        });
    }
    say("CostCenter", cost_centre);
    if let Some(id) = bought_for {
        let found = unit::store::by_id(&mut tx, access, id).await?;
        say("BusinessUnit", found.map(|unit| unit.name));
    }
    if let Some(id) = place {
        let found = location::store::by_id(&mut tx, access, id).await?;
        brought.ship_to = found.map(sendable::address);
    }
    tracing::debug!(supplier.id = %supplier.id, items = brought.items.len(), "a visit to a shop is asked for");
    Ok(brought)
}

/// Asks the supplier, keeps what went to and fro, and says where the browser goes. A cart that the supplier has no more is begun anew there: what
/// comes back takes the place of what is here, as it would have.
pub(super) async fn ask(
    desk: &Punchout,
    system: &Access,
    shop: &Shop,
    (started, operation): (&Started, Operation),
    brought: Brought,
) -> Result<StartPage, NotStarted> {
    let once = ask_once(desk, system, shop, (started, operation), &brought).await;
    match once {
        Err(NotStarted::Gone { .. }) if operation == Operation::Edit => {
            ask_once(desk, system, shop, (started, Operation::Create), &brought).await
        }
        answered => answered,
    }
}

async fn ask_once(
    desk: &Punchout,
    system: &Access,
    shop: &Shop,
    (started, operation): (&Started, Operation),
    brought: &Brought,
) -> Result<StartPage, NotStarted> {
    let settings = &shop.supplier.settings;
    let secret = shop.secret.clone().ok_or(NotStarted::NoSecret)?;
    let text = request(desk, settings, (&secret, operation), started, brought)?;
    let (copy, cookie) = (text.clone(), started.cookie.clone());
    let sent = desk.apart(move |_| sent(&copy, &cookie)).await;
    keep(desk, system, started, sent.ok_or_else(broken)?).await;
    let letter = Letter {
        org: system.org(),
        url: &settings.setup_url,
        text,
        secret: &secret,
    };
    let exchanged = exchange(desk, letter, desk.tolerance(settings)).await;
    let cookie = started.cookie.clone();
    let came = desk.apart(move |_| (came(&exchanged, &cookie), exchanged.outcome));
    let (came, outcome) = came.await.ok_or_else(broken)?;
    keep(desk, system, started, came).await;
    let page = settled(outcome);
    if let Err(NotStarted::NotOffered { .. }) = &page {
        withdraw(desk, system, shop.supplier.id, operation).await;
    }
    page.map(StartPage::Address)
}

fn request(
    desk: &Punchout,
    settings: &Settings,
    (secret, operation): (&SecretString, Operation),
    started: &Started,
    brought: &Brought,
) -> Result<String, NotStarted> {
    let envelope = outgoing(settings, secret.clone(), desk.payload_id(), desk.now());
    let setup = Setup {
        operation: match operation {
            Operation::Create => write::Operation::Create,
            Operation::Edit => write::Operation::Edit,
            Operation::Inspect => write::Operation::Inspect,
        },
        buyer_cookie: started.cookie.expose_secret().to_owned(),
        extrinsics: brought.extrinsics.clone(),
        return_url: desk.url(RETURN_PATH),
        contact: brought.contact.clone(),
        supplier_url: Some(settings.setup_url.clone()),
        ship_to: brought.ship_to.clone(),
        selected: None,
        items: match operation {
            // A new cart begins with nothing in it.
            Operation::Create => Vec::new(),
            Operation::Edit | Operation::Inspect => brought.items.clone(),
        },
    };
    Ok(write::setup(&envelope, &setup)?)
}

/// The request as it is kept: without what proves us, and without the cookie.
fn sent(text: &str, cookie: &SecretString) -> Document {
    Document {
        direction: Direction::Out,
        kind: "PunchOutSetupRequest".to_owned(),
        decoded: "written here".to_owned(),
        warnings: Vec::new(),
        hash: punchout::hash(text.as_bytes()),
        bytes: text.len(),
        body: kept::without_secrets(text, Some(cookie.expose_secret())),
    }
}

fn broken() -> NotStarted {
    NotStarted::Fault(Fault::Broken("it could not be taken apart"))
}

/// The answer as it is kept, whatever it is.
fn came(exchanged: &Exchanged, cookie: &SecretString) -> Document {
    let text = String::from_utf8_lossy(&exchanged.body);
    let mut warnings: Vec<_> = exchanged.warnings.iter().map(warning).collect();
    if let Err(fault) = &exchanged.outcome {
        warnings.push(punchout::cart::Warning::new(
            fault.code(),
            fault.to_string(),
        ));
    }
    let kind = match &exchanged.outcome {
        Ok(_) => "PunchOutSetupResponse",
        Err(_) => "no answer in cXML",
    };
    Document {
        direction: Direction::In,
        kind: kind.to_owned(),
        decoded: "the body of the answer".to_owned(),
        warnings,
        hash: punchout::hash(&exchanged.body),
        bytes: exchanged.body.len(),
        body: kept::without_secrets(&text, Some(cookie.expose_secret())),
    }
}

/// Keeps what went to and fro. The person goes on without it: a trace that is missing is a warning of the log.
async fn keep(desk: &Punchout, system: &Access, started: &Started, document: Document) {
    let command = KeepDocument {
        session: started.session,
        document,
        master_key: std::sync::Arc::clone(&desk.parts().master_key),
    };
    if let Err(error) = desk.ledger().record(system, command).await {
        tracing::warn!(%error, session.id = %started.session, "a document of a visit was not kept");
    }
}

/// Offers an operation of a supplier no more that it says it does not have.
async fn withdraw(desk: &Punchout, system: &Access, supplier: SupplierId, operation: Operation) {
    let command = WithdrawOperation {
        supplier,
        operation,
    };
    if let Err(error) = desk.ledger().record(system, command).await {
        tracing::warn!(%error, supplier.id = %supplier, "an operation that the supplier does not have is still offered");
    }
}
