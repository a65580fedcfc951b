//! Notices: told in the conversation that somebody has with the bot, where there is one.

use habeo_bot::teams::courier::TeamsCourier;
use habeo_core::id::OrgId;
use habeo_core::outbox::lease::{Outbox, Wanted};
use habeo_core::outbox::{Channel, Courier as _, Leased, Outcome};
use habeo_tests::teams::{Failure, User};
use habeo_tests::{both_engines, must};

use super::World;

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
        assert!(matches!(next, Outcome::Again { .. } | Outcome::Dead { .. }), "{next:?}");
        assert_eq!(world.talk.sim.requests().len(), before, "nothing was sent");
        assert!(world.talk.sim.take_sent().is_empty());
    }
}
