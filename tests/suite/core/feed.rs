//! The feed of changes: nothing left out, nothing twice, and nothing of what lies outside.

use std::collections::HashSet;

use habeo_core::access::{Access, Action, Role};
use habeo_core::asset::command::{Act, FieldValue};
use habeo_core::id::{AssetId, EventId, UnitId};
use habeo_core::ledger::feed::{self, FeedKey};
use habeo_core::page::CursorRefusal;
use habeo_core::secret::MasterKey;
use habeo_core::session::Sessions;
use habeo_core::time::DAY_MICROS;
use habeo_core::unit::scope;
use habeo_tests::builders::College;
use habeo_tests::evidence::MASTER_KEY;
use habeo_tests::{both_engines, must};

use super::reading::limit;

/// Everything after a place, page by page, and where the next poll begins.
async fn poll(
    college: &College,
    access: &Access,
    mut after: i64,
    rows: u8,
) -> (Vec<(EventId, AssetId)>, i64) {
    let mut all = Vec::new();
    loop {
        let mut tx = college.db.read(access).await;
        let seen = must(scope::resolve(&mut tx, access, Action::ReadHistory).await);
        let audited = must(scope::resolve(&mut tx, access, Action::ReadLedger).await);
        let page =
            must(feed::changes(&mut tx, access, (&seen, &audited), after, limit(rows)).await);
        assert!(page.next >= after);
        after = page.next;
        if page.rows.is_empty() {
            return (all, after);
        }
        all.extend(page.rows.iter().map(|change| (change.event, change.asset)));
    }
}

async fn member(college: &College, role: Role, unit: UnitId) -> Access {
    let member = college.member("Robin Example", unit, &[(role, unit)]).await;
    must(
        Sessions::new(college.db.ledger.clone())
            .resolve(&member.credential)
            .await,
    )
    .access
}

both_engines! {
    /// Somebody who polls while twenty others write meets every entry once, in the order of the ledger.
    async fn nothing_is_missed_while_others_write(db: TestDb) {
        let college = College::found(&db).await;
        let technician = member(&college, Role::Technician, college.units.physics).await;
        let writers: Vec<_> = (0..60)
            .map(|n| {
                let unit = if n % 3 == 0 { college.units.history } else { college.units.physics };
                let command = college.asset(&format!("Lamp {n}")).unit(unit).command();
                let (ledger, access) = (db.ledger.clone(), college.access.clone());
                tokio::spawn(async move { must(ledger.record(&access, command).await).event })
            })
            .collect();
        let (mut whole, mut part, mut all, mut own) = (-1, -1, Vec::new(), Vec::new());
        let mut written = HashSet::new();
        for writer in writers {
            for (access, after, seen) in [(&college.access, &mut whole, &mut all), (&technician, &mut part, &mut own)] {
                let (rows, next) = poll(&college, access, *after, 7).await;
                seen.extend(rows);
                *after = next;
            }
            written.insert(must(writer.await));
        }
        for (access, after, seen) in [(&college.access, whole, &mut all), (&technician, part, &mut own)] {
            seen.extend(poll(&college, access, after, 7).await.0);
        }
        assert_eq!(all.len(), 60);
        assert_eq!(all.iter().map(|(event, _)| *event).collect::<HashSet<_>>(), written);
        assert_eq!(own.len(), 40);
        let from_the_start = poll(&college, &college.access, -1, 100).await.0;
        assert_eq!(from_the_start, all, "in the order of the ledger, however it was polled");
        assert!(own.iter().all(|change| all.contains(change)));
    }

    /// What is seen is what belongs to the reader's units now; an auditor also sees what their unit had when it happened.
    async fn the_feed_has_the_readers_assets_only(db: TestDb) {
        let college = College::found(&db).await;
        let units = college.units;
        let tick = || db.clock.advance_micros(1_000_000);
        let leaves = college.asset("Tripod").unit(units.physics).register().await;
        let stays = college.asset("Camera").unit(units.physics).register().await;
        let foreign = college.asset("Lute").unit(units.music).register().await;
        tick();
        college.act(leaves, Act::ChangeFields(vec![FieldValue::Unit(units.history)])).await;
        tick();
        college.act(leaves, super::deploy(college.people.ben)).await;
        let of = |rows: Vec<(EventId, AssetId)>| rows.into_iter().map(|(_, asset)| asset).collect::<Vec<_>>();
        let technician = member(&college, Role::Technician, units.physics).await;
        assert_eq!(of(poll(&college, &technician, -1, 10).await.0), [stays, leaves], "with the end of what it sees of one");
        let theirs = member(&college, Role::Technician, units.history).await;
        assert_eq!(of(poll(&college, &theirs, -1, 10).await.0), [leaves, leaves, leaves], "its history travels with it");
        let auditor = member(&college, Role::Auditor, units.physics).await;
        assert_eq!(of(poll(&college, &auditor, -1, 10).await.0), [leaves, stays, leaves], "what the unit gave away, and not what came of it");
        let nobody = member(&college, Role::Requester, units.physics).await;
        assert_eq!(of(poll(&college, &nobody, -1, 10).await.0), []);
        assert_eq!(of(poll(&college, &college.access, -1, 10).await.0), [leaves, stays, foreign, leaves, leaves]);
    }

    /// A place in the feed opens for the reader it was made for, tells nobody where it is, and is good for thirty days.
    async fn places_tell_nothing(db: TestDb) {
        let college = College::found(&db).await;
        let (ours, theirs) = (member(&college, Role::Technician, college.units.physics).await, member(&college, Role::Technician, college.units.history).await);
        let elsewhere = College::found_as(&db, "eastmark").await;
        let master_key = MasterKey::new(MASTER_KEY);
        let (now, random) = (db.ledger.clock().now(), db.ledger.random());
        let key = FeedKey::new(&master_key, &ours);
        let cursor = key.seal(42, now, random);
        assert_eq!(key.open(&cursor, now), Ok(42));
        assert_ne!(key.seal(42, now, random), cursor);
        assert_eq!(key.seal(1_000_000, now, random).len(), cursor.len());
        assert_eq!(FeedKey::new(&master_key, &theirs).open(&cursor, now), Err(CursorRefusal::Mismatch));
        assert_eq!(FeedKey::new(&master_key, &elsewhere.access).open(&cursor, now), Err(CursorRefusal::Invalid));
        assert_eq!(key.open(&cursor, now.plus_micros(30 * DAY_MICROS)), Err(CursorRefusal::Invalid));
        for junk in ["", "latest ", "AAAA", &cursor[1..], &"A".repeat(300)] {
            assert_eq!(key.open(junk, now), Err(CursorRefusal::Invalid), "{junk}");
        }
    }
}
