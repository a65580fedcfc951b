//! The section of device managements and help desks on the page of all integrations: one card per product.

use habeo_core::connection::{self, Provider, Refused, Status};
use habeo_core::time::Timestamp;
use poem::Result;

use super::words::{self, Mark};
use crate::Console;
use crate::pages::{failed, instant};
use crate::visitor::SignedIn;

/// Among how many of the last remarks a refusal is looked for.
const LOOKED_AT: i64 = 5;

/// One product and what of it is connected.
#[derive(Debug)]
pub(in crate::pages) struct Card {
    pub provider: Provider,
    pub about: &'static str,
    pub connections: Vec<Connected>,
}

/// A connection on a card.
#[derive(Debug)]
pub(in crate::pages) struct Connected {
    pub id: String,
    pub name: String,
    pub state: Mark,
    pub last_letter: String,
    pub last_refusal: Option<(String, String)>,
}

/// Every product with its connections.
pub(in crate::pages) async fn read(console: &Console, visitor: &SignedIn) -> Result<Vec<Card>> {
    let access = visitor.access();
    let parts = console.parts();
    let mut tx = parts.ledger.db().read(access).await.map_err(failed)?;
    let mut living = connection::store::list(&mut tx, access)
        .await
        .map_err(failed)?;
    living.retain(|connection| connection.status != Status::Removed);
    let mut refusals = Vec::with_capacity(living.len());
    for connection in &living {
        let last = connection::store::refused(&mut tx, access, connection.id, LOOKED_AT).await;
        let mut last = last.map_err(failed)?.into_iter();
        refusals.push(last.find(words::is_refusal));
    }
    drop(tx);
    let ids: Vec<_> = living.iter().map(|connection| connection.id).collect();
    let letters = parts.inbox.latest(access, &ids).await.map_err(failed)?;
    let all: Vec<_> = living.iter().zip(letters).zip(refusals).collect();
    let card = |provider: &Provider| Card {
        provider: *provider,
        about: words::about(*provider),
        connections: all
            .iter()
            .filter(|((connection, _), _)| connection.provider == *provider)
            .map(|((connection, letter), refusal)| connected(connection, *letter, refusal.as_ref()))
            .collect(),
    };
    Ok(Provider::ALL.iter().map(card).collect())
}

fn connected(
    connection: &connection::Connection,
    letter: Option<Timestamp>,
    refusal: Option<&Refused>,
) -> Connected {
    Connected {
        id: connection.id.to_string(),
        name: connection.name.clone(),
        state: words::state(connection, letter, refusal.map(|refusal| refusal.at)),
        last_letter: instant(letter),
        last_refusal: refusal.map(|refusal| (instant(Some(refusal.at)), refusal.reason.clone())),
    }
}
