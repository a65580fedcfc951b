//! What colleagues say, and what they see: in their own conversation, in a team, in a group.

use habeo_tests::both_engines;
use habeo_tests::teams::{Talk, User, button, lines};
use serde_json::json;

use super::World;

both_engines! {
    /// The same activity twice is one answer, whoever sent it again.
    async fn a_message_is_answered_once(db: TestDb) {
        let world = World::begin(&db).await;
        let activity = world.talk.activity(&User::PRIYA, json!({"text": "mine"}));
        let first = world.talk.happens(&activity).await;
        assert_eq!(first.len(), 1);
        assert!(world.talk.happens(&activity).await.is_empty());
        // The same id in another conversation is another message.
        let mut other = activity.clone();
        other["conversation"]["id"] = json!("a:1Another");
        assert_eq!(world.talk.happens(&other).await.len(), 1);
    }

    /// The answer goes where the question came from, in reply to it, and its path names both in percent encoding.
    async fn an_answer_is_a_reply_in_its_own_conversation(db: TestDb) {
        let world = World::begin(&db).await;
        let activity = world.talk.activity(&User::PRIYA, json!({"text": "mine"}));
        let sent = world.talk.happens(&activity).await;
        assert_eq!(sent[0].how, "reply");
        assert_eq!(sent[0].conversation, User::PRIYA.conversation());
        assert_eq!(sent[0].activity.as_deref(), activity["id"].as_str());
        let requests = world.talk.sim.requests();
        assert!(requests.iter().any(|request| request.contains("/a%3A1Personal-")), "{requests:?}");
    }

    /// In a team all read along, so an answer is sealed for its asker.
    async fn an_answer_among_others_is_sealed_for_its_asker(db: TestDb) {
        let world = World::begin(&db).await;
        let activity = world.talk.activity(&User::PRIYA, Talk::in_channel("mine"));
        let sent = world.talk.happens(&activity).await;
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].conversation, "19:abc@thread.tacv2;messageid=1767225590000");
        insta::allow_duplicates! {
            insta::assert_snapshot!(sent[0].shown(), @r"
            · Only Priya N. can see this answer.
            [Show my answer]
            ");
        }
        assert_eq!(sent[0].body.pointer("/attachments/0/content/refresh/userIds"), Some(&json!([User::PRIYA.address])));
        assert_eq!(button(&sent[0].body, "Show my answer")["type"], "Action.Submit");
    }

    /// Nothing but the mention asks nothing, and hostile texts are texts.
    async fn strange_texts_do_no_harm(db: TestDb) {
        let world = World::begin(&db).await;
        let texts = [
            "x".repeat(10_000),
            "\u{202E}evil\u{200B}\u{0}".to_owned(),
            "<at>Somebody</at> [x](javascript:alert(1)) **b** {{DATE(2026-01-01)}}".to_owned(),
            "'; DROP TABLE asset; --".to_owned(),
            "  \u{a0}&nbsp;\n ".to_owned(),
            "🦀".repeat(3_000),
        ];
        for text in texts {
            let changes = json!({"text": text, "textFormat": "plain"});
            let sent = world.talk.happens(&world.talk.activity(&User::PRIYA, changes)).await;
            assert_eq!(sent.len(), 1, "{text}");
        }
        let sent = world.talk.happens(&world.talk.activity(&User::PRIYA, json!({"text": null, "value": {"what": 1}}))).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(sent[0].shown(), @"Ask about equipment in your own words, or write “help”.");
        }
    }

    /// A tenant that belongs to nobody hears so once a minute, and nothing is stored of what it says.
    async fn an_unknown_tenant_is_told_nothing_else(db: TestDb) {
        let world = World::begin(&db).await;
        let strange = || {
            let changes = json!({"text": "where is WMK-000001-S?", "conversation": {"id": "a:strange", "conversationType": "personal", "tenantId": "strange"},
                "channelData": {"tenant": {"id": "strange"}}});
            world.talk.activity(&User::PRIYA, changes)
        };
        let sent = world.talk.happens(&strange()).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(sent[0].shown(), @"This organization is not connected to Habeo.");
        }
        assert!(world.talk.happens(&strange()).await.is_empty());
        world.talk.app.wait_seconds(61);
        assert_eq!(world.talk.happens(&strange()).await.len(), 1);
        let mut invoke = strange();
        invoke["type"] = json!("invoke");
        invoke["name"] = json!("adaptiveCard/action");
        invoke["value"] = json!({"action": {"verb": "press", "data": {"press": "x"}}});
        let answer = world.talk.invokes_as(&invoke).await;
        assert_eq!(lines(&answer), "(This organization is not connected to Habeo.)");
    }
}
