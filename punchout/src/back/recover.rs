//! Taking a document after all that came too late, for whoever made the visit.

use habeo_core::access::Access;
use habeo_core::explain::{Explain, Kind};
use habeo_core::id::{PunchoutDocumentId, PunchoutId};
use habeo_core::ledger::RecordError;
use habeo_core::punchout::command::{Recover, Taken};
use habeo_core::punchout::{self, Refusal};
use habeo_core::store::StoreError;
use habeo_core::supplier::{self, Protocol};

use crate::carried::carried;
use crate::cxml::cart;
use crate::desk::Punchout;
use crate::finding::Read;
use crate::limits::Tolerance;
use crate::oci;

use super::opened::OCI;

/// Why a late document was not taken after all.
#[derive(Debug, thiserror::Error)]
pub enum NotRecovered {
    /// A rule says no.
    #[error(transparent)]
    Refused(Refusal),
    /// What is kept cannot be read any more: settings of the supplier changed meanwhile.
    #[error("the document cannot be read any more: {0}")]
    Unread(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Explain for NotRecovered {
    fn kind(&self) -> Kind {
        match self {
            Self::Refused(refusal) => refusal.kind(),
            Self::Unread(_) => Kind::Unacceptable,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Unread(_) => "punchout_cart_invalid",
            Self::Store(error) => error.code(),
        }
    }
}

/// Takes a late document after all, in the name of whoever made the visit. Asking again gives the first answer.
pub async fn recover(
    desk: &Punchout,
    access: &Access,
    session: PunchoutId,
    document: PunchoutDocumentId,
) -> Result<Taken, NotRecovered> {
    let unknown = || NotRecovered::Refused(Refusal::NotRecoverable);
    let mut tx = desk.ledger().db().read(access).await?;
    let visit = punchout::store::by_id(&mut tx, access, session).await?;
    let visit = visit.ok_or(NotRecovered::Refused(Refusal::Unknown))?;
    let supplier = supplier::store::known(&mut tx, access, visit.supplier).await?;
    let supplier = supplier.ok_or_else(unknown)?;
    let key = &desk.parts().master_key;
    let at = (session, document);
    let now = desk.now();
    let body = punchout::store::body(&mut tx, access, at, key, now).await?;
    let kept = punchout::store::documents(&mut tx, access, session, now).await?;
    drop(tx);
    // A supplier whose catalogue is called up by OCI may speak cXML all the same: what came says how it is read.
    let kept = kept.into_iter().find(|kept| kept.id == document);
    let protocol = match kept.ok_or_else(unknown)?.kind.as_str() {
        OCI => Protocol::Oci,
        _ => Protocol::Cxml,
    };
    let body = body.ok_or_else(unknown)?;
    let tolerance = desk.tolerance(&supplier.settings);
    let name = session.to_string();
    let read = desk.apart(move |stop| {
        let tolerance = Tolerance { stop, ..tolerance };
        match protocol {
            Protocol::Cxml => cart::read_text(&String::from_utf8_lossy(&body), &tolerance),
            Protocol::Oci => match oci::open(&body, Some(FORM), &tolerance.limits) {
                Ok(returned) => oci::read(&returned, &name, &tolerance),
                Err(trouble) => Read::refused(trouble),
            },
        }
    });
    let Read { outcome, warnings } = read.await.ok_or_else(unknown)?;
    let cart = outcome.map_err(|findings| {
        let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
        NotRecovered::Unread(told.join("; "))
    })?;
    let (cart, _) = carried(cart, &warnings, protocol);
    let command = Recover {
        session,
        document,
        cart,
    };
    desk.ledger()
        .record(access, command)
        .await
        .map_err(|error| match error {
            RecordError::Refused(refusal) => NotRecovered::Refused(refusal),
            RecordError::Store(error) => NotRecovered::Store(error),
        })
}

/// As what the fields of a catalogue are kept.
const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";
