//! Asking a shop for a session: `PunchOutSetupRequest`.

use crate::cxml::address::{Address, Contact};
use crate::cxml::item::ItemId;

use super::item::{ItemOut, NotKept, item_id};
use super::{Outgoing, address, contact, extrinsics, request};

/// What is wanted of the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A new cart.
    Create,
    /// To change one that came back.
    Edit,
    /// To look at one that came back.
    Inspect,
}

impl Operation {
    /// Its spelling in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Edit => "edit",
            Self::Inspect => "inspect",
        }
    }
}

/// What a shop is asked.
#[derive(Debug, Clone)]
pub struct Setup {
    /// What is wanted.
    pub operation: Operation,
    /// What comes back with the cart; a new one for every session.
    pub buyer_cookie: String,
    /// What the supplier wants to know of the user, by its own names.
    pub extrinsics: Vec<(String, String)>,
    /// Where the browser posts the cart.
    pub return_url: String,
    /// The user.
    pub contact: Option<Contact>,
    /// The address that the request is sent to.
    pub supplier_url: Option<String>,
    /// Where the goods will go.
    pub ship_to: Option<Address>,
    /// One item that the shop should open with.
    pub selected: Option<ItemId>,
    /// The cart, to change it or to look at it.
    pub items: Vec<ItemOut>,
}

/// Writes the request. There is a secret in it.
pub fn setup(outgoing: &Outgoing, setup: &Setup) -> Result<String, NotKept> {
    let items: Vec<_> = setup
        .items
        .iter()
        .map(ItemOut::prepared)
        .collect::<Result<_, _>>()?;
    Ok(request(outgoing, |pen| {
        let operation = setup.operation.as_str();
        pen.begin("PunchOutSetupRequest", &[("operation", Some(operation))]);
        pen.leaf("BuyerCookie", &[], &setup.buyer_cookie);
        extrinsics(pen, &setup.extrinsics);
        pen.begin("BrowserFormPost", &[]);
        pen.leaf("URL", &[], &setup.return_url);
        pen.end("BrowserFormPost");
        if let Some(user) = &setup.contact {
            contact(pen, user);
        }
        if let Some(url) = &setup.supplier_url {
            pen.begin("SupplierSetup", &[]);
            pen.leaf("URL", &[], url);
            pen.end("SupplierSetup");
        }
        if let Some(ship_to) = &setup.ship_to {
            address(pen, "ShipTo", ship_to);
        }
        if let Some(selected) = &setup.selected {
            pen.begin("SelectedItem", &[]);
            item_id(pen, selected);
            pen.end("SelectedItem");
        }
        for (item, prepared) in setup.items.iter().zip(items) {
            // What belongs to an order only is left out.
            pen.begin("ItemOut", &[("quantity", Some(item.quantity.as_str()))]);
            prepared.write(pen);
            pen.end("ItemOut");
        }
        pen.end("PunchOutSetupRequest");
    }))
}
