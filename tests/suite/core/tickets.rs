//! Tickets that help desks report: what becomes of them, where they belong, and who sees them.

use habeo_core::access::{Access, Action, Role};
use habeo_core::asset::command::{Act, FieldValue};
use habeo_core::connection::Provider;
use habeo_core::id::{AssetId, PersonId, TicketId, UnitId};
use habeo_core::ledger::{audit, rebuild};
use habeo_core::page::Limit;
use habeo_core::person::command::RegisterPerson;
use habeo_core::person::{Affiliation, PersonStatus};
use habeo_core::ticket::command::{Outcome, REPORTS_MAX, Refusal, TakeReports};
use habeo_core::ticket::report::{AssetRef, Change, Field, Party, Report, Version};
use habeo_core::ticket::store::{self, Filter, Reader, Shown, StatusFilter};
use habeo_core::ticket::{Status, Unlinked};
use habeo_core::unit::scope;
use habeo_tests::builders::College;
use habeo_tests::database::TestDb;
use habeo_tests::{both_engines, must};

pub(crate) use super::help_desk::Desk;
use super::{deploy, give_back, refusal};

/// An asset of a unit and its tag.
async fn asset(college: &College, unit: UnitId) -> (AssetId, String) {
    let id = college.asset("Field laptop").unit(unit).register().await;
    let tag = must(college.detail(id).await.tag.ok_or("it has a tag"));
    (id, tag)
}

async fn page(db: &TestDb, access: &Access, filter: Filter, limit: u8) -> Vec<Shown> {
    let mut tx = db.read(access).await;
    let assets = must(scope::resolve(&mut tx, access, Action::ReadAssets).await);
    let people = must(scope::resolve(&mut tx, access, Action::ReadPeople).await);
    let reader = Reader {
        access,
        assets: &assets,
        people: &people,
    };
    let limit = must(Limit::new(limit).ok_or("a limit"));
    let (mut rows, mut before) = (Vec::new(), None);
    loop {
        let page = must(store::page(&mut tx, reader, filter, before, limit).await);
        rows.extend(page.rows);
        match page.next {
            Some(next) => before = Some(next.seq),
            None => break,
        }
    }
    let count = must(store::count(&mut tx, reader, filter).await);
    assert_eq!(usize::try_from(count), Ok(rows.len()), "{filter:?}");
    for row in &rows {
        let same = must(store::by_id(&mut tx, reader, row.id).await);
        assert_eq!(
            same.as_ref(),
            Some(row),
            "what is in a list can be looked at"
        );
    }
    rows
}

async fn keys(db: &TestDb, access: &Access, filter: Filter) -> Vec<String> {
    let rows = page(db, access, filter, 2).await;
    rows.into_iter().map(|ticket| ticket.key).collect()
}

async fn shown(college: &College, access: &Access, id: TicketId) -> Option<Shown> {
    let mut tx = college.db.read(access).await;
    let assets = must(scope::resolve(&mut tx, access, Action::ReadAssets).await);
    let people = must(scope::resolve(&mut tx, access, Action::ReadPeople).await);
    let reader = Reader {
        access,
        assets: &assets,
        people: &people,
    };
    must(store::by_id(&mut tx, reader, id).await)
}

fn email(address: &str) -> Field<Party> {
    Field::Set(Party {
        external_id: Some(address.to_owned()),
        name: Some("Somebody Outside".to_owned()),
        email: Some(address.to_owned()),
    })
}

async fn person(college: &College, address: &str, unit: UnitId, status: PersonStatus) -> PersonId {
    let new = RegisterPerson {
        id: None,
        display_name: format!("Bearer of {address}"),
        email: Some(address.to_owned()),
        hr_id: None,
        home_unit: unit,
        affiliation: Affiliation::Staff,
        status,
        separated_on: None,
        identities: Vec::new(),
    };
    must(college.db.ledger.record(&college.access, new).await)
}

async fn kinds(college: &College, stream: uuid::Uuid) -> Vec<String> {
    let mut tx = college.db.read(&college.access).await;
    let page = audit::history(&mut tx, &college.access, stream, None, Limit::DEFAULT).await;
    let mut kinds: Vec<String> = must(page)
        .rows
        .into_iter()
        .map(|entry| entry.kind)
        .collect();
    kinds.reverse();
    kinds
}

async fn is_rebuilt_alike(college: &College) {
    let spare = college.db.spare().await;
    assert_eq!(must(rebuild::check(&spare, &college.access).await), []);
    spare.close().await;
}

both_engines! {
    /// One entry for each change, none for what says nothing new, and nothing of what was written in any of them.
    async fn a_ticket_lives(db: TestDb) {
        let college = College::found(&db).await;
        let desk = Desk::of(&college);
        let (_, tag) = asset(&college, college.units.physics).await;
        let open = desk.ticket("1", &tag.to_lowercase());
        let taken = desk.one(&open).await;
        let id = must(taken.ticket.ok_or("a ticket"));
        assert_eq!(desk.one(&open).await.outcome, Outcome::Unchanged);
        let solved = desk.later(&open, Status::Resolved);
        assert_eq!(desk.one(&solved).await.outcome, Outcome::Applied);
        assert_eq!(desk.one(&open).await.outcome, Outcome::Stale);
        let again = desk.later(&open, Status::InProgress);
        desk.one(&again).await;
        let titled = Report { title: Field::Set("Another title".to_owned()), ..desk.later(&open, Status::InProgress) };
        desk.one(&titled).await;
        let gone = Report { change: Change::Deleted, ..desk.later(&open, Status::InProgress) };
        let last = desk.one(&gone).await;
        assert_eq!((last.ticket, last.outcome), (Some(id), Outcome::Applied));
        let expected = ["ticket.opened", "ticket.resolved", "ticket.reopened", "ticket.changed", "ticket.deleted"];
        assert_eq!(kinds(&college, id.uuid()).await, expected);
        let entries = db.raw().await.texts("SELECT bytes FROM ledger_entry WHERE stream_kind = 'ticket'").await;
        assert!(entries.iter().all(|entry| !entry.contains("Battery") && !entry.contains("Another title") && !entry.contains("desk.example")));
        is_rebuilt_alike(&college).await;
    }

    /// By tag, however it is written, also a former one; then by serial number; never by what several have, and never elsewhere.
    async fn assets_are_found_as_they_are_named(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let desk = Desk::of(&college);
        let physics = college.units.physics;
        let new = college.asset("Laptop").unit(physics).model(college.catalogue.notebook).maker(college.catalogue.lumina);
        let laptop = new.tag("WMK-000001").serial("SN-4711").register().await;
        college.asset("Twin").maker(college.catalogue.orbis).serial("TWIN-99").register().await;
        college.asset("Twin").maker(college.catalogue.lumina).serial("TWIN-99").register().await;
        other.asset("Elsewhere").tag("EAST-1").serial("EASTSERIAL").register().await;
        college.act(laptop, Act::Retag { tag: habeo_tests::builders::tag("WMK-000002") }).await;
        let tagged = |text: &str| AssetRef::Tag(text.to_owned());
        let serial = |text: &str| AssetRef::Serial(text.to_owned());
        let code = |text: &str| AssetRef::Code(text.to_owned());
        for (n, (refs, unlinked)) in [
            (vec![tagged("wmk-000002")], None),
            (vec![tagged("WMK-000001")], None),
            (vec![serial("sn 4711")], None),
            (vec![code("SN-4711")], None),
            (vec![code("WMK 000002")], None),
            (vec![tagged("WMK-999999"), serial("SN-4711")], None),
            (vec![tagged("WMK-999999")], Some(Unlinked::NoneFound)),
            (vec![serial("TWIN-99")], Some(Unlinked::SeveralFound)),
            (vec![serial("Default string")], Some(Unlinked::NoneFound)),
            (vec![tagged("EAST-1"), serial("EASTSERIAL")], Some(Unlinked::NoneFound)),
            (vec![], Some(Unlinked::NotNamed)),
        ].into_iter().enumerate() {
            let report = Report { assets: Field::Set(refs.clone()), ..desk.about_nothing(&n.to_string()) };
            let taken = desk.one(&report).await;
            assert_eq!((taken.outcome, taken.unlinked), (Outcome::Applied, unlinked), "{refs:?}");
            let ticket = must(shown(&college, &college.access, must(taken.ticket.ok_or("one"))).await.ok_or("shown"));
            let linked: Vec<AssetId> = ticket.assets.iter().map(|asset| asset.id).collect();
            assert_eq!(linked, if unlinked.is_none() { vec![laptop] } else { vec![] }, "{refs:?}");
        }
        // The same words mean another asset there.
        let theirs = Desk::of(&other);
        assert_eq!(theirs.one(&theirs.ticket("1", "EAST-1")).await.unlinked, None);
        is_rebuilt_alike(&college).await;
    }

    /// A ticket is seen where its asset is, moves with it, and with what it names; what is about nothing belongs to the intake.
    async fn a_ticket_is_seen_where_its_asset_is(db: TestDb) {
        let college = College::found(&db).await;
        let desk = Desk::of(&college);
        let units = college.units;
        let (in_physics, physics_tag) = asset(&college, units.physics).await;
        let (_, music_tag) = asset(&college, units.music).await;
        let whole = &college;
        let of = |unit| async move { whole.access_of(&[(Role::Custodian, unit)]).await };
        let (physics, music, science, intake) = (of(units.physics).await, of(units.music).await, of(units.science).await, of(units.unassigned).await);
        let nobody = college.access_of(&[]).await;
        let report = desk.ticket("1", &physics_tag);
        desk.one(&report).await;
        desk.open("2", &music_tag).await;
        desk.one(&desk.about_nothing("3")).await;
        let all = Filter::default();
        assert_eq!(keys(&db, &college.access, all).await, ["ITH-3", "ITH-2", "ITH-1"]);
        for (access, expected) in [(&physics, &["ITH-1"][..]), (&music, &["ITH-2"]), (&science, &["ITH-1"]), (&intake, &["ITH-3"]), (&nobody, &[])] {
            assert_eq!(keys(&db, access, all).await, expected);
        }
        let below = |unit| Filter { unit: Some(unit), ..Filter::default() };
        assert_eq!(keys(&db, &college.access, below(units.science)).await, ["ITH-1"]);
        assert_eq!(keys(&db, &physics, below(units.physics)).await, ["ITH-1"]);
        assert!(keys(&db, &physics, below(units.science)).await.is_empty(), "a unit above tells nothing");
        assert!(keys(&db, &physics, below(units.music)).await.is_empty());
        // It follows its asset to another unit.
        college.act(in_physics, Act::ChangeFields(vec![FieldValue::Unit(units.history)])).await;
        let history = of(units.history).await;
        assert_eq!(keys(&db, &history, all).await, ["ITH-1"]);
        assert!(keys(&db, &physics, all).await.is_empty());
        // And what it names.
        let moved = Report { assets: Field::Set(vec![AssetRef::Tag(music_tag.clone())]), ..desk.later(&report, Status::Open) };
        desk.one(&moved).await;
        assert_eq!(keys(&db, &music, all).await, ["ITH-2", "ITH-1"]);
        assert!(keys(&db, &history, all).await.is_empty());
        let loose = Report { assets: Field::Empty, ..desk.later(&report, Status::Open) };
        desk.one(&loose).await;
        assert_eq!(keys(&db, &intake, all).await, ["ITH-3", "ITH-1"]);
        assert_eq!(keys(&db, &music, all).await, ["ITH-2"]);
        is_rebuilt_alike(&college).await;
    }

    /// Who wants a ticket, does it, or has what it is about sees it without any role, and of its assets only their own.
    async fn people_see_their_own_tickets(db: TestDb) {
        let college = College::found(&db).await;
        let desk = Desk::of(&college);
        let units = college.units;
        let (hers, tag) = asset(&college, units.music).await;
        let wants = person(&college, "wants@westmark.example", units.physics, PersonStatus::Active).await;
        let does = person(&college, "does@westmark.example", units.physics, PersonStatus::Active).await;
        person(&college, "twice@westmark.example", units.physics, PersonStatus::Active).await;
        person(&college, "TWICE@westmark.example", units.physics, PersonStatus::Active).await;
        person(&college, "left@westmark.example", units.physics, PersonStatus::Separated).await;
        let report = Report {
            requester: email("Wants@Westmark.example"), assignee: email("does@westmark.example"), ..desk.ticket("1", &tag)
        };
        let id = must(desk.one(&report).await.ticket.ok_or("one"));
        for (n, address) in ["twice@westmark.example", "left@westmark.example", "no address"].into_iter().enumerate() {
            desk.one(&Report { requester: email(address), ..desk.ticket(&format!("1{n}"), &tag) }).await;
        }
        let mine = Filter { mine: true, ..Filter::default() };
        let has = college.people.cleo;
        college.act(hers, deploy(has)).await;
        for (person, keys_seen, sees_asset) in [(wants, 1, false), (does, 1, false), (has, 4, true)] {
            let access = college.access_as(person).await;
            assert_eq!(keys(&db, &access, mine).await.len(), keys_seen);
            assert_eq!(keys(&db, &access, Filter::default()).await.len(), keys_seen);
            let about = Filter { asset: Some(hers), ..Filter::default() };
            assert_eq!(keys(&db, &access, about).await.len(), if sees_asset { 4 } else { 0 }, "an asset out of sight tells nothing");
            let ticket = must(shown(&college, &access, id).await.ok_or("it is theirs"));
            assert_eq!(ticket.assets.len(), usize::from(sees_asset));
        }
        let access = college.access_as(wants).await;
        let ticket = must(shown(&college, &access, id).await.ok_or("it is theirs"));
        let requester = must(ticket.requester.ok_or("a requester"));
        assert_eq!((requester.person, requester.name.as_deref()), (Some(wants), Some("Bearer of wants@westmark.example")));
        let assignee = must(ticket.assignee.ok_or("an assignee"));
        assert_eq!((assignee.person, assignee.name), (Some(does), None), "a colleague's name is not theirs to know");
        // Whoever is only a name to the help desk is named to those who see the people of the ticket's unit.
        let custodian = college.access_of(&[(Role::Custodian, units.music)]).await;
        let buyer = college.access_of(&[(Role::Procurement, units.music)]).await;
        let named = |rows: Vec<Shown>| rows.into_iter().filter_map(|ticket| ticket.requester?.name).collect::<Vec<_>>();
        assert_eq!(named(page(&db, &custodian, Filter::default(), 10).await), ["Somebody Outside", "Somebody Outside", "Somebody Outside"]);
        assert!(named(page(&db, &buyer, Filter::default(), 10).await).is_empty());
        college.act(hers, give_back()).await;
        assert!(keys(&db, &college.access_as(has).await, mine).await.is_empty());
        assert!(keys(&db, &college.access, mine).await.is_empty(), "Habeo itself has none");
        is_rebuilt_alike(&college).await;
    }

    /// Lists narrowed by state, alone and with everything else.
    async fn lists_are_narrowed_by_state(db: TestDb) {
        let college = College::found(&db).await;
        let desk = Desk::of(&college);
        let (id, tag) = asset(&college, college.units.physics).await;
        for (n, status) in Status::ALL.iter().enumerate() {
            let report = Report { status: Field::Set(*status), ..desk.ticket(&n.to_string(), &tag) };
            desk.one(&report).await;
        }
        let physics = college.access_of(&[(Role::Custodian, college.units.physics)]).await;
        for access in [&college.access, &physics] {
            for (status, expected) in [
                (StatusFilter::Present, &["ITH-5", "ITH-4", "ITH-3", "ITH-2", "ITH-1", "ITH-0"][..]),
                (StatusFilter::Active, &["ITH-2", "ITH-1", "ITH-0"]),
                (StatusFilter::Ended, &["ITH-5", "ITH-4", "ITH-3"]),
                (StatusFilter::At(Status::InProgress), &["ITH-1"]),
                (StatusFilter::At(Status::Deleted), &["ITH-6"]),
            ] {
                for (asset, unit) in [(None, None), (Some(id), None), (None, Some(college.units.physics)), (Some(id), Some(college.units.physics))] {
                    let filter = Filter { status, asset, unit, mine: false };
                    assert_eq!(keys(&db, access, filter).await, expected, "{filter:?}");
                }
            }
        }
        college.act(id, deploy(college.people.ada)).await;
        let ada = college.access_as(college.people.ada).await;
        let filter = Filter { status: StatusFilter::Active, asset: Some(id), unit: None, mine: true };
        assert_eq!(keys(&db, &ada, filter).await, ["ITH-2", "ITH-1", "ITH-0"]);
    }

    /// What happened to tickets is part of the history of the assets that they were about then, without the other assets.
    async fn an_assets_history_has_its_tickets(db: TestDb) {
        let college = College::found(&db).await;
        let desk = Desk::of(&college);
        let (one, one_tag) = asset(&college, college.units.physics).await;
        let (other, other_tag) = asset(&college, college.units.music).await;
        let both = Report {
            assets: Field::Set(vec![AssetRef::Tag(one_tag.clone()), AssetRef::Tag(other_tag.clone())]), ..desk.about_nothing("1")
        };
        desk.one(&both).await;
        let alone = Report { assets: Field::Set(vec![AssetRef::Tag(other_tag)]), ..desk.later(&both, Status::Open) };
        desk.one(&alone).await;
        desk.one(&desk.later(&alone, Status::Closed)).await;
        let mut tx = db.read(&college.access).await;
        let mut told = Vec::new();
        for (asset, hidden) in [(one, other), (other, one)] {
            let (mut kinds, mut before) = (Vec::new(), None);
            loop {
                let limit = must(Limit::new(1).ok_or("a limit"));
                let page = must(audit::of_asset(&mut tx, &college.access, asset, before, limit).await);
                kinds.extend(page.rows.iter().map(|entry| entry.kind.clone()));
                assert!(page.rows.iter().all(|entry| !entry.payload.to_string().contains(&hidden.to_string())));
                match page.next {
                    Some(next) => before = Some(next.seq),
                    None => break,
                }
            }
            told.push(kinds);
        }
        assert_eq!(told[0], ["ticket.changed", "ticket.opened", "asset.registered"]);
        assert_eq!(told[1], ["ticket.resolved", "ticket.changed", "ticket.opened", "asset.registered"]);
    }

    /// Many reports of one unit of work: each has its outcome, and what one of them is about can be what the one before changed.
    async fn a_batch_is_taken_in_its_order(db: TestDb) {
        let college = College::found(&db).await;
        let desk = Desk::of(&college);
        let (_, tag) = asset(&college, college.units.physics).await;
        let first = desk.ticket("1", &tag);
        let second = desk.later(&first, Status::Resolved);
        let third = desk.later(&first, Status::InProgress);
        let bad = Report { external_id: " ".to_owned(), ..first.clone() };
        let ahead = Report { version: Version::UpdatedAt(desk.now().plus_days(3)), ..desk.about_nothing("2") };
        let taken = desk.take(&[first.clone(), third, second, bad, ahead, first]).await;
        let outcomes: Vec<Outcome> = taken.iter().map(|taken| taken.outcome).collect();
        let refused = Outcome::Refused(habeo_core::ticket::command::BadReport::BadKey);
        assert_eq!(outcomes, [Outcome::Applied, Outcome::Applied, Outcome::Stale, refused, Outcome::Applied, Outcome::Stale]);
        assert_eq!(taken.iter().map(|taken| taken.key.as_str()).collect::<Vec<_>>(), ["jira:0", "jira:1", "jira:2", "jira:3", "jira:4", "jira:5"]);
        assert!(taken[4].clamped && !taken[0].clamped);
        let many: Vec<Report> = (0..REPORTS_MAX).map(|n| desk.ticket(&format!("m{n}"), &tag)).collect();
        assert!(desk.take(&many).await.iter().all(|taken| taken.outcome == Outcome::Applied));
        let resolved: Vec<Report> = many.iter().map(|report| desk.later(report, Status::Resolved)).collect();
        assert!(desk.take(&resolved).await.iter().all(|taken| taken.outcome == Outcome::Applied));
        assert_eq!(keys(&db, &college.access, Filter { status: StatusFilter::Active, ..Filter::default() }).await, ["ITH-2", "ITH-1"]);
        is_rebuilt_alike(&college).await;
    }

    /// Digests of a unit count what happened to the tickets about its assets, once each.
    async fn digests_count_tickets(db: TestDb) {
        let college = College::found(&db).await;
        let desk = Desk::of(&college);
        let units = college.units;
        let (_, one) = asset(&college, units.physics).await;
        let (_, other) = asset(&college, units.chemistry).await;
        let mut tx = db.read(&college.access).await;
        let from = i64::try_from(must(audit::size(&mut tx, &college.access).await)).unwrap_or(0) - 1;
        drop(tx);
        let refs = [one, other].map(AssetRef::Tag).to_vec();
        let both = Report { assets: Field::Set(refs), ..desk.about_nothing("1") };
        desk.one(&both).await;
        desk.one(&desk.later(&both, Status::Closed)).await;
        desk.one(&desk.about_nothing("2")).await;
        let mut tx = db.read(&college.access).await;
        let until = i64::try_from(must(audit::size(&mut tx, &college.access).await)).unwrap_or(0) - 1;
        for (unit, expected) in [
            (units.science, &[("ticket.opened", 1), ("ticket.resolved", 1)][..]),
            (units.physics, &[("ticket.opened", 1), ("ticket.resolved", 1)]),
            (units.unassigned, &[("ticket.opened", 1)]),
            (units.music, &[]),
        ] {
            let counts = must(habeo_core::digest::store::counts(&mut tx, &college.access, unit, (from, until)).await);
            let counts: Vec<(&str, i64)> = counts.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
            assert_eq!(counts, expected);
        }
    }

    /// Of one organisation, one connection, and no person.
    async fn only_help_desks_report(db: TestDb) {
        let college = College::found(&db).await;
        let desk = Desk::of(&college);
        let take = |reports: usize| TakeReports {
            connection: desk.connection,
            provider: Provider::Jira,
            reports: (0..reports).map(|n| (n.to_string(), desk.about_nothing(&n.to_string()))).collect(),
        };
        let admin = college.access_of(&[(Role::OrgAdmin, college.units.root)]).await;
        assert_eq!(refusal(db.ledger.record(&admin, take(1)).await), Refusal::NotPermitted);
        assert_eq!(refusal(db.ledger.record(&desk.access, take(REPORTS_MAX + 1)).await), Refusal::TooMany);
        assert!(must(db.ledger.record(&desk.access, take(0)).await).is_empty());
        // Another connection's ticket of the same key is another ticket.
        let other = Desk::of(&college);
        let one = must(desk.one(&desk.about_nothing("7")).await.ticket.ok_or("one"));
        let two = must(other.one(&other.about_nothing("7")).await.ticket.ok_or("one"));
        assert_ne!(one, two);
        let theirs = College::found_as(&db, "eastmark").await;
        assert_eq!(shown(&theirs, &theirs.access, one).await, None);
        assert!(keys(&db, &theirs.access, Filter::default()).await.is_empty());
    }

    /// Reports of one ticket at the same time: one of them wins, and it is the newest.
    async fn reports_at_the_same_time_wait_for_each_other(db: TestDb) {
        let college = College::found(&db).await;
        let desk = Desk::of(&college);
        let first = desk.about_nothing("1");
        let reports: Vec<Report> = (0..8).map(|n| desk.later(&first, if n == 7 { Status::Closed } else { Status::InProgress })).collect();
        let taken = futures_util::future::join_all(reports.iter().rev().map(|report| desk.one(report))).await;
        let ids: std::collections::BTreeSet<_> = taken.iter().map(|taken| taken.ticket).collect();
        assert_eq!(ids.len(), 1);
        let ticket = must(shown(&college, &college.access, must(taken[0].ticket.ok_or("one"))).await.ok_or("shown"));
        assert_eq!(ticket.status, Status::Closed);
    }
}
