//! Endpoints: adding, changing, pausing, their secrets, what was sent to them, and sending it again.

use habeo_core::access::Role;
use habeo_core::endpoint::{Endpoint, Status, store};
use habeo_tests::app::TestApp;
use habeo_tests::builders::{College, Member};
use habeo_tests::database::TestDb;
use habeo_tests::sink::Sink;
use habeo_tests::tab::Tab;
use habeo_tests::{both_engines, must};
use poem::http::StatusCode;

/// An id that nothing has.
const UNKNOWN: &str = "01932c5e-7b1a-7c3d-8e4f-000000000001";
const LIST: &str = "/admin/integrations/webhooks";
/// Not of the public Internet, and permitted by the operator. Nothing is sent to it: nobody works the deliveries off.
const URL: &str = "https://127.0.0.1:8443/hooks?token=planted";

async fn over(db: &TestDb) -> TestApp {
    TestApp::configured(db, &[("HABEO_ALLOW_PRIVATE_HOSTS", "127.0.0.1:8443")]).await
}

async fn admin(college: &College) -> Member {
    let root = college.units.root;
    let roles = [(Role::OrgAdmin, root)];
    college.member("Robin Example", root, &roles).await
}

fn usual() -> Vec<(&'static str, &'static str)> {
    vec![
        ("url", URL),
        ("description", "Sync <b>it</b>"),
        ("new_app", "Sync"),
        ("event", "asset.*"),
        ("event", "ticket.opened"),
    ]
}

async fn only(college: &College) -> Endpoint {
    let mut tx = college.db.read(&college.access).await;
    let mut all = must(store::list(&mut tx, &college.access).await);
    assert_eq!(all.len(), 1);
    must(all.pop().ok_or("an endpoint"))
}

fn secret(page: &str) -> Option<String> {
    let (_, behind) = page.split_once("value=\"whsec_")?;
    Some(format!(
        "whsec_{}",
        behind
            .split_once('"')?
            .0
            .replace("&#43;", "+")
            .replace("&#47;", "/")
            .replace("&#61;", "=")
    ))
}

/// The line for a terminal.
fn line(page: &str) -> Option<String> {
    let (_, behind) = page.split_once("<textarea id=\"curl\"")?;
    let (_, text) = behind.split_once('>')?;
    let text = text.split_once("</textarea>")?.0.trim();
    let entities = [
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#38;", "&"),
    ];
    let plain = entities
        .into_iter()
        .fold(text.to_owned(), |text, (entity, letter)| {
            text.replace(entity, letter)
        });
    Some(plain)
}

/// Adds the usual endpoint; its page.
async fn added(tab: &mut Tab<'_>, college: &College) -> String {
    tab.get(&format!("{LIST}/new")).await;
    let made = tab.post(&format!("{LIST}/new"), &usual()).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
    format!("{LIST}/{}", only(college).await.id)
}

both_engines! {
    /// An endpoint is added, its secret shown once, changed, paused, resumed and removed.
    async fn an_endpoint_is_looked_after(db: TestDb) {
        let college = College::found(&db).await;
        let app = over(&db).await;
        let mut tab = Tab::of(&app, &admin(&college).await).await;
        assert!(tab.get(LIST).await.text().contains("Nobody is told of anything yet"));
        let form = tab.get(&format!("{LIST}/new")).await.text();
        assert!(form.contains("asset.deployed") && form.contains("record.created") && form.contains("HIST unit"), "{form}");
        let made = tab.post(&format!("{LIST}/new"), &usual()).await;
        let text = made.text();
        let first = must(secret(&text).ok_or(text));
        let endpoint = only(&college).await;
        assert_eq!((endpoint.url.as_str(), endpoint.settings.events.len()), (URL, 2));
        let here = format!("{LIST}/{}", endpoint.id);
        for path in [LIST, &here] {
            let page = tab.get(path).await.text();
            assert!(page.contains("Active") && page.contains("asset.*, ticket.opened") && page.contains("nothing sent") && page.contains("Sync"), "{page}");
            assert!(!page.contains(&first) && !page.contains("<b>it"), "{page}");
        }
        assert!(tab.get(&format!("{LIST}?state=paused")).await.text().contains("No endpoint passes"));
        let edit = tab.get(&format!("{here}/edit")).await.text();
        assert!(edit.contains("value=\"asset.*\" checked") && edit.contains("127.0.0.1:8443") && !edit.contains("name=\"new_app\""), "{edit}");
        let physics = college.units.physics.to_string();
        let changed = [
            ("url", "https://127.0.0.1:8443/other"), ("event", "*"), ("unit", &*physics), ("pointer", "/details/kind"), ("equals", "\"loan\""),
            ("per_second", "5"), ("at_once", "2"), ("ordered", "yes"), ("thin", "yes"),
        ];
        let saved = tab.post(&format!("{here}/edit"), &changed).await;
        assert_eq!(saved.header("location"), Some(&*format!("{here}?said=saved")), "{}", saved.text());
        let endpoint = only(&college).await;
        let settings = &endpoint.settings;
        assert_eq!((endpoint.url.as_str(), endpoint.description.clone(), settings.per_second, settings.at_once), ("https://127.0.0.1:8443/other", None, Some(5), Some(2)));
        assert!(settings.ordered && settings.thin && settings.units == [college.units.physics] && settings.filter.is_some());
        let page = tab.get(&here).await.text();
        assert!(page.contains("PHYS") && page.contains("/details/kind is") && page.contains("one after another"), "{page}");
        for (form, said, status) in [("pause", "endpoint_paused", Status::Paused), ("resume", "endpoint_resumed", Status::Active)] {
            let done = tab.post(&format!("{here}/{form}"), &[]).await;
            assert_eq!(done.header("location"), Some(&*format!("{here}?said={said}")));
            assert_eq!(only(&college).await.status, status);
        }
        let removed = tab.post(&format!("{here}/remove"), &[]).await;
        assert_eq!(removed.header("location"), Some(&*format!("{LIST}?said=endpoint_removed")));
        let page = tab.get(&here).await.text();
        assert!(page.contains("Removed") && !page.contains("/rotate"), "{page}");
        assert_eq!(tab.post(&format!("{here}/pause"), &[]).await.status, StatusCode::CONFLICT);
    }

    /// Two secrets sign for as long as was chosen, a second rotation waits, and the window can be ended.
    async fn a_secret_is_replaced(db: TestDb) {
        let college = College::found(&db).await;
        let app = over(&db).await;
        let mut tab = Tab::of(&app, &admin(&college).await).await;
        let here = added(&mut tab, &college).await;
        assert_eq!(tab.post(&format!("{here}/rotate"), &[("window", "forever")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let rotated = tab.post(&format!("{here}/rotate"), &[("window", "day")]).await;
        let text = rotated.text();
        assert!(secret(&text).is_some() && text.contains("signs as well for another 24 hours"), "{text}");
        let page = tab.get(&here).await.text();
        assert!(page.contains("Two secrets sign") && page.contains("24 hours"), "{page}");
        assert_eq!(tab.post(&format!("{here}/rotate"), &[("window", "week")]).await.status, StatusCode::CONFLICT);
        let ended = tab.post(&format!("{here}/end-rotation"), &[]).await;
        assert_eq!(ended.header("location"), Some(&*format!("{here}?said=rotation_ended")));
        let now = tab.post(&format!("{here}/rotate"), &[("window", "now")]).await.text();
        assert!(now.contains("does not sign any more"), "{now}");
        assert!(!tab.get(&here).await.text().contains("Two secrets sign"));
    }

    /// What was sent is listed and shown to the byte, can be narrowed, and is sent once more.
    async fn what_was_sent_is_shown_and_sent_again(db: TestDb) {
        let college = College::found(&db).await;
        let app = over(&db).await;
        let mut tab = Tab::of(&app, &admin(&college).await).await;
        let here = added(&mut tab, &college).await;
        college.asset("It's a <i>lamp</i>").register().await;
        let tested = tab.post(&format!("{here}/test"), &[]).await;
        assert_eq!(tested.header("location"), Some(&*format!("{here}?said=endpoint_tested")), "{}", tested.text());
        let page = tab.get(&here).await.text();
        assert!(page.contains("webhook.test") && page.contains("asset.registered") && page.contains("Waiting"), "{page}");
        let links: Vec<&str> = page.split("href=\"").filter(|rest| rest.contains("/deliveries/")).filter_map(|rest| rest.split('"').next()).collect();
        let paths: Vec<String> = links.into_iter().filter(|link| link.contains("/deliveries/")).map(ToOwned::to_owned).collect();
        assert_eq!(paths.len(), 2, "{page}");
        assert!(tab.get(&format!("{here}?status=delivered")).await.text().contains("nothing passes"));
        // Both were announced at one instant, so either may stand first.
        let mut paths = paths;
        if tab.get(&paths[1]).await.text().contains("<h1>webhook.test") {
            paths.reverse();
        }
        let delivery = tab.get(&paths[1]).await.text();
        assert!(delivery.contains("asset.registered") && delivery.contains("curl -X POST") && delivery.contains("No attempt failed"), "{delivery}");
        assert!(!delivery.contains("<i>lamp"), "{delivery}");
        let body = tab.get(&format!("{}/body", paths[1])).await;
        assert_eq!(body.header("content-type"), Some("application/json"));
        assert_eq!(body.json()["type"], "asset.registered");
        let again = tab.post(&format!("{}/redeliver", paths[1]), &[]).await;
        assert_eq!(again.header("location"), Some(&*format!("{}?said=redelivered", paths[1])), "{}", again.text());
        assert_eq!(tab.get(&format!("{here}?event=junk")).await.status, StatusCode::BAD_REQUEST);
        for wrong in [format!("{here}/deliveries/{UNKNOWN}"), format!("{here}/deliveries/junk"), format!("{here}/deliveries/{UNKNOWN}/body"), format!("{here}?before=junk")] {
            assert_eq!(tab.get(&wrong).await.status, StatusCode::NOT_FOUND, "{wrong}");
        }
        assert_eq!(tab.post(&format!("{here}/deliveries/{UNKNOWN}/redeliver"), &[]).await.status, StatusCode::NOT_FOUND);
        // A time is counted before it is sent.
        tab.get(&format!("{here}/replay")).await;
        let now = db.ledger.clock().now();
        let text = |minutes: i64| now.plus_micros(minutes * 60_000_000).to_string()[..16].to_owned();
        let (from, to) = (text(-60), text(60));
        let counted = tab.post(&format!("{here}/replay"), &[("from", &from), ("to", &to), ("which", "all"), ("step", "count")]).await.text();
        assert!(counted.contains("There is nothing of this time"), "what waits is not sent again: {counted}");
        let given_up = "INSERT INTO delivery (org_id, id, endpoint_id, event_id, form, status, attempts, enqueued_at)
            SELECT org_id, delivery_id, endpoint_id, event_id, form, 'exhausted', 1, 0 FROM delivery_due";
        must(db.raw().await.execute(given_up).await);
        must(db.raw().await.execute("DELETE FROM delivery_due").await);
        let counted = tab.post(&format!("{here}/replay"), &[("from", &from), ("to", &to), ("which", "exhausted"), ("step", "count")]).await.text();
        assert!(counted.contains("2 deliveries") && counted.contains("Send 2 once more"), "{counted}");
        let sent = tab.post(&format!("{here}/replay"), &[("from", &from), ("to", &to), ("which", "exhausted"), ("step", "send")]).await;
        assert_eq!(sent.header("location"), Some(&*format!("{here}?said=replaying")), "{}", sent.text());
        assert_eq!(db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM delivery_due").await, 2);
        for (from, to) in [("", ""), (&*to, &*from), ("2026-01-01T00:00", "2027-01-01T00:00")] {
            let refused = tab.post(&format!("{here}/replay"), &[("from", from), ("to", to), ("step", "send")]).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(refused.text().contains(&format!("value=\"{from}\"")));
        }
    }

    /// What was accepted is said to be, in the log and in the line of the last hours; and the line for a terminal is signed, so that the very
    /// receiver takes it.
    async fn what_arrived_is_shown_and_can_be_tried_by_hand(db: TestDb) {
        let college = College::found(&db).await;
        let sink = Sink::start().await;
        let app = TestApp::configured(&db, &[("HABEO_ALLOW_PRIVATE_HOSTS", sink.host())]).await;
        let mut tab = Tab::of(&app, &admin(&college).await).await;
        tab.get(&format!("{LIST}/new")).await;
        let url = sink.url("/hook");
        let fields = [("url", url.as_str()), ("new_app", "Sync"), ("event", "asset.*")];
        let made = tab.post(&format!("{LIST}/new"), &fields).await.text();
        let first = must(secret(&made).ok_or(made));
        sink.know(&[&first]);
        let here = format!("{LIST}/{}", only(&college).await.id);
        college.asset("It's a 'lamp' & \"more\"").register().await;
        assert_eq!(must(app.app.webhooks.deliver_due().await), 1);
        sink.know(&["another"]);
        college.asset("Refused").register().await;
        assert_eq!(must(app.app.webhooks.deliver_due().await), 1);
        for path in [LIST, &here] {
            let page = tab.get(path).await.text();
            assert!(page.contains("class=\"accepted\" d=\"M") && page.contains("class=\"failed\" d=\"M") && !page.contains("nothing sent"), "{page}");
        }
        let page = tab.get(&format!("{here}?status=delivered")).await.text();
        let link = page.split("href=\"").find(|rest| rest.contains("/deliveries/") && rest.starts_with(&here));
        let link = link.and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned();
        let delivery = tab.get(&link).await.text();
        assert!(delivery.contains("Delivered") && delivery.contains("signed as of this moment"), "{delivery}");
        assert!(!delivery.contains(&first));

        // In the midst of a rotation, and signed by both.
        tab.post(&format!("{here}/rotate"), &[("window", "day")]).await;
        app.wait_seconds(100);
        let line = must(line(&tab.get(&link).await.text()).ok_or("a line"));
        sink.know(&[&first]);
        sink.clear();
        let ran = std::process::Command::new("bash").args(["-c", &format!("{line} --silent --max-time 20")]).output();
        let ran = must(ran);
        assert!(ran.status.success(), "{line}: {}", String::from_utf8_lossy(&ran.stderr));
        let received = sink.accepted();
        assert_eq!(received.len(), 1, "{line}");
        let one = &received[0];
        assert_eq!(one.json()["data"]["details"]["what"]["description"], "It's a 'lamp' & \"more\"");
        assert_eq!(one.header("x-habeo-event-id"), one.json()["id"].as_str().unwrap_or_default());
        assert!(one.headers.contains_key("x-habeo-signature-alt"));
        assert_eq!(one.header("webhook-signature").split(' ').count(), 2);
        assert_eq!(one.header("webhook-timestamp"), db.clock_now().seconds().to_string());
    }

    /// A form that cannot be meant comes back with the words and with what was typed.
    async fn a_form_comes_back_with_what_was_typed(db: TestDb) {
        let college = College::found(&db).await;
        let app = over(&db).await;
        let mut tab = Tab::of(&app, &admin(&college).await).await;
        tab.get(&format!("{LIST}/new")).await;
        for (change, words) in [
            (("url", "http://hooks.example.edu/"), "https"),
            (("url", "https://127.0.0.1/"), "id=\"url\""),
            (("url", ""), "id=\"url\""),
            (("new_app", ""), "Choose the program"),
            (("event", "asset.unheard_of"), "not announced under this name"),
            (("unit", "junk"), "One of the units is none"),
            (("unit", UNKNOWN), "One of the units is not known"),
            (("pointer", "/a"), "both a place and a value"),
            (("per_second", "fast"), "whole numbers"),
            (("per_second", "100000"), "requests a second"),
        ] {
            let mut fields: Vec<(&str, &str)> = usual().into_iter().filter(|(name, _)| *name != change.0 || *name == "event").collect();
            fields.push(change);
            let answer = tab.post(&format!("{LIST}/new"), &fields).await;
            let text = answer.text();
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{change:?}: {text}");
            assert!(text.contains(words) && text.contains("class=\"fault\""), "{change:?}: {text}");
            assert!(text.contains("value=\"asset.*\" checked") && text.contains("Sync &#60;b&#62;"), "{change:?}: {text}");
        }
        let mut tx = db.read(&college.access).await;
        assert!(must(store::list(&mut tx, &college.access).await).is_empty());
    }

    /// Another organization's endpoints are not there, units' administrators are told so, and forms of other pages do nothing.
    async fn others_look_after_nothing(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let app = over(&db).await;
        let mut tab = Tab::of(&app, &admin(&college).await).await;
        let here = added(&mut tab, &college).await;
        let id = only(&college).await.id.to_string();
        let stranger = admin(&other).await;
        let physics = college.units.physics;
        let unit = college.member("Una Example", physics, &[(Role::UnitAdmin, physics)]).await;
        for (member, status) in [(stranger, StatusCode::NOT_FOUND), (unit, StatusCode::FORBIDDEN)] {
            let mut theirs = Tab::of(&app, &member).await;
            theirs.get("/").await;
            for id in [&*id, UNKNOWN, "junk"] {
                let path = format!("{LIST}/{id}");
                for tail in ["", "/edit", "/replay"] {
                    assert_eq!(theirs.get(&format!("{path}{tail}")).await.status, status, "{path}{tail}");
                }
                for form in ["edit", "pause", "resume", "test", "rotate", "end-rotation", "remove", "replay"] {
                    let fields = [("window", "now"), ("url", URL), ("event", "*"), ("step", "send")];
                    assert_eq!(theirs.post(&format!("{path}/{form}"), &fields).await.status, status, "{path}/{form}");
                }
            }
        }
        let token = tab.form_token().to_owned();
        for form in ["pause", "rotate", "remove", "test"] {
            let form = format!("{here}/{form}");
            assert_eq!(tab.clone().send(&form, &[("window", "now")], Some(&token), Some("cross-site")).await.status, StatusCode::FORBIDDEN);
            assert_eq!(tab.clone().send(&form, &[("window", "now")], None, Some("same-origin")).await.status, StatusCode::FORBIDDEN);
            assert_eq!(tab.get(&form).await.status, StatusCode::METHOD_NOT_ALLOWED);
        }
        assert_eq!(only(&college).await.status, Status::Active);
    }
}
