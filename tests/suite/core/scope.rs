//! What somebody sees is what a naive reading of the rules says they see: on every list, look-up, search, scan and count.

use std::collections::{HashMap, HashSet};

use habeo_core::access::{Access, Action, Role};
use habeo_core::asset::command::{Act, Command};
use habeo_core::asset::decide::Refusal;
use habeo_core::asset::search::{Filter, Scanned};
use habeo_core::id::{AssetId, LocationId, PersonId, UnitId, new_uuid};
use habeo_core::ledger::All;
use habeo_core::location;
use habeo_core::person::{Affiliation, PersonStatus};
use habeo_core::unit::UnitKind;
use habeo_core::unit::command::CreateUnit;
use habeo_core::unit::scope::{self, Scope};
use habeo_tests::builders::{College, command, person};
use habeo_tests::{both_engines, must};

use super::reading::{by_id, ids, page, people, scan, search, walk};
use super::{all, deploy, refusal};

/// A stream of numbers that repeats.
struct Dice(u32);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 9) as usize % limit
    }

    fn one_of<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// The naive model: who is above whom, and where everything is.
struct Model {
    parents: HashMap<UnitId, UnitId>,
    units: Vec<UnitId>,
    assets: Vec<Thing>,
    people: Vec<(PersonId, UnitId)>,
}

#[derive(Clone)]
struct Thing {
    id: AssetId,
    tag: String,
    unit: UnitId,
    site: LocationId,
    holder: Option<PersonId>,
}

/// Somebody who asks.
struct Asker {
    access: Access,
    person: PersonId,
    grants: Vec<(Role, UnitId)>,
}

impl Model {
    fn is_below(&self, unit: UnitId, root: UnitId) -> bool {
        let mut at = Some(unit);
        while let Some(unit) = at {
            if unit == root {
                return true;
            }
            at = self.parents.get(&unit).copied();
        }
        false
    }

    fn reaches(&self, asker: &Asker, action: Action, unit: UnitId) -> bool {
        asker
            .grants
            .iter()
            .any(|(role, root)| role.actions().contains(action) && self.is_below(unit, *root))
    }

    fn sees(&self, asker: &Asker, thing: &Thing) -> bool {
        thing.holder == Some(asker.person) || self.reaches(asker, Action::ReadAssets, thing.unit)
    }

    fn seen(&self, asker: &Asker) -> Vec<AssetId> {
        self.assets
            .iter()
            .filter(|thing| self.sees(asker, thing))
            .map(|thing| thing.id)
            .collect()
    }

    /// A unit out of reach is unknown, and so is what lies below it.
    fn seen_within(&self, asker: &Asker, root: UnitId) -> Vec<AssetId> {
        let known = self.reaches(asker, Action::ReadAssets, root);
        let within = self
            .assets
            .iter()
            .filter(|thing| thing.unit == root || known && self.is_below(thing.unit, root));
        within
            .filter(|thing| self.sees(asker, thing))
            .map(|thing| thing.id)
            .collect()
    }
}

async fn tree(college: &College, dice: &mut Dice, units: usize) -> Model {
    let ledger = &college.db.ledger;
    let root = college.units.root;
    let mut model = Model {
        parents: HashMap::new(),
        units: vec![root],
        assets: Vec::new(),
        people: Vec::new(),
    };
    let mut depth = HashMap::from([(root, 0)]);
    let mut commands = Vec::new();
    while commands.len() < units {
        let parent = dice.one_of(&model.units);
        if depth[&parent] >= 11 {
            continue;
        }
        let id = UnitId::from_uuid(new_uuid(ledger.clock().now(), ledger.random()));
        let code = format!("U{}", commands.len());
        let kind = UnitKind::Department;
        commands.push(CreateUnit {
            id: Some(id),
            parent,
            kind,
            name: code.clone(),
            code,
        });
        depth.insert(id, depth[&parent] + 1);
        model.parents.insert(id, parent);
        model.units.push(id);
    }
    must(ledger.record(&college.access, All(commands)).await);
    model
}

async fn populate(college: &College, dice: &mut Dice, model: &mut Model, assets: usize) {
    let ledger = &college.db.ledger;
    let newcomers = (0..12).map(|n| {
        let unit = dice.one_of(&model.units);
        person(
            &format!("Person Number{n}"),
            unit,
            Affiliation::Staff,
            PersonStatus::Active,
        )
    });
    let newcomers: Vec<_> = newcomers.collect();
    let homes: Vec<_> = newcomers.iter().map(|new| new.home_unit).collect();
    let ids = must(ledger.record(&college.access, All(newcomers)).await);
    model.people = ids.into_iter().zip(homes).collect();
    let sites = [
        (college.places.main, college.places.reading_room),
        (college.places.north, college.places.north),
    ];
    let mut commands: Vec<Command> = Vec::new();
    for _ in 0..assets {
        let unit = dice.one_of(&model.units);
        let (site, place) = dice.one_of(&sites);
        let tag = format!("AB-{:04}", college.number());
        let new = college
            .asset("Common widget")
            .unit(unit)
            .at(place)
            .tag(&tag);
        let holder = (dice.below(3) == 0).then(|| dice.one_of(&model.people).0);
        model.assets.push(Thing {
            id: new.id(),
            tag,
            unit,
            site,
            holder,
        });
        commands.push(new.command());
    }
    let deployed = model
        .assets
        .iter()
        .filter_map(|thing| Some(command(thing.id, deploy(thing.holder?))));
    commands.extend(deployed);
    all(college, commands).await;
}

/// Signs somebody in with roles at random places, and gives them a thing or two of anybody's.
async fn asker(college: &College, dice: &mut Dice, model: &mut Model, grants: usize) -> Asker {
    let roles = [
        Role::UnitAdmin,
        Role::Custodian,
        Role::Technician,
        Role::Auditor,
        Role::Requester,
        Role::Procurement,
    ];
    let grants: Vec<_> = (0..grants)
        .map(|_| (dice.one_of(&roles), dice.one_of(&model.units)))
        .collect();
    let home = dice.one_of(&model.units);
    let member = college.member("Asking Example", home, &grants).await;
    model.people.push((member.person, home));
    let mut handed = Vec::new();
    for _ in 0..dice.below(4) {
        let chosen = dice.below(model.assets.len());
        let thing = &mut model.assets[chosen];
        if thing.holder.is_none() {
            thing.holder = Some(member.person);
            handed.push(command(thing.id, deploy(member.person)));
        }
    }
    if !handed.is_empty() {
        all(college, handed).await;
    }
    let access = college.sign_in(&member).await.access;
    Asker {
        access,
        person: member.person,
        grants,
    }
}

async fn compare(college: &College, dice: &mut Dice, model: &Model, asker: &Asker) {
    let (db, access) = (&college.db, &asker.access);
    let none = Filter::default();
    let seen = model.seen(asker);
    assert_eq!(ids(&walk(db, access, &none, 7).await), seen, "list");
    assert_eq!(
        ids(&search(db, access, "widget", &none, 9).await),
        seen,
        "words"
    );
    assert_eq!(
        ids(&search(db, access, "ab-", &none, 11).await),
        seen,
        "labels"
    );
    for _ in 0..4 {
        let root = dice.one_of(&model.units);
        let filter = Filter {
            unit: Some(root),
            ..Filter::default()
        };
        let within = model.seen_within(asker, root);
        assert_eq!(
            ids(&walk(db, access, &filter, 5).await),
            within,
            "list of a unit"
        );
        assert_eq!(
            ids(&search(db, access, "widget", &filter, 5).await),
            within,
            "words in a unit"
        );
    }
    let seen: HashSet<_> = seen.into_iter().collect();
    for thing in model.assets.iter().step_by(3) {
        let found = by_id(db, access, thing.id).await.is_some();
        assert_eq!(found, seen.contains(&thing.id), "by id");
        let scanned = scan(db, access, &thing.tag).await;
        assert_eq!(
            matches!(scanned, Scanned::One(..)),
            seen.contains(&thing.id),
            "by scan"
        );
        assert!(matches!(scanned, Scanned::One(..) | Scanned::Nothing));
    }
    let shown: HashSet<_> = people(db, access, &habeo_core::person::store::Filter::default())
        .await
        .into_iter()
        .collect();
    for (person, home) in &model.people {
        let expected = *person == asker.person || model.reaches(asker, Action::ReadPeople, *home);
        assert_eq!(shown.contains(person), expected, "people");
    }
    let mut tx = db.read(access).await;
    let scope = must(scope::resolve(&mut tx, access, Action::ReadAssets).await);
    let sites = [college.places.main, college.places.north];
    let counts = must(location::store::counts(&mut tx, access, &scope, &sites).await);
    for site in sites {
        let expected = model
            .assets
            .iter()
            .filter(|thing| thing.site == site && model.sees(asker, thing))
            .count();
        assert_eq!(
            counts[&site].assets,
            i64::try_from(expected).unwrap_or_default(),
            "site"
        );
    }
}

both_engines! {
    /// A tree of few units: those in scope are read one by one and merged.
    async fn a_small_scope_is_what_the_rules_say(db: TestDb) {
        let college = College::found(&db).await;
        let mut dice = Dice(11);
        let mut model = tree(&college, &mut dice, 14).await;
        populate(&college, &mut dice, &mut model, 70).await;
        for grants in [0, 1, 1, 2, 2, 3] {
            let asker = asker(&college, &mut dice, &mut model, grants).await;
            compare(&college, &mut dice, &model, &asker).await;
        }
    }

    /// A tree of many: the whole list is walked and each asset tested. The boundary lies between the two.
    async fn a_large_scope_is_what_the_rules_say(db: TestDb) {
        let college = College::found(&db).await;
        let mut dice = Dice(5);
        let mut model = tree(&college, &mut dice, 130).await;
        populate(&college, &mut dice, &mut model, 160).await;
        let wide = college.member("Wide Example", college.units.root, &[(Role::UnitAdmin, college.units.root)]).await;
        model.people.push((wide.person, college.units.root));
        let access = college.sign_in(&wide).await.access;
        let mut tx = db.read(&access).await;
        let scope = must(scope::resolve(&mut tx, &access, Action::ReadAssets).await);
        assert!(matches!(scope, Scope::Many { .. }));
        drop(tx);
        let grants = vec![(Role::UnitAdmin, college.units.root)];
        let wide = Asker { access, person: wide.person, grants };
        compare(&college, &mut dice, &model, &wide).await;
        for grants in [1, 4] {
            let asker = asker(&college, &mut dice, &mut model, grants).await;
            compare(&college, &mut dice, &model, &asker).await;
        }
    }

    /// Somebody walks the pages while others add assets: what was there at the beginning comes exactly once, in order.
    async fn a_walk_misses_and_repeats_nothing_while_others_write(db: TestDb) {
        let college = College::found(&db).await;
        let mut model = Model { parents: HashMap::new(), units: vec![college.units.physics, college.units.music], assets: Vec::new(), people: Vec::new() };
        let mut dice = Dice(3);
        populate(&college, &mut dice, &mut model, 60).await;
        let roots = [(Role::Custodian, college.units.science), (Role::Custodian, college.units.music)];
        let access = college.access_of(&roots).await;
        let commands: Vec<_> = (0..40).map(|_| college.asset("Late widget").unit(dice.one_of(&model.units)).command()).collect();
        let writer = {
            let (ledger, access) = (db.ledger.clone(), college.access.clone());
            tokio::spawn(async move {
                for command in commands {
                    must(ledger.record(&access, command).await);
                }
            })
        };
        let mut seen = Vec::new();
        let mut after = 0;
        loop {
            let page = page(&db, &access, &Filter::default(), after, 3).await;
            seen.extend(page.rows.iter().map(|asset| (asset.seq, asset.id)));
            match page.next {
                Some(position) => after = position.seq,
                None => break,
            }
        }
        must(writer.await);
        assert!(seen.is_sorted());
        let unique: HashSet<_> = seen.iter().map(|(_, id)| *id).collect();
        assert_eq!(unique.len(), seen.len());
        assert!(model.assets.iter().all(|thing| unique.contains(&thing.id)));
        let rest = walk(&db, &access, &Filter::default(), 100).await;
        assert_eq!(rest.len(), 100);
    }

    /// Another organisation's things are not there: by id, by code, by filter, for any command.
    async fn another_organisation_does_not_exist(db: TestDb) {
        let (ours, theirs) = (College::found(&db).await, College::found_as(&db, "eastmark").await);
        let foreign = theirs.asset("Secret").tag("SECRET-1").serial("SN-SECRET").register().await;
        let mine = ours.asset("Mine").register().await;
        for access in [ours.access.clone(), ours.access_of(&[(Role::OrgAdmin, ours.units.root)]).await] {
            assert_eq!(by_id(&db, &access, foreign).await, None);
            for code in ["SECRET-1", "SN-SECRET"] {
                assert_eq!(scan(&db, &access, code).await, Scanned::Nothing);
            }
            assert_eq!(ids(&walk(&db, &access, &Filter::default(), 50).await), [mine]);
            for filter in [
                Filter { unit: Some(theirs.units.root), ..Filter::default() },
                Filter { site: Some(theirs.places.main), ..Filter::default() },
                Filter { category: Some(theirs.catalogue.laptops), ..Filter::default() },
                Filter { holder: Some(theirs.people.ada), ..Filter::default() },
            ] {
                assert!(walk(&db, &access, &filter, 50).await.is_empty(), "{filter:?}");
            }
            assert!(search(&db, &access, "secret", &Filter::default(), 50).await.is_empty());
            assert_eq!(refusal(ours.try_as(&access, foreign, Act::Retire).await), Refusal::Unknown);
        }
        let hidden = ours.asset("Elsewhere").unit(ours.units.history).register().await;
        let physicist = ours.access_of(&[(Role::Custodian, ours.units.physics)]).await;
        assert_eq!(refusal(ours.try_as(&physicist, hidden, Act::Retire).await), Refusal::Unknown);
        assert_eq!(refusal(ours.try_as(&physicist, foreign, Act::Retire).await), Refusal::Unknown);
        let dispatch = Act::PlaceHold { kind: habeo_core::asset::HoldKind::Legal };
        assert_eq!(refusal(ours.try_as(&physicist, mine, dispatch).await), Refusal::NotPermitted);
    }

    /// A thing out of reach that bears the same code hides nothing: the one in reach is found as if the other did not exist.
    async fn what_is_out_of_scope_hides_nothing(db: TestDb) {
        let college = College::found(&db).await;
        let access = college.access_of(&[(Role::Custodian, college.units.physics)]).await;
        college.asset("Labelled").unit(college.units.history).tag("SAME-1").register().await;
        let mine = college.asset("Numbered").serial("SAME1").register().await;
        assert!(matches!(scan(&db, &access, "SAME-1").await, Scanned::One(asset) if asset.asset.id == mine));
        let foreign: Vec<_> = (0..60).map(|_| college.asset("Theirs").unit(college.units.history).serial("Default string").command()).collect();
        all(&college, foreign).await;
        let board = college.asset("Board").serial("Default string").register().await;
        assert!(matches!(scan(&db, &access, "defaultstring").await, Scanned::One(asset) if asset.asset.id == board));
    }

    /// Without any role somebody sees what they hold and themselves, and may do nothing to it.
    async fn without_a_role_one_sees_what_one_holds(db: TestDb) {
        let college = College::found(&db).await;
        let member = college.member("Solo Example", college.units.music, &[]).await;
        let access = college.sign_in(&member).await.access;
        let held = college.asset("Held").register().await;
        college.asset("Not held").register().await;
        college.act(held, deploy(member.person)).await;
        assert_eq!(ids(&walk(&db, &access, &Filter::default(), 1).await), [held]);
        assert_eq!(people(&db, &access, &habeo_core::person::store::Filter::default()).await, [member.person]);
        assert_eq!(refusal(college.try_as(&access, held, super::give_back()).await), Refusal::NotPermitted);
    }
}
