//! The list of assets, and its file.

use askama::Template;
use habeo_bot::engine::OrgNames;
use habeo_core::access::{Access, Action};
use habeo_core::asset::State;
use habeo_core::asset::search::{self, Quest};
use habeo_core::asset::store::AssetDetail;
use habeo_core::page::{Binding, Limit, Page as Rows, Position};
use habeo_core::person;
use habeo_core::store::{StoreResult, Tx};
use habeo_core::unit::scope::{self, Scope};
use poem::http::StatusCode;
use poem::web::Data;
use poem::{IntoResponse as _, Response, Result, handler};
use serde::Deserialize;

use super::columns::{self, Column};
use super::wanted::{Wanted, kept};
use crate::Console;
use crate::asked::Asked;
use crate::page::{Frame, Page};
use crate::pages::{failed, sentence, words};
use crate::visitor::{SignedIn, Submitted};

const PATH: &str = "/assets";
/// How many assets a page has.
const ROWS: u8 = 50;

#[derive(Debug, Template)]
#[template(path = "assets.html")]
struct List {
    frame: Frame,
    form: Form,
    columns: Vec<Column>,
    rows: Vec<Row>,
    first: Option<String>,
    next: Option<String>,
    fault: Option<String>,
    narrowed: bool,
    /// What the list is, for its file.
    asked: String,
    can_read_people: bool,
    form_token: String,
}

/// What is in the fields.
#[derive(Debug)]
struct Form {
    q: String,
    q_fault: Option<String>,
    states: Vec<Choice>,
    categories: Vec<Choice>,
    units: Vec<Choice>,
    sites: Vec<Choice>,
    person: String,
    person_fault: Option<String>,
    people: Vec<(String, String)>,
    /// Whose assets alone are shown: their id and name.
    holder: Option<(String, String)>,
    /// Narrowed by what has no field of its own: its name, what it is for people, and its value.
    besides: Vec<(&'static str, &'static str, String)>,
    columns: Vec<(Column, bool)>,
}

/// Something that can be chosen.
#[derive(Debug)]
pub(in crate::pages) struct Choice {
    /// How forms call it.
    pub value: String,
    /// How people call it.
    pub label: String,
    /// Whether it is.
    pub chosen: bool,
}

#[derive(Debug)]
pub(super) struct Row {
    pub id: String,
    pub name: String,
    pub cells: Vec<String>,
}

/// A page of the assets that the visitor sees.
#[handler]
pub(crate) async fn list(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    asked: Asked,
) -> Result<Response> {
    let access = visitor.access();
    let engine = &console.parts().bot.common().parts().engine;
    let names = engine.names(access).await.map_err(failed)?;
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let scope = scope::resolve(&mut tx, access, Action::ReadAssets)
        .await
        .map_err(failed)?;
    let mut wanted = Wanted::read(&asked);
    if let Some(typed) = asked.one("person") {
        let found = wanted.find_person(&mut tx, access, typed).await;
        found.map_err(failed)?;
    }
    let kept = kept_with_holder(&asked, &wanted);
    let binding = format!("console assets {:?} {:?}", wanted.filter, wanted.q);
    let binding = Binding {
        access,
        action: Action::ReadAssets,
        filter: &binding,
    };
    let now = console.parts().ledger.clock().now();
    let key = console.cursor_key();
    let after = asked
        .one("cursor")
        .map(|cursor| key.open(binding, cursor, now));
    let (after, fault) = match after.transpose() {
        Ok(after) => (after, None),
        Err(refusal) => (None, Some(sentence(&refusal.to_string()))),
    };
    let good = wanted.faults.is_empty() && fault.is_none();
    let page = if good {
        let page = read(&mut tx, access, &scope, &wanted, after.as_ref()).await;
        page.map_err(failed)?
    } else {
        Rows {
            rows: Vec::new(),
            next: None,
        }
    };
    let holder = holder(&mut tx, access, &wanted, &page.rows).await;
    let holder = holder.map_err(failed)?;
    drop(tx);
    let columns = columns::chosen(&asked);
    let sealed = page.next.as_ref().map(|next| key.seal(binding, next, now));
    let list = List {
        frame: Frame::of(console, &visitor, "Assets"),
        rows: page.rows.iter().map(|asset| row(asset, &columns)).collect(),
        first: after.is_some().then(|| kept.at(PATH)),
        next: sealed.map(|cursor| kept.clone().with("cursor", cursor).at(PATH)),
        fault,
        narrowed: wanted.is_narrowed(),
        asked: kept.query(),
        can_read_people: access.may(Action::ReadPeople),
        form_token: visitor.who().form_token,
        form: form(&asked, &kept, &wanted, holder, &names, &scope, &columns),
        columns,
    };
    let status = if good {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    Ok(Page::of(&list).status(status).into_response())
}

/// The list with the person who was found by name.
fn kept_with_holder(asked: &Asked, wanted: &Wanted) -> Asked {
    let kept = kept(asked).without(&["holder"]);
    match wanted.filter.holder {
        Some(holder) => kept.with("holder", holder.to_string()),
        None => kept,
    }
}

async fn read(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    wanted: &Wanted,
    after: Option<&Position>,
) -> StoreResult<Rows<AssetDetail>> {
    let limit = Limit::new(ROWS).unwrap_or_default();
    let filter = &wanted.filter;
    if let Some(q) = &wanted.q {
        search::search(tx, access, scope, Quest { q, filter, after }, limit).await
    } else {
        let after = after.map_or(-1, |position| position.seq);
        search::page(tx, access, scope, filter, after, limit).await
    }
}

/// The name of whose assets alone are shown: theirs, as far as the visitor sees them, or that of the rows.
async fn holder(
    tx: &mut Tx,
    access: &Access,
    wanted: &Wanted,
    rows: &[AssetDetail],
) -> StoreResult<Option<(String, String)>> {
    let Some(holder) = wanted.filter.holder else {
        return Ok(None);
    };
    let seen = scope::resolve(tx, access, Action::ReadPeople).await?;
    let found = person::store::by_id(tx, access, &seen, holder).await?;
    let name = found.map(|person| person.display_name);
    let name = name.or_else(|| rows.first().and_then(words::holder));
    let name = name.unwrap_or_else(|| "somebody you do not see".to_owned());
    Ok(Some((holder.to_string(), name)))
}

/// An asset in cells; the first is its label, which leads to its page.
pub(super) fn row(asset: &AssetDetail, columns: &[Column]) -> Row {
    Row {
        id: asset.id.to_string(),
        name: asset.tag.clone().unwrap_or_else(|| "no label".to_owned()),
        cells: columns.iter().map(|column| column.of(asset)).collect(),
    }
}

fn form(
    asked: &Asked,
    kept: &Asked,
    wanted: &Wanted,
    holder: Option<(String, String)>,
    names: &OrgNames,
    scope: &Scope,
    columns: &[Column],
) -> Form {
    let given = |name: &str| asked.one(name).unwrap_or_default().to_owned();
    let choices = |name: &str, all: Vec<(String, String)>| {
        let given = given(name);
        let choice = |(value, label): (String, String)| Choice {
            chosen: value == given,
            value,
            label,
        };
        all.into_iter().map(choice).collect::<Vec<_>>()
    };
    let lists = names.lists();
    let states = State::ALL.iter();
    let states = states.map(|one| (one.to_string(), words::state(*one)));
    let categories = lists.categories.iter();
    let categories = categories.map(|one| (one.id.to_string(), one.name.clone()));
    let units = lists.units.iter().filter(|unit| scope.contains(unit.id));
    let units = units.map(|one| (one.id.to_string(), format!("{} ({})", one.name, one.code)));
    let sites = lists.places.iter().filter(|place| place.parent.is_none());
    let sites = sites.map(|one| (one.id.to_string(), one.name.clone()));
    let people = wanted.people.iter().map(|(id, name)| {
        let to = kept.clone().with("holder", id.to_string());
        (to.at(PATH), name.clone())
    });
    let besides = [
        ("tag", "the tag"),
        ("serial", "the serial number"),
        ("model", "one product"),
    ];
    Form {
        q: given("q"),
        q_fault: wanted.fault("q").map(ToOwned::to_owned),
        states: choices("state", states.collect()),
        categories: choices("category", by_name(categories.collect())),
        units: choices("unit", by_name(units.collect())),
        sites: choices("site", by_name(sites.collect())),
        person: if holder.is_some() {
            String::new()
        } else {
            given("person")
        },
        person_fault: wanted.fault("person").map(ToOwned::to_owned),
        people: people.collect(),
        holder,
        besides: besides
            .into_iter()
            .map(|(name, label)| (name, label, given(name)))
            .filter(|(_, _, value)| !value.is_empty())
            .collect(),
        columns: columns::choices(columns),
    }
}

fn by_name(mut all: Vec<(String, String)>) -> Vec<(String, String)> {
    all.sort_by_cached_key(|(_, label)| label.to_lowercase());
    all
}

/// Which list is to leave as a file.
#[derive(Debug, Deserialize)]
pub(crate) struct Exported {
    #[serde(default)]
    asked: String,
}

/// The very list as a file, as the API makes it. It is recorded, so a form asks for it and no address.
#[handler]
pub(crate) async fn export(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Submitted(exported): Submitted<Exported>,
) -> Result<Response> {
    let wanted = Wanted::read(&Asked::read(&exported.asked));
    if !wanted.faults.is_empty() {
        return Err(poem::Error::from_status(StatusCode::BAD_REQUEST));
    }
    let tables = &console.parts().tables;
    tables
        .assets(visitor.access(), wanted.filter, wanted.q)
        .await
}
