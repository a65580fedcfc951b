//! Invocations: what the channel asks and waits for.

use habeo_tests::both_engines;
use habeo_tests::teams::{User, lines};
use serde_json::{Value, json};

use super::World;

both_engines! {
    /// Opening the search asks with a parameter of its own; nothing found is an empty list, never an error.
    async fn the_search_opens_and_may_find_nothing(db: TestDb) {
        let world = World::begin(&db).await;
        for parameters in [
            json!([{"name": "initialRun", "value": "true"}]),
            json!([{"name": "q", "value": "nothing-like-this-9999"}]),
            json!([]),
            Value::Null,
            json!([{"name": "q", "value": "x".repeat(10_000)}]),
            json!([{"name": "q", "value": 7}]),
        ] {
            let query = json!({"commandId": "searchAssets", "parameters": parameters, "queryOptions": {"skip": 0, "count": 25}});
            let answer = world.talk.invokes(&User::PRIYA, "composeExtension/query", query).await;
            assert_eq!(answer["composeExtension"]["type"], "result", "{parameters}");
        }
        let odd = json!({"commandId": "searchAssets", "parameters": [], "queryOptions": {"skip": -1, "count": 1_000_000}});
        let answer = world.talk.invokes(&User::PRIYA, "composeExtension/query", odd).await;
        assert!(answer["composeExtension"]["attachments"].as_array().is_some_and(|found| found.len() <= 25));
    }

    /// Whoever presses more than anybody does who reads the answers is asked to wait; others are not.
    async fn whoever_presses_too_much_is_asked_to_wait(db: TestDb) {
        let world = World::begin(&db).await;
        world.link(&User::RAVI, world.college.people.ben).await;
        let help = json!({"action": {"type": "Action.Execute", "verb": "press", "data": {"press": "h"}}, "trigger": "manual"});
        let press = async |user: &User| world.talk.invokes(user, "adaptiveCard/action", help.clone()).await.to_string();
        for _ in 0..60 {
            let told = press(&User::PRIYA).await;
            assert!(told.contains("Ask me in your own words"), "{told}");
        }
        let told = press(&User::PRIYA).await;
        assert!(told.contains("Please wait a moment"), "{told}");
        let told = press(&User::RAVI).await;
        assert!(told.contains("Ask me in your own words"), "{told}");
        world.talk.app.wait_seconds(30);
        let told = press(&User::PRIYA).await;
        assert!(told.contains("Ask me in your own words"), "{told}");
    }

    /// What no button of ours says is refused in the body, as the channel wants it, and what has the wrong form by its status.
    async fn what_is_not_ours_is_refused(db: TestDb) {
        let world = World::begin(&db).await;
        let invoke = async |name: &str, value: Value| world.talk.invokes(&User::PRIYA, name, value).await;
        let unknown = json!({"action": {"type": "Action.Execute", "verb": "confirmWrite", "data": {"cid": "cf_1"}}, "trigger": "manual"});
        let answer = invoke("adaptiveCard/action", unknown).await;
        assert_eq!((&answer["statusCode"], &answer["type"]), (&json!(400), &json!("application/vnd.microsoft.error")));
        let long = json!({"action": {"verb": "press", "data": {"press": "x".repeat(1_501)}}});
        assert_eq!(invoke("adaptiveCard/action", long).await["statusCode"], 400);
        let nothing = json!({"action": {"verb": "press", "data": {}}});
        assert_eq!(invoke("adaptiveCard/action", nothing).await["statusCode"], 400);
        let sealed = json!({"action": {"verb": "refresh", "data": {"sealed": "AAAA"}}});
        assert_eq!(lines(&invoke("adaptiveCard/action", sealed).await), "(This answer is somebody else's, or too old to be shown again.)");
        let search = json!({"dataset": "secrets", "queryText": "x"});
        assert_eq!(invoke("application/search", search).await["statusCode"], 400);
        for (name, value) in [
            ("adaptiveCard/action", json!({})),
            ("composeExtension/query", json!({"commandId": "another"})),
            ("composeExtension/queryLink", json!({})),
            ("composeExtension/fetchTask", json!({"commandId": "another"})),
            ("task/fetch", json!({"data": {"form": "unknown"}})),
            ("task/submit", json!({"data": {}})),
            ("task/submit", json!({"data": "text"})),
            ("task/submit", json!({"data": {"press": "x".repeat(1_501)}})),
        ] {
            let activity = world.talk.activity(&User::PRIYA, json!({"type": "invoke", "name": name, "value": value}));
            let answer = world.talk.deliver(&activity).await;
            assert_eq!(answer.status, 400, "{name} {value}");
            assert!(answer.bytes.is_empty());
        }
        for name in ["composeExtension/setting", "signin/verifyState", "fileConsent/invoke", "tab/fetch", ""] {
            let activity = world.talk.activity(&User::PRIYA, json!({"type": "invoke", "name": name}));
            assert_eq!(world.talk.deliver(&activity).await.status, 501, "{name}");
        }
    }

    /// A link is shown to whoever may see what it leads to. Another college's asset, one that never was, and an address elsewhere are alike.
    async fn links_that_lead_nowhere_are_alike(db: TestDb) {
        let world = World::begin(&db).await;
        let other = habeo_tests::builders::College::found_as(&db, "eastmark").await;
        let theirs = other.asset("A notebook").register().await;
        for url in [
            format!("https://habeo.example.edu/assets/{theirs}"),
            "https://habeo.example.edu/assets/01890000-0000-7000-8000-000000000000".to_owned(),
            "https://habeo.example.edu/assets/../admin".to_owned(),
            "https://evil.example/assets/x".to_owned(),
            "javascript:alert(1)".to_owned(),
        ] {
            let answer = world.talk.invokes(&User::PRIYA, "composeExtension/queryLink", json!({"url": url})).await;
            assert_eq!(answer, json!({}), "{url}");
        }
        let activity = world.talk.activity(&User::PRIYA, json!({"type": "invoke", "name": "composeExtension/anonymousQueryLink", "value": {"url": "x"}}));
        let answer = world.talk.deliver(&activity).await;
        assert_eq!((answer.status.as_u16(), answer.bytes.len()), (200, 0));
    }

    /// A dialog of somebody unlinked says so, and a form opens with what its button gave.
    async fn a_form_opens_in_a_dialog(db: TestDb) {
        let world = World::begin(&db).await;
        let fetch = json!({"data": {"msteams": {"type": "task/fetch"}, "form": "note", "given": {"asset": "x"}}, "context": {"theme": "dark"}});
        let answer = world.talk.invokes(&User::PRIYA, "task/fetch", fetch.clone()).await;
        assert_eq!(answer["task"]["type"], "continue", "{answer}");
        let data = answer.pointer("/task/value/card/content/actions/0/data");
        assert_eq!(data, Some(&json!({"form": "note", "given": {"asset": "x"}})));
        let answer = world.talk.invokes(&User::RAVI, "task/fetch", fetch).await;
        assert!(!answer.to_string().contains("Input."), "{answer}");
        let message = json!({"commandId": "assetFromMessage", "commandContext": "message", "messagePayload": {"id": "1",
            "body": {"contentType": "html", "content": "<p>A <b>projector</b> fell off <script>x</script></p>"}}});
        let answer = world.talk.invokes(&User::PRIYA, "composeExtension/fetchTask", message).await;
        let given = answer.pointer("/task/value/card/content/actions/0/data/given/description");
        assert_eq!(given, Some(&json!("A projector fell off x")), "{answer}");
    }
}
