//! Habeo in Microsoft Teams, as colleagues and attackers meet it.

mod asking;
mod buying;
mod conversation;
mod gate;
mod install;
mod invokes;
mod membership;
mod messages;
mod notices;
mod readers;
mod registration;
mod sending;
mod who;
mod writes;

use habeo_core::access::Role;
use habeo_core::id::{InstallId, PersonId};
use habeo_core::install::command::{Configure, Connect};
use habeo_core::install::{Platform, Settings, Workspace};
use habeo_tests::builders::{College, chat};
use habeo_tests::must;
use habeo_tests::teams::{APP_ID, TENANT, Talk, User};

/// A college whose tenant is connected, and its conversation.
struct World {
    college: College,
    talk: Talk,
    install: InstallId,
}

impl World {
    /// Priya is Ada, who administers the college; Ravi is nobody yet.
    async fn begin(db: &habeo_tests::database::TestDb) -> Self {
        Self::with(db, &[]).await
    }

    async fn with(db: &habeo_tests::database::TestDb, settings: &[(&str, &str)]) -> Self {
        let college = College::found(db).await;
        let talk = Talk::with(db, settings).await;
        let install = connect(&college, TENANT).await;
        let world = Self {
            college,
            talk,
            install,
        };
        let ada = world.college.people.ada;
        world
            .college
            .grant(ada, Role::OrgAdmin, world.college.units.root)
            .await;
        world.link(&User::PRIYA, ada).await;
        world
    }

    async fn link(&self, user: &User, person: PersonId) {
        self.college
            .link(self.install, user.object_id, person)
            .await;
    }

    async fn configure(&self, settings: Settings) {
        let admin = self.college.administrator().await;
        let configure = Configure {
            install: self.install,
            settings,
        };
        must(self.college.db.ledger.record(&admin, configure).await);
    }
}

/// Connects a tenant, live.
async fn connect(college: &College, tenant: &str) -> InstallId {
    let admin = college.administrator().await;
    let connect = Connect {
        workspace: Workspace {
            platform: Platform::Teams,
            key: tenant.to_owned(),
        },
        name: "westmark.edu".to_owned(),
        bot_user: format!("28:{APP_ID}"),
        app_id: APP_ID.to_owned(),
        scopes: Vec::new(),
        tokens: None,
        pending: false,
        master_key: chat::master_key(),
    };
    must(college.db.ledger.record(&admin, connect).await)
}
