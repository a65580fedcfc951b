//! The asset of a device: by which of its numbers it is found, what speaks against it, and what becomes of a device that nobody has recorded.

use habeo_core::access::{Access, Role, Surface};
use habeo_core::asset::search::{Filter, Scanned};
use habeo_core::asset::{IdentifierKind, State};
use habeo_core::connection::Provider;
use habeo_core::device::report::{Kind, Ownership};
use habeo_core::device::take::{Outcome, Refusal, TakeReports};
use habeo_core::device::{NotTaken, Status};
use habeo_core::id::ConnectionId;
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};
use uuid::Uuid;

use super::super::reading::{scan, walk};
use super::super::refusal;
use super::{Mdm, assets, facts, report};

both_engines! {
    /// What nobody has recorded is received, belongs to nobody yet, and has no label that somebody made up.
    async fn an_unknown_device_is_taken_in(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        let mut new = report(Kind::Enrolled, "d-1", "SN-100200", 1);
        new.device.name = Some("Ada's laptop".to_owned());
        new.device.provider_tag = Some("JSS-7".to_owned());
        new.device.manufacturer = Some("Lumina Inc.".to_owned());
        let outcome = mdm.one(new).await;
        let Outcome::Applied { asset, entered: true } = outcome else { panic!("{outcome:?}") };
        let detail = college.detail(asset).await;
        assert_eq!(detail.state, State::Received);
        assert_eq!(detail.owning_unit_id, college.units.unassigned);
        assert_eq!(detail.tag, None);
        assert_eq!(detail.serial.map(String::from).as_deref(), Some("SN-100200"));
        assert_eq!(detail.manufacturer_id, Some(college.catalogue.lumina));
        assert_eq!(detail.category_name, "Managed devices");
        assert_eq!(detail.description, "Lumina Inc. Folio 14");
        assert_eq!((detail.mdm_provider, detail.mdm_status), (Some(Provider::Intune), Some(Status::Enrolled)));
        assert_eq!(facts(&college).await, ["identity.ref_linked", "mdm.enrolled"]);
        // No name of a device or of its user is in the ledger.
        let mut raw = db.raw().await;
        let entries = raw.texts("SELECT bytes FROM ledger_entry").await;
        assert!(entries.iter().all(|entry| !entry.contains("Ada's") && !entry.contains("JSS-7")));
        // A second one needs no second category.
        mdm.applied(report(Kind::Enrolled, "d-2", "SN-100201", 1)).await;
        let categories = raw.texts("SELECT code FROM category WHERE code = 'MANAGED'").await;
        assert_eq!(categories.len(), 1);
    }

    /// A model of the catalogue is recognised by either of its names; what is none stays words.
    async fn a_model_is_recognised(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        let mut raw = db.raw().await;
        let names = raw.texts("SELECT name FROM product_model ORDER BY seq").await;
        let mut known = report(Kind::Enrolled, "d-1", "SN-100300", 1);
        known.device.manufacturer = Some("LUMINA".to_owned());
        known.device.model = Some(names[0].to_uppercase());
        let asset = mdm.applied(known).await;
        let detail = college.detail(asset).await;
        assert_eq!(detail.model_id, Some(college.catalogue.notebook));
        assert_eq!(detail.category_id, college.catalogue.laptops);
        let models = raw.texts("SELECT name FROM product_model").await.len();
        let mut unknown = report(Kind::Enrolled, "d-2", "SN-100301", 1);
        unknown.device.manufacturer = Some("Nobody's".to_owned());
        let asset = mdm.applied(unknown).await;
        assert_eq!(college.detail(asset).await.model_id, None);
        assert_eq!(raw.texts("SELECT name FROM product_model").await.len(), models);
    }

    /// A model that asks for a serial number takes a device without one in, with the reason.
    async fn a_device_without_a_serial_number_is_taken_in(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        let mut raw = db.raw().await;
        let names = raw.texts("SELECT name FROM product_model ORDER BY seq").await;
        let mut bare = report(Kind::Enrolled, "d-1", "", 1);
        bare.device.manufacturer = Some("Lumina".to_owned());
        bare.device.model = Some(names[0].clone());
        let asset = mdm.applied(bare.clone()).await;
        assert_eq!(college.detail(asset).await.serial, None);
        assert_eq!(mdm.one(bare).await, Outcome::Unchanged { asset });
    }

    /// The management's own key comes first, then maker and serial number, in any spelling.
    async fn a_known_asset_is_linked(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::numbered(&college, 1, Provider::Jamf);
        let asset = college.asset("MacBook").serial("c02 test-12345").register().await;
        let linked = mdm.applied(report(Kind::Enrolled, "computer:42", "C02TEST12345 ", 1)).await;
        assert_eq!(linked, asset);
        assert_eq!(facts(&college).await, ["identity.ref_linked", "mdm.enrolled"]);
        // By its key alone from now on; and by another connection anew.
        let seen = mdm.one(report(Kind::CheckIn, "computer:42", "", 2)).await;
        assert_eq!(seen, Outcome::Unchanged { asset });
        let other = Mdm::numbered(&college, 2, Provider::Intune);
        assert_eq!(other.applied(report(Kind::CheckIn, "computer:42", "C02TEST12345", 3)).await, asset);
        // A phone and a computer of one number are two.
        let phone = mdm.applied(report(Kind::Enrolled, "mobile:42", "DMPTEST98765", 3)).await;
        assert_ne!(phone, asset);
        // A state is not changed by it.
        assert_eq!(college.state(asset).await, State::InStock);
    }

    /// A serial number is its maker's: another maker's is another asset, and a maker that nobody knows speaks against nothing.
    async fn makers_tell_serial_numbers_apart(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        let lumina = college.asset("Laptop").maker(college.catalogue.lumina).serial("SAME-1").register().await;
        let orbis = college.asset("Projector").maker(college.catalogue.orbis).serial("SAME-1").register().await;
        let by = |maker: &str, id: &str| {
            let mut report = report(Kind::Enrolled, id, "SAME-1", 1);
            report.device.manufacturer = Some(maker.to_owned());
            report
        };
        assert_eq!(mdm.applied(by("ORBIS Corporation", "d-1")).await, orbis);
        assert_eq!(mdm.applied(by("lumina", "d-2")).await, lumina);
        // Nobody knows this one: it may be either.
        let outcome = mdm.one(by("Someone else", "d-3")).await;
        assert!(matches!(outcome, Outcome::Case { opened: true, .. }), "{outcome:?}");
        let single = college.asset("Camera").maker(college.catalogue.orbis).serial("SINGLE-1").register().await;
        let mut unnamed = report(Kind::Enrolled, "d-4", "SINGLE-1", 1);
        unnamed.device.manufacturer = Some("Someone else".to_owned());
        assert_eq!(mdm.applied(unnamed).await, single);
    }

    /// What makers leave where they have no serial number brings no two devices together.
    async fn placeholders_merge_nothing(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        let one = mdm.applied(report(Kind::Enrolled, "d-1", "To be filled by O.E.M.", 1)).await;
        let other = mdm.applied(report(Kind::Enrolled, "d-2", "To be filled by O.E.M.", 1)).await;
        assert_ne!(one, other);
        // Nor does their name, and without a key there is nothing to know them by.
        let mut named = report(Kind::Enrolled, "", "Default string", 1);
        named.device.name = Some("LIB-PC-1".to_owned());
        assert_eq!(mdm.one(named).await, Outcome::NoIdentity);
        assert_eq!(assets(&college).await, 2);
        let seen = mdm.one(report(Kind::CheckIn, "d-1", "To be filled by O.E.M.", 2)).await;
        assert_eq!(seen, Outcome::Unchanged { asset: one });
    }

    /// IMEI, MEID, the ids of device and board, and the address of the wire, each in every spelling.
    async fn further_identifiers_find_the_asset(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        let (imei, board) = ("35 693803 564380 9", "6F1C2B1E-7A10-4E3B-9C55-0A1B2C3D4E5F");
        let phone = college.asset("Phone").identifier(IdentifierKind::Imei, "356938035643809").register().await;
        let radio = college.asset("Radio").identifier(IdentifierKind::Meid, "A10000009296F2").register().await;
        let tablet = college.asset("Tablet").identifier(IdentifierKind::Udid, "00008112-000A1B2C3D4E5F60").register().await;
        let tower = college.asset("Tower").identifier(IdentifierKind::SmbiosUuid, board).register().await;
        let wired = college.asset("Kiosk").identifier(IdentifierKind::MacWired, "A4:83:E7:11:22:33").register().await;
        let mut by_imei = report(Kind::Enrolled, "d-1", "", 1);
        by_imei.device.imei = Some(imei.to_owned());
        let mut by_meid = report(Kind::Enrolled, "d-2", "", 1);
        by_meid.device.meid = Some("270113177609606898".to_owned());
        let mut by_udid = report(Kind::Enrolled, "d-3", "", 1);
        by_udid.device.udid = Some("00008112-000a1b2c3d4e5f60".to_owned());
        let mut by_board = report(Kind::Enrolled, "d-4", "", 1);
        by_board.device.smbios_uuid = Some("1E2B1C6F-107A-3B4E-9C55-0A1B2C3D4E5F".to_owned());
        let mut by_wire = report(Kind::Enrolled, "d-5", "", 1);
        by_wire.device.wired_macs = vec!["02:00:00:00:00:01".to_owned(), "a483e7112233".to_owned()];
        let found = mdm.take(vec![by_imei, by_meid, by_udid, by_board, by_wire]).await;
        let expected = [phone, radio, tablet, tower, wired].map(|asset| Outcome::Applied { asset, entered: false });
        assert_eq!(found, expected);
        assert_eq!(assets(&college).await, 5);
    }

    /// A dock or an adapter that moved to another machine brings no asset with it.
    async fn an_adapter_moves(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        let mac = "A4:83:E7:11:22:33";
        let first = college.asset("First").serial("FIRST-1").identifier(IdentifierKind::MacWired, mac).register().await;
        let mut moved = report(Kind::Enrolled, "d-1", "SECOND-2", 1);
        moved.device.wired_macs = vec![mac.to_owned()];
        let second = mdm.applied(moved).await;
        assert_ne!(second, first);
        // By now two have it, and it tells nothing any more.
        let mut third = report(Kind::Enrolled, "d-2", "", 2);
        third.device.wired_macs = vec![mac.to_owned()];
        let third = mdm.applied(third).await;
        assert!(third != first && third != second);
    }

    /// Identifiers of a device are learned with its key, and find it when everything else has changed.
    async fn identifiers_are_learned(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        let asset = college.asset("Phone").serial("PHONE-1").register().await;
        let mut enrolled = report(Kind::Enrolled, "d-1", "PHONE-1", 1);
        enrolled.device.imei = Some("356938035643809".to_owned());
        assert_eq!(mdm.applied(enrolled).await, asset);
        let other = Mdm::numbered(&college, 2, Provider::Intune);
        let mut bare = report(Kind::Enrolled, "x-9", "", 2);
        bare.device.imei = Some("356938035643809".to_owned());
        assert_eq!(other.applied(bare).await, asset);
        match scan(&db, &college.access, "356938035643809").await {
            Scanned::One(found) => assert_eq!(found.asset.id, asset),
            other => panic!("{other:?}"),
        }
    }

    /// The same serial number under a new key: linked, the old one superseded, said once; and the old one changes nothing any more.
    async fn re_enrolment_is_said_once(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        let asset = mdm.applied(report(Kind::Enrolled, "old", "SN-500500", 1)).await;
        assert_eq!(mdm.applied(report(Kind::Enrolled, "new", "SN-500500", 5)).await, asset);
        let after = ["identity.ref_linked", "mdm.enrolled", "identity.ref_linked", "identity.ref_superseded", "identity.re_enrolled", "mdm.enrolled"];
        assert_eq!(facts(&college).await, after);
        for (kind, id, minutes) in [
            (Kind::CheckIn, "old", 6), (Kind::CheckIn, "new", 7), (Kind::Enrolled, "old", 8), (Kind::Unenrolled, "old", 9), (Kind::CheckIn, "new", 10),
        ] {
            let outcome = mdm.one(report(kind, id, "SN-500500", minutes)).await;
            let expected = if id == "old" { Outcome::Stale { asset } } else { Outcome::Unchanged { asset } };
            assert_eq!(outcome, expected, "{kind} {id}");
        }
        assert_eq!(facts(&college).await, after);
        let device = must(mdm.device(asset).await.ok_or("no device"));
        assert_eq!((device.status, device.external_id.as_deref()), (Status::Enrolled, Some("new")));
        // A key that is older than the present one is only noted.
        let older = mdm.one(report(Kind::Enrolled, "older", "SN-500500", 3)).await;
        assert_eq!(older, Outcome::Stale { asset });
        let device = must(mdm.device(asset).await.ok_or("no device"));
        assert_eq!(device.external_id.as_deref(), Some("new"));
        assert_eq!(facts(&college).await.len(), after.len() + 1);
        assert_eq!(assets(&college).await, 1);
    }

    /// One serial number in two organisations is two assets, and neither sees the other's.
    async fn organisations_are_apart(db: TestDb) {
        let one = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let ours = one.asset("Laptop").serial("SHARED-9").register().await;
        let theirs = other.asset("Laptop").serial("SHARED-9").register().await;
        assert_eq!(Mdm::of(&one).applied(report(Kind::Enrolled, "d-1", "SHARED-9", 1)).await, ours);
        assert_eq!(Mdm::of(&other).applied(report(Kind::Enrolled, "d-1", "SHARED-9", 1)).await, theirs);
        assert_eq!(Mdm::of(&other).device(ours).await, None);
    }

    /// What a device becomes is seen by those who see the unit that takes in, and by nobody else.
    async fn a_new_device_is_within_its_unit(db: TestDb) {
        let college = College::found(&db).await;
        let asset = Mdm::of(&college).applied(report(Kind::Enrolled, "d-1", "SN-700700", 1)).await;
        let physics = college.access_of(&[(Role::UnitAdmin, college.units.physics)]).await;
        assert!(walk(&db, &physics, &Filter::default(), 20).await.is_empty());
        assert!(matches!(scan(&db, &physics, "SN-700700").await, Scanned::Nothing));
        let intake = college.access_of(&[(Role::Technician, college.units.unassigned)]).await;
        assert_eq!(walk(&db, &intake, &Filter::default(), 20).await[0].id, asset);
    }

    /// Whose device is its user's own is not made an asset of the college; one that is recorded is followed.
    async fn a_persons_own_device_is_not_recorded(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        let mut own = report(Kind::Enrolled, "d-1", "OWN-12345", 1);
        own.device.ownership = Some(Ownership::Personal);
        assert_eq!(mdm.one(own.clone()).await, Outcome::Refused(NotTaken::Personal));
        assert_eq!(assets(&college).await, 0);
        let asset = college.asset("Lent for good").serial("OWN-12345").register().await;
        assert_eq!(mdm.applied(own).await, asset);
    }

    /// Keys and texts that cannot be kept are refused or left out, and never end the batch.
    async fn hostile_texts_do_no_harm(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        let mut strange = report(Kind::Enrolled, "d-1", "SN-800800", 1);
        strange.device.name = Some("\u{202e}evil\0".repeat(400));
        strange.device.model = Some("x".repeat(10_000));
        strange.device.os_version = Some("\n".repeat(90));
        strange.device.wired_macs = vec!["not an address".repeat(50); 300];
        let bad_key = report(Kind::Enrolled, &"k".repeat(500), "SN-800801", 1);
        let plain = report(Kind::Enrolled, "d-2", "SN-800802", 1);
        let outcomes = mdm.take(vec![strange, bad_key, plain]).await;
        assert!(matches!(outcomes[0], Outcome::Applied { entered: true, .. }), "{:?}", outcomes[0]);
        assert_eq!(outcomes[1], Outcome::Refused(NotTaken::BadKey));
        assert!(matches!(outcomes[2], Outcome::Applied { entered: true, .. }), "{:?}", outcomes[2]);
    }

    /// Only Habeo itself takes reports, and not more than a batch at once.
    async fn reports_come_from_connections_only(db: TestDb) {
        let college = College::found(&db).await;
        let admin = college.access_of(&[(Role::OrgAdmin, college.units.root)]).await;
        let connection = ConnectionId::from_uuid(Uuid::from_u128(1));
        let take = |count: usize| TakeReports {
            connection,
            provider: Provider::Jamf,
            reports: (0..count).map(|n| (n.to_string(), report(Kind::CheckIn, "d", "", 1))).collect(),
        };
        assert_eq!(refusal(db.ledger.record(&admin, take(1)).await), Refusal::NotPermitted);
        let system = Access::system(college.org, Surface::Webhook);
        assert_eq!(refusal(db.ledger.record(&system, take(257)).await), Refusal::TooMany);
        assert_eq!(assets(&college).await, 0);
    }
}
