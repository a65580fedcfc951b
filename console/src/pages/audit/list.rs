//! A page of the ledger, newest first.

use std::collections::HashMap;

use askama::Template;
use habeo_core::access::{Access, Action};
use habeo_core::asset::store::{self, AssetDetail};
use habeo_core::id::{AssetId, PersonId};
use habeo_core::ledger::audit::Entry;
use habeo_core::ledger::event::Stream;
use habeo_core::ledger::trail::{self, Found, Trail};
use habeo_core::ledger::words::{Difference, KINDS, Names as _, differences, told};
use habeo_core::page::{Binding, Limit, Position};
use habeo_core::person;
use habeo_core::store::{StoreResult, Tx};
use habeo_core::unit::scope::{self, Scope};
use habeo_core::zone;
use poem::http::StatusCode;
use poem::web::Data;
use poem::{IntoResponse as _, Response, Result, handler};

use super::narrow::{Narrow, kept};
use crate::Console;
use crate::asked::Asked;
use crate::page::{Frame, Page};
use crate::pages::cases::called;
use crate::pages::connections::words::second;
use crate::pages::known::Known;
use crate::pages::{failed, instant, sentence, words};
use crate::visitor::SignedIn;

const PATH: &str = "/audit";
/// How many entries a page has.
const ROWS: u8 = 50;

#[derive(Debug, Template)]
#[template(path = "audit.html")]
struct List {
    frame: Frame,
    fault: Option<String>,
    form: Form,
    timezone: String,
    rows: Vec<Row>,
    /// How far was looked, where that was not to the end.
    walked_to: Option<String>,
    first: Option<String>,
    next: Option<String>,
    narrowed: bool,
    /// What the page is narrowed to, for its files.
    asked: String,
    form_token: String,
}

/// A field: what stands in it, and what is wrong with it.
#[derive(Debug)]
struct Field {
    value: String,
    fault: Option<String>,
}

#[derive(Debug)]
struct Form {
    actor: Field,
    people: Vec<(String, String)>,
    kind: Field,
    kinds: Vec<(&'static str, &'static str)>,
    target: Field,
    from: Field,
    until: Field,
}

/// An entry.
#[derive(Debug)]
pub(super) struct Row {
    pub index: i64,
    /// When it was recorded, in UTC.
    pub at: String,
    /// The same on the organization's clocks.
    pub local: String,
    /// When it happened, where that was claimed to be at another time.
    pub occurred: Option<String>,
    pub actor: String,
    pub role: String,
    pub how: &'static str,
    pub kind: String,
    pub what: String,
    /// What it is about, and where that is shown.
    pub target: (String, Option<String>),
    pub request: Option<String>,
    pub differences: Vec<Difference>,
    pub remark: Option<String>,
}

/// The entries that pass.
#[handler]
pub(crate) async fn list(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    asked: Asked,
) -> Result<Response> {
    let visitor = visitor.auditing(console)?;
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let narrow = Narrow::read(&mut tx, access, &asked, visitor.timezone()).await;
    let narrow = narrow.map_err(failed)?;
    let kept = kept(&asked);
    let binding = format!("console audit {:?}", narrow.filter);
    let binding = Binding {
        access,
        action: Action::ReadLedger,
        filter: &binding,
    };
    let (key, now) = (console.cursor_key(), console.parts().ledger.clock().now());
    let before = asked
        .one("cursor")
        .map(|cursor| key.open(binding, cursor, now));
    let (before, fault) = match before.transpose() {
        Ok(before) => (before.map(|position| position.seq), None),
        Err(refusal) => (None, Some(sentence(&refusal.to_string()))),
    };
    let good = narrow.faults.is_empty() && fault.is_none();
    let trail = if good {
        let limit = Limit::new(ROWS).unwrap_or_default();
        let trail = trail::page(&mut tx, access, &narrow.filter, before, limit).await;
        trail.map_err(failed)?
    } else {
        Trail {
            rows: Vec::new(),
            next: None,
            walked_to: None,
        }
    };
    let rows = rows(console, &mut tx, &visitor, &trail.rows).await?;
    let form = form(&mut tx, access, &asked, &narrow)
        .await
        .map_err(failed)?;
    drop(tx);
    let next = trail.next.map(Position::after);
    let next = next.map(|next| key.seal(binding, &next, now));
    let list = List {
        frame: Frame::of(console, &visitor, "Audit"),
        fault,
        form,
        timezone: visitor.timezone().to_owned(),
        rows,
        walked_to: trail.walked_to.map(|at| instant(Some(at))),
        first: before.is_some().then(|| kept.at(PATH)),
        next: next.map(|cursor| kept.clone().with("cursor", cursor).at(PATH)),
        narrowed: !kept.is_empty(),
        asked: kept.query(),
        form_token: visitor.who().form_token,
    };
    let status = if good {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    Ok(Page::of(&list).status(status).into_response())
}

async fn form(tx: &mut Tx, access: &Access, asked: &Asked, narrow: &Narrow) -> StoreResult<Form> {
    let field = |name: &str| Field {
        value: asked.one(name).unwrap_or_default().to_owned(),
        fault: narrow.fault_of(name),
    };
    let mut actor = field("actor");
    // An id is shown as the name of whose it is; the address keeps the id, and a name that others have too is asked about again.
    if let Some(id) = narrow.actor {
        let seen = scope::resolve(tx, access, Action::ReadPeople).await?;
        let known = person::store::by_id(tx, access, &seen, id).await?;
        actor.value = match known {
            Some(person) => person.email.unwrap_or_else(|| format!("person:{id}")),
            None => format!("person:{id}"),
        };
    }
    let to = |id: &PersonId| {
        let narrowed = kept(asked).without(&["actor"]);
        narrowed.with("actor", format!("person:{id}")).at(PATH)
    };
    let people = narrow.people.iter();
    Ok(Form {
        actor,
        people: people.map(|(id, name)| (to(id), name.clone())).collect(),
        kind: field("type"),
        kinds: KINDS.to_vec(),
        target: field("target"),
        from: field("from"),
        until: field("until"),
    })
}

/// Entries in words. An auditor of the whole organization may know every name in them.
pub(super) async fn rows(
    console: &Console,
    tx: &mut Tx,
    visitor: &SignedIn,
    found: &[Found],
) -> Result<Vec<Row>> {
    let access = visitor.access();
    let engine = &console.parts().bot.common().parts().engine;
    let names = engine.names(access).await.map_err(failed)?;
    let entries = found
        .iter()
        .map(Found::entry)
        .collect::<StoreResult<Vec<_>>>();
    let entries = entries.map_err(failed)?;
    let known = Known::look_up(tx, access, names, Scope::Whole, &entries).await;
    let known = known.map_err(failed)?;
    let about = About::look_up(tx, access, &entries).await.map_err(failed)?;
    let row = |entry: Entry| Row {
        index: entry.index,
        at: second(entry.recorded_at),
        local: zone::on_the_wall(visitor.timezone(), entry.recorded_at),
        occurred: (entry.occurred_at != entry.recorded_at).then(|| second(entry.occurred_at)),
        actor: known.actor(&entry),
        role: words::role(entry.actor.role),
        how: words::came_by(entry.surface),
        what: told(&entry, &known),
        target: about.of(&entry, &known),
        differences: differences(&entry, &known),
        kind: entry.kind,
        request: entry.request_id,
        remark: entry.remark_text,
    };
    Ok(entries.into_iter().map(row).collect())
}

/// The assets and people that entries are about.
struct About {
    assets: HashMap<AssetId, AssetDetail>,
    people: HashMap<PersonId, String>,
}

impl About {
    async fn look_up(tx: &mut Tx, access: &Access, entries: &[Entry]) -> StoreResult<Self> {
        let streams = entries
            .iter()
            .filter_map(|entry| Stream::parse(&entry.stream));
        let (mut assets, mut people) = (Vec::new(), Vec::new());
        for stream in streams {
            match stream {
                Stream::Asset(id) | Stream::Device(id) => assets.push(id),
                Stream::Person(id) => people.push(id),
                _ => {}
            }
        }
        assets.sort_unstable();
        assets.dedup();
        people.sort_unstable();
        people.dedup();
        let scope = scope::resolve(tx, access, Action::ReadAssets).await?;
        let found = if assets.is_empty() {
            Vec::new()
        } else {
            store::by_ids(tx, access, &scope, &assets).await?
        };
        let seen = scope::resolve(tx, access, Action::ReadPeople).await?;
        let names = person::store::names(tx, access, &seen, &people).await?;
        Ok(Self {
            assets: found.into_iter().map(|asset| (asset.id, asset)).collect(),
            people: names.into_iter().collect(),
        })
    }

    /// What an entry is about, and where that is shown.
    fn of(&self, entry: &Entry, known: &Known) -> (String, Option<String>) {
        let unnamed = || (words::plain(&entry.stream), None);
        match Stream::parse(&entry.stream) {
            Some(Stream::Asset(id) | Stream::Device(id)) => {
                let asset = self.assets.get(&id);
                asset.map_or_else(unnamed, |asset| {
                    (called(asset), Some(format!("/assets/{id}")))
                })
            }
            Some(Stream::Person(id)) => {
                let name = self.people.get(&id).cloned();
                name.map_or_else(unnamed, |name| (name, None))
            }
            Some(Stream::DuplicateCase(id)) => {
                ("case".to_owned(), Some(format!("/admin/cases/{id}")))
            }
            Some(Stream::Org(_)) => ("the organization".to_owned(), None),
            Some(stream) => {
                let name = known.name(stream.id());
                let sort = words::plain(stream.kind());
                name.map_or_else(unnamed, |name| (format!("{sort} {name}"), None))
            }
            None => unnamed(),
        }
    }
}
