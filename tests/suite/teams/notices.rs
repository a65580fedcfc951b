//! Notices: told in the conversation that somebody has with the bot, where there is one.

use habeo_bot::teams::courier::TeamsCourier;
use habeo_core::digest::Cadence;
use habeo_core::digest::command::Subscribe;
use habeo_core::id::OrgId;
use habeo_core::outbox::lease::{Outbox, Wanted};
use habeo_core::outbox::{Channel, Courier as _, Leased, Outcome};
use habeo_core::time::DAY_MICROS;
use habeo_delivery::Upkeep;
use habeo_tests::issuer::changed;
use habeo_tests::teams::{Failure, Talk, User, member};
use habeo_tests::{both_engines, must};
use serde_json::json;

use super::World;
use crate::core::tickets::Desk;

const MANY: Wanted = Wanted {
    parcels: 100,
    again_max: 100,
};

async fn leased(world: &World, org: OrgId) -> Vec<Leased> {
    let outbox = Outbox::new(world.college.db.ledger.clone());
    must(outbox.claim(org, Channel::Teams, MANY).await)
}

fn courier(world: &World) -> TeamsCourier {
    TeamsCourier::new(
        world
            .talk
            .app
            .app
            .bot
            .teams()
            .expect("Teams is set up")
            .clone(),
    )
}

async fn must_deliver(courier: &TeamsCourier, parcel: &Leased) {
    let delivered = courier.deliver(parcel).await;
    assert!(
        matches!(delivered, Outcome::Delivered { .. }),
        "{delivered:?}"
    );
}

/// Ada is handed something, and is to be told.
async fn handed(world: &World) -> Leased {
    let college = &world.college;
    let asset = college
        .asset("Lumina Notebook 14")
        .tag("WMK-900001")
        .register()
        .await;
    let deploy = crate::core::deploy(college.people.ada);
    college.act(asset, deploy).await;
    let mut parcels = leased(world, college.org).await;
    assert_eq!(parcels.len(), 1);
    parcels.remove(0)
}

/// The digest of a channel, due.
async fn digest(world: &World, channel: &str) -> Leased {
    let college = &world.college;
    let subscribe = Subscribe {
        install: world.install,
        chat: channel.to_owned(),
        unit: college.units.music,
        cadence: Cadence::Daily,
        local_hour: 8,
    };
    must(college.db.ledger.record(&college.access, subscribe).await);
    let piano = college.asset("Piano").unit(college.units.music);
    piano.register().await;
    college.db.clock.advance_micros(DAY_MICROS);
    must(Upkeep::new(college.db.ledger.clone()).round().await);
    let mut parcels = leased(world, college.org).await;
    assert_eq!(parcels.len(), 1);
    parcels.remove(0)
}

both_engines! {
    /// Somebody who was heard of is told; somebody who was not waits; somebody who took the app out is not told.
    async fn whoever_was_heard_of_is_told(db: TestDb) {
        let world = World::begin(&db).await;
        let parcel = handed(&world).await;
        let courier = courier(&world);
        let unheard = courier.deliver(&parcel).await;
        assert!(matches!(unheard, Outcome::Again { after: Some(_), .. }), "{unheard:?}");
        world.talk.says(&User::PRIYA, "mine").await;
        let delivered = courier.deliver(&parcel).await;
        assert!(matches!(delivered, Outcome::Delivered { .. }), "{delivered:?}");
        let sent = world.talk.sim.take_sent();
        assert_eq!(sent[0].how, "send");
        assert_eq!(sent[0].conversation, User::PRIYA.conversation());
        insta::allow_duplicates! {
            insta::assert_snapshot!(sent[0].shown(), @r"
            You now have WMK-900001.
            · Lumina Notebook 14
            [Acknowledge] [Open in Habeo]
            ");
        }
    }

    /// Whoever has something learns of a ticket about it, and can ask about theirs.
    async fn whoever_has_something_learns_of_a_ticket_about_it(db: TestDb) {
        let world = World::begin(&db).await;
        world.talk.says(&User::PRIYA, "mine").await;
        let college = &world.college;
        let asset = college.asset("Lumina Notebook 14").tag("WMK-900001").register().await;
        college.act(asset, crate::core::deploy(college.people.ada)).await;
        let worker = world.talk.app.app.worker();
        must(worker.deliver_due().await);
        assert_eq!(world.talk.sim.take_sent().len(), 1);
        let desk = Desk::of(&world.college);
        desk.open("231", "WMK-900001").await;
        let bodies = college.db.raw().await.texts("SELECT body FROM outbox").await;
        assert!(bodies.iter().any(|body| body.contains("ticket_on_yours")) && !bodies.iter().any(|body| body.contains("Battery")), "ids only");
        must(worker.deliver_due().await);
        let sent = world.talk.sim.take_sent();
        assert_eq!((sent.len(), sent[0].conversation.as_str()), (1, User::PRIYA.conversation().as_str()));
        insta::allow_duplicates! {
            insta::assert_snapshot!(sent[0].shown(), @r"
            There is a ticket about WMK-900001, which you have.
              ITH-231 · Battery swollen 231
              · open, urgent
            [Open the ticket] [Open in Habeo]
            ");
        }
        let said = world.talk.says(&User::PRIYA, "my tickets").await;
        assert!(said.contains("Your open tickets: 1.") && said.contains("ITH-231"), "{said}");
        let said = world.talk.says(&User::PRIYA, "tickets on WMK-900001").await;
        assert!(said.contains("Tickets about WMK-900001: 1."), "{said}");
    }

    /// Somebody who only ever wrote in a team is found there: their own conversation is begun, and remembered.
    async fn whoever_was_heard_of_in_a_team_is_told_alone(db: TestDb) {
        let world = World::begin(&db).await;
        let parcel = handed(&world).await;
        let courier = courier(&world);
        let question = Talk::in_channel("mine");
        world.talk.happens(&world.talk.activity(&User::PRIYA, question)).await;
        let delivered = courier.deliver(&parcel).await;
        assert!(matches!(delivered, Outcome::Delivered { .. }), "{delivered:?}");
        let sent = world.talk.sim.take_sent();
        let how: Vec<(&str, &str)> = sent.iter().map(|sent| (sent.how, sent.conversation.as_str())).collect();
        let own = User::PRIYA.conversation();
        assert_eq!(how, [("create", own.as_str()), ("send", own.as_str())]);
        assert_eq!(sent[0].body["members"], json!([{"id": User::PRIYA.address}]));
        assert!(sent[1].shown().starts_with("You now have WMK-900001."), "{}", sent[1].shown());
        must_deliver(&courier, &parcel).await;
        let sent = world.talk.sim.take_sent();
        assert_eq!((sent.len(), sent[0].how), (1, "send"), "it is known by now");
    }

    /// A guest of a team is not told alone, and nobody is where the channel does not let the app begin.
    async fn nobody_is_told_alone_who_is_not_found(db: TestDb) {
        let world = World::begin(&db).await;
        let parcel = handed(&world).await;
        let courier = courier(&world);
        world.talk.happens(&world.talk.activity(&User::PRIYA, Talk::in_channel("mine"))).await;
        let good = member(&User::PRIYA);
        let guest = json!({"userPrincipalName": "priya_other.edu#EXT#@westmark.onmicrosoft.com"});
        world.talk.sim.member(User::PRIYA.address, &changed(good.clone(), guest));
        assert!(matches!(courier.deliver(&parcel).await, Outcome::Again { after: Some(_), .. }));
        // As a client that names its user by the other member: they are found, and the app is not theirs.
        world.talk.sim.member(User::PRIYA.address, &changed(good.clone(), json!({"aadObjectId": null})));
        assert!(matches!(courier.deliver(&parcel).await, Outcome::Again { after: Some(_), .. }));
        assert!(world.talk.sim.take_sent().is_empty());
        world.talk.sim.member(User::PRIYA.address, &good);
        must_deliver(&courier, &parcel).await;
    }

    /// A digest goes into a channel of the tenant's own members, and into no other.
    async fn a_digest_is_not_for_outsiders(db: TestDb) {
        let world = World::begin(&db).await;
        world.talk.happens(&world.talk.activity(&User::PRIYA, Talk::in_channel("mine"))).await;
        let parcel = digest(&world, "19:abc@thread.tacv2").await;
        let courier = courier(&world);
        world.talk.sim.member("29:outsider", &changed(member(&User::RAVI), json!({"tenantId": "another-tenant"})));
        let refused = courier.deliver(&parcel).await;
        assert!(matches!(refused, Outcome::Dead { .. }), "{refused:?}");
        assert!(world.talk.sim.take_sent().is_empty());
        let error = super::sending::last_error(&world).await.unwrap_or_default();
        assert!(error.contains("members of other organizations"), "{error}");
    }

    /// The same digest where nobody of elsewhere reads along.
    async fn a_digest_is_for_ones_own(db: TestDb) {
        let world = World::begin(&db).await;
        world.talk.happens(&world.talk.activity(&User::PRIYA, Talk::in_channel("mine"))).await;
        let parcel = digest(&world, "19:abc@thread.tacv2").await;
        let courier = courier(&world);
        world.talk.sim.fails([Failure::of(503, "ServiceUnavailable")]);
        assert!(matches!(courier.deliver(&parcel).await, Outcome::Again { .. }), "nobody knows who reads along");
        must_deliver(&courier, &parcel).await;
        let sent = world.talk.sim.take_sent();
        assert_eq!(sent[0].conversation, "19:abc@thread.tacv2");
        assert!(sent[0].shown().contains("What changed in MUSIC unit"), "{}", sent[0].shown());
    }

    /// Throttled and down, a notice waits; closed to us, it is given up, and the next is not even tried.
    async fn what_the_channel_says_is_heeded(db: TestDb) {
        let world = World::begin(&db).await;
        world.talk.says(&User::PRIYA, "mine").await;
        let parcel = handed(&world).await;
        let courier = courier(&world);
        world.talk.sim.fails([Failure { retry_after: Some(30), ..Failure::of(429, "Throttled") }]);
        let waits = courier.deliver(&parcel).await;
        assert!(matches!(waits, Outcome::Again { after: Some(after), .. } if after.as_secs() == 30), "{waits:?}");
        world.talk.sim.fails([Failure::of(503, "ServiceUnavailable")]);
        assert!(matches!(courier.deliver(&parcel).await, Outcome::Again { .. }));
        world.talk.sim.fails([Failure::of(403, "ConversationBlockedByUser")]);
        assert!(matches!(courier.deliver(&parcel).await, Outcome::Dead { .. }));
        let before = world.talk.sim.requests().len();
        let next = courier.deliver(&parcel).await;
        assert!(matches!(&next, Outcome::Dead { why } if why == "the app was taken out of the conversation"), "{next:?}");
        assert_eq!(world.talk.sim.requests().len(), before, "nothing was sent");
        assert!(world.talk.sim.take_sent().is_empty());
    }
}
