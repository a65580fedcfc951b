//! Labels, serial numbers and identifiers name one thing each, for ever, whoever else is writing.

use habeo_core::asset::command::{Act, FieldValue};
use habeo_core::asset::decide::Refusal;
use habeo_core::asset::search::{Scanned, scan};
use habeo_core::asset::steps::Done;
use habeo_core::asset::{IdentifierKind, State};
use habeo_core::explain::{Explain, Kind};
use habeo_core::id::AssetId;
use habeo_core::ledger::RecordError;
use habeo_core::unit::scope::Scope;
use habeo_tests::builders::{College, NewAsset, command, serial, tag};
use habeo_tests::{both_engines, must};

use super::{asset_in, refusal, refused, try_all};

/// Lets them all register at once and returns the one that did.
async fn race(college: &College, contestants: Vec<NewAsset<'_>>) -> AssetId {
    let writers: Vec<_> = contestants
        .into_iter()
        .map(|contestant| {
            let (ledger, access) = (college.db.ledger.clone(), college.access.clone());
            let command = contestant.command();
            tokio::spawn(async move { ledger.record(&access, command).await })
        })
        .collect();
    let mut winners: Vec<Done> = Vec::new();
    for writer in writers {
        match must(writer.await) {
            Ok(done) => winners.push(done),
            Err(RecordError::Refused(refusal)) => assert_eq!(refusal.kind(), Kind::Conflict),
            Err(RecordError::Store(error)) => panic!("{error:?}"),
        }
    }
    assert_eq!(winners.len(), 1);
    winners[0].asset
}

async fn scanned(college: &College, code: &str) -> Option<AssetId> {
    let mut tx = college.db.read(&college.access).await;
    match must(scan(&mut tx, &college.access, &Scope::Whole, code).await) {
        Scanned::One(asset) => Some(asset.asset.id),
        _ => None,
    }
}

both_engines! {
    /// Sixteen want one label, in many spellings; one gets it.
    async fn one_of_many_gets_a_label(db: TestDb) {
        let college = College::found(&db).await;
        let spellings = ["OLD-77", "old 77", "Old_77", "OLD/7.7"];
        let contestants = (0..16).map(|n| college.asset("Wants it").tag(spellings[n % 4])).collect();
        let winner = race(&college, contestants).await;
        assert_eq!(scanned(&college, "OLD77").await, Some(winner));
    }

    /// Sixteen say they are one maker's serial number; one is.
    async fn one_of_many_gets_a_serial_number(db: TestDb) {
        let college = College::found(&db).await;
        let lumina = college.catalogue.lumina;
        let contestants = (0..16).map(|_| college.asset("Is it").maker(lumina).serial("SN-4711")).collect();
        race(&college, contestants).await;
        // Another maker's, and an unknown maker's, may be the same.
        college.asset("Other").maker(college.catalogue.orbis).serial("SN-4711").register().await;
        college.asset("Unknown").serial("SN-4711").register().await;
        let again = college.asset("Unknown").serial("sn 4711").try_register().await;
        assert_eq!(refusal(again), Refusal::SerialTaken(serial("sn 4711")));
    }

    /// Identifiers too, network addresses excepted: adapters move.
    async fn one_of_many_gets_an_identifier(db: TestDb) {
        let college = College::found(&db).await;
        let imei = "356938035643809";
        let contestants = (0..8).map(|_| college.asset("Phone").identifier(IdentifierKind::Imei, imei)).collect();
        race(&college, contestants).await;
        for _ in 0..2 {
            college.asset("Dock").identifier(IdentifierKind::MacWired, "00:1A:2B:3C:4D:5E").register().await;
        }
    }

    /// What makers leave in the firmware names nothing, so any number of assets may have it.
    async fn placeholder_serial_numbers_are_claimed_by_nobody(db: TestDb) {
        let college = College::found(&db).await;
        for _ in 0..3 {
            college.asset("Board").serial("To be filled by O.E.M.").register().await;
        }
    }

    /// A label is used up once it was issued: retired, disposed, voided or replaced.
    async fn a_label_is_never_issued_again(db: TestDb) {
        let college = College::found(&db).await;
        for state in [State::Retired, State::Surplus, State::Disposed, State::Void, State::Missing] {
            let label = format!("LBL-{state}");
            let asset = asset_in(&college, State::InStock, Vec::new()).await.asset;
            college.act(asset, Act::Retag { tag: tag(&label) }).await;
            for act in super::path(&college, state) {
                college.act(asset, act).await;
            }
            let again = college.asset("Again").tag(&label).try_register().await;
            assert_eq!(refusal(again), Refusal::TagTaken(tag(&label)), "{state}");
        }
    }

    /// The old label stays an alias, of this asset and of no other; going back to it is fine.
    async fn a_replaced_label_stays_an_alias(db: TestDb) {
        let college = College::found(&db).await;
        let asset = college.asset("Piano").tag("OLD-1").register().await;
        college.act(asset, Act::Retag { tag: tag("NEW-1") }).await;
        for code in ["OLD-1", "NEW-1"] {
            assert_eq!(scanned(&college, code).await, Some(asset), "{code}");
        }
        let taken = college.asset("Organ").tag("OLD-1").try_register().await;
        assert_eq!(refusal(taken), Refusal::TagTaken(tag("OLD-1")));
        college.act(asset, Act::Retag { tag: tag("OLD-1") }).await;
        assert_eq!(college.detail(asset).await.tag.as_deref(), Some("OLD-1"));
        let mut raw = db.raw().await;
        let current = raw.texts(&format!("SELECT tag FROM asset_tag WHERE current AND asset_id = {}", raw.id(asset.uuid()))).await;
        assert_eq!(current, ["OLD-1"]);
    }

    /// A voided record gives its serial number back; nothing else does.
    async fn a_voided_record_claims_no_serial_number(db: TestDb) {
        let college = College::found(&db).await;
        let first = college.asset("Typo").serial("SN-100200").register().await;
        college.act(first, Act::Void { approved_by: [college.people.ada, college.people.ben] }).await;
        let second = college.asset("Right").serial("SN-100200").register().await;
        college.act(second, Act::Retire).await;
        let third = college.asset("Third").serial("SN-100200").try_register().await;
        assert_eq!(refusal(third), Refusal::SerialTaken(serial("SN-100200")));
    }

    /// However a change of fields brings maker and serial number together, a taken pair is refused by the rules.
    async fn a_change_of_maker_or_serial_number_meets_no_other_asset(db: TestDb) {
        let college = College::found(&db).await;
        let catalogue = college.catalogue;
        college.asset("First").maker(catalogue.lumina).serial("SN-55555").register().await;
        let other = college.asset("Second").maker(catalogue.orbis).serial("SN-55555").register().await;
        let free = college.asset("Third").maker(catalogue.orbis).serial("SN-66666").register().await;
        let (to_lumina, to_taken) = (FieldValue::Manufacturer(Some(catalogue.lumina)), FieldValue::Serial(Some(serial("SN-55555"))));
        let taken = Refusal::SerialTaken(serial("SN-55555"));
        for (asset, fields) in [
            (other, vec![to_lumina.clone()]),
            (other, vec![FieldValue::Model(Some(catalogue.notebook))]),
            (free, vec![to_taken.clone()]),
            (free, vec![to_lumina.clone(), to_taken.clone()]),
            (free, vec![to_taken.clone(), to_lumina.clone()]),
            (free, vec![to_taken, FieldValue::Model(Some(catalogue.notebook))]),
        ] {
            assert_eq!(refused(&college, asset, Act::ChangeFields(fields.clone())).await, taken, "{fields:?}");
        }
        // Both at once lead out of the way.
        let away = vec![FieldValue::Serial(Some(serial("SN-77777"))), to_lumina];
        college.act(other, Act::ChangeFields(away)).await;
    }

    /// Within one transaction the later command knows what the earlier one took.
    async fn a_batch_takes_nothing_twice(db: TestDb) {
        let college = College::found(&db).await;
        let pairs: [[NewAsset; 2]; 3] = [
            [college.asset("One").tag("B-1"), college.asset("Two").tag("b1")],
            [college.asset("One").serial("SN-31337"), college.asset("Two").serial("SN31337")],
            [college.asset("One").identifier(IdentifierKind::Udid, "abc-1"), college.asset("Two").identifier(IdentifierKind::Udid, "ABC1")],
        ];
        for pair in pairs {
            let refusal = refusal(try_all(&college, pair.map(NewAsset::command).into()).await);
            assert!(refusal.to_string().starts_with("command 1"), "{refusal}");
        }
        let asset = college.asset("Three").register().await;
        let change = Act::ChangeFields(vec![FieldValue::Serial(Some(serial("SN-99999")))]);
        let steps = vec![command(asset, change), college.asset("Four").serial("SN-99999").command()];
        let refusal = refusal(try_all(&college, steps).await);
        assert_eq!(refusal.code(), "asset_serial_taken");
    }

    /// What the rules overlook, the database refuses.
    async fn duplicate_rows_are_refused_by_the_database(db: TestDb) {
        let college = College::found(&db).await;
        let one = college.asset("One").tag("T-1").serial("SN-12121").identifier(IdentifierKind::Imei, "1234567890").register().await;
        let other = college.asset("Other").tag("T-2").serial("SN-34343").register().await;
        let mut raw = db.raw().await;
        let (org, one, other) = (raw.id(college.org.uuid()), raw.id(one.uuid()), raw.id(other.uuid()));
        let yes = match raw { habeo_tests::raw::Raw::Sqlite(_) => "1", habeo_tests::raw::Raw::Postgres(_) => "TRUE" };
        for sql in [
            format!("INSERT INTO asset_tag (org_id, tag_norm, asset_id, tag, current) VALUES ({org}, 'T1', {other}, 'T-1', {yes})"),
            format!("UPDATE asset SET serial_norm = 'SN12121' WHERE id = {other}"),
            format!("INSERT INTO asset_identifier (org_id, asset_id, kind, value_norm, value, first_seen) VALUES ({org}, {other}, 'imei', '1234567890', '1', 1)"),
            format!("UPDATE asset SET seq = (SELECT seq FROM asset WHERE id = {one}) WHERE id = {other}"),
        ] {
            let answer = raw.refused(&sql).await.to_lowercase();
            assert!(answer.contains("unique"), "{sql}: {answer}");
        }
    }
}
