//! Verification of the ledger from a page: its end, within a bound, one of an organization at a time.

use askama::Template;
use habeo_core::ledger::checkpoint::Signed;
use habeo_core::ledger::tree::hex;
use habeo_core::ledger::verify::{Recent, recent};
use habeo_core::org;
use habeo_core::store::StoreError;
use poem::http::StatusCode;
use poem::web::Data;
use poem::{IntoResponse as _, Response, Result, handler};

use crate::Console;
use crate::page::{Frame, Notice, Page};
use crate::pages::connections::words::second;
use crate::pages::{Nothing, failed};
use crate::visitor::{SignedIn, Submitted};

/// How many of the last entries are hashed. That takes about a second; the command takes as long as it takes.
const ENTRIES_MAX: u64 = 250_000;

#[derive(Debug, Template)]
#[template(path = "audit_verify.html")]
struct Verified {
    frame: Frame,
    slug: String,
    /// What is wrong; none where everything holds.
    finding: Option<String>,
    facts: Vec<(&'static str, String)>,
    /// The first entry whose bytes were hashed.
    from: u64,
    note: Option<String>,
}

/// Verifies the ledger and says what was found.
#[handler]
pub(crate) async fn verify(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let visitor = visitor.auditing(console)?;
    let access = visitor.access();
    let Some(check) = console.checks().begin(access.org()) else {
        let notice = Notice::framed(
            Frame::of(console, &visitor, "Verification"),
            StatusCode::TOO_MANY_REQUESTS,
            "A verification is under way",
            "One at a time is made of a ledger, and few at once on a server. Try again in a few seconds.",
        );
        return Ok(notice.link("To the audit page", "/audit").into_response());
    };
    let db = console.parts().ledger.db();
    let found = recent(db, access, ENTRIES_MAX).await;
    drop(check);
    let (recent, finding) = match found {
        Ok(Ok(recent)) => (Some(recent), None),
        Ok(Err(finding)) => (None, Some(finding.to_string())),
        // What does not fit together is an answer, too.
        Err(error @ StoreError::Inconsistent { .. }) => (None, Some(error.to_string())),
        Err(error) => return Err(failed(error)),
    };
    if let Some(finding) = &finding {
        tracing::error!(org.id = %access.org(), %finding, "a ledger is not whole");
    }
    let mut tx = db.read(access).await.map_err(failed)?;
    let slug = org::store::own(&mut tx, access).await.map_err(failed)?.slug;
    drop(tx);
    let page = Verified {
        frame: Frame::of(console, &visitor, "Verification"),
        slug,
        finding,
        facts: recent.as_ref().map(facts).unwrap_or_default(),
        from: recent.as_ref().map_or(0, |recent| recent.from),
        note: recent
            .and_then(|recent| recent.signed)
            .map(|signed| signed.note),
    };
    Ok(Page::of(&page).into_response())
}

fn facts(recent: &Recent) -> Vec<(&'static str, String)> {
    let whole = &recent.whole;
    let mut facts = vec![
        ("Entries", whole.size.to_string()),
        ("Root of their tree", hex(&whole.root)),
        ("Stored tiles compared", whole.tiles.to_string()),
        ("Signed checkpoints checked", whole.checkpoints.to_string()),
    ];
    let signed = |signed: &Signed| {
        let (size, at) = (signed.checkpoint.size, second(signed.signed_at));
        format!("of {size} entries, signed {at}")
    };
    let last = recent.signed.as_ref().map(signed);
    let none = || "none was signed yet; one follows within seconds".to_owned();
    facts.push(("Last checkpoint", last.unwrap_or_else(none)));
    facts
}
