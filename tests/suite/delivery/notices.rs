//! What people and channels are told: once, of what is theirs, and with what they may see when they are told.

use std::sync::Arc;

use habeo_core::access::{Access, Role, Surface};
use habeo_core::asset::command::Act;
use habeo_core::asset::{AssignmentKind, Target};
use habeo_core::chat_link::command::Unlink;
use habeo_core::digest::command::{Refusal, Subscribe, Unsubscribe};
use habeo_core::digest::{Cadence, store as digests};
use habeo_core::id::{AssetId, ChatLinkId, DigestId, InstallId, PersonId};
use habeo_core::install::command::{Connect, Disconnect};
use habeo_core::install::{EndReason, Platform, Workspace};
use habeo_core::notice::present::{Present, present};
use habeo_core::notice::{Body, Notice, Recipient};
use habeo_core::outbox::lease::Verdict;
use habeo_core::outbox::{Channel, Leased, Outcome, Status};
use habeo_core::seat::Step;
use habeo_core::seat::command::TakeSubscription;
use habeo_core::seat::decide::{Previous, Report, Seats, Snapshot};
use habeo_core::seat::link::LinkCustomer;
use habeo_core::secret::MasterKey;
use habeo_core::session::Sessions;
use habeo_core::time::{DAY_MICROS, SECOND_MICROS};
use habeo_core::unit::scope::Scope;
use habeo_delivery::Upkeep;
use habeo_tests::builders::{College, command};
use habeo_tests::{both_engines, must};

use super::{Fake, Post, claim, count, delivered, settle, status};
use crate::core::{deploy, give_back, refusal};

const HOUR_MICROS: i64 = 3_600 * SECOND_MICROS;

/// A workspace of the college on a chat service.
pub(super) async fn connect(college: &College, platform: Platform) -> InstallId {
    let admin = college
        .access_of(&[(Role::OrgAdmin, college.units.root)])
        .await;
    let connect = Connect {
        workspace: Workspace {
            platform,
            key: format!("T0{}", college.slug.to_uppercase()),
        },
        name: "Workspace".to_owned(),
        bot_user: "U0BOT".to_owned(),
        app_id: "A0HABEO".to_owned(),
        scopes: Vec::new(),
        tokens: None,
        pending: false,
        master_key: Arc::new(MasterKey::new([7; 32])),
    };
    must(college.db.ledger.record(&admin, connect).await)
}

pub(super) async fn link(college: &College, install: InstallId, person: PersonId) -> ChatLinkId {
    let user = college.link(install, &format!("U{person}"), person).await;
    must(college.person_of(&user).await.ok_or("they are linked")).0
}

/// A college with a Slack workspace in which Ada and Cleo are known.
async fn chatting(college: &College) -> InstallId {
    let install = connect(college, Platform::Slack).await;
    link(college, install, college.people.ada).await;
    link(college, install, college.people.cleo).await;
    install
}

fn lend(college: &College, to: PersonId, micros: i64) -> Act {
    Act::Loan {
        target: Target::Person(to),
        due_at: college.db.ledger.clock().now().plus_micros(micros),
    }
}

fn body(leased: &Leased) -> Body {
    must(Body::read(&leased.body).ok_or("no notice"))
}

fn reader(leased: &Leased) -> Option<PersonId> {
    match body(leased).recipient {
        Recipient::Person { person, .. } => Some(person),
        Recipient::Channel { .. } | Recipient::Phone { .. } => None,
    }
}

pub(super) async fn present_now(college: &College, leased: &Leased) -> Present {
    let sessions = Sessions::new(college.db.ledger.clone());
    must(present(college.db.db(), &sessions, leased).await)
}

pub(super) async fn is_obsolete(college: &College, leased: &Leased) -> bool {
    matches!(present_now(college, leased).await, Present::Obsolete(_))
}

/// Who was told of which loans, the channel's parcels being claimed and settled.
pub(super) async fn told(college: &College) -> Vec<(Option<PersonId>, Notice)> {
    let mut told = Vec::new();
    loop {
        let leased = claim(college, Channel::Slack).await;
        if leased.is_empty() {
            return told;
        }
        for one in leased {
            told.push((reader(&one), body(&one).notice));
            settle(college, &one, delivered()).await;
        }
        college.db.clock.advance_micros(SECOND_MICROS);
    }
}

async fn round(college: &College) {
    must(Upkeep::new(college.db.ledger.clone()).round().await);
}

async fn new_asset(college: &College) -> AssetId {
    college
        .asset(&format!("Camera {}", college.number()))
        .unit(college.units.music)
        .register()
        .await
}

both_engines! {
    /// Whoever is handed an asset is told in every chat in which they are known; for whoever is known in none, nothing waits.
    async fn people_are_told_what_they_were_handed(db: TestDb) {
        let college = College::found(&db).await;
        let asset = new_asset(&college).await;
        college.act(asset, deploy(college.people.ada)).await;
        assert_eq!(count(&college).await, (0, 0), "no installation");
        college.act(asset, give_back()).await;
        let slack = chatting(&college).await;
        let teams = connect(&college, Platform::Teams).await;
        link(&college, teams, college.people.ada).await;
        college.act(asset, deploy(college.people.ben)).await;
        assert_eq!(count(&college).await, (0, 0), "Ben is known nowhere");
        let reassign = Act::Reassign { target: Target::Person(college.people.ada), kind: AssignmentKind::Permanent, location: None };
        let done = college.act(asset, reassign).await;
        let by_slack = claim(&college, Channel::Slack).await;
        let by_teams = claim(&college, Channel::Teams).await;
        for (leased, install) in [(&by_slack, slack), (&by_teams, teams)] {
            assert_eq!(leased.len(), 1);
            assert_eq!(leased[0].cause, Some(done.event));
            assert!(matches!(body(&leased[0]).recipient, Recipient::Person { install: via, .. } if via == install));
            assert!(!leased[0].body.contains("Camera"), "ids only");
            let Present::ToPerson(to) = present_now(&college, &leased[0]).await else { panic!("it is Ada's") };
            assert_eq!((to.asset.id, to.access.person()), (asset, Some(college.people.ada)));
        }
        let lent = new_asset(&college).await;
        college.act(lent, lend(&college, college.people.cleo, DAY_MICROS)).await;
        let leased = claim(&college, Channel::Slack).await;
        assert_eq!(reader(&leased[0]), Some(college.people.cleo));
        assert!(matches!(body(&leased[0]).notice, Notice::HandedToYou { due_at: Some(_), .. }));
    }

    /// Taken back, passed on, out of sight, unlinked, gone: nobody is told of what is theirs no more.
    async fn what_has_moved_on_is_not_told(db: TestDb) {
        let college = College::found(&db).await;
        let install = chatting(&college).await;
        let back = new_asset(&college).await;
        college.act(back, deploy(college.people.ada)).await;
        let leased = claim(&college, Channel::Slack).await.remove(0);
        assert!(!is_obsolete(&college, &leased).await);
        college.act(back, give_back()).await;
        assert!(is_obsolete(&college, &leased).await);
        // Handed to the same person again: that is another custody, and another notice.
        college.act(back, deploy(college.people.ada)).await;
        assert!(is_obsolete(&college, &leased).await);
        assert_eq!(settle(&college, &leased, Outcome::Obsolete { why: "moved on".to_owned() }).await, Verdict::Obsolete);
        assert_eq!(status(&college, leased.id).await, Status::Obsolete);
        db.clock.advance_micros(SECOND_MICROS);
        let again = claim(&college, Channel::Slack).await.remove(0);
        assert!(!is_obsolete(&college, &again).await);
        let Recipient::Person { link: tie, .. } = body(&again).recipient else { panic!("it is for Ada") };
        must(db.ledger.record(&college.access, Unlink { link: tie }).await);
        assert!(is_obsolete(&college, &again).await, "unlinked");
        link(&college, install, college.people.ada).await;
        assert!(is_obsolete(&college, &again).await, "another tie");
        let other = new_asset(&college).await;
        college.act(other, deploy(college.people.cleo)).await;
        let leased = claim(&college, Channel::Slack).await.remove(0);
        must(db.ledger.record(&college.access, Disconnect { install, reason: EndReason::Removed }).await);
        assert!(is_obsolete(&college, &leased).await, "the app is gone");
        let mut foreign = leased.clone();
        foreign.org = College::found_as(&db, "eastmark").await.org;
        assert!(is_obsolete(&college, &foreign).await, "another organisation");
    }

    /// One unit of work tells of its end only, an import of nothing, and a refused one of nothing.
    async fn only_news_is_told(db: TestDb) {
        let college = College::found(&db).await;
        chatting(&college).await;
        let (ada, cleo) = (college.people.ada, college.people.cleo);
        let (first, second) = (new_asset(&college).await, new_asset(&college).await);
        let acts = vec![
            command(first, deploy(ada)), command(first, give_back()), command(second, deploy(ada)), command(second, give_back()),
            command(second, deploy(cleo)),
        ];
        crate::core::all(&college, acts).await;
        let leased = claim(&college, Channel::Slack).await;
        assert_eq!(leased.iter().map(reader).collect::<Vec<_>>(), [Some(cleo)]);
        let import = Access::system(college.org, Surface::Import);
        must(db.ledger.record(&import, command(first, deploy(ada))).await);
        college.act(first, give_back()).await;
        let mut late = command(first, deploy(ada));
        db.clock.advance_micros(3 * DAY_MICROS);
        late.occurred_at = Some(db.ledger.clock().now().plus_micros(-2 * DAY_MICROS));
        must(db.ledger.record(&college.access, late).await);
        college.act(first, give_back()).await;
        let refused = Post { act: Some(command(first, deploy(ada))), refuse: true, ..Post::default() };
        refusal(db.ledger.record(&college.access, refused).await);
        assert_eq!(count(&college).await.0, 1);
    }

    /// At nine o'clock where the college is, whoever has to give something back within two days is told, once: whatever number of nodes there is,
    /// and after a restart too.
    async fn borrowers_are_told_once(db: TestDb) {
        let college = College::found(&db).await;
        chatting(&college).await;
        let (ada, ben, cleo) = (college.people.ada, college.people.ben, college.people.cleo);
        let mut soon = Vec::new();
        for (to, hours) in [(cleo, 40), (cleo, 70), (ada, 54), (ben, 40)] {
            let asset = new_asset(&college).await;
            college.act(asset, lend(&college, to, hours * HOUR_MICROS)).await;
            soon.push(asset);
        }
        told(&college).await;
        let start = db.ledger.clock().now();
        // In Chicago it is three in the morning.
        round(&college).await;
        assert_eq!(told(&college).await, []);
        db.clock.set(start.plus_micros(6 * HOUR_MICROS));
        let (one, other) = (Upkeep::new(db.ledger.clone()), Upkeep::new(db.ledger.clone()));
        let (first, second) = tokio::join!(one.round(), other.round());
        must(first);
        must(second);
        let of = |told: Vec<(Option<PersonId>, Notice)>| -> Vec<(Option<PersonId>, AssetId)> {
            told.into_iter().map(|(person, notice)| match notice {
                Notice::DueSoon { asset, .. } => (person, asset),
                other => panic!("{other:?}"),
            }).collect()
        };
        let mut reminded = of(told(&college).await);
        reminded.sort_unstable();
        let mut expected = [(Some(cleo), soon[0]), (Some(ada), soon[2])];
        expected.sort_unstable();
        assert_eq!(reminded, expected);
        // Another day, another process: only what has come near meanwhile.
        db.clock.set(start.plus_micros(30 * HOUR_MICROS));
        round(&college).await;
        round(&college).await;
        assert_eq!(of(told(&college).await), [(Some(cleo), soon[1])]);
        db.clock.set(start.plus_micros(54 * HOUR_MICROS));
        round(&college).await;
        assert_eq!(of(told(&college).await), []);
    }

    /// A loan that was made longer meanwhile does not end soon any more; near its new end its borrower is told again.
    async fn a_renewed_loan_is_told_anew(db: TestDb) {
        let college = College::found(&db).await;
        chatting(&college).await;
        let asset = new_asset(&college).await;
        college.act(asset, lend(&college, college.people.cleo, 30 * HOUR_MICROS)).await;
        told(&college).await;
        db.clock.advance_micros(7 * HOUR_MICROS);
        round(&college).await;
        let leased = claim(&college, Channel::Slack).await.remove(0);
        let Present::ToPerson(to) = present_now(&college, &leased).await else { panic!("it is due") };
        assert_eq!(to.notice, body(&leased).notice);
        let due_at = db.ledger.clock().now().plus_micros(4 * DAY_MICROS);
        college.act(asset, Act::Renew { due_at }).await;
        assert!(is_obsolete(&college, &leased).await);
        settle(&college, &leased, delivered()).await;
        db.clock.advance_micros(3 * DAY_MICROS);
        round(&college).await;
        assert!(matches!(told(&college).await[..], [(_, Notice::DueSoon { due_at: told, .. })] if told == due_at));
    }

    /// Administrators of the whole are told once a day that there are fewer seats than people, as long as there are.
    async fn administrators_are_told_of_missing_seats(db: TestDb) {
        let college = College::found(&db).await;
        let slack = connect(&college, Platform::Slack).await;
        let (root, music) = (college.units.root, college.units.music);
        let admin = college.member("Robin", root, &[(Role::OrgAdmin, root)]).await;
        let of_a_part = college.member("Sam", music, &[(Role::UnitAdmin, root)]).await;
        for member in [&admin, &of_a_part] {
            link(&college, slack, member.person).await;
        }
        let system = db.system(college.org);
        let bought = LinkCustomer { customer: "cus_1".to_owned(), subscription: Some("sub_1".to_owned()), livemode: true, event_id: "evt_0".to_owned() };
        must(db.ledger.record(&system, bought).await);
        let seats = async |event: &str, seats: i64| {
            let snapshot = Snapshot { status: "active".to_owned(), seats: Seats::Known(seats), period_end: None, metered: false };
            let at = db.ledger.clock().now();
            let report = Report { event_id: event.to_owned(), at, step: Step::Updated, snapshot, previous: Previous::default() };
            let take = TakeSubscription { subscription: "sub_1".to_owned(), customer: "cus_1".to_owned(), report, grace_micros: 0 };
            must(db.ledger.record(&system, take).await);
        };
        seats("evt_1", 1).await;
        round(&college).await;
        assert_eq!(told(&college).await, [], "it is not nine yet");
        db.clock.advance_micros(7 * HOUR_MICROS);
        round(&college).await;
        round(&college).await;
        assert_eq!(told(&college).await, [(Some(admin.person), Notice::SeatsExceeded)]);
        round(&college).await;
        assert_eq!(told(&college).await, [], "once a day");
        db.clock.advance_micros(DAY_MICROS);
        round(&college).await;
        let leased = claim(&college, Channel::Slack).await.remove(0);
        let Present::ToAdministrator(to) = present_now(&college, &leased).await else { panic!("there are too few") };
        assert_eq!(to.standing.seat.quantity, Some(1));
        assert!(to.standing.in_use > 1);
        // By the time it is delivered there are enough.
        seats("evt_2", 1_000).await;
        assert!(is_obsolete(&college, &leased).await);
        settle(&college, &leased, delivered()).await;
        db.clock.advance_micros(DAY_MICROS);
        round(&college).await;
        assert_eq!(told(&college).await, []);
    }

    /// A channel gets the counts of its unit, once a day at its hour, and nothing where nothing has changed.
    async fn digests_count_what_changed(db: TestDb) {
        let college = College::found(&db).await;
        let install = chatting(&college).await;
        let arts = Subscribe { install, chat: "C0ARTS".to_owned(), unit: college.units.arts, cadence: Cadence::Daily, local_hour: 8 };
        new_asset(&college).await;
        let digest = must(db.ledger.record(&college.access, arts.clone()).await);
        let science = Subscribe { chat: "C0SCI".to_owned(), unit: college.units.science, cadence: Cadence::Weekly, ..arts };
        must(db.ledger.record(&college.access, science).await);
        let (first, second) = (new_asset(&college).await, new_asset(&college).await);
        college.act(first, deploy(college.people.ben)).await;
        college.asset("Telescope").unit(college.units.physics).register().await;
        assert_ne!(first, second);
        // 03:00 in Chicago, then 08:00.
        round(&college).await;
        assert_eq!(claim(&college, Channel::Slack).await, []);
        db.clock.advance_micros(5 * HOUR_MICROS);
        round(&college).await;
        round(&college).await;
        let mut leased = claim(&college, Channel::Slack).await;
        leased.sort_by(|one, other| one.lane.cmp(&other.lane));
        assert_eq!(leased.len(), 2, "it is a Monday");
        assert!(leased[0].lane.ends_with("/channel/C0ARTS"));
        assert!(!leased[0].body.contains("C0ARTS"));
        let Present::ToChannel(to) = present_now(&college, &leased[0]).await else { panic!("there is something to tell") };
        assert_eq!((to.digest.id, to.digest.chat.as_str(), to.unit_name.as_str()), (digest, "C0ARTS", "ARTS unit"));
        let counts: Vec<(&str, i64)> = to.counts.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
        assert_eq!(counts, [("asset.deployed", 1), ("asset.registered", 2)]);
        let Present::ToChannel(to) = present_now(&college, &leased[1]).await else { panic!("there is something to tell") };
        assert_eq!(to.counts.get("asset.registered"), Some(&1));
        for one in &leased {
            settle(&college, one, delivered()).await;
        }
        // Elsewhere something changed, here nothing.
        college.asset("Telescope").unit(college.units.physics).register().await;
        db.clock.advance_micros(DAY_MICROS);
        round(&college).await;
        let quiet = claim(&college, Channel::Slack).await;
        assert_eq!(quiet.len(), 1, "it is a Tuesday");
        assert!(is_obsolete(&college, &quiet[0]).await);
        must(db.ledger.record(&college.access, Unsubscribe { digest }).await);
        settle(&college, &quiet[0], delivered()).await;
        new_asset(&college).await;
        db.clock.advance_micros(DAY_MICROS);
        round(&college).await;
        assert_eq!(claim(&college, Channel::Slack).await, []);
    }

    /// Administrators of a unit subscribe channels to it, and to nothing else.
    async fn administrators_subscribe(db: TestDb) {
        let college = College::found(&db).await;
        let install = chatting(&college).await;
        let admin = college.access_of(&[(Role::UnitAdmin, college.units.arts)]).await;
        let custodian = college.access_of(&[(Role::Custodian, college.units.root)]).await;
        let good = Subscribe { install, chat: "C1".to_owned(), unit: college.units.music, cadence: Cadence::Daily, local_hour: 8 };
        let foreign = College::found_as(&db, "eastmark").await;
        let elsewhere = connect(&foreign, Platform::Slack).await;
        let ask = |access: &Access, subscribe: Subscribe| {
            let (ledger, access) = (db.ledger.clone(), access.clone());
            async move { ledger.record(&access, subscribe).await }
        };
        let told = |refusal: Refusal| habeo_core::explain::Explain::code(&refusal);
        let science = Subscribe { unit: college.units.science, ..good.clone() };
        assert_eq!(told(refusal(ask(&admin, science).await)), "digest_unit_unknown");
        assert_eq!(told(refusal(ask(&custodian, good.clone()).await)), "digest_unit_unknown");
        let theirs = Subscribe { unit: foreign.units.music, ..good.clone() };
        assert_eq!(told(refusal(ask(&admin, theirs).await)), "digest_unit_unknown");
        assert_eq!(told(refusal(ask(&admin, Subscribe { install: elsewhere, ..good.clone() }).await)), "digest_install_unknown");
        assert_eq!(told(refusal(ask(&admin, Subscribe { local_hour: 24, ..good.clone() }).await)), "digest_hour_invalid");
        assert_eq!(told(refusal(ask(&admin, Subscribe { chat: "C 1".to_owned(), ..good.clone() }).await)), "digest_channel_invalid");
        let digest: DigestId = must(ask(&admin, good.clone()).await);
        assert_eq!(told(refusal(ask(&admin, good.clone()).await)), "digest_already_subscribed");
        for (access, id) in [(&custodian, digest), (&foreign.access, digest)] {
            let end = Unsubscribe { digest: id };
            assert_eq!(told(refusal(db.ledger.record(access, end).await)), "digest_unknown");
        }
        let mut tx = db.read(&college.access).await;
        assert_eq!(must(digests::all(&mut tx, &college.access).await).len(), 1);
        drop(tx);
        must(db.ledger.record(&admin, Unsubscribe { digest }).await);
        assert_eq!(told(refusal(db.ledger.record(&admin, Unsubscribe { digest }).await)), "digest_unknown");
        must(ask(&admin, good).await);
    }

    /// A courier renders with the reader's rights of the moment; who holds nothing sees nothing of others.
    async fn notices_show_what_their_reader_sees(db: TestDb) {
        let college = College::found(&db).await;
        chatting(&college).await;
        let (mine, others) = (new_asset(&college).await, new_asset(&college).await);
        college.act(mine, deploy(college.people.cleo)).await;
        let leased = claim(&college, Channel::Slack).await.remove(0);
        let Present::ToPerson(to) = present_now(&college, &leased).await else { panic!("it is Cleo's") };
        let mut tx = db.read(&to.access).await;
        let reach = must(habeo_core::unit::scope::resolve(&mut tx, &to.access, habeo_core::access::Action::ReadAssets).await);
        assert_ne!(reach, Scope::Whole);
        let seen = must(habeo_core::asset::store::by_ids(&mut tx, &to.access, &reach, &[mine, others]).await);
        assert_eq!(seen.iter().map(|asset| asset.id).collect::<Vec<_>>(), [mine]);
        assert_eq!((to.linked.user, to.access.actor().surface), (format!("U{}", college.people.cleo), Surface::Slack));
        let mut broken = leased;
        "{\"notice\":{},\"recipient\":{}}".clone_into(&mut broken.body);
        assert!(is_obsolete(&college, &broken).await);
    }

    /// Whatever couriers deliver, a worker keeps the hours by itself.
    async fn a_worker_without_couriers_leaves_parcels(db: TestDb) {
        let college = College::found(&db).await;
        chatting(&college).await;
        let asset = new_asset(&college).await;
        college.act(asset, deploy(college.people.ada)).await;
        let fake = Fake::new(Channel::Teams, |_| delivered());
        assert_eq!(must(fake.worker(&db.ledger).deliver_due().await), 0);
        assert_eq!(count(&college).await, (1, 1));
    }
}
