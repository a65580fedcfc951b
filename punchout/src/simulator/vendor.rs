//! What every part of the simulator shares: the settings, and all that has happened so far, within bounds.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use url::Url;

use super::order::{Answered, Order};
use super::quirk::Quirk;
use super::send::Sent;
use super::session::Session;
use super::settings::Settings;

/// Sessions that are remembered; the oldest are forgotten.
const SESSIONS_MAX: usize = 500;
/// Orders that are remembered.
const ORDERS_MAX: usize = 200;
/// Documents that were received or sent and are remembered.
const DOCUMENTS_MAX: usize = 100;
/// Answers to orders that are remembered.
const ANSWERS_MAX: usize = 1_000;
/// How long the buyer may take to answer a document.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// The supplier.
#[derive(Debug)]
pub(super) struct Vendor {
    pub settings: Settings,
    /// Its origin, without a slash at the end.
    pub base: String,
    /// The authorities under which its own pages are asked for.
    pub hosts: Vec<String>,
    pub client: reqwest::Client,
    state: Mutex<State>,
    serial: AtomicU64,
}

/// What has happened so far.
#[derive(Debug, Default)]
pub(super) struct State {
    pub quirks: BTreeSet<Quirk>,
    pub delay: Duration,
    pub documents: Option<Url>,
    pub sessions: VecDeque<Session>,
    pub orders: VecDeque<Order>,
    pub answers: VecDeque<Answered>,
    pub received: VecDeque<Received>,
    pub sent: VecDeque<Sent>,
    /// What orders are answered instead of 200.
    pub order_status: Option<u16>,
}

/// A document that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// What it asks for, `OrderRequest` for example; empty where it was not understood.
    pub kind: String,
    /// Its text.
    pub body: String,
    /// With which status it was answered.
    pub status: u16,
}

impl Vendor {
    pub fn new(
        settings: Settings,
        base: String,
        hosts: Vec<String>,
    ) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .timeout(ANSWER_TIMEOUT)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let state = State {
            quirks: settings.quirks.clone(),
            delay: settings.delay,
            documents: settings.documents.clone(),
            ..State::default()
        };
        Ok(Self {
            settings,
            base,
            hosts,
            client,
            state: Mutex::new(state),
            serial: AtomicU64::new(0),
        })
    }

    /// Everything that has happened. Never held across an await.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn has(&self, quirk: Quirk) -> bool {
        self.state().quirks.contains(&quirk)
    }

    /// The next number of anything: of lines, shipments, serial numbers.
    pub fn next(&self) -> u64 {
        self.serial.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A name that nobody guesses: 32 hexadecimal digits.
    pub fn token(&self) -> String {
        let mut bytes = [0; 16];
        self.settings.random.fill(&mut bytes);
        bytes.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a string takes everything");
            text
        })
    }

    /// A name for a document, of the form that the guide recommends.
    pub fn payload_id(&self) -> String {
        let now = self.settings.clock.now();
        let token = self.token();
        format!(
            "{}.{}.{}@larkmoor.example",
            now.seconds(),
            self.next(),
            &token[..12]
        )
    }

    pub fn session<T>(&self, id: &str, look: impl FnOnce(&mut Session) -> T) -> Option<T> {
        self.state().session(id).map(look)
    }

    pub fn order<T>(&self, id: &str, look: impl FnOnce(&mut Order) -> T) -> Option<T> {
        self.state().order(id).map(look)
    }
}

impl State {
    pub fn session(&mut self, id: &str) -> Option<&mut Session> {
        self.sessions.iter_mut().find(|session| session.id == id)
    }

    pub fn order(&mut self, id: &str) -> Option<&mut Order> {
        self.orders.iter_mut().find(|order| order.id == id)
    }

    pub fn open(&mut self, session: Session) {
        kept(&mut self.sessions, session, SESSIONS_MAX);
    }

    pub fn keep_order(&mut self, order: Order) {
        kept(&mut self.orders, order, ORDERS_MAX);
    }

    pub fn keep_answer(&mut self, answer: Answered) {
        kept(&mut self.answers, answer, ANSWERS_MAX);
    }

    pub fn keep_received(&mut self, document: Received) {
        kept(&mut self.received, document, DOCUMENTS_MAX);
    }

    pub fn keep_sent(&mut self, document: Sent) {
        kept(&mut self.sent, document, DOCUMENTS_MAX);
    }
}

/// Adds to the end, and forgets the beginning.
fn kept<T>(all: &mut VecDeque<T>, one: T, most: usize) {
    if all.len() >= most {
        all.pop_front();
    }
    all.push_back(one);
}

/// What goes by order line, summed.
pub(super) type ByLine<T> = BTreeMap<u32, T>;
