//! The way back: tokens, throttling, outages, and messages that the channel will not take.

use habeo_bot::teams::connector::Address;
use habeo_core::access::{Access, Surface};
use habeo_core::install::store;
use habeo_core::time::SECOND_MICROS;
use habeo_tests::teams::{Failure, TENANT, User};
use habeo_tests::{both_engines, must};
use serde_json::json;

use super::World;

async fn last_error(world: &World) -> Option<String> {
    let system = Access::system(world.college.org, Surface::Teams);
    let mut tx = world.college.db.read(&system).await;
    let install = must(store::by_id(&mut tx, &system, world.install).await);
    install.and_then(|install| install.health.last_error)
}

both_engines! {
    /// One token serves until five minutes before its end.
    async fn a_token_is_used_until_shortly_before_its_end(db: TestDb) {
        let world = World::begin(&db).await;
        world.talk.sim.tokens(Some(3_599));
        world.talk.says(&User::PRIYA, "mine").await;
        world.talk.says(&User::PRIYA, "mine").await;
        assert_eq!(world.talk.sim.token_fetches(), 1);
        db.clock.advance_micros(3_298 * SECOND_MICROS);
        world.talk.says(&User::PRIYA, "mine").await;
        assert_eq!(world.talk.sim.token_fetches(), 1);
        db.clock.advance_micros(2 * SECOND_MICROS);
        world.talk.says(&User::PRIYA, "mine").await;
        assert_eq!(world.talk.sim.token_fetches(), 2);
    }

    /// A token that the connector refuses is replaced once; if that is refused too, it is noted and not tried for ever.
    async fn a_refused_token_is_replaced_once(db: TestDb) {
        let world = World::begin(&db).await;
        world.talk.says(&User::PRIYA, "mine").await;
        world.talk.sim.forget_tokens();
        assert_ne!(world.talk.says(&User::PRIYA, "mine").await, "");
        assert_eq!(world.talk.sim.token_fetches(), 2);
        world.talk.sim.fails([Failure::of(401, "Unauthorized"), Failure::of(401, "BotNotRegistered")]);
        assert_eq!(world.talk.says(&User::PRIYA, "mine").await, "");
        assert_eq!(world.talk.sim.token_fetches(), 3);
        assert_eq!(last_error(&world).await.as_deref(), Some("the channel refused the bot's token"));
    }

    /// A wrong secret is noted for the administrator, without the secret and without the vendor's description.
    async fn a_wrong_secret_is_noted_without_it(db: TestDb) {
        let world = World::begin(&db).await;
        world.talk.sim.tokens(None);
        assert_eq!(world.talk.says(&User::PRIYA, "mine").await, "");
        let error = last_error(&world).await.unwrap_or_default();
        assert_eq!(error, "the bot has no token: the token endpoint answered 401 invalid_client");
    }

    /// Throttled and unavailable, an answer waits and arrives; it is said once.
    async fn what_may_pass_is_tried_again(db: TestDb) {
        let world = World::begin(&db).await;
        let throttled = Failure { retry_after: Some(1), ..Failure::of(429, "Throttled") };
        for failures in [vec![throttled], vec![Failure::of(502, "BadGateway"), Failure::of(412, "PreconditionFailed")]] {
            world.talk.sim.fails(failures);
            let sent = world.talk.happens(&world.talk.activity(&User::PRIYA, json!({"text": "mine"}))).await;
            assert_eq!(sent.len(), 1);
        }
    }

    /// A long wait is not waited for here: the message stays in the inbox until then.
    async fn a_long_wait_is_left_to_the_inbox(db: TestDb) {
        let world = World::begin(&db).await;
        let throttled = Failure { retry_after: Some(30), ..Failure::of(429, "Throttled") };
        world.talk.sim.fails([throttled]);
        assert_eq!(world.talk.says(&User::PRIYA, "mine").await, "");
        assert_eq!(world.talk.work().await, 0, "not yet");
        db.clock.advance_micros(31 * SECOND_MICROS);
        assert_eq!(world.talk.work().await, 1);
        assert_eq!(world.talk.sim.take_sent().len(), 1);
    }

    /// What the channel will not take is not sent again.
    async fn what_will_never_pass_is_given_up(db: TestDb) {
        let world = World::begin(&db).await;
        for failure in [Failure::of(413, "MessageSizeTooBig"), Failure::of(400, "BadSyntax"), Failure::of(500, "ServiceError")] {
            let status = failure.status;
            world.talk.sim.fails([failure]);
            assert_eq!(world.talk.says(&User::PRIYA, "mine").await, "");
            db.clock.advance_micros(600 * SECOND_MICROS);
            assert_eq!(world.talk.work().await, 0, "{status}");
        }
    }

    /// Answers go where the activity came from, with one slash whether it brought one or not.
    async fn service_addresses_with_and_without_a_slash_are_the_same(db: TestDb) {
        let world = World::begin(&db).await;
        let bare = world.talk.sim.service_url().trim_end_matches('/').to_owned();
        let token = world.talk.sim.token(world.talk.now(), json!({"serviceurl": bare}));
        let activity = world.talk.activity(&User::PRIYA, json!({"text": "mine", "serviceUrl": bare}));
        assert_eq!(world.talk.deliver_with(Some(&token), &activity).await.status, 200);
        world.talk.work().await;
        assert_eq!(world.talk.sim.take_sent().len(), 1);
        let requests = world.talk.sim.requests();
        assert!(requests.iter().all(|request| !request.contains("//")), "{requests:?}");
    }

    /// Conversations are begun, messages taken back, and members read page by page.
    async fn the_connector_is_asked_in_its_own_words(db: TestDb) {
        let world = World::begin(&db).await;
        let teams = world.talk.app.app.bot.teams().expect("Teams is set up");
        let address = Address {
            org: Some(world.college.org),
            service_url: world.talk.sim.service_url(),
            conversation: "19:abc@thread.tacv2;messageid=1".to_owned(),
        };
        let made = must(teams.connector().personal(&address, TENANT, User::PRIYA.address).await);
        let sent = world.talk.sim.take_sent();
        assert_eq!((sent[0].how, sent[0].conversation.as_str()), ("create", made.as_str()));
        assert_eq!(sent[0].body["members"], json!([{"id": User::PRIYA.address}]));
        assert_eq!(sent[0].body["tenantId"], TENANT);
        must(teams.connector().delete(&address, "1767225601000").await);
        assert_eq!(world.talk.sim.take_sent()[0].how, "delete");
        for i in 0..250 {
            world.talk.sim.member(&format!("29:{i:03}"), &json!({"name": "Somebody"}));
        }
        let members = must(teams.connector().members(&address).await);
        assert_eq!(members.len(), 252);
        let elsewhere = Address { service_url: "https://evil.example/".to_owned(), ..address };
        assert!(teams.connector().member(&elsewhere, User::PRIYA.address).await.is_err());
    }
}
