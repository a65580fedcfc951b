//! Reports in any order, twice, late and in great numbers: what is known in the end is what the latest of them say.

use std::collections::BTreeMap;

use habeo_core::connection::Provider;
use habeo_core::device::Status;
use habeo_core::device::report::{Kind, Report};
use habeo_core::device::take::{Outcome, REPORTS_MAX};
use habeo_core::id::AssetId;
use habeo_core::ledger::rebuild;
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};

use super::{Mdm, assets, at, facts, report};

/// A stream of numbers that repeats.
struct Dice(u32);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 9) as usize % limit
    }

    fn shuffle<T>(&mut self, all: &mut [T]) {
        for n in (1..all.len()).rev() {
            all.swap(n, self.below(n + 1));
        }
    }
}

fn serial(device: usize) -> String {
    format!("SERIAL-{device}0{device}")
}

/// Comings and goings of some devices, each at a time of its own.
fn comings_and_goings(dice: &mut Dice, devices: usize, each: i64) -> Vec<Report> {
    let mut all = Vec::new();
    for device in 0..devices {
        for minutes in 1..=each {
            let kind = if dice.below(2) == 0 {
                Kind::Enrolled
            } else {
                Kind::Unenrolled
            };
            all.push(report(
                kind,
                &format!("d-{device}"),
                &serial(device),
                minutes,
            ));
        }
    }
    all
}

/// The naive reading: the latest report of each device.
fn expected(reports: &[Report]) -> BTreeMap<String, Status> {
    let mut latest: BTreeMap<String, &Report> = BTreeMap::new();
    for report in reports {
        let key = report.device.serial.clone().unwrap_or_default();
        let known = latest.entry(key).or_insert(report);
        if report.occurred_at > known.occurred_at {
            *known = report;
        }
    }
    let status = |report: &Report| match report.kind {
        Kind::Unenrolled => Status::Unenrolled,
        _ => Status::Enrolled,
    };
    latest
        .into_iter()
        .map(|(key, report)| (key, status(report)))
        .collect()
}

/// What became of them: one asset for each serial number, and its status.
async fn found(college: &College, mdm: &Mdm<'_>, assets: &[AssetId]) -> BTreeMap<String, Status> {
    let mut found = BTreeMap::new();
    for asset in assets {
        let serial = college.detail(*asset).await.serial.map(String::from);
        let device = must(mdm.device(*asset).await.ok_or("no device"));
        let before = found.insert(serial.unwrap_or_default(), device.status);
        assert_eq!(before, None, "two assets of one device");
    }
    found
}

fn asset_of(outcome: &Outcome) -> AssetId {
    match outcome {
        Outcome::Applied { asset, .. }
        | Outcome::Unchanged { asset }
        | Outcome::Stale { asset } => *asset,
        other => panic!("{other:?}"),
    }
}

both_engines! {
    /// Shuffled and doubled, in batches of any size, comings and goings leave one asset per device and the status that came last.
    async fn any_order_ends_alike(db: TestDb) {
        let mut dice = Dice(20_261_121);
        for round in 0..6_u128 {
            let college = College::found_as(&db, &format!("college-{round}")).await;
            let mdm = Mdm::numbered(&college, round + 1, Provider::Jamf);
            let once = comings_and_goings(&mut dice, 7, 5);
            let expected = expected(&once);
            let mut stream = once.clone();
            stream.extend(once);
            dice.shuffle(&mut stream);
            let mut seen: Vec<AssetId> = Vec::new();
            while !stream.is_empty() {
                let size = stream.len().min(1 + dice.below(9));
                let batch = stream.split_off(stream.len() - size);
                for outcome in mdm.take(batch).await {
                    let asset = asset_of(&outcome);
                    if !seen.contains(&asset) {
                        seen.push(asset);
                    }
                }
            }
            assert_eq!(found(&college, &mdm, &seen).await, expected, "round {round}");
        }
    }

    /// Whatever comes in, doubled at once, leaves exactly what it leaves once.
    async fn doubling_changes_nothing(db: TestDb) {
        const KINDS: [Kind; 7] =
            [Kind::PreEnrolled, Kind::Enrolled, Kind::Unenrolled, Kind::Inventory, Kind::CheckIn, Kind::Login, Kind::Compliance];
        let mut dice = Dice(7);
        let once = College::found_as(&db, "once").await;
        let twice = College::found_as(&db, "twice").await;
        let (single, double) = (Mdm::of(&once), Mdm::of(&twice));
        for _ in 0..60 {
            let kind = KINDS[dice.below(KINDS.len())];
            let device = dice.below(4);
            // Some are known by their serial number alone, some under a key that changes.
            let id = match dice.below(3) {
                0 => String::new(),
                n => format!("d-{device}-{n}"),
            };
            let mut one = report(kind, &id, &serial(device), i64::try_from(dice.below(40)).unwrap_or_default());
            one.device.os_version = Some(format!("15.{}", dice.below(3)));
            let first = single.one(one.clone()).await;
            let outcomes = double.take(vec![one.clone(), one]).await;
            assert_eq!(std::mem::discriminant(&first), std::mem::discriminant(&outcomes[0]));
            assert!(!matches!(outcomes[1], Outcome::Applied { .. }), "{:?}", outcomes[1]);
        }
        let mut raw = db.raw().await;
        let types = |org| {
            let org = raw.id(org);
            format!(
                "SELECT type FROM ledger_entry WHERE org_id = {org} AND (type LIKE 'mdm.%' OR type LIKE 'identity.%') ORDER BY log_index"
            )
        };
        let (one, two) = (types(once.org.uuid()), types(twice.org.uuid()));
        assert_eq!(raw.texts(&one).await, raw.texts(&two).await);
    }

    /// What left before it came is not there; at one instant, leaving wins.
    async fn leaving_before_coming(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        let asset = mdm.applied(report(Kind::Unenrolled, "d-1", "SN-1001001", 10)).await;
        for (kind, minutes) in [(Kind::Enrolled, 5), (Kind::Enrolled, 10), (Kind::Inventory, 9)] {
            assert_eq!(mdm.one(report(kind, "d-1", "SN-1001001", minutes)).await, Outcome::Stale { asset });
        }
        assert_eq!(mdm.device(asset).await.map(|device| device.status), Some(Status::Unenrolled));
        // Seen again, it has been seen; looked up again, it is managed again.
        assert_eq!(mdm.one(report(Kind::CheckIn, "d-1", "SN-1001001", 20)).await, Outcome::Unchanged { asset });
        assert_eq!(mdm.device(asset).await.map(|device| device.status), Some(Status::Unenrolled));
        assert_eq!(mdm.applied(report(Kind::Inventory, "d-1", "SN-1001001", 21)).await, asset);
        assert_eq!(mdm.device(asset).await.map(|device| device.status), Some(Status::Enrolled));
        assert_eq!(mdm.one(report(Kind::Unenrolled, "d-1", "SN-1001001", 20)).await, Outcome::Stale { asset });
        assert_eq!(mdm.applied(report(Kind::Unenrolled, "d-1", "SN-1001001", 21)).await, asset);
        assert_eq!(college.state(asset).await, habeo_core::asset::State::Received);
        assert_eq!(
            facts(&college).await,
            ["identity.ref_linked", "mdm.unenrolled", "mdm.enrolled", "mdm.unenrolled"]
        );
    }

    /// A device that is bought and not set up yet comes under management once.
    async fn assigned_first_enrolled_later(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::numbered(&college, 1, Provider::Jamf);
        let asset = mdm.applied(report(Kind::PreEnrolled, "", "FVHTEST00001", 1)).await;
        assert_eq!(mdm.device(asset).await.map(|device| device.status), Some(Status::PreEnrolled));
        assert_eq!(mdm.applied(report(Kind::Enrolled, "computer:7", "FVHTEST00001", 2)).await, asset);
        assert_eq!(mdm.one(report(Kind::PreEnrolled, "", "FVHTEST00001", 3)).await, Outcome::Unchanged { asset });
        assert_eq!(mdm.device(asset).await.map(|device| device.status), Some(Status::Enrolled));
    }

    /// A check-in every few minutes is one entry a day; what changes is one at once; and when it was last heard of is always known.
    async fn check_ins_are_one_entry_a_day(db: TestDb) {
        const DAY: i64 = 24 * 60;
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        let asset = mdm.applied(report(Kind::Enrolled, "d-1", "SN-2002002", 0)).await;
        for minutes in (5..3 * DAY).step_by(15) {
            let outcome = mdm.one(report(Kind::CheckIn, "d-1", "SN-2002002", minutes)).await;
            assert_eq!(asset_of(&outcome), asset);
        }
        assert_eq!(facts(&college).await, ["identity.ref_linked", "mdm.enrolled", "mdm.checked_in", "mdm.checked_in"]);
        let device = must(mdm.device(asset).await.ok_or("no device"));
        assert_eq!(device.seen_at, Some(at(5 + 15 * ((3 * DAY - 6) / 15))));
        let mut newer = report(Kind::CheckIn, "d-1", "SN-2002002", 3 * DAY);
        newer.device.os_version = Some("15.2".to_owned());
        newer.device.compliance = Some("noncompliant".to_owned());
        mdm.applied(newer.clone()).await;
        newer.occurred_at = at(3 * DAY + 1);
        assert_eq!(mdm.one(newer.clone()).await, Outcome::Unchanged { asset });
        // An older one changes nothing, whatever it says.
        newer.occurred_at = at(3 * DAY - 1);
        newer.device.os_version = Some("15.1".to_owned());
        assert_eq!(mdm.one(newer).await, Outcome::Stale { asset });
        let device = must(mdm.device(asset).await.ok_or("no device"));
        assert_eq!((device.os_version.as_deref(), device.compliance.as_deref()), (Some("15.2"), Some("noncompliant")));
        assert_eq!(facts(&college).await.len(), 5);
        assert_eq!(college.detail(asset).await.mdm_seen_at, Some(at(3 * DAY + 1)));
    }

    /// A clock that is ahead is taken for now, and keeps nobody else out.
    async fn a_clock_that_is_ahead(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        let asset = mdm.applied(report(Kind::Enrolled, "d-1", "SN-3003003", 10 * 365 * 24 * 60)).await;
        let device = must(mdm.device(asset).await.ok_or("no device"));
        assert_eq!(device.seen_at, Some(db.clock_now()));
        db.clock.advance_micros(1_000_000);
        let mut later = report(Kind::Unenrolled, "d-1", "SN-3003003", 0);
        later.occurred_at = db.clock_now();
        assert_eq!(mdm.applied(later).await, asset);
    }

    /// A whole batch of new devices, some of them twice within it, takes one unit of work; the ledger can be made again from its entries.
    async fn a_storm_is_taken_in(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        let storm: Vec<Report> = (0..REPORTS_MAX)
            .map(|n| {
                let device = n / 2;
                let kind = if n % 2 == 0 { Kind::Enrolled } else { Kind::CheckIn };
                report(kind, &format!("d-{device}"), &format!("STORM-{device:05}"), i64::try_from(n).unwrap_or_default())
            })
            .collect();
        let outcomes = mdm.take(storm.clone()).await;
        let entered = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Applied { entered: true, .. })).count();
        let unchanged = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Unchanged { .. })).count();
        assert_eq!((entered, unchanged), (REPORTS_MAX / 2, REPORTS_MAX / 2));
        assert_eq!(assets(&college).await, REPORTS_MAX / 2);
        let before = facts(&college).await.len();
        for outcome in mdm.take(storm).await {
            assert!(matches!(outcome, Outcome::Unchanged { .. } | Outcome::Stale { .. }), "{outcome:?}");
        }
        assert_eq!(facts(&college).await.len(), before);
        let spare = db.spare().await;
        assert_eq!(must(rebuild::check(&spare, &college.access).await), []);
        spare.close().await;
        let owner = db.owner().await;
        must(rebuild::replace(&owner, &college.access).await);
        owner.close().await;
        // What is kept beside the ledger is still there.
        let asset = asset_of(&outcomes[0]);
        let device = must(mdm.device(asset).await.ok_or("no device"));
        assert_eq!(device.seen_at, Some(at(1)));
    }
}
