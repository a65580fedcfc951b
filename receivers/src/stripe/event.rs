//! What Stripe reports, as far as it is of interest, in the forms of all its versions: every member may be missing, and what is unknown is passed
//! over.

use habeo_core::seat::Step;
use habeo_core::seat::decide::{Previous, Report, Seats, Snapshot};
use habeo_core::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// What the events of another product of Stripe call themselves.
const THIN: &str = "v2.core.event";

/// A report.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope {
    /// Its id.
    pub id: String,
    /// What sort of report it is.
    #[serde(default)]
    object: String,
    /// What is reported.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it was made: seconds, or text in the other product's.
    #[serde(default)]
    created: Value,
    /// Whether real money is meant.
    pub livemode: Option<bool>,
    #[serde(default)]
    data: Data,
    /// What the other product's events are about.
    pub related_object: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
struct Data {
    #[serde(default)]
    object: Value,
    #[serde(default)]
    previous_attributes: Value,
}

/// What a report says.
#[derive(Debug)]
pub(super) enum Event {
    /// Somebody has bought.
    Purchase(Purchase),
    /// A subscription, as it was then.
    Subscription(Subscription, Report),
    /// An invoice of a subscription was paid, or not.
    Invoice {
        /// Whose.
        customer: String,
        /// Of which subscription.
        subscription: String,
        /// Whether it was paid.
        paid: bool,
    },
    /// A customer was deleted.
    CustomerDeleted(String),
    /// Something of a customer that changes nothing here.
    OfCustomer(String),
    /// Another product's report.
    Thin,
    /// Nothing of interest.
    Other,
}

/// A report that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unreadable;

impl Envelope {
    pub fn parse(body: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(body)
    }

    /// When it was made, as far as it says.
    pub fn created(&self, received_at: Timestamp) -> Timestamp {
        match &self.created {
            Value::Number(seconds) => seconds
                .as_i64()
                .map_or(received_at, Timestamp::from_seconds),
            Value::String(text) => text.parse().unwrap_or(received_at),
            _ => received_at,
        }
    }

    pub fn event(&self, prices: &[String], received_at: Timestamp) -> Result<Event, Unreadable> {
        if self.object == THIN {
            return Ok(Event::Thin);
        }
        let object = &self.data.object;
        let kind = self.kind.as_str();
        Ok(match kind {
            "checkout.session.completed" | "checkout.session.async_payment_succeeded" => {
                Event::Purchase(read(object)?)
            }
            "customer.created" | "customer.updated" => Event::OfCustomer(id(object)?),
            "customer.deleted" => Event::CustomerDeleted(id(object)?),
            "invoice.paid" => invoice(object, true)?,
            "invoice.payment_failed" | "invoice.overdue" => invoice(object, false)?,
            "entitlements.active_entitlement_summary.updated" => {
                Event::OfCustomer(reference(&object["customer"]).ok_or(Unreadable)?)
            }
            _ => match kind.strip_prefix("customer.subscription.") {
                Some(step) => self.subscription(step, prices, received_at)?,
                None if kind.starts_with("invoice.") => match reference(&object["customer"]) {
                    Some(customer) => Event::OfCustomer(customer),
                    None => Event::Other,
                },
                None => Event::Other,
            },
        })
    }

    fn subscription(
        &self,
        step: &str,
        prices: &[String],
        received_at: Timestamp,
    ) -> Result<Event, Unreadable> {
        let subscription: Subscription = read(&self.data.object)?;
        let step = match step {
            "created" => Step::Created,
            "deleted" => Step::Deleted,
            // Paused, resumed, about to end its trial, with an update that was pending: each shows the whole as it is.
            _ => Step::Updated,
        };
        let report = Report {
            event_id: self.id.clone(),
            at: self.created(received_at),
            step,
            snapshot: subscription.snapshot(prices),
            previous: previous(&self.data.previous_attributes, prices),
        };
        Ok(Event::Subscription(subscription, report))
    }
}

fn read<T: for<'de> Deserialize<'de>>(object: &Value) -> Result<T, Unreadable> {
    T::deserialize(object).map_err(|_| Unreadable)
}

fn id(object: &Value) -> Result<String, Unreadable> {
    reference(object).ok_or(Unreadable)
}

/// An object, or its id in its place.
fn reference(value: &Value) -> Option<String> {
    let id = value.as_str().or_else(|| value["id"].as_str())?;
    habeo_core::seat::is_key(id).then(|| id.to_owned())
}

fn invoice(object: &Value, paid: bool) -> Result<Event, Unreadable> {
    let customer = reference(&object["customer"]).ok_or(Unreadable)?;
    // Since the version `basil` an invoice names what it is for in `parent`.
    let parent = &object["parent"]["subscription_details"]["subscription"];
    let subscription = reference(parent).or_else(|| reference(&object["subscription"]));
    Ok(match subscription {
        Some(subscription) => Event::Invoice {
            customer,
            subscription,
            paid,
        },
        None => Event::OfCustomer(customer),
    })
}

/// A purchase.
#[derive(Debug, Deserialize)]
pub(super) struct Purchase {
    #[serde(default)]
    customer: Value,
    #[serde(default)]
    subscription: Value,
    client_reference_id: Option<String>,
    #[serde(default)]
    metadata: Value,
    mode: Option<String>,
    payment_status: Option<String>,
}

impl Purchase {
    /// Whether a subscription was bought, and is paid for or needs no payment. Anything else that is bought says nothing of seats.
    pub fn is_of_seats(&self) -> bool {
        self.mode
            .as_deref()
            .is_none_or(|mode| mode == "subscription")
            && self.subscription().is_some()
            && self.payment_status.as_deref() != Some("unpaid")
    }

    /// Who pays.
    pub fn customer(&self) -> Option<String> {
        reference(&self.customer)
    }

    /// What was begun by it.
    pub fn subscription(&self) -> Option<String> {
        reference(&self.subscription)
    }

    /// For which organisation, as whoever offered it for sale has written on it; nothing where two notes differ. An address is never asked.
    pub fn organization(&self) -> Option<&str> {
        let noted = self.metadata["habeo_org_id"].as_str();
        match (self.client_reference_id.as_deref(), noted) {
            (Some(one), Some(other)) if one != other => None,
            (one, other) => one.or(other),
        }
    }
}

/// A subscription.
#[derive(Debug, Deserialize)]
pub(super) struct Subscription {
    pub id: String,
    #[serde(default)]
    customer: Value,
    #[serde(default)]
    status: String,
    #[serde(default)]
    items: Items,
    current_period_end: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
struct Items {
    #[serde(default)]
    data: Vec<Item>,
    #[serde(default)]
    has_more: bool,
}

#[derive(Debug, Deserialize)]
struct Item {
    quantity: Option<i64>,
    current_period_end: Option<i64>,
    price: Option<Price>,
    plan: Option<Price>,
}

#[derive(Debug, Deserialize)]
struct Price {
    id: Option<String>,
    lookup_key: Option<String>,
    usage_type: Option<String>,
    recurring: Option<Recurring>,
}

#[derive(Debug, Deserialize)]
struct Recurring {
    usage_type: Option<String>,
}

impl Item {
    /// Older versions call the price a plan.
    fn price(&self) -> Option<&Price> {
        self.price.as_ref().or(self.plan.as_ref())
    }

    fn is_seat(&self, prices: &[String]) -> bool {
        self.price().is_some_and(|price| {
            [&price.id, &price.lookup_key]
                .into_iter()
                .flatten()
                .any(|name| prices.contains(name))
        })
    }

    fn is_metered(&self) -> bool {
        self.price().is_some_and(|price| {
            let recurring = price.recurring.as_ref();
            let usage = recurring.and_then(|recurring| recurring.usage_type.as_deref());
            usage.or(price.usage_type.as_deref()) == Some("metered")
        })
    }
}

impl Items {
    /// How many seats these are. A metered item has no quantity, and is none; where all of ours are metered, there is no number of seats.
    fn seats(&self, prices: &[String]) -> Option<i64> {
        let mut ours = self.data.iter().filter(|item| item.is_seat(prices));
        if self.is_metered(prices) && ours.all(Item::is_metered) {
            return None;
        }
        let seats = self.data.iter().filter(|item| item.is_seat(prices));
        let quantities = seats.filter_map(|item| item.quantity);
        Some(quantities.fold(0, |sum, quantity| sum.saturating_add(quantity.max(0))))
    }

    /// Whether seats are metered by one of our prices. What else somebody has subscribed to may have meters of its own.
    fn is_metered(&self, prices: &[String]) -> bool {
        let mut ours = self.data.iter().filter(|item| item.is_seat(prices));
        ours.any(Item::is_metered)
    }

    fn period_end(&self, prices: &[String]) -> Option<i64> {
        let seats = self.data.iter().filter(|item| item.is_seat(prices));
        seats.filter_map(|item| item.current_period_end).max()
    }
}

impl Subscription {
    /// Who pays for it.
    pub fn customer(&self) -> Option<String> {
        reference(&self.customer)
    }

    fn snapshot(&self, prices: &[String]) -> Snapshot {
        let items = &self.items;
        // Since the version `basil` each item has a period of its own.
        let period_end = items.period_end(prices).or(self.current_period_end);
        Snapshot {
            status: self.status.clone(),
            seats: match items.seats(prices) {
                _ if items.has_more => Seats::Truncated,
                Some(seats) => Seats::Known(seats),
                None => Seats::Metered,
            },
            period_end: period_end.map(Timestamp::from_seconds),
            metered: items.is_metered(prices),
        }
    }
}

/// What was otherwise before. Of a list that changed, the whole old list is there.
fn previous(attributes: &Value, prices: &[String]) -> Previous {
    let items: Option<Items> = attributes
        .get("items")
        .and_then(|items| Items::deserialize(items).ok());
    let items = items.filter(|items| !items.has_more && !items.data.is_empty());
    let ended = attributes["current_period_end"].as_i64();
    let period_end = items.as_ref().and_then(|items| items.period_end(prices));
    Previous {
        status: attributes["status"].as_str().map(ToOwned::to_owned),
        quantity: items.and_then(|items| items.seats(prices)),
        period_end: period_end.or(ended).map(Timestamp::from_seconds),
    }
}

#[cfg(test)]
mod tests;
