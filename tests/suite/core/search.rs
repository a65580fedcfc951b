//! Searching: what is found, in which order, without duplicates, and that nothing typed is an error.

use habeo_core::asset::command::Act;
use habeo_core::asset::search::{Filter, Scanned};
use habeo_core::asset::{IdentifierKind, State};
use habeo_core::id::AssetId;
use habeo_core::ledger::All;
use habeo_core::location::LocationKind;
use habeo_core::location::command::CreateLocation;
use habeo_core::person;
use habeo_core::person::PersonStatus;
use habeo_core::person::command::ChangeStatus;
use habeo_core::text::Tag;
use habeo_tests::builders::{College, tag};
use habeo_tests::{both_engines, must};

use super::reading::{ids, people, scan, search, walk};
use super::{all, deploy, give_back};

async fn found(college: &College, q: &str) -> Vec<AssetId> {
    ids(&search(&college.db, &college.access, q, &Filter::default(), 50).await)
}

fn hostile() -> Vec<String> {
    let mut all: Vec<String> = [
        "",
        " ",
        "'",
        "''",
        "\"",
        "\"\"",
        "%",
        "%%",
        "_",
        "__",
        "*",
        "**",
        "a*",
        "\"a\"*",
        "a AND",
        "AND OR NOT",
        "NEAR(a b)",
        "a:b",
        "-a",
        "a - b",
        "a & b | !c",
        "a <-> b",
        "a:*",
        "(",
        ")",
        "((",
        "a\u{0}b",
        "\u{0}",
        "ab\u{0}",
        "\u{0}\u{0}\u{0}",
        "💻",
        "💻💻",
        "é",
        "日本",
        "\\",
        "\\\\",
        "a\\b",
        "$1",
        "?1",
        "{a}",
        "a;DROP TABLE asset",
        "\u{202e}ab",
        "\u{10FFFF}\u{10FFFF}",
        "ß",
        "ﬃ",
        "İ",
        "\r\n",
        "a b c d e f g h i j k l",
        "^a",
        "a^2",
        "a+b",
        "document:a",
        "https://",
        "http:///t/",
        "https://x/t/%00%ff",
        "https://x/t/%",
        "1S",
        "S",
        "a@b",
        "@",
        "@\u{0}",
        "ab'::uuid",
    ]
    .map(ToOwned::to_owned)
    .into();
    all.push("a".repeat(10_000));
    all.push("ab ".repeat(4_000));
    all.push("💻".repeat(3_000));
    all.push("㌀".repeat(3_000));
    all.push(format!("https://x/t/{}", "%41".repeat(4_000)));
    all
}

both_engines! {
    /// One quest meets every tier; the pages of any size put together are the same list without a duplicate.
    async fn tiers_follow_one_another_without_duplicates(db: TestDb) {
        let college = College::found(&db).await;
        let suffix_one = college.asset("Ends so").serial("XYZQRST1").register().await;
        let word_one = college.asset("Cable for qrst1 rigs").register().await;
        let prefix_two = college.asset("Label longer").tag("QRST-12").register().await;
        let serial_two = college.asset("Serial longer").serial("QRST1-99").register().await;
        let exact = college.asset("The qrst1 itself").tag("QRST-1").serial("QRST11111").register().await;
        let prefix_one = college.asset("Label longer, qrst1").tag("QRST-11").serial("0QRST1").register().await;
        let word_two = college.asset("Another qrst1 cable").register().await;
        let suffix_two = college.asset("Ends so too").serial("AQRST1").register().await;
        let serial_one = college.asset("Serial longer").serial("QRST1-11").register().await;
        let expected = [exact, prefix_one, prefix_two, serial_one, serial_two, suffix_two, suffix_one, word_one, word_two];
        for rows in 1..=4 {
            let list = search(&db, &college.access, "qrst-1", &Filter::default(), rows).await;
            assert_eq!(ids(&list), expected[..7], "the code alone, by {rows}");
        }
        for rows in [1, 2, 3, 9, 100] {
            let list = search(&db, &college.access, "QRST1", &Filter::default(), rows).await;
            assert_eq!(ids(&list), expected, "by {rows}");
        }
    }

    /// Exactly one thing comes first for its label, former label, serial number and identifier, in any spelling, and for addresses.
    async fn exact_codes_come_first(db: TestDb) {
        let college = College::found(&db).await;
        let asset = college.asset("Phone").tag("MED-0442").serial("C02XG0FDJGH5").identifier(IdentifierKind::Imei, "35-693803-564380-9").register().await;
        college.act(asset, Act::Retag { tag: tag("MED-0443") }).await;
        college.asset("Decoy").tag("MED-04421").serial("C02XG0FDJGH56").register().await;
        for code in [
            "MED-0442", "med0442", " MED 0443 ", "c02xg0fdjgh5", "SC02XG0FDJGH5", "356938035643809", "https://old.example.edu/t/MED-0442",
            "HTTP://x.example/hardware/bytag?assetTag=MED-0443", "https://a.example/ht/med%200443",
        ] {
            assert!(matches!(scan(&db, &college.access, code).await, Scanned::One(one) if one.asset.id == asset), "{code}");
            assert_eq!(found(&college, code).await.first(), Some(&asset), "{code}");
        }
        for code in ["MED-044", "C02XG0", "nothing", ""] {
            assert_eq!(scan(&db, &college.access, code).await, Scanned::Nothing, "{code}");
        }
    }

    /// A search shows what has the code as its label before what has it as its serial number, and that before other identifiers.
    async fn exact_codes_of_every_kind_follow_one_another(db: TestDb) {
        let college = College::found(&db).await;
        let imei = college.asset("Identified").identifier(IdentifierKind::Imei, "490154203237518").register().await;
        let numbered = college.asset("Numbered").serial("490154203237518").register().await;
        let labelled = college.asset("Labelled").tag("490154203237518").register().await;
        for rows in [1, 2, 10] {
            let list = search(&db, &college.access, "490154203237518", &Filter::default(), rows).await;
            assert_eq!(ids(&list), [labelled, numbered, imei], "by {rows}");
        }
        let Scanned::One(one) = scan(&db, &college.access, "490154203237518").await else { panic!("not one") };
        assert_eq!(one.asset.id, labelled);
    }

    /// Two makers may use one serial number; then a scan shows both.
    async fn a_code_of_several_assets_shows_them_all(db: TestDb) {
        let college = College::found(&db).await;
        let one = college.asset("One").maker(college.catalogue.lumina).serial("SN-1000").register().await;
        let other = college.asset("Other").maker(college.catalogue.orbis).serial("SN-1000").register().await;
        let Scanned::Several(both) = scan(&db, &college.access, "sn1000").await else { panic!("not several") };
        assert_eq!(ids(&both), [one, other]);
        assert_eq!(found(&college, "SN-1000").await, [one, other]);
    }

    /// A wrong check character in our own namespace is a misreading; elsewhere it is an unknown label.
    async fn a_wrong_check_character_is_noticed(db: TestDb) {
        let college = College::found(&db).await;
        let label = Tag::issue("WMK", 4217);
        assert_eq!(label.as_str(), "WMK-004217-S");
        let asset = college.asset("Checked").tag(label.as_str()).register().await;
        assert!(matches!(scan(&db, &college.access, "wmk004217s").await, Scanned::One(one) if one.asset.id == asset));
        for code in ["WMK-004217-T", "WMK-004271-S", "https://x.example/t/WMK-004218-S"] {
            assert_eq!(scan(&db, &college.access, code).await, Scanned::Misread, "{code}");
        }
        for code in ["ABC-004217-T", "WMK-12-S", Tag::issue("WMK", 5000).as_str()] {
            assert_eq!(scan(&db, &college.access, code).await, Scanned::Nothing, "{code}");
        }
    }

    /// Words of the description, the model, the maker, the category and those above, the place and those above, and the holder.
    async fn words_are_found_wherever_they_stand(db: TestDb) {
        let college = College::found(&db).await;
        let places = college.places;
        let catalogue = college.catalogue;
        let new = college.asset("Zoë's gauge, calibrated").model(catalogue.notebook).serial("SN-2024").at(places.reading_room);
        let asset = new.register().await;
        college.asset("Something else").category(catalogue.projectors).at(places.workshop).register().await;
        college.act(asset, deploy(college.people.cleo)).await;
        for q in [
            "gauge", "GAUGE", "gau", "zoe", "Zoë", "calibrated gauge", "slate", "Slate 14", "lumina", "laptops", "computers", "reading", "library", "main campus",
            "cleo", "muster", "cleo gauge library", "gauge, \"slate\"",
        ] {
            let expected: &[AssetId] = &[asset];
            let list = found(&college, q).await;
            // Both are laptops or in a room; only the words that single it out are compared whole.
            assert!(list.contains(&asset), "{q}");
            if !matches!(q, "laptops" | "computers") {
                assert_eq!(list, expected, "{q}");
            }
        }
        for q in ["auge", "gauge beam", "orbis gauge", "north gauge", "ada"] {
            assert!(found(&college, q).await.is_empty(), "{q}");
        }
        college.act(asset, give_back()).await;
        college.act(asset, Act::Move { location: places.workshop, observation: None }).await;
        for q in ["cleo", "library"] {
            assert!(found(&college, q).await.is_empty(), "{q} afterwards");
        }
        assert!(found(&college, "gauge foundry").await == [asset]);
    }

    /// One character is no question, two are.
    async fn nothing_is_found_by_fewer_than_two_characters(db: TestDb) {
        let college = College::found(&db).await;
        let asset = college.asset("Xy").tag("XY").serial("XYXYXY").register().await;
        for q in ["", "x", " x ", "é", "-", "--"] {
            assert!(found(&college, q).await.is_empty(), "{q}");
        }
        assert_eq!(found(&college, "xy").await, [asset]);
        let more: Vec<_> = (0..30).map(|_| college.asset("Xylophone").command()).collect();
        all(&college, more).await;
        assert_eq!(found(&college, "xy").await.len(), 31);
    }

    /// A word that hundreds of places bear finds what is in every one of them.
    async fn a_common_name_of_places_leaves_nothing_out(db: TestDb) {
        const ROOMS: usize = 230;
        let college = College::found(&db).await;
        let site = college.place(None, "Tower").await;
        let new = |n: usize| CreateLocation {
            id: None,
            parent: Some(site),
            kind: LocationKind::Room,
            code: format!("T{n}"),
            name: format!("Chamber {n}"),
            room_use: None,
            timezone: None,
            controlling_unit: None,
        };
        let rooms = must(db.ledger.record(&college.access, All((0..ROOMS).map(new).collect())).await);
        let things: Vec<_> = rooms.iter().map(|room| college.asset("Lamp").at(*room).command()).collect();
        all(&college, things).await;
        assert_eq!(found(&college, "chamber").await.len(), ROOMS);
        for n in [0, 7, 101, ROOMS - 1] {
            // Words are searched by their beginnings: `t10` is the beginning of `t101` too.
            let prefix = n.to_string();
            let expected = (0..ROOMS).filter(|room| room.to_string().starts_with(&prefix)).count();
            let found = found(&college, &format!("lamp chamber t{n} tower")).await;
            assert_eq!(found.len(), expected, "{n}");
        }
    }

    /// Whatever is typed or scanned is answered.
    async fn nothing_typed_is_an_error(db: TestDb) {
        let college = College::found(&db).await;
        college.asset("Plain thing").tag("AB-1").serial("SN-99887").register().await;
        for q in hostile() {
            let short: String = q.chars().take(40).collect();
            let list = search(&db, &college.access, &q, &Filter::default(), 1).await;
            assert!(list.len() <= 1, "{short:?}");
            scan(&db, &college.access, &q).await;
            for filter in [Filter { tag: Some(q.clone()), ..Filter::default() }, Filter { serial: Some(q.clone()), ..Filter::default() }] {
                walk(&db, &college.access, &filter, 10).await;
            }
            let filter = person::store::Filter { q: Some(q.clone()), ..person::store::Filter::default() };
            let shown = people(&db, &college.access, &filter).await;
            if !q.chars().any(char::is_alphanumeric) {
                assert!(shown.is_empty(), "everybody is found by {short:?}");
            }
        }
    }

    /// Each filter of the list, alone and together.
    async fn filters_narrow_the_list(db: TestDb) {
        let college = College::found(&db).await;
        let (places, catalogue, units) = (college.places, college.catalogue, college.units);
        let laptop = college.asset("Laptop").model(catalogue.notebook).serial("SN-77001").at(places.reading_room).register().await;
        let beam = college.asset("Beamer").model(catalogue.projector).category(catalogue.projectors).unit(units.music).at(places.workshop).tag("PX-1").register().await;
        db.clock.advance_micros(1_000_000);
        let later = db.ledger.clock().now();
        college.act(beam, deploy(college.people.ben)).await;
        college.act(beam, Act::Retag { tag: tag("PX-2") }).await;
        let none = Filter::default;
        for (filter, expected) in [
            (Filter { tag: Some("px1".to_owned()), ..none() }, vec![beam]),
            (Filter { tag: Some("PX-2".to_owned()), ..none() }, vec![beam]),
            (Filter { tag: Some("PX".to_owned()), ..none() }, vec![]),
            (Filter { serial: Some("sn 77001".to_owned()), ..none() }, vec![laptop]),
            (Filter { state: Some(State::InUse), ..none() }, vec![beam]),
            (Filter { unit: Some(units.science), ..none() }, vec![laptop]),
            (Filter { unit: Some(units.root), ..none() }, vec![laptop, beam]),
            (Filter { site: Some(places.main), ..none() }, vec![laptop]),
            (Filter { site: Some(places.workshop), ..none() }, vec![]),
            (Filter { category: Some(catalogue.computers), ..none() }, vec![laptop]),
            (Filter { model: Some(catalogue.projector), ..none() }, vec![beam]),
            (Filter { holder: Some(college.people.ben), ..none() }, vec![beam]),
            (Filter { updated_since: Some(later), ..none() }, vec![beam]),
            (Filter { updated_since: Some(later), unit: Some(units.science), ..none() }, vec![]),
            (none(), vec![laptop, beam]),
        ] {
            assert_eq!(ids(&walk(&db, &college.access, &filter, 1).await), expected, "{filter:?}");
        }
    }

    /// People by the beginnings of their words, in any order, by address, and by what they are.
    async fn people_are_found_by_name_address_and_standing(db: TestDb) {
        let college = College::found(&db).await;
        let gone = ChangeStatus { person: college.people.ben, status: PersonStatus::Leave, separated_on: None };
        must(db.ledger.record(&college.access, gone).await);
        let new = habeo_core::person::command::RegisterPerson {
            email: Some("Dora.Probe@example.edu".to_owned()),
            ..habeo_tests::builders::person("Dora Probé", college.units.arts, person::Affiliation::Contractor, PersonStatus::Active)
        };
        let dora = must(db.ledger.record(&college.access, new).await);
        let people_found = async |filter| people(&db, &college.access, &filter).await;
        let none = person::store::Filter::default;
        let by = |q: &str| person::store::Filter { q: Some(q.to_owned()), ..none() };
        let (ada, ben, cleo) = (college.people.ada, college.people.ben, college.people.cleo);
        assert_eq!(people_found(by("ada")).await, [ada]);
        assert_eq!(people_found(by("exam ad")).await, [ada]);
        assert_eq!(people_found(by("probe")).await, [dora]);
        assert_eq!(people_found(by("dora.probe@EXAMPLE.edu")).await, [dora]);
        assert!(people_found(by("probe@example.edu")).await.is_empty());
        assert_eq!(people_found(person::store::Filter { unit: Some(college.units.arts), ..none() }).await, [ben, cleo, dora]);
        assert_eq!(people_found(person::store::Filter { status: Some(PersonStatus::Leave), ..none() }).await, [ben]);
        let contractors = person::store::Filter { affiliation: Some(person::Affiliation::Contractor), ..none() };
        assert_eq!(people_found(contractors).await, [dora]);
    }
}
