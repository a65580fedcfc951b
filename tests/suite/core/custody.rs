//! Custody: at most one open interval, none that overlap, and open exactly while somebody has the asset.

use habeo_core::asset::command::Act;
use habeo_core::asset::{AssignmentKind, State, Target};
use habeo_core::id::AssetId;
use habeo_core::time::SECOND_MICROS;
use habeo_tests::both_engines;
use habeo_tests::builders::{College, command};
use habeo_tests::raw::Raw;
use uuid::Uuid;

use super::{all, asset_in, deploy, found, give_back, loan, missing, repair_in, repair_out};

/// Each counts the rows that break one rule.
const BROKEN: &[(&str, &str)] = &[
    (
        "in use or on loan without an open interval that runs",
        "SELECT CAST(COUNT(*) AS BIGINT) FROM asset a WHERE a.state IN ('in_use', 'on_loan') AND NOT EXISTS (
             SELECT 1 FROM assignment s WHERE s.org_id = a.org_id AND s.asset_id = a.id AND s.to_at IS NULL AND NOT s.suspended)",
    ),
    (
        "open in a state in which nobody can have it, or not suspended while it is away",
        "SELECT CAST(COUNT(*) AS BIGINT) FROM assignment s JOIN asset a ON a.org_id = s.org_id AND a.id = s.asset_id
         WHERE s.to_at IS NULL AND NOT (a.state IN ('in_use', 'on_loan') AND NOT s.suspended)
             AND NOT (a.state IN ('in_transit', 'in_repair', 'missing') AND s.suspended)",
    ),
    (
        "two open intervals",
        "SELECT CAST(COUNT(*) AS BIGINT) FROM (SELECT asset_id FROM assignment WHERE to_at IS NULL GROUP BY asset_id HAVING COUNT(*) > 1) t",
    ),
    (
        "intervals that overlap",
        "SELECT CAST(COUNT(*) AS BIGINT) FROM assignment one JOIN assignment other ON other.asset_id = one.asset_id AND other.id <> one.id
         WHERE one.from_at < COALESCE(other.to_at, 9223372036854775807) AND other.from_at < COALESCE(one.to_at, 9223372036854775807)",
    ),
    (
        "the asset's row names another interval than the open one, or another holder",
        "SELECT CAST(COUNT(*) AS BIGINT) FROM asset a LEFT JOIN assignment s ON s.asset_id = a.id AND s.to_at IS NULL
         WHERE NOT (a.assignment_id = s.id OR (a.assignment_id IS NULL AND s.id IS NULL))
             OR (s.target_kind = 'person' AND (a.holder_id IS NULL OR a.holder_id <> s.target_id))
             OR (s.id IS NULL AND a.holder_id IS NOT NULL)",
    ),
    (
        "a tally that differs from what is there",
        "SELECT CAST(COUNT(*) AS BIGINT) FROM asset_tally t WHERE t.assets <> (SELECT COUNT(*) FROM asset a
             WHERE a.org_id = t.org_id AND a.owning_unit_id = t.unit_id AND a.state NOT IN ('disposed', 'void')
                 AND (a.site_id = t.site_id OR (a.site_id IS NULL AND t.site_id = NIL)))",
    ),
    (
        "live assets that no tally counts",
        "SELECT CAST(COUNT(*) AS BIGINT) FROM asset a WHERE a.state NOT IN ('disposed', 'void') AND NOT EXISTS (
             SELECT 1 FROM asset_tally t WHERE t.org_id = a.org_id AND t.unit_id = a.owning_unit_id
                 AND t.site_id = COALESCE(a.site_id, NIL))",
    ),
];

async fn check(raw: &mut Raw) {
    let nil = raw.id(Uuid::nil());
    for (what, sql) in BROKEN {
        assert_eq!(raw.number(&sql.replace("NIL", &nil)).await, 0, "{what}");
    }
}

/// One of the commands, chosen by a number; most of them are refused most of the time.
fn any_act(college: &College, choice: u32) -> Act {
    let people = [college.people.ada, college.people.ben, college.people.cleo];
    let person = people[(choice / 16 % 3) as usize];
    match choice % 16 {
        0 | 1 => deploy(person),
        2 => loan(college, 10),
        3 | 4 => give_back(),
        5 => Act::Reassign {
            target: Target::Person(person),
            kind: AssignmentKind::Shared,
            location: Some(college.places.reading_room),
        },
        6 => Act::Reassign {
            target: Target::Unit(college.units.chemistry),
            kind: AssignmentKind::Shared,
            location: None,
        },
        7 => Act::Dispatch {
            to: college.places.north,
        },
        8 => Act::Arrive { at: None },
        9 => repair_out(),
        10 => repair_in(),
        11 => missing(college),
        12 => found(college),
        13 => match found(college) {
            Act::Found { observation, .. } => Act::Found {
                observation,
                handed_to: Some(Target::Person(person)),
            },
            other => other,
        },
        14 => Act::Retire,
        _ => Act::Reinstate { tag_attached: true },
    }
}

fn interval(raw: &Raw, college: &College, asset: AssetId, from: i64, to: Option<i64>) -> String {
    let to = to.map_or_else(|| "NULL".to_owned(), |to| to.to_string());
    let no = matches!(raw, Raw::Sqlite(_))
        .then_some("0")
        .unwrap_or("FALSE");
    format!(
        "INSERT INTO assignment (org_id, id, seq, asset_id, target_kind, target_id, kind, from_at, to_at, renewals, suspended, condition_out)
         VALUES ({}, {}, 1, {}, 'person', {}, 'permanent', {from}, {to}, 0, {no}, 'good')",
        raw.id(college.org.uuid()),
        raw.id(Uuid::from_u128(u128::try_from(from).unwrap_or_default() + 7)),
        raw.id(asset.uuid()),
        raw.id(college.people.ada.uuid()),
    )
}

both_engines! {
    /// A long walk of commands at random, most of them refused; after each the rules hold.
    async fn custody_follows_the_state_on_every_walk(db: TestDb) {
        let college = College::found(&db).await;
        let mut assets = Vec::new();
        for _ in 0..4 {
            assets.push(college.asset("Walker").at(college.places.library).register().await);
        }
        let mut raw = db.raw().await;
        let mut random = 17_u32;
        let mut done = 0;
        for _ in 0..260 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let choice = random >> 8;
            // Some things happen at one instant.
            if choice.is_multiple_of(3) {
                db.clock.advance_micros(SECOND_MICROS);
            }
            let asset = assets[(choice / 48 % 4) as usize];
            if college.try_act(asset, any_act(&college, choice)).await.is_ok() {
                done += 1;
                check(&mut raw).await;
            }
        }
        assert!(done > 50, "only {done} commands were carried out");
    }

    /// Every state of the table, with the custody that belongs to it.
    async fn custody_is_open_exactly_while_somebody_has_it(db: TestDb) {
        let college = College::found(&db).await;
        let mut raw = db.raw().await;
        for state in State::ALL.iter().copied() {
            let asset = asset_in(&college, state, Vec::new()).await.asset;
            check(&mut raw).await;
            let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM assignment WHERE to_at IS NULL AND asset_id = {}", raw.id(asset.uuid()));
            let kept = matches!(state, State::InUse | State::OnLoan | State::InTransit | State::Missing);
            assert_eq!(raw.number(&sql).await, i64::from(kept), "{state}");
        }
    }

    /// Handing over at one instant, several times, in one transaction.
    async fn an_asset_can_change_hands_many_times_at_one_instant(db: TestDb) {
        let college = College::found(&db).await;
        let asset = college.asset("Hot potato").register().await;
        let people = college.people;
        let acts = [deploy(people.ada), give_back(), deploy(people.ben), give_back(), loan(&college, 2), give_back(), deploy(people.cleo)];
        all(&college, acts.into_iter().map(|act| command(asset, act)).collect()).await;
        check(&mut db.raw().await).await;
        assert_eq!(college.state(asset).await, State::InUse);
        let intervals = db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM assignment").await;
        assert_eq!(intervals, 4);
    }

    /// The database refuses by itself what the rules should never let through.
    async fn overlapping_intervals_are_refused_by_the_database(db: TestDb) {
        db.leave_unequal();
        let college = College::found(&db).await;
        let asset = college.asset("Contested").register().await;
        let mut raw = db.raw().await;
        for (from, to) in [(1_000, Some(2_000)), (2_000, Some(3_000)), (5_000, None)] {
            let sql = interval(&raw, &college, asset, from, to);
            assert_eq!(raw.execute(&sql).await.ok(), Some(1));
        }
        for (from, to) in [
            (1_500, Some(1_600)), (500, Some(1_001)), (2_999, Some(3_001)), (4_000, Some(5_001)), (500, None), (6_000, None), (6_000, Some(7_000)),
        ] {
            let sql = interval(&raw, &college, asset, from, to);
            let answer = raw.refused(&sql).await;
            assert!(answer.contains("must not overlap"), "{from}..{to:?}: {answer}");
        }
        let backwards = interval(&raw, &college, asset, 4_500, Some(4_400));
        raw.refused(&backwards).await;
        raw.refused("UPDATE assignment SET from_at = 4000, to_at = 6000 WHERE from_at = 2000").await;
        // Without the trigger the index still allows one open interval only.
        let disable: &[&str] = match raw {
            Raw::Sqlite(_) => &["DROP TRIGGER assignment_inserted_apart"],
            Raw::Postgres(_) => &["ALTER TABLE assignment DISABLE TRIGGER assignment_apart"],
        };
        for sql in disable {
            assert!(raw.execute(sql).await.is_ok());
        }
        let second = interval(&raw, &college, asset, 9_000, None);
        let answer = raw.refused(&second).await.to_lowercase();
        assert!(answer.contains("unique"), "{answer}");
    }
}
