//! Asking on: what refers to the last answer, lists that go on, and what the command list offers.

use habeo_bot::manifest::BaseUrl;
use habeo_bot::manifest::teams::App;
use habeo_tests::teams::{APP_ID, Sent, Talk, User, button, lines};
use habeo_tests::{both_engines, must};
use serde_json::json;

use super::World;

async fn asked(world: &World, text: &str) -> Sent {
    let changes = json!({"text": text, "textFormat": "plain"});
    let activity = world.talk.activity(&User::PRIYA, changes);
    let mut sent = world.talk.happens(&activity).await;
    assert_eq!(sent.len(), 1, "{text}");
    sent.remove(0)
}

async fn laptops(world: &World, number: usize) {
    for n in 0..number {
        let tag = format!("WMK-9001{n:02}");
        let laptop = world.college.asset("Lumina Notebook 14").tag(&tag);
        laptop.register().await;
    }
}

fn tags(shown: &str) -> usize {
    shown.matches("WMK-9001").count()
}

both_engines! {
    /// What follows refers to the last answer of the same conversation, and to no other's.
    async fn a_question_can_refer_to_the_last_answer(db: TestDb) {
        let world = World::begin(&db).await;
        let college = &world.college;
        college.asset("Lumina Notebook 14").tag("WMK-900101").at(college.places.workshop).register().await;
        college.asset("Lumina Notebook 14").tag("WMK-900102").at(college.places.reading_room).register().await;
        let other = college.asset("Beam 900").category(college.catalogue.projectors).tag("WMK-900103");
        other.at(college.places.workshop).register().await;
        assert_eq!(tags(&world.talk.says(&User::PRIYA, "list laptops").await), 2);
        let narrowed = world.talk.says(&User::PRIYA, "only the ones in Workshop").await;
        assert!(narrowed.contains("WMK-900101"), "{narrowed}");
        assert!(!narrowed.contains("WMK-900102") && !narrowed.contains("WMK-900103"), "{narrowed}");
        let export = world.talk.says(&User::PRIYA, "export that").await;
        assert!(export.contains("A file of 1 asset"), "{export}");
        // In a team nothing was said before it: nothing there was about laptops.
        let sent = world.talk.happens(&world.talk.activity(&User::PRIYA, Talk::in_channel("only the ones in Workshop"))).await;
        let show = button(&sent[0].body, "Show my answer");
        let opened = world.talk.invokes_in(Talk::in_channel(""), &User::PRIYA, "task/fetch", json!({"data": show["data"]})).await;
        assert!(lines(&opened).contains("WMK-900103"), "{}", lines(&opened));
    }

    /// A long list goes on inside its message: what is shown next takes the place of what was shown.
    async fn a_list_goes_on_in_its_place(db: TestDb) {
        let world = World::begin(&db).await;
        laptops(&world, 23).await;
        let first = asked(&world, "list laptops").await;
        assert!(first.shown().contains(": 23. These are 1 to 10."), "{}", first.shown());
        assert_eq!(tags(&first.shown()), 10);
        let more = button(&first.body, "Show more");
        let value = json!({"action": {"type": "Action.Execute", "verb": more["verb"], "data": more["data"]}, "trigger": "manual"});
        let second = world.talk.invokes(&User::PRIYA, "adaptiveCard/action", value).await;
        assert_eq!(second["type"], "application/vnd.microsoft.card.adaptive", "it takes the card's place");
        assert!(lines(&second).contains("These are 11 to 20."), "{}", lines(&second));
        // A client that cannot execute submits, and the message itself is changed.
        let data = button(&second, "Show more")["fallback"]["data"].clone();
        let submitted = world.talk.activity(&User::PRIYA, json!({"text": null, "value": data, "replyToId": first.id}));
        let third = world.talk.happens(&submitted).await;
        assert_eq!((third[0].how, third[0].id.as_str()), ("update", first.id.as_str()));
        assert_eq!(tags(&third[0].shown()), 3);
        assert!(!third[0].shown().contains("[Show more]"));
        // Somebody else's press shows them nothing of it.
        world.link(&User::RAVI, world.college.people.cleo).await;
        let theirs = world.talk.presses(&User::RAVI, &first, "Show more").await;
        assert_eq!(tags(&theirs), 0, "{theirs}");
    }

    /// Whatever the command list offers is understood as it stands, or with what it asks for.
    async fn the_command_list_is_understood(db: TestDb) {
        let world = World::begin(&db).await;
        laptops(&world, 2).await;
        let base = must(BaseUrl::parse("https://habeo.example.edu"));
        let manifest = must(App::new(base, APP_ID, None)).manifest();
        let commands = manifest["bots"][0]["commandLists"][0]["commands"].as_array().cloned().unwrap_or_default();
        let titles: Vec<&str> = commands.iter().filter_map(|command| command["title"].as_str()).collect();
        assert_eq!(titles, ["find", "who has", "mine", "due", "missing", "help"]);
        let unclear = world.talk.says(&User::PRIYA, "colourless green ideas").await;
        let doubt = unclear.lines().next().unwrap_or_default().to_owned();
        assert_eq!(doubt, "I did not understand that.");
        for title in titles {
            let asked = if matches!(title, "find" | "who has") { format!("{title} WMK-900101") } else { title.to_owned() };
            let told = world.talk.says(&User::PRIYA, &asked).await;
            assert!(!told.contains(&doubt), "{asked}: {told}");
            assert_eq!(told.contains("WMK-900101"), asked.contains("WMK-900101"), "{asked}: {told}");
        }
    }

    /// A question in a chat of some is answered there, for its asker.
    async fn a_question_in_a_group_is_answered(db: TestDb) {
        let world = World::begin(&db).await;
        laptops(&world, 2).await;
        let activity = world.talk.activity(&User::PRIYA, Talk::in_group("list laptops"));
        let sent = world.talk.happens(&activity).await;
        assert_eq!((sent.len(), sent[0].how), (1, "reply"));
        assert_eq!(sent[0].conversation, "19:some-of-us@thread.v2");
        assert_eq!(sent[0].activity.as_deref(), activity["id"].as_str());
        assert_eq!(tags(&sent[0].body.to_string()), 0);
        let refresh = sent[0].body.pointer("/attachments/0/content/refresh/action").cloned().unwrap_or_default();
        let value = json!({"action": refresh, "trigger": "automatic"});
        let opened = world.talk.invokes_in(Talk::in_group(""), &User::PRIYA, "adaptiveCard/action", value).await;
        assert_eq!(tags(&lines(&opened)), 2, "{}", lines(&opened));
    }
}
