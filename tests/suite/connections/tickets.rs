//! Help desks: from their bytes to tickets of assets, and what is seen of them.

use habeo_core::connection::{Provider, Settings};
use habeo_core::inbox::Outcome;
use habeo_tests::both_engines;
use habeo_tests::connections::Reporter;
use serde_json::Value;

use super::{became, document, is, world};

/// The tickets of an asset, by their keys and states.
fn listed(answer: &Value) -> Vec<(String, String)> {
    let rows = answer["data"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    rows.map(|row| (text(&row["key"]), text(&row["state"])))
        .collect()
}

both_engines! {
    /// The script that is pasted into `ServiceNow` sends what becomes a ticket of the asset that its configuration item names.
    async fn service_now_reports_an_incident(db: TestDb) {
        let (college, app, admin) = world(&db).await;
        let asset = college.asset("Laptop").serial("5CG4TEST01").register().await;
        let desk = Reporter::usual(&app, college.org, Provider::ServiceNow).await;
        assert_eq!(became(&desk.sends(document!("servicenow/rule.json")).await), is(202, "accepted"));
        assert_eq!(became(&desk.sends(document!("servicenow/rule.json")).await), is(200, "duplicate"));
        assert_eq!(desk.worked_off().await, 1);
        let tickets = app.get(&format!("/api/v1/assets/{asset}/tickets")).by(&admin).send().await.ok();
        assert_eq!(listed(&tickets), [("INC0010023".to_owned(), "in_progress".to_owned())], "{tickets}");
        // Nothing that people wrote is in the ledger.
        let entries = db.raw().await.texts("SELECT bytes FROM ledger_entry WHERE type LIKE 'ticket.%'").await;
        assert_eq!(entries.len(), 1);
        assert!(!entries[0].contains("swollen") && !entries[0].contains("westmark.example"), "{}", entries[0]);
    }

    /// What came earlier changes nothing that came later, and the timeline of the asset has both that counted.
    async fn counters_decide_the_order(db: TestDb) {
        let (college, app, admin) = world(&db).await;
        let asset = college.asset("Laptop").serial("5CG4TEST01").register().await;
        let desk = Reporter::usual(&app, college.org, Provider::ServiceNow).await;
        let seven = document!("servicenow/rule.json");
        let eight = seven.replace("c371-7\"", "c371-8\"").replace("\"sys_mod_count\":\"7\"", "\"sys_mod_count\":\"8\"").replace("\"state\":\"2\"", "\"state\":\"6\"");
        desk.sends(&eight).await;
        desk.sends(seven).await;
        assert_eq!(desk.worked_off().await, 2);
        let tickets = app.get(&format!("/api/v1/assets/{asset}/tickets")).by(&admin).send().await.ok();
        assert_eq!(listed(&tickets)[0].1, "resolved", "{tickets}");
        let outcomes: Vec<Option<Outcome>> = desk.deliveries().await.iter().map(|one| one.outcome).collect();
        assert!(outcomes.contains(&Some(Outcome::Stale)), "{outcomes:?}");
    }

    /// Jira signs as it documents, and its field names the asset.
    async fn jira_reports_an_issue(db: TestDb) {
        let (college, app, admin) = world(&db).await;
        let asset = college.asset("Laptop").tag("WM-004417").register().await;
        let mut settings = Settings::proven_by(Provider::Jira.usual_proof());
        settings.asset_field = Some("customfield_10057".to_owned());
        let jira = Reporter::connect(&app, college.org, Provider::Jira, settings).await;
        assert_eq!(became(&jira.sends(document!("jira/issue-updated.json")).await), is(202, "accepted"));
        // A comment brings few fields, and takes nothing away.
        assert!(matches!(jira.sends(document!("jira/comment-created.json")).await.status.as_u16(), 200 | 202));
        jira.worked_off().await;
        let tickets = app.get(&format!("/api/v1/assets/{asset}/tickets")).by(&admin).send().await.ok();
        assert_eq!(listed(&tickets), [("ITH-231".to_owned(), "on_hold".to_owned())], "{tickets}");
        let ticket = &tickets["data"][0];
        assert_eq!((ticket["priority"].as_str(), ticket["priorityRaw"].as_str()), (Some("high"), Some("High")));
        assert_eq!(ticket["requester"]["name"], "Pat Lee");
    }

    /// Freshservice sends what an administrator typed; a letter that a quotation mark broke is refused with a hint.
    async fn freshservice_reports_a_ticket(db: TestDb) {
        let (college, app, admin) = world(&db).await;
        let desk = Reporter::usual(&app, college.org, Provider::Freshservice).await;
        assert_eq!(became(&desk.sends(document!("freshservice/advanced.json")).await), is(202, "accepted"));
        assert_eq!(desk.worked_off().await, 1);
        let tickets = app.get("/api/v1/tickets").by(&admin).send().await.ok();
        assert_eq!(listed(&tickets).len(), 1, "{tickets}");
        assert_eq!(desk.deliveries().await[0].outcome, Some(Outcome::Unlinked));
        let broken = document!("freshservice/advanced.json").replace("Projector lamp", "the \"big\" lamp");
        let problem = desk.sends(&broken).await.problem(400, "body_invalid");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("placeholder")), "{problem}");
    }
}
