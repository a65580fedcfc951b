//! Approving in Teams: the same notice, the same cards, the same record.

use habeo_bot::teams::courier::TeamsCourier;
use habeo_core::outbox::lease::{Outbox, Wanted};
use habeo_core::outbox::{Channel, Courier as _, Outcome};
use habeo_core::requisition::command::Assign;
use habeo_core::requisition::{Requisition, State};
use habeo_tests::teams::{Sent, User, button, lines};
use habeo_tests::{both_engines, must};
use serde_json::{Value, json};

use super::World;
use crate::requisition::{Shop, line, seen};

/// Priya, who is Ada and approves, is told of something that waits.
async fn told(world: &World, shop: &Shop<'_>) -> (Requisition, Sent) {
    world.talk.says(&User::PRIYA, "mine").await;
    drop(world.talk.sim.take_sent());
    let waits = shop.hand_in(vec![line("LT-14", "2", "1149.50")]).await;
    let outbox = Outbox::new(world.college.db.ledger.clone());
    let wanted = Wanted {
        parcels: 100,
        again_max: 100,
    };
    let parcels = must(
        outbox
            .claim(world.college.org, Channel::Teams, wanted)
            .await,
    );
    let teams = world.talk.app.app.bot.teams().expect("Teams is set up");
    let courier = TeamsCourier::new(teams.clone());
    for parcel in &parcels {
        let delivered = courier.deliver(parcel).await;
        assert!(
            matches!(delivered, Outcome::Delivered { .. }),
            "{delivered:?}"
        );
    }
    let mut sent = world.talk.sim.take_sent();
    assert_eq!(sent.len(), 1);
    (waits, sent.remove(0))
}

/// The card that takes the place of one whose button is pressed.
async fn pressed(world: &World, card: &Value, title: &str) -> Value {
    let action = button(card, title);
    let value = json!({"action": {"type": "Action.Execute", "verb": action["verb"], "data": action["data"]}, "trigger": "manual"});
    world
        .talk
        .invokes(&User::PRIYA, "adaptiveCard/action", value)
        .await
}

async fn found(world: &World, waits: &Requisition) -> Requisition {
    let college = &world.college;
    let found = seen(college, &college.access, waits.id).await;
    must(found.ok_or("no such requisition"))
}

both_engines! {
    /// From the notice to the record by two presses.
    async fn an_approver_approves_where_they_are_told(db: TestDb) {
        let world = World::begin(&db).await;
        let shop = Shop::open(&world.college).await;
        let (waits, notice) = told(&world, &shop).await;
        let text = notice.shown().replace(&waits.digest[..16], "DIGEST");
        insta::allow_duplicates! {
            insta::assert_snapshot!(text, @r"
            Requisition 1 waits for your approval.
            Supplier: Example Supplies
            Unit: PHYS unit
            Total: 2299\.00 USD
            Wanted by: Bo Example
              LT-14
              · 2 EA at 1149.50 USD
            · Digest DIGEST
            [Approve] [Reject] [Open in Habeo]
            ");
        }
        let card = pressed(&world, &notice.body, "Approve").await;
        assert!(lines(&card).contains("Approve requisition 1?") && lines(&card).contains("LT-14"), "{}", lines(&card));
        assert_eq!(found(&world, &waits).await.state, State::Submitted);
        let done = pressed(&world, &card, "Confirm").await;
        assert!(lines(&done).contains("Requisition 1 is approved."), "{}", lines(&done));
        assert_eq!(found(&world, &waits).await.state, State::Approved);
    }

    /// A no asks for its reason in a dialog; what changed meanwhile is not decided on.
    async fn a_no_asks_for_its_reason(db: TestDb) {
        let world = World::begin(&db).await;
        let shop = Shop::open(&world.college).await;
        let (waits, notice) = told(&world, &shop).await;
        let reject = button(&notice.body, "Reject");
        let form = world.talk.invokes(&User::PRIYA, "task/fetch", json!({"data": reject["data"]})).await;
        let submit = button(&form, "Continue");
        let submitted = async |reason: &str| {
            let mut data = submit["data"].clone();
            data["remark"] = json!(reason);
            world.talk.invokes(&User::PRIYA, "task/submit", json!({"data": data})).await
        };
        let empty = submitted(" ").await;
        assert!(lines(&empty).contains("Write why"), "{}", lines(&empty));
        let card = submitted("Too dear this year").await;
        assert!(lines(&card).contains("Reject requisition 1?") && lines(&card).contains("Too dear this year"), "{}", lines(&card));
        let buyer = shop.as_buyer().await;
        let assign = Assign { requisition: waits.id, unit: waits.unit, location: None, cost_centre: Some("1".to_owned()) };
        must(db.ledger.record(&buyer, assign).await);
        let confirm = button(&card, "Confirm");
        let stale = world.talk.invokes(&User::PRIYA, "task/submit", json!({"data": confirm["data"]})).await;
        assert!(stale.to_string().contains("was changed since you saw it"), "{stale}");
        let stale = pressed(&world, &notice.body, "Approve").await;
        assert!(lines(&stale).contains("was changed since you saw it"), "{}", lines(&stale));
        let anew = pressed(&world, &stale, "Show it as it is now").await;
        let reject = button(&anew, "Reject");
        let form = world.talk.invokes(&User::PRIYA, "task/fetch", json!({"data": reject["data"]})).await;
        let mut data = button(&form, "Continue")["data"].clone();
        data["remark"] = json!("Too dear this year");
        let card = world.talk.invokes(&User::PRIYA, "task/submit", json!({"data": data})).await;
        let confirm = button(&card, "Confirm");
        let done = world.talk.invokes(&User::PRIYA, "task/submit", json!({"data": confirm["data"]})).await;
        assert!(done.to_string().contains("Requisition 1 is rejected."), "{done}");
        assert_eq!(found(&world, &waits).await.state, State::Rejected);
    }
}
