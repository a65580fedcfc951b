//! What was posted, taken apart: by which protocol, of which visit, and what it says.

use habeo_core::supplier::Protocol;
use url::form_urlencoded;

use crate::code::Code;
use crate::cxml::cart::{self, Cart};
use crate::cxml::peek_buyer_cookie;
use crate::desk::hex;
use crate::finding::{Finding, Read};
use crate::form::{self, Opened, Via};
use crate::kept;
use crate::limits::Tolerance;
use crate::oci::{self, Returned};

use super::NAMELESS;

/// The field in which a shop may give the visit's key back that took the address apart.
pub const KEY_FIELD: &str = "key";

/// What was posted, with the cookie of its visit.
#[derive(Debug)]
pub(super) enum Brought {
    /// A document of cXML.
    Cxml(Opened, String),
    /// The fields of an OCI catalogue.
    Oci(Returned, String),
}

/// Takes a body apart as far as the visit can be told.
pub(super) fn open(
    body: &[u8],
    content_type: Option<&str>,
    key: Option<String>,
    tolerance: &Tolerance,
) -> Result<Brought, Vec<Finding>> {
    let limits = &tolerance.limits;
    match (form::open(body, content_type, limits), key) {
        // A catalogue may have the way back of OCI and speak cXML all the same; the document's own cookie counts then.
        (Ok(opened), _) => named(opened, tolerance),
        (Err(trouble), key) if trouble.code == Code::NoDocumentField => {
            let returned =
                oci::open(body, content_type, limits).map_err(|trouble| vec![trouble])?;
            let key = key.or_else(|| returned.field(KEY_FIELD).map(str::to_owned));
            match key
                .map(|key| key.trim().to_owned())
                .filter(|key| !key.is_empty())
            {
                Some(key) => Ok(Brought::Oci(returned, key)),
                None => Err(vec![trouble]),
            }
        }
        // An OCI cart with nothing in it is an empty body or one without fields.
        (Err(trouble), Some(key)) if trouble.code == Code::EmptyDocument => {
            let returned = oci::open(b"~=", None, limits).map_err(|_| vec![trouble])?;
            Ok(Brought::Oci(returned, key))
        }
        (Err(trouble), _) => Err(vec![trouble]),
    }
}

/// A document with its cookie; or why it has none, which reading the whole of it tells.
fn named(opened: Opened, tolerance: &Tolerance) -> Result<Brought, Vec<Finding>> {
    if let Some(cookie) = peek_buyer_cookie(&opened, tolerance) {
        return Ok(Brought::Cxml(opened, cookie));
    }
    let says = "the document has no BuyerCookie, so nobody can tell whose cart it is";
    let nameless = || vec![Finding::nowhere(NAMELESS, says)];
    Err(cart::read(&opened, tolerance)
        .outcome
        .err()
        .unwrap_or_else(nameless))
}

/// Reads the cart.
pub(super) fn read(brought: &Brought, tolerance: &Tolerance) -> Read<Cart> {
    match brought {
        Brought::Cxml(opened, _) => cart::read(opened, tolerance),
        Brought::Oci(returned, key) => oci::read(returned, key, tolerance),
    }
}

impl Brought {
    /// What the visit is found by.
    pub fn cookie(&self) -> &str {
        match self {
            Self::Cxml(_, cookie) | Self::Oci(_, cookie) => cookie,
        }
    }

    /// What is odd about the way by which it came.
    pub fn warnings(&self) -> &[Finding] {
        match self {
            Self::Cxml(opened, _) => &opened.warnings,
            Self::Oci(returned, _) => &returned.warnings,
        }
    }

    /// What it is.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Cxml(..) => CXML,
            Self::Oci(..) => OCI,
        }
    }

    /// By which protocol it came, which need not be that by which the shop was entered.
    pub const fn protocol(&self) -> Protocol {
        match self {
            Self::Cxml(..) => Protocol::Cxml,
            Self::Oci(..) => Protocol::Oci,
        }
    }

    /// How it was decoded, in words.
    pub fn decoded(&self) -> String {
        match self {
            Self::Oci(..) => "the fields of a form".to_owned(),
            Self::Cxml(opened, _) => match opened.via {
                Via::Base64 => "the field cXML-base64",
                Via::Urlencoded => "the field cXML-urlencoded",
                Via::OtherField => "a field of another name",
                Via::Bare => "the body itself",
            }
            .to_owned(),
        }
    }

    /// SHA-256 of what was decoded, by which the same return is known.
    pub fn hash(&self) -> String {
        let hash = match self {
            Self::Cxml(opened, _) => &opened.hash,
            Self::Oci(returned, _) => &returned.hash,
        };
        hex(hash)
    }

    /// What is kept of it.
    pub fn kept(&self) -> Vec<u8> {
        match self {
            Self::Cxml(opened, cookie) => kept::without_secrets(&opened.text, Some(cookie)),
            Self::Oci(returned, key) => {
                let items = returned.fields.iter().filter(|(name, _)| is_item(name));
                let text = form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(items)
                    .finish();
                kept::without_secrets(&text, Some(key))
            }
        }
    }
}

/// What a document of cXML is called in a trace.
pub(super) const CXML: &str = "PunchOutOrderMessage";
/// What a form of OCI is.
pub(super) const OCI: &str = "NEW_ITEM";

/// Whether a field says something of an item; the others may be anything, passwords among them.
fn is_item(name: &str) -> bool {
    name.get(..9)
        .is_some_and(|begin| begin.eq_ignore_ascii_case("NEW_ITEM-"))
}
