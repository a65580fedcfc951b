//! Announcing: from recorded facts to deliveries, within the unit of work that records them.
//!
//! What the organisation's endpoints want is remembered between units of work and known to be so by a number in the head, which every writer
//! has locked. Where nobody wants to be told, a fact costs one comparison.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::event::EndpointEvent;
use super::handing::{Hand, Leased, Ready};
use super::settings::{PAYLOAD_VERSION, Settings};
use super::store::{self, Listening};
use super::topic::{self, Pattern, Record};
use super::{Form, delivery};
use crate::access::{Principal, Surface};
use crate::app_client;
use crate::emitted::EmittedEvent;
use crate::id::{AppClientId, AppId, DeliveryId, EndpointId, EventId, OrgId, UnitId};
use crate::ledger::event::{Event, Fact, Recorded};
use crate::outbox::lane;
use crate::random::Random;
use crate::store::{Query, StoreError, StoreResult, Tx, Value as Bound};
use crate::time::Timestamp;

/// How long whoever takes a delivery has it, should it not say otherwise.
pub(super) const LEASE_MICROS: i64 = 60 * crate::time::SECOND_MICROS;
/// When a delivery is due that waits for another of its object.
pub(super) const BEHIND_ANOTHER: Timestamp = Timestamp::from_micros(i64::MAX);

/// How many deliveries are written at once: a unit of work may announce far more, and they need not all be in memory together with their bytes.
const PIECE: usize = 2_000;
/// How many lines one statement looks up.
const LINES_MAX: usize = 256;

/// What one endpoint wants to be told of.
#[derive(Debug)]
struct Subscription {
    id: EndpointId,
    app: Option<AppId>,
    /// The client that was installed, where it is an installed app's.
    client: Option<AppClientId>,
    patterns: Vec<Pattern>,
    settings: Settings,
}

/// What the endpoints of an organisation want to be told of.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    version: i64,
    list: Vec<Subscription>,
}

impl Subscriptions {
    fn new(version: i64, rows: Vec<Listening>) -> Self {
        let list = rows.into_iter().map(|row| Subscription {
            id: row.id,
            app: row.app,
            client: row.client,
            patterns: row
                .settings
                .events
                .iter()
                .filter_map(|event| Pattern::parse(event))
                .collect(),
            settings: row.settings,
        });
        Self {
            version,
            list: list.collect(),
        }
    }
}

/// What is remembered of the endpoints of all organisations.
#[derive(Debug, Default)]
pub(crate) struct Remembered(Mutex<HashMap<OrgId, Arc<Subscriptions>>>);

impl Remembered {
    /// What the organisation's endpoints want, at this number of changes.
    pub async fn at(
        &self,
        tx: &mut Tx,
        org: OrgId,
        version: i64,
    ) -> StoreResult<Option<Arc<Subscriptions>>> {
        if version == 0 {
            return Ok(None);
        }
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().get(&org).cloned();
        let known = match known {
            Some(known) if known.version == version => known,
            _ => {
                let rows = store::listening(tx, org).await?;
                let read = Arc::new(Subscriptions::new(version, rows));
                lock().insert(org, Arc::clone(&read));
                read
            }
        };
        Ok((!known.list.is_empty()).then_some(known))
    }
}

/// A fact that somebody may want to be told of.
#[derive(Debug)]
struct Announcement {
    event: EventId,
    kind: &'static str,
    object: Uuid,
    label: Option<String>,
    units: Vec<UnitId>,
    at: Timestamp,
    actor: String,
    surface: Surface,
    /// The type of the fact.
    fact: String,
    payload: Value,
    /// Whether what it says is a program's own words.
    emitted: bool,
    /// Whether it is told whatever units and filters say.
    regardless: bool,
    /// To whom, whether in the generic form, and under which name.
    to: Vec<(usize, bool, String)>,
}

/// What a unit of work announces.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    list: Vec<Announcement>,
    /// What was written and can set out once it is durable.
    pub ready: Vec<Ready>,
    /// Whether anything was written that waits to be claimed.
    pub waiting: bool,
}

/// Whether a fact of this family may be announced: asked first, because it costs nothing.
const fn may_be_announced(event: &Event) -> bool {
    matches!(
        event,
        Event::Asset(_)
            | Event::Ticket(_)
            | Event::Device(_)
            | Event::Seat(_)
            | Event::Catalogue(_)
            | Event::Import(_)
            | Event::Emitted(_)
            | Event::Endpoint(EndpointEvent::Tested {})
    )
}

impl Announced {
    /// Notes a fact, if anybody may want to be told.
    pub fn note(
        &mut self,
        subscriptions: &Subscriptions,
        recorded: &Recorded,
        fact: &Fact,
        (principal, surface): (Principal, Surface),
    ) -> StoreResult<()> {
        if !may_be_announced(&fact.event) {
            return Ok(());
        }
        let inconsistent = |error: serde_json::Error| StoreError::Inconsistent {
            table: "ledger_entry",
            what: error.to_string(),
        };
        let mut whole = serde_json::to_value(&fact.event).map_err(inconsistent)?;
        let kind = whole["type"].as_str().unwrap_or_default().to_owned();
        let said = match &fact.event {
            Event::Emitted(EmittedEvent::Emitted { name, .. }) => {
                Said::of_program(name, AppId::from_uuid(fact.stream.id()))
            }
            Event::Endpoint(_) => Said::test_of(EndpointId::from_uuid(fact.stream.id())),
            _ => match topic::of_fact(&kind) {
                Some(topic) => Said {
                    // A file of a million assets is one event for whoever hears of records.
                    of_file: surface == Surface::Import && topic.record == Some(Record::Created),
                    ..Said::of_fact(topic.name, topic.record)
                },
                None => return Ok(()),
            },
        };
        let to = subscriptions.wanting(&said);
        if to.is_empty() {
            return Ok(());
        }
        let emitted = matches!(fact.event, Event::Emitted(_));
        let payload = if emitted {
            whole["payload"]["data"].take()
        } else {
            whole["payload"].take()
        };
        let actor = match principal {
            Principal::Person(id) => format!("person:{id}"),
            Principal::System => "system".to_owned(),
            Principal::Key(id) => format!("key:{id}"),
            Principal::Install(id) => format!("install:{id}"),
        };
        self.list.push(Announcement {
            event: recorded.event,
            kind: fact.stream.kind(),
            object: fact.stream.id(),
            label: None,
            units: fact.units.clone(),
            at: recorded.occurred_at,
            actor,
            surface,
            fact: kind,
            payload,
            emitted,
            regardless: said.regardless,
            to,
        });
        Ok(())
    }

    /// Whether the last fact that was noted is this one, so that it is worth saying what its object is called.
    pub fn wants_label(&self, event: EventId) -> bool {
        self.list.last().is_some_and(|last| last.event == event)
    }

    /// Says what the object of the last fact is called.
    pub fn label(&mut self, label: String) {
        if let Some(last) = self.list.last_mut() {
            last.label = Some(label);
        }
    }

    /// Writes what was noted: events in the forms that are wanted, and what is due. The log is written when something was tried.
    pub async fn write(
        &mut self,
        tx: &mut Tx,
        (org, now): (OrgId, Timestamp),
        subscriptions: &Subscriptions,
        (hand, random): (Option<&dyn Hand>, &dyn Random),
    ) -> StoreResult<()> {
        let mut list = std::mem::take(&mut self.list);
        if list.is_empty() {
            return Ok(());
        }
        keep_within_units(tx, org, subscriptions, &mut list).await?;
        leave_out_stopped(tx, subscriptions, &mut list).await?;
        list.retain(|announcement| !announcement.to.is_empty());
        if list.is_empty() {
            return Ok(());
        }
        let mut sequences = sequences(tx, org, &list).await?;
        let mut lines = Lines::load(tx, org, subscriptions, &list).await?;
        let mut rows = Rows::default();
        for announcement in list {
            if rows.due.len() >= PIECE {
                std::mem::take(&mut rows).write(tx).await?;
            }
            let sequence = sequences
                .get_mut(&announcement.object)
                .map_or(0, |next| std::mem::replace(next, *next + 1));
            let mut bodies: BTreeMap<Form, Bytes> = BTreeMap::new();
            for (at, generic, name) in &announcement.to {
                let to = &subscriptions.list[*at];
                let form = Form::of(*generic, to.settings.thin);
                let body = if let Some(body) = bodies.get(&form) {
                    body.clone()
                } else {
                    let text = announcement.body(form, name, sequence)?;
                    rows.events.push([
                        org.into(),
                        announcement.event.into(),
                        form.as_str().into(),
                        now.into(),
                        name.as_str().into(),
                        announcement.kind.into(),
                        announcement.object.into(),
                        text.clone().into(),
                    ]);
                    let body = Bytes::from(text);
                    bodies.insert(form, body.clone());
                    body
                };
                let id = DeliveryId::generate(now, random);
                let object = to.settings.ordered.then_some(announcement.object);
                let free = lines.is_free(to.id, object);
                let place = match hand {
                    Some(hand) if free => hand.place(org, to.id, to.settings.limits()),
                    _ => None,
                };
                let run = place.as_ref().and(hand).map(Hand::run);
                let due_at = match (free, run) {
                    (false, _) => BEHIND_ANOTHER,
                    (true, None) => now,
                    (true, Some(_)) => now.plus_micros(LEASE_MICROS),
                };
                rows.due.push([
                    org.into(),
                    id.into(),
                    to.id.into(),
                    announcement.event.into(),
                    form.as_str().into(),
                    object.into(),
                    sequence.into(),
                    due_at.into(),
                    i64::from(run.is_some()).into(),
                    Bound::from(0_i64),
                    run.into(),
                ]);
                self.waiting |= run.is_none();
                if let Some(place) = place {
                    let leased = Leased {
                        org,
                        id,
                        endpoint: to.id,
                        event: announcement.event,
                        form,
                        enqueued_at: now,
                        object,
                        body,
                        attempt: 1,
                        restarted: 0,
                        first_attempt_at: now,
                        version: subscriptions.version,
                    };
                    self.ready.push(Ready { leased, place });
                }
            }
        }
        rows.write(tx).await
    }
}

/// What is said, by its names.
struct Said {
    own: Option<String>,
    record: Option<Record>,
    /// Only to endpoints of this app.
    app: Option<AppId>,
    /// Only to this endpoint, whatever it wants to hear.
    only: Option<EndpointId>,
    /// Whatever anybody wants to hear.
    regardless: bool,
    /// Whether it is one of a file, which is told as a whole. The whole belongs to no unit, so whoever hears of some units only is told of each.
    of_file: bool,
}

impl Said {
    fn of_fact(own: Option<&str>, record: Option<Record>) -> Self {
        Self {
            own: own.map(str::to_owned),
            record,
            app: None,
            only: None,
            regardless: false,
            of_file: false,
        }
    }

    /// A program may use either name; whoever wants the other hears that one.
    fn of_program(name: &str, app: AppId) -> Self {
        let record: Option<Record> = name.parse().ok();
        let known = topic::TOPICS.iter().find(|topic| topic.name == Some(name));
        Self {
            own: record.is_none().then(|| name.to_owned()),
            record: record.or_else(|| known.and_then(|topic| topic.record)),
            app: Some(app),
            only: None,
            regardless: name == topic::TEST,
            of_file: false,
        }
    }

    fn test_of(endpoint: EndpointId) -> Self {
        Self {
            own: Some(topic::TEST.to_owned()),
            record: None,
            app: None,
            only: Some(endpoint),
            regardless: true,
            of_file: false,
        }
    }
}

impl Subscriptions {
    /// Who wants it, and under which name: its own name wins.
    fn wanting(&self, said: &Said) -> Vec<(usize, bool, String)> {
        let mut to = Vec::new();
        for (at, subscription) in self.list.iter().enumerate() {
            if said.only.is_some_and(|only| only != subscription.id)
                || said.app.is_some() && said.app != subscription.app
            {
                continue;
            }
            let wants = |name: &str| subscription.patterns.iter().any(|p| p.wants(name));
            let own = said.own.as_deref();
            let as_a_whole = said.of_file && subscription.settings.units.is_empty();
            let record = said.record.filter(|_| !as_a_whole);
            if let Some(own) = own.filter(|own| said.regardless || wants(own)) {
                to.push((at, false, own.to_owned()));
            } else if let Some(record) = record.filter(|record| wants(record.as_str())) {
                to.push((at, true, record.as_str().to_owned()));
            }
        }
        to
    }
}

#[derive(Serialize)]
struct Wire<'a> {
    id: EventId,
    #[serde(rename = "type")]
    kind: &'a str,
    timestamp: Timestamp,
    sequence: i64,
    version: u32,
    data: &'a Value,
}

impl Announcement {
    /// What is told, under its own name.
    fn data(&self, form: Form) -> Value {
        if self.emitted {
            return self.payload.clone();
        }
        let mut object = json!({"kind": self.kind, "id": self.object});
        if let (Some(label), Form::Full | Form::Record) = (&self.label, form) {
            object["tag"] = json!(label);
        }
        match form {
            Form::Thin => json!({"object": object}),
            Form::RecordThin => json!({"record": object, "change": self.fact}),
            Form::Full => json!({
                "object": object,
                "units": self.units,
                "actor": self.actor,
                "surface": self.surface,
                "details": self.payload,
            }),
            Form::Record => json!({
                "record": object,
                "change": self.fact,
                "units": self.units,
                "actor": self.actor,
                "surface": self.surface,
                "details": self.payload,
            }),
        }
    }

    fn body(&self, form: Form, name: &str, sequence: i64) -> StoreResult<String> {
        let wire = Wire {
            id: self.event,
            kind: name,
            timestamp: self.at,
            sequence,
            version: PAYLOAD_VERSION,
            data: &self.data(form),
        };
        serde_json::to_string(&wire).map_err(|error| StoreError::Inconsistent {
            table: "webhook_event",
            what: error.to_string(),
        })
    }
}

/// Takes out whom a fact is none of the business of: endpoints of other units, and such as filter it out.
async fn keep_within_units(
    tx: &mut Tx,
    org: OrgId,
    subscriptions: &Subscriptions,
    list: &mut [Announcement],
) -> StoreResult<()> {
    let is_limited = |at: usize| !subscriptions.list[at].settings.units.is_empty();
    let units: HashSet<UnitId> = list
        .iter()
        .filter(|announcement| announcement.to.iter().any(|(at, ..)| is_limited(*at)))
        .flat_map(|announcement| announcement.units.iter().copied())
        .collect();
    let mut above: HashSet<(UnitId, UnitId)> = HashSet::new();
    if !units.is_empty() {
        let rows: Vec<(UnitId, UnitId)> = Query::keyed(
            tx,
            "SELECT ancestor_id, descendant_id FROM unit_closure WHERE org_id = ",
            org,
            "descendant_id",
            units,
        )
        .await?;
        above.extend(rows);
    }
    for announcement in list {
        if announcement.regardless {
            continue;
        }
        let mut to = std::mem::take(&mut announcement.to);
        let mut seen = Seen::new(announcement);
        to.retain(|(at, generic, _)| {
            let settings = &subscriptions.list[*at].settings;
            let concerns = |root: &UnitId| {
                let units = &announcement.units;
                units.iter().any(|unit| above.contains(&(*root, *unit)))
            };
            (settings.units.is_empty() || settings.units.iter().any(concerns))
                && settings
                    .filter
                    .as_ref()
                    .is_none_or(|filter| filter.is_met(seen.by(*generic)))
        });
        announcement.to = to;
    }
    Ok(())
}

/// Takes out apps of others that were stopped. That is not the organisation's to remember, so it is asked whenever one of them would be told.
async fn leave_out_stopped(
    tx: &mut Tx,
    subscriptions: &Subscriptions,
    list: &mut [Announcement],
) -> StoreResult<()> {
    let client = |at: usize| subscriptions.list[at].client;
    let told = list.iter().flat_map(|announcement| &announcement.to);
    let clients: HashSet<AppClientId> = told.filter_map(|(at, ..)| client(*at)).collect();
    let clients: Vec<AppClientId> = clients.into_iter().collect();
    let stopped = app_client::store::stopped(tx, &clients).await?;
    if stopped.is_empty() {
        return Ok(());
    }
    for announcement in list {
        let works = |at: usize| client(at).is_none_or(|client| !stopped.contains(&client));
        announcement.to.retain(|(at, ..)| works(*at));
    }
    Ok(())
}

/// What filters look at: all that is told under the name by which an endpoint hears it, also where it hears less. Built once where anybody looks.
struct Seen<'a> {
    announcement: &'a Announcement,
    own: Option<Value>,
    record: Option<Value>,
}

impl<'a> Seen<'a> {
    const fn new(announcement: &'a Announcement) -> Self {
        Self {
            announcement,
            own: None,
            record: None,
        }
    }

    fn by(&mut self, generic: bool) -> &Value {
        let form = Form::of(generic, false);
        let seen = if generic {
            &mut self.record
        } else {
            &mut self.own
        };
        seen.get_or_insert_with(|| self.announcement.data(form))
    }
}

/// The next number of each object: how many events were announced of it, and one more.
async fn sequences(
    tx: &mut Tx,
    org: OrgId,
    list: &[Announcement],
) -> StoreResult<HashMap<Uuid, i64>> {
    let mut times: BTreeMap<Uuid, i64> = BTreeMap::new();
    for announcement in list {
        *times.entry(announcement.object).or_default() += 1;
    }
    let grown = times
        .iter()
        .map(|(object, count)| [Bound::from(org), (*object).into(), (*count).into()])
        .collect();
    Query::insert_rows(
        tx,
        "INSERT INTO webhook_sequence (org_id, object_id, last) VALUES",
        grown,
        " ON CONFLICT (org_id, object_id) DO UPDATE SET last = webhook_sequence.last + excluded.last",
    )
    .await?;
    let counted: Vec<(Uuid, i64)> = Query::keyed(
        tx,
        "SELECT object_id, last FROM webhook_sequence WHERE org_id = ",
        org,
        "object_id",
        times.keys().copied(),
    )
    .await?;
    Ok(counted
        .into_iter()
        .map(|(object, last)| (object, last - times.get(&object).copied().unwrap_or(0) + 1))
        .collect())
}

/// Which objects have something on its way to endpoints that want their events one after another.
#[derive(Debug, Default)]
struct Lines(HashSet<(EndpointId, Uuid)>);

impl Lines {
    async fn load(
        tx: &mut Tx,
        org: OrgId,
        subscriptions: &Subscriptions,
        list: &[Announcement],
    ) -> StoreResult<Self> {
        let ordered = |at: usize| subscriptions.list[at].settings.ordered;
        let mut lines: Vec<(EndpointId, Uuid)> = Vec::new();
        for announcement in list {
            let to = announcement.to.iter().filter(|(at, ..)| ordered(*at));
            lines.extend(to.map(|(at, ..)| (subscriptions.list[*at].id, announcement.object)));
        }
        if lines.is_empty() {
            return Ok(Self::default());
        }
        lines.sort_unstable();
        lines.dedup();
        // Whoever settles lets the next one go; both must not pass each other by.
        lane::hold(tx, org).await?;
        let mut taken = HashSet::new();
        for lines in lines.chunks(LINES_MAX) {
            taken.extend(Self::taken(tx, org, lines).await?);
        }
        Ok(Self(taken))
    }

    /// Those of some lines in which anything is. The first entry of each is looked up, however long it is.
    async fn taken(
        tx: &mut Tx,
        org: OrgId,
        lines: &[(EndpointId, Uuid)],
    ) -> StoreResult<Vec<(EndpointId, Uuid)>> {
        let Some(last) = lines.last() else {
            return Ok(Vec::new());
        };
        // Filled up to one of few lengths, so that the statement has few texts.
        let length = lines.len().next_power_of_two();
        let filled = lines.iter().chain(std::iter::repeat(last)).take(length);
        let mut query = Query::new("WITH line (endpoint_id, object_id) AS (VALUES ");
        for (i, (endpoint, object)) in filled.enumerate() {
            query.push(if i == 0 { "(" } else { ", (" }).bind(*endpoint);
            query.push(", ").bind(*object).push(")");
        }
        query.push(
            ") SELECT endpoint_id, object_id FROM line WHERE (SELECT q.sequence FROM delivery_due q WHERE q.org_id = ",
        );
        query.bind(org).push(
            " AND q.endpoint_id = line.endpoint_id AND q.object_id = line.object_id
                 ORDER BY q.sequence LIMIT 1) IS NOT NULL",
        );
        query.fetch_all(tx).await
    }

    /// Whether nothing of the object is on its way there. From now on something is.
    fn is_free(&mut self, endpoint: EndpointId, object: Option<Uuid>) -> bool {
        object.is_none_or(|object| self.0.insert((endpoint, object)))
    }
}

#[derive(Default)]
struct Rows {
    events: Vec<[Bound; 8]>,
    due: Vec<[Bound; 11]>,
}

impl Rows {
    async fn write(self, tx: &mut Tx) -> StoreResult<()> {
        const EVENT: &str = "INSERT INTO webhook_event (org_id, event_id, form, at, type, object_kind, object_id, body) VALUES";
        Query::insert_rows(tx, EVENT, self.events, "").await?;
        delivery::insert_due(tx, self.due).await
    }
}
