//! From a question to an answer: what is asked is read, looked up within the asker's rights, and put into words.
//!
//! The engine knows no chat: a surface says who asks and in which conversation, and shows the [`Reply`] that comes back. Nothing here writes
//! to an asset; a change becomes a proposal that the asker confirms. Every question leaves one entry in the ledger, of its sort and of how
//! much was answered, and never of what it said.

mod about;
mod asker;
mod buying;
mod days;
mod filled;
mod find;
mod form;
mod grounding;
mod hello;
mod lexicon;
mod list;
mod lookup;
mod memory;
mod narrow;
mod past;
mod people;
mod record;
mod tally;
pub(crate) mod tickets;
mod translator;
mod turn;
mod words;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use habeo_core::access::Access;
use habeo_core::conversation;
use habeo_core::id::AssetId;
use habeo_core::ledger::Ledger;
use habeo_core::secret::MasterKey;
use habeo_core::store::StoreResult;
use url::Url;

pub use asker::{Asker, CONVERSATION_CHARS_MAX, Place};
pub use translator::{ChatCompletions, Translated, Translator};

use crate::intent::{self, AssetRef, Doubt, Intent, Phrase, Reading, Sureness};
use crate::reply::{Choice, ChoiceOf, FieldError, Form, FormKind, Home, Prompt, Reply, Row};
use lexicon::Lexicons;
pub use lexicon::OrgNames;
pub use memory::File;
pub(crate) use memory::Press;
use memory::{Bound, Meaning};
use record::kind;
use turn::{Answer, Outcome, Stop, Turn};

/// What an engine is told once.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address under which colleagues reach the console.
    pub public_url: Url,
}

/// Answers questions. Cloning it gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Engine(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    ledger: Ledger,
    master_key: Arc<MasterKey>,
    settings: Settings,
    lexicons: Lexicons,
    translator: Option<Arc<dyn Translator>>,
}

impl Engine {
    /// An engine over a ledger, whose conversations are sealed with this key.
    #[must_use]
    pub fn new(ledger: Ledger, master_key: Arc<MasterKey>, settings: Settings) -> Self {
        Self(Arc::new(Inner {
            ledger,
            master_key,
            settings,
            lexicons: Lexicons::default(),
            translator: None,
        }))
    }

    /// The same engine, with somebody to ask where the grammar does not understand. It begins with no names read.
    #[must_use]
    pub fn translated_by(&self, translator: Arc<dyn Translator>) -> Self {
        Self(Arc::new(Inner {
            ledger: self.0.ledger.clone(),
            master_key: Arc::clone(&self.0.master_key),
            settings: self.0.settings.clone(),
            lexicons: Lexicons::default(),
            translator: Some(translator),
        }))
    }

    /// Answers a question.
    pub async fn ask(&self, asker: &Asker, text: &str) -> Reply {
        let turn = match Turn::open(self, asker).await {
            Ok(turn) => turn,
            Err(error) => return sorry(&Stop::Store(error)),
        };
        let lexicon = Arc::clone(&turn.lexicon);
        let scope = turn.scope.clone();
        let sees = move |unit| scope.contains(unit);
        let view = lexicon.vocabulary.seen_by(&sees);
        let reading = intent::read(text, &view, &turn.context(), turn.today);
        let translator = match &self.0.translator {
            Some(translator) if is_lost(&reading) => translator,
            _ => return self.answer(turn, reading).await,
        };
        let today = turn.today;
        // No transaction waits for a network.
        drop(turn);
        let translated = translator.translate(asker.access.org(), text, today).await;
        let turn = match Turn::open(self, asker).await {
            Ok(turn) => turn,
            Err(error) => return sorry(&Stop::Store(error)),
        };
        match translated {
            Some(intent) => {
                let lexicon = Arc::clone(&turn.lexicon);
                let scope = turn.scope.clone();
                let sees = move |unit| scope.contains(unit);
                let view = lexicon.vocabulary.seen_by(&sees);
                let intent = grounding::grounded(intent, &view, today);
                // A model's word is never sure: the answer always says what the question was taken for.
                let understood = Some(intent.in_words());
                self.carry_out_saying(turn, Meaning::of(intent), understood)
                    .await
            }
            None => self.answer(turn, reading).await,
        }
    }

    /// Does what a button of an earlier answer carried.
    pub async fn press(&self, asker: &Asker, press: &str) -> Reply {
        let turn = match Turn::open(self, asker).await {
            Ok(turn) => turn,
            Err(error) => return sorry(&Stop::Store(error)),
        };
        match Press::read(press) {
            Some(Press::Confirm(id)) => {
                drop(turn);
                self.settled(asker, "confirm", self.confirm(asker, id).await)
                    .await
            }
            Some(Press::Cancel(id)) => {
                drop(turn);
                self.settled(asker, "cancel", self.cancel(asker, id).await)
                    .await
            }
            Some(Press::Acknowledge(id)) => {
                drop(turn);
                let assets = vec![id];
                let proposal = habeo_core::confirm::Proposal::Acknowledge { assets };
                let proposed = self.propose(asker, proposal, None).await;
                self.settled(asker, "write", proposed).await
            }
            Some(Press::Approve(requisition, digest)) => {
                drop(turn);
                let proposal = habeo_core::confirm::Proposal::ApproveRequisition {
                    requisition,
                    digest,
                };
                let proposed = self.propose(asker, proposal, None).await;
                self.settled(asker, "write", proposed).await
            }
            Some(Press::Requisition(id)) => {
                drop(turn);
                let shown = self.requisition(asker, id).await;
                self.settled(asker, "requisition", shown).await
            }
            Some(Press::Asset(id)) => self.show(turn, id).await,
            Some(Press::Help) => self.carry_out(turn, Meaning::of(Intent::Help)).await,
            Some(Press::Meaning(token, number)) => self.meant(turn, &token, number).await,
            None => Reply::sentence(STALE),
        }
    }

    /// What somebody sees before they have asked anything.
    pub async fn home(&self, asker: &Asker) -> StoreResult<Home> {
        Turn::open(self, asker).await?.home().await
    }

    /// Assets for words that somebody is typing.
    pub async fn rows(
        &self,
        asker: &Asker,
        words: &str,
        skip: usize,
        limit: usize,
    ) -> StoreResult<Vec<Row>> {
        let mut turn = Turn::open(self, asker).await?;
        turn.looked_up(words, skip, limit).await
    }

    /// What a field of a form can be filled with, for words that somebody is typing.
    pub async fn choices(
        &self,
        asker: &Asker,
        of: ChoiceOf,
        words: &str,
    ) -> StoreResult<Vec<Choice>> {
        Turn::open(self, asker).await?.choices(of, words).await
    }

    /// A form with some of its fields filled in.
    pub async fn form(
        &self,
        asker: &Asker,
        form: FormKind,
        given: BTreeMap<String, String>,
    ) -> StoreResult<Form> {
        let today = Turn::open(self, asker).await?.today;
        Ok(form::form(form, &given, today))
    }

    /// Reads a filled form; what can be done ends in a confirmation. Whatever stands in the way is said beside a field, so that nothing that
    /// was entered is lost.
    pub async fn submit(
        &self,
        asker: &Asker,
        form: FormKind,
        values: BTreeMap<String, String>,
    ) -> Result<Reply, Vec<FieldError>> {
        let beside = |message: String| {
            let field = form::first_field(form);
            vec![FieldError { field, message }]
        };
        let filled = match Turn::open(self, asker).await {
            Ok(mut turn) => turn.filled(form, &values).await,
            Err(error) => Err(error),
        };
        let (proposal, remark) = match filled {
            Ok(filled) => filled?,
            Err(error) => return Err(beside(sorry(&Stop::Store(error)).text)),
        };
        match self.propose(asker, proposal, remark).await {
            Err(Stop::Say(answer)) => Err(beside(Reply::new(answer.parts, Vec::new()).text)),
            Err(stop @ Stop::Store(_)) => Err(beside(sorry(&stop).text)),
            outcome => Ok(self.settled(asker, "form", outcome).await),
        }
    }

    /// What a link to an asset may show to everybody who reads along: tag and model, if the asker sees it and the installation shares in
    /// channels.
    pub async fn unfurl(&self, asker: &Asker, url: &str) -> StoreResult<Option<Row>> {
        let ours = self.0.settings.public_url.origin();
        match Url::parse(url) {
            Ok(url) if url.origin() == ours => Turn::open(self, asker).await?.unfurled(&url).await,
            _ => Ok(None),
        }
    }

    /// The answer to somebody whose chat account belongs to no person yet.
    #[must_use]
    pub fn unlinked(&self, link_url: &str) -> Reply {
        hello::unlinked(link_url)
    }

    /// What somebody could ask.
    pub async fn suggestions(&self, asker: &Asker) -> StoreResult<Vec<Prompt>> {
        Turn::open(self, asker).await?.suggestions().await
    }

    /// The list that an answer offered to this person as a file; none where it offered none, or not to them, or longer than a day ago.
    pub async fn file(
        &self,
        access: &Access,
        token: &str,
        number: usize,
    ) -> StoreResult<Option<File>> {
        let now = self.ledger().clock().now();
        let mut tx = self.ledger().db().read(access).await?;
        let offered = conversation::store::offered(&mut tx, access, token, now, self.key()).await?;
        let meanings: Vec<Meaning> = offered
            .and_then(|offered| serde_json::from_slice(&offered).ok())
            .unwrap_or_default();
        let meaning = meanings.into_iter().nth(number);
        Ok(meaning.and_then(|meaning| meaning.file))
    }

    /// What the caller's organization calls its units, places and things, at most half a minute old.
    pub async fn names(&self, access: &Access) -> StoreResult<OrgNames> {
        let (db, now) = (self.ledger().db(), self.ledger().clock().now());
        let lexicon = self.lexicons().get(db, access, now).await?;
        Ok(OrgNames::of(lexicon))
    }

    fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    fn key(&self) -> &MasterKey {
        &self.0.master_key
    }

    fn lexicons(&self) -> &Lexicons {
        &self.0.lexicons
    }

    fn asset_url(&self, asset: AssetId) -> String {
        let base = self.0.settings.public_url.as_str().trim_end_matches('/');
        format!("{base}/assets/{asset}")
    }

    fn public_url(&self, path: &str) -> String {
        let base = self.0.settings.public_url.as_str().trim_end_matches('/');
        format!("{base}{path}")
    }

    /// Answers what a question was read as.
    async fn answer(&self, mut turn: Turn<'_>, reading: Reading) -> Reply {
        turn.bound = turn.memory.bound.clone();
        if let Intent::Unclear(doubt) = reading.intent {
            let answer = turn.unclear(doubt, &reading);
            return self.finish(turn, "unclear", Ok(answer)).await;
        }
        let likely = reading.sureness == Sureness::Likely;
        let understood = likely.then(|| reading.intent.in_words());
        let meaning = Meaning {
            intent: reading.intent,
            bound: turn.bound.clone(),
            place: None,
            file: None,
        };
        self.carry_out_saying(turn, meaning, understood).await
    }

    async fn carry_out(&self, turn: Turn<'_>, meaning: Meaning) -> Reply {
        self.carry_out_saying(turn, meaning, None).await
    }

    /// Carries an intent out, and says what it was taken for where that was not quite sure.
    async fn carry_out_saying(
        &self,
        mut turn: Turn<'_>,
        meaning: Meaning,
        understood: Option<String>,
    ) -> Reply {
        turn.bound = meaning.bound;
        let (mut intent, mut place) = (meaning.intent, meaning.place);
        if intent == Intent::More {
            let (last, next) = (turn.memory.context.last.clone(), turn.memory.next.clone());
            let (Some(last), Some(next)) = (last, next) else {
                let said = "There is no more: the last list was shown to its end.";
                return self
                    .finish(turn, "more", Ok(Answer::unanswered(said)))
                    .await;
            };
            (intent, place) = (last, Some(next));
        }
        let kind = kind(&intent);
        let asker = turn.asker;
        let outcome = match turn.outcome(&intent, place.as_ref()).await {
            Ok(Outcome::Said(answer)) => Ok(*answer),
            Ok(Outcome::Proposed(proposal, remark)) => {
                // The proposal is recorded: the transaction that read must not wait for it.
                drop(turn);
                let proposed = self.propose(asker, *proposal, remark).await;
                return self.settled(asker, kind, proposed).await;
            }
            Err(stop) => Err(stop),
        };
        let outcome = outcome.map(|mut answer| {
            if let Some(understood) = understood {
                let note = format!("I took this to mean: {understood}.");
                answer.parts.push(crate::reply::Part::Note(note));
            }
            answer
        });
        self.finish(turn, kind, outcome).await
    }

    /// What a button stands for that was offered in an answer.
    async fn meant(&self, mut turn: Turn<'_>, token: &str, number: usize) -> Reply {
        let offered = habeo_core::conversation::store::offered(
            &mut turn.tx,
            &turn.asker.access,
            token,
            turn.now,
            self.key(),
        )
        .await;
        let offered = match offered {
            Ok(offered) => offered,
            Err(error) => return sorry(&Stop::Store(error)),
        };
        let meanings: Vec<Meaning> = offered
            .and_then(|offered| serde_json::from_slice(&offered).ok())
            .unwrap_or_default();
        match meanings.into_iter().nth(number) {
            Some(meaning) => self.carry_out(turn, meaning).await,
            None => Reply::sentence(STALE),
        }
    }

    async fn show(&self, mut turn: Turn<'_>, id: AssetId) -> Reply {
        // As a code that nobody has where the asset is out of sight: both answers are one.
        let Ok(code) = Phrase::parse("this asset") else {
            return Reply::sentence(STALE);
        };
        let which = AssetRef::Code(code);
        let mut bound = Bound::default();
        bound.assets.insert(which.to_string(), vec![id]);
        turn.bound = bound.clone();
        let meaning = Meaning {
            intent: Intent::About {
                asset: which,
                aspect: intent::Aspect::Whole,
            },
            bound,
            place: None,
            file: None,
        };
        self.carry_out(turn, meaning).await
    }
}

impl Turn<'_> {
    /// What comes of an intent.
    async fn outcome(
        &mut self,
        intent: &Intent,
        place: Option<&memory::Place>,
    ) -> Result<Outcome, Stop> {
        match intent {
            Intent::Find { filter, sort } => self.list((filter, *sort), intent, place).await,
            Intent::Count {
                filter,
                by,
                extreme,
            } => self.tally(filter, (*by, *extreme), intent).await,
            Intent::About { asset, aspect } => self.about(asset, *aspect, intent).await,
            Intent::History { asset, past } => self.past(asset, *past, intent).await,
            Intent::Tickets { of, progress } => self.tickets((of, *progress), intent, place).await,
            Intent::Export { filter, .. } => self.export(filter, intent).await,
            Intent::Write(change) => self.change(change, intent).await,
            other => Ok(Outcome::Said(Box::new(self.talk(other)))),
        }
    }
}

/// Whether the grammar makes nothing of a question, and offers nothing either.
fn is_lost(reading: &Reading) -> bool {
    let lost = matches!(
        reading.intent,
        Intent::Unclear(Doubt::NotUnderstood | Doubt::PartlyUnderstood)
    );
    lost && reading.alternatives.is_empty()
}

/// What is said where the store failed.
pub const CANNOT_LOOK: &str =
    "I cannot look into the record right now. Please ask again in a moment.";

/// What is said of a button that stands for nothing any more, whosever it was.
const STALE: &str = "This button is not good any more. Please ask again.";

/// Whether a button makes a change, so that not to hear of it is not to know whether it was made.
#[must_use]
pub fn confirms(press: &str) -> bool {
    matches!(Press::read(press), Some(Press::Confirm(_)))
}

fn sorry(stop: &Stop) -> Reply {
    if let Stop::Store(error) = stop {
        tracing::error!(error = %error, "a question could not be answered");
    }
    Reply::sentence(CANNOT_LOOK)
}
