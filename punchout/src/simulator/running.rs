//! Starting the simulator, and a handle to it for tests.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::{Server, endpoint};
use tokio::task::JoinHandle;
use url::Url;

use super::cart::Leaving;
use super::catalogue;
use super::confirm::Confirmation;
use super::decimal::Decimal;
use super::door;
use super::form::{self, CartForm, Posted};
use super::invoice::{self, Invoice, Purpose};
use super::order::Order;
use super::quirk::Quirk;
use super::send::{self, NotSent, Sent};
use super::session::{NotAdded, Session};
use super::settings::Settings;
use super::ship::{self, Shipment};
use super::vendor::{Received, Vendor};

/// Connections that say nothing are closed after it.
const IDLE_TIMEOUT: Duration = Duration::from_mins(1);

/// The simulated supplier, before it runs.
#[derive(Debug, Clone, Copy)]
pub struct Simulator;

/// Why it does not run.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    /// The address is taken, or not ours.
    #[error("the address cannot be listened on: {0}")]
    Listen(#[from] io::Error),
    /// There is no client to send documents with.
    #[error("documents cannot be sent: {0}")]
    Client(#[from] reqwest::Error),
}

/// A running simulator. It ends when this is dropped.
#[derive(Debug)]
pub struct Running {
    vendor: Arc<Vendor>,
    serving: JoinHandle<()>,
}

impl Simulator {
    /// Listens.
    pub async fn start(settings: Settings) -> Result<Running, NotStarted> {
        let acceptor = TcpListener::bind(settings.listen.to_string())
            .into_acceptor()
            .await?;
        let bound = acceptor.local_addr().into_iter().next();
        let bound = bound
            .and_then(|address| address.as_socket_addr().copied())
            .unwrap_or(settings.listen);
        let public = settings
            .public_url
            .as_ref()
            .map(|url| url.as_str().trim_end_matches('/').to_owned());
        let mut hosts = vec![bound.to_string(), format!("localhost:{}", bound.port())];
        hosts.extend(
            public
                .as_deref()
                .and_then(|url| url.split_once("://"))
                .map(|(_, host)| host.to_owned()),
        );
        let base = public.unwrap_or_else(|| format!("http://{bound}"));
        let vendor = Arc::new(Vendor::new(settings, base, hosts)?);
        let shared = Arc::clone(&vendor);
        let serve = endpoint::make(move |request| {
            let vendor = Arc::clone(&shared);
            async move { Ok::<_, poem::Error>(door::answer(vendor, request).await) }
        });
        let server = Server::new_with_acceptor(acceptor).idle_timeout(IDLE_TIMEOUT);
        let serving = tokio::spawn(async move {
            // It only ends with its listener, and then there is nobody left to be told.
            drop(server.run(serve).await);
        });
        Ok(Running { vendor, serving })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Running {
    /// Its origin, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.vendor.base
    }

    /// The one address for documents: setup requests, orders, questions for its profile.
    #[must_use]
    pub fn documents_url(&self) -> String {
        format!("{}/cxml", self.vendor.base)
    }

    /// The address by which its open catalogue is called up.
    #[must_use]
    pub fn oci_url(&self) -> String {
        format!("{}/oci", self.vendor.base)
    }

    /// The pages of its staff.
    #[must_use]
    pub fn office_url(&self) -> String {
        format!("{}/office", self.vendor.base)
    }

    /// What it was started with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.vendor.settings
    }

    /// Where the buyer takes documents, from now on.
    pub fn documents_to(&self, address: Url) {
        self.vendor.state().documents = Some(address);
    }

    /// What it does wrong, from now on.
    pub fn misbehave(&self, quirks: impl IntoIterator<Item = Quirk>) {
        self.vendor.state().quirks = quirks.into_iter().collect();
    }

    /// How long it takes before it answers a document, from now on.
    pub fn delay(&self, delay: Duration) {
        self.vendor.state().delay = delay;
    }

    /// With which status it answers orders, from now on: 201 is taken in and to be followed by an update, 300 and above is refused. None is 200.
    pub fn answer_orders(&self, status: Option<u16>) {
        self.vendor.state().order_status = status;
    }

    /// The visits, the oldest first.
    #[must_use]
    pub fn sessions(&self) -> Vec<Session> {
        self.vendor.state().sessions.iter().cloned().collect()
    }

    /// The last visit that was opened.
    #[must_use]
    pub fn last_session(&self) -> Option<Session> {
        self.vendor.state().sessions.back().cloned()
    }

    /// Knows no visit any more, as after a restart.
    pub fn forget_sessions(&self) {
        self.vendor.state().sessions.clear();
    }

    /// Puts products into the cart of a visit, as clicking does.
    pub fn put(&self, session: &str, part: &str, quantity: Decimal) -> Result<(), NotAdded> {
        let product = catalogue::by_part(part).ok_or(NotAdded::Unknown)?;
        let number = self.vendor.next();
        let added = self
            .vendor
            .session(session, |session| session.add(product, quantity, number));
        added.unwrap_or(Err(NotAdded::Unknown))
    }

    /// Wants another quantity of a line, by its place in the cart from nought.
    pub fn change(&self, session: &str, index: usize, quantity: Decimal) -> Result<(), NotAdded> {
        let changed = self
            .vendor
            .session(session, |session| session.change(index, quantity));
        changed.unwrap_or(Err(NotAdded::Unknown))
    }

    /// Takes a line out of a cart, by its place from nought.
    pub fn remove(&self, session: &str, index: usize) -> Result<(), NotAdded> {
        let removed = self
            .vendor
            .session(session, |session| session.remove(index));
        removed.unwrap_or(Err(NotAdded::Unknown))
    }

    /// The form that its page shows for leaving: where it goes and what is in it. None where the visit is not known, or has no way back.
    #[must_use]
    pub fn buyer_form(&self, session: &str, leaving: Leaving) -> Option<CartForm> {
        let session = self.vendor.session(session, |session| session.clone())?;
        form::form(&self.vendor, &session, leaving)
    }

    /// What a browser would post with that form, so that tests do without one.
    #[must_use]
    pub fn cart_form(&self, session: &str, leaving: Leaving) -> Option<Posted> {
        Some(self.buyer_form(session, leaving)?.posted())
    }

    /// The orders that were taken in, the oldest first.
    #[must_use]
    pub fn orders(&self) -> Vec<Order> {
        self.vendor.state().orders.iter().cloned().collect()
    }

    /// An order by the buyer's number.
    #[must_use]
    pub fn order(&self, id: &str) -> Option<Order> {
        self.vendor.order(id, |order| order.clone())
    }

    /// The documents that came in, the oldest first, refused ones too.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.vendor.state().received.iter().cloned().collect()
    }

    /// The documents that were sent, the oldest first.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.vendor.state().sent.iter().cloned().collect()
    }

    /// Says something to an order.
    pub async fn confirm(&self, order: &str, confirmation: Confirmation) -> Result<Sent, NotSent> {
        send::confirm(&self.vendor, order, &confirmation).await
    }

    /// Sends something of an order off.
    pub async fn ship(&self, order: &str, shipment: Shipment) -> Result<Sent, NotSent> {
        send::ship(&self.vendor, order, shipment).await
    }

    /// Sends off what is left of an order, with invented serial numbers.
    pub async fn ship_rest(&self, order: &str) -> Result<Sent, NotSent> {
        let rest = self
            .vendor
            .order(order, |order| order.clone())
            .map(|order| ship::rest(&self.vendor, &order));
        send::ship(&self.vendor, order, rest.ok_or(NotSent::UnknownOrder)?).await
    }

    /// Wants to be paid, or pays back.
    pub async fn invoice(&self, order: &str, invoice: Invoice) -> Result<Sent, NotSent> {
        send::invoice(&self.vendor, order, invoice).await
    }

    /// Wants to be paid for all that was sent off, or pays it back.
    pub async fn invoice_shipped(&self, order: &str, purpose: Purpose) -> Result<Sent, NotSent> {
        let invoice = self
            .vendor
            .order(order, |order| invoice::of_shipped(order, purpose));
        send::invoice(&self.vendor, order, invoice.ok_or(NotSent::UnknownOrder)?).await
    }

    /// Says how far an order has come.
    pub async fn status(&self, order: &str, code: u16, detail: &str) -> Result<Sent, NotSent> {
        send::status(&self.vendor, order, code, detail).await
    }

    /// Sends the very same bytes once more, by the document's name.
    pub async fn send_again(&self, payload_id: &str) -> Result<Sent, NotSent> {
        send::again(&self.vendor, payload_id).await
    }
}
