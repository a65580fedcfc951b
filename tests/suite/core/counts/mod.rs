//! Numbers and orders: always what a naive walk over everything in sight says.

mod naive;

use std::collections::{BTreeMap, BTreeSet};

use habeo_core::access::{Access, Role};
use habeo_core::asset::State;
use habeo_core::asset::Target;
use habeo_core::asset::command::{Act, Command};
use habeo_core::asset::search::{
    self, Dimension, Filter, Held, Key, Lack, Narrow, Sort, SortKey, Span, page_sorted,
};
use habeo_core::asset::store::AssetDetail;
use habeo_core::id::{AssetId, PersonId};
use habeo_core::ledger::rebuild;
use habeo_core::time::{DAY_MICROS, Day, Timestamp};
use habeo_core::unit::scope::Scope;
use habeo_tests::builders::{College, command};
use habeo_tests::{both_engines, must};

use self::naive::{Naive, key, sort_text};
use super::reading::{assets_in_scope, limit, walk};
use super::{all, deploy, missing, repair_out};

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

    fn some_of<T: Copy>(&mut self, from: &[T], one_in: usize) -> Vec<T> {
        if self.below(one_in) > 0 {
            return Vec::new();
        }
        (0..=self.below(2)).map(|_| self.one_of(from)).collect()
    }
}

fn day(n: usize) -> Day {
    let first: Day = must("2026-01-01".parse());
    first.plus_days(i64::try_from(n).unwrap_or_default())
}

/// Assets of every sort, here and there, with and without.
async fn populate(college: &College, dice: &mut Dice, assets: usize, holders: &[PersonId]) {
    let (units, places, catalogue) = (&college.units, &college.places, &college.catalogue);
    let mut commands: Vec<Command> = Vec::new();
    let mut later: Vec<Command> = Vec::new();
    for n in 0..assets {
        let unit = dice.one_of(&[
            units.physics,
            units.chemistry,
            units.music,
            units.history,
            units.science,
            units.root,
        ]);
        let mut new = college.asset("Thing").unit(unit).category(dice.one_of(&[
            catalogue.laptops,
            catalogue.computers,
            catalogue.projectors,
        ]));
        if dice.below(3) > 0 {
            new = new.at(dice.one_of(&[
                places.reading_room,
                places.library,
                places.workshop,
                places.north,
            ]));
        }
        if dice.below(3) == 0 {
            new = new
                .category(catalogue.projectors)
                .model(catalogue.projector);
        }
        if dice.below(2) == 0 {
            new = new.serial(&format!("SN{n:05}"));
        }
        let id = new.id();
        let mut command_of = new.command();
        if let Act::Register(register) = &mut command_of.act {
            register.what.acquired_on = (dice.below(4) > 0).then(|| day(dice.below(40)));
            register.what.warranty_ends_on = (dice.below(3) > 0).then(|| day(dice.below(40)));
            register.what.cost_minor =
                (dice.below(3) > 0).then(|| i64::try_from(dice.below(900)).unwrap_or(0));
        }
        commands.push(command_of);
        let due = college
            .db
            .ledger
            .clock()
            .now()
            .plus_micros(DAY_MICROS * i64::try_from(2 + dice.below(30)).unwrap_or(1));
        match dice.below(6) {
            0 | 1 => later.push(command(id, deploy(dice.one_of(holders)))),
            2 => later.push(command(
                id,
                Act::Loan {
                    target: Target::Person(dice.one_of(holders)),
                    due_at: due,
                },
            )),
            3 => later.push(command(id, repair_out())),
            4 => later.push(command(id, missing(college))),
            _ => {}
        }
    }
    all(college, commands).await;
    college.db.clock.advance_micros(DAY_MICROS);
    all(college, later).await;
}

fn random_filter(
    college: &College,
    dice: &mut Dice,
    holders: &[PersonId],
    now: Timestamp,
) -> Narrow {
    let (units, places, catalogue) = (&college.units, &college.places, &college.catalogue);
    let days = |dice: &mut Dice| {
        let from = dice.below(40);
        Span {
            from: (dice.below(3) > 0).then(|| day(from)),
            until: (dice.below(3) > 0).then(|| day(from + dice.below(20))),
        }
    };
    Narrow {
        live: dice.below(2) == 0,
        states: dice.some_of(
            &[
                State::InStock,
                State::InUse,
                State::OnLoan,
                State::InRepair,
                State::Missing,
            ],
            3,
        ),
        units: dice.some_of(
            &[
                units.science,
                units.physics,
                units.music,
                units.arts,
                units.root,
            ],
            3,
        ),
        categories: dice.some_of(
            &[catalogue.laptops, catalogue.computers, catalogue.projectors],
            3,
        ),
        models: dice.some_of(&[catalogue.projector, catalogue.notebook], 8),
        makers: dice.some_of(&[catalogue.orbis, catalogue.lumina], 8),
        places: dice.some_of(
            &[
                places.main,
                places.library,
                places.reading_room,
                places.north,
                places.workshop,
            ],
            4,
        ),
        assets: None,
        held: match dice.below(8) {
            0 => Some(Held::Anybody),
            1 => Some(Held::Nobody),
            2 => Some(Held::By(vec![dice.one_of(holders)])),
            _ => None,
        },
        acquired: (dice.below(6) == 0).then(|| days(dice)),
        warranty: (dice.below(6) == 0).then(|| days(dice)),
        due: (dice.below(8) == 0).then(|| Span {
            from: Some(now),
            until: Some(now.plus_micros(DAY_MICROS * 15)),
        }),
        since: (dice.below(10) == 0).then_some(Span {
            from: None,
            until: Some(now),
        }),
        cost: (dice.below(8) == 0).then_some(Span {
            from: Some(100),
            until: Some(500),
        }),
        lacks: dice.some_of(
            &[
                Lack::Serial,
                Lack::Place,
                Lack::Warranty,
                Lack::Cost,
                Lack::Model,
                Lack::Sighting,
            ],
            8,
        ),
        ..Narrow::default()
    }
}

async fn sorted(
    college: &College,
    access: &Access,
    filter: &Filter,
    sort: Sort,
) -> Vec<AssetDetail> {
    let mut tx = college.db.read(access).await;
    let scope = assets_in_scope(&mut tx, access).await;
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = must(
            page_sorted(
                &mut tx,
                access,
                &scope,
                filter,
                (sort, after.as_ref()),
                limit(7),
            )
            .await,
        );
        assert!(!page.in_order_of_entry);
        assert!(page.page.rows.len() <= 7);
        found.extend(page.page.rows);
        after = page.page.next;
        if after.is_none() {
            return found;
        }
    }
}

const SORTS: [SortKey; 12] = [
    SortKey::Entry,
    SortKey::Acquired,
    SortKey::Verified,
    SortKey::Warranty,
    SortKey::Cost,
    SortKey::Due,
    SortKey::Tag,
    SortKey::Model,
    SortKey::Unit,
    SortKey::Place,
    SortKey::State,
    SortKey::Holder,
];
const DIMENSIONS: [Dimension; 9] = [
    Dimension::Unit,
    Dimension::Site,
    Dimension::Place,
    Dimension::State,
    Dimension::Category,
    Dimension::Model,
    Dimension::Maker,
    Dimension::Holder,
    Dimension::Year,
];

async fn compare(
    college: &College,
    access: &Access,
    dice: &mut Dice,
    holders: &[PersonId],
    rounds: usize,
) {
    let everything = walk(&college.db, access, &Filter::default(), 50).await;
    let mut tx = college.db.read(access).await;
    let scope = assets_in_scope(&mut tx, access).await;
    let naive = Naive {
        college,
        scope: &scope,
    };
    let now = college.db.ledger.clock().now();
    for round in 0..rounds {
        let filter = Filter {
            narrow: random_filter(college, dice, holders, now),
            ..Filter::default()
        };
        let passing: Vec<&AssetDetail> = everything
            .iter()
            .filter(|asset| naive.lets_through(&filter.narrow, asset))
            .collect();
        let expected: BTreeSet<AssetId> = passing.iter().map(|asset| asset.id).collect();
        let counted = must(search::count(&mut tx, access, &scope, &filter).await);
        assert_eq!(
            counted,
            i64::try_from(expected.len()).unwrap_or(-1),
            "count of {filter:?}"
        );
        let by = DIMENSIONS[round % DIMENSIONS.len()];
        let mut divided: BTreeMap<Key, i64> = BTreeMap::new();
        for key in passing.iter().filter_map(|asset| key(asset, by)) {
            *divided.entry(key).or_default() += 1;
        }
        let groups = must(search::count_by(&mut tx, access, &scope, &filter, by).await);
        let found: BTreeMap<Key, i64> = groups
            .iter()
            .map(|group| (group.key, group.assets))
            .collect();
        assert_eq!(found, divided, "by {by:?} of {filter:?}");
        assert!(groups.is_sorted_by_key(|group| std::cmp::Reverse(group.assets)));
        let sort = Sort {
            by: SORTS[round % SORTS.len()],
            descending: dice.below(2) == 0,
        };
        let rows = sorted(college, access, &filter, sort).await;
        let found: Vec<AssetId> = rows.iter().map(|asset| asset.id).collect();
        let distinct: BTreeSet<AssetId> = found.iter().copied().collect();
        assert_eq!(
            distinct.len(),
            found.len(),
            "nothing twice in {sort:?} of {filter:?}"
        );
        let wanted: BTreeSet<AssetId> = passing
            .iter()
            .filter(|asset| sort.by != SortKey::Due || asset.due_at.is_some())
            .map(|asset| asset.id)
            .collect();
        assert_eq!(distinct, wanted, "{sort:?} of {filter:?}");
        let values: Vec<String> = rows
            .iter()
            .filter_map(|asset| sort_text(asset, sort.by))
            .collect();
        let in_order = if sort.descending {
            values.iter().rev().is_sorted()
        } else {
            values.is_sorted()
        };
        assert!(in_order, "{sort:?} of {filter:?}: {values:?}");
    }
}

both_engines! {
    /// Random filters as everybody sees them: numbers, breakdowns and orders are what a walk over everything says.
    async fn numbers_and_orders_are_what_a_walk_says(db: TestDb) {
        let college = College::found(&db).await;
        let mut dice = Dice(7);
        let custodian = college.member("Kim Example", college.units.science, &[(Role::Custodian, college.units.science)]).await;
        let holder = college.member("Noor Example", college.units.music, &[]).await;
        let holders = [college.people.ada, college.people.ben, custodian.person, holder.person];
        populate(&college, &mut dice, 90, &holders).await;
        compare(&college, &college.access, &mut dice, &holders, 60).await;
        for member in [&custodian, &holder] {
            let access = college.sign_in(member).await.access;
            compare(&college, &access, &mut dice, &holders, 48).await;
        }
    }

    /// Colleges and buildings are sums of what lies below them, and a unit above the asker's is never named.
    async fn colleges_and_buildings_are_sums(db: TestDb) {
        let college = College::found(&db).await;
        let (units, places) = (college.units, college.places);
        for (unit, place) in [(units.physics, places.reading_room), (units.chemistry, places.library), (units.music, places.workshop), (units.science, places.main)] {
            college.asset("Thing").unit(unit).at(place).register().await;
        }
        let mut tx = db.read(&college.access).await;
        let none = Filter::default();
        let groups = must(search::count_by(&mut tx, &college.access, &Scope::Whole, &none, Dimension::College).await);
        let found: BTreeMap<Key, i64> = groups.iter().map(|group| (group.key, group.assets)).collect();
        assert_eq!(found, BTreeMap::from([(Key::Id(units.science.uuid()), 3), (Key::Id(units.arts.uuid()), 1)]));
        let groups = must(search::count_by(&mut tx, &college.access, &Scope::Whole, &none, Dimension::Building).await);
        let found: BTreeMap<Key, i64> = groups.iter().map(|group| (group.key, group.assets)).collect();
        assert_eq!(found, BTreeMap::from([(Key::Id(places.library.uuid()), 2), (Key::Id(places.foundry.uuid()), 1), (Key::Id(places.main.uuid()), 1)]));
        let physicist = college.access_of(&[(Role::Technician, units.physics)]).await;
        let scope = assets_in_scope(&mut tx, &physicist).await;
        let groups = must(search::count_by(&mut tx, &physicist, &scope, &none, Dimension::College).await);
        let found: Vec<(Key, i64)> = groups.iter().map(|group| (group.key, group.assets)).collect();
        assert_eq!(found, [(Key::Id(units.physics.uuid()), 1)]);
    }

    /// The kept numbers follow from the entries, and whoever alters them is found out.
    async fn kept_numbers_are_rebuilt(db: TestDb) {
        let college = College::found(&db).await;
        let mut dice = Dice(3);
        populate(&college, &mut dice, 20, &[college.people.ada]).await;
        let spare = db.spare().await;
        assert_eq!(must(rebuild::check(&spare, &college.access).await), []);
        must(db.raw().await.execute("UPDATE asset_group SET assets = assets + 1").await);
        db.leave_unequal();
        let spare = db.spare().await;
        let differences = must(rebuild::check(&spare, &college.access).await);
        let tables: Vec<&str> = differences.iter().map(|difference| difference.table).collect();
        assert_eq!(tables, ["asset_group"]);
    }
}
