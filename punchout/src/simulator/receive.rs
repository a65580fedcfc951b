//! The supplier's one address for documents: who asks, whether it is allowed to, and what the answer is.

use secrecy::ExposeSecret as _;
use subtle::ConstantTimeEq as _;

use super::element::{self, Document, Element};
use super::envelope::{self, Module};
use super::settings::Identity;
use super::vendor::{Received, Vendor};
use super::{order, profile, setup, strict};

/// What every request says of itself.
#[derive(Debug)]
pub(super) struct Envelope {
    /// The business that asks.
    pub buyer: Identity,
    /// `production` or `test`.
    pub mode: String,
    /// The document's name.
    pub payload_id: String,
}

/// A request that was taken in.
#[derive(Debug)]
pub(super) struct Good {
    /// 200, or another of its hundred.
    pub code: u16,
    /// What goes with it.
    pub payload: Option<Element>,
}

impl Good {
    pub fn with(payload: Element) -> Self {
        Self {
            code: 200,
            payload: Some(payload),
        }
    }
}

/// Why a request was not taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub code: u16,
    pub detail: String,
}

impl Refusal {
    pub fn new(code: u16, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }
}

/// The words that go with a status.
#[must_use]
pub fn status_text(code: u16) -> &'static str {
    match code {
        200 => "OK",
        201 => "Accepted",
        204 => "No Content",
        400 => "Bad Request",
        401 => "Unauthorized",
        406 => "Not Acceptable",
        409 => "Conflict",
        412 => "Precondition Failed",
        417 => "Expectation Failed",
        450 => "Not Implemented",
        499 => "Document Size Error",
        202..=299 => "Success",
        402..=498 => "Client Error",
        _ => "Internal Server Error",
    }
}

/// Answers a document with a document.
pub(super) fn answer(vendor: &Vendor, content_type: Option<&str>, body: &[u8]) -> String {
    let mut kind = String::new();
    let outcome = element::read(body)
        .map_err(|malformed| Refusal::new(406, malformed.to_string()))
        .and_then(|document| judge(vendor, &document, content_type, body, &mut kind));
    let (code, detail, payload) = match outcome {
        Ok(good) => (good.code, String::new(), good.payload),
        Err(refusal) => (refusal.code, refusal.detail, None),
    };
    vendor.state().keep_received(Received {
        kind,
        body: String::from_utf8_lossy(body).into_owned(),
        status: code,
    });
    let response = envelope::response(vendor, code, status_text(code), &detail, payload);
    envelope::written(vendor, response, Module::Base)
}

/// Answers a document that nobody reads to its end.
pub(super) fn too_large(vendor: &Vendor) -> String {
    let response = envelope::response(vendor, 499, status_text(499), "", None);
    envelope::written(vendor, response, Module::Base)
}

fn judge(
    vendor: &Vendor,
    document: &Document,
    content_type: Option<&str>,
    body: &[u8],
    kind: &mut String,
) -> Result<Good, Refusal> {
    let root = &document.root;
    let request = root.at("Request").filter(|_| root.name == "cXML");
    let asked = request.and_then(|request| request.children().next());
    let (Some(request), Some(asked)) = (request, asked) else {
        return Err(Refusal::new(406, "only cXML requests are taken here"));
    };
    kind.clone_from(&asked.name);
    if vendor.settings.strict
        && let Some(fault) = strict::fault(document, content_type)
    {
        return Err(Refusal::new(406, fault));
    }
    let envelope = admitted(vendor, root, request)?;
    match asked.name.as_str() {
        "PunchOutSetupRequest" => setup::open(vendor, envelope, asked),
        "OrderRequest" => order::take(vendor, envelope, body, asked),
        "ProfileRequest" => Ok(Good::with(profile::profile(vendor))),
        other => Err(Refusal::new(450, format!("{other} is not taken here"))),
    }
}

/// Who asks: the sender's credential has to be known, the addressee has to be us.
fn admitted(vendor: &Vendor, root: &Element, request: &Element) -> Result<Envelope, Refusal> {
    let known = root.at("Header/Sender").is_some_and(|sender| {
        sender
            .all("Credential")
            .any(|credential| is_buyer(vendor, credential))
    });
    if !known {
        return Err(Refusal::new(
            401,
            "the sender's credential is not known here",
        ));
    }
    let meant = root.at("Header/To").is_some_and(|to| {
        to.all("Credential")
            .filter_map(identity)
            .any(|name| name.is(&vendor.settings.supplier))
    });
    if !meant {
        return Err(Refusal::new(
            400,
            "the document is addressed to somebody else",
        ));
    }
    let from = root.at("Header/From/Credential").and_then(identity);
    Ok(Envelope {
        buyer: from.ok_or_else(|| Refusal::new(400, "Header/From/Credential is missing"))?,
        mode: request
            .attribute("deploymentMode")
            .unwrap_or("production")
            .to_owned(),
        payload_id: root.attribute("payloadID").unwrap_or_default().to_owned(),
    })
}

fn is_buyer(vendor: &Vendor, credential: &Element) -> bool {
    let proof = credential.words("SharedSecret").unwrap_or_default();
    let secret = vendor.settings.secret_from_buyer.expose_secret();
    let proven = bool::from(proof.as_bytes().ct_eq(secret.as_bytes()));
    proven && identity(credential).is_some_and(|name| name.is(&vendor.settings.buyer))
}

fn identity(credential: &Element) -> Option<Identity> {
    let name = credential.words("Identity")?;
    Some(Identity::new(credential.attribute("domain")?, &name))
}
