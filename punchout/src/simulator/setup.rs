//! Opening the shop: from a setup request to the address of a start page.

use url::Url;

use super::catalogue;
use super::decimal::Decimal;
use super::element::{Element, Node};
use super::quirk::Quirk;
use super::receive::{Envelope, Good, Refusal};
use super::session::{LINES_MAX, Line, Origin, Session};
use super::settings::Operation;
use super::vendor::Vendor;

/// Opens a session, and answers with its start page.
pub(super) fn open(vendor: &Vendor, envelope: Envelope, setup: &Element) -> Result<Good, Refusal> {
    let operation = operation(vendor, setup.attribute("operation").unwrap_or_default())?;
    let cookie = setup
        .words("BuyerCookie")
        .ok_or_else(|| Refusal::new(400, "BuyerCookie is missing"))?;
    let post_to = post_to(setup)?;
    if post_to.is_none() && operation != Operation::Inspect {
        return Err(Refusal::new(400, "BrowserFormPost/URL is missing"));
    }
    let lines = match operation {
        Operation::Create => Vec::new(),
        Operation::Edit | Operation::Inspect => lines(vendor, setup)?,
    };
    let session = Session {
        id: vendor.token(),
        operation,
        lines,
        user: user(setup),
        selected: setup.words("SelectedItem/ItemID/SupplierPartID"),
        origin: Origin::Cxml {
            cookie,
            post_to,
            buyer: envelope.buyer,
            mode: envelope.mode,
            payload_id: envelope.payload_id,
        },
    };
    let address = format!("{}/shop/{}", vendor.base, session.id);
    vendor.state().open(session);
    let code = if vendor.has(Quirk::Contradiction) {
        400
    } else {
        200
    };
    Ok(Good {
        code,
        payload: Some(start_page(vendor, &address)),
    })
}

fn operation(vendor: &Vendor, word: &str) -> Result<Operation, Refusal> {
    let operation = match word {
        "create" => Operation::Create,
        "edit" => Operation::Edit,
        "inspect" => Operation::Inspect,
        "source" => return Err(Refusal::new(450, "quotes are not offered")),
        other => {
            return Err(Refusal::new(
                400,
                format!("the operation {other:?} is not known"),
            ));
        }
    };
    if !vendor.settings.operations.contains(&operation) {
        return Err(Refusal::new(
            450,
            format!("the operation {word} is not offered"),
        ));
    }
    if operation > vendor.settings.allowed {
        return Err(Refusal::new(
            412,
            format!("the cart said that it does not allow {word}"),
        ));
    }
    Ok(operation)
}

fn post_to(setup: &Element) -> Result<Option<Url>, Refusal> {
    let Some(text) = setup.words("BrowserFormPost/URL") else {
        return Ok(None);
    };
    let address = Url::parse(&text).ok();
    let usable = address.filter(|url| matches!(url.scheme(), "http" | "https"));
    match usable {
        Some(address) => Ok(Some(address)),
        None => Err(Refusal::new(
            400,
            "BrowserFormPost/URL is no address of the web",
        )),
    }
}

/// The lines that the buyer has from an earlier session. Only what was sold here comes back, in a cart that is still known.
fn lines(vendor: &Vendor, setup: &Element) -> Result<Vec<Line>, Refusal> {
    let items: Vec<&Element> = setup.all("ItemOut").collect();
    if items.is_empty() || items.len() > LINES_MAX {
        return Err(Refusal::new(
            400,
            format!("1 to {LINES_MAX} ItemOut are wanted"),
        ));
    }
    items.into_iter().map(|item| line(vendor, item)).collect()
}

fn line(vendor: &Vendor, item: &Element) -> Result<Line, Refusal> {
    let part = item.words("ItemID/SupplierPartID").unwrap_or_default();
    let product = catalogue::by_part(&part)
        .ok_or_else(|| Refusal::new(400, format!("{part:?} is not sold here")))?;
    let quantity: Decimal = item
        .attribute("quantity")
        .unwrap_or_default()
        .parse()
        .map_err(|error| Refusal::new(400, format!("the quantity of {part}: {error}")))?;
    let auxiliary = item
        .at("ItemID/SupplierPartAuxiliaryID")
        .map(Element::content)
        .unwrap_or_default();
    let cart = auxiliary
        .strip_prefix("cart=")
        .and_then(|rest| rest.split('|').next());
    let known = cart.is_some_and(|cart| vendor.session(cart, |_| ()).is_some());
    if !known {
        return Err(Refusal::new(
            412,
            format!("the cart of {part} is not known any more"),
        ));
    }
    Ok(Line {
        product,
        quantity,
        auxiliary,
    })
}

/// The visitor's name, as far as anything says it.
fn user(setup: &Element) -> Option<String> {
    let extrinsics = ["UserFullName", "UniqueName", "User", "UserEmail"];
    let said = extrinsics.iter().find_map(|name| {
        let mut named = setup
            .all("Extrinsic")
            .filter(|extrinsic| extrinsic.attribute("name") == Some(name));
        named
            .next()
            .map(|extrinsic| extrinsic.content().trim().to_owned())
    });
    setup
        .words("Contact/Name")
        .or(said)
        .filter(|name| !name.is_empty())
}

fn start_page(vendor: &Vendor, address: &str) -> Element {
    let mut url = Element::text("URL", address);
    if vendor.has(Quirk::PaddedUrl) {
        url.nodes = vec![Node::Text(format!("\n      {address}\n    "))];
    }
    Element::new("PunchOutSetupResponse").holding(Element::new("StartPage").holding(url))
}
