//! Looking through the ledger: who, what, about what and when; and that no page walks far.

use habeo_core::access::{Access, Role};
use habeo_core::asset::command::{Act, Command};
use habeo_core::id::{AssetId, PersonId};
use habeo_core::ledger::trail::{self, About, Filter, Kind, Trail};
use habeo_core::ledger::verify::{Finding, recent};
use habeo_core::page::Limit;
use habeo_core::time::DAY_MICROS;
use habeo_tests::builders::{College, command};
use habeo_tests::{both_engines, must};

use super::evidence::unprotect;

async fn page(college: &College, filter: &Filter, before: Option<i64>, rows: u8) -> Trail {
    within(college, filter, before, (rows, trail::WALK_MAX)).await
}

async fn within(
    college: &College,
    filter: &Filter,
    before: Option<i64>,
    (rows, walk): (u8, i64),
) -> Trail {
    let access = &college.access;
    let mut tx = college.db.read(access).await;
    let limit = Limit::new(rows).unwrap_or_default();
    must(trail::page_within(&mut tx, access, filter, before, (limit, walk)).await)
}

fn kinds(trail: &Trail) -> Vec<String> {
    let entries = trail.rows.iter().map(|found| must(found.entry()));
    entries.map(|entry| entry.kind).collect()
}

fn indexes(trail: &Trail) -> Vec<i64> {
    trail.rows.iter().map(|found| found.stored.index).collect()
}

/// Writes something about an asset.
async fn note(college: &College, access: &Access, asset: AssetId) {
    let note = Command {
        remark: Some("looked at".to_owned()),
        ..command(asset, Act::Note)
    };
    must(college.db.ledger.record(access, note).await);
}

async fn technician(college: &College) -> (Access, PersonId) {
    let roles = [(Role::UnitAdmin, college.units.physics)];
    let member = college
        .member("Tia Example", college.units.physics, &roles)
        .await;
    (college.sign_in(&member).await.access, member.person)
}

both_engines! {
    /// Each part of a filter narrows by itself and together with others; what passes comes once, the newest first.
    async fn a_trail_is_narrowed(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        other.asset("Another lamp").register().await;
        let (access, tia) = technician(&college).await;
        let asset = college.asset("Lamp").register().await;
        let founded = db.ledger.clock().now();
        db.clock.advance_micros(DAY_MICROS);
        note(&college, &access, asset).await;
        note(&college, &college.access, asset).await;

        let everything = page(&college, &Filter::default(), None, 100).await;
        let newest = indexes(&everything);
        assert!(newest.windows(2).all(|pair| pair[0] == pair[1] + 1), "{newest:?}");
        assert_eq!(kinds(&everything)[..2], ["asset.noted", "asset.noted"]);

        let of_asset = Filter { about: Some(About::Id(asset.uuid())), ..Filter::default() };
        let history = page(&college, &of_asset, None, 100).await;
        assert_eq!(kinds(&history), ["asset.noted", "asset.noted", "asset.registered"]);
        assert_eq!(history.next, None);
        let thing = About::Thing("device".to_owned(), asset.uuid());
        let as_device = Filter { about: Some(thing), ..Filter::default() };
        assert_eq!(kinds(&page(&college, &as_device, None, 100).await), Vec::<String>::new());
        let sort = Filter { about: Some(About::Sort("asset".to_owned())), ..Filter::default() };
        assert_eq!(kinds(&page(&college, &sort, None, 100).await).len(), 3);

        let by_tia = Filter { actor: Some(format!("person:{tia}")), ..Filter::default() };
        assert_eq!(kinds(&page(&college, &by_tia, None, 100).await), ["asset.noted"]);
        let by_habeo = Filter { actor: Some("system".to_owned()), ..of_asset.clone() };
        assert_eq!(kinds(&page(&college, &by_habeo, None, 100).await), ["asset.noted", "asset.registered"]);
        let exactly = Filter { kind: Some(Kind::Exactly("asset.registered".to_owned())), ..Filter::default() };
        assert_eq!(kinds(&page(&college, &exactly, None, 100).await), ["asset.registered"]);
        let family = Filter { kind: Some(Kind::Family("grant".to_owned())), ..Filter::default() };
        assert_eq!(kinds(&page(&college, &family, None, 100).await), ["grant.given"]);
        let none = Filter { kind: Some(Kind::Family("as".to_owned())), ..Filter::default() };
        assert_eq!(kinds(&page(&college, &none, None, 100).await), Vec::<String>::new());

        let later = Filter { from: Some(founded.plus_micros(1)), ..Filter::default() };
        assert_eq!(kinds(&page(&college, &later, None, 100).await), ["asset.noted", "asset.noted"]);
        let before = Filter { until: Some(founded.plus_micros(1)), about: of_asset.about.clone(), ..Filter::default() };
        assert_eq!(kinds(&page(&college, &before, None, 100).await), ["asset.registered"]);
        let never = Filter { from: Some(founded.plus_days(7)), ..Filter::default() };
        assert_eq!(page(&college, &never, None, 100).await.next, None);
    }

    /// Pages follow one another to the first entry, and a page that finds little says how far it came.
    async fn a_page_walks_no_further_than_it_may(db: TestDb) {
        let college = College::found(&db).await;
        for n in 0..6 {
            college.asset(&format!("Lamp {n}")).register().await;
        }
        let all = Filter::default();
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let page = page(&college, &all, before, 7).await;
            assert_eq!(page.walked_to, None);
            seen.extend(indexes(&page));
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(seen.first().copied(), i64::try_from(seen.len() - 1).ok());
        assert_eq!(seen.last(), Some(&0));

        // The founding is far behind the lamps: it is found by going on, five entries at a time.
        let founding = Filter { kind: Some(Kind::Exactly("org.created".to_owned())), ..Filter::default() };
        let (mut found, mut pages, mut before) = (Vec::new(), 0, None);
        loop {
            let page = within(&college, &founding, before, (10, 5)).await;
            pages += 1;
            found.extend(kinds(&page));
            assert_eq!(page.next.is_some(), page.walked_to.is_some());
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(found, ["org.created"]);
        assert_eq!(pages, seen.len().div_ceil(5));
        // Of one thing's entries as many are walked as of all.
        let asset = college.asset("Table").register().await;
        for _ in 0..6 {
            note(&college, &college.access, asset).await;
        }
        let entered = Filter {
            about: Some(About::Id(asset.uuid())),
            kind: Some(Kind::Exactly("asset.registered".to_owned())),
            ..Filter::default()
        };
        let first = within(&college, &entered, None, (10, 5)).await;
        assert!(first.rows.is_empty() && first.walked_to.is_some());
        assert_eq!(kinds(&within(&college, &entered, first.next, (10, 5)).await), ["asset.registered"]);
        // What is asked for alone is looked up, however far back it is.
        let alone = Filter { about: entered.about.clone(), ..Filter::default() };
        assert_eq!(kinds(&within(&college, &alone, None, (10, 1)).await).len(), 7);
    }

    /// The end of a ledger is verified within a bound, and what is wrong with it is found.
    async fn the_end_of_a_ledger_is_verified(db: TestDb) {
        let college = College::found(&db).await;
        for _ in 0..3 {
            let commands = (0..200).map(|n| college.asset(&format!("Lamp {n}")).command());
            super::all(&college, commands.collect()).await;
        }
        let (signer, _) = db.signer().await;
        must(signer.sign(college.org).await).expect("a checkpoint");
        let access = &college.access;
        let everything = must(must(recent(db.db(), access, u64::MAX).await));
        assert_eq!((everything.from, everything.whole.checkpoints), (0, 1));
        let size = everything.whole.size;
        assert!(size > 600);
        for wanted in [0, 1, 100, 300, 600] {
            let end = must(must(recent(db.db(), access, wanted).await));
            assert_eq!(end.whole.size, size);
            assert_eq!(end.whole.root, everything.whole.root);
            assert!(size - end.from >= wanted && end.from % 256 == 0, "{wanted}: {}", end.from);
            assert_eq!(end.signed, everything.signed);
        }
        unprotect(&db).await;
        let mut raw = db.raw().await;
        must(raw.execute("UPDATE ledger_entry SET bytes = replace(bytes, 'Lamp', 'Lump') WHERE log_index = 590").await);
        assert!(matches!(must(recent(db.db(), access, 100).await), Err(Finding::Entry { index: 590, .. })));
        must(raw.execute("UPDATE ledger_entry SET bytes = replace(bytes, 'Lump', 'Lamp') WHERE log_index = 590").await);
        must(must(recent(db.db(), access, 100).await));
        must(raw.execute("UPDATE ledger_checkpoint SET size = size - 1").await);
        assert!(must(recent(db.db(), access, 100).await).is_err());
    }
}
