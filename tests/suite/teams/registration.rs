//! As whom the bot asks for its tokens: where it is registered, and by what it proves itself.

use habeo_tests::both_engines;
use habeo_tests::teams::{
    BOT_TENANT, Certificate, EVERY_TENANT, TENANT, User, channel_key, next_key,
};

use super::World;
use super::sending::last_error;

const OLDER: [(&str, &str); 2] = [
    ("HABEO_TEAMS_APP_TYPE", "MultiTenant"),
    ("HABEO_TEAMS_APP_TENANT_ID", ""),
];

fn asked_at(world: &World, tenant: &str) -> bool {
    let path = format!("POST /{tenant}/oauth2/v2.0/token");
    let requests = world.talk.sim.requests();
    let tokens: Vec<&String> = requests
        .iter()
        .filter(|request| request.ends_with("/token"))
        .collect();
    !tokens.is_empty() && tokens.iter().all(|request| **request == path)
}

async fn refused(world: &World) {
    assert_eq!(world.talk.says(&User::PRIYA, "mine").await, "");
    let error = last_error(world).await.unwrap_or_default();
    assert_eq!(
        error,
        "the bot has no token: the token endpoint answered 400 unauthorized_client"
    );
}

both_engines! {
    /// A bot of one tenant is given its tokens there, also for conversations of another tenant.
    async fn a_bot_of_one_tenant_asks_its_own(db: TestDb) {
        let world = World::begin(&db).await;
        assert_ne!(world.talk.says(&User::PRIYA, "mine").await, "");
        assert_ne!(BOT_TENANT, TENANT);
        assert!(asked_at(&world, BOT_TENANT), "{:?}", world.talk.sim.requests());
    }

    /// A bot of the older type is given them where all of these are.
    async fn a_bot_of_all_tenants_asks_where_all_do(db: TestDb) {
        let world = World::with(&db, &OLDER).await;
        world.talk.sim.registered_in(EVERY_TENANT);
        assert_ne!(world.talk.says(&User::PRIYA, "mine").await, "");
        assert!(asked_at(&world, EVERY_TENANT), "{:?}", world.talk.sim.requests());
    }

    /// In another tenant than its own it is unknown, whichever it takes for its own.
    async fn a_bot_is_unknown_elsewhere(db: TestDb) {
        let world = World::with(&db, &[("HABEO_TEAMS_APP_TENANT_ID", TENANT)]).await;
        refused(&world).await;
    }

    /// The older type is no answer to a bot of one tenant, nor the other way round.
    async fn types_of_bots_are_not_mixed_up(db: TestDb) {
        let world = World::with(&db, &OLDER).await;
        refused(&world).await;
        world.talk.sim.registered_in(EVERY_TENANT);
        world.talk.app.wait_seconds(600);
        assert_eq!(world.talk.work().await, 1, "it was answered when it was set right");
        assert_eq!(world.talk.sim.take_sent().len(), 1);
    }

    /// With a certificate no secret is sent: a statement signed with its key, for this endpoint, good for minutes.
    async fn a_certificate_proves_the_app(db: TestDb) {
        let certificate = Certificate::of(channel_key(), db.clock_now().seconds());
        let pem = certificate.pem();
        let settings = [("HABEO_TEAMS_APP_PASSWORD", ""), ("HABEO_TEAMS_APP_CERTIFICATE", pem.as_str())];
        let world = World::with(&db, &settings).await;
        world.talk.sim.certified(certificate);
        assert_ne!(world.talk.says(&User::PRIYA, "mine").await, "");
        assert!(asked_at(&world, BOT_TENANT));
        assert_eq!(world.talk.sim.take_violations(), Vec::<String>::new());
        // The simulator tells a statement of another key from it.
        world.talk.sim.certified(Certificate::of(next_key(), db.clock_now().seconds()));
        world.talk.sim.forget_tokens();
        assert_eq!(world.talk.says(&User::PRIYA, "mine").await, "");
        assert_eq!(world.talk.sim.take_violations(), ["assertion: it is signed with the certificate's key"]);
    }
}
