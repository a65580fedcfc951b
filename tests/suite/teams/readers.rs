//! Who reads an answer where others read along: everybody, or its asker alone, and for how long.

use habeo_core::access::Role;
use habeo_core::chat_link::ChatUser;
use habeo_core::chat_link::command::Unlink;
use habeo_core::install::Settings;
use habeo_core::install::command::NeedReinstall;
use habeo_core::person::PersonStatus;
use habeo_core::person::command::ChangeStatus;
use habeo_tests::builders::chat::master_key;
use habeo_tests::issuer::changed;
use habeo_tests::teams::{Failure, TENANT, Talk, User, button, lines, member};
use habeo_tests::{both_engines, must};
use serde_json::{Value, json};

use super::World;

const OVER: &str = "(This answer is somebody else's, or too old to be shown again.)";

/// A channel's or a group's differences under another id, with something of its own besides.
fn place(text: &str, id: &str, kind: &str, data: Value) -> Value {
    let conversation =
        json!({"isGroup": true, "conversationType": kind, "id": id, "tenantId": TENANT});
    let data = changed(json!({"tenant": {"id": TENANT}}), data);
    changed(
        Talk::in_channel(text),
        json!({"conversation": conversation, "channelData": data}),
    )
}

/// What Ravi's sealed answer is opened by.
async fn sealed(world: &World) -> Value {
    let question = Talk::in_channel("mine");
    let sent = world
        .talk
        .happens(&world.talk.activity(&User::RAVI, question))
        .await;
    assert!(
        sent[0]
            .shown()
            .contains("Only Ravi K. can see this answer."),
        "{}",
        sent[0].shown()
    );
    button(&sent[0].body, "Show my answer")["data"].clone()
}

/// The card as its reader's client asks for it.
async fn face(world: &World, user: &User, sealed: &Value, trigger: &str) -> Value {
    let action =
        json!({"type": "Action.Execute", "verb": "refresh", "data": {"sealed": sealed["sealed"]}});
    let value = json!({"action": action, "trigger": trigger});
    world
        .talk
        .invokes_in(Talk::in_channel(""), user, "adaptiveCard/action", value)
        .await
}

async fn dialog(world: &World, user: &User, sealed: &Value) -> Value {
    let value = json!({"data": sealed, "context": {"theme": "dark"}});
    world
        .talk
        .invokes_in(Talk::in_channel(""), user, "task/fetch", value)
        .await
}

/// Ravi is Ben, who has something.
async fn with_ben(db: &habeo_tests::database::TestDb) -> World {
    let world = World::begin(db).await;
    let (college, ben) = (&world.college, world.college.people.ben);
    college
        .grant(ben, Role::Technician, college.units.physics)
        .await;
    world.link(&User::RAVI, ben).await;
    let asset = college
        .asset("Lumina Notebook 14")
        .tag("WMK-900001")
        .register()
        .await;
    college.act(asset, crate::core::deploy(ben)).await;
    world
}

both_engines! {
    /// Shared answers are for all to see only where all are the tenant's own. Guests, federated users, shared channels and doubt keep them private.
    async fn nothing_is_shared_with_outsiders(db: TestDb) {
        let world = World::begin(&db).await;
        let college = &world.college;
        for tag in ["WMK-900001", "WMK-900002"] {
            college.asset("Lumina Notebook 14").tag(tag).register().await;
        }
        let asks = async |place: Value| {
            let sent = world.talk.happens(&world.talk.activity(&User::PRIYA, place)).await;
            assert_eq!(sent.len(), 1);
            sent[0].body.to_string().contains("WMK-900001")
        };
        let own = |id: &str| place("list laptops", id, "channel", json!({}));
        assert!(!asks(own("19:unshared@thread.tacv2")).await, "the college has not chosen to share");
        world.configure(Settings { share_in_channels: true, ..Settings::default() }).await;
        assert!(asks(own("19:own@thread.tacv2")).await);
        assert!(asks(place("list laptops", "19:own@thread.v2", "groupChat", json!({}))).await);
        let shared = json!({"channel": {"id": "19:shared@thread.tacv2", "type": "shared"}});
        assert!(!asks(place("list laptops", "19:shared@thread.tacv2", "channel", shared)).await);
        let standard = json!({"channel": {"id": "19:standard@thread.tacv2", "type": "standard"}});
        assert!(asks(place("list laptops", "19:standard@thread.tacv2", "channel", standard.clone())).await);
        world.talk.sim.fails([Failure::of(503, "ServiceUnavailable")]);
        assert!(!asks(own("19:unknown@thread.tacv2")).await, "nobody knows who reads along");
        let good = member(&User::RAVI);
        for (n, changes) in [
            json!({"userPrincipalName": "ravi_other.edu#EXT#@westmark.onmicrosoft.com"}),
            json!({"tenantId": "another-tenant"}),
            json!({"tenantId": null}),
            json!({"userRole": "anonymous"}),
        ].into_iter().enumerate() {
            world.talk.sim.member("29:outsider", &changed(good.clone(), changes.clone()));
            assert!(!asks(own(&format!("19:channel-{n}@thread.tacv2"))).await, "{changes}");
            assert!(!asks(place("list laptops", &format!("19:group-{n}@thread.v2"), "groupChat", json!({}))).await, "{changes}");
            assert!(!asks(place("list laptops", &format!("19:standard-{n}@thread.tacv2"), "channel", standard.clone())).await, "{changes}");
        }
    }

    /// What is somebody's own is private whatever the college chose.
    async fn what_is_private_stays_so_where_answers_are_shared(db: TestDb) {
        let world = with_ben(&db).await;
        world.configure(Settings { share_in_channels: true, ..Settings::default() }).await;
        let data = sealed(&world).await;
        assert!(lines(&face(&world, &User::RAVI, &data, "automatic").await).contains("WMK-900001"));
    }

    /// By itself a card shows its reader's face. A press opens a dialog: what answers a press of a card would take its place for everybody.
    async fn an_answer_is_opened_for_its_reader_alone(db: TestDb) {
        let world = with_ben(&db).await;
        let data = sealed(&world).await;
        assert_eq!(data["msteams"], json!({"type": "task/fetch"}));
        let own = world.talk.says(&User::RAVI, "mine").await;
        assert!(own.contains("WMK-900001"), "{own}");
        let shown = face(&world, &User::RAVI, &data, "automatic").await;
        assert_eq!(lines(&shown), own, "the same as in a conversation of their own");
        for trigger in ["manual", "", "Automatic"] {
            let shown = face(&world, &User::RAVI, &data, trigger).await;
            assert_eq!(shown["type"], "application/vnd.microsoft.activity.message", "{trigger}");
            assert!(!shown.to_string().contains("WMK-900001"), "{trigger}");
        }
        let opened = dialog(&world, &User::RAVI, &data).await;
        assert_eq!(opened["task"]["type"], "continue");
        assert_eq!(lines(&opened).strip_prefix("== Habeo\n"), Some(own.as_str()));
        // What would open a dialog takes the place of what this one shows.
        let moved = button(&opened, "Move");
        let form = world.talk.invokes_in(Talk::in_channel(""), &User::RAVI, "task/submit", json!({"data": moved["data"]})).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(lines(&form), @r"
            == Move an asset
            Asset <ChoiceSet> WMK-900001 · Lumina Notebook 14
            Place <ChoiceSet>
            Remark <Text>
            [Continue]
            ");
        }
        // Whoever else presses gets nothing, and no ticket either.
        for other in [User::PRIYA, User { object_id: "5b1c7f6e-0000-4000-8000-00000000eeee", ..User::RAVI }] {
            assert_eq!(lines(&face(&world, &other, &data, "automatic").await), OVER);
            assert_eq!(lines(&dialog(&world, &other, &data).await), OVER);
        }
        let elsewhere = json!({"data": data});
        assert_eq!(lines(&world.talk.invokes_in(Talk::in_group(""), &User::RAVI, "task/fetch", elsewhere).await), OVER);
        world.talk.app.wait_seconds(3_601);
        assert_eq!(lines(&face(&world, &User::RAVI, &data, "automatic").await), OVER);
        assert_eq!(lines(&dialog(&world, &User::RAVI, &data).await), OVER);
    }

    /// Somebody who was unlinked since is shown the way to link themselves, and not their old answer.
    async fn an_answer_closes_when_its_reader_is_unlinked(db: TestDb) {
        let world = with_ben(&db).await;
        let data = sealed(&world).await;
        let ravi = ChatUser { install: world.install, user: User::RAVI.object_id.to_owned() };
        let (link, _) = world.college.person_of(&ravi).await.expect("a link");
        let admin = world.college.administrator().await;
        must(db.ledger.record(&admin, Unlink { link }).await);
        is_closed(&world, &data, "/link/teams?t=").await;
    }

    /// Somebody who has left sees nothing of it any more.
    async fn an_answer_closes_when_its_reader_leaves(db: TestDb) {
        let world = with_ben(&db).await;
        let data = sealed(&world).await;
        let leave = ChangeStatus { person: world.college.people.ben, status: PersonStatus::Separated, separated_on: None };
        must(db.ledger.record(&world.college.access, leave).await);
        is_closed(&world, &data, "/link/teams?t=").await;
    }

    /// Where the tenant has to be connected again, nothing opens until it is.
    async fn an_answer_closes_with_its_installation(db: TestDb) {
        let world = with_ben(&db).await;
        let data = sealed(&world).await;
        let admin = world.college.administrator().await;
        let need = NeedReinstall {
            install: world.install,
            token: String::new().into(),
            error: "as the test asked for".to_owned(),
            master_key: master_key(),
        };
        must(db.ledger.record(&admin, need).await);
        is_closed(&world, &data, "an administrator has to connect it again").await;
    }
}

async fn is_closed(world: &World, data: &Value, told: &str) {
    let face = face(world, &User::RAVI, data, "automatic")
        .await
        .to_string();
    let dialog = dialog(world, &User::RAVI, data).await.to_string();
    for shown in [face, dialog] {
        assert!(shown.contains(told), "{shown}");
        assert!(!shown.contains("WMK-900001"), "{shown}");
    }
}
