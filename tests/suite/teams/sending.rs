//! The way back: tokens, throttling, outages, and messages that the channel will not take.

use habeo_bot::teams::connector::Address;
use habeo_core::access::{Access, Surface};
use habeo_core::asset::State;
use habeo_core::id::AssetId;
use habeo_core::inbox::Dead;
use habeo_core::install::store;
use habeo_core::time::SECOND_MICROS;
use habeo_tests::teams::{Failure, TENANT, User, button};
use habeo_tests::{both_engines, must};
use serde_json::json;

use super::World;

pub(super) async fn last_error(world: &World) -> Option<String> {
    let system = Access::system(world.college.org, Surface::Teams);
    let mut tx = world.college.db.read(&system).await;
    let install = must(store::by_id(&mut tx, &system, world.install).await);
    install.and_then(|install| install.health.last_error)
}

async fn dead(world: &World) -> Vec<Dead> {
    let system = Access::system(world.college.org, Surface::Teams);
    let bot = &world.talk.app.app.bot;
    must(bot.common().parts().inbox.dead(&system, 100).await)
}

/// A camera that Ada has.
async fn camera(world: &World) -> AssetId {
    let college = &world.college;
    let asset = college.asset("Camera").tag("WMK-900002").register().await;
    let deploy = crate::core::deploy(college.people.ada);
    college.act(asset, deploy).await;
    asset
}

async fn proposals(db: &habeo_tests::database::TestDb) -> i64 {
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_entry WHERE type = 'bot.intent_created'";
    db.raw().await.number(sql).await
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
        // Whoever asked is answered as soon as a token is good again.
        world.talk.app.wait_seconds(600);
        assert_eq!(world.talk.work().await, 1);
        assert_eq!(world.talk.sim.take_sent().len(), 1);
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
        assert_eq!(dead(&world).await.len(), 3, "whoever was not answered stands among the dead");
    }

    /// While no token is to be had nothing is lost, nothing is looked up, and nothing is proposed; afterwards it is answered once.
    async fn an_outage_of_tokens_loses_nothing(db: TestDb) {
        let world = World::begin(&db).await;
        camera(&world).await;
        world.talk.sim.tokens_down(true);
        assert_eq!(world.talk.says(&User::PRIYA, "report WMK-900002 missing").await, "");
        world.talk.app.wait_seconds(600);
        assert_eq!(world.talk.work().await, 1, "it is tried again");
        assert!(world.talk.sim.take_sent().is_empty());
        assert_eq!(proposals(&db).await, 0);
        assert!(dead(&world).await.is_empty());
        world.talk.sim.tokens_down(false);
        world.talk.app.wait_seconds(600);
        assert_eq!(world.talk.work().await, 1);
        let sent = world.talk.sim.take_sent();
        assert_eq!(sent.len(), 1);
        assert!(sent[0].shown().contains("[Confirm]"), "{}", sent[0].shown());
        assert_eq!(proposals(&db).await, 1);
        world.talk.app.wait_seconds(600);
        assert_eq!(world.talk.work().await, 0, "and not again");
        assert!(dead(&world).await.is_empty());
    }

    /// Whoever is not answered for as long as it is tried stands among the dead.
    async fn an_outage_without_end_is_noted(db: TestDb) {
        let world = World::begin(&db).await;
        world.talk.sim.tokens(None);
        assert_eq!(world.talk.says(&User::PRIYA, "mine").await, "");
        for _ in 0..10 {
            db.clock.advance_micros(3_600 * SECOND_MICROS);
            world.talk.work().await;
        }
        let dead = dead(&world).await;
        assert_eq!(dead.len(), 1);
        assert_eq!(dead[0].error.as_deref(), Some("the bot has no token: the token endpoint answered 401 invalid_client"));
    }

    /// An answer that was taken and not acknowledged is not said again, and its change is not proposed again.
    async fn what_may_have_arrived_is_not_said_twice(db: TestDb) {
        let world = World::begin(&db).await;
        camera(&world).await;
        world.talk.sim.fails([Failure::unsaid()]);
        let changes = json!({"text": "report WMK-900002 missing"});
        let sent = world.talk.happens(&world.talk.activity(&User::PRIYA, changes)).await;
        assert_eq!(sent.len(), 1);
        assert!(sent[0].shown().contains("[Confirm]"), "{}", sent[0].shown());
        db.clock.advance_micros(600 * SECOND_MICROS);
        assert_eq!(world.talk.work().await, 0);
        assert!(world.talk.sim.take_sent().is_empty());
        assert_eq!(proposals(&db).await, 1);
        let dead = dead(&world).await;
        assert_eq!(dead.len(), 1);
        let why = dead[0].error.as_deref().unwrap_or_default();
        assert!(why.starts_with("the channel may have taken the message"), "{why}");
    }

    /// Something pressed is done once, also where nobody can be told so; that it was not said is noted.
    async fn what_was_pressed_is_not_pressed_again(db: TestDb) {
        let world = World::begin(&db).await;
        let asset = camera(&world).await;
        let asked = world.talk.activity(&User::PRIYA, json!({"text": "report WMK-900002 missing"}));
        let card = world.talk.happens(&asked).await.remove(0);
        let data = button(&card.body, "Confirm")["fallback"]["data"].clone();
        world.talk.sim.tokens_down(true);
        world.talk.sim.forget_tokens();
        let submitted = world.talk.activity(&User::PRIYA, json!({"text": null, "value": data, "replyToId": card.id}));
        assert!(world.talk.happens(&submitted).await.is_empty());
        assert_eq!(world.college.state(asset).await, State::Missing);
        world.talk.app.wait_seconds(600);
        assert_eq!(world.talk.work().await, 0);
        assert_eq!(dead(&world).await.len(), 1);
    }

    /// Many who wait for a token that is not given ask once between them.
    async fn many_wait_for_one_failure(db: TestDb) {
        let world = World::begin(&db).await;
        world.talk.sim.tokens_down(true);
        let asked = || world.talk.sim.requests().iter().filter(|request| request.ends_with("/token")).count();
        let ask = async || {
            let teams = world.talk.app.app.bot.teams().expect("Teams is set up");
            let waiting = (0..20).map(|_| teams.connector().ready());
            for outcome in futures_util::future::join_all(waiting).await {
                assert!(outcome.is_err());
            }
        };
        ask().await;
        assert_eq!(asked(), 1);
        world.talk.app.wait_seconds(3);
        ask().await;
        assert_eq!(asked(), 2);
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
        assert_eq!((members.members.len(), members.is_whole), (252, true));
        let elsewhere = Address { service_url: "https://evil.example/".to_owned(), ..address };
        assert!(teams.connector().member(&elsewhere, User::PRIYA.address).await.is_err());
    }
}
