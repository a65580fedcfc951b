//! Nothing of another organisation or of another unit: over every operation, parameter and caller.

use std::collections::BTreeSet;

use habeo_core::text::Tag;
use habeo_tests::app::Answer;
use habeo_tests::both_engines;
use habeo_tests::builders::{Member, NAMESPACE};
use poem::http::HeaderMap;
use serde_json::{Value, json};
use uuid::Uuid;

use super::operations::{Kind, Operation, Parameter};
use super::world::{Seen, World, call, texts};

/// How many values of a sort are tried; one more proves no more.
const VALUES_MAX: usize = 5;

/// Something that nobody has, in the form of the real thing.
fn nothing_like(kind: Kind, value: &str) -> String {
    if kind.is_id() {
        return Uuid::new_v4().to_string();
    }
    if kind == Kind::Tag && value.starts_with(NAMESPACE) {
        return Tag::issue(NAMESPACE, 999_983).as_str().to_owned();
    }
    value
        .chars()
        .map(|c| if c.is_alphanumeric() { 'q' } else { c })
        .collect()
}

/// What may differ between two answers that say the same.
fn comparable(answer: &Answer) -> (u16, Value, HeaderMap) {
    let mut body = answer.json();
    if let Some(members) = body.as_object_mut() {
        members.remove("requestId");
    }
    let mut headers = answer.headers.clone();
    for name in [
        "x-request-id",
        "date",
        "ratelimit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
    ] {
        headers.remove(name);
    }
    (answer.status.as_u16(), body, headers)
}

/// The parameters of an operation that name something.
fn references(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    let parameters = operation.path.iter().chain(&operation.query);
    parameters.filter(|parameter| Kind::REFERENCES.contains(&parameter.kind))
}

/// What one has seen and the other has not. Labels and serial numbers can also be searched for.
fn beyond(theirs: &Seen, ours: &Seen, kind: Kind) -> Vec<String> {
    let values = theirs.values(kind).into_iter();
    values
        .filter(|value| !ours.texts.contains(value) && !ours.values(kind).contains(value))
        .filter(|value| kind != Kind::Text || !ours.texts.iter().any(|text| text.contains(value)))
        .take(VALUES_MAX)
        .collect()
}

/// Asks every operation for what the caller may not know of, and again for what does not exist.
async fn assert_absent(
    world: &World,
    (name, member): (&str, &Member),
    known: &Seen,
    beyond_reach: &Seen,
) {
    let mut tried = 0;
    for operation in &world.operations {
        for parameter in references(operation) {
            for value in beyond(beyond_reach, known, parameter.kind) {
                let foreign = call(world, member, operation, (parameter, &value), known).await;
                let invented = nothing_like(parameter.kind, &value);
                let absent = call(world, member, operation, (parameter, &invented), known).await;
                assert_eq!(
                    comparable(&foreign),
                    comparable(&absent),
                    "{name}: {} tells {} {value} from what does not exist",
                    operation.id,
                    parameter.name
                );
                tried += 1;
            }
        }
    }
    assert!(tried > 20, "{name} was tried with {tried} values only");
}

/// The ids of phones, which no operation lists.
async fn phones(world: &World, org: Uuid) -> Vec<String> {
    let mut raw = world.app.db.raw().await;
    let (org, id) = match raw {
        habeo_tests::raw::Raw::Sqlite(_) => (raw.id(org), "lower(hex(id))"),
        habeo_tests::raw::Raw::Postgres(_) => (raw.id(org), "id::text"),
    };
    let found = raw
        .texts(&format!(
            "SELECT {id} FROM push_device WHERE org_id = {org}"
        ))
        .await;
    found
        .iter()
        .filter_map(|id| id.parse::<Uuid>().ok())
        .map(|id| id.to_string())
        .collect()
}

async fn admin_of_theirs(world: &World) -> Seen {
    let mut theirs = Seen::by(world, world.theirs.caller("org_admin")).await;
    let phones = phones(world, world.theirs.college.org.uuid()).await;
    assert!(!phones.is_empty());
    theirs.names.entry(Kind::Push).or_default().extend(phones);
    theirs
}

both_engines! {
    /// Whatever is known of another organisation, to every caller it is as unknown as an invented id.
    async fn another_organisation_is_as_unknown_as_one_that_never_was(db: TestDb) {
        let world = World::over(&db).await;
        let theirs = admin_of_theirs(&world).await;
        let before = db.raw().await.row_counts().await;
        for (name, member) in &world.ours.callers {
            let known = Seen::by(&world, member).await;
            assert_absent(&world, (name, member), &known, &theirs).await;
        }
        assert_eq!(db.raw().await.row_counts().await, before);
    }

    /// Nothing that a caller is answered with, asked whatever way, occurs in another organisation only.
    async fn no_text_of_another_organisation_is_ever_answered(db: TestDb) {
        let world = World::over(&db).await;
        let theirs = admin_of_theirs(&world).await;
        let ours = Seen::by(&world, world.ours.caller("org_admin")).await;
        let secrets: BTreeSet<&String> = theirs.texts.difference(&ours.texts).collect();
        assert!(secrets.len() > 60, "{} texts of theirs only", secrets.len());
        for (name, member) in &world.ours.callers {
            let known = Seen::by(&world, member).await;
            let own: BTreeSet<_> = known.texts.iter().filter(|text| secrets.contains(text)).collect();
            assert!(own.is_empty(), "{name} sees {own:?}");
            for operation in world.operations.iter().filter(|operation| operation.reads()) {
                for parameter in references(operation) {
                    for value in theirs.values(parameter.kind).into_iter().take(VALUES_MAX) {
                        let answer = call(&world, member, operation, (parameter, &value), &known).await;
                        let leaked: Vec<_> = texts(&answer.json()).into_iter().filter(|text| secrets.contains(text)).collect();
                        assert!(leaked.is_empty(), "{name}: {} with {value} answers {leaked:?}", operation.id);
                    }
                }
            }
        }
    }

    /// What lies outside a caller's units, and is not theirs, is as unknown to them as an invented id.
    async fn another_unit_is_as_unknown_as_one_that_never_was(db: TestDb) {
        let world = World::over(&db).await;
        let mut everything = Seen::by(&world, world.ours.caller("org_admin")).await;
        let phones = phones(&world, world.ours.college.org.uuid()).await;
        for (name, member) in &world.ours.callers[1..] {
            let known = Seen::by(&world, member).await;
            everything.names.insert(Kind::Push, BTreeSet::new());
            assert_absent(&world, (name, member), &known, &everything).await;
        }
        // Phones are their owner's alone, whatever the owner's and the caller's roles are.
        let mut known = Seen::default();
        everything.names.clear();
        everything.names.insert(Kind::Push, phones.iter().cloned().collect());
        known.names.insert(Kind::Asset, BTreeSet::new());
        let outsider = world.ours.college.member("Robin Example", world.ours.college.units.root, &[]).await;
        let operation = world.operations.iter().find(|operation| operation.id == "unregisterPush").expect("phones can be removed");
        for phone in phones {
            for member in [&outsider, world.theirs.caller("org_admin")] {
                let answer = call(&world, member, operation, (&operation.path[0], &phone), &known).await;
                answer.problem(404, "push_device_unknown");
            }
        }
    }

    /// Somebody with a role in a unit lists its assets and people, their own, and nothing else; somebody without lists their own.
    async fn lists_hold_the_own_units_and_the_own_things(db: TestDb) {
        let world = World::over(&db).await;
        let campus = &world.ours;
        let ids = |range: &[usize]| -> BTreeSet<String> { range.iter().map(|n| campus.assets[*n].to_string()).collect() };
        for (name, assets) in [
            ("org_admin", ids(&[0, 1, 2, 3, 4, 5, 6, 7, 8])),
            ("unit_admin", ids(&[0, 1, 2])),
            ("technician", ids(&[0, 1, 2])),
            ("requester", ids(&[3])),
            ("nobody", ids(&[])),
        ] {
            let seen = Seen::by(&world, campus.caller(name)).await;
            let found: BTreeSet<String> = seen.values(Kind::Asset).into_iter().collect();
            assert_eq!(found, assets, "{name}");
            let people = seen.values(Kind::Person);
            let own = campus.caller(name).person.to_string();
            assert!(people.contains(&own), "{name} sees themselves");
            if matches!(name, "requester" | "nobody") {
                assert_eq!(people, [own], "{name}");
            }
        }
    }

    /// A site counts what the caller sees there, what they hold included.
    async fn counts_are_of_what_the_caller_sees(db: TestDb) {
        let world = World::over(&db).await;
        let site = world.ours.college.places.main.to_string();
        for (name, count) in [("org_admin", 9), ("unit_admin", 3), ("technician", 3), ("requester", 1), ("nobody", 0)] {
            let member = world.ours.caller(name);
            let sites = world.app.get("/api/v1/sites").by(member).send().await.ok();
            let row = sites["data"].as_array().into_iter().flatten().find(|row| row["id"] == site.as_str()).cloned();
            let row = row.expect("everybody sees the places");
            assert_eq!(row["counts"], json!({"buildings": 1, "rooms": 1, "assets": count}), "{name}");
            let one = world.app.get(&format!("/api/v1/sites/{site}")).by(member).send().await.ok();
            assert_eq!(one["data"]["counts"], row["counts"], "{name}");
        }
    }

    /// A cursor opens for the list, the filters, the person and the organisation that it was made for, for a day and until the next full hour.
    async fn cursors_are_good_where_they_were_made(db: TestDb) {
        let world = World::over(&db).await;
        let admin = world.ours.caller("org_admin");
        let lists: Vec<&Operation> = world.operations.iter().filter(|operation| operation.query.iter().any(|parameter| parameter.kind == Kind::Cursor)).collect();
        assert!(lists.len() >= 5);
        let asset = world.ours.assets[0].to_string();
        for operation in lists {
            let path = operation.path_with(|_| asset.clone());
            let name = &operation.cursor().expect("a list").name;
            let first = world.app.get(&format!("{path}?limit=1")).by(admin).send().await.ok();
            let cursor = first["meta"]["nextCursor"].as_str().expect("two rows at least");
            let with = |path: &str, member: &Member| world.app.get(&format!("{path}?limit=1&{name}={cursor}")).by(member);
            with(&path, admin).send().await.ok();
            // The asset of a history is looked up after the cursor, so another organisation's own is as good a path.
            let answer = with(&path, world.theirs.caller("org_admin")).send().await;
            answer.problem(400, "cursor_invalid");
            for name in ["unit_admin", "technician"] {
                with(&path, world.ours.caller(name)).send().await.problem(400, "cursor_mismatch");
            }
            let altered: String = cursor.chars().rev().collect();
            world.app.get(&format!("{path}?{name}={altered}")).by(admin).send().await.problem(400, "cursor_invalid");
            if operation.id == "listChanges" {
                continue;
            }
            let other = if operation.id == "listUnits" { "/api/v1/sites" } else { "/api/v1/units" };
            with(other, admin).send().await.problem(400, "cursor_mismatch");
        }
        let first = world.app.get("/api/v1/assets?limit=1").by(admin).send().await.ok();
        let cursor = first["meta"]["nextCursor"].as_str().expect("more assets").to_owned();
        for filter in ["state=in_stock", "q=spectroscope", "updatedSince=2020-01-01T00:00:00Z"] {
            let answer = world.app.get(&format!("/api/v1/assets?{filter}&cursor={cursor}")).by(admin).send().await;
            answer.problem(400, "cursor_mismatch");
        }
        world.app.wait_seconds(86_400 + 3_600);
        let answer = world.app.get(&format!("/api/v1/assets?limit=1&cursor={cursor}")).by(admin).send().await;
        answer.problem(400, "cursor_invalid");
    }

    /// What is entered in other units changes not one byte of what a caller is answered with, whatever it has in common with theirs.
    async fn what_others_have_changes_no_answer(db: TestDb) {
        let world = World::over(&db).await;
        let campus = &world.ours;
        let college = &campus.college;
        let member = campus.caller("technician");
        let own = college.asset("Goniometer").serial("TWIN-4711").register().await;
        let targets: Vec<String> = [
            "/api/v1/scan/TWIN-4711", "/api/v1/scan/TWIN-4712", "/api/v1/assets?q=TWIN-4711", "/api/v1/assets?q=twin",
            "/api/v1/assets?serial=TWIN-4711", "/api/v1/assets?tag=TWIN-4711", "/api/v1/assets?q=goniometer",
            "/api/v1/assets?q=doppel", "/api/v1/people?q=doppel", "/api/v1/people", "/api/v1/assets", "/api/v1/units",
            "/api/v1/sites", "/api/v1/me", "/api/v1/assets?q=4711",
        ].into_iter().map(ToOwned::to_owned).chain([
            format!("/api/v1/assets/{own}"), format!("/api/v1/assets/{own}/history"), format!("/api/v1/sites/{}", college.places.main),
        ]).collect();
        let mut before = Vec::new();
        for target in &targets {
            before.push(comparable(&world.app.get(target).by(member).send().await));
        }
        assert_eq!(before[0].0, 200);
        let doppel = college.member("Doppel Example", college.units.history, &[]).await;
        for n in 0..60 {
            let new = college.asset("Goniometer doppel").unit(college.units.history).at(college.places.reading_room);
            let new = new.acquired(habeo_core::asset::Acquisition::Purchase).identifier(habeo_core::asset::IdentifierKind::AzureDevice, &format!("TWIN{n}"));
            let new = match n {
                // The label of one is the serial number of the other, and so is another's serial number by another maker.
                0 => new.tag("TWIN-4711"),
                1 => new.serial("TWIN-4711").maker(college.catalogue.orbis),
                2 => new.tag("TWIN-4712"),
                _ => new.serial(&format!("TWIN-4711-{n}")),
            };
            let asset = new.register().await;
            if n < 5 {
                let target = habeo_core::asset::Target::Person(doppel.person);
                let kind = habeo_core::asset::AssignmentKind::Permanent;
                college.act(asset, habeo_core::asset::command::Act::Deploy { target, kind, location: None }).await;
            }
        }
        for (target, before) in targets.iter().zip(before) {
            assert_eq!(comparable(&world.app.get(target).by(member).send().await), before, "{target}");
        }
    }
}
