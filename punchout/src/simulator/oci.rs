//! The other protocol: an open catalogue is called up by a form, and answers with the fields of a form.

use std::collections::BTreeMap;

use secrecy::ExposeSecret as _;
use subtle::ConstantTimeEq as _;
use url::Url;

use super::catalogue::{self, CURRENCY};
use super::decimal::Decimal;
use super::session::{Line, NotAdded, Origin, Session};
use super::settings::Operation;
use super::vendor::Vendor;

/// Lengths of SAP's fields, in characters.
const DESCRIPTION_MAX: usize = 40;
const LONGTEXT_PIECE: usize = 132;
/// How many products a search in the background answers.
const FOUND_MAX: usize = 50;

/// Why a call-up opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotOpened {
    /// Name and password do not belong together.
    #[error("the user name or the password is wrong")]
    Unknown,
    /// There is no way back.
    #[error("HOOK_URL is missing, or no address of the web")]
    NoHook,
    /// A function that is not offered.
    #[error("this function is not offered")]
    Function,
    /// What it asks for is not sold.
    #[error("{0}")]
    NotAdded(#[from] NotAdded),
}

/// Whether the visitor goes shopping, or the catalogue answers by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CalledUp {
    /// The session of a visitor.
    Shopping(String),
    /// The session whose cart is the answer.
    Answering(String),
}

/// Opens a session by the fields of a call-up. Names of fields are compared whatever their case.
pub(super) fn open(vendor: &Vendor, fields: Vec<(String, String)>) -> Result<CalledUp, NotOpened> {
    let fields: BTreeMap<String, String> = fields
        .into_iter()
        .map(|(name, value)| (name.to_uppercase(), value))
        .collect();
    let field = |name: &str| {
        fields
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    };
    admitted(
        vendor,
        field("USERNAME").unwrap_or_default(),
        field("PASSWORD").unwrap_or_default(),
    )?;
    let hook = field("HOOK_URL").and_then(|text| Url::parse(text).ok());
    let hook = hook
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or(NotOpened::NoHook)?;
    let target = field("~TARGET")
        .or_else(|| field("RETURNTARGET"))
        .map(ToOwned::to_owned);
    let mut session = Session {
        id: vendor.token(),
        origin: Origin::Oci { hook, target },
        operation: Operation::Create,
        lines: Vec::new(),
        user: None,
        selected: None,
    };
    let id = session.id.clone();
    let answer = match field("FUNCTION") {
        None => CalledUp::Shopping(id),
        Some("DETAIL") => {
            session.selected = field("PRODUCTID").map(ToOwned::to_owned);
            CalledUp::Shopping(id)
        }
        Some("VALIDATE") => {
            let product = field("PRODUCTID")
                .and_then(catalogue::by_part)
                .ok_or(NotAdded::Unknown)?;
            let quantity = field("QUANTITY")
                .unwrap_or("1")
                .parse()
                .map_err(|_| NotAdded::Quantity)?;
            session.add(product, quantity, vendor.next())?;
            CalledUp::Answering(id)
        }
        Some("BACKGROUND_SEARCH") => {
            for product in
                catalogue::matching(field("SEARCHSTRING").unwrap_or_default()).take(FOUND_MAX)
            {
                session.add(product, Decimal::whole(1), vendor.next())?;
            }
            CalledUp::Answering(id)
        }
        Some(_) => return Err(NotOpened::Function),
    };
    vendor.state().open(session);
    Ok(answer)
}

fn admitted(vendor: &Vendor, user: &str, password: &str) -> Result<(), NotOpened> {
    let (known, secret) = &vendor.settings.oci;
    let proven = password.as_bytes().ct_eq(secret.expose_secret().as_bytes());
    if known == user && bool::from(proven) {
        Ok(())
    } else {
        Err(NotOpened::Unknown)
    }
}

/// The cart as fields.
pub(super) fn fields(session: &Session) -> Vec<(String, String)> {
    let numbered = (1_usize..).zip(&session.lines);
    numbered
        .flat_map(|(number, line)| line_fields(number, line))
        .collect()
}

fn line_fields(number: usize, line: &Line) -> Vec<(String, String)> {
    let product = line.product;
    let short: String = product.name.chars().take(DESCRIPTION_MAX).collect();
    let long: String = product.description.chars().take(LONGTEXT_PIECE).collect();
    let indexed = |field: &str, value: String| (format!("NEW_ITEM-{field}[{number}]"), value);
    let mut fields = vec![
        indexed("DESCRIPTION", short),
        indexed("MATNR", String::new()),
        indexed("QUANTITY", line.quantity.to_string()),
        indexed("UNIT", product.unit.to_owned()),
        indexed("PRICE", Decimal::cents(product.price_cents).money()),
        indexed("CURRENCY", CURRENCY.to_owned()),
        indexed(
            "PRICEUNIT",
            if product.basis == 1 {
                String::new()
            } else {
                product.basis.to_string()
            },
        ),
        indexed("LEADTIME", product.lead_days.to_string()),
        indexed("VENDORMAT", product.part.to_owned()),
        indexed("EXT_PRODUCT_ID", product.part.to_owned()),
        indexed("EXT_CATEGORY_ID", product.unspsc.to_owned()),
        indexed("EXT_SCHEMA_TYPE", "UNSPSC".to_owned()),
        // The index stands inside the name, and the brackets are empty: so it is written down.
        (format!("NEW_ITEM-LONGTEXT_{number}:132[]"), long),
    ];
    if let Some(part) = product.maker_part {
        fields.push(indexed("MANUFACTMAT", part.to_owned()));
    }
    fields
}
