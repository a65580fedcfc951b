//! The app comes and goes: it introduces itself once, and says nothing where it is no longer.

use habeo_core::access::{Access, Surface};
use habeo_core::chat_conversation::{Reference, store};
use habeo_tests::issuer::changed;
use habeo_tests::teams::{APP_ID, Failure, TENANT, Talk, User};
use habeo_tests::{both_engines, must};
use serde_json::{Value, json};

use super::World;

fn installed(world: &World, action: &str) -> Value {
    world.talk.activity(
        &User::PRIYA,
        json!({"type": "installationUpdate", "action": action, "text": null}),
    )
}

fn members(world: &World, change: &str) -> Value {
    let bot = json!([{"id": format!("28:{APP_ID}")}, {"id": User::PRIYA.address}]);
    world.talk.activity(
        &User::PRIYA,
        json!({"type": "conversationUpdate", change: bot}),
    )
}

async fn reference(world: &World, conversation: &str) -> Option<Reference> {
    let system = Access::system(world.college.org, Surface::Teams);
    let mut tx = world.college.db.read(&system).await;
    must(store::by_conversation(&mut tx, &system, world.install, conversation).await)
}

both_engines! {
    /// Two activities say that the app was added, in either order: it introduces itself once, and again after it was taken out.
    async fn it_introduces_itself_once(db: TestDb) {
        let world = World::begin(&db).await;
        for (first, second) in [
            (installed(&world, "add"), members(&world, "membersAdded")),
            (members(&world, "membersAdded"), installed(&world, "add")),
        ] {
            let sent = world.talk.happens(&first).await;
            assert_eq!(sent.len(), 1);
            assert_eq!(sent[0].how, "send");
            assert!(sent[0].shown().contains("Changes are shown first"), "{}", sent[0].shown());
            assert!(world.talk.happens(&second).await.is_empty());
            assert!(world.talk.happens(&installed(&world, "add-upgrade")).await.is_empty());
            assert!(world.talk.happens(&installed(&world, "remove-upgrade")).await.is_empty());
            assert!(world.talk.happens(&installed(&world, "remove")).await.is_empty());
        }
    }

    /// What a channel is called is kept from what says it; most activities do not.
    async fn what_a_channel_is_called_is_kept(db: TestDb) {
        let world = World::begin(&db).await;
        let said = |text: &str, data: Value| {
            let mut changes = Talk::in_channel(text);
            changes["channelData"] = data;
            world.talk.activity(&User::PRIYA, changes)
        };
        let tenant = json!({"id": TENANT});
        world.talk.happens(&said("help", json!({"tenant": tenant}))).await;
        let known = async || reference(&world, "19:abc@thread.tacv2").await.expect("a conversation").name;
        assert_eq!(known().await, None);
        let named = json!({"tenant": tenant, "team": {"id": "19:abc", "name": "Science"}, "channel": {"id": "19:abc", "name": "Labs"}});
        world.talk.happens(&said("help", named)).await;
        assert_eq!(known().await.as_deref(), Some("Science › Labs"));
        world.talk.app.wait_seconds(3_601);
        world.talk.happens(&said("help", json!({"tenant": tenant}))).await;
        assert_eq!(known().await.as_deref(), Some("Science › Labs"));
    }

    /// Where something was last heard of is where notices go; after a removal nowhere, until somebody is heard of again.
    async fn where_a_conversation_is_reached_is_kept(db: TestDb) {
        let world = World::begin(&db).await;
        let conversation = User::PRIYA.conversation();
        world.talk.says(&User::PRIYA, "mine").await;
        let known = reference(&world, &conversation).await.expect("a conversation");
        assert_eq!(known.user.as_deref(), Some(User::PRIYA.object_id));
        assert_eq!(known.address.as_deref(), Some(User::PRIYA.address));
        assert_eq!(known.service_url, world.talk.sim.service_url());
        assert!(known.disabled_at.is_none());
        world.talk.happens(&members(&world, "membersRemoved")).await;
        let closed = reference(&world, &conversation).await.expect("a conversation");
        assert!(closed.disabled_at.is_some());
        world.talk.says(&User::PRIYA, "mine").await;
        let open = reference(&world, &conversation).await.expect("a conversation");
        assert!(open.disabled_at.is_none());
        // A channel is one conversation, whatever its threads.
        world.talk.happens(&world.talk.activity(&User::PRIYA, Talk::in_channel("mine"))).await;
        let channel = reference(&world, "19:abc@thread.tacv2").await.expect("a conversation");
        assert_eq!(channel.user, None);
    }

    /// A conversation that is closed to us is closed, and nothing is tried again.
    async fn a_closed_conversation_is_closed(db: TestDb) {
        let world = World::begin(&db).await;
        for failure in [Failure::of(403, "BotNotInConversationRoster"), Failure::of(404, "ConversationNotFound")] {
            world.talk.sim.fails([failure]);
            assert_eq!(world.talk.says(&User::PRIYA, "mine").await, "");
            let closed = reference(&world, &User::PRIYA.conversation()).await.expect("a conversation");
            assert!(closed.disabled_at.is_some());
            assert_ne!(world.talk.says(&User::PRIYA, "mine").await, "", "somebody wrote there again");
        }
    }

    /// Whoever adds the app for others is not whose chat it is: nothing of theirs is told there, and nothing that is theirs goes there.
    async fn a_chat_is_its_readers_not_its_installers(db: TestDb) {
        let world = World::begin(&db).await;
        let asset = world.college.asset("Lumina Notebook 14").tag("WMK-900001").register().await;
        world.college.act(asset, crate::core::deploy(world.college.people.ada)).await;
        let conversation = User::RAVI.conversation();
        let added = |id: &str| {
            let place = json!({"id": id, "conversationType": "personal", "tenantId": TENANT});
            let changes = json!({"type": "installationUpdate", "action": "add", "text": null, "conversation": place});
            world.talk.activity(&User::PRIYA, changes)
        };
        let sent = world.talk.happens(&added(&conversation)).await;
        assert_eq!(sent.len(), 1);
        insta::allow_duplicates! {
            insta::assert_snapshot!(sent[0].shown(), @r"
            # Habeo Copilot
            Ask about equipment in your own words: where something is, who has it, what is due back. Changes are shown first and wait for your confirmation.
            ");
        }
        let known = reference(&world, &conversation).await.expect("a conversation");
        assert_eq!(known.user.as_deref(), Some(User::RAVI.object_id), "the roster says so");
        assert_eq!(known.address.as_deref(), Some(User::RAVI.address));
        // Where nobody says whose it is, it is nobody's until they write; and theirs from then on.
        let conversation = User::PRIYA.conversation();
        world.talk.sim.fails([Failure::of(503, "ServiceUnavailable")]);
        world.talk.happens(&added(&conversation)).await;
        let unknown = reference(&world, &conversation).await.expect("a conversation");
        assert_eq!((unknown.user, unknown.address), (None, None));
        world.talk.says(&User::PRIYA, "mine").await;
        world.talk.sim.fails([Failure::of(503, "ServiceUnavailable")]);
        world.talk.app.wait_seconds(7_200);
        let upgrade = changed(added(&conversation), json!({"action": "add-upgrade"}));
        world.talk.happens(&upgrade).await;
        let known = reference(&world, &conversation).await.expect("a conversation");
        assert_eq!(known.user.as_deref(), Some(User::PRIYA.object_id));
    }

    /// In a team whoever added the app is not all who read along: nothing there is about anybody.
    async fn a_team_is_greeted_without_a_name(db: TestDb) {
        let world = World::begin(&db).await;
        let mut changes = Talk::in_channel("");
        changes["type"] = json!("installationUpdate");
        changes["action"] = json!("add");
        let sent = world.talk.happens(&world.talk.activity(&User::PRIYA, changes)).await;
        assert_eq!(sent.len(), 1);
        insta::allow_duplicates! {
            insta::assert_snapshot!(sent[0].shown(), @r"
            # Habeo Copilot
            Ask about equipment in your own words: where something is, who has it, what is due back. Changes are shown first and wait for your confirmation.
            ");
        }
    }
}
