//! Tickets as programs read them.

use habeo_core::access::Role;
use habeo_core::id::AssetId;
use habeo_core::ticket::Status;
use habeo_core::ticket::report::{Field, Party, Report};
use habeo_tests::app::TestApp;
use habeo_tests::builders::{College, Member};
use habeo_tests::database::TestDb;
use habeo_tests::{both_engines, must};
use poem::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::core::deploy;
use crate::core::tickets::Desk;

const TICKETS: &str = "/api/v1/tickets";

struct Scene {
    app: TestApp,
    college: College,
    admin: Member,
}

impl Scene {
    async fn over(db: &TestDb) -> Self {
        let college = College::found(db).await;
        let root = college.units.root;
        Self {
            app: TestApp::over(db).await,
            admin: college
                .member("Ada Admin", root, &[(Role::OrgAdmin, root)])
                .await,
            college,
        }
    }

    /// An asset of physics with a tag.
    async fn asset(&self, tag: &str) -> AssetId {
        let new = self.college.asset("Field laptop").tag(tag);
        new.register().await
    }

    async fn get(&self, member: &Member, target: &str) -> Value {
        self.app.get(target).by(member).send().await.ok()
    }
}

fn keys(body: &Value) -> Vec<&str> {
    let rows = body["data"].as_array().expect("rows").iter();
    rows.filter_map(|row| row["key"].as_str()).collect()
}

both_engines! {
    /// A ticket as it is shown: with what it is about, who wants it, and nothing left out.
    async fn a_ticket_is_shown(db: TestDb) {
        let scene = Scene::over(&db).await;
        let asset = scene.asset("WMK-000417").await;
        let desk = Desk::of(&scene.college);
        let outside = Party { external_id: Some("qm:1".to_owned()), name: Some("Pat Lee".to_owned()), email: None };
        let report = Report { requester: Field::Set(outside), ..desk.ticket("231", "wmk-000417") };
        let id = must(desk.one(&report).await.ticket.ok_or("a ticket"));
        let mut one = scene.get(&scene.admin, &format!("{TICKETS}/{id}")).await;
        for at in ["openedAt", "updatedAt", "createdAt"] {
            let instant = one["data"][at].take();
            assert!(instant.as_str().is_some_and(|at| at.ends_with('Z')), "{at}: {instant}");
        }
        assert_eq!(one["data"], json!({
            "id": id, "provider": "jira", "key": "ITH-231", "title": "Battery swollen 231", "url": "https://desk.example/browse/ITH-231",
            "type": "incident", "state": "open", "stateRaw": "Waiting for support", "priority": "high", "priorityRaw": "High",
            "requester": {"personId": null, "name": "Pat Lee"}, "assignee": null,
            "assets": [{"id": asset, "tag": "WMK-000417", "description": "Field laptop"}], "unlinked": null,
            "openedAt": null, "resolvedAt": null, "updatedAt": null, "createdAt": null,
        }));
        let of_asset = scene.get(&scene.admin, &format!("/api/v1/assets/{asset}/tickets")).await;
        assert_eq!((keys(&of_asset), &of_asset["meta"]["nextCursor"]), (vec!["ITH-231"], &Value::Null));
        let history = scene.get(&scene.admin, &format!("/api/v1/assets/{asset}/history")).await;
        assert_eq!((&history["data"][0]["type"], &history["data"][0]["surface"]), (&json!("ticket.opened"), &json!("webhook")));
        assert!(!history.to_string().contains("Battery"));
        let table = scene.app.get(&format!("/api/v1/assets/{asset}/history")).by(&scene.admin).header("accept", "text/csv").send().await;
        assert!(table.text().contains("ticket.opened"), "{}", table.text());
    }

    /// Pages, newest first, whatever narrows the list; a cursor belongs to its list.
    async fn lists_have_pages(db: TestDb) {
        let scene = Scene::over(&db).await;
        let asset = scene.asset("WMK-000417").await;
        let desk = Desk::of(&scene.college);
        for n in 0..5 {
            let open = desk.ticket(&n.to_string(), "WMK-000417");
            desk.one(&open).await;
            if n == 2 {
                desk.one(&desk.later(&open, Status::Closed)).await;
            }
        }
        let physics = scene.college.units.physics;
        for (filter, expected) in [
            ("state=active", &["ITH-4", "ITH-3", "ITH-1", "ITH-0"][..]),
            ("state=ended", &["ITH-2"]),
            ("state=closed", &["ITH-2"]),
            ("state=deleted", &[]),
            ("person=me", &[]),
            (&format!("asset={asset}"), &["ITH-4", "ITH-3", "ITH-2", "ITH-1", "ITH-0"]),
            (&format!("unit={physics}&state=open"), &["ITH-4", "ITH-3", "ITH-1", "ITH-0"]),
            (&format!("unit={}", scene.college.units.music), &[]),
        ] {
            let (mut found, mut target) = (Vec::new(), format!("{TICKETS}?{filter}&limit=2"));
            loop {
                let page = scene.get(&scene.admin, &target).await;
                found.extend(keys(&page).into_iter().map(ToOwned::to_owned));
                match page["meta"]["nextCursor"].as_str() {
                    Some(cursor) => target = format!("{TICKETS}?{filter}&limit=2&cursor={cursor}"),
                    None => break,
                }
            }
            assert_eq!(found, expected, "{filter}");
        }
        let page = scene.get(&scene.admin, &format!("{TICKETS}?limit=1")).await;
        let cursor = page["meta"]["nextCursor"].as_str().expect("a cursor").to_owned();
        let other = scene.app.get(&format!("{TICKETS}?limit=1&state=active&cursor={cursor}")).by(&scene.admin).send().await;
        other.problem(400, "cursor_mismatch");
        let of_asset = scene.app.get(&format!("/api/v1/assets/{asset}/tickets?cursor={cursor}")).by(&scene.admin).send().await;
        of_asset.problem(400, "cursor_mismatch");
        let listed = scene.app.get(TICKETS).by(&scene.admin).send().await;
        listed.ok();
        let entity = listed.header("etag").expect("a tag").to_owned();
        let again = scene.app.get(TICKETS).by(&scene.admin).header("if-none-match", &entity).send().await;
        assert_eq!((again.status.as_u16(), again.text().as_str()), (304, ""));
    }

    /// What is malformed, unknown, of another organisation or out of sight.
    async fn what_cannot_be_asked_is_refused(db: TestDb) {
        let scene = Scene::over(&db).await;
        let theirs = College::found_as(&db, "eastmark").await;
        theirs.asset("Elsewhere").tag("EAST-1").register().await;
        let foreign = Desk::of(&theirs).open("1", "EAST-1").await;
        let asset = scene.asset("WMK-000417").await;
        let ours = Desk::of(&scene.college).open("1", "WMK-000417").await;
        let music = scene.college.units.music;
        let outsider = scene.college.member("Mo Example", music, &[(Role::UnitAdmin, music)]).await;
        for (member, id) in [(&scene.admin, foreign.uuid()), (&scene.admin, Uuid::nil()), (&outsider, ours.uuid())] {
            let answer = scene.app.get(&format!("{TICKETS}/{id}")).by(member).send().await;
            answer.problem(404, "ticket_unknown");
        }
        let answer = scene.app.get(&format!("/api/v1/assets/{asset}/tickets")).by(&outsider).send().await;
        answer.problem(404, "asset_unknown");
        assert!(keys(&scene.get(&outsider, &format!("{TICKETS}?asset={asset}")).await).is_empty());
        assert!(keys(&scene.get(&outsider, TICKETS).await).is_empty());
        for query in ["state=sleeping", "person=you", "asset=1", "unit=x", "limit=0", "cursor=!!"] {
            let answer = scene.app.get(&format!("{TICKETS}?{query}")).by(&scene.admin).send().await;
            assert_eq!(answer.status, 400, "{query}: {}", answer.text());
        }
        scene.app.get(&format!("{TICKETS}?status=open")).by(&scene.admin).send().await.problem(400, "unknown_parameter");
        scene.app.get(&format!("{TICKETS}/not-an-id")).by(&scene.admin).send().await.problem(400, "parameter_invalid");
        scene.app.get(TICKETS).send().await.problem(401, "unauthenticated");
        let posted = scene.app.request(Method::POST, TICKETS).by(&scene.admin).send().await;
        assert_eq!(posted.status, 405);
    }

    /// Whoever has an asset sees its tickets, and loses them with it.
    async fn a_holder_sees_the_tickets_of_what_they_have(db: TestDb) {
        let scene = Scene::over(&db).await;
        let asset = scene.asset("WMK-000417").await;
        let id = Desk::of(&scene.college).open("1", "WMK-000417").await;
        let kim = scene.college.member("Kim Example", scene.college.units.music, &[]).await;
        scene.college.act(asset, deploy(kim.person)).await;
        for target in [TICKETS.to_owned(), format!("{TICKETS}?person=me"), format!("/api/v1/assets/{asset}/tickets")] {
            assert_eq!(keys(&scene.get(&kim, &target).await), ["ITH-1"], "{target}");
        }
        scene.college.act(asset, crate::core::give_back()).await;
        assert!(keys(&scene.get(&kim, TICKETS).await).is_empty());
        scene.app.get(&format!("{TICKETS}/{id}")).by(&kim).send().await.problem(404, "ticket_unknown");
    }
}
