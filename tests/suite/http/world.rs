//! Two organisations of the same shape, with somebody of each role, and what each of them can get to see.

use std::collections::{BTreeMap, BTreeSet};

use habeo_core::access::Role;
use habeo_core::asset::command::{Act, Command};
use habeo_core::asset::{AssignmentKind, IdentifierKind, Target};
use habeo_core::id::{AssetId, UnitId};
use habeo_tests::app::{Answer, TestApp};
use habeo_tests::builders::{College, Member, command};
use habeo_tests::database::TestDb;
use habeo_tests::must;
use serde_json::{Value, json};

use super::operations::{self, Kind, Operation, Parameter};
use crate::core::tickets::Desk;

/// Two organisations on one server.
pub struct World {
    pub app: TestApp,
    pub operations: Vec<Operation>,
    pub ours: Campus,
    pub theirs: Campus,
}

/// An organisation with somebody of each role.
pub struct Campus {
    pub college: College,
    /// Who asks, by the name of their role. The first sees everything.
    pub callers: Vec<(&'static str, Member)>,
    /// Three assets of each of three units, the first of physics held by somebody of history.
    pub assets: Vec<AssetId>,
}

impl World {
    pub async fn over(db: &TestDb) -> Self {
        let app = TestApp::over(db).await;
        let world = Self {
            operations: operations::all(app.document()),
            ours: Campus::found(&app, "westmark").await,
            theirs: Campus::found(&app, "eastmark").await,
            app,
        };
        let (signer, _) = db.signer().await;
        for campus in [&world.ours, &world.theirs] {
            must(signer.sign(campus.college.org).await);
        }
        world
    }
}

impl Campus {
    /// Founds one. Every text in it names the organisation and the unit, so that what leaks can be recognised.
    pub async fn found(app: &TestApp, slug: &str) -> Self {
        let college = College::found_as(&app.db, slug).await;
        let units = college.units;
        let mut callers = Vec::new();
        for (name, roles) in [
            ("org_admin", vec![(Role::OrgAdmin, units.root)]),
            ("unit_admin", vec![(Role::UnitAdmin, units.science)]),
            ("technician", vec![(Role::Technician, units.physics)]),
            ("requester", vec![(Role::Requester, units.physics)]),
            ("nobody", vec![]),
        ] {
            let who = format!("{}{} Example", slug, name.replace('_', ""));
            callers.push((name, college.member(&who, units.physics, &roles).await));
        }
        let mut campus = Self {
            college,
            callers,
            assets: Vec::new(),
        };
        for (unit, name) in [
            (units.physics, "physics"),
            (units.history, "history"),
            (units.music, "music"),
        ] {
            campus.furnish(unit, name).await;
        }
        campus.hand_out().await;
        campus.register_phones(app).await;
        campus
    }

    pub fn caller(&self, name: &str) -> &Member {
        let found = self.callers.iter().find(|(caller, _)| *caller == name);
        &found.expect("a caller of this name").1
    }

    async fn furnish(&mut self, unit: UnitId, name: &str) {
        let college = &self.college;
        let slug = &college.slug;
        for n in 1..=3 {
            let new = college
                .asset(&format!("Spectroscope {slug}{name}{n}"))
                .unit(unit)
                .at(college.places.reading_room)
                .model(college.catalogue.notebook)
                .maker(college.catalogue.lumina)
                .tag(&format!("{slug}-{name}-{n}"))
                .identifier(IdentifierKind::AzureDevice, &format!("IDN{slug}{name}{n}"))
                .serial(&format!("SN{slug}{name}{n}"));
            self.assets.push(new.register().await);
            let desk = Desk::of(college);
            let tag = format!("{slug}-{name}-{n}");
            desk.open(&format!("{slug}{name}{n}"), &tag).await;
            desk.open(&format!("{slug}{name}{n}again"), &tag).await;
        }
        college
            .member(&format!("Holder{slug}{name} Example"), unit, &[])
            .await;
    }

    /// Puts a few assets into hands of other units.
    async fn hand_out(&self) {
        let people = self.college.people;
        let requester = self.caller("requester").person;
        for (asset, person) in [
            (self.assets[0], people.ben),
            (self.assets[1], people.ada),
            (self.assets[3], requester),
            (self.assets[4], people.cleo),
        ] {
            let deploy = Act::Deploy {
                target: Target::Person(person),
                kind: AssignmentKind::Permanent,
                location: None,
            };
            self.college.act(asset, deploy).await;
            let note = Command {
                remark: Some(format!("Remark of {asset}")),
                ..command(asset, Act::Note)
            };
            must(
                self.college
                    .db
                    .ledger
                    .record(&self.college.access, note)
                    .await,
            );
        }
    }

    async fn register_phones(&self, app: &TestApp) {
        for (name, member) in &self.callers {
            let token = format!("ExponentPushToken[{}-{name}]", self.college.slug);
            let body =
                json!({"token": token, "platform": "ios", "deviceName": format!("{name}'s phone")});
            app.post("/api/v1/push/register")
                .by(member)
                .json(&body)
                .send()
                .await
                .ok();
        }
    }
}

/// Everything that somebody has been answered with.
#[derive(Debug, Default)]
pub struct Seen {
    /// By what it names.
    pub names: BTreeMap<Kind, BTreeSet<String>>,
    /// Every text and identifier.
    pub texts: BTreeSet<String>,
}

impl Seen {
    /// What a caller gets to see by walking every list to its end and following what is in it.
    pub async fn by(world: &World, member: &Member) -> Self {
        let mut seen = Self::default();
        let token = world.app.token(member);
        let (lists, details): (Vec<_>, Vec<_>) = world
            .operations
            .iter()
            .filter(|operation| operation.reads())
            .partition(|operation| operation.path.is_empty());
        for operation in lists {
            let target = operation.path_with(|_| String::new());
            seen.walk(world, &token, operation, &target).await;
        }
        for operation in details {
            for value in seen.values(operation.path[0].kind) {
                let target = operation.path_with(|_| value.clone());
                seen.walk(world, &token, operation, &target).await;
            }
        }
        seen
    }

    async fn walk(&mut self, world: &World, token: &str, operation: &Operation, target: &str) {
        let name = operation
            .cursor()
            .map_or("cursor", |parameter| parameter.name.as_str());
        let mut query = operation.needs();
        loop {
            let answer = world
                .app
                .get(&format!("{target}{query}"))
                .bearer(token)
                .send()
                .await;
            // The ledger is for auditors.
            if operation.pattern.contains("/ledger/") && answer.status == 403 {
                return;
            }
            let body = answer.ok();
            self.take(&operation.id, &body["data"]);
            // A feed goes on for ever; an empty page is its end for now.
            let empty = body["data"].as_array().is_some_and(Vec::is_empty);
            match body["meta"]["nextCursor"].as_str() {
                Some(next) if !empty => query = format!("?{name}={next}"),
                _ => return,
            }
        }
    }

    fn take(&mut self, operation: &str, data: &Value) {
        self.texts.extend(texts(data));
        for row in data.as_array().into_iter().flatten() {
            let kind = match operation {
                "listAssets" => Kind::Asset,
                "listPeople" => Kind::Person,
                "listSites" => Kind::Site,
                "listUnits" => Kind::Unit,
                "listTickets" => Kind::Ticket,
                _ => continue,
            };
            self.note(kind, &row["id"]);
            self.note(Kind::Tag, &row["tag"]);
            self.note(Kind::Serial, &row["serial"]);
            self.note(Kind::Category, &row["category"]["id"]);
            self.note(Kind::Model, &row["model"]["id"]);
            for text in ["name", "description", "tag", "serial"] {
                let words = row[text].as_str().unwrap_or_default().split(' ');
                for word in words.filter(|word| word.len() > 3) {
                    self.note(Kind::Text, &Value::from(word));
                }
            }
        }
    }

    fn note(&mut self, kind: Kind, value: &Value) {
        if let Some(text) = value.as_str() {
            self.names.entry(kind).or_default().insert(text.to_owned());
        }
    }

    pub fn values(&self, kind: Kind) -> Vec<String> {
        self.names
            .get(&kind)
            .into_iter()
            .flatten()
            .cloned()
            .collect()
    }
}

/// Every text in an answer.
pub fn texts(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(value, &mut found);
    found
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            found.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => members.values().for_each(|member| collect(member, found)),
        _ => {}
    }
}

/// Calls an operation with one parameter set and the others left out, or, in the path, filled from what the caller knows.
pub async fn call(
    world: &World,
    member: &Member,
    operation: &Operation,
    (parameter, value): (&Parameter, &str),
    known: &Seen,
) -> Answer {
    let path = operation.path_with(|other| {
        if other.name == parameter.name {
            return value.to_owned();
        }
        known
            .values(other.kind)
            .pop()
            .unwrap_or_else(|| uuid::Uuid::nil().to_string())
    });
    let query = if operation
        .path
        .iter()
        .any(|other| other.name == parameter.name)
    {
        String::new()
    } else {
        format!("?{}={}", parameter.name, operations::encode(value))
    };
    let target = format!("{path}{query}");
    let call = world
        .app
        .request(operation.method.clone(), &target)
        .by(member);
    call.send().await
}
