//! "Test connection": asks a supplier what it takes, and tells in words what is wrong with its address, its certificate, or our credential.

use habeo_core::access::Access;
use habeo_core::explain::{Explain, Kind};
use habeo_core::id::SupplierId;
use habeo_core::store::StoreError;
use habeo_core::supplier::{self, Protocol};

use crate::cxml::response::{Meaning, Payload, Response};
use crate::cxml::write::profile_request;
use crate::desk::Punchout;
use crate::exchange::{Letter, exchange};
use crate::fault::Fault;
use crate::outgoing::outgoing;

/// What a test found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probed {
    /// The address that was asked.
    pub url: String,
    /// What came of it.
    pub finding: Finding,
}

/// What a test found out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// All is well: the supplier says what it takes.
    #[error("address, TLS and credential are good; the supplier takes {}", takes(.0))]
    Good(Vec<String>),
    /// All that can be known is well: the supplier speaks cXML, and answers this question with a code that many have for it.
    #[error(
        "the address speaks cXML, and does not answer this question (status {code}: {text}); whether the credential is good shows when somebody goes to the shop"
    )]
    Unsupported {
        /// The code.
        code: u16,
        /// What the supplier says.
        text: String,
    },
    /// The credential is wrong.
    #[error(
        "the address speaks cXML and does not accept our credential (status {code}: {text}); check our identity and the secret"
    )]
    Credential {
        /// The code.
        code: u16,
        /// What the supplier says.
        text: String,
    },
    /// The supplier is out of order.
    #[error("the address speaks cXML and is out of order (status {code}: {text}); try again later")]
    OutOfOrder {
        /// The code.
        code: u16,
        /// What the supplier says.
        text: String,
    },
    /// There is no answer in cXML.
    #[error("{0}")]
    Fault(Fault),
}

impl Finding {
    /// Its stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Good(_) => "good",
            Self::Unsupported { .. } => "speaks_cxml",
            Self::Credential { .. } => "supplier_unauthorized",
            Self::OutOfOrder { .. } => "supplier_unavailable",
            Self::Fault(fault) => fault.code(),
        }
    }

    /// Whether nothing is known to be wrong.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        matches!(self, Self::Good(_) | Self::Unsupported { .. })
    }
}

fn takes(requests: &[String]) -> String {
    if requests.is_empty() {
        return "nothing that it names".to_owned();
    }
    requests.join(", ")
}

/// Why nothing was asked.
#[derive(Debug, thiserror::Error)]
pub enum NotProbed {
    /// No such supplier, or not for the caller.
    #[error(transparent)]
    Refused(#[from] supplier::Refusal),
    /// A catalogue that is called up by the browser answers no questions.
    #[error("a catalogue by OCI answers no questions between servers; go there once to try it")]
    Oci,
    /// Nothing proves us.
    #[error("enter the secret that the supplier gave us first")]
    NoSecret,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Explain for NotProbed {
    fn kind(&self) -> Kind {
        match self {
            Self::Refused(refusal) => refusal.kind(),
            Self::Oci | Self::NoSecret => Kind::Conflict,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Oci => "supplier_not_testable",
            Self::NoSecret => "supplier_no_secret",
            Self::Store(error) => error.code(),
        }
    }
}

/// Asks a supplier what it takes, for whoever manages suppliers. Nothing is kept, and no visit begins.
pub async fn probe(desk: &Punchout, access: &Access, id: SupplierId) -> Result<Probed, NotProbed> {
    let key = &desk.parts().master_key;
    let mut tx = desk.ledger().db().read(access).await?;
    let found = supplier::store::by_id(&mut tx, access, id).await?;
    let supplier = found.ok_or(supplier::Refusal::Unknown)?;
    if supplier.protocol == Protocol::Oci {
        return Err(NotProbed::Oci);
    }
    let secret = supplier::store::ours(&mut tx, access, id, key).await?;
    drop(tx);
    let secret = secret.ok_or(NotProbed::NoSecret)?;
    let settings = &supplier.settings;
    let url = settings.profile_url.as_ref().unwrap_or(&settings.setup_url);
    let envelope = outgoing(settings, secret.clone(), desk.payload_id(), desk.now());
    let letter = Letter {
        org: access.org(),
        url,
        text: profile_request(&envelope),
        secret: &secret,
    };
    let exchanged = exchange(desk, letter, desk.tolerance(settings)).await;
    Ok(Probed {
        url: url.clone(),
        finding: judged(exchanged.outcome),
    })
}

/// What an answer says of the connection.
fn judged(outcome: Result<Response, Fault>) -> Finding {
    let response = match outcome {
        Ok(response) => response,
        Err(fault) => return Finding::Fault(fault),
    };
    let (code, meaning) = (response.status.code, response.status.meaning());
    let text = response.status.detail.unwrap_or(response.status.text);
    match (meaning, response.payload) {
        (Meaning::Done | Meaning::Queued | Meaning::Forwarded, Payload::Profile(profile)) => {
            let requests = profile.transactions.into_iter();
            Finding::Good(requests.map(|one| one.request).collect())
        }
        (Meaning::Unauthorized, _) => Finding::Credential { code, text },
        (Meaning::Later, _) => Finding::OutOfOrder { code, text },
        _ => Finding::Unsupported { code, text },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cxml::response::read;
    use crate::limits::Tolerance;

    fn judge(status: u16, payload: &str) -> &'static str {
        let body = format!(
            r#"<cXML payloadID="1@a" timestamp="2026-01-01T00:00:00+00:00"><Response><Status code="{status}" text="x"/>{payload}</Response></cXML>"#
        );
        let read = read(body.as_bytes(), &Tolerance::default());
        judged(read.outcome.map_err(Fault::Unreadable)).code()
    }

    #[test]
    fn what_is_wrong_is_told_apart() {
        const PROFILE: &str = r#"<ProfileResponse effectiveDate="2026-01-01T00:00:00+00:00"><Transaction requestName="OrderRequest"><URL>https://a.example.com/</URL></Transaction></ProfileResponse>"#;
        for (status, payload, expected) in [
            (200, PROFILE, "good"),
            (200, "", "speaks_cxml"),
            (450, "", "speaks_cxml"),
            (400, "", "speaks_cxml"),
            (401, "", "supplier_unauthorized"),
            (403, "", "supplier_unauthorized"),
            (500, "", "supplier_unavailable"),
            (401, PROFILE, "contradictory_response"),
        ] {
            assert_eq!(judge(status, payload), expected, "{status}");
        }
    }
}
