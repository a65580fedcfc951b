//! Answers that travelled sealed, opened for whoever they are for, where nobody else sees it.

use serde_json::Value;

use super::{Invoke, action, dialog, text};
use crate::reply::Reply;
use crate::teams::Teams;
use crate::teams::activity::Activity;
use crate::teams::card::{self, CARD_BYTES_MAX, Medium};
use crate::teams::tenant::{Spot, Tenant};

const OVER: &str = "This answer is somebody else's, or too old to be shown again.";

/// Something sealed that is to be opened, and in which way it was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    sealed: &'a str,
    way: Way,
}

/// What the answer will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The card as its reader alone sees it.
    Face,
    /// What takes the card's place for all who read along.
    Place,
    /// A dialog, which is its reader's.
    Dialog,
}

impl<'a> Asked<'a> {
    /// What an invocation asks to be opened, if it does.
    pub fn read(invoke: Invoke, value: &'a Value) -> Option<Self> {
        let (sealed, way) = match invoke {
            Invoke::Action if action::asks_for_sealed(value) => {
                let sealed = text(value, "/action/data/sealed").unwrap_or_default();
                let way = if action::is_automatic(value) {
                    Way::Face
                } else {
                    Way::Place
                };
                (sealed, way)
            }
            Invoke::FetchDialog => (text(value, "/data/sealed")?, Way::Dialog),
            _ => return None,
        };
        Some(Self { sealed, way })
    }
}

impl Way {
    fn told(self, text: &str) -> Value {
        match self {
            Self::Face | Self::Place => action::message(text),
            Self::Dialog => dialog::message(text),
        }
    }

    fn card(self, card: Value) -> Value {
        match self {
            Self::Face => action::card(&card),
            Self::Place => action::message(action::OPENS_ALONE),
            Self::Dialog => dialog::opened(card),
        }
    }

    fn reply(self, reply: &Reply) -> Value {
        match self {
            Self::Face | Self::Place => {
                self.card(card::of_reply(reply, Medium::Chat, CARD_BYTES_MAX))
            }
            Self::Dialog => dialog::shown(reply),
        }
    }
}

impl Teams {
    /// Opens what was sealed for whoever asks, as long as they are still who they were: somebody who was unlinked meanwhile, or has left, is
    /// told what they would be told if they asked anew.
    pub(super) async fn on_sealed(
        &self,
        asked: Asked<'_>,
        tenant: &Tenant,
        spot: &Spot,
        activity: &Activity,
        request_id: &str,
    ) -> Value {
        let way = asked.way;
        let user = spot.user.as_ref().map(|(user, _)| user);
        let opened = user.and_then(|user| {
            let whose = spot.sealed_for(tenant, user);
            self.sealer().open(&whose, asked.sealed)
        });
        // First: nobody gets a ticket by way of what is not theirs.
        let Some(card) = opened else {
            return way.told(OVER);
        };
        let who = self.who(tenant, spot, activity, request_id).await;
        match who.told(self) {
            None => way.card(card),
            Some((reply, _)) => way.reply(&reply),
        }
    }
}
