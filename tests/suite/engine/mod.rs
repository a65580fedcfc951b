//! Conversations with the engine itself, on both engines: what is answered, to whom, and what it leaves behind.

mod answers;
mod bounds;
mod changes;
mod devices;
mod follow;
mod forms;
mod model;
mod tickets;

use habeo_bot::engine::{Asker, Engine, Place, Settings};
use habeo_bot::reply::{Act, Part, Reply, Row};
use habeo_core::access::Role;
use habeo_core::asset::AssignmentKind;
use habeo_core::asset::Target;
use habeo_core::asset::command::Act as AssetAct;
use habeo_core::chat::Platform;
use habeo_core::chat_link::ChatUser;
use habeo_core::conversation::{self, command::Remember};
use habeo_core::id::{AssetId, InstallId, PersonId, UnitId};
use habeo_core::install::Settings as InstallSettings;
use habeo_core::install::command::Configure;
use habeo_tests::builders::College;
use habeo_tests::builders::chat::master_key;
use habeo_tests::must;
use url::Url;

/// An engine over a college with a workspace.
struct Room<'a> {
    college: &'a College,
    engine: Engine,
    install: InstallId,
}

/// Somebody in it.
struct Somebody {
    person: PersonId,
    asker: Asker,
}

impl<'a> Room<'a> {
    async fn of(college: &'a College) -> Self {
        let settings = Settings {
            public_url: must(Url::parse("https://habeo.example.edu/")),
        };
        let ledger = college.db.ledger.clone();
        Self {
            college,
            engine: Engine::new(ledger, master_key(), settings),
            install: college.workspace("T1").await,
        }
    }

    /// A linked member with these roles.
    async fn member(&self, name: &str, home: UnitId, roles: &[(Role, UnitId)]) -> Somebody {
        let member = self.college.member(name, home, roles).await;
        let chat = format!("U{}", self.college.number());
        let user = self.college.link(self.install, &chat, member.person).await;
        self.somebody(member.person, user).await
    }

    async fn somebody(&self, person: PersonId, user: ChatUser) -> Somebody {
        let access = self.college.in_chat(person).await;
        Somebody {
            person,
            asker: Asker {
                access,
                conversation: format!("{}/D1/{}", self.install, user.user),
                user,
                platform: Platform::Slack,
                place: Place::Private,
            },
        }
    }

    /// The custodian of physics.
    async fn custodian(&self) -> Somebody {
        let physics = self.college.units.physics;
        self.member("Rae Example", physics, &[(Role::Custodian, physics)])
            .await
    }

    /// The last answer showed these assets, all of them.
    async fn speaks_of(&self, who: &Somebody, assets: &[AssetId]) {
        self.ask(who, "list laptops").await;
        let (access, conversation) = (&who.asker.access, who.asker.conversation.clone());
        let now = self.college.db.clock_now();
        let mut tx = self.college.db.read(access).await;
        let key = master_key();
        let kept = conversation::store::state(&mut tx, access, &conversation, now, &key).await;
        let kept = must(must(kept).ok_or("it is remembered"));
        drop(tx);
        let mut memory: serde_json::Value = must(serde_json::from_slice(&kept));
        memory["assets"] = serde_json::json!(assets);
        memory["context"]["rows"] = serde_json::json!(assets.len());
        memory["next"] = serde_json::Value::Null;
        let remember = Remember {
            conversation,
            intent: "find".to_owned(),
            rows: None,
            state: Some(must(serde_json::to_vec(&memory))),
            offer: None,
            master_key: master_key(),
        };
        must(self.college.db.ledger.record(access, remember).await);
    }

    /// From now on answers may be read by others.
    async fn share(&self) {
        let admin = self.college.administrator().await;
        let configure = Configure {
            install: self.install,
            settings: InstallSettings {
                trusted_email_domains: Vec::new(),
                share_in_channels: true,
            },
        };
        must(self.college.db.ledger.record(&admin, configure).await);
    }

    async fn ask(&self, who: &Somebody, text: &str) -> Reply {
        self.engine.ask(&who.asker, text).await
    }

    async fn press(&self, who: &Somebody, press: &str) -> Reply {
        self.engine.press(&who.asker, press).await
    }

    /// An asset of physics, in stock.
    async fn laptop(&self) -> (AssetId, String) {
        let id = self.college.asset("Field laptop").register().await;
        (id, self.tag(id).await)
    }

    async fn tag(&self, id: AssetId) -> String {
        must(self.college.detail(id).await.tag.ok_or("a label"))
    }

    async fn hand(&self, asset: AssetId, to: PersonId) {
        let deploy = AssetAct::Deploy {
            target: Target::Person(to),
            kind: AssignmentKind::Permanent,
            location: None,
        };
        self.college.act(asset, deploy).await;
    }
}

/// What the button with this label carries.
fn pressed(reply: &Reply, label: &str) -> String {
    let carried = reply.buttons.iter().find(|button| button.label == label);
    match carried.map(|button| &button.act) {
        Some(Act::Press(press)) => press.clone(),
        _ => panic!("no button {label:?} in {reply:#?}"),
    }
}

fn rows(reply: &Reply) -> Vec<&Row> {
    let rows = reply.parts.iter().filter_map(|part| match part {
        Part::Rows(rows) => Some(rows),
        _ => None,
    });
    rows.flatten().collect()
}

#[track_caller]
fn says(reply: &Reply, words: &str) {
    assert!(
        reply.text.contains(words),
        "{words:?} is not in {:?}",
        reply.text
    );
}
