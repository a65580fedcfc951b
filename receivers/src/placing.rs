//! Placing what waited: into the inbox of the organisation that turned out to be meant, a page at a time, however much it is.

use futures_util::future::try_join_all;
use habeo_core::id::OrgId;
use habeo_core::inbox::{About, Inbox, Incoming, Refusal};
use habeo_core::unplaced::{Unplaced, Waiting};

/// Places what waits for something, the earliest first. What is placed is forgotten page by page, so that whoever is interrupted goes on from
/// there.
pub(crate) async fn place_waiting(
    (inbox, unplaced): (&Inbox, &Unplaced),
    (source, waits_for): (&str, &str),
    org: OrgId,
    lane: impl Fn(&Waiting) -> Option<String>,
) -> Result<(), Refusal> {
    let mut after = None;
    loop {
        let page = unplaced.waiting(source, waits_for, after.as_ref()).await?;
        if page.is_empty() {
            return Ok(());
        }
        let lanes: Vec<Option<String>> = page.iter().map(&lane).collect();
        // Handed over in their order, which is the order of their lanes, and made durable together.
        let received = page.iter().zip(&lanes).map(|(waiting, lane)| {
            inbox.receive(Incoming {
                org,
                source,
                key: &waiting.key,
                lane: lane.as_deref(),
                body: &waiting.body,
                about: About::KEPT,
            })
        });
        try_join_all(received).await?;
        let keys: Vec<&str> = page.iter().map(|waiting| waiting.key.as_str()).collect();
        unplaced.placed(source, &keys).await?;
        after = page.into_iter().next_back();
    }
}
