//! Assets as they were.

use habeo_core::access::Role;
use habeo_core::asset::command::{Act, FieldValue};
use habeo_core::asset::search::Filter;
use habeo_core::asset::{State, as_of};
use habeo_core::id::AssetId;
use habeo_core::session::Sessions;
use habeo_core::time::{SECOND_MICROS, Timestamp};
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};

use super::reading::{assets_in_scope, limit};
use super::{deploy, give_back, loan};

/// Every asset that a list shows for an instant, with its state, page by page.
async fn listed(
    college: &College,
    access: &habeo_core::access::Access,
    filter: &Filter,
    at: Timestamp,
) -> Vec<(AssetId, State)> {
    let mut tx = college.db.read(access).await;
    let scope = assets_in_scope(&mut tx, access).await;
    let index = must(as_of::entry_at(&mut tx, access, at).await).expect("after the first entry");
    let (mut rows, mut after) = (Vec::new(), -1);
    loop {
        let page =
            must(as_of::page(&mut tx, access, &scope, filter, (index, after), limit(2)).await);
        rows.extend(page.rows.iter().map(|asset| (asset.id, asset.state)));
        match page.next {
            Some(position) => after = position.seq,
            None => return rows,
        }
    }
}

both_engines! {
    /// A clock that is set back records nothing before what is there: the ledger stays in the order of its time, and what was known when is
    /// answered as before.
    async fn a_clock_that_is_set_back_reorders_nothing(db: TestDb) {
        let college = College::found(&db).await;
        let asset = college.asset("Camera").register().await;
        db.clock.advance_micros(3_600 * SECOND_MICROS);
        college.act(asset, deploy(college.people.ada)).await;
        let latest = db.ledger.clock().now();
        db.clock.set(latest.plus_micros(-7_200 * SECOND_MICROS));
        college.act(asset, give_back()).await;
        let late = college.asset("Tripod").register().await;
        assert_eq!(listed(&college, &college.access, &Filter::default(), latest).await, [(asset, State::InStock), (late, State::InStock)]);
        db.clock.set(latest.plus_micros(SECOND_MICROS));
        college.act(asset, deploy(college.people.ada)).await;
        assert_eq!(college.state(asset).await, State::InUse);
        assert_eq!(listed(&college, &college.access, &Filter::default(), latest).await, [(asset, State::InStock), (late, State::InStock)]);
        let before = latest.plus_micros(-SECOND_MICROS);
        assert_eq!(listed(&college, &college.access, &Filter::default(), before).await, [(asset, State::InStock)]);
        let mut raw = db.raw().await;
        let back = "SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_entry e JOIN ledger_entry p ON p.org_id = e.org_id AND p.log_index = e.log_index - 1
            WHERE e.recorded_at < p.recorded_at";
        assert_eq!(raw.number(back).await, 0);
    }

    /// Lists and single assets show what was recorded by then: states, holders, units, and nothing that came later.
    async fn lists_and_assets_are_as_they_were(db: TestDb) {
        let college = College::found(&db).await;
        let access = &college.access;
        let tick = || { db.clock.advance_micros(60 * SECOND_MICROS); db.ledger.clock().now() };
        let asset = college.asset("Camera").unit(college.units.physics).register().await;
        let other = college.asset("Tripod").unit(college.units.physics).register().await;
        let registered = db.ledger.clock().now();
        let deployed = tick();
        college.act(asset, deploy(college.people.ada)).await;
        let returned = tick();
        college.act(asset, give_back()).await;
        let lent = tick();
        college.act(asset, loan(&college, 7)).await;
        let moved = tick();
        college.act(other, Act::ChangeFields(vec![FieldValue::Unit(college.units.history)])).await;
        let late = college.asset("Latecomer").register().await;
        tick();

        let everything = Filter::default();
        assert_eq!(listed(&college, access, &everything, registered).await, [(asset, State::InStock), (other, State::InStock)]);
        assert_eq!(listed(&college, access, &everything, deployed).await, [(asset, State::InUse), (other, State::InStock)]);
        assert_eq!(listed(&college, access, &everything, returned).await, [(asset, State::InStock), (other, State::InStock)]);
        assert_eq!(listed(&college, access, &everything, moved).await, [(asset, State::OnLoan), (other, State::InStock), (late, State::InStock)]);
        let in_use = Filter { state: Some(State::InUse), ..Filter::default() };
        assert_eq!(listed(&college, access, &in_use, deployed).await, [(asset, State::InUse)]);
        assert_eq!(listed(&college, access, &in_use, lent).await, []);
        let held = Filter { holder: Some(college.people.ada), ..Filter::default() };
        assert_eq!(listed(&college, access, &held, deployed).await, [(asset, State::InUse)]);
        assert_eq!(listed(&college, access, &held, lent).await, []);
        let physics = Filter { unit: Some(college.units.physics), ..Filter::default() };
        assert_eq!(listed(&college, access, &physics, lent).await, [(asset, State::OnLoan), (other, State::InStock)]);
        assert_eq!(listed(&college, access, &physics, moved).await, [(asset, State::OnLoan), (late, State::InStock)]);
        let history = Filter { unit: Some(college.units.history), ..Filter::default() };
        assert_eq!(listed(&college, access, &history, lent).await, []);

        let mut tx = db.read(access).await;
        let scope = assets_in_scope(&mut tx, access).await;
        let then = must(as_of::entry_at(&mut tx, access, deployed).await).expect("an entry");
        let one = must(as_of::by_id(&mut tx, access, &scope, then, asset).await).expect("it was there");
        assert_eq!((one.state, one.target_name.as_deref(), one.rev), (State::InUse, Some("Ada Example"), 2));
        assert_eq!(one.due_at, None);
        assert_eq!(must(as_of::by_id(&mut tx, access, &scope, then, late).await), None);
        let first = Timestamp::from_micros(0);
        assert_eq!(must(as_of::entry_at(&mut tx, access, first).await), None);
    }

    /// Who sees an asset of the past is who would have seen it then.
    async fn the_scope_is_that_of_the_unit_then(db: TestDb) {
        let college = College::found(&db).await;
        let asset = college.asset("Tripod").unit(college.units.physics).register().await;
        let before = db.ledger.clock().now();
        db.clock.advance_micros(SECOND_MICROS);
        college.act(asset, Act::ChangeFields(vec![FieldValue::Unit(college.units.history)])).await;
        let after = db.ledger.clock().now();
        let everything = Filter::default();
        for (unit, seen_before, seen_after) in [(college.units.physics, 1, 0), (college.units.history, 0, 1)] {
            let member = college.member("Robin Example", unit, &[(Role::Technician, unit)]).await;
            let session = must(Sessions::new(db.ledger.clone()).resolve(&member.credential).await);
            let seen = |at| listed(&college, &session.access, &everything, at);
            assert_eq!((seen(before).await.len(), seen(after).await.len()), (seen_before, seen_after));
        }
    }

    /// An asset that never changed has its row and nothing else, and what changed within one instant is no version.
    async fn versions_are_written_for_changes_only(db: TestDb) {
        let college = College::found(&db).await;
        let versions = "SELECT CAST(COUNT(*) AS BIGINT) FROM asset_version";
        let asset = college.asset("Camera").register().await;
        college.asset("Tripod").register().await;
        assert_eq!(db.raw().await.number(versions).await, 0);
        college.act(asset, deploy(college.people.ada)).await;
        assert_eq!(db.raw().await.number(versions).await, 0, "the clock stands still");
        db.clock.advance_micros(1);
        college.act(asset, give_back()).await;
        assert_eq!(db.raw().await.number(versions).await, 1);
    }
}
