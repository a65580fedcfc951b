//! One question being answered: who asks, what they see, and what the answer will be.

use std::sync::Arc;

use habeo_core::access::Action;
use habeo_core::asset::store::AssetDetail;
use habeo_core::confirm::Proposal;
use habeo_core::conversation::{self, command::token};
use habeo_core::id::AssetId;
use habeo_core::install;
use habeo_core::store::{StoreError, StoreResult, Tx};
use habeo_core::time::{Day, Timestamp};
use habeo_core::unit::scope::{self, Scope};

use super::lexicon::Lexicon;
use super::memory::{Bound, File, Meaning, Memory, Place as ListPlace, Press};
use super::words::{self, Discretion};
use super::{Asker, Engine, Place};
use crate::intent::{Context, Intent};
use crate::reply::{Button, Part, Row};

/// One question being answered.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    pub engine: &'a Engine,
    pub asker: &'a Asker,
    pub tx: Tx,
    /// What the asker sees of assets.
    pub scope: Scope,
    pub lexicon: Arc<Lexicon>,
    pub now: Timestamp,
    pub today: Day,
    pub memory: Memory,
    /// What names were chosen to mean.
    pub bound: Bound,
    /// What may be told to whoever reads along.
    pub discretion: Discretion,
    pub offer: Offer,
}

/// What the buttons of the answer will stand for.
#[derive(Debug)]
pub(super) struct Offer {
    pub token: String,
    pub meanings: Vec<Meaning>,
}

/// What comes of a question.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Words.
    Said(Box<Answer>),
    /// A change to be proposed, and the answer's kind.
    Proposed(Box<Proposal>, Option<String>),
}

/// An answer, and what is to be remembered of it.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub parts: Vec<Part>,
    pub buttons: Vec<Button>,
    /// How many rows of the record it shows; none where nothing could be answered.
    pub rows: Option<u32>,
    /// What the conversation is about now; as before when none.
    pub about: Option<About>,
    /// Whether it says nothing that must not be read by others.
    pub open: bool,
}

/// What an answer was about.
#[derive(Debug)]
pub(super) struct About {
    pub intent: Intent,
    pub assets: Vec<AssetId>,
    pub next: Option<ListPlace>,
}

/// Why a question is not carried out further.
#[derive(Debug)]
pub(super) enum Stop {
    /// There is something to say instead.
    Say(Box<Answer>),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Answer> for Stop {
    fn from(answer: Answer) -> Self {
        Self::Say(Box::new(answer))
    }
}

impl Answer {
    /// One sentence about nothing in the record.
    pub fn unanswered(text: impl Into<String>) -> Self {
        Self {
            parts: vec![Part::text(text)],
            ..Self::default()
        }
    }

    /// Parts that show so many rows of the record.
    pub fn of(parts: Vec<Part>, rows: usize) -> Self {
        Self {
            parts,
            rows: Some(u32::try_from(rows).unwrap_or(u32::MAX)),
            ..Self::default()
        }
    }

    pub fn with(mut self, button: Button) -> Self {
        self.buttons.push(button);
        self
    }

    /// What the next question can refer to.
    pub fn about(mut self, intent: Intent, assets: Vec<AssetId>, next: Option<ListPlace>) -> Self {
        self.about = Some(About {
            intent,
            assets,
            next,
        });
        self
    }

    /// An answer that others may read.
    pub fn open(mut self) -> Self {
        self.open = true;
        self
    }
}

impl<'a> Turn<'a> {
    /// Opens a turn: names, scope and memory of whoever asks.
    pub async fn open(engine: &'a Engine, asker: &'a Asker) -> StoreResult<Self> {
        let ledger = engine.ledger();
        let now = ledger.clock().now();
        let access = &asker.access;
        let lexicon = engine.lexicons().get(ledger.db(), access, now).await?;
        let mut tx = ledger.db().read(access).await?;
        let scope = scope::resolve(&mut tx, access, Action::ReadAssets).await?;
        let kept =
            conversation::store::state(&mut tx, access, &asker.conversation, now, engine.key())
                .await?;
        // What another version kept is no reason not to answer.
        let memory: Memory = kept
            .and_then(|kept| serde_json::from_slice(&kept).ok())
            .unwrap_or_default();
        let discretion = discretion(&mut tx, asker).await?;
        let today = lexicon.calendar.day(now);
        Ok(Self {
            engine,
            asker,
            tx,
            scope,
            lexicon,
            now,
            today,
            memory,
            bound: Bound::default(),
            discretion,
            offer: Offer {
                token: token(ledger.random()),
                meanings: Vec::new(),
            },
        })
    }

    /// A button that stands for a meaning.
    pub fn offer(&mut self, label: impl Into<String>, meaning: Meaning) -> Button {
        let press = Press::Meaning(self.offer.token.clone(), self.offer.meanings.len());
        self.offer.meanings.push(meaning);
        Button::press(label, press.spelled())
    }

    /// A button that opens a list as a file.
    pub fn offer_file(&mut self, label: &str, intent: &Intent, file: File) -> Button {
        let (token, number) = (&self.offer.token, self.offer.meanings.len());
        let url = self
            .engine
            .public_url(&format!("/exports/{token}/{number}"));
        self.offer.meanings.push(Meaning {
            file: Some(file),
            ..Meaning::of(intent.clone())
        });
        Button::open(label, url)
    }

    /// What a question that follows is read against.
    pub fn context(&self) -> Context {
        self.memory.context.clone()
    }

    /// An asset as a line of a list.
    pub fn row(&self, asset: &AssetDetail) -> Row {
        let (calendar, today) = (&self.lexicon.calendar, self.today);
        let show = Press::Asset(asset.id).spelled();
        Row {
            title: words::title(asset),
            detail: words::detail(asset, calendar, today, self.discretion),
            url: Some(self.engine.asset_url(asset.id)),
            buttons: vec![Button::press("Show", show)],
        }
    }

    /// A button by which the asker says that they have an asset: what it would change is shown first.
    pub fn acknowledge(asset: AssetId) -> Button {
        Button::press("Acknowledge", Press::Acknowledge(asset).spelled())
    }

    /// A day in words.
    pub fn day(&self, at: Timestamp) -> String {
        self.lexicon.calendar.in_words(at, self.today)
    }

    /// Nobody but the asker reads the answer to this.
    pub fn keep_private(&mut self) {
        self.discretion = Discretion::Full;
    }
}

/// What may be told to those who read along: all of it where nobody does.
async fn discretion(tx: &mut Tx, asker: &Asker) -> StoreResult<Discretion> {
    let is_read = asker.place == Place::Shared && shares(tx, asker).await?;
    Ok(if is_read {
        Discretion::Discreet
    } else {
        Discretion::Full
    })
}

/// Whether the installation lets anything be read by others than whoever asked.
pub(super) async fn shares(tx: &mut Tx, asker: &Asker) -> StoreResult<bool> {
    let install = install::store::by_id(tx, &asker.access, asker.user.install).await?;
    Ok(install.is_some_and(|install| install.settings.share_in_channels))
}
